// SPDX-License-Identifier: MIT
/*
 * Packets of events from any program in place of a VMM, and the kernel's data, passed on: a packet is refused, or lies
 * within the received bytes; the reader of its events ends; data that is passed on decodes to what was encoded.
 */
#include <errno.h>

#include <iommuctl/iommuctl.h>

#include "input.h"
#include "transport.h"

#define PACKETS	   16
#define FAULTS_MAX 50 /* of one packet */
#define EVENTS_MAX (IOMMUCTL_EVENT_TAP_DATA_MAX / 4)

struct received {
	unsigned char bytes[IOMMUCTL_EVENT_TAP_PACKET_MAX];
	size_t size;
	unsigned int count;
	struct input *input;
};

/* Where it has no room, or what came. */
static int receive(void *data, const void *packet, size_t size)
{
	struct received *received = data;

	require(size <= sizeof(received->bytes));
	if (!(input_u8(received->input) & 7))
		return -EAGAIN;
	memcpy(received->bytes, packet, size);
	received->size = size;
	received->count++;
	return 0;
}

static void read_events(struct iommuctl_event_reader *reader, const void *bytes, size_t size)
{
	struct iommuctl_smmuv3_event event;
	unsigned int count = 0;
	uint64_t lost;
	int err = iommuctl_event_reader_feed(reader, bytes, size);

	require(!err || err == -EBUSY);
	while (!err) {
		err = iommuctl_event_reader_next(reader, &event, &lost);
		require(!err || err == -EAGAIN || err == -EPROTO);
		require(count++ <= EVENTS_MAX);
	}
}

static void take_packet(
	struct iommuctl_event_reader *reader, const unsigned char *bytes, size_t size)
{
	struct iommuctl_event_packet packet;
	const unsigned char *data;

	if (iommuctl_event_tap_parse(bytes, size, &packet))
		return;
	data = packet.data;
	require(packet.size && packet.size <= IOMMUCTL_EVENT_TAP_DATA_MAX);
	require(data >= bytes && data + packet.size <= bytes + size);
	require(*packet.queue &&
		strnlen(packet.queue, sizeof(packet.queue)) < sizeof(packet.queue));
	if (packet.kind == IOMMUCTL_EVENT_TAP_EVENTS)
		read_events(reader, data, packet.size);
	else
		require(packet.kind == IOMMUCTL_EVENT_TAP_FAULTS &&
			packet.size % sizeof(struct iommuctl_pgfault) == 0);
}

/* Mostly with a header that is right except for a byte or two. */
static void make_packet(struct input *input, struct iommuctl_event_reader *reader)
{
	const unsigned char header[] = { 'I', 'T', 'A', 'P', 1, 0, 1, 0, 1, 0, 0, 0 };
	const size_t size = input_u32(input) % (IOMMUCTL_EVENT_TAP_PACKET_MAX + 2);
	unsigned char *bytes = malloc(size + 1);
	const uint8_t kind = input_u8(input);

	require(bytes);
	input_bytes(input, bytes, size);
	if (kind & 1 && size > 64) {
		const uint32_t length = (uint32_t)size - 64;

		memcpy(bytes, header, sizeof(header));
		bytes[6] = kind & 2 ? 2 : 1;
		memcpy(bytes + 12, &length, sizeof(length));
		memset(bytes + 56, 0, 8);
	}
	if (kind & 4 && size)
		bytes[input_u32(input) % size] ^= kind;
	take_packet(reader, bytes, size);
	free(bytes);
}

static void hand_on(
	struct input *input, struct iommuctl_event_tap *tap, const struct received *received)
{
	struct iommuctl_pgfault faults[FAULTS_MAX];
	const unsigned int before = received->count;
	struct iommuctl_event_packet packet;
	const size_t count = input_u8(input) % (FAULTS_MAX + 1);

	input_bytes(input, faults, count * sizeof(faults[0]));
	if (input_u8(input) & 1)
		iommuctl_event_tap_put_faults(tap, "faults", faults, count);
	else
		iommuctl_event_tap_put_events(
			tap, "events", input_u32(input), faults, count * sizeof(faults[0]));
	if (received->count == before)
		return;
	require(!iommuctl_event_tap_parse(received->bytes, received->size, &packet));
	require(packet.size == count * sizeof(faults[0]));
	require(!memcmp(faults, packet.data, packet.size));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct script script;
	static struct iommuctl *ctx;
	struct input input = { data, size };
	struct received received = { .input = &input };
	struct iommuctl_event_watcher watcher = { .send = receive, .data = &received };
	struct iommuctl_event_reader reader;
	struct iommuctl_event_tap tap = { NULL };

	if (!ctx)
		ctx = script_context(&script);
	iommuctl_event_reader_init(&reader, ctx, -1);
	iommuctl_event_tap_add(&tap, &watcher);
	for (unsigned int i = 0; i < PACKETS && input.left; i++) {
		if (input_u8(&input) & 1)
			hand_on(&input, &tap, &received);
		else
			make_packet(&input, &reader);
	}
	iommuctl_event_tap_remove(&tap, &watcher);
	require(!tap.watchers);
	return 0;
}
