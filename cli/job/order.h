/* SPDX-License-Identifier: MIT */
/* The order in which the named objects of a job are made. */
#ifndef CLI_JOB_ORDER_H
#define CLI_JOB_ORDER_H

#include "job/job.h"

/*
 * Lists all objects so that each comes after those it refers to, and otherwise in the order of the
 * collections and of the document. The caller frees @order.
 *
 * -ENOMEM; -ELOOP: an object needs itself. Then @cycle, with room for @cycle_length, tells how,
 * from the object to the object, and @cycle_length how long that is (cut at the room there is).
 */
int job_order(const struct job *job, const struct document_object ***order, size_t *count,
	const struct document_object **cycle, size_t *cycle_length);

#endif
