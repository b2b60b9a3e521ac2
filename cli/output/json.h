/* SPDX-License-Identifier: MIT */
/* JSON output: its envelope, failures, and fields of structures by name. */
#ifndef CLI_OUTPUT_JSON_H
#define CLI_OUTPUT_JSON_H

#include <stdio.h>

#include <iommuctl/smmuv3_cmdqv.h>
#include <iommuctl/smmuv3_field.h>

#include "output/failure.h"

/*
 * Writes {"iommuctl":1,"<kind>":<value>} as a line of its own. Takes the reference of @value.
 * False, and nothing is written, if memory ran out for this or for a part of @value.
 */
bool json_write_line(FILE *stream, const char *kind, json_t *value);

/* "out of memory" or "out of file descriptors", by its errno. */
const char *json_what_ran_out(int error);

/* Reports that memory or file descriptors have run out, without taking any. */
void json_write_out_of_memory(FILE *stream, int error);

/* The same line as text, with @hint, a plain text of ours, or NULL. */
void json_print_out_of_memory(char *text, size_t size, int error, const char *hint);

/*
 * An error: the first of @failures, with the causes and remedies of all @count. @left_out is NULL
 * for one failure; else they are errors of a document, which has *@left_out more.
 */
json_t *failures_to_json(const struct failure *failures, size_t count, const size_t *left_out);

/* The causes of @count failures: objects of "cause" and "remedy", either of which may be null. */
json_t *explanations_to_json(const struct failure *failures, size_t count);

/* Whether @mask, a bit for each of the first 64 fields, has the one at @place; later ones count. */
bool json_has_field(uint64_t mask, size_t place);

/*
 * The fields of @record that are in @mask, each by its name: an object with "value" and, if the
 * value has one, "name".
 */
json_t *fields_to_json(const struct iommuctl_smmuv3_field *fields, size_t count, uint64_t mask,
	const void *record);

/* An event of the queue @object: "object", "type", "event" (a line) and "fields". */
json_t *event_to_json(const char *object, const struct iommuctl_smmuv3_event *event);
json_t *cmdqv_event_to_json(const char *object, const struct iommuctl_smmuv3_cmdqv_event *event);

#endif
