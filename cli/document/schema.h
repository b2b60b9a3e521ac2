/* SPDX-License-Identifier: MIT */
/*
 * The format of a document, as tables. The parser, the published JSON Schema and the manual all
 * come from them.
 *
 * One hook leads out of this room, struct schema_structure: through it, a shape takes fields of a
 * structure described elsewhere as keys, and the names of their values.
 */
#ifndef CLI_DOCUMENT_SCHEMA_H
#define CLI_DOCUMENT_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "document/document.h"

enum schema_type {
	SCHEMA_NUMBER, /* uint64_t: a number, or a string such as "0x1000" or "16M" */
	SCHEMA_BOOL,
	SCHEMA_STRING, /* const char * */
	SCHEMA_TEXT,   /* struct document_bytes: the bytes of a string */
	SCHEMA_HEX,    /* struct document_bytes: pairs of hexadecimal digits */
	SCHEMA_UUID,   /* const uint8_t *: 16 bytes in the order of the text; NULL: not given */
	SCHEMA_CHOICE, /* uint64_t: one of choices */
	SCHEMA_SET,    /* uint64_t: letters of choices, or-ed */
	SCHEMA_REF,    /* struct document_ref: the name of an object of collection */
	SCHEMA_OBJECT, /* pointer to a struct of shape; or one of choices, for its first uint64_t */
	SCHEMA_NUMBERS, /* struct document_list of uint64_t */
	SCHEMA_ARRAY,	/* struct document_list of shape */
	SCHEMA_NAMED,	/* struct document_list of shape, each under its own name */
	SCHEMA_TREE,	/* json_t *: an object copied by document_share(), owned by the document */
};

/* The most bytes of a SCHEMA_TEXT or SCHEMA_HEX. */
#define SCHEMA_BYTES_MAX 4096

struct schema_choice {
	const char *name;
	uint64_t value;
};

struct schema_key {
	const char *name;
	enum schema_type type;
	unsigned int collection; /* of a REF or NAMED; the root shape has a NAMED key for each */
	size_t offset;
	uint64_t min;			     /* of a number; of the count of numbers or elements */
	uint64_t max;			     /* likewise; 0: no bound */
	uint64_t fallback;		     /* of a number, a choice or a bool that is not given */
	const struct schema_choice *choices; /* a NULL name ends it */
	const struct schema_shape *shape;
	const char *help;
	bool required;
	bool bytes;	   /* a number that is a size: shown as "4K" */
	uint8_t group : 4; /* exactly one key of each nonzero group must be given */
};

/* One field of such a structure. */
struct schema_field {
	const void *source; /* its description */
	const char *name;   /* of which the key is the lower case */
	bool is_bit;	    /* true and false are 1 and 0 */
};

/* Both return false if @index is beyond the last field or value. */
struct schema_structure {
	const char *name; /* "STE", for messages */
	bool (*field)(size_t index, struct schema_field *field);
	bool (*value)(const struct schema_field *field, size_t index, struct schema_choice *value);
};

/* Lends a shape the fields of a structure. */
struct schema_fields {
	const struct schema_structure *structure;
	size_t offset; /* of the struct document_list of struct document_field */
};

struct schema_shape {
	const char *name;
	size_t size;
	const struct schema_key *keys; /* a NULL name ends it */
	const struct schema_fields *fields;
	size_t path_offset;  /* where it keeps its const struct document_path *; 0: nowhere */
	size_t doubt_offset; /* where it keeps whether it is doubtful, a bool; 0: nowhere */
	/* where it keeps which key of a group is given, the last if more are; 0: nowhere */
	size_t chosen_offset;
	const char *help;
};

/* For the offset of a key. */
#define MEMBER(type, member) .offset = offsetof(struct type, member)

/*
 * The JSON Schema (draft 2020-12), with @title, of documents of @shape: it says the same as the
 * tables. A new reference, or NULL.
 */
json_t *schema_to_json(const struct schema_shape *shape, const char *title);

/* The key of @collection, one of those of @root. */
const struct schema_key *schema_collection(
	const struct schema_shape *root, unsigned int collection);

/* The key of @shape called @name, or NULL. */
const struct schema_key *schema_find_key(const struct schema_shape *shape, const char *name);

/* Whether @key is one of @fields, and which: the first of this name. */
bool schema_field_by_key(
	const struct schema_fields *fields, const char *key, struct schema_field *field);

/*
 * Whether @shape has neither a key nor an earlier field of the name of the field at @index: types
 * of a structure share names. Also false if there is no such field.
 */
bool schema_has_own_field(
	const struct schema_shape *shape, size_t index, struct schema_field *field);

/* @name in lower case, as a document spells a field or its value. Truncates to @size. */
const char *schema_lower_case(const char *name, char *lower, size_t size);

#endif
