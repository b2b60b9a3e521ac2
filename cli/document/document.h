/* SPDX-License-Identifier: MIT */
/* A JSON document: its text, the places in it, and named objects that refer to each other. */
#ifndef CLI_DOCUMENT_DOCUMENT_H
#define CLI_DOCUMENT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

/* A document larger than this is refused unread. */
#define DOCUMENT_SIZE_MAX (16u << 20)

/* A number that the document does not give. */
#define DOCUMENT_UNSET UINT64_MAX

/* A place in the document: a chain that ends at the root. A NULL key means an array index. */
struct document_path {
	const struct document_path *parent;
	const char *key;
	size_t index;
};

/* The two parts of a place that a key names. */
enum document_part { DOCUMENT_PART_VALUE, DOCUMENT_PART_KEY };

/* The first member of every named object. */
struct document_object {
	const char *name;
	unsigned int collection; /* as keys of the schema number them */
	const char *kind;	 /* its name in the document: "hwpts" */
	size_t index;		 /* within its collection */
	bool doubtful;		 /* has an error, or needs an object that has one: not judged */
	const struct document_path *path; /* NULL: missing, but referred to */
	size_t first_use; /* its own uses of others, adjacent in the document's array */
	size_t use_count;
};

/* A reference by name; target is set once the whole document is read. */
struct document_ref {
	const char *name;
	struct document_object *target;
};

struct document_list {
	void *items; /* as large as the shape of the list says */
	size_t count;
};

struct document_bytes {
	const uint8_t *data;
	size_t size;
};

/* A field of a structure described elsewhere. */
struct document_field {
	const char *key;
	const char *name;  /* as the structure spells it */
	const void *field; /* its description */
	uint64_t value;
	const struct document_path *path;
};

/* A use of one object by another, for ordering and for finding cycles. */
struct document_use {
	const struct document_object *user; /* NULL: not in a named object */
	struct document_ref *ref;
	unsigned int collection;
	const struct document_path *path;
	bool *doubtful; /* of the object or element that has the use */
};

/* The objects of one kind. */
struct document_collection {
	const struct schema_key *key;
	const struct document_list *list;
	struct document_object **by_name; /* sorted */
	struct document_object *stand_in; /* for missing ones; NULL: none was needed */
	bool unread;			  /* its names are unknown */
};

struct document_node;

struct document {
	char *text; /* as it was read; NUL follows */
	size_t size;
	const char *file_name; /* which outlives the document; NULL: it was in memory */
	const struct open_file_reason *distrust; /* of open_file_to_read() */
	struct document_node *tree;		 /* NULL: not parsed, or the syntax is wrong */
	bool has_duplicates;			 /* a key comes twice */
	json_t *kept; /* an array, whose elements live as long; NULL: none do */
	struct document_collection *collections;
	size_t collection_count;
	struct document_use *uses;
	size_t use_count;
	size_t use_room;
	struct document_chunk *chunks;
};

/* The @object->use_count uses of others by @object; NULL if there are none. */
static inline const struct document_use *document_uses_of(
	const struct document *document, const struct document_object *object)
{
	return object->use_count ? document->uses + object->first_use : NULL;
}

/* A copy of @text as a document, or NULL if memory runs out. The caller frees it. */
struct document *document_new(const char *text, size_t size);

/*
 * Reads the file @file_name ("-": standard input), which outlives @document. Returns 0 or -errno.
 * The caller frees @document.
 */
int document_read(const char *file_name, struct document **document);

void document_free(struct document *document);

/*
 * Memory that lives as long as @document: zeroed, aligned for any object; NULL if memory runs out
 * or @count * @size overflows.
 */
void *document_alloc(struct document *document, size_t count, size_t size);

/* The object at @index of @collection. */
struct document_object *document_object_at(
	const struct document *document, unsigned int collection, size_t index);

/* The object of @collection called @name, or of any the one labelled "hwpts.s1"; or NULL. */
struct document_object *document_find(
	const struct document *document, unsigned int collection, const char *name);
struct document_object *document_find_labelled(const struct document *document, const char *label);

/* "hwpts.s1": the name of @object in messages. Truncates to @size. */
const char *document_object_label(const struct document_object *object, char *label, size_t size);

/*
 * Where in the text of the well-formed @document that @part of @path begins, or of the innermost
 * parent that exists. Of keys that come twice, the last counts.
 */
const char *document_path_seek(
	const struct document *document, const struct document_path *path, enum document_part part);

/*
 * A copy of @node for use in another document: numbers that jansson cannot hold become strings. A
 * new reference, or NULL if memory runs out.
 */
json_t *document_share(const struct document_node *node);

/* Keeps @json, whose reference it takes, as long as @document. Returns it, or NULL. */
json_t *document_keep(struct document *document, json_t *json);

/* Writes @path as "hwpts.s1.map[2].iova"; names with unusual characters are quoted. */
void document_path_format(const struct document_path *path, char *text, size_t size);

#endif
