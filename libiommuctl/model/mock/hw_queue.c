// SPDX-License-Identifier: MIT
/* HW queues of the mock's: in order, in memory that is held as long as they are there. */
#include "model/mock/mock.h"
#include "model/ioas/ioas.h"

#include <errno.h>
#include <stdlib.h>

#define PAGE_MASK UINT64_C(0xfff)

/*
 * The driver of Linux 7.3 keeps no index of a queue: whichever goes, it takes the first for gone.
 * What is left in the places of others is therefore compared with NULL alone.
 */
static void hw_queue_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_hw_queue *queue = (void *)object;

	(void)iommufd;
	queue->viommu->hw_queues[0] = NULL;
	if (queue->previous)
		queue->previous->object.users--;
	model_access_free(queue->access);
	queue->viommu->object.users--;
	free(queue);
}

const struct model_kind model_hw_queue_kind = { .free = hw_queue_free };

/* Whole pages are held. */
static int hold(struct model_iommufd *iommufd, struct model_viommu *viommu,
	const struct abi_hw_queue_alloc *args, struct model_access **access)
{
	const uint64_t offset = args->nesting_parent_iova & PAGE_MASK;
	struct model_user_range range = { .iova = args->nesting_parent_iova - offset };
	uint32_t id;
	int err;

	if (__builtin_add_overflow(args->length, offset, &range.length) ||
		__builtin_add_overflow(range.length, PAGE_MASK, &range.length))
		return -ERANGE;
	range.length &= ~PAGE_MASK;
	err = model_access_new(iommufd, true, access);
	if (err)
		return err;
	(*access)->locks = true;
	err = model_ioas_add_access(viommu->parent->ioas, *access);
	if (!err)
		err = model_access_pin(*access, &range, &id);
	if (err)
		model_access_free(*access);
	return err;
}

static int place(struct model_viommu *viommu, struct model_hw_queue *queue)
{
	if (queue->index >= MODEL_HW_QUEUES)
		return -EINVAL;
	if (viommu->hw_queues[queue->index])
		return -EEXIST;
	if (queue->index == 0)
		return 0;
	queue->previous = viommu->hw_queues[queue->index - 1];
	return queue->previous ? 0 : -EIO;
}

int model_mock_hw_queue_alloc(
	struct model_iommufd *iommufd, struct model_viommu *viommu, struct abi_hw_queue_alloc *args)
{
	struct model_hw_queue *made = calloc(1, sizeof(*made));
	int err;

	if (!made)
		return -ENOMEM;
	made->viommu = viommu;
	made->index = args->index;
	err = model_object_add(iommufd, &made->object, &model_hw_queue_kind);
	if (err)
		goto free_made;
	err = hold(iommufd, viommu, args, &made->access);
	if (err)
		goto remove;
	err = place(viommu, made);
	if (err)
		goto let_go;
	if (made->previous)
		made->previous->object.users++;
	viommu->hw_queues[made->index] = made;
	viommu->object.users++;
	args->out_hw_queue_id = made->object.id;
	return 0;
let_go:
	model_access_free(made->access);
remove:
	model_object_remove(iommufd, &made->object);
free_made:
	free(made);
	return err;
}
