// SPDX-License-Identifier: MIT
/* The stream table. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/smmu/private.h"

/* The index of the first stream that is not below @stream_id. */
static size_t stream_place(const struct model_smmu *smmu, uint32_t stream_id)
{
	size_t low = 0, high = smmu->stream_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (smmu->streams[middle]->id < stream_id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct smmu_stream *smmu_find_stream(const struct model_smmu *smmu, uint32_t stream_id)
{
	size_t place = stream_place(smmu, stream_id);

	if (place == smmu->stream_count || smmu->streams[place]->id != stream_id)
		return NULL;
	return smmu->streams[place];
}

static struct smmu_stream *add_stream(struct model_smmu *smmu, uint32_t stream_id)
{
	const size_t place = stream_place(smmu, stream_id);
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
	stream->id = stream_id;
	return stream;
}

int model_smmu_set_stream(
	struct model_smmu *smmu, uint32_t stream_id, const struct model_stream *entry)
{
	struct smmu_stream *stream = smmu_find_stream(smmu, stream_id);

	if (!stream)
		stream = add_stream(smmu, stream_id);
	if (!stream)
		return -ENOMEM;
	stream->entry = entry ? *entry : (struct model_stream){ .mode = MODEL_STREAM_BLOCKED };
	smmu_config_drop(stream);
	return 0;
}
