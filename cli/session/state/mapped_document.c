// SPDX-License-Identifier: MIT
#include "session/state/mapped_document.h"

#include <string.h>

#include "output/memory.h"
#include "session/state/snapshot_maps.h"

/* Puts the mappings of @ioas into @said. */
static void say_map(const struct session *session, const char *name, json_t *said)
{
	json_t *map = json_object_get(session->maps, name);
	const struct document_object *ioas;

	if (!json_object_get(said, "map"))
		return;
	if (map) {
		json_object_set(said, "map", map);
		return;
	}
	ioas = document_find(session->live.job->document, JOB_IOAS, name);
	if (ioas)
		json_object_set_new(said, "map",
			snapshot_ioas_map(&session->live, (const struct job_ioas *)ioas));
}

/* Earlier memory failures are for others to report. */
static json_t *checked(json_t *made, bool ran_out)
{
	if (memory_take_failure()) {
		json_decref(made);
		made = NULL;
	}
	if (ran_out)
		memory_note_failure();
	return made;
}

json_t *session_whole(const struct session *session)
{
	const bool ran_out = memory_take_failure();
	json_t *all = json_copy(session->document), *ioas = json_object(), *said;
	const char *name;

	json_object_foreach(json_object_get(session->document, "ioas"), name, said) {
		json_t *whole = json_copy(said);

		say_map(session, name, whole);
		json_object_set_new(ioas, name, whole);
	}
	if (json_object_size(ioas))
		json_object_set(all, "ioas", ioas);
	json_decref(ioas);
	return checked(all, ran_out);
}

void whole_keep_map(json_t *maps, const char *name, json_t *said, bool changed)
{
	json_t *map = json_object_get(said, "map");

	if (changed)
		json_object_del(maps, name);
	else if (json_array_size(map))
		json_object_set(maps, name, map);
	if (changed || map)
		json_object_set_new(said, "map", json_array());
}

bool whole_hold_map(struct session *session, const struct job_ioas *ioas)
{
	const bool ran_out = memory_take_failure();
	const char *name = ioas->object.name;
	json_t *map;

	if (json_object_get(session->maps, name))
		map = NULL;
	else
		map = checked(snapshot_ioas_map(&session->live, ioas), false);
	if (ran_out)
		memory_note_failure();
	return map && !json_object_set_new(session->maps, name, map);
}

bool session_take_whole(struct session *session, json_t *whole)
{
	json_t *document = json_copy(whole), *maps = json_object(), *ioas = json_object(), *said;
	const char *name;

	json_object_foreach(json_object_get(whole, "ioas"), name, said) {
		json_t *rest = json_copy(said);

		whole_keep_map(maps, name, rest, false);
		json_object_set_new(ioas, name, rest);
	}
	if (json_object_size(ioas))
		json_object_set(document, "ioas", ioas);
	json_decref(ioas);
	if (memory_take_failure()) {
		json_decref(document);
		json_decref(maps);
		return false;
	}
	session->document = document;
	session->maps = maps;
	return true;
}

bool whole_has_memory(json_t *maps, const char *name)
{
	const char *ioas, *memory;
	json_t *map, *one;
	size_t i;

	json_object_foreach(maps, ioas, map) {
		json_array_foreach(map, i, one) {
			memory = json_string_value(json_object_get(one, "memory"));
			if (memory && !strcmp(memory, name))
				return true;
		}
	}
	return false;
}
