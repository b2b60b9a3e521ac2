/* SPDX-License-Identifier: MIT */
/* Merges a job into another one. */
#ifndef CLI_SESSION_HOLDER_MERGE_H
#define CLI_SESSION_HOLDER_MERGE_H

#include <jansson.h>

#include "output/report.h"

/*
 * Merges @base and @addition: refuses an object that both have; the attachments and steps of
 * @addition come last. NULL with @status set to what was reported.
 */
json_t *merge_documents(
	json_t *base, json_t *addition, struct report *report, enum exit_status *status);

/* The number of elements of the array @key of @base. */
size_t merge_count(const json_t *base, const char *key);

/*
 * Translates "steps[7].map" of the merged job to its path in the addition, or to
 * "session.steps[7].map" if @base has it.
 */
void merge_fit_path(const json_t *base, char *path, size_t size);

#endif
