// SPDX-License-Identifier: MIT
#include "job/plan.h"

#include <errno.h>
#include <stdlib.h>

#include "job/order.h"

static void add(struct plan *plan, struct plan_operation operation)
{
	plan->operations[plan->count++] = operation;
}

/* Interrupts come after the attachments: only then does the kernel map their doorbell. */
static void add_objects(struct plan *plan, const struct job *job,
	const struct document_object *const *order, size_t count, bool irqs)
{
	for (size_t i = 0; i < count; i++) {
		if (!job_is_made_by_step(job, order[i]) && (order[i]->collection == JOB_IRQS) == irqs)
			add(plan, (struct plan_operation){ .object = order[i] });
	}
}

int plan_make(const struct job *job, struct plan *plan)
{
	const struct job_attach *attach = job->attach.items;
	const struct job_step *steps = job->steps.items;
	const struct document_object **order;
	size_t count, cycle_length = 0;
	int err;

	err = job_order(job, &order, &count, NULL, &cycle_length);
	if (err)
		return err;
	*plan = (struct plan){
		calloc(count + job->attach.count + job->steps.count + 1, sizeof(*plan->operations)),
	};
	if (!plan->operations) {
		free(order);
		return -ENOMEM;
	}
	add_objects(plan, job, order, count, false);
	for (size_t i = 0; i < job->attach.count; i++)
		add(plan, (struct plan_operation){ .attach = &attach[i] });
	add_objects(plan, job, order, count, true);
	for (size_t i = 0; i < job->steps.count; i++)
		add(plan, (struct plan_operation){ .step = &steps[i] });
	free(order);
	return 0;
}

void plan_free(struct plan *plan)
{
	free(plan->operations);
	*plan = (struct plan){ 0 };
}
