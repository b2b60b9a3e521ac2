// SPDX-License-Identifier: MIT
/* Restores a session from what its previous holder has made. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/live/request.h"
#include "job/live/restore.h"
#include "job/live/vintf.h"
#include "output/text.h"
#include "session/holder/apply.h"
#include "session/state/state.h"
#include "session/state/bytes.h"

static enum exit_status report_bad(struct report *report, const char *object, const char *message)
{
	struct failure failure = { .error = -EINVAL, .operation = "restore" };

	failure.object = object;
	failure.message = message;
	failure_explain(&failure, NULL,
		"start the session without the stored descriptors ('systemctl clean "
		"--what=fdstore'), which releases what it held");
	return report_failure(report, &failure);
}

/* Without @bytes it is from before they were written. */
static bool read_ste(struct live *live, const struct document_object *object, const json_t *bytes)
{
	const struct job_ste *ste = ((const struct job_hwpt *)object)->ste;
	struct live_object *state = live_object(live, object);

	if (bytes)
		return state_bytes_read(bytes, state->ste, sizeof(state->ste));
	if (ste)
		memcpy(state->ste, ste->encoded, sizeof(state->ste));
	return true;
}

static bool read_tables(
	struct live *live, const struct document_object *object, const json_t *bytes)
{
	struct iommuctl_stage1 *stage1 = &live->tables.stage1[object->index];
	struct iommuctl_cd_table *cds = &live->tables.cd_tables[object->index];
	bool good = true;

	if (object->collection == JOB_STAGE1) {
		good = state_bytes_read(bytes, stage1, sizeof(*stage1));
		stage1->memory = &live->guest;
	} else if (object->collection == JOB_CD_TABLES) {
		good = state_bytes_read(bytes, cds, sizeof(*cds));
		cds->memory = &live->guest;
	} else if (object->collection == JOB_HWPTS) {
		good = read_ste(live, object, bytes);
	}
	return good;
}

/* Its pages have the same offset; the other process had its own mapping of them. */
static int restore_shown(
	struct live *live, const struct document_object *viommu, const json_t *shown)
{
	struct live_object *state = live_object(live, viommu);

	state->mmap_offset = (uint64_t)json_integer_value(json_object_get(shown, "offset"));
	state->mmap_length = (uint64_t)json_integer_value(json_object_get(shown, "length"));
	return live_vintf_map(live, viommu);
}

static enum exit_status restore_entry(
	struct session *session, const json_t *said, struct report *report)
{
	const char *label = json_string_value(json_object_get(said, "object"));
	const json_t *table = json_object_get(said, "table");
	const json_t *id = json_object_get(said, "id");
	struct live *live = &session->live;
	const struct document *document = session->job->document;
	const struct document_object *object =
		label ? document_find_labelled(document, label) : NULL;
	int err;

	if (!object)
		return report_bad(report, label, "is not an object of the state's document");
	if (!table && !read_tables(live, object, json_object_get(said, "bytes")))
		return report_bad(report, label, "was not written by this build");
	if (table)
		err = live_restore_attachment(live, object,
			json_is_string(table)
				? document_find_labelled(document, json_string_value(table))
				: NULL,
			(uint32_t)json_integer_value(json_object_get(said, "pasid")));
	else
		err = live_restore(live, object, (uint32_t)json_integer_value(id));
	if (!err && !table && object->collection == JOB_VIOMMUS)
		err = restore_shown(live, object, json_object_get(said, "mmap"));
	if (!err && !table && object->collection == JOB_DEVICES) {
		live->devices[object->index].handed_over =
			json_is_true(json_object_get(said, "handed-over"));
		live->devices[object->index].was_passed =
			json_is_true(json_object_get(said, "passed"));
		err = live_watch_device_request(live, object);
	}
	return err ? report_failure(report, &live->failure) : STATUS_DONE;
}

static enum exit_status restore_all(
	struct session *session, const json_t *alive, struct report *report)
{
	enum exit_status status = STATUS_DONE;
	size_t i;
	json_t *said;

	json_array_foreach(alive, i, said) {
		/* Each object exists once, and there is room for no more. */
		if (!status)
			status = restore_entry(session, said, report);
	}
	if (!status && live_restore_maps(&session->live))
		status = report_failure(report, &session->live.failure);
	return status;
}

enum exit_status state_restore(
	struct session *session, const char *name, const char *text, struct report *report)
{
	json_t *state = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const char *version = json_string_value(json_object_get(state, "version"));
	enum exit_status status;

	if (!version || strcmp(version, IOMMUCTL_VERSION) != 0) {
		json_decref(state);
		return report_bad(report, "state",
			"is from another version of iommuctl, or not a "
			"state");
	}
	if (!adopted_has(session->adopted, "iommufd")) {
		json_decref(state);
		return report_bad(report, "iommufd", "was not passed with the state");
	}
	status = session_open_document(session, name, json_object_get(state, "document"), report);
	if (!status)
		status = restore_all(session, json_object_get(state, "alive"), report);
	/* Leave what cannot be restored as it is: others may be using it. */
	if (status)
		session->live.entry_count = 0;
	json_decref(state);
	return status;
}
