/* SPDX-License-Identifier: MIT */
/* Counters of a live job: of its calls, and of what it holds. The kernel has no such counters. */
#ifndef CLI_LOOK_STATS_H
#define CLI_LOOK_STATS_H

#include <iommuctl/meter.h>

#include "job/live.h"

/* Of one IOAS. */
struct look_ioas_stats {
	const struct document_object *object;
	uint64_t mappings;
	uint64_t mapped; /* bytes */
	uint64_t pinned; /* bytes, at most: whole pages, and page tables that have no blocks */
};

/* Of one queue of page faults, in page faults. */
struct look_fault_stats {
	const struct document_object *object;
	uint64_t read;
	uint64_t waiting; /* for their answers */
	uint64_t answered;
};

/* What there is to count, at one moment. */
struct look_stats {
	const struct live *live;
	const struct iommuctl_transport *meter;
	const char *session; /* that it is of: a label of all metrics */
	struct iommuctl_meter_commands commands;
	struct look_ioas_stats *ioas;
	size_t ioas_count;
};

/* Says them as a table that fits 80 columns, or as JSON. @meter has counted the calls of @live. */
enum exit_status look_stats(const struct live *live, const struct iommuctl_transport *meter,
	const char *session, struct report *report);

/* Says them as OpenMetrics; as JSON, that text. */
enum exit_status look_openmetrics(const struct live *live, const struct iommuctl_transport *meter,
	const char *session, struct report *report);

/* -ENOMEM, which is noted. */
int look_stats_gather(struct look_stats *stats);
void look_stats_release(struct look_stats *stats);

/* How many objects of @collection are made. */
size_t look_stats_objects(const struct look_stats *stats, int collection);

/* What the collection is called in documents; NULL: there is none of it in this job. */
const char *look_stats_kind(const struct look_stats *stats, int collection);

/* The next kind of call from *@index on that has come; false: there are no more. */
bool look_stats_next_call(
	const struct look_stats *stats, size_t *index, struct iommuctl_meter_call *call);

/* Calls @each for each vEVENTQ that is made. */
void look_stats_each_queue(const struct look_stats *stats,
	void (*each)(
		const struct document_object *object, const struct live_queue *queue, void *data),
	void *data);

/* Calls @each for each queue of page faults that is made. */
void look_stats_each_fault_queue(const struct look_stats *stats,
	void (*each)(const struct look_fault_stats *queue, void *data), void *data);

#endif
