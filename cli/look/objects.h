/* SPDX-License-Identifier: MIT */
/* The objects of a live job, their dependencies, and a short description of each. */
#ifndef CLI_LOOK_OBJECTS_H
#define CLI_LOOK_OBJECTS_H

#include "job/live/live.h"

#define LOOK_DETAIL_SIZE 160
#define LOOK_LINK_SIZE	 64

/* Existing objects, in the order of their collections. */
struct look_objects {
	const struct document_object **items;
	size_t count;
	size_t first[JOB_COLLECTIONS + 1]; /* by collection: where its objects begin */
};

/* Returns 0 or -ENOMEM, which is noted. */
int look_objects_open(const struct live *live, struct look_objects *objects);
void look_objects_close(struct look_objects *objects);

/* The index of @object in the list; objects->count if it does not exist. */
size_t look_objects_find(const struct look_objects *objects, const struct document_object *object);

/* A dependency of an object on @target. */
struct look_link {
	const struct document_object *target;
	const char *how; /* why, in a word; NULL: a device is attached to it */
	uint32_t pasid;	 /* if so: with this PASID; 0: the device itself */
};

typedef void look_link_fn(const struct look_link *link, void *data);

/* "attached", "attached, PASID 7", or what link->how says. Returns @text. */
const char *look_link_text(const struct look_link *link, char text[LOOK_LINK_SIZE]);

/*
 * All objects that @object depends on, each once: those that it is made from, the memory of its
 * tables, and for a device those that it and its PASIDs are attached to.
 */
void look_each_link(const struct live *live, const struct document_object *object,
	look_link_fn *each, void *data);

/* "nested, Config=S1": a short description of @object. Returns @text. */
const char *look_detail(
	const struct live *live, const struct document_object *object, char text[LOOK_DETAIL_SIZE]);

#endif
