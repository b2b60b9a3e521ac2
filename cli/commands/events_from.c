// SPDX-License-Identifier: MIT
/* Events that a VMM has read and forwards through a socket that it listens on. */
#include "commands/events_from.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <iommuctl/event_tap.h>

#include "array.h"
#include "commands/idle_timeout.h"
#include "commands/look_common.h"
#include "job/interrupt.h"
#include "output/text.h"
#include "session/holder/follow.h"

/* A VMM has a queue for each SMMU of its guest; more are not believed. */
#define QUEUES_MAX 64

struct queue {
	char name[IOMMUCTL_EVENT_TAP_NAME_SIZE];
	bool joins; /* nothing has been taken from it yet */
	struct iommuctl_event_reader reader;
};

struct from {
	struct report *report;
	const char *path;
	int fd;
	struct interrupt interrupt;
	struct cli_context context;
	struct queue *queues;
	size_t count;
	struct event_log *log;
	struct follow follow;
	struct failure failure;
	bool ended; /* by the VMM, a signal or our reader */
};

/* @remedy: NULL: none is known. */
static int fail(struct from *from, int error, const char *text, const char *remedy)
{
	failure_set(&from->failure, error, "%s", text);
	failure_explain(&from->failure, NULL, remedy);
	from->failure.operation = "watch";
	from->failure.object = from->path;
	return error;
}

static int fail_protocol(struct from *from)
{
	return fail(from, -EPROTO, "this is not a packet of events", "does a VMM listen there?");
}

/* NULL: there are too many. */
static struct queue *find_queue(struct from *from, const char *name, uint32_t type)
{
	struct queue *queue = from->queues;

	while (queue < from->queues + from->count && strcmp(queue->name, name) != 0)
		queue++;
	if (queue < from->queues + from->count)
		return queue;
	if (from->count == QUEUES_MAX)
		return NULL;
	from->count++;
	*queue = (struct queue){ .joins = true };
	memcpy(queue->name, name, strlen(name) + 1);
	iommuctl_event_reader_init_typed(&queue->reader, from->context.ctx, -1, type);
	return queue;
}

/* Events lost before we connected are not ours to count. */
static void join(struct queue *queue, const struct iommuctl_event_packet *packet)
{
	struct iommuctl_vevent first;
	size_t offset = 0;

	if (queue->joins &&
		!iommuctl_vevent_next(packet->type, packet->data, packet->size, &offset, &first))
		queue->reader.expected = first.sequence;
	queue->joins = false;
}

static int take_events(struct from *from, const struct iommuctl_event_packet *packet)
{
	const bool is_cmdqv = packet->type == IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV;
	struct queue *queue;
	struct live_event event;
	int err = 0;

	/* The words of other queues are unknown. */
	if (!is_cmdqv && packet->type != IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3)
		return 0;
	queue = find_queue(from, packet->queue, packet->type);
	if (!queue)
		return fail_protocol(from);
	join(queue, packet);
	err = iommuctl_event_reader_feed(&queue->reader, packet->data, packet->size);
	while (!err) {
		err = live_event_read(&queue->reader, is_cmdqv, &event);
		if (!err || (event.is_loss && event.lost))
			event_log_next(from->log, queue->name)->event = event;
	}
	return err == -EAGAIN ? 0 : fail_protocol(from);
}

static int take_faults(struct from *from, const struct iommuctl_event_packet *packet)
{
	const size_t count = packet->size / sizeof(struct iommuctl_pgfault);

	for (size_t i = 0; i < count; i++) {
		struct event_record *record = event_log_next(from->log, packet->queue);

		record->is_fault = true;
		record->fault = (struct page_fault){ .device = record->device };
		memcpy(&record->fault.fault,
			(const char *)packet->data + i * sizeof(record->fault.fault),
			sizeof(record->fault.fault));
		record->dropped = i ? 0 : packet->dropped;
	}
	return 0;
}

/* A packet has fewer events than the log keeps, so all are shown before they are dropped. */
static int take_packet(struct from *from)
{
	unsigned char bytes[IOMMUCTL_EVENT_TAP_PACKET_MAX + 1];
	struct iommuctl_event_packet packet;
	ssize_t got = recv(from->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got < 0 && errno != ECONNRESET)
		return fail(from, -errno, strerror(errno), NULL);
	from->ended = got <= 0;
	if (from->ended)
		return 0;
	if (iommuctl_event_tap_parse(bytes, (size_t)got, &packet))
		return fail_protocol(from);
	return packet.kind == IOMMUCTL_EVENT_TAP_EVENTS ? take_events(from, &packet)
							: take_faults(from, &packet);
}

/* Until --count or --idle-timeout, the VMM or a signal ends it. */
static int follow(struct from *from)
{
	struct pollfd files[] = {
		{ .fd = from->fd, .events = POLLIN },
		{ .fd = from->interrupt.fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO }, /* polled for the error of a reader that has gone */
	};
	int err = 0;

	while (!err) {
		if (poll(files, ARRAY_SIZE(files), follow_time_left(&from->follow)) < 0 &&
			errno != EINTR)
			return fail(from, -errno, strerror(errno), NULL);
		if (files[0].revents)
			err = take_packet(from);
		from->ended |= interrupt_take(&from->interrupt) != 0 ||
			       files[2].revents & (POLLERR | POLLNVAL);
		from->follow.waits = !from->ended;
		if (!err && follow_say(&from->follow, from->log, from->report))
			return 0;
		report_flush(from->report);
	}
	return err;
}

static int reach(struct from *from)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(from->path);

	if (length >= sizeof(address.sun_path))
		return fail(from, -ENAMETOOLONG, "the path is too long for a socket", NULL);
	memcpy(address.sun_path, from->path, length + 1);
	from->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (from->fd < 0)
		return fail(from, -errno, strerror(errno), NULL);
	if (!connect(from->fd, (const struct sockaddr *)&address, sizeof(address)))
		return 0;
	if (errno == ECONNREFUSED || errno == ENOENT)
		return fail(from, -errno, "nobody listens there",
			"start the VMM with the option that makes it forward events");
	if (errno == EPROTOTYPE)
		return fail(from, -errno, "it is not a SOCK_SEQPACKET socket", NULL);
	return fail(from, -errno, strerror(errno), NULL);
}

static enum exit_status run(struct from *from)
{
	int err = reach(from);

	if (!err && interrupt_watch(&from->interrupt))
		err = fail(from, -errno, "cannot wait for signals", NULL);
	if (err)
		return report_failure(from->report, &from->failure);
	follow_begin(&from->follow);
	report_note(from->report, "following events of %s; Ctrl-C ends it", from->path);
	err = follow(from);
	interrupt_unwatch(&from->interrupt);
	return err ? report_failure(from->report, &from->failure)
		   : follow_end(&from->follow, from->report);
}

static enum exit_status read_options(const struct invocation *invocation, struct follow *follow)
{
	const char *queue = invocation_option(invocation, "queue");
	enum exit_status status;
	uint64_t idle = 0;
	bool given;

	if (!invocation_option(invocation, "follow"))
		return report_usage(
			invocation->report, "--from requires --follow: a VMM keeps no past events");
	if (invocation_option(invocation, "since"))
		return report_usage(invocation->report,
			"--since and --from are mutually exclusive: a VMM keeps no past events");
	if (invocation->session)
		return report_exclusive(invocation->report, "session", "from");
	status = look_number_read(invocation, "count", FOLLOW_COUNT_MAX, &given, &follow->left);
	if (!status)
		status = idle_timeout_read(invocation, &idle);
	follow->idle_ms = (int64_t)idle;
	if (queue)
		text_append(follow->queue, sizeof(follow->queue), "%s", queue);
	return status;
}

enum exit_status events_from(struct invocation *invocation)
{
	struct from from = {
		.report = invocation->report,
		.path = invocation_option(invocation, "from"),
		.fd = -1,
		.follow = { .next = 1, .waits = true, .json = invocation->report->json },
	};
	enum exit_status status = read_options(invocation, &from.follow);

	if (!status)
		status = cli_context_open(&from.context, invocation, NULL);
	if (status)
		return status;
	from.queues = calloc(QUEUES_MAX, sizeof(*from.queues));
	from.log = calloc(1, sizeof(*from.log));
	status = from.queues && from.log ? run(&from) : report_out_of_memory(from.report);
	if (from.fd >= 0)
		close(from.fd);
	free(from.log);
	free(from.queues);
	cli_context_close(&from.context);
	return status;
}
