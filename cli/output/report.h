/* SPDX-License-Identifier: MIT */
/* What a command says, as text or JSON: results on stdout, diagnostics on stderr. */
#ifndef CLI_OUTPUT_REPORT_H
#define CLI_OUTPUT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include <iommuctl/context.h>

#include "text.h"

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
	bool color_err; /* err is a terminal that shows colours, and NO_COLOR is not set */
	const char *command; /* the command that runs, NULL while that is not known */
	bool output_lost;    /* something could not be written, and was wanted */
	bool out_lost;       /* it is no use to write to out */
	bool memory_lost;    /* there was no memory for something */
};

/* A report on stdout and stderr. */
void report_start(struct report *report);

/* Closes @stream. Returns 0, or the errno of what was not written. */
int report_close_stream(FILE *stream);

/*
 * Closes stdout. Returns @status, or STATUS_FAILED if the command was done but not all that it said
 * could be written, unless its reader has gone (EPIPE), or if memory ran out for any of it.
 */
enum exit_status report_finish(struct report *report, enum exit_status status);

/* Says as a failure that @name, which is not standard output, could not be written for the reason @error. */
void report_lost_output(struct report *report, const char *name, int error);

/* One of several mistakes of one document. */
struct failure_mistake {
	const char *path;
	int line;
	int column;
	const char *message;
	const char *hint;
};

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
	const char *file;      /* of which line and column are; NULL: of @object, if there is a line */
	int line;              /* 0 if none */
	int column;
	const char *message;
	const char *hint;      /* what to do about it */

	/* Mistakes of the document @object, in its order; then path to hint above are not looked at. */
	const struct failure_mistake *mistakes;
	size_t mistake_count;
	size_t mistakes_left_out; /* there are as many more */

	/* Of a job that was being carried out. */
	const char *place;     /* the job's own name of the object: "hwpts.s1" */
	uint32_t id;           /* the kernel's number of it; 0: none */
	bool in_step;
	size_t step;           /* its index */
	const char *step_name;
	const char *expected;  /* what the step says was to come */
	bool in_command;       /* an invalidation command was refused: the one with the index */
	size_t command;
	json_t *events;        /* that waited by then, in an array; borrowed. NULL: none are known */
};

/*
 * Says one result at once: in JSON mode {"iommuctl":1,"<kind>":<value>} as one line, else the text
 * that @format gives, as one line as well: control characters are escaped wherever they come from.
 * Takes the reference of @value.
 */
void report_result(struct report *report, const char *kind, json_t *value, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * The same for text of several lines: its newlines and tabs are this program's own. What comes from
 * elsewhere has gone into it through text_print().
 */
void report_lines(struct report *report, const char *kind, json_t *value, const char *text);

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

/*
 * The same with more of @failure: status, code, operation and message come from @error, and its
 * place, if not NULL, goes before the library's object.
 */
enum exit_status report_error_at(
	struct report *report, const struct iommuctl_error *error, const struct failure *failure);

/* The same for the last error of @ctx, if it is what made a call return @error, an -errno; else says @error alone. */
enum exit_status report_last_error(struct report *report, struct iommuctl *ctx, const char *object,
	int error);

/* Says that @operation on @object failed outside the library with @error, an errno or -errno. */
enum exit_status report_errno(struct report *report, const char *operation, const char *object,
	int error);

/* The status that fits a negative errno: unsupported, no permission, or failed. */
enum exit_status status_of_errno(int error);

/* A diagnostic of one line on stderr, neither result nor failure; nothing in JSON mode. */
void report_note(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* "ENOENT" for 2 (or -2); NULL if the errno has no name. */
const char *errno_name(int error);

/* Finds the name of an errno that was meant with @name. */
void errno_nearest(const char *name, struct nearest *nearest);

/* The errno that @name ("ENOENT") stands for, or 0. */
int errno_from_name(const char *name);

#endif
