// SPDX-License-Identifier: MIT
#include "replay/arrivals.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include <iommuctl/smmuv3_event.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "events/sequence.h"

/* A header, and an event unless the MISSED ones are the last. */
static size_t put(struct replay_arrivals *arrivals, const struct record_line *line,
	unsigned char *buffer, size_t size)
{
	const bool has_event = line->count > 1;
	const uint32_t missed = (uint32_t)line->numbers[0] - !has_event;
	const struct abi_vevent_header header = {
		.flags = has_event ? 0 : ABI_VEVENTQ_FLAG_LOST_EVENTS,
		.sequence = (arrivals->sequence + missed) & EVENTS_SEQUENCE_MASK,
	};
	struct abi_vevent_arm_smmuv3 record;
	const size_t length = sizeof(header) + (has_event ? sizeof(record) : 0);

	if (length > size)
		return 0;
	memcpy(buffer, &header, sizeof(header));
	for (size_t i = 0; has_event && i < IOMMUCTL_SMMUV3_EVENT_WORDS; i++)
		record.evt[i] = htole64(line->numbers[1 + i]);
	if (has_event)
		memcpy(buffer + sizeof(header), &record, sizeof(record));
	arrivals->sequence = (header.sequence + 1) & EVENTS_SEQUENCE_MASK;
	return length;
}

/* Reads to the end of the access, whose lines were checked before. */
static ssize_t read_arrivals(void *object, void *buffer, size_t size, int64_t offset)
{
	struct replay_arrivals *arrivals = object;
	struct replay_log log = arrivals->log;
	struct record_line line;
	size_t done = 0;

	(void)offset;
	while (replay_log_next(&log, &line) > 0 && line.kind != RECORD_END) {
		const size_t length =
			line.kind == RECORD_ARRIVAL
				? put(arrivals, &line, (unsigned char *)buffer + done, size - done)
				: 0;

		if (line.kind == RECORD_ARRIVAL && !length)
			break;
		done += length;
		arrivals->log = log;
	}
	return (ssize_t)done;
}

static void close_queue(void *object)
{
	const struct replay_arrivals *arrivals = object;

	arrivals->queue.kind->close(arrivals->queue.object);
}

static const struct model_file_kind arrivals_file = {
	.read = read_arrivals,
	.close = close_queue,
};

void replay_arrivals_take(struct replay_arrivals *arrivals, struct iommuctl_model *model, int fd)
{
	struct model_file *file = model_file_find(model, fd);

	arrivals->queue = *file;
	*file = (struct model_file){ &arrivals_file, arrivals };
}

void replay_arrivals_begin(struct replay_arrivals *arrivals, const struct replay_log *log)
{
	arrivals->log = *log;
}
