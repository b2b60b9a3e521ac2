// SPDX-License-Identifier: MIT
#include "job/job.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "document/parse.h"
#include "job/schema.h"

/* Takes @document, which it frees unless there is a job. */
static int read_document(
	struct document *document, struct job **job, struct document_problem *problem)
{
	struct job *new = document_alloc(document, 1, sizeof(*new));
	int err = -ENOMEM;

	if (!new)
		goto fail;
	new->document = document;
	err = document_parse(document, &schema_job, new, problem);
	if (err == -ENOMEM || !document->tree)
		goto fail;
	for (int i = 0; i < JOB_COLLECTIONS; i++) {
		new->made_by_step[i] = document_alloc(document, new->objects[i].count, sizeof(bool));
		if (!new->made_by_step[i]) {
			err = -ENOMEM;
			goto fail;
		}
	}
	*job = new;
	return err;
fail:
	document_free(document);
	return err;
}

int job_read(const char *file_name, struct job **job, struct document_problem *problem)
{
	struct document *document;
	int err = document_read(file_name, &document);

	return err ? err : read_document(document, job, problem);
}

int job_parse(const char *text, size_t size, struct job **job, struct document_problem *problem)
{
	struct document *document = document_new(text, size);

	return document ? read_document(document, job, problem) : -ENOMEM;
}

void job_free(struct job *job)
{
	if (job)
		document_free(job->document);
}

const char *job_collection_name(enum job_collection collection)
{
	const struct schema_key *key = schema_job.keys;

	while (key->type != SCHEMA_NAMED || key->collection != collection)
		key++;
	return key->name;
}

bool job_is_made_by_step(const struct job *job, const struct document_object *object)
{
	return object->path && job->made_by_step[object->collection][object->index];
}

struct document_object *job_find_labelled(const struct job *job, const char *label)
{
	const char *dot = strchr(label, '.');

	for (int collection = 0; dot && collection < JOB_COLLECTIONS; collection++) {
		const char *name = job_collection_name(collection);

		if (strlen(name) == (size_t)(dot - label) && !strncmp(name, label, strlen(name)))
			return document_find(job->document, collection, dot + 1);
	}
	return NULL;
}

const char *job_object_label(const struct document_object *object, char *label, size_t size)
{
	snprintf(label, size, "%s.%s", job_collection_name(object->collection), object->name);
	return label;
}

const struct job_memory *job_memory_at(const struct job *job, uint64_t ipa, uint64_t size)
{
	const struct job_memory *memory = job->objects[JOB_MEMORY].items;

	for (size_t i = 0; i < job->objects[JOB_MEMORY].count; i++) {
		uint64_t offset = ipa - memory[i].ipa;

		if (ipa >= memory[i].ipa && offset <= memory[i].size &&
			size <= memory[i].size - offset)
			return &memory[i];
	}
	return NULL;
}

bool job_memory_is_doubtful(const struct job *job)
{
	const struct job_memory *memory = job->objects[JOB_MEMORY].items;
	bool doubtful = job->document->collections[JOB_MEMORY].unread;

	for (size_t i = 0; i < job->objects[JOB_MEMORY].count; i++)
		doubtful |= memory[i].object.doubtful;
	return doubtful;
}

bool job_step_takes(const struct job_step *step, size_t member)
{
	return *(void *const *)((const char *)step + member);
}

void job_spread_doubt(struct job *job)
{
	bool changed;

	do {
		changed = false;
		for (size_t i = 0; i < job->document->use_count; i++) {
			struct document_use *use = &job->document->uses[i];
			const struct document_object *target = use->ref->target;

			if (!*use->doubtful && target->doubtful && target->collection != JOB_DEVICES)
				changed = *use->doubtful = true;
		}
	} while (changed);
}

const struct document_bytes *job_bytes_of(const struct document_bytes *text, const struct document_bytes *hex)
{
	return text->size ? text : hex;
}

const struct job_dma_expect *job_dma_data(const struct job_step_dma *dma)
{
	return dma->expect && dma->expect->outcome == JOB_DMA_DATA ? dma->expect : NULL;
}

uint64_t job_dma_size(const struct job_step_dma *dma)
{
	const struct job_dma_expect *data = job_dma_data(dma);

	if (dma->size || !data)
		return dma->size;
	return job_bytes_of(&data->text, &data->hex)->size;
}

uint64_t job_ioas_map_iova(const struct job_ioas_map *map)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;

	return map->iova == DOCUMENT_UNSET ? memory->ipa + map->offset : map->iova;
}

uint64_t job_ioas_map_length(const struct job_ioas_map *map)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;

	return map->length ? map->length : memory->size - map->offset;
}
