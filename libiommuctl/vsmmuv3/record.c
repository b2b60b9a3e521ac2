// SPDX-License-Identifier: MIT
/*
 * The log of an SMMU. It is written under the lock, which its thread may take recursively: so a
 * register read waits for the access before it, but one by the VMM within an access does not.
 */
#include "vsmmuv3/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "vsmmuv3/register_names.h"

/* FNV-1a, by words. */
#define CHECKSUM_START UINT64_C(0xcbf29ce484222325)
#define CHECKSUM_PRIME UINT64_C(0x100000001b3)

struct vsmmuv3_recorder {
	struct iommuctl_vsmmuv3_recorder to;
	struct iommuctl_vsmmuv3 *smmu;
	const struct iommuctl_guest_memory *guest; /* the VMM's */
	struct iommuctl_guest_memory memory;	   /* the same ranges; reads of it are recorded */
	uint64_t places;			   /* checksum of the ranges in the log */
	struct record_line fetched;		   /* adjacent words not yet written to the log */
	bool busy;				   /* within an access */
};

static const char *comment_of(const struct record_line *line)
{
	static const char *const interrupts[IOMMUCTL_VSMMUV3_INTERRUPTS] = {
		[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ] = "eventq",
		[IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC] = "cmdq-sync",
		[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR] = "gerror",
	};

	switch (line->kind) {
	case RECORD_READ:
	case RECORD_WRITE: return vsmmuv3_register_name(line->numbers[0]);
	case RECORD_INTERRUPT: return interrupts[line->numbers[0]];
	case RECORD_ARRIVAL:
	case RECORD_EVENT:
	case RECORD_LOST: return iommuctl_smmuv3_event_name((uint8_t)line->numbers[1]);
	default: return NULL;
	}
}

static void write_line(struct vsmmuv3_recorder *recorder, const struct record_line *line)
{
	char text[IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE];
	const size_t length = record_format(line, comment_of(line), text);

	recorder->to.line(text, length, recorder->to.data);
}

static void flush(struct vsmmuv3_recorder *recorder)
{
	if (recorder->fetched.count)
		write_line(recorder, &recorder->fetched);
	recorder->fetched.count = 0;
}

static void fetch(uint64_t ipa, uint64_t value, void *data)
{
	struct vsmmuv3_recorder *recorder = data;
	struct record_line *line = &recorder->fetched;
	const uint64_t next = line->numbers[0] + (line->count - 1) * sizeof(value);

	if (recorder->guest->fetched)
		recorder->guest->fetched(ipa, value, recorder->guest->data);
	if (line->count == RECORD_NUMBERS_MAX || (line->count && ipa != next))
		flush(recorder);
	if (!line->count)
		line->numbers[line->count++] = ipa;
	line->numbers[line->count++] = value;
}

static uint64_t checksum(const struct iommuctl_guest_memory *memory)
{
	uint64_t sum = CHECKSUM_START;

	for (size_t i = 0; i < memory->range_count; i++) {
		sum = (sum ^ memory->ranges[i].ipa) * CHECKSUM_PRIME;
		sum = (sum ^ memory->ranges[i].size) * CHECKSUM_PRIME;
	}
	return sum;
}

/* The VMM may have changed it since the last access. */
static void look_at_memory(struct vsmmuv3_recorder *recorder)
{
	const struct iommuctl_guest_memory *guest = recorder->guest;
	const uint64_t places = checksum(guest);
	struct record_line line = record_line(RECORD_MEMORY, 0, 0);

	recorder->memory.ranges = guest->ranges;
	recorder->memory.range_count = guest->range_count;
	if (places == recorder->places)
		return;
	recorder->places = places;
	write_line(recorder, &line);
	line.count = 2;
	for (size_t i = 0; i < guest->range_count; i++) {
		line.numbers[0] = guest->ranges[i].ipa;
		line.numbers[1] = guest->ranges[i].size;
		write_line(recorder, &line);
	}
}

void vsmmuv3_recorder_say(struct vsmmuv3_recorder *recorder, const struct record_line *line)
{
	flush(recorder);
	if (record_role(line->kind) == RECORD_IS_ACCESS) {
		look_at_memory(recorder);
		recorder->busy = true;
	}
	write_line(recorder, line);
}

void vsmmuv3_recorder_say_event(struct vsmmuv3_recorder *recorder, enum record_kind kind,
	uint64_t number, const struct iommuctl_smmuv3_event *event)
{
	struct record_line line = record_line(kind, number, 0);

	if (event) {
		/* What cannot be encoded does not reach a guest. */
		if (iommuctl_smmuv3_event_encode(event, &line.numbers[1], NULL))
			memset(&line.numbers[1], 0, IOMMUCTL_SMMUV3_EVENT_WORDS * sizeof(number));
		line.count = 1 + IOMMUCTL_SMMUV3_EVENT_WORDS;
	}
	vsmmuv3_recorder_say(recorder, &line);
}

void vsmmuv3_recorder_end(struct vsmmuv3_recorder *recorder, int err)
{
	struct record_line line =
		record_line(RECORD_END, (uint64_t)-err, vsmmuv3_read_cmdq_cons(recorder->smmu));

	line.numbers[2] = vsmmuv3_get(recorder->smmu, VSMMUV3_GERROR);
	vsmmuv3_recorder_say(recorder, &line);
	recorder->busy = false;
}

static struct record_line access_line(
	enum record_kind kind, uint64_t offset, unsigned int size, uint64_t value)
{
	struct record_line line = record_line(kind, offset, size);

	line.numbers[2] = value;
	return line;
}

uint64_t vsmmuv3_recorder_read(
	struct vsmmuv3_recorder *recorder, uint64_t offset, unsigned int size)
{
	struct iommuctl_vsmmuv3 *smmu = recorder->smmu;
	uint64_t value;

	pthread_mutex_lock(&smmu->lock);
	value = vsmmuv3_read_any(smmu, offset, size);
	if (!recorder->busy) {
		const struct record_line line = access_line(RECORD_READ, offset, size, value);

		write_line(recorder, &line);
	}
	pthread_mutex_unlock(&smmu->lock);
	return value;
}

int vsmmuv3_recorder_write(
	struct vsmmuv3_recorder *recorder, uint64_t offset, unsigned int size, uint64_t value)
{
	const struct record_line line = access_line(RECORD_WRITE, offset, size, value);
	struct iommuctl_vsmmuv3 *smmu = recorder->smmu;
	int err;

	pthread_mutex_lock(&smmu->lock);
	vsmmuv3_recorder_say(recorder, &line);
	err = vsmmuv3_write_any(smmu, offset, size, value);
	vsmmuv3_recorder_end(recorder, err);
	pthread_mutex_unlock(&smmu->lock);
	return err;
}

static void begin(struct vsmmuv3_recorder *recorder, const struct iommuctl_vsmmuv3_config *config)
{
	const struct iommuctl_vsmmuv3_identity *shown = &recorder->smmu->identity;
	const struct record_line version =
		record_line(RECORD_VERSION, IOMMUCTL_VSMMUV3_RECORD_VERSION, 0);
	const struct record_line settings = {
		.kind = RECORD_CONFIG,
		.count = 6,
		.numbers = { config->abort, config->event_depth, config->budget, config->batch,
			config->fold, config->fold_granule },
	};
	struct record_line identity = { .kind = RECORD_IDENTITY };

	for (size_t i = 0; i < ARRAY_SIZE(shown->idr); i++)
		identity.numbers[identity.count++] = shown->idr[i];
	identity.numbers[identity.count++] = shown->iidr;
	identity.numbers[identity.count++] = shown->aidr;
	write_line(recorder, &version);
	write_line(recorder, &identity);
	write_line(recorder, &settings);
}

int vsmmuv3_recorder_new(
	struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_vsmmuv3_config *config)
{
	struct vsmmuv3_recorder *made;

	smmu->watched_memory = config->memory;
	if (!config->recorder)
		return 0;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	*made = (struct vsmmuv3_recorder){
		.to = *config->recorder,
		.smmu = smmu,
		.guest = config->memory,
		.memory = { .fetched = fetch, .data = made },
		.fetched = { .kind = RECORD_FETCH },
	};
	smmu->recorder = made;
	smmu->watched_memory = &made->memory;
	begin(made, config);
	return 0;
}
