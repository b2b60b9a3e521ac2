/* SPDX-License-Identifier: MIT */
/* The event queues made during a trace, and the records that they carry. */
#ifndef LIBIOMMUCTL_DECORATORS_TRACE_QUEUE_H
#define LIBIOMMUCTL_DECORATORS_TRACE_QUEUE_H

#include <pthread.h>
#include <stdbool.h>

#include "decorators/trace_fields.h"

enum trace_queue_kind {
	TRACE_QUEUE_NONE, /* any other file */
	TRACE_QUEUE_VEVENT_ARM_SMMUV3,
	TRACE_QUEUE_VEVENT_TEGRA241_CMDQV,
	TRACE_QUEUE_FAULT,
};

struct trace_queue {
	int fd;
	enum trace_queue_kind kind;
};

struct trace_queues {
	pthread_mutex_t lock;
	struct trace_queue *queues;
	size_t count;
	size_t capacity;
	size_t reserved; /* room for the queues that calls in progress may make */
};

void trace_queues_init(struct trace_queues *queues);
void trace_queues_destroy(struct trace_queues *queues);

/* Whether this ioctl makes a queue. */
bool trace_queue_is_made_by(unsigned long request);

/* Makes room for one queue, until trace_queues_release(). -ENOMEM. */
int trace_queues_reserve(struct trace_queues *queues);
void trace_queues_release(struct trace_queues *queues);

/* Sets what @fd is from now on; a queue needs room. */
void trace_queues_set(struct trace_queues *queues, int fd, enum trace_queue_kind kind);
enum trace_queue_kind trace_queues_kind(struct trace_queues *queues, int fd);

/* The kind of queue that a successful ioctl with this argument made, and its file descriptor. */
enum trace_queue_kind trace_queue_made(unsigned long request, const void *arg, int *fd);

/* Decodes what was read from a queue. */
void trace_queue_read(
	enum trace_queue_kind kind, const void *data, size_t size, struct trace_fields *out);
/* Decodes what is being written to a queue. */
void trace_queue_write(
	enum trace_queue_kind kind, const void *data, size_t size, struct trace_fields *in);

#endif
