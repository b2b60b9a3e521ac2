/* SPDX-License-Identifier: MIT */
/* The order in which a job's named objects are made. */
#ifndef CLI_JOB_ORDER_H
#define CLI_JOB_ORDER_H

#include "job/job.h"

/*
 * Lists all objects so that each comes after those it refers to, and otherwise in the order of the
 * collections and of the document. The caller frees @order.
 *
 * -ENOMEM; -ELOOP: an object needs itself. Then @cycle, with room for @cycle_length, has the path
 * from the object back to itself, and @cycle_length its length (cut to the room).
 */
int job_order(const struct job *job, const struct document_object ***order, size_t *count,
	const struct document_object **cycle, size_t *cycle_length);

#endif
