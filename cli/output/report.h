/* SPDX-License-Identifier: MIT */
/* What a command says, as text or JSON: results on stdout, diagnostics on stderr. */
#ifndef CLI_OUTPUT_REPORT_H
#define CLI_OUTPUT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include <jansson.h>

#include "output/failure.h"

struct report {
	FILE *out;
	FILE *err;
	bool json;
	size_t columns; /* of out, if it is a terminal; else 0: lines are as long as they are */
	bool color_err; /* err is a terminal that shows colours, and NO_COLOR is not set */
	bool shows_progress; /* err is a terminal on which a line can be taken away */
	const char *command; /* the command that runs, NULL while that is not known */
	bool output_lost;    /* some output could not be written, though its reader was there */
	bool out_lost;	     /* writing to out is of no use */
	bool memory_lost;    /* there was no memory for something */
	char *block;	     /* in which out gathers results; NULL: each is written at once */
	bool no_device;	     /* a failure was a missing device */
};

/* A report on stdout and stderr. */
void report_start(struct report *report);

/*
 * Gathers results from now on, until a diagnostic or the end, and writes them in large blocks: for
 * commands whose results come all at once. Call it before the first of them.
 */
void report_in_blocks(struct report *report);

/* Writes what stdout has gathered, and reports once if that fails. */
void report_flush(struct report *report);

/*
 * Closes stdout. Returns @status, or STATUS_FAILED if the command was done but not all its output
 * could be written, unless the reader has gone (EPIPE), or if memory ran out for any of it.
 */
enum exit_status report_finish(struct report *report, enum exit_status status);

/* Reports that @name, which is not standard output, could not be written because of @error. */
void report_lost_output(struct report *report, const char *name, int error);

/*
 * Says once that memory ran out, without taking any. Returns STATUS_FAILED. The functions below
 * do so rather than say something incomplete.
 */
enum exit_status report_out_of_memory(struct report *report);

/*
 * Says one result at once: in JSON mode {"iommuctl":1,"<kind>":<value>} as one line, else the text
 * that @format gives, as one line as well: control characters are escaped wherever they come from.
 * Takes the reference of @value.
 */
void report_result(struct report *report, const char *kind, json_t *value, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/*
 * The same for text of several lines: its newlines and tabs are this program's own. Foreign text
 * has gone into it through text_print().
 */
void report_lines(struct report *report, const char *kind, json_t *value, const char *text);

/*
 * The same for what @write writes about @data, without the newline at its end, if any. If @value is
 * NULL, the text is the value.
 */
enum exit_status report_written(struct report *report, const char *kind, json_t *value,
	void (*write)(FILE *out, const void *data), const void *data);

/* Says {"iommuctl":1,"<kind>":<value>} on a line of its own. Takes the reference of @value. */
void report_json(struct report *report, const char *kind, json_t *value);

/* Reports @failure, as text on stderr or as an error envelope on stdout. Returns its status. */
enum exit_status report_failure(struct report *report, const struct failure *failure);

/* The same for @count errors in one document, in its order; there are @left_out more. */
enum exit_status report_mistakes(
	struct report *report, const struct failure *mistakes, size_t count, size_t left_out);

/* The same for a printf-like message about a wrong command line. Returns STATUS_USAGE. */
enum exit_status report_usage(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The same for two parts of a command line that exclude each other, or of which @one is of no use
 * without @other. "user" is the option --user; "COMMAND" and "'--'" stay as they are.
 */
enum exit_status report_exclusive(struct report *report, const char *one, const char *other);
enum exit_status report_requires(struct report *report, const char *one, const char *other);

/*
 * Says the last error of @ctx with its explanations, if that error made a call return @error, an
 * -errno; else says only @error. @object, if not NULL, is the user's own name for the object
 * concerned, and goes before the library's.
 */
enum exit_status report_last_error(
	struct report *report, struct iommuctl *ctx, const char *object, int error);

/* Says that @operation on @object failed outside the library with @error, an errno or -errno. */
enum exit_status report_errno(
	struct report *report, const char *operation, const char *object, int error);

/* A diagnostic of one line on stderr, neither result nor failure; nothing in JSON mode. */
void report_note(struct report *report, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
