// SPDX-License-Identifier: MIT
#include "session/state/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "job/handover/live.h"
#include "session/holder/notify.h"
#include "session/state/state.h"

#define IOMMUFD "iommufd"

/* A larger state is not ours. */
#define STATE_MAX (64 << 20)

/* Room for the name of an object, with its collection, which a manager accepts as it is. */
#define NAME_SIZE 160

/* At least one is kept at any moment: the new one is stored before the old one is removed. */
static const char *const state_names[] = { "state-0", "state-1" };

static int keep(struct store *store, const char *name, int fd, uint64_t serial)
{
	char message[NAME_SIZE + 32];
	int err;

	snprintf(message, sizeof(message), "FDSTORE=1\nFDNAME=%s", name);
	err = notify_send(message, fd);
	if (!err && json_object_set_new(store->names, name, json_integer((json_int_t)serial)))
		err = -ENOMEM;
	return err;
}

static void drop(struct store *store, const char *name)
{
	char message[NAME_SIZE + 32];

	snprintf(message, sizeof(message), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	notify_send(message, -1);
	json_object_del(store->names, name);
}

/* Files passed on to us have an unknown serial, for which 0 stands. */
static int keep_object(struct store *store, const char *name, int fd, uint64_t serial)
{
	const json_t *known = json_object_get(store->names, name);
	const uint64_t of = (uint64_t)json_integer_value(known);

	if (known && (!of || of == serial)) {
		json_object_set_new(store->names, name, json_integer((json_int_t)serial));
		return 0;
	}
	if (known)
		drop(store, name);
	return keep(store, name, fd, serial);
}

/* Stores the files of everything alive, and puts their names in @alive. */
static int keep_files(struct store *store, const struct live *live, json_t *alive)
{
	int err = keep_object(store, IOMMUFD, live->iommufd, 1);

	json_object_set_new(alive, IOMMUFD, json_true());
	for (size_t i = 0; !err && i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];
		const struct live_object *state = live_object(live, entry->object);
		char name[NAME_SIZE];

		if (entry->is_attachment || !handover_has_file(entry->object->collection) ||
			state->fd < 0)
			continue;
		document_object_label(entry->object, name, sizeof(name));
		json_object_set_new(alive, name, json_true());
		err = keep_object(store, name, state->fd, state->serial);
	}
	return err;
}

static int make_file(const char *text, uint64_t number)
{
	int fd = memfd_create("iommuctl state", MFD_CLOEXEC), err = 0;

	if (fd < 0)
		return -errno;
	if (dprintf(fd, "%" PRIu64 " %s", number, text) < 0)
		err = errno ? -errno : -EIO;
	if (!err)
		return fd;
	close(fd);
	return err;
}

static int keep_state(struct store *store, const char *text)
{
	char *copy = strdup(text);
	const uint64_t number = store->number + 1;
	int fd = copy ? make_file(text, number) : -ENOMEM;
	int err = fd < 0 ? fd : keep(store, state_names[number % 2], fd, number);

	if (fd >= 0)
		close(fd);
	if (err) {
		free(copy);
		return err;
	}
	drop(store, state_names[store->number % 2]);
	store->number = number;
	free(store->state);
	store->state = copy;
	return 0;
}

static void drop_the_dead(struct store *store, json_t *alive)
{
	const char *name;
	json_t *value;
	void *next;

	json_object_foreach_safe(store->names, next, name, value)
	{
		if (!json_object_get(alive, name) &&
			strcmp(name, state_names[store->number % 2]) != 0)
			drop(store, name);
	}
}

int store_update(struct store *store, const struct session *session)
{
	json_t *alive;
	char *text;
	int err;

	if (store->document == session->document)
		return 0;
	text = state_write(session);
	alive = json_object();
	err = text && alive ? keep_files(store, &session->live, alive) : -ENOMEM;
	if (!err && !(store->state && !strcmp(text, store->state)))
		err = keep_state(store, text);
	if (!err) {
		drop_the_dead(store, alive);
		json_decref(store->document);
		store->document = json_incref(session->document);
	}
	json_decref(alive);
	free(text);
	return err;
}

void store_note_change(struct store *store)
{
	json_decref(store->document);
	store->document = NULL;
}

/* The entry of @state for the device @label, besides its attachments; NULL: none. */
static json_t *find_entry(const json_t *state, const char *label)
{
	json_t *said;
	size_t i;

	json_array_foreach(json_object_get(state, "alive"), i, said) {
		const char *object = json_string_value(json_object_get(said, "object"));

		if (object && !strcmp(object, label) && !json_object_get(said, "table"))
			return said;
	}
	return NULL;
}

int store_hand_over(struct store *store, const char *label)
{
	json_t *state = store->state ? json_loads(store->state, 0, NULL) : NULL;
	json_t *said = find_entry(state, label);
	char *text = NULL;
	int err = 0;

	if (said) {
		json_object_set_new(said, "handed-over", json_true());
		text = json_dumps(state, JSON_COMPACT);
		err = text ? keep_state(store, text) : -ENOMEM;
	}
	free(text);
	json_decref(state);
	return err;
}

void store_forget(struct store *store, const struct document_object *object)
{
	char name[NAME_SIZE];

	document_object_label(object, name, sizeof(name));
	if (!json_object_get(store->names, name))
		return;
	drop(store, name);
	notify_barrier();
}

void store_clear(struct store *store)
{
	const char *name;
	json_t *value;
	void *next;

	/* Without a state, the rest is useless. */
	for (size_t i = 0; i < 2; i++)
		drop(store, state_names[i]);
	json_object_foreach_safe(store->names, next, name, value)
	{
		drop(store, name);
	}
	notify_barrier();
}

void store_free(struct store *store)
{
	json_decref(store->names);
	json_decref(store->document);
	free(store->state);
	*store = (struct store){ 0 };
}

/* The text of the state in @fd, and its number; NULL: not a state. */
static char *read_state(int fd, uint64_t *number)
{
	struct stat file;
	char *text, *end;

	if (fstat(fd, &file) || !S_ISREG(file.st_mode) || file.st_size > STATE_MAX)
		return NULL;
	text = calloc((size_t)file.st_size + 1, 1);
	if (!text || pread(fd, text, (size_t)file.st_size, 0) != file.st_size) {
		free(text);
		return NULL;
	}
	*number = strtoumax(text, &end, 10);
	if (*end != ' ') {
		free(text);
		return NULL;
	}
	memmove(text, end + 1, strlen(end));
	return text;
}

int store_open(struct store *store, struct adopted *adopted, char **text)
{
	*text = NULL;
	*store = (struct store){ .names = json_object() };
	for (size_t i = 0; i < 2; i++) {
		int fd = adopted_take(adopted, state_names[i]);
		uint64_t number = 0;
		char *found = fd < 0 ? NULL : read_state(fd, &number);

		if (fd >= 0)
			close(fd);
		if (found && (!*text || number > store->number)) {
			free(*text);
			*text = found;
			store->number = number;
		} else {
			free(found);
		}
	}
	for (size_t i = 0; *text && i < adopted->count; i++)
		json_object_set_new(store->names, adopted->files[i].name, json_integer(0));
	return store->names ? 0 : -ENOMEM;
}
