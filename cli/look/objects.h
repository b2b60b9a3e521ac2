/* SPDX-License-Identifier: MIT */
/* The objects of a live job, how they hang together, and what is said of each in a few words. */
#ifndef CLI_LOOK_OBJECTS_H
#define CLI_LOOK_OBJECTS_H

#include "job/live.h"

#define LOOK_DETAIL_SIZE 160

/* The objects that are made, in the order of their collections. */
struct look_objects {
	const struct document_object **items;
	size_t count;
	size_t first[JOB_COLLECTIONS + 1]; /* by collection: where its objects begin */
};

/* -ENOMEM, which is noted. */
int look_objects_open(const struct live *live, struct look_objects *objects);
void look_objects_close(struct look_objects *objects);

/* The place of @object in the list; objects->count if it is not made. */
size_t look_objects_find(const struct look_objects *objects, const struct document_object *object);

/* Called for each object that another hangs on, once; @how says in a word why. */
typedef void look_link_fn(const struct document_object *target, const char *how, void *data);

/*
 * Those that @object hangs on: what it is made of, the memory that its tables are in, and for a
 * device what it is attached to.
 */
void look_each_link(const struct live *live, const struct document_object *object,
	look_link_fn *each, void *data);

/* "nested, Config=S1": what there is to know of @object, in few words. Returns @text. */
const char *look_detail(
	const struct live *live, const struct document_object *object, char text[LOOK_DETAIL_SIZE]);

#endif
