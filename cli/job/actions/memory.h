/* SPDX-License-Identifier: MIT */
/* Bytes in guest memory, which several actions name. */
#ifndef CLI_JOB_ACTIONS_MEMORY_H
#define CLI_JOB_ACTIONS_MEMORY_H

#include "document/problem.h"
#include "job/job.h"

struct live;

struct action_content {
	uint64_t ipa;
	struct document_bytes bytes;
};

/* Checks that a memory of the job contains the range of @content. */
int content_check(const struct job *job, const struct action_content *content,
	const struct document_path *path, struct document_problem *problem);

/* Appends "IPA 0x1000 @verb ..." to @text. */
void content_describe(
	const struct action_content *content, const char *verb, char *text, size_t size);

/* 0 if guest memory holds @content; else LIVE_UNMET or an error, recorded. */
int content_compare(struct live *live, const struct action_content *content);

#endif
