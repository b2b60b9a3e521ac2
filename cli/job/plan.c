// SPDX-License-Identifier: MIT
#include "job/plan.h"

#include <errno.h>
#include <stdlib.h>

#include "job/actions/action.h"
#include "job/order.h"

static void add(struct plan *plan, struct plan_operation operation)
{
	plan->operations[plan->count++] = operation;
}

/* Interrupts come after the attachments: the kernel maps their doorbell only then. */
static void add_objects(struct plan *plan, const struct job *job,
	const struct document_object *const *order, size_t count, bool irqs)
{
	for (size_t i = 0; i < count; i++) {
		if (!job_is_made_by_step(job, order[i]) &&
			(order[i]->collection == JOB_IRQS) == irqs)
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

static uint64_t add_pages(uint64_t total, const struct job_ioas_map *map, uint64_t page)
{
	const uint64_t first = job_ioas_map_iova(map);
	const uint64_t last = first + (job_ioas_map_length(map) - 1);
	uint64_t more;

	/* At most what a JSON integer holds. */
	if (__builtin_mul_overflow(last / page - first / page + 1, page, &more) ||
		__builtin_add_overflow(total, more, &total) || total > INT64_MAX)
		return INT64_MAX / page * page;
	return total;
}

/* Copies share the pages of their source, and BARs are not pinned. */
uint64_t plan_pinned_at_most(const struct job *job, uint64_t page)
{
	const struct job_ioas *ioas = job->objects[JOB_IOAS].items;
	const struct job_step *steps = job->steps.items;
	uint64_t total = 0;

	for (size_t i = 0; i < job->objects[JOB_IOAS].count; i++) {
		const struct job_ioas_map *map = ioas[i].map.items;

		for (size_t at = 0; at < ioas[i].map.count; at++)
			total = add_pages(total, &map[at], page);
	}
	for (size_t i = 0; i < job->steps.count; i++) {
		const struct job_ioas_map *map = action_ioas_map_of(&steps[i]);

		if (map)
			total = add_pages(total, map, page);
	}
	return total;
}

void plan_free(struct plan *plan)
{
	free(plan->operations);
	*plan = (struct plan){ 0 };
}
