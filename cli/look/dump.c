// SPDX-License-Identifier: MIT
#include "look/dump.h"

#include <errno.h>
#include <inttypes.h>

#include "look/dumper.h"
#include "look/live_tables.h"
#include "output/text.h"

/* Bounds on entries: for a file as many as somebody may wait for, for a live job far fewer. */
#define LOOKS_AT_FILE (UINT64_C(1) << 24)
#define LOOKS_AT_LIVE (UINT64_C(1) << 20)

static struct dumper dumper_for(struct report *report, uint64_t limit, uint64_t looks)
{
	return (struct dumper){
		.report = report,
		.results_left = limit ? limit : LOOK_DUMP_LIMIT,
		.looks_left = looks,
	};
}

static void dump_device(struct dumper *dumper, const struct live *live,
	const struct document_object *device, struct look_tables *tables)
{
	const struct document_object *table = live->devices[device->index].table;
	const struct job_hwpt *hwpt = table ? look_nested_hwpt(table) : NULL;
	char place[LOOK_LABEL_SIZE], label[LOOK_LABEL_SIZE] = "of ";

	if (!hwpt || look_tables_open(live, look_ioas_of(table), tables))
		return;
	dumper->memory = &tables->memory;
	document_object_label(device, dumper->subject, sizeof(dumper->subject));
	text_append(label, sizeof(label), "%s", document_object_label(table, place, sizeof(place)));
	dumper_ste(
		dumper, live_object(live, &hwpt->object)->ste, IOMMUCTL_SMMUV3_NESTED_WORDS, label);
	look_tables_close(tables);
}

enum exit_status look_dump(
	const struct live *live, const struct look_dump_args *args, struct report *report)
{
	struct dumper dumper = dumper_for(report, args->limit, LOOKS_AT_LIVE);
	struct look_tables tables;

	dumper.has_ssid = args->has_ssid;
	dumper.ssid = args->ssid;
	for (size_t i = 0; i < live->job->objects[JOB_DEVICES].count; i++) {
		const struct document_object *device =
			document_object_at(live->job->document, JOB_DEVICES, i);

		if (!args->device || args->device == device)
			dump_device(&dumper, live, device, &tables);
	}
	dumper_finish(&dumper);
	return STATUS_DONE;
}

/* The first StreamID after those that are unreadable together with @sid. */
static uint64_t next_block(const struct iommuctl_stream_table_shape *shape, uint64_t sid)
{
	return shape->split ? ((sid >> shape->split) + 1) << shape->split : UINT64_MAX;
}

/* Returns the next StreamID. */
static uint64_t dump_sid(
	struct dumper *dumper, const struct iommuctl_stream_table_shape *shape, uint64_t sid)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], ipa;
	char place[48] = "";
	int err;

	dumper->subject[0] = '\0';
	text_append(dumper->subject, sizeof(dumper->subject), "StreamID 0x%" PRIx64, sid);
	err = iommuctl_stream_table_read(dumper->memory, shape, (uint32_t)sid, words, &ipa, NULL);
	if (err == -EFAULT)
		dumper_say_bad(dumper, "stream table", ipa, "it is not in guest memory");
	if (err)
		return next_block(shape, sid);
	text_append(place, sizeof(place), "at 0x%" PRIx64, ipa);
	dumper_ste(dumper, words, IOMMUCTL_SMMUV3_STE_WORDS, place);
	return sid + 1;
}

enum exit_status look_dump_file(const struct look_dump_file_args *args, struct report *report)
{
	struct dumper dumper = dumper_for(report, args->limit, LOOKS_AT_FILE);
	const uint64_t end = UINT64_C(1) << args->shape.log2size;

	dumper.memory = args->memory;
	dumper.has_ssid = args->has_ssid;
	dumper.ssid = args->ssid;
	if (args->has_sid)
		dump_sid(&dumper, &args->shape, args->sid);
	for (uint64_t sid = 0; !args->has_sid && sid < end && dumper_look(&dumper);)
		sid = dump_sid(&dumper, &args->shape, sid);
	dumper_finish(&dumper);
	return STATUS_DONE;
}
