// SPDX-License-Identifier: MIT
/*
 * HW queues of the mock and of a Tegra241 CMDQV: created in order, in memory that stays pinned as
 * long as they exist.
 */
#include "model/iommufd/iommufd.h"
#include "abi/iommufd_test.h"
#include "model/ioas/ioas.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

#define PAGE_MASK	 UINT64_C(0xfff)
#define MOCK_QUEUES	 2
#define COMMAND_LENGTH	 16 /* bytes */
#define QUEUE_LENGTH_MIN 32
#define IDR1_CMDQS_SHIFT 21
#define IDR1_CMDQS_MASK	 0x1fu

struct model_hw_queue {
	struct model_object object;
	struct model_viommu *viommu;
	struct model_hw_queue *previous; /* which it keeps from being destroyed */
	struct model_access *access;	 /* that pins its memory */
	uint32_t index;
};

/*
 * The mock's driver of Linux 7.3 keeps no queue index: whichever is destroyed, it forgets the
 * first. The other entries may dangle, so they are only compared with NULL.
 */
static void hw_queue_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_hw_queue *queue = (void *)object;
	struct model_viommu *viommu = queue->viommu;

	(void)iommufd;
	viommu->hw_queues[viommu->smmu == MODEL_MOCK_IOMMU ? 0 : queue->index] = NULL;
	if (queue->previous)
		queue->previous->object.users--;
	model_access_free(queue->access);
	viommu->object.users--;
	free(queue);
}

const struct model_kind model_hw_queue_kind = { .free = hw_queue_free };

/* Whole pages are pinned. */
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
	if (err)
		goto free;
	err = model_access_pin(*access, &range, &id);
	if (err)
		goto free;
	err = model_access_check_contiguous(*access, &range);
	if (err)
		goto free;
	return 0;
free:
	model_access_free(*access);
	return err;
}

static int place(struct model_viommu *viommu, struct model_hw_queue *queue, uint32_t count)
{
	if (queue->index >= count)
		return -EINVAL;
	if (viommu->hw_queues[queue->index])
		return -EEXIST;
	if (queue->index == 0)
		return 0;
	queue->previous = viommu->hw_queues[queue->index - 1];
	return queue->previous ? 0 : -EIO;
}

/*
 * Physical addresses are unknown here: memory counts as aligned as its address in the nesting
 * parent, as if in huge pages.
 */
static int check_form(const struct model_smmu *smmu, const struct abi_hw_queue_alloc *args)
{
	uint32_t idr[6], iidr, aidr, cmdqs;

	model_smmu_registers(smmu, idr, &iidr, &aidr);
	cmdqs = idr[1] >> IDR1_CMDQS_SHIFT & IDR1_CMDQS_MASK;
	if (args->length & (args->length - 1) || args->length < QUEUE_LENGTH_MIN ||
		args->length > (uint64_t)COMMAND_LENGTH << cmdqs)
		return -EINVAL;
	return args->nesting_parent_iova & (args->length - 1) ? -EINVAL : 0;
}

/* The driver's part. */
static int init_by_driver(const struct model_iommufd *iommufd, struct model_viommu *viommu,
	struct model_hw_queue *queue, const struct abi_hw_queue_alloc *args)
{
	int err;

	if (viommu->smmu == MODEL_MOCK_IOMMU)
		return place(viommu, queue, MOCK_QUEUES);
	err = place(viommu, queue, iommufd->model->config.smmus[viommu->smmu].cmdqv_queues);
	return err ? err : check_form(iommufd->model->smmus[viommu->smmu], args);
}

static int make(
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
	err = init_by_driver(iommufd, viommu, made, args);
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

/* The queue type that @viommu supports; DEFAULT: none. */
static uint32_t type_of(const struct model_viommu *viommu)
{
	if (viommu->smmu == MODEL_MOCK_IOMMU)
		return ABI_HW_QUEUE_TYPE_SELFTEST;
	return viommu->has_vintf ? ABI_HW_QUEUE_TYPE_TEGRA241_CMDQV : ABI_HW_QUEUE_TYPE_DEFAULT;
}

/* IOMMU_HW_QUEUE_ALLOC */
int model_hw_queue_alloc(struct model_iommufd *iommufd, void *arg)
{
	struct abi_hw_queue_alloc *args = arg;
	struct model_viommu *viommu;
	uint64_t last;

	if (args->flags || args->type == ABI_HW_QUEUE_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (args->length == 0)
		return -EINVAL;
	if (__builtin_add_overflow(args->nesting_parent_iova, args->length - 1, &last))
		return -EOVERFLOW;
	viommu = model_object_find(iommufd, args->viommu_id, &model_viommu_kind);
	if (!viommu)
		return -ENOENT;
	if (args->type != type_of(viommu))
		return -EOPNOTSUPP;
	return make(iommufd, viommu, args);
}
