/* SPDX-License-Identifier: MIT */
/* What a command says, as text or JSON: results on stdout, diagnostics on stderr. */
#ifndef CLI_OUTPUT_REPORT_H
#define CLI_OUTPUT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include <iommuctl/context.h>

/* The exit status of the process, the same in both modes. */
enum exit_status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_BAD_JOB = 3,
	STATUS_UNSUPPORTED = 4,
	STATUS_NO_PERMISSION = 5,
	STATUS_UNMET = 6, /* an expectation of a selftest failed */
	STATUS_SKIPPED = 77,
};

struct report {
	FILE *out;
	FILE *err;
	bool json;
	bool color_out; /* out is a terminal and NO_COLOR is not set */
	bool color_err;
	const char *command; /* the command that runs, NULL while that is not known */
	bool output_lost;    /* something could not be written */
	bool memory_lost;    /* there was no memory for something */
};

/* A report on stdout and stderr. */
void report_start(struct report *report);

/* Closes @stream. Returns 0, or the errno of what was not written. */
int report_close_stream(FILE *stream);

/*
 * Closes stdout. Returns @status, or STATUS_FAILED if the command was done but not all that it said
 * could be written, or if memory ran out for any of it.
 */
enum exit_status report_finish(struct report *report, enum exit_status status);

/* Says once on stderr, in both modes, that @name could not be written for the reason @error. */
void report_lost_output(struct report *report, const char *name, int error);

/*
 * Says once that memory ran out, for which it takes none. Returns STATUS_FAILED. The functions below do so in place of what
 * is incomplete.
 */
enum exit_status report_out_of_memory(struct report *report);

/* A failure as users see it. Strings may be NULL where they say nothing. */
struct failure {
	enum exit_status status;
	const char *code;      /* "ENOENT", "bad-job", "usage", "unmet" */
	const char *operation; /* "IOMMU_VIOMMU_ALLOC", "validate" */
	const char *object;    /* "viommus.vsmmu", "device 0000:00:01.0" */
	const char *path;      /* place in the job: "hwpts.s1.ste.config" */
	int line;              /* line in the file @object, 0 if none */
	const char *message;
	const char *hint;      /* what to do about it */
};

/*
 * Says one result at once: in JSON mode {"iommuctl":1,"<kind>":<value>} as one line, else the text
 * that @format gives, with a newline added and with control characters escaped, except newline,
 * tab and colours. Takes the reference of @value.
 */
void report_result(struct report *report, const char *kind, json_t *value, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Says @failure, as text on stderr or as error envelope on stdout. Returns its status. */
enum exit_status report_failure(struct report *report, const struct failure *failure);

/* The same for a printf-like message of a wrong command line. Returns STATUS_USAGE. */
enum exit_status report_usage(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Says @error with all that explains it; @object, if not NULL, is the user's own name for what it
 * happened to and goes before the library's; @path, if not NULL, is where in a job. Returns the status
 * that fits the errno.
 */
enum exit_status report_error(struct report *report, const struct iommuctl_error *error,
	const char *object, const char *path);

/* The same for the last error of @ctx, if it is what made a call return @error, an -errno; else says @error alone. */
enum exit_status report_last_error(struct report *report, struct iommuctl *ctx, const char *object,
	int error);

/* Says that @operation on @object failed outside the library with @error, an errno or -errno. */
enum exit_status report_errno(struct report *report, const char *operation, const char *object,
	int error);

/* The status that fits a negative errno: unsupported, no permission, or failed. */
enum exit_status status_of_errno(int error);

/* A diagnostic on stderr that is neither result nor failure; nothing in JSON mode. */
void report_note(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "ENOENT" for 2 (or -2); NULL if the errno has no name. */
const char *errno_name(int error);

/* The errno that @name ("ENOENT") stands for, or 0. */
int errno_from_name(const char *name);

#endif
