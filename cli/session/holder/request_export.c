// SPDX-License-Identifier: MIT
/* The request that hands files and IDs over. */
#include <errno.h>
#include <string.h>

#include "job/handover/live.h"
#include "job/live/vintf.h"
#include "output/text.h"
#include "session/holder/reclaim.h"
#include "session/holder/request.h"
#include "session/state/store.h"

struct export_name {
	const char *name;
};

struct export_arguments {
	struct document_list objects; /* struct export_name */
	bool looks;
};

static const struct schema_key name_keys[] = {
	{ "name", SCHEMA_STRING, MEMBER(export_name, name), .required = true,
		.help = "\"iommufd\", or collection and name: \"devices.nic\", \"hwpts.s2\"." },
	{ NULL },
};

static const struct schema_shape name_shape = {
	"export-object",
	sizeof(struct export_name),
	name_keys,
	.help = "An object to hand over.",
};

static const struct schema_key export_keys[] = {
	{ "objects", SCHEMA_ARRAY, MEMBER(export_arguments, objects), .required = true, .min = 1,
		.max = PEER_FILES_MAX, .shape = &name_shape,
		.help = "The objects to hand over. Files are passed with the first byte of the "
			"answer (SCM_RIGHTS), in this order." },
	{ "look", SCHEMA_BOOL, MEMBER(export_arguments, looks),
		.help = "Pass no files, but report \"file\" for objects that have one." },
	{ NULL },
};

struct export
{
	struct session *session;
	bool looks;
	json_t *said;
	int files[PEER_FILES_MAX];
	size_t file_count;
};

static int add_file(struct export *export, json_t *said, int fd)
{
	if (export->looks)
		return json_object_set_new(said, "file", json_true());
	json_object_set_new(said, "fd", json_integer((json_int_t) export->file_count));
	export->files[export->file_count++] = fd;
	return 0;
}

static int add(struct export *export, const char *name)
{
	const struct document_object *object = session_find(export->session, name);
	json_t *said = json_pack("{s:o}", "object", text_to_json(name));
	const struct live_object *state;

	json_array_append_new(export->said, said);
	if (!strcmp(name, "iommufd"))
		return add_file(export, said, export->session->live.iommufd);
	if (!object)
		return -ENODEV;
	state = live_object(&export->session->live, object);
	if (state->id)
		json_object_set_new(said, "id", json_integer(state->id));
	if (state->mmap_length)
		json_object_set_new(said, "mmap", live_mmap_to_json(state));
	if (handover_has_file(object->collection))
		return add_file(export, said, state->fd);
	return state->id ? 0 : -EINVAL;
}

static enum exit_status refuse(
	const struct session *session, struct report *report, const char *name, int error)
{
	const size_t length = strlen("devices.");
	struct failure failure = {
		.error = error,
		.operation = "export",
		.object = name,
		.message = error == -ENODEV ? "does not exist" : "has neither a file nor an ID",
		.explanations = { { .remedy =
					    "'iommuctl session show --names' lists what it has" } },
		.explanation_count = error == -ENODEV,
	};

	if (strncmp(name, "devices.", length) == 0)
		reclaim_explain(session, name + length, &failure);
	return report_failure(report, &failure);
}

/* Others now have the devices: a holder that takes the session over must know. */
static void note_handed_over(struct session *session, const struct document_list *objects)
{
	const struct export_name *names = objects->items;

	for (size_t i = 0; i < objects->count; i++) {
		const struct document_object *object = session_find(session, names[i].name);

		if (!object || object->collection != JOB_DEVICES)
			continue;
		session->live.devices[object->index].handed_over = true;
		if (session->store && session->wait)
			store_hand_over(session->store, names[i].name);
	}
	if (session->store)
		store_note_change(session->store);
}

static enum exit_status run_export(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	const struct export_arguments *wanted = arguments;
	const struct export_name *names = wanted->objects.items;
	struct export export = {
		.session = session,
		.looks = wanted->looks,
		.said = json_array(),
	};
	int err = 0;

	for (size_t i = 0; i < wanted->objects.count; i++) {
		err = add(&export, names[i].name);
		if (err) {
			json_decref(export.said);
			return refuse(session, report, names[i].name, err);
		}
	}
	err = wanted->looks ? 0 : peer_pass(peer, export.files, export.file_count);
	if (err) {
		json_decref(export.said);
		return report_errno(report, "export", NULL, err);
	}
	if (!wanted->looks)
		note_handed_over(session, &wanted->objects);
	report_json(report, "export", export.said);
	return STATUS_DONE;
}

const struct request_kind request_export = {
	{ "export", sizeof(struct export_arguments), export_keys,
		.help = "Passes the files of objects, and reports their IDs." },
	run_export,
	.looks = true,
};
