/* SPDX-License-Identifier: MIT */
/* A job that is added to another one. */
#ifndef CLI_SESSION_MERGE_H
#define CLI_SESSION_MERGE_H

#include <jansson.h>

#include "output/report.h"

/*
 * What @base and @addition say together: an object that both have is refused, what is attached and
 * the steps of @addition come last. NULL with @status set to what was reported.
 */
json_t *merge_documents(
	json_t *base, json_t *addition, struct report *report, enum exit_status *status);

/* The number of elements of the array @key of @base. */
size_t merge_count(const json_t *base, const char *key);

/* "steps[7].map" of both together, as it is called in the addition. */
void merge_fit_path(const json_t *base, char *path, size_t size);

#endif
