// SPDX-License-Identifier: MIT
/* Making and unmaking named objects: one pair of functions for each collection. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "job/live/makers.h"
#include "document/value.h"
#include "job/encode.h"
#include "job/live/adopt.h"
#include "job/live/faults.h"
#include "job/live/mock.h"
#include "job/live/request.h"
#include "job/live/vintf.h"

static uint32_t id_of(const struct live *live, const struct document_ref *ref)
{
	return live_object(live, ref->target)->id;
}

static int bind_device(struct live *live, const struct job_device *device,
	struct live_object *state, bool was_passed)
{
	int err;

	state->id = 0;
	if (device->id)
		return live_adopt_id(live, device, &state->id);
	if (!device->bind)
		return 0;
	err = iommuctl_vfio_bind_iommufd(
		live->ctx, state->fd, live->iommufd, device->vf_token, &state->id);
	if (!err)
		return 0;
	live_fail(live, &device->object, err);
	if (err == -EINVAL && was_passed)
		failure_explain(&live->failure, "it was passed to this session already bound",
			"pass the iommufd that it is bound to as well, and give the ID in \"id\"");
	return err;
}

static int set_vf_token(
	struct live *live, const struct job_device *device, const struct live_object *state)
{
	int err;

	if (!device->set_vf_token)
		return 0;
	err = iommuctl_vfio_feature_set(live->ctx, state->fd,
		IOMMUCTL_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, device->set_vf_token, VALUE_UUID_SIZE);
	return err ? live_fail(live, &device->object, err) : 0;
}

static int make_device(struct live *live, const struct document_object *object)
{
	const struct job_device *device = (const struct job_device *)object;
	struct live_object *state = live_object(live, object);
	struct platform_device found;
	bool was_passed;
	int err;

	err = live->platform->find(live->platform, device, &found, &live->failure);
	if (err) {
		live->failure.no_device = true;
		return live_fail_as_told(live, object, "look-up");
	}
	live->devices[object->index] = (struct live_device){ .found = found };
	err = live_adopt_device(live, device, &state->fd);
	if (err)
		return err;
	was_passed = state->fd >= 0;
	live->devices[object->index].was_passed = was_passed;
	if (!was_passed)
		err = iommuctl_vfio_device_open(live->ctx, found.cdev_path, &state->fd);
	if (err)
		return live_fail(live, object, err);
	err = bind_device(live, device, state, was_passed);
	if (err)
		goto close;
	err = set_vf_token(live, device, state);
	if (err)
		goto close;
	err = live_watch_device_request(live, object);
	if (err)
		goto close;
	return 0;

close:
	iommuctl_close(live->ctx, state->fd);
	return err;
}

static int close_state_fd(struct live *live, const struct document_object *object)
{
	int err = iommuctl_close(live->ctx, live_object(live, object)->fd);

	return err ? live_fail(live, object, err) : 0;
}

static int unmake_device(struct live *live, const struct document_object *object)
{
	stimulus_stop(&live->devices[object->index].stimulus);
	live_unwatch_device_request(live, object);
	return close_state_fd(live, object);
}

static int destroy_state_id(struct live *live, const struct document_object *object)
{
	int err = iommuctl_destroy(live->ctx, live->iommufd, live_object(live, object)->id);

	return err ? live_fail(live, object, err) : 0;
}

static int make_hwpt(struct live *live, const struct document_object *object)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)object;
	struct live_object *state = live_object(live, object);
	struct iommuctl_hwpt_alloc_args args = { .dev_id = id_of(live, &hwpt->device) };
	struct iommuctl_hwpt_arm_smmuv3 nested;
	struct iommuctl_hwpt_vtd_s1 vtd;
	struct mock_hwpt mock;
	int err;

	if (hwpt->nest_parent)
		args.flags |= IOMMUCTL_HWPT_ALLOC_NEST_PARENT;
	if (hwpt->dirty_tracking)
		args.flags |= IOMMUCTL_HWPT_ALLOC_DIRTY_TRACKING;
	if (hwpt->pasid)
		args.flags |= IOMMUCTL_HWPT_ALLOC_PASID;
	if (hwpt->ioas.target) {
		args.pt_id = id_of(live, &hwpt->ioas);
	} else if (hwpt->parent.target) {
		vtd = encode_vtd_s1(hwpt->vtd_s1);
		args.pt_id = id_of(live, &hwpt->parent);
		args.data_type = IOMMUCTL_HWPT_DATA_VTD_S1;
		args.data_len = sizeof(vtd);
		args.data = &vtd;
	} else if (hwpt->mock) {
		mock = (struct mock_hwpt){ .iotlb = (uint32_t)hwpt->mock->iotlb };
		args.pt_id = id_of(live, &hwpt->viommu);
		args.data_type = MOCK_HWPT_DATA;
		args.data_len = sizeof(mock);
		args.data = &mock;
	} else {
		memcpy(state->ste, hwpt->ste->encoded, sizeof(state->ste));
		iommuctl_smmuv3_words_to_le(&nested, state->ste, IOMMUCTL_SMMUV3_NESTED_WORDS);
		args.pt_id = id_of(live, &hwpt->viommu);
		args.data_type = IOMMUCTL_HWPT_DATA_ARM_SMMUV3;
		args.data_len = sizeof(nested);
		args.data = &nested;
	}
	if (hwpt->fault_queue.target) {
		args.flags |= IOMMUCTL_HWPT_FAULT_ID_VALID;
		args.fault_id = id_of(live, &hwpt->fault_queue);
	}
	err = iommuctl_hwpt_alloc(live->ctx, live->iommufd, &args, &state->id);
	return err ? live_fail(live, object, err) : 0;
}

static int make_viommu(struct live *live, const struct document_object *object)
{
	const struct job_viommu *viommu = (const struct job_viommu *)object;
	struct live_object *state = live_object(live, object);
	struct iommuctl_viommu_alloc_args args = {
		.type = (uint32_t)viommu->type,
		.dev_id = id_of(live, &viommu->device),
		.hwpt_id = id_of(live, &viommu->hwpt),
	};
	struct iommuctl_viommu_tegra241_cmdqv vintf = { 0 };
	struct mock_viommu mock = { 0 };
	int err;

	if (job_is_vintf(object)) {
		args.data = &vintf;
		args.data_len = sizeof(vintf);
	}
	if (viommu->mock) {
		mock.value = (uint32_t)viommu->mock->value;
		args.data = &mock;
		args.data_len = sizeof(mock);
	}
	err = iommuctl_viommu_alloc(live->ctx, live->iommufd, &args, &state->id);
	if (err)
		return live_fail(live, object, err);
	state->issues = 0;
	state->mmap_offset = viommu->mock ? mock.mmap_offset : vintf.vintf_mmap_offset;
	state->mmap_length = viommu->mock ? mock.mmap_length : vintf.vintf_mmap_length;
	err = live_vintf_map(live, object);
	if (err)
		iommuctl_destroy(live->ctx, live->iommufd, state->id);
	return err;
}

/* If it stays, its pages stay mapped. */
static int unmake_viommu(struct live *live, const struct document_object *object)
{
	const bool was_mapped = live_object(live, object)->page0;
	struct failure first;
	int err = live_vintf_unmap(live, object);

	if (err)
		return err;
	err = destroy_state_id(live, object);
	if (!err || !was_mapped)
		return err;
	first = live->failure;
	live_vintf_map(live, object);
	live->failure = first;
	return err;
}

static int make_hw_queue(struct live *live, const struct document_object *object)
{
	const struct job_hw_queue *queue = (const struct job_hw_queue *)object;
	const struct iommuctl_hw_queue_alloc_args args = {
		.viommu_id = id_of(live, &queue->viommu),
		.type = live_is_mock_viommu(queue->viommu.target)
				? MOCK_HW_QUEUE_TYPE
				: IOMMUCTL_HW_QUEUE_TYPE_TEGRA241_CMDQV,
		.index = (uint32_t)queue->index,
		.nesting_parent_iova = queue->ipa,
		.length = queue->size,
	};
	int err = iommuctl_hw_queue_alloc(
		live->ctx, live->iommufd, &args, &live_object(live, object)->id);

	return err ? live_fail(live, object, err) : 0;
}

static int make_vdevice(struct live *live, const struct document_object *object)
{
	const struct job_vdevice *vdevice = (const struct job_vdevice *)object;
	int err;

	err = iommuctl_vdevice_alloc(live->ctx, live->iommufd, id_of(live, &vdevice->viommu),
		id_of(live, &vdevice->device), vdevice->vsid, &live_object(live, object)->id);
	return err ? live_fail(live, object, err) : 0;
}

static int make_veventq(struct live *live, const struct document_object *object)
{
	const struct job_veventq *veventq = (const struct job_veventq *)object;
	const bool is_mock = live_is_mock_viommu(veventq->viommu.target);
	struct live_object *state = live_object(live, object);
	int err;

	err = iommuctl_veventq_alloc(live->ctx, live->iommufd,
		&(struct iommuctl_veventq_alloc_args){ .viommu_id = id_of(live, &veventq->viommu),
			.type = is_mock ? MOCK_VEVENTQ_TYPE : (uint32_t)veventq->type,
			.depth = (uint32_t)veventq->depth },
		&state->id, &state->fd);
	if (err)
		return live_fail(live, object, err);
	live_begin_queue(live, object);
	return 0;
}

/*
 * The open file keeps the queue busy, so close it first. Other copies of it cannot be found; if one
 * is left, the queue stays, and can only be destroyed again.
 */
static int unmake_queue(struct live *live, const struct document_object *object)
{
	struct live_object *state = live_object(live, object);
	int close_err = state->fd >= 0 ? close_state_fd(live, object) : 0;
	int err;

	state->fd = -1;
	err = destroy_state_id(live, object);
	if (err == -EBUSY && !live->undoing)
		failure_explain(&live->failure, "another process has its file open, or uses it",
			"destroy it again once that process has closed it");
	if (err)
		return err;
	state->id = 0;
	return close_err;
}

static int make_fault_queue(struct live *live, const struct document_object *object)
{
	const struct job_fault_queue *queue = (const struct job_fault_queue *)object;
	struct live_fault_queue *faults = &live->fault_queues[object->index];
	struct live_object *state = live_object(live, object);
	struct iommuctl_pgfault *room = calloc(queue->group_max, sizeof(*room));
	int err;

	if (!room)
		return live_fail_with(live, object, -ENOMEM, "create", "out of memory");
	err = iommuctl_fault_queue_alloc(live->ctx, live->iommufd, &state->id, &state->fd);
	if (err) {
		free(room);
		return live_fail(live, object, err);
	}
	*faults = (struct live_fault_queue){ 0 };
	iommuctl_fault_reader_init(&faults->reader, live->ctx, state->fd, room, queue->group_max);
	return 0;
}

static int unmake_fault_queue(struct live *live, const struct document_object *object)
{
	live_free_faults(&live->fault_queues[object->index]);
	return unmake_queue(live, object);
}

static int map_msi_window(struct live *live, const struct job_stage1 *stage1)
{
	const struct document_object *device = stage1->msi_window.target;
	struct platform_window window;
	char bytes[VALUE_TEXT_SIZE];
	int err;

	err = live->platform->find_msi_window(
		live->platform, &live->devices[device->index].found, &window, &live->failure);
	if (err)
		return live_fail_as_told(live, device, "reserved_regions");
	err = tables_map_msi_window(&live->tables, stage1, &window);
	if (err)
		return live_fail_with(live, &stage1->object, err, "msi-window",
			"%s at 0x%" PRIx64 " cannot be identity-mapped: %s",
			value_print_size(window.size, bytes), window.start, strerror(-err));
	return 0;
}

static int make_stage1(struct live *live, const struct document_object *object)
{
	const struct job_stage1 *stage1 = (const struct job_stage1 *)object;
	const struct job_leaf *wrong;
	int err;

	err = tables_build_stage1(&live->tables, stage1, &wrong);
	if (err)
		return live_fail_with(live, object, err, "stage1", "%s", strerror(-err));
	return stage1->msi_window.target ? map_msi_window(live, stage1) : 0;
}

static int make_cd_table(struct live *live, const struct document_object *object)
{
	const struct job_context *wrong;
	int err;

	err = tables_build_cd_table(&live->tables, (const struct job_cd_table *)object, &wrong);
	if (err)
		return live_fail_with(live, object, err, "cd-table", "%s", strerror(-err));
	return 0;
}

/* Tables are bytes of guest memory: there is nothing to release. */
static int unmake_tables(struct live *live, const struct document_object *object)
{
	(void)live;
	(void)object;
	return 0;
}

const struct live_maker live_makers[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = { live_make_memory, live_unmake_memory, true },
	[JOB_DEVICES] = { make_device, unmake_device, true },
	[JOB_IOAS] = { live_make_ioas, destroy_state_id },
	[JOB_FAULT_QUEUES] = { make_fault_queue, unmake_fault_queue, .destroy = destroy_state_id },
	[JOB_HWPTS] = { make_hwpt, destroy_state_id },
	[JOB_VIOMMUS] = { make_viommu, unmake_viommu },
	[JOB_VDEVICES] = { make_vdevice, destroy_state_id },
	[JOB_VEVENTQS] = { make_veventq, unmake_queue, .destroy = destroy_state_id },
	[JOB_HW_QUEUES] = { make_hw_queue, destroy_state_id },
	[JOB_STAGE1] = { make_stage1, unmake_tables },
	[JOB_CD_TABLES] = { make_cd_table, unmake_tables },
	[JOB_IRQS] = { live_make_irq, live_unmake_irq, true },
};
