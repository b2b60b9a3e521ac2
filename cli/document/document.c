// SPDX-License-Identifier: MIT
#include "document/document.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "output/open_file.h"

/* Most pieces are small, and all are freed together. A large document has larger chunks. */
#define CHUNK_SIZE     ((size_t)64 * 1024)
#define CHUNK_SIZE_MAX ((size_t)1024 * 1024)

struct document_chunk {
	struct document_chunk *next;
	size_t used;
	size_t size;
	alignas(max_align_t) unsigned char data[];
};

static struct document_chunk *add_chunk(struct document *document, size_t size)
{
	struct document_chunk *chunk;
	size_t bytes;

	if (__builtin_add_overflow(size, sizeof(*chunk), &bytes))
		return NULL;
	chunk = calloc(1, bytes);
	if (!chunk)
		return NULL;
	chunk->size = size;
	chunk->next = document->chunks;
	document->chunks = chunk;
	return chunk;
}

static size_t chunk_size(const struct document_chunk *last, size_t bytes)
{
	size_t size = CHUNK_SIZE;

	if (last && last->size < CHUNK_SIZE_MAX)
		size = last->size * 2;
	else if (last)
		size = CHUNK_SIZE_MAX;
	return bytes > size ? bytes : size;
}

void *document_alloc(struct document *document, size_t count, size_t size)
{
	struct document_chunk *chunk = document->chunks;
	size_t bytes, used;

	if (__builtin_mul_overflow(count, size, &bytes) ||
		__builtin_add_overflow(bytes, alignof(max_align_t) - 1, &used))
		return NULL;
	bytes = used & ~(alignof(max_align_t) - 1);
	if (!chunk || chunk->size - chunk->used < bytes)
		chunk = add_chunk(document, chunk_size(chunk, bytes));
	if (!chunk)
		return NULL;
	used = chunk->used;
	chunk->used += bytes;
	return chunk->data + used;
}

struct document *document_new(const char *text, size_t size)
{
	struct document *document = calloc(1, sizeof(*document));

	if (!document)
		return NULL;
	document->text = malloc(size + 1);
	if (!document->text) {
		free(document);
		return NULL;
	}
	memcpy(document->text, text, size);
	document->text[size] = '\0';
	document->size = size;
	return document;
}

void document_free(struct document *document)
{
	struct document_chunk *next;

	if (!document)
		return;
	for (struct document_chunk *chunk = document->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	json_decref(document->kept);
	free(document->uses);
	free(document->text);
	free(document);
}

/* Reads all of @file; the caller frees it. NULL and *@err on failure. */
static char *read_all(FILE *file, size_t *size, int *err)
{
	size_t used = 0, room = 0, got;
	char *data = NULL;

	do {
		if (used == room) {
			size_t larger = room ? room * 2 : 65536;
			char *grown = realloc(data, larger);

			*err = -ENOMEM;
			if (!grown)
				goto fail;
			data = grown;
			room = larger;
		}
		got = fread(data + used, 1, room - used, file);
		*err = -errno;
		if (ferror(file))
			goto fail;
		used += got;
		*err = -EFBIG;
		if (used > DOCUMENT_SIZE_MAX)
			goto fail;
	} while (!feof(file));
	*size = used;
	return data;
fail:
	free(data);
	return NULL;
}

int document_read(const char *file_name, struct document **document)
{
	const struct open_file_reason *distrust = NULL;
	FILE *file = stdin;
	size_t size = 0;
	char *text;
	int err = 0;

	if (strcmp(file_name, "-") != 0)
		err = open_file_to_read(file_name, &file, &distrust);
	if (err)
		return err;
	text = read_all(file, &size, &err);
	if (file != stdin)
		fclose(file);
	if (!text)
		return err;
	*document = document_new(text, size);
	free(text);
	if (!*document)
		return -ENOMEM;
	(*document)->file_name = file_name;
	(*document)->distrust = distrust;
	return 0;
}
