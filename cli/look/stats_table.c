// SPDX-License-Identifier: MIT
/* Counters as tables and as JSON. */
#include <inttypes.h>

#include "document/value.h"
#include "look/stats.h"
#include "output/text.h"
#include "output/wrap.h"

#define LABEL_MAX 160
#define TIME_SIZE 16

/* "3.2us": about three digits. */
static const char *print_time(double nanoseconds, char text[TIME_SIZE])
{
	static const char *const units[] = { "ns", "us", "ms", "s" };
	size_t unit = 0;

	while (nanoseconds >= 1000 && unit < 3) {
		nanoseconds /= 1000;
		unit++;
	}
	snprintf(text, TIME_SIZE, nanoseconds < 10 && unit ? "%.1f%s" : "%.0f%s", nanoseconds,
		units[unit]);
	return text;
}

/* The upper bound of the bucket that covers @part of all calls. */
static double bound_of(const struct iommuctl_meter_call *call, double part)
{
	uint64_t seen = 0;
	unsigned int bucket = 0;

	for (; bucket < IOMMUCTL_METER_BUCKETS - 1; bucket++) {
		seen += call->buckets[bucket];
		if ((double)seen >= part * (double)call->calls)
			break;
	}
	return (double)(UINT64_C(1) << bucket);
}

static void write_errors(FILE *out, const struct iommuctl_meter_call *call)
{
	for (int error = 0; error < IOMMUCTL_METER_ERRORS; error++) {
		if (call->errors[error])
			fprintf(out, "  %-30s %9s %7" PRIu64 "\n",
				error ? errno_name(error) : "another errno", "",
				call->errors[error]);
	}
}

static void write_calls(FILE *out, const struct look_stats *stats)
{
	struct iommuctl_meter_call call;
	char mean[TIME_SIZE], half[TIME_SIZE], most[TIME_SIZE];
	size_t index = 0;

	fprintf(out, "%-32s %9s %7s %7s %9s %9s\n", "CALL", "CALLS", "FAILED", "MEAN", "HALF IN",
		"99% IN");
	while (look_stats_next_call(stats, &index, &call)) {
		fprintf(out, "%-32s %9" PRIu64 " %7" PRIu64 " %7s %9s %9s\n", call.name, call.calls,
			call.failures,
			print_time((double)call.nanoseconds / (double)call.calls, mean),
			print_time(bound_of(&call, 0.5), half),
			print_time(bound_of(&call, 0.99), most));
		write_errors(out, &call);
	}
	fprintf(out, "\ninvalidation commands: issued %" PRIu64 ", refused %" PRIu64 "\n",
		stats->commands.issued, stats->commands.refused);
}

static void write_ioas(FILE *out, const struct look_stats *stats)
{
	for (size_t i = 0; i < stats->ioas_count; i++) {
		const struct look_ioas_stats *ioas = &stats->ioas[i];
		char mapped[VALUE_TEXT_SIZE], pinned[VALUE_TEXT_SIZE], label[LABEL_MAX];

		text_print(out, document_object_label(ioas->object, label, sizeof(label)), 0);
		fprintf(out, ": %s mapped (mappings: %" PRIu64 "), at most %s pinned\n",
			value_print_size(ioas->mapped, mapped), ioas->mappings,
			value_print_size(ioas->pinned, pinned));
	}
}

static void write_queue(
	const struct document_object *object, const struct live_queue *queue, void *data)
{
	char label[LABEL_MAX];

	text_print(data, document_object_label(object, label, sizeof(label)), 0);
	fprintf(data, ": events read: %" PRIu64 ", lost: %" PRIu64 ", not looked at: %zu\n",
		queue->reader.received, queue->reader.lost, queue->count);
}

static void write_fault_queue(const struct look_fault_stats *queue, void *data)
{
	char label[LABEL_MAX];

	text_print(data, document_object_label(queue->object, label, sizeof(label)), 0);
	fprintf(data,
		": page faults read: %" PRIu64 ", waiting: %" PRIu64 ", answered: %" PRIu64 "\n",
		queue->read, queue->waiting, queue->answered);
}

static void write_objects(FILE *out, const struct look_stats *stats)
{
	char text[256] = "objects:";
	const char *gap = " ";

	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		const size_t count = look_stats_objects(stats, collection);

		if (!count)
			continue;
		text_append(text, sizeof(text), "%s%s=%zu", gap, look_stats_kind(stats, collection),
			count);
		gap = ", ";
	}
	wrap_print(out, NULL, text);
}

static void write_stats(FILE *out, const void *data)
{
	const struct look_stats *stats = data;

	write_calls(out, stats);
	write_objects(out, stats);
	write_ioas(out, stats);
	look_stats_each_queue(stats, write_queue, out);
	look_stats_each_fault_queue(stats, write_fault_queue, out);
}

static json_t *buckets_to_json(const struct iommuctl_meter_call *call)
{
	json_t *buckets = json_array();

	for (unsigned int i = 0; i < IOMMUCTL_METER_BUCKETS; i++) {
		const bool has_bound = i < IOMMUCTL_METER_BUCKETS - 1;

		if (call->buckets[i])
			json_array_append_new(buckets,
				json_pack("{s:o, s:I}", "up-to-ns",
					has_bound ? json_integer((json_int_t)1 << i) : json_null(),
					"calls", (json_int_t)call->buckets[i]));
	}
	return buckets;
}

static json_t *errors_to_json(const struct iommuctl_meter_call *call)
{
	json_t *errors = json_object();

	for (int error = 0; error < IOMMUCTL_METER_ERRORS; error++) {
		if (call->errors[error])
			json_object_set_new(errors, error ? errno_name(error) : "other",
				json_integer((json_int_t)call->errors[error]));
	}
	return errors;
}

static json_t *calls_to_json(const struct look_stats *stats)
{
	struct iommuctl_meter_call call;
	json_t *calls = json_array();
	size_t index = 0;

	while (look_stats_next_call(stats, &index, &call))
		json_array_append_new(calls,
			json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}", "call", call.name, "calls",
				(json_int_t)call.calls, "failed", (json_int_t)call.failures,
				"nanoseconds", (json_int_t)call.nanoseconds, "buckets",
				buckets_to_json(&call), "errors", errors_to_json(&call)));
	return calls;
}

static json_t *ioas_to_json(const struct look_stats *stats)
{
	json_t *array = json_array();

	for (size_t i = 0; i < stats->ioas_count; i++) {
		const struct look_ioas_stats *ioas = &stats->ioas[i];
		char label[LABEL_MAX];

		json_array_append_new(array,
			json_pack("{s:o, s:I, s:I, s:I}", "object",
				text_to_json(
					document_object_label(ioas->object, label, sizeof(label))),
				"mappings", (json_int_t)ioas->mappings, "mapped-bytes",
				(json_int_t)ioas->mapped, "pinned-bytes-at-most",
				(json_int_t)ioas->pinned));
	}
	return array;
}

static void queue_to_json(
	const struct document_object *object, const struct live_queue *queue, void *data)
{
	char label[LABEL_MAX];

	json_array_append_new(data,
		json_pack("{s:o, s:I, s:I, s:I}", "object",
			text_to_json(document_object_label(object, label, sizeof(label))), "events",
			(json_int_t)queue->reader.received, "lost", (json_int_t)queue->reader.lost,
			"waiting", (json_int_t)queue->count));
}

static void fault_queue_to_json(const struct look_fault_stats *queue, void *data)
{
	char label[LABEL_MAX];

	json_array_append_new(data,
		json_pack("{s:o, s:I, s:I, s:I}", "object",
			text_to_json(document_object_label(queue->object, label, sizeof(label))),
			"faults", (json_int_t)queue->read, "waiting", (json_int_t)queue->waiting,
			"answered", (json_int_t)queue->answered));
}

static json_t *objects_to_json(const struct look_stats *stats)
{
	json_t *objects = json_object();

	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		const char *kind = look_stats_kind(stats, collection);

		if (kind)
			json_object_set_new(objects, kind,
				json_integer((json_int_t)look_stats_objects(stats, collection)));
	}
	return objects;
}

static json_t *stats_to_json(const struct look_stats *stats)
{
	json_t *queues = json_array(), *fault_queues = json_array();

	look_stats_each_queue(stats, queue_to_json, queues);
	look_stats_each_fault_queue(stats, fault_queue_to_json, fault_queues);
	return json_pack("{s:o, s:o, s:{s:I, s:I}, s:o, s:o, s:o, s:o}", "session",
		text_to_json(stats->session), "calls", calls_to_json(stats), "commands", "issued",
		(json_int_t)stats->commands.issued, "refused", (json_int_t)stats->commands.refused,
		"objects", objects_to_json(stats), "ioas", ioas_to_json(stats), "veventqs", queues,
		"fault-queues", fault_queues);
}

enum exit_status look_stats(const struct live *live, const struct iommuctl_transport *meter,
	const char *session, struct report *report)
{
	struct look_stats stats = { .live = live, .meter = meter, .session = session };
	enum exit_status status;

	if (look_stats_gather(&stats))
		return report_out_of_memory(report);
	status = report_written(report, "stats", stats_to_json(&stats), write_stats, &stats);
	look_stats_release(&stats);
	return status;
}
