// SPDX-License-Identifier: MIT
#include "document/document.h"

#include <errno.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct document_chunk {
	struct document_chunk *next;
	alignas(max_align_t) unsigned char data[];
};

void *document_alloc(struct document *document, size_t count, size_t size)
{
	struct document_chunk *chunk;
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) ||
		__builtin_add_overflow(bytes, sizeof(*chunk), &bytes))
		return NULL;
	chunk = calloc(1, bytes);
	if (!chunk)
		return NULL;
	chunk->next = document->chunks;
	document->chunks = chunk;
	return chunk->data;
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
	json_decref(document->tree);
	free(document->uses);
	free(document->text);
	free(document);
}

/* All of @file; the caller frees it. NULL and *@err on failure. */
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
	bool is_stdin = strcmp(file_name, "-") == 0;
	FILE *file = is_stdin ? stdin : fopen(file_name, "re");
	size_t size = 0;
	char *text;
	int err;

	if (!file)
		return -errno;
	text = read_all(file, &size, &err);
	if (!is_stdin)
		fclose(file);
	if (!text)
		return err;
	*document = document_new(text, size);
	free(text);
	if (!*document)
		return -ENOMEM;
	(*document)->file_name = file_name;
	return 0;
}
