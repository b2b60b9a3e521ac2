// SPDX-License-Identifier: MIT
#include "look/tree.h"

#include <stdlib.h>
#include <string.h>

#include "job/live/vintf.h"
#include "look/objects.h"
#include "output/memory.h"
#include "output/text.h"

#define WIDTH	  79
#define LABEL_MAX 160
/* Deeper than objects can depend on each other. */
#define DEPTH_MAX 16

struct tree {
	const struct live *live;
	const struct look_objects *objects;
	bool *shown;
	bool *used; /* what has a place of its own hangs on it */
	FILE *out;
	char prefix[4 * DEPTH_MAX];
};

/* The children of an object, collected first because the last has another corner. */
struct children {
	const struct tree *tree;
	const struct document_object *of;
	struct look_link *items;
	size_t count, room;
};

/* These are shown below their owner, and have nothing below them. */
static bool belongs_to(const struct document_object *object, const struct document_object *owner)
{
	switch (object->collection) {
	case JOB_VDEVICES:
	case JOB_IRQS: return owner->collection == JOB_DEVICES;
	case JOB_HW_QUEUES:
	case JOB_VEVENTQS: return owner->collection == JOB_VIOMMUS;
	default: return false;
	}
}

static bool is_owned(const struct document_object *object)
{
	return object->collection == JOB_VDEVICES || object->collection == JOB_IRQS ||
	       object->collection == JOB_VEVENTQS || object->collection == JOB_HW_QUEUES;
}

static void add_child(struct children *children, const struct look_link *link)
{
	if (children->count < children->room)
		children->items[children->count++] = *link;
}

/* What a device is attached to is below it; of what else hangs on it, it is no part. */
static void take_link(const struct look_link *link, void *data)
{
	if (link->target->collection != JOB_DEVICES)
		add_child(data, link);
}

struct search {
	struct children *children;
	const struct document_object *candidate;
};

static void take_owned(const struct look_link *link, void *data)
{
	const struct search *search = data;

	if (link->target == search->children->of && belongs_to(search->candidate, link->target))
		add_child(search->children, &(struct look_link){ search->candidate, "", 0 });
}

static void collect(struct children *children)
{
	const struct tree *tree = children->tree;

	if (!is_owned(children->of))
		look_each_link(tree->live, children->of, take_link, children);
	for (size_t i = 0; i < tree->objects->count; i++) {
		struct search search = { children, tree->objects->items[i] };

		if (is_owned(search.candidate))
			look_each_link(tree->live, search.candidate, take_owned, &search);
	}
}

/* Cut to the width of a terminal, because names can have any length. */
static void write_line(
	struct tree *tree, const char *corner, const struct look_link *link, bool again)
{
	char line[WIDTH + 1] = "", label[LABEL_MAX], detail[LOOK_DETAIL_SIZE], how[LOOK_LINK_SIZE];
	const struct document_object *object = link->target;
	const uint32_t id = live_object(tree->live, object)->id;

	text_append(line, sizeof(line), "%s%s%s", tree->prefix, corner,
		document_object_label(object, label, sizeof(label)));
	if (id)
		text_append(line, sizeof(line), " (%u)", id);
	if (again)
		text_append(line, sizeof(line), ", see above");
	else if (*look_detail(tree->live, object, detail))
		text_append(line, sizeof(line), ": %s", detail);
	if (!link->how)
		text_append(line, sizeof(line), " [%s]", look_link_text(link, how));
	text_print(tree->out, line, 0);
	fputc('\n', tree->out);
}

static void write_below(
	struct tree *tree, const struct document_object *object, unsigned int depth);

static void write_child(
	struct tree *tree, const struct children *children, size_t at, unsigned int depth)
{
	const struct look_link *child = &children->items[at];
	const size_t place = look_objects_find(tree->objects, child->target);
	const bool again = place < tree->objects->count && tree->shown[place];
	const bool last = at + 1 == children->count;
	const size_t length = strlen(tree->prefix);

	write_line(tree, last ? "`- " : "|- ", child, again);
	if (again || place == tree->objects->count || depth >= DEPTH_MAX)
		return;
	tree->shown[place] = true;
	text_append(tree->prefix, sizeof(tree->prefix), "%s", last ? "   " : "|  ");
	write_below(tree, child->target, depth + 1);
	tree->prefix[length] = '\0';
}

static void write_below(struct tree *tree, const struct document_object *object, unsigned int depth)
{
	const size_t room = tree->objects->count + tree->live->entry_count + 1;
	struct children children = {
		.tree = tree,
		.of = object,
		.items = calloc(room, sizeof(*children.items)),
		.room = room,
	};

	if (children.items)
		collect(&children);
	else
		memory_note_failure();
	for (size_t i = 0; i < children.count; i++)
		write_child(tree, &children, i, depth);
	free(children.items);
}

static void write_root(struct tree *tree, size_t place)
{
	const struct document_object *object = tree->objects->items[place];

	if (tree->shown[place])
		return;
	tree->shown[place] = true;
	write_line(tree, "", &(struct look_link){ object, "", 0 }, false);
	write_below(tree, object, 1);
}

static void mark_used(const struct look_link *link, void *data)
{
	const struct tree *tree = data;
	const size_t place = look_objects_find(tree->objects, link->target);

	if (place < tree->objects->count)
		tree->used[place] = true;
}

/* What is owned leads nowhere: its uses hide nothing, and it waits for its owner. */
static void write_unused(struct tree *tree)
{
	const struct look_objects *objects = tree->objects;

	for (size_t i = 0; i < objects->count; i++) {
		if (is_owned(objects->items[i]))
			tree->used[i] = true;
		else
			look_each_link(tree->live, objects->items[i], mark_used, tree);
	}
	for (size_t i = 0; i < objects->count; i++) {
		if (!tree->used[i])
			write_root(tree, i);
	}
}

/* Devices come first; then objects that nothing depends on; then any that are still missing. */
static void write_tree(FILE *out, const void *data)
{
	struct tree tree = *(const struct tree *)data;
	const struct look_objects *objects = tree.objects;

	tree.out = out;
	for (size_t i = objects->first[JOB_DEVICES]; i < objects->first[JOB_DEVICES + 1]; i++)
		write_root(&tree, i);
	write_unused(&tree);
	for (size_t i = 0; i < objects->count; i++)
		write_root(&tree, i);
	if (!objects->count)
		fputs("no objects\n", out);
}

static void add_link(const struct look_link *link, void *data)
{
	char label[LABEL_MAX];
	json_t *said = json_pack("{s:o, s:s}", "object",
		text_to_json(document_object_label(link->target, label, sizeof(label))), "as",
		link->how ? link->how : "attached");

	if (link->pasid)
		json_object_set_new(said, "pasid", json_integer(link->pasid));
	json_array_append_new(data, said);
}

static json_t *object_to_json(const struct live *live, const struct document_object *object)
{
	char label[LABEL_MAX], detail[LOOK_DETAIL_SIZE];
	const struct live_object *state = live_object(live, object);
	json_t *links = json_array(), *said;

	look_each_link(live, object, add_link, links);
	said = json_pack("{s:o, s:s, s:o, s:o, s:o}", "object",
		text_to_json(document_object_label(object, label, sizeof(label))), "kind",
		object->kind, "id", state->id ? json_integer(state->id) : json_null(), "detail",
		text_to_json(look_detail(live, object, detail)), "uses", links);
	if (state->mmap_length)
		json_object_set_new(said, "mmap", live_mmap_to_json(state));
	return said;
}

static json_t *objects_to_json(const struct live *live, const struct look_objects *objects)
{
	json_t *array = json_array();

	for (size_t i = 0; i < objects->count; i++)
		json_array_append_new(array, object_to_json(live, objects->items[i]));
	return array;
}

enum exit_status look_tree(const struct live *live, struct report *report)
{
	struct look_objects objects;
	struct tree tree = { .live = live, .objects = &objects };
	enum exit_status status;

	if (look_objects_open(live, &objects))
		return report_out_of_memory(report);
	tree.shown = calloc(objects.count + 1, sizeof(*tree.shown));
	tree.used = calloc(objects.count + 1, sizeof(*tree.used));
	status = tree.shown && tree.used
			 ? report_written(report, "objects", objects_to_json(live, &objects),
				   write_tree, &tree)
			 : report_out_of_memory(report);
	free(tree.shown);
	free(tree.used);
	look_objects_close(&objects);
	return status;
}
