/* SPDX-License-Identifier: MIT */
/* The errors of a document, and where they are. */
#ifndef CLI_DOCUMENT_PROBLEM_H
#define CLI_DOCUMENT_PROBLEM_H

#include "document/document.h"
#include "document/scan.h"

/* How many errors of a document are kept; the rest is only counted. */
#define DOCUMENT_PROBLEMS_MAX 50

/*
 * The first error of a document, in the order of the text, followed by the others. One on the
 * stack of the caller starts out as { .message = "" }: no error. document_problem_free() frees
 * the others.
 */
struct document_problem {
	char path[256]; /* "hwpts.s1.ste.config", empty for the whole document */
	int line;	/* from 1; 0: none */
	int column;	/* in characters, from 1 */
	char message[512];
	char hint[192]; /* what would be right; empty: unknown */
	size_t offset;	/* in the text */
	struct document_problem *next;
	size_t count; /* in the first one: of all, including those not kept */
};

/* The place of an error, and how to fix it. */
struct document_remark {
	const struct document_path *path;
	bool key;	   /* its key rather than its value */
	const char *at;	   /* in the text, instead of the path */
	const char *label; /* the name of that place; NULL: the whole document */
	const char *hint;  /* NULL: none */
};

/*
 * Adds an error at the value at @path of @document to @problem, unless it is there already.
 * Returns -EINVAL, or -ENOMEM.
 */
int document_problem_set(struct document_problem *problem, const struct document *document,
	const struct document_path *path, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same with a remark. */
int document_problem_remark(struct document_problem *problem, const struct document *document,
	const struct document_remark *remark, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Whether no more errors are kept: then nobody needs to look for places and hints. */
bool document_problem_is_full(const struct document_problem *problem);

/* Counts an error that is not kept. Returns -EINVAL. */
int document_problem_count(struct document_problem *problem);

/* Takes from @problem the mistakes that @known has as well, by their paths and messages. */
void document_problem_leave_out(
	struct document_problem *problem, const struct document_problem *known);

void document_problem_free(struct document_problem *problem);

/*
 * Collects in *@err the error of one of several checks that all run, so that a document gets all
 * its errors reported. Returns whether to go on: false if @result is -ENOMEM.
 */
bool document_note_error(int *err, int result);

/* The line and column of the value at @path of @document. */
struct scan_position document_position(
	const struct document *document, const struct document_path *path);

#endif
