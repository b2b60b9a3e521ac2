/* SPDX-License-Identifier: MIT */
/* What is wrong with a document, and where. */
#ifndef CLI_DOCUMENT_PROBLEM_H
#define CLI_DOCUMENT_PROBLEM_H

#include "document/document.h"
#include "document/scan.h"

/* How many mistakes of a document are kept; the rest is counted. */
#define DOCUMENT_PROBLEMS_MAX 50

/*
 * The first mistake of a document, in the order of the text, with the others behind it. One on the
 * stack of the caller starts out as { .message = "" }: there is none. document_problem_free() frees
 * what follows it.
 */
struct document_problem {
	char path[256]; /* "hwpts.s1.ste.config", empty for the whole document */
	int line;	/* from 1; 0: none */
	int column;	/* in characters, from 1 */
	char message[512];
	char hint[192]; /* what would be right; empty: nothing is known */
	size_t offset;	/* in the text */
	struct document_problem *next;
	size_t count; /* in the first one: how many there are, also those not kept */
};

/* What a mistake is about. */
struct document_remark {
	const struct document_path *path;
	bool key;	   /* its key rather than its value */
	const char *at;	   /* in the text, in place of the path */
	const char *label; /* what to call that place; NULL: the whole document */
	const char *hint;  /* NULL: none */
};

/*
 * Adds a mistake at the value at @path of @document to @problem, unless it is there already.
 * Returns -EINVAL, or -ENOMEM.
 */
int document_problem_set(struct document_problem *problem, const struct document *document,
	const struct document_path *path, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same with more to say. */
int document_problem_remark(struct document_problem *problem, const struct document *document,
	const struct document_remark *remark, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Whether no more mistakes are kept: then nobody needs to look for places and hints. */
bool document_problem_is_full(const struct document_problem *problem);

/* Counts a mistake that is not kept. Returns -EINVAL. */
int document_problem_count(struct document_problem *problem);

/* Takes from @problem the mistakes that @known has as well, by their paths and messages. */
void document_problem_leave_out(
	struct document_problem *problem, const struct document_problem *known);

void document_problem_free(struct document_problem *problem);

/*
 * Takes note in *@err of how one of several parts ended that are looked at whatever the others are
 * like. False: there is no memory to go on.
 */
bool document_goes_on(int *err, int result);

/* Where people find the value at @path of @document. */
struct scan_position document_position(
	const struct document *document, const struct document_path *path);

#endif
