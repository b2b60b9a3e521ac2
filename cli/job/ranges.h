/* SPDX-License-Identifier: MIT */
/* Lists of IOVAs: struct job_range in a struct document_list. */
#ifndef CLI_JOB_RANGES_H
#define CLI_JOB_RANGES_H

#include "job/job.h"

/* Appends "0x0-0xfff, 0x2000-0x2fff" to @text. */
void ranges_describe(const struct document_list *ranges, char *text, size_t size);

bool ranges_are_equal(const struct document_list *one, const struct document_list *other);

/* The first of @ranges that is not entirely inside one of @others; NULL: all are. */
const struct job_range *ranges_find_outside(
	const struct document_list *ranges, const struct document_list *others);

/* The first of @ranges that shares an IOVA with any of @others; NULL: none does. */
const struct job_range *ranges_find_common(
	const struct document_list *ranges, const struct document_list *others);

#endif
