// SPDX-License-Identifier: MIT
/* The stream table, and the host's own PASID tables; each PASID's entry follows its stream's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/smmu/private.h"

/* @pasid: -1 for the stream itself. */
static uint64_t key_of(uint32_t stream_id, int pasid)
{
	return (uint64_t)(pasid + 1) << 32 | stream_id;
}

/* The index of the first stream not below @key. */
static size_t stream_place(const struct model_smmu *smmu, uint64_t key)
{
	size_t low = 0, high = smmu->stream_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (smmu->streams[middle]->key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct smmu_stream *find(const struct model_smmu *smmu, uint64_t key)
{
	const size_t place = stream_place(smmu, key);

	if (place == smmu->stream_count || smmu->streams[place]->key != key)
		return NULL;
	return smmu->streams[place];
}

struct smmu_stream *smmu_find_stream(const struct model_smmu *smmu, uint32_t stream_id)
{
	return find(smmu, key_of(stream_id, -1));
}

struct smmu_stream *smmu_find_pasid(const struct model_smmu *smmu, uint32_t stream_id, int pasid)
{
	return find(smmu, key_of(stream_id, pasid));
}

static struct smmu_stream *add_stream(struct model_smmu *smmu, uint64_t key)
{
	const size_t place = stream_place(smmu, key);
	struct smmu_stream *stream = calloc(1, sizeof(*stream));
	struct smmu_stream **grown;

	if (!stream)
		return NULL;
	grown = realloc(smmu->streams, (smmu->stream_count + 1) * sizeof(*grown));
	if (!grown) {
		free(stream);
		return NULL;
	}
	smmu->streams = grown;
	memmove(&grown[place + 1], &grown[place], (smmu->stream_count - place) * sizeof(*grown));
	grown[place] = stream;
	smmu->stream_count++;
	stream->key = key;
	stream->id = (uint32_t)key;
	return stream;
}

static int write_entry(struct model_smmu *smmu, uint64_t key, const struct model_stream *entry)
{
	struct smmu_stream *stream = find(smmu, key);

	if (!stream)
		stream = add_stream(smmu, key);
	if (!stream)
		return -ENOMEM;
	stream->entry = entry ? *entry : (struct model_stream){ .mode = MODEL_STREAM_BLOCKED };
	smmu_config_drop(stream);
	return 0;
}

int model_smmu_set_stream(
	struct model_smmu *smmu, uint32_t stream_id, const struct model_stream *stream)
{
	return write_entry(smmu, key_of(stream_id, -1), stream);
}

int model_smmu_set_pasid(struct model_smmu *smmu, uint32_t stream_id, uint32_t pasid,
	const struct model_stream *stream)
{
	return write_entry(smmu, key_of(stream_id, (int)pasid), stream);
}
