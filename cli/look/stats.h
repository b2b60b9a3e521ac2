/* SPDX-License-Identifier: MIT */
/* Counters of a live job: its calls and its objects. The kernel has no such counters. */
#ifndef CLI_LOOK_STATS_H
#define CLI_LOOK_STATS_H

#include <iommuctl/meter.h>

#include "job/live/live.h"

/* Of one IOAS. */
struct look_ioas_stats {
	const struct document_object *object;
	uint64_t mappings;
	uint64_t mapped; /* bytes */
	uint64_t pinned; /* bytes, at most: whole pages, and page tables that have no blocks */
};

/* Of one page fault queue, in page faults. */
struct look_fault_stats {
	const struct document_object *object;
	uint64_t read;
	uint64_t waiting; /* for their answers */
	uint64_t answered;
};

/* All counters, at one moment. */
struct look_stats {
	const struct live *live;
	const struct iommuctl_transport *meter;
	const char *session; /* its name, a label of all metrics */
	struct iommuctl_meter_commands commands;
	struct look_ioas_stats *ioas;
	size_t ioas_count;
};

/* Writes them as a table that fits 80 columns, or as JSON. @meter counted the calls of @live. */
enum exit_status look_stats(const struct live *live, const struct iommuctl_transport *meter,
	const char *session, struct report *report);

/* Writes them as OpenMetrics; in JSON mode, as that text. */
enum exit_status look_openmetrics(const struct live *live, const struct iommuctl_transport *meter,
	const char *session, struct report *report);

/* Returns 0 or -ENOMEM, which is noted. */
int look_stats_gather(struct look_stats *stats);
void look_stats_release(struct look_stats *stats);

/* How many objects of @collection exist. */
size_t look_stats_objects(const struct look_stats *stats, int collection);

/* The name of the collection in documents; NULL: this job has none of it. */
const char *look_stats_kind(const struct look_stats *stats, int collection);

/* The next kind of call from *@index on that was made; false: there are no more. */
bool look_stats_next_call(
	const struct look_stats *stats, size_t *index, struct iommuctl_meter_call *call);

/* Calls @each for each existing vEVENTQ. */
void look_stats_each_queue(const struct look_stats *stats,
	void (*each)(
		const struct document_object *object, const struct live_queue *queue, void *data),
	void *data);

/* Calls @each for each existing page fault queue. */
void look_stats_each_fault_queue(const struct look_stats *stats,
	void (*each)(const struct look_fault_stats *queue, void *data), void *data);

#endif
