// SPDX-License-Identifier: MIT
/* Packets for watchers of a VMM's queues. */
#include <iommuctl/event_tap.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define MAGIC	0x50415449u /* "ITAP" */
#define VERSION 1

/* Both ends are on one machine: numbers are in its byte order. */
struct header {
	uint32_t magic;
	uint16_t version;
	uint16_t kind;
	uint32_t type;
	uint32_t size; /* of the data after the header */
	uint64_t dropped;
	char queue[IOMMUCTL_EVENT_TAP_NAME_SIZE];
	uint64_t reserved; /* 0 */
};

#define FAULTS_MAX (IOMMUCTL_EVENT_TAP_DATA_MAX / sizeof(struct iommuctl_pgfault))

_Static_assert(sizeof(struct header) == 64, "");
_Static_assert(
	sizeof(struct header) + IOMMUCTL_EVENT_TAP_DATA_MAX == IOMMUCTL_EVENT_TAP_PACKET_MAX, "");

void iommuctl_event_tap_add(struct iommuctl_event_tap *tap, struct iommuctl_event_watcher *watcher)
{
	watcher->dropped = 0;
	watcher->next = tap->watchers;
	tap->watchers = watcher;
}

void iommuctl_event_tap_remove(
	struct iommuctl_event_tap *tap, struct iommuctl_event_watcher *watcher)
{
	struct iommuctl_event_watcher **link = &tap->watchers;

	while (*link && *link != watcher)
		link = &(*link)->next;
	if (*link)
		*link = watcher->next;
}

/*
 * A packet, and how many page faults are lost with it; lost events show in their sequence numbers.
 */
struct parcel {
	struct header header;
	unsigned char data[IOMMUCTL_EVENT_TAP_DATA_MAX];
	size_t count;
};

static void fill(struct parcel *parcel, const char *queue, enum iommuctl_event_tap_kind kind,
	const void *data, size_t size)
{
	parcel->header = (struct header){
		.magic = MAGIC,
		.version = VERSION,
		.kind = (uint16_t)kind,
		.size = size <= sizeof(parcel->data) ? (uint32_t)size : UINT32_MAX,
	};
	memcpy(parcel->header.queue, queue, strnlen(queue, sizeof(parcel->header.queue) - 1));
	if (size <= sizeof(parcel->data))
		memcpy(parcel->data, data, size);
}

static void give(struct iommuctl_event_tap *tap, struct parcel *parcel)
{
	const bool fits = parcel->header.size <= sizeof(parcel->data);
	const size_t size = sizeof(parcel->header) + parcel->header.size;
	struct iommuctl_event_watcher *watcher, *next;

	for (watcher = tap->watchers; watcher; watcher = next) {
		next = watcher->next;
		parcel->header.dropped = watcher->dropped;
		watcher->dropped += parcel->count;
		/* A watcher may remove itself when it fails. */
		if (fits && !watcher->send(watcher->data, parcel, size))
			watcher->dropped = 0;
	}
}

void iommuctl_event_tap_put_events(struct iommuctl_event_tap *tap, const char *queue, uint32_t type,
	const void *bytes, size_t size)
{
	struct parcel parcel;

	if (!tap->watchers || !size)
		return;
	fill(&parcel, queue, IOMMUCTL_EVENT_TAP_EVENTS, bytes, size);
	parcel.header.type = type;
	parcel.count = 0;
	give(tap, &parcel);
}

void iommuctl_event_tap_put_faults(struct iommuctl_event_tap *tap, const char *queue,
	const struct iommuctl_pgfault *faults, size_t count)
{
	struct parcel parcel;

	while (tap->watchers && count) {
		parcel.count = count < FAULTS_MAX ? count : FAULTS_MAX;
		fill(&parcel, queue, IOMMUCTL_EVENT_TAP_FAULTS, faults,
			parcel.count * sizeof(*faults));
		give(tap, &parcel);
		faults += parcel.count;
		count -= parcel.count;
	}
}

static bool is_name(const char queue[IOMMUCTL_EVENT_TAP_NAME_SIZE])
{
	static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				      "0123456789.:_-";
	const size_t length = strnlen(queue, IOMMUCTL_EVENT_TAP_NAME_SIZE);

	return length && length < IOMMUCTL_EVENT_TAP_NAME_SIZE && strspn(queue, letters) == length;
}

static bool has_whole_data(const struct header *header)
{
	if (!header->size || header->size > IOMMUCTL_EVENT_TAP_DATA_MAX)
		return false;
	if (header->kind == IOMMUCTL_EVENT_TAP_FAULTS)
		return header->size % sizeof(struct iommuctl_pgfault) == 0;
	return header->kind == IOMMUCTL_EVENT_TAP_EVENTS;
}

int iommuctl_event_tap_parse(const void *bytes, size_t size, struct iommuctl_event_packet *packet)
{
	struct header header;

	if (size < sizeof(header))
		return -EPROTO;
	memcpy(&header, bytes, sizeof(header));
	if (header.magic != MAGIC || header.version != VERSION || header.reserved ||
		header.size != size - sizeof(header) || !has_whole_data(&header) ||
		!is_name(header.queue))
		return -EPROTO;
	*packet = (struct iommuctl_event_packet){
		.kind = (enum iommuctl_event_tap_kind)header.kind,
		.type = header.type,
		.dropped = header.dropped,
		.data = (const unsigned char *)bytes + sizeof(header),
		.size = header.size,
	};
	memcpy(packet->queue, header.queue, sizeof(packet->queue));
	return 0;
}
