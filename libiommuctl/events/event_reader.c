// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include "core/call.h"
#include "events/reader.h"
#include "events/sequence.h"
#include "iommufd/ask.h"

/* More than a queue can have lost between two reads is a step back. */
#define STEP_MAX (EVENTS_SEQUENCE_MASK / 2)
/* A guest whose devices fault endlessly fills a queue as fast as it is read. */
#define READS_MAX 2

void iommuctl_event_reader_init(struct iommuctl_event_reader *reader, struct iommuctl *ctx, int fd)
{
	iommuctl_event_reader_init_typed(reader, ctx, fd, IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3);
}

void iommuctl_event_reader_init_typed(
	struct iommuctl_event_reader *reader, struct iommuctl *ctx, int fd, uint32_t type)
{
	*reader = (struct iommuctl_event_reader){ .ctx = ctx, .fd = fd, .type = type };
}

void iommuctl_event_reader_tap(
	struct iommuctl_event_reader *reader, struct iommuctl_event_tap *tap, const char *queue)
{
	reader->tap = tap;
	reader->queue = queue;
}

static int fail(const struct iommuctl_event_reader *reader, enum operation operation, int error,
	const struct iommuctl_explanation *why)
{
	const struct call call = {
		.operation = operation,
		.objects = { { "vEVENTQ", (uint64_t)reader->fd, SHOW_FD } },
	};

	return call_refuse(reader->ctx, &call, error, why);
}

static const struct iommuctl_explanation no_event_given = {
	"there is nowhere to put the event",
	"pass a struct of the queue's type",
};

static const struct iommuctl_explanation other_type = {
	"the queue has events of another type",
	"initialise the reader for that type with iommuctl_event_reader_init_typed()",
};

static const struct iommuctl_explanation no_whole_event = {
	"less than a whole event came, or a sequence number from the past",
	"continue with the next event; another reader of the same queue may have taken the rest",
};

static int refill(struct iommuctl_event_reader *reader)
{
	int err;

	reader->offset = 0;
	reader->length = 0;
	if (reader->fd < 0)
		return -EAGAIN;
	err = veventq_ask_read(
		reader->ctx, reader->fd, reader->buffer, sizeof(reader->buffer), &reader->length);
	if (err)
		return err;
	if (reader->tap)
		iommuctl_event_tap_put_events(
			reader->tap, reader->queue, reader->type, reader->buffer, reader->length);
	return reader->length ? 0 : -EAGAIN;
}

static int drop(struct iommuctl_event_reader *reader)
{
	reader->length = 0;
	return fail(reader, OP_EVENT_READER_NEXT, EPROTO, &no_whole_event);
}

/* Lost events have numbers too; LOST_EVENTS carries that of the last one. */
static int account(
	struct iommuctl_event_reader *reader, const struct iommuctl_vevent *vevent, uint64_t *lost)
{
	const uint32_t step = (vevent->sequence - reader->expected) & EVENTS_SEQUENCE_MASK;

	reader->expected = (vevent->sequence + 1) & EVENTS_SEQUENCE_MASK;
	if (step > STEP_MAX)
		return -EPROTO;
	*lost += step;
	if (!vevent->data)
		*lost += 1;
	return 0;
}

/* 1 with the data of an event, 0 after a loss. */
static int next_in_buffer(struct iommuctl_event_reader *reader, const void **data, uint64_t *lost,
	unsigned int *reads)
{
	struct iommuctl_vevent vevent;
	int err = iommuctl_vevent_next(
		reader->type, reader->buffer, reader->length, &reader->offset, &vevent);

	if (err == -ENODATA)
		return (*reads)++ < READS_MAX ? refill(reader) : -EAGAIN;
	if (err || account(reader, &vevent, lost))
		return drop(reader);
	*data = vevent.data;
	return vevent.data ? 1 : 0;
}

/* @words: out: as many as an event of the type has. -EAGAIN is an answer, not a failure. */
static int ask_words(
	struct iommuctl_event_reader *reader, uint64_t *words, size_t count, uint64_t *lost)
{
	const void *data = NULL;
	unsigned int reads = 0;
	int err;

	*lost = 0;
	do
		err = next_in_buffer(reader, &data, lost, &reads);
	while (err == 0);

	reader->lost += *lost;
	if (err < 0)
		return err;
	reader->received++;
	iommuctl_smmuv3_words_from_le(words, data, count);
	return 0;
}

int event_reader_ask(
	struct iommuctl_event_reader *reader, struct iommuctl_smmuv3_event *event, uint64_t *lost)
{
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
	int err = ask_words(reader, words, IOMMUCTL_SMMUV3_EVENT_WORDS, lost);

	if (!err)
		iommuctl_smmuv3_event_decode(words, event);
	return err;
}

static int next_words(struct iommuctl_event_reader *reader, uint32_t type, uint64_t *words,
	size_t count, uint64_t *lost)
{
	uint64_t gone;
	int err;

	if (reader->type != type)
		return fail(reader, OP_EVENT_READER_NEXT, EINVAL, &other_type);
	err = ask_words(reader, words, count, &gone);
	if (lost)
		*lost = gone;
	if (err != -EAGAIN)
		return err;
	return fail(reader, reader->fd < 0 ? OP_EVENT_READER_NEXT : OP_VEVENTQ_READ, EAGAIN, NULL);
}

int iommuctl_event_reader_next(
	struct iommuctl_event_reader *reader, struct iommuctl_smmuv3_event *event, uint64_t *lost)
{
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
	int err;

	if (!reader || !reader->ctx)
		return -EINVAL;
	if (!event)
		return fail(reader, OP_EVENT_READER_NEXT, EINVAL, &no_event_given);
	err = next_words(
		reader, IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3, words, IOMMUCTL_SMMUV3_EVENT_WORDS, lost);
	if (!err)
		iommuctl_smmuv3_event_decode(words, event);
	return err;
}

int iommuctl_event_reader_next_cmdqv(struct iommuctl_event_reader *reader,
	struct iommuctl_smmuv3_cmdqv_event *event, uint64_t *lost)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMDQV_EVENT_WORDS];
	int err;

	if (!reader || !reader->ctx)
		return -EINVAL;
	if (!event)
		return fail(reader, OP_EVENT_READER_NEXT, EINVAL, &no_event_given);
	err = next_words(reader, IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV, words,
		IOMMUCTL_SMMUV3_CMDQV_EVENT_WORDS, lost);
	if (!err)
		iommuctl_smmuv3_cmdqv_event_decode(words, event);
	return err;
}

bool iommuctl_event_reader_holds_events(const struct iommuctl_event_reader *reader)
{
	return reader->offset < reader->length;
}

static const struct iommuctl_explanation too_much = {
	"more bytes than a reader takes at a time",
	"pass those of one packet",
};

static const struct iommuctl_explanation not_done = {
	"the reader has not handed out all that it has read",
	"call iommuctl_event_reader_next() until it returns EAGAIN",
};

int iommuctl_event_reader_feed(struct iommuctl_event_reader *reader, const void *bytes, size_t size)
{
	if (!reader || !reader->ctx)
		return -EINVAL;
	if (size > sizeof(reader->buffer))
		return fail(reader, OP_EVENT_READER_FEED, E2BIG, &too_much);
	if (iommuctl_event_reader_holds_events(reader))
		return fail(reader, OP_EVENT_READER_FEED, EBUSY, &not_done);
	memcpy(reader->buffer, bytes, size);
	reader->offset = 0;
	reader->length = size;
	return 0;
}
