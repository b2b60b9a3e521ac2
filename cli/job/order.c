// SPDX-License-Identifier: MIT
#include "job/order.h"

#include <errno.h>
#include <stdlib.h>

enum mark { UNSEEN, OPEN, DONE };

struct orderer {
	const struct job *job;
	const struct document_object **order;
	size_t count;
	unsigned char *marks; /* by rank */
	size_t first_rank[JOB_COLLECTIONS];
	struct frame *stack;
	size_t depth;
};

struct frame {
	const struct document_object *object;
	size_t use; /* the next of its uses to look at */
};

static size_t rank_of(const struct orderer *orderer, const struct document_object *object)
{
	return orderer->first_rank[object->collection] + object->index;
}

static int report_cycle(const struct orderer *orderer, const struct document_object *object,
	const struct document_object **cycle, size_t *length)
{
	size_t start = orderer->depth, used = 0;

	while (orderer->stack[--start].object != object)
		;
	for (; start < orderer->depth && used < *length; start++)
		cycle[used++] = orderer->stack[start].object;
	if (used < *length)
		cycle[used++] = object;
	*length = used;
	return -ELOOP;
}

static void push(struct orderer *orderer, const struct document_object *object)
{
	orderer->marks[rank_of(orderer, object)] = OPEN;
	orderer->stack[orderer->depth++] = (struct frame){ object, 0 };
}

/* Depth first, with a stack of its own: jobs may be deep. */
static int visit(struct orderer *orderer, const struct document_object *root,
	const struct document_object **cycle, size_t *cycle_length)
{
	if (orderer->marks[rank_of(orderer, root)] == DONE)
		return 0;
	push(orderer, root);
	while (orderer->depth) {
		struct frame *frame = &orderer->stack[orderer->depth - 1];
		const struct document_object *needed;

		if (frame->use == frame->object->use_count) {
			orderer->marks[rank_of(orderer, frame->object)] = DONE;
			orderer->order[orderer->count++] = frame->object;
			orderer->depth--;
			continue;
		}
		needed = orderer->job->document->uses[frame->object->first_use + frame->use++]
				 .ref->target;
		/* May refer to an object that does not exist. */
		if (needed->doubtful)
			continue;
		if (orderer->marks[rank_of(orderer, needed)] == OPEN)
			return report_cycle(orderer, needed, cycle, cycle_length);
		if (orderer->marks[rank_of(orderer, needed)] == UNSEEN)
			push(orderer, needed);
	}
	return 0;
}

/* VFs are bound with the token set on their PF, which may be a device of the job. */
static int visit_token_setters(
	struct orderer *orderer, const struct document_object **cycle, size_t *cycle_length)
{
	const struct document_list *list = &orderer->job->objects[JOB_DEVICES];
	const struct job_device *devices = list->items;
	int err = 0;

	for (size_t i = 0; i < list->count && !err; i++) {
		if (devices[i].set_vf_token)
			err = visit(orderer, &devices[i].object, cycle, cycle_length);
	}
	return err;
}

/* HW queues go by index, all others in the order of the document. */
static const struct document_object *root_at(
	const struct orderer *orderer, unsigned int collection, size_t at)
{
	const struct job_hw_queue *queues = orderer->job->objects[JOB_HW_QUEUES].items;
	const struct document_object *least = NULL;

	if (collection != JOB_HW_QUEUES)
		return document_object_at(orderer->job->document, collection, at);
	for (size_t i = 0; i < orderer->job->objects[collection].count; i++) {
		const struct document_object *object = &queues[i].object;

		if (orderer->marks[rank_of(orderer, object)] == UNSEEN &&
			(!least || queues[i].index < queues[least->index].index))
			least = object;
	}
	return least;
}

int job_order(const struct job *job, const struct document_object ***order, size_t *count,
	const struct document_object **cycle, size_t *cycle_length)
{
	struct orderer orderer = { .job = job };
	size_t total = 0;
	int err = -ENOMEM;

	for (int collection = 0; collection < JOB_COLLECTIONS; collection++) {
		orderer.first_rank[collection] = total;
		total += job->objects[collection].count;
	}
	orderer.order = calloc(total + 1, sizeof(*orderer.order));
	orderer.marks = calloc(total + 1, sizeof(*orderer.marks));
	orderer.stack = calloc(total + 1, sizeof(*orderer.stack));
	if (!orderer.order || !orderer.marks || !orderer.stack)
		goto out;
	err = 0;
	for (unsigned int collection = 0; collection < JOB_COLLECTIONS && !err; collection++) {
		if (collection == JOB_DEVICES)
			err = visit_token_setters(&orderer, cycle, cycle_length);
		for (size_t i = 0; i < job->objects[collection].count && !err; i++)
			err = visit(
				&orderer, root_at(&orderer, collection, i), cycle, cycle_length);
	}
	if (!err) {
		*order = orderer.order;
		*count = orderer.count;
		orderer.order = NULL;
	}
out:
	free(orderer.order);
	free(orderer.marks);
	free(orderer.stack);
	return err;
}
