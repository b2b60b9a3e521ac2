// SPDX-License-Identifier: MIT
/*
 * Counters in the text format of OpenMetrics 1.0, which the textfile collector of a node exporter
 * takes as well: names in lower case, each family once with its type, unit and help.
 */
#include <inttypes.h>
#include <stddef.h>

#include "array.h"
#include "look/stats.h"
#include "output/text.h"

#define LABEL_MAX 160

/* A family of metrics, and the function that writes it. */
struct family {
	const char *name;
	const char *type;
	const char *unit; /* "": none */
	const char *help;
	void (*write)(FILE *out, const struct family *family, const struct look_stats *stats);
};

/* A label value: backslash, quote and the end of a line are escaped, and all is UTF-8. */
static void write_value(FILE *out, const char *value)
{
	char escaped[4 * LABEL_MAX];

	text_escape(value, escaped, sizeof(escaped));
	for (const char *at = escaped; *at; at++) {
		if (*at == '"' || *at == '\\')
			fputc('\\', out);
		fputc(*at, out);
	}
}

static void write_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, ",%s=\"", name);
	write_value(out, value);
	fputc('"', out);
}

/* All but the closing brace of "name_suffix{session=..." */
static void open_sample(
	FILE *out, const struct family *family, const char *suffix, const struct look_stats *stats)
{
	fprintf(out, "%s%s{session=\"", family->name, suffix);
	write_value(out, stats->session);
	fputc('"', out);
}

static void write_bound(FILE *out, unsigned int bucket)
{
	if (bucket == IOMMUCTL_METER_BUCKETS - 1)
		fputs("+Inf", out);
	else
		fprintf(out, "%.12g", (double)(UINT64_C(1) << bucket) / 1e9);
}

/*
 * The first bucket that has a line: faster than any call are left out. Then every second one,
 * because each line is a series of its own for a collector.
 */
#define FIRST_BUCKET 8

static bool has_line(unsigned int bucket)
{
	return bucket == IOMMUCTL_METER_BUCKETS - 1 || (bucket >= FIRST_BUCKET && bucket % 2 == 0);
}

static void write_histogram(FILE *out, const struct family *family, const struct look_stats *stats,
	const struct iommuctl_meter_call *call)
{
	uint64_t count = 0;

	for (unsigned int bucket = 0; bucket < IOMMUCTL_METER_BUCKETS; bucket++) {
		count += call->buckets[bucket];
		if (!has_line(bucket))
			continue;
		open_sample(out, family, "_bucket", stats);
		write_label(out, "call", call->name);
		fputs(",le=\"", out);
		write_bound(out, bucket);
		fprintf(out, "\"} %" PRIu64 "\n", count);
	}
	open_sample(out, family, "_count", stats);
	write_label(out, "call", call->name);
	fprintf(out, "} %" PRIu64 "\n", count);
	open_sample(out, family, "_sum", stats);
	write_label(out, "call", call->name);
	fprintf(out, "} %.9f\n", (double)call->nanoseconds / 1e9);
}

static void write_calls(FILE *out, const struct family *family, const struct look_stats *stats)
{
	struct iommuctl_meter_call call;
	size_t index = 0;

	while (look_stats_next_call(stats, &index, &call))
		write_histogram(out, family, stats, &call);
}

static void write_failures(FILE *out, const struct family *family, const struct look_stats *stats)
{
	struct iommuctl_meter_call call;
	size_t index = 0;

	while (look_stats_next_call(stats, &index, &call)) {
		for (int error = 0; error < IOMMUCTL_METER_ERRORS; error++) {
			if (!call.errors[error])
				continue;
			open_sample(out, family, "_total", stats);
			write_label(out, "call", call.name);
			write_label(out, "errno", error ? errno_name(error) : "other");
			fprintf(out, "} %" PRIu64 "\n", call.errors[error]);
		}
	}
}

static void write_issued(FILE *out, const struct family *family, const struct look_stats *stats)
{
	open_sample(out, family, "_total", stats);
	fprintf(out, "} %" PRIu64 "\n", stats->commands.issued);
}

static void write_refused(FILE *out, const struct family *family, const struct look_stats *stats)
{
	open_sample(out, family, "_total", stats);
	fprintf(out, "} %" PRIu64 "\n", stats->commands.refused);
}

static void write_objects(FILE *out, const struct family *family, const struct look_stats *stats)
{
	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		const char *kind = look_stats_kind(stats, collection);

		if (!kind)
			continue;
		open_sample(out, family, "", stats);
		write_label(out, "kind", kind);
		fprintf(out, "} %zu\n", look_stats_objects(stats, collection));
	}
}

static void write_mapped(FILE *out, const struct family *family, const struct look_stats *stats)
{
	for (size_t i = 0; i < stats->ioas_count; i++) {
		open_sample(out, family, "", stats);
		write_label(out, "ioas", stats->ioas[i].object->name);
		fprintf(out, "} %" PRIu64 "\n", stats->ioas[i].mapped);
	}
}

static void write_pinned(FILE *out, const struct family *family, const struct look_stats *stats)
{
	for (size_t i = 0; i < stats->ioas_count; i++) {
		open_sample(out, family, "", stats);
		write_label(out, "ioas", stats->ioas[i].object->name);
		fprintf(out, "} %" PRIu64 "\n", stats->ioas[i].pinned);
	}
}

/* One number for each vEVENTQ. */
struct queue_sample {
	FILE *out;
	const struct family *family;
	const struct look_stats *stats;
	bool lost;
};

static void write_queue(
	const struct document_object *object, const struct live_queue *queue, void *data)
{
	const struct queue_sample *sample = data;

	open_sample(sample->out, sample->family, "_total", sample->stats);
	write_label(sample->out, "veventq", object->name);
	fprintf(sample->out, "} %" PRIu64 "\n",
		sample->lost ? queue->reader.lost : queue->reader.received);
}

static void write_events(FILE *out, const struct family *family, const struct look_stats *stats)
{
	struct queue_sample sample = { out, family, stats, false };

	look_stats_each_queue(stats, write_queue, &sample);
}

static void write_lost(FILE *out, const struct family *family, const struct look_stats *stats)
{
	struct queue_sample sample = { out, family, stats, true };

	look_stats_each_queue(stats, write_queue, &sample);
}

/* One number for each page fault queue. */
struct fault_sample {
	FILE *out;
	const struct family *family;
	const struct look_stats *stats;
	const char *suffix;
	size_t member; /* of struct look_fault_stats */
};

static void write_fault_queue(const struct look_fault_stats *queue, void *data)
{
	const struct fault_sample *sample = data;

	open_sample(sample->out, sample->family, sample->suffix, sample->stats);
	write_label(sample->out, "fault_queue", queue->object->name);
	fprintf(sample->out, "} %" PRIu64 "\n",
		*(const uint64_t *)((const char *)queue + sample->member));
}

static void write_faults(FILE *out, const struct family *family, const struct look_stats *stats)
{
	struct fault_sample sample = { out, family, stats, "_total",
		offsetof(struct look_fault_stats, read) };

	look_stats_each_fault_queue(stats, write_fault_queue, &sample);
}

static void write_answered(FILE *out, const struct family *family, const struct look_stats *stats)
{
	struct fault_sample sample = { out, family, stats, "_total",
		offsetof(struct look_fault_stats, answered) };

	look_stats_each_fault_queue(stats, write_fault_queue, &sample);
}

static void write_waiting(FILE *out, const struct family *family, const struct look_stats *stats)
{
	struct fault_sample sample = { out, family, stats, "",
		offsetof(struct look_fault_stats, waiting) };

	look_stats_each_fault_queue(stats, write_fault_queue, &sample);
}

static const struct family families[] = {
	{ "iommuctl_call_seconds", "histogram", "seconds",
		"Duration of calls to the kernel, by call.", write_calls },
	{ "iommuctl_call_failures", "counter", "", "Calls to the kernel that failed, by errno.",
		write_failures },
	{ "iommuctl_commands_issued", "counter", "",
		"Invalidation commands that were passed to the kernel.", write_issued },
	{ "iommuctl_commands_refused", "counter", "",
		"Invalidation commands that the kernel has not handled.", write_refused },
	{ "iommuctl_objects", "gauge", "", "Existing objects, by kind.", write_objects },
	{ "iommuctl_mapped_bytes", "gauge", "bytes", "Memory that an IOAS maps.", write_mapped },
	{ "iommuctl_pinned_bytes", "gauge", "bytes",
		"The most memory that an IOAS can pin: its pages, and page tables without blocks.",
		write_pinned },
	{ "iommuctl_events", "counter", "", "Events that were read from a vEVENTQ.", write_events },
	{ "iommuctl_events_lost", "counter", "", "Events that a vEVENTQ had no room for.",
		write_lost },
	{ "iommuctl_page_faults", "counter", "", "Page faults that were read from a queue.",
		write_faults },
	{ "iommuctl_page_faults_answered", "counter", "", "Page faults that were answered.",
		write_answered },
	{ "iommuctl_page_faults_waiting", "gauge", "", "Page faults that wait for their answers.",
		write_waiting },
};

static void write_families(FILE *out, const void *data)
{
	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		const struct family *family = &families[i];

		fprintf(out, "# TYPE %s %s\n", family->name, family->type);
		if (*family->unit)
			fprintf(out, "# UNIT %s %s\n", family->name, family->unit);
		fprintf(out, "# HELP %s %s\n", family->name, family->help);
		family->write(out, family, data);
	}
	fputs("# EOF\n", out);
}

enum exit_status look_openmetrics(const struct live *live, const struct iommuctl_transport *meter,
	const char *session, struct report *report)
{
	struct look_stats stats = { .live = live, .meter = meter, .session = session };
	enum exit_status status;

	if (look_stats_gather(&stats))
		return report_out_of_memory(report);
	status = report_written(report, "openmetrics", NULL, write_families, &stats);
	look_stats_release(&stats);
	return status;
}
