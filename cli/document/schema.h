/* SPDX-License-Identifier: MIT */
/*
 * What a job document may say, as tables. The parser, the published JSON Schema and iommuctl-job(5)
 * all come from them.
 */
#ifndef CLI_DOCUMENT_SCHEMA_H
#define CLI_DOCUMENT_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "job/job.h"

enum schema_type {
	SCHEMA_NUMBER, /* uint64_t: a number, or a string such as "0x1000" or "16M" */
	SCHEMA_BOOL,
	SCHEMA_STRING, /* const char * */
	SCHEMA_TEXT,   /* struct document_bytes: the bytes of a string */
	SCHEMA_HEX,    /* struct document_bytes: pairs of hexadecimal digits */
	SCHEMA_CHOICE, /* uint64_t: one of choices */
	SCHEMA_SET,    /* uint64_t: letters of choices, or-ed */
	SCHEMA_REF,    /* struct document_ref: the name of an object of collection */
	SCHEMA_OBJECT, /* pointer to a struct of shape; or a word of choices, for its first uint64_t */
	SCHEMA_NUMBERS,/* struct document_list of uint64_t */
	SCHEMA_ARRAY,  /* struct document_list of shape */
	SCHEMA_NAMED,  /* struct document_list of shape, each under a name of its own */
};

/* The most bytes that a SCHEMA_TEXT or SCHEMA_HEX holds. */
#define SCHEMA_BYTES_MAX 4096

struct schema_choice {
	const char *name;
	uint64_t value;
};

struct schema_key {
	const char *name;
	enum schema_type type;
	enum job_collection collection; /* of a REF or NAMED */
	size_t offset;
	uint64_t min;          /* of a number; of the count of numbers or elements */
	uint64_t max;          /* likewise; 0: no bound */
	uint64_t fallback;     /* of a number, a choice or a bool that is not given */
	const struct schema_choice *choices; /* a NULL name ends it */
	const struct schema_shape *shape;
	const char *help;
	bool required;
	bool bytes;            /* a number that is a size: people read it as "4K" */
	uint8_t group;         /* exactly one key of each nonzero group must be given */
};

/* Which architected structure lends its fields, in lower case, as further keys of a shape. */
struct schema_fields {
	const char *structure; /* "STE": for documentation */
	const struct iommuctl_smmuv3_field *(*table)(size_t *count);
	size_t offset;         /* of the struct document_list of struct document_field */
};

struct schema_shape {
	const char *name;
	size_t size;
	const struct schema_key *keys; /* a NULL name ends it */
	const struct schema_fields *fields;
	size_t path_offset; /* where the element keeps its const struct document_path *; 0: nowhere */
	size_t doubt_offset; /* where it keeps whether it is doubtful, a bool; 0: nowhere */
	size_t chosen_offset; /* where it keeps which key of a group is given, the last if more are; 0: nowhere */
	const char *help;
};

extern const struct schema_shape schema_job;

/* What the objects of @collection are like. */
const struct schema_shape *job_collection_shape(enum job_collection collection);

/*
 * The JSON Schema (draft 2020-12) of documents of @shape, which are called @title: it says the
 * same as the tables. A new reference, or NULL.
 */
json_t *schema_to_json(const struct schema_shape *shape, const char *title);

/* The field of @fields that jobs know by @key, or NULL. */
const struct iommuctl_smmuv3_field *schema_field_by_key(
	const struct schema_fields *fields, const char *key);

/* @name in lower case, as jobs know a field or a named value of it. Truncates to @size. */
const char *schema_lower_case(const char *name, char *lower, size_t size);

#endif
