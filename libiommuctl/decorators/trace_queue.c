// SPDX-License-Identifier: MIT
#include "decorators/trace_queue.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/smmuv3_event.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/tegra241_cmdqv.h"
#include "core/text.h"

void trace_queues_init(struct trace_queues *queues)
{
	*queues = (struct trace_queues){ .lock = PTHREAD_MUTEX_INITIALIZER };
}

void trace_queues_destroy(struct trace_queues *queues)
{
	pthread_mutex_destroy(&queues->lock);
	free(queues->queues);
}

static size_t find_queue(const struct trace_queues *queues, int fd)
{
	size_t i;

	for (i = 0; i < queues->count; i++)
		if (queues->queues[i].fd == fd)
			break;
	return i;
}

static void set_locked(struct trace_queues *queues, int fd, enum trace_queue_kind kind)
{
	size_t index = find_queue(queues, fd);

	if (kind == TRACE_QUEUE_NONE) {
		if (index < queues->count)
			queues->queues[index] = queues->queues[--queues->count];
		return;
	}
	if (index == queues->count)
		queues->count++;
	queues->queues[index] = (struct trace_queue){ .fd = fd, .kind = kind };
}

static int reserve_locked(struct trace_queues *queues)
{
	size_t needed = queues->count + queues->reserved + 1;
	struct trace_queue *grown;

	if (needed > queues->capacity) {
		grown = reallocarray(queues->queues, needed * 2, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		queues->queues = grown;
		queues->capacity = needed * 2;
	}
	queues->reserved++;
	return 0;
}

int trace_queues_reserve(struct trace_queues *queues)
{
	int err;

	pthread_mutex_lock(&queues->lock);
	err = reserve_locked(queues);
	pthread_mutex_unlock(&queues->lock);
	return err;
}

void trace_queues_release(struct trace_queues *queues)
{
	pthread_mutex_lock(&queues->lock);
	queues->reserved--;
	pthread_mutex_unlock(&queues->lock);
}

void trace_queues_set(struct trace_queues *queues, int fd, enum trace_queue_kind kind)
{
	pthread_mutex_lock(&queues->lock);
	set_locked(queues, fd, kind);
	pthread_mutex_unlock(&queues->lock);
}

enum trace_queue_kind trace_queues_kind(struct trace_queues *queues, int fd)
{
	enum trace_queue_kind kind;
	size_t index;

	pthread_mutex_lock(&queues->lock);
	index = find_queue(queues, fd);
	kind = index < queues->count ? queues->queues[index].kind : TRACE_QUEUE_NONE;
	pthread_mutex_unlock(&queues->lock);
	return kind;
}

static enum trace_queue_kind vevent_kind(uint32_t type)
{
	switch (type) {
	case ABI_VEVENTQ_TYPE_ARM_SMMUV3: return TRACE_QUEUE_VEVENT_ARM_SMMUV3;
	case ABI_VEVENTQ_TYPE_TEGRA241_CMDQV: return TRACE_QUEUE_VEVENT_TEGRA241_CMDQV;
	default: return TRACE_QUEUE_NONE;
	}
}

bool trace_queue_is_made_by(unsigned long request)
{
	return request == ABI_VEVENTQ_ALLOC || request == ABI_FAULT_QUEUE_ALLOC;
}

enum trace_queue_kind trace_queue_made(unsigned long request, const void *arg, int *fd)
{
	struct abi_veventq_alloc veventq;
	struct abi_fault_alloc fault;

	if (request == ABI_VEVENTQ_ALLOC) {
		memcpy(&veventq, arg, sizeof(veventq));
		*fd = (int)veventq.out_veventq_fd;
		return vevent_kind(veventq.type);
	}
	if (request == ABI_FAULT_QUEUE_ALLOC) {
		memcpy(&fault, arg, sizeof(fault));
		*fd = (int)fault.out_fault_fd;
		return TRACE_QUEUE_FAULT;
	}
	return TRACE_QUEUE_NONE;
}

static void add_event(struct text *text, const char *data)
{
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];
	struct iommuctl_smmuv3_event event;
	size_t used = text->length < text->size ? text->length : text->size;

	iommuctl_smmuv3_words_from_le(words, data, IOMMUCTL_SMMUV3_EVENT_WORDS);
	iommuctl_smmuv3_event_decode(words, &event);
	text->length += iommuctl_smmuv3_event_print(&event, text->at + used, text->size - used);
}

static void add_error_map(struct text *text, const char *data)
{
	uint64_t map[2];

	iommuctl_smmuv3_words_from_le(map, data, 2);
	text_add(text, "LVCMDQ_ERR_MAP=0x%016" PRIx64 "%016" PRIx64, map[1], map[0]);
}

/* A header, and the record that follows unless events were lost: their size, 0 if it is cut. */
static size_t add_vevent(
	enum trace_queue_kind kind, const char *data, size_t size, struct trace_fields *out)
{
	size_t record_size = kind == TRACE_QUEUE_VEVENT_ARM_SMMUV3
				     ? sizeof(struct abi_vevent_arm_smmuv3)
				     : sizeof(struct abi_vevent_tegra241_cmdqv);
	struct abi_vevent_header header;
	struct text text = { 0 };

	memcpy(&header, data, sizeof(header));
	if (header.flags & ABI_VEVENTQ_FLAG_LOST_EVENTS)
		record_size = 0;
	if (size < sizeof(header) + record_size)
		return 0;
	text.at = trace_text_room(out, &text.size);
	text_add(&text, "sequence=%" PRIu32 " ", header.sequence);
	if (!record_size)
		text_add(&text, "LOST_EVENTS");
	else if (kind == TRACE_QUEUE_VEVENT_ARM_SMMUV3)
		add_event(&text, data + sizeof(header));
	else
		add_error_map(&text, data + sizeof(header));
	trace_add_printed(out, "event", text.length);
	return sizeof(header) + record_size;
}

static void read_vevents(
	enum trace_queue_kind kind, const char *data, size_t size, struct trace_fields *out)
{
	size_t shown = 0;

	while (size >= sizeof(struct abi_vevent_header) && shown < TRACE_ITEMS_MAX) {
		size_t taken = add_vevent(kind, data, size, out);

		if (!taken)
			break;
		data += taken;
		size -= taken;
		shown++;
	}
	if (size)
		trace_add_value(out, "more_bytes", IOMMUCTL_TRACE_DECIMAL, size);
}

static void read_faults(const char *data, size_t size, struct trace_fields *out)
{
	struct abi_hwpt_pgfault fault;
	size_t count = size / sizeof(fault);
	size_t shown;

	for (shown = 0; shown < count && shown < TRACE_ITEMS_MAX; shown++) {
		memcpy(&fault, data + shown * sizeof(fault), sizeof(fault));
		trace_add_text(out, "fault",
			"cookie=%" PRIu32 " dev_id=%" PRIu32 " pasid=%" PRIu32 " grpid=%" PRIu32
			" perm=%s%s%s%s addr=0x%" PRIx64 " length=%" PRIu32 "%s%s",
			fault.cookie, fault.dev_id, fault.pasid, fault.grpid,
			fault.perm & ABI_PGFAULT_PERM_READ ? "R" : "-",
			fault.perm & ABI_PGFAULT_PERM_WRITE ? "W" : "-",
			fault.perm & ABI_PGFAULT_PERM_EXEC ? "X" : "-",
			fault.perm & ABI_PGFAULT_PERM_PRIV ? "P" : "-", (uint64_t)fault.addr,
			fault.length,
			fault.flags & ABI_PGFAULT_FLAGS_PASID_VALID ? " PASID_VALID" : "",
			fault.flags & ABI_PGFAULT_FLAGS_LAST_PAGE ? " LAST_PAGE" : "");
	}
	trace_add_more(out, count - shown);
}

void trace_queue_read(
	enum trace_queue_kind kind, const void *data, size_t size, struct trace_fields *out)
{
	switch (kind) {
	case TRACE_QUEUE_VEVENT_ARM_SMMUV3:
	case TRACE_QUEUE_VEVENT_TEGRA241_CMDQV: read_vevents(kind, data, size, out); break;
	case TRACE_QUEUE_FAULT: read_faults(data, size, out); break;
	case TRACE_QUEUE_NONE: break;
	}
}

void trace_queue_write(
	enum trace_queue_kind kind, const void *data, size_t size, struct trace_fields *in)
{
	struct abi_hwpt_page_response response;
	size_t count = size / sizeof(response);
	size_t shown;

	if (kind != TRACE_QUEUE_FAULT)
		return;
	for (shown = 0; shown < count && shown < TRACE_ITEMS_MAX; shown++) {
		memcpy(&response, (const char *)data + shown * sizeof(response), sizeof(response));
		trace_add_text(in, "response", "cookie=%" PRIu32 " %s", response.cookie,
			response.code == ABI_PAGE_RESP_SUCCESS	 ? "SUCCESS"
			: response.code == ABI_PAGE_RESP_INVALID ? "INVALID"
								 : "unknown code");
	}
	trace_add_more(in, count - shown);
}
