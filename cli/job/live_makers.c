// SPDX-License-Identifier: MIT
/* How named objects are made and unmade: one pair of functions for each collection. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "job/live_makers.h"
#include "document/value.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

static uint32_t id_of(const struct live *live, const struct document_ref *ref)
{
	return live_object(live, ref->target)->id;
}

/* Kernels before 6.3 do not know the flag, and memory could be executed by whoever gets the file. */
static int open_memory(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC | MFD_NOEXEC_SEAL);

	return fd < 0 && errno == EINVAL ? memfd_create(name, MFD_CLOEXEC) : fd;
}

static int make_memory(struct live *live, const struct document_object *object)
{
	const struct job_memory *memory = (const struct job_memory *)object;
	struct live_object *state = live_object(live, object);
	void *host = MAP_FAILED;
	char bytes[VALUE_TEXT_SIZE];
	int err;

	state->fd = open_memory(object->name);
	if (state->fd < 0)
		return live_fail_with(live, object, -errno, "memfd_create", "%s", strerror(errno));
	if (memory->size > SIZE_MAX)
		errno = ENOMEM;
	else if (ftruncate(state->fd, (off_t)memory->size) == 0)
		host = mmap(NULL, memory->size, PROT_READ | PROT_WRITE, MAP_SHARED, state->fd, 0);
	if (host == MAP_FAILED) {
		err = live_fail_with(live, object, -errno, "mmap", "%s of guest memory: %s",
			value_print_size(memory->size, bytes), strerror(errno));
		close(state->fd);
		return err;
	}
	live->ranges[live->guest.range_count++] =
		(struct iommuctl_guest_range){ memory->ipa, memory->size, host };
	return 0;
}

static int unmake_memory(struct live *live, const struct document_object *object)
{
	const struct job_memory *memory = (const struct job_memory *)object;
	size_t i = 0;

	while (live->ranges[i].ipa != memory->ipa)
		i++;
	munmap(live->ranges[i].host, memory->size);
	live->ranges[i] = live->ranges[--live->guest.range_count];
	close(live_object(live, object)->fd);
	return 0;
}

static int make_device(struct live *live, const struct document_object *object)
{
	const struct job_device *device = (const struct job_device *)object;
	struct live_object *state = live_object(live, object);
	struct platform_device found;
	int err;

	err = live->platform->find(live->platform, device, &found, &live->failure);
	if (err)
		return live_fail_as_told(live, object, "look-up");
	live->devices[object->index] = (struct live_device){ .found = found };
	err = iommuctl_vfio_device_open(live->ctx, found.cdev_path, &state->fd);
	if (err)
		return live_fail(live, object, err);
	state->id = 0;
	if (device->bind)
		err = iommuctl_vfio_bind_iommufd(
			live->ctx, state->fd, live->iommufd, NULL, &state->id);
	if (err) {
		live_fail(live, object, err);
		iommuctl_close(live->ctx, state->fd);
		return err;
	}
	return 0;
}

static int close_state_fd(struct live *live, const struct document_object *object)
{
	int err = iommuctl_close(live->ctx, live_object(live, object)->fd);

	return err ? live_fail(live, object, err) : 0;
}

static int destroy_state_id(struct live *live, const struct document_object *object)
{
	int err = iommuctl_destroy(live->ctx, live->iommufd, live_object(live, object)->id);

	return err ? live_fail(live, object, err) : 0;
}

int live_ioas_map(struct live *live, const struct document_object *ioas, const struct job_ioas_map *map)
{
	const struct job_memory *memory = (const struct job_memory *)map->memory.target;
	uint32_t flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA;
	uint64_t iova = job_ioas_map_iova(map);
	uint64_t length = job_ioas_map_length(map);
	void *host;
	int err;

	host = live_memory_at(live, memory->ipa + map->offset, length);
	if (!host)
		return live->failure.error;
	if (map->prot & JOB_PROT_READ)
		flags |= IOMMUCTL_IOAS_MAP_READABLE;
	if (map->prot & JOB_PROT_WRITE)
		flags |= IOMMUCTL_IOAS_MAP_WRITEABLE;
	err = iommuctl_ioas_map(live->ctx, live->iommufd,
		&(struct iommuctl_ioas_map_args){ .flags = flags,
			.ioas_id = live_object(live, ioas)->id, .host = host, .length = length },
		&iova);
	if (err)
		return live_fail(live, ioas, err);
	err = iova_map_add(&live->maps[ioas->index], (struct iova_span){
		.first = iova,
		.last = iova + length - 1,
		.prot = map->prot,
		.ipa = memory->ipa + map->offset,
	});
	return err == -ENOMEM ? live_fail_with(live, ioas, err, "map", "out of memory") : 0;
}

static int make_ioas(struct live *live, const struct document_object *object)
{
	const struct job_ioas *ioas = (const struct job_ioas *)object;
	const struct job_ioas_map *map = ioas->map.items;
	struct live_object *state = live_object(live, object);
	int err;

	err = iommuctl_ioas_alloc(live->ctx, live->iommufd, &state->id);
	if (err)
		return live_fail(live, object, err);
	iova_map_free(&live->maps[object->index]);
	for (size_t i = 0; i < ioas->map.count; i++) {
		err = live_ioas_map(live, object, &map[i]);
		if (err) {
			iommuctl_destroy(live->ctx, live->iommufd, state->id);
			return err;
		}
	}
	return 0;
}

static int make_hwpt(struct live *live, const struct document_object *object)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)object;
	struct iommuctl_hwpt_alloc_args args = { .dev_id = id_of(live, &hwpt->device) };
	struct iommuctl_hwpt_arm_smmuv3 nested;
	int err;

	if (hwpt->ioas.target) {
		args.pt_id = id_of(live, &hwpt->ioas);
		if (hwpt->nest_parent)
			args.flags |= IOMMUCTL_HWPT_ALLOC_NEST_PARENT;
		if (hwpt->dirty_tracking)
			args.flags |= IOMMUCTL_HWPT_ALLOC_DIRTY_TRACKING;
	} else {
		iommuctl_smmuv3_words_to_le(
			&nested, hwpt->ste->encoded, IOMMUCTL_SMMUV3_NESTED_WORDS);
		args.pt_id = id_of(live, &hwpt->viommu);
		args.data_type = IOMMUCTL_HWPT_DATA_ARM_SMMUV3;
		args.data_len = sizeof(nested);
		args.data = &nested;
	}
	err = iommuctl_hwpt_alloc(live->ctx, live->iommufd, &args, &live_object(live, object)->id);
	return err ? live_fail(live, object, err) : 0;
}

static int make_viommu(struct live *live, const struct document_object *object)
{
	const struct job_viommu *viommu = (const struct job_viommu *)object;
	const struct iommuctl_viommu_alloc_args args = {
		.type = (uint32_t)viommu->type,
		.dev_id = id_of(live, &viommu->device),
		.hwpt_id = id_of(live, &viommu->hwpt),
	};
	int err;

	err = iommuctl_viommu_alloc(live->ctx, live->iommufd, &args, &live_object(live, object)->id);
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
	struct live_object *state = live_object(live, object);
	int err;

	err = iommuctl_veventq_alloc(live->ctx, live->iommufd,
		&(struct iommuctl_veventq_alloc_args){
			.viommu_id = id_of(live, &veventq->viommu),
			.type = IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3,
			.depth = (uint32_t)veventq->depth },
		&state->id, &state->fd);
	if (err)
		return live_fail(live, object, err);
	live->queues[object->index] = (struct live_queue){ 0 };
	iommuctl_event_reader_init(&live->queues[object->index].reader, live->ctx, state->fd);
	return 0;
}

/* The open file keeps the queue busy, so it goes first. */
static int unmake_veventq(struct live *live, const struct document_object *object)
{
	int close_err = close_state_fd(live, object);
	int destroy_err = destroy_state_id(live, object);

	return close_err ? close_err : destroy_err;
}

static int map_msi_window(struct live *live, const struct job_stage1 *stage1)
{
	const struct document_object *device = stage1->msi_window.target;
	struct platform_window window;
	char bytes[VALUE_TEXT_SIZE];
	struct job_leaf leaf;
	int err;

	err = live->platform->find_msi_window(
		live->platform, &live->devices[device->index].found, &window,
		&live->failure);
	if (err)
		return live_fail_as_told(live, device, "reserved_regions");
	leaf = (struct job_leaf){
		.iova = window.start,
		.ipa = window.start,
		.size = window.size,
		.prot = JOB_PROT_READ | JOB_PROT_WRITE,
		.attr = JOB_ATTR_DEVICE_NGNRE,
		.access_flag = true,
	};
	err = tables_map_leaf(&live->tables.stage1[stage1->object.index], &leaf);
	if (err)
		return live_fail_with(live, &stage1->object, err, "msi-window",
			"%s at 0x%" PRIx64 " cannot be mapped onto themselves: %s",
			value_print_size(leaf.size, bytes), leaf.iova, strerror(-err));
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

/* Tables are bytes of guest memory: nothing of them is left that could be given back. */
static int unmake_tables(struct live *live, const struct document_object *object)
{
	(void)live;
	(void)object;
	return 0;
}

static int make_irq(struct live *live, const struct document_object *object)
{
	const struct job_irq *irq = (const struct job_irq *)object;
	struct live_object *state = live_object(live, object);
	int device = live_object(live, irq->device.target)->fd;
	int err;

	state->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (state->fd < 0)
		return live_fail_with(live, object, -errno, "eventfd", "%s", strerror(errno));
	err = iommuctl_vfio_irqs_enable(live->ctx, device, (uint32_t)irq->index,
		(uint32_t)irq->vector, &state->fd, 1);
	if (err) {
		live_fail(live, object, err);
		close(state->fd);
	}
	return err;
}

static bool is_last_vector(const struct live *live, const struct job_irq *irq)
{
	const struct job_irq *irqs = live->job->objects[JOB_IRQS].items;

	for (size_t i = 0; i < live->job->objects[JOB_IRQS].count; i++) {
		if (&irqs[i] != irq && live->objects[JOB_IRQS][i].made &&
			irqs[i].device.target == irq->device.target && irqs[i].index == irq->index)
			return false;
	}
	return true;
}

static int unmake_irq(struct live *live, const struct document_object *object)
{
	const struct job_irq *irq = (const struct job_irq *)object;
	int device = live_object(live, irq->device.target)->fd;
	const int none = -1;
	int err;

	/* Disabling an index ends all of its vectors. */
	if (is_last_vector(live, irq))
		err = iommuctl_vfio_irqs_disable(live->ctx, device, (uint32_t)irq->index);
	else
		err = iommuctl_vfio_irqs_enable(live->ctx, device, (uint32_t)irq->index,
			(uint32_t)irq->vector, &none, 1);
	if (err)
		live_fail(live, object, err);
	close(live_object(live, object)->fd);
	return err;
}

const struct live_maker live_makers[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = { make_memory, unmake_memory, true },
	[JOB_DEVICES] = { make_device, close_state_fd, true },
	[JOB_IOAS] = { make_ioas, destroy_state_id },
	[JOB_HWPTS] = { make_hwpt, destroy_state_id },
	[JOB_VIOMMUS] = { make_viommu, destroy_state_id },
	[JOB_VDEVICES] = { make_vdevice, destroy_state_id },
	[JOB_VEVENTQS] = { make_veventq, unmake_veventq, true },
	[JOB_STAGE1] = { make_stage1, unmake_tables },
	[JOB_CD_TABLES] = { make_cd_table, unmake_tables },
	[JOB_IRQS] = { make_irq, unmake_irq, true },
};
