// SPDX-License-Identifier: MIT
#include "look/tree.h"

#include <stdlib.h>
#include <string.h>

#include "look/objects.h"
#include "output/memory.h"
#include "output/text.h"

#define WIDTH	  79
#define LABEL_MAX 160
/* Deeper than objects can hang on each other: what is attached leads through all of them. */
#define DEPTH_MAX 16

struct tree {
	const struct live *live;
	const struct look_objects *objects;
	bool *shown;
	bool *used; /* something else hangs on it */
	FILE *out;
	char prefix[4 * DEPTH_MAX];
};

/* What is below an object; children are collected first, as the last has another corner. */
struct children {
	const struct tree *tree;
	const struct document_object *of;
	const struct document_object **items;
	const char **hows;
	size_t count;
};

/* These are shown below what they belong to, and nothing below them. */
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

static void add_child(
	struct children *children, const struct document_object *child, const char *how)
{
	if (children->count >= children->tree->objects->count)
		return;
	children->items[children->count] = child;
	children->hows[children->count++] = how;
}

/* What a device is attached to is below it; of what else hangs on it, it is no part. */
static void take_link(const struct document_object *target, const char *how, void *data)
{
	struct children *children = data;

	if (target->collection != JOB_DEVICES)
		add_child(children, target, how);
}

struct search {
	struct children *children;
	const struct document_object *candidate;
};

static void take_owned(const struct document_object *target, const char *how, void *data)
{
	const struct search *search = data;

	(void)how;
	if (target == search->children->of && belongs_to(search->candidate, target))
		add_child(search->children, search->candidate, "");
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

/* No more than the width of a terminal; names can be as long as they like. */
static void write_line(struct tree *tree, const char *corner, const struct document_object *object,
	const char *how, bool again)
{
	char line[WIDTH + 1] = "", label[LABEL_MAX], detail[LOOK_DETAIL_SIZE];
	const uint32_t id = live_object(tree->live, object)->id;

	text_append(line, sizeof(line), "%s%s%s", tree->prefix, corner,
		document_object_label(object, label, sizeof(label)));
	if (id)
		text_append(line, sizeof(line), " (%u)", id);
	if (again)
		text_append(line, sizeof(line), ", see above");
	else if (*look_detail(tree->live, object, detail))
		text_append(line, sizeof(line), ": %s", detail);
	if (!strcmp(how, "attached"))
		text_append(line, sizeof(line), " [attached]");
	text_print(tree->out, line, 0);
	fputc('\n', tree->out);
}

static void write_below(
	struct tree *tree, const struct document_object *object, unsigned int depth);

static void write_child(
	struct tree *tree, const struct children *children, size_t at, unsigned int depth)
{
	const struct document_object *child = children->items[at];
	const size_t place = look_objects_find(tree->objects, child);
	const bool again = place < tree->objects->count && tree->shown[place];
	const bool last = at + 1 == children->count;
	const size_t length = strlen(tree->prefix);

	write_line(tree, last ? "`- " : "|- ", child, children->hows[at], again);
	if (again || place == tree->objects->count || depth >= DEPTH_MAX)
		return;
	tree->shown[place] = true;
	text_append(tree->prefix, sizeof(tree->prefix), "%s", last ? "   " : "|  ");
	write_below(tree, child, depth + 1);
	tree->prefix[length] = '\0';
}

static void write_below(struct tree *tree, const struct document_object *object, unsigned int depth)
{
	const size_t room = tree->objects->count + 1;
	struct children children = {
		.tree = tree,
		.of = object,
		.items = calloc(room, sizeof(*children.items)),
		.hows = calloc(room, sizeof(*children.hows)),
	};

	if (children.items && children.hows)
		collect(&children);
	else
		memory_note_failure();
	for (size_t i = 0; i < children.count; i++)
		write_child(tree, &children, i, depth);
	free(children.items);
	free(children.hows);
}

static void write_root(struct tree *tree, size_t place)
{
	const struct document_object *object = tree->objects->items[place];

	if (tree->shown[place])
		return;
	tree->shown[place] = true;
	write_line(tree, "", object, "", false);
	write_below(tree, object, 1);
}

static void mark_used(const struct document_object *target, const char *how, void *data)
{
	const struct tree *tree = data;
	const size_t place = look_objects_find(tree->objects, target);

	(void)how;
	if (place < tree->objects->count)
		tree->used[place] = true;
}

/* Devices are above all else; then comes what nothing hangs on, and so on the rest. */
static void write_tree(FILE *out, const void *data)
{
	struct tree tree = *(const struct tree *)data;
	const struct look_objects *objects = tree.objects;

	tree.out = out;
	for (size_t i = objects->first[JOB_DEVICES]; i < objects->first[JOB_DEVICES + 1]; i++)
		write_root(&tree, i);
	for (size_t i = 0; i < objects->count; i++)
		look_each_link(tree.live, objects->items[i], mark_used, &tree);
	for (size_t i = 0; i < objects->count; i++) {
		if (!tree.used[i])
			write_root(&tree, i);
	}
	if (!objects->count)
		fputs("no objects\n", out);
}

static void add_link(const struct document_object *target, const char *how, void *data)
{
	char label[LABEL_MAX];

	json_array_append_new(data,
		json_pack("{s:o, s:s}", "object",
			text_to_json(document_object_label(target, label, sizeof(label))), "as",
			how));
}

static json_t *object_to_json(const struct live *live, const struct document_object *object)
{
	char label[LABEL_MAX], detail[LOOK_DETAIL_SIZE];
	const uint32_t id = live_object(live, object)->id;
	json_t *links = json_array();

	look_each_link(live, object, add_link, links);
	return json_pack("{s:o, s:s, s:o, s:o, s:o}", "object",
		text_to_json(document_object_label(object, label, sizeof(label))), "kind",
		object->kind, "id", id ? json_integer(id) : json_null(), "detail",
		text_to_json(look_detail(live, object, detail)), "uses", links);
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
