// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/machine.h"
#include "model/user.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include <iommuctl/smmuv3_cmd.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"

#define ENTRIES_MAX   (1u << 19)
#define ENTRY_LEN_MAX 4096
#define MEMORY_MAX    (4u << 20) /* the kernel's allocation limit */
#define BATCH	      63	 /* commands that the kernel issues with one CMD_SYNC */

#define OPCODE	 UINT64_C(0xff)
#define ID_SHIFT 32
#define VMID	 (UINT64_C(0xffff) << ID_SHIFT)
#define STREAMID (UINT64_C(0xffffffff) << ID_SHIFT)

struct batch {
	const struct model_viommu *viommu;
	struct iommuctl_model *model;
	struct iommuctl_smmuv3_idr idr;
	struct abi_viommu_arm_smmuv3_invalidate *entries;
	uint32_t count;
};

/* Entries may be shorter or longer than what the kernel knows. */
static int read_entries(const struct abi_hwpt_invalidate *args, struct batch *batch)
{
	const size_t known = sizeof(*batch->entries);
	int err = 0;

	if (args->data_type != ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 || batch->count == 0)
		return -EINVAL;
	if (args->entry_len == known)
		return model_copy_in(batch->entries, args->data_uptr, known * batch->count);
	for (uint32_t i = 0; err == 0 && i < batch->count; i++) {
		uint64_t user = args->data_uptr + (uint64_t)args->entry_len * i;
		size_t size = args->entry_len < known ? args->entry_len : known;

		err = model_check_rest(user + size, args->entry_len - size);
		if (err == 0)
			err = model_copy_in(&batch->entries[i], user, size);
	}
	return err;
}

/* Makes the SMMU's command of a guest's: with the VMID and the StreamID of this machine. */
static int convert(const struct batch *batch, struct abi_viommu_arm_smmuv3_invalidate *entry,
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS])
{
	const uint64_t vmid = (uint64_t)batch->viommu->parent->stage2.vmid << ID_SHIFT;
	const struct model_device *device;

	words[0] = le64toh(entry->cmd[0]);
	words[1] = le64toh(entry->cmd[1]);
	if (iommuctl_smmuv3_cmd_class(words[0] & OPCODE) != IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED)
		return -EIO;
	if (iommuctl_smmuv3_cmd_validate(words, &batch->idr, NULL))
		return -EIO;
	switch (words[0] & OPCODE) {
	case IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL:
		words[0] = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL | vmid;
		return 0;
	case IOMMUCTL_SMMUV3_CMD_ATC_INV:
	case IOMMUCTL_SMMUV3_CMD_CFGI_CD:
	case IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL:
		device = model_viommu_find_device(batch->viommu, words[0] >> ID_SHIFT);
		if (!device)
			return -EIO;
		words[0] = (words[0] & ~STREAMID) | (uint64_t)device->config.stream_id << ID_SHIFT;
		return 0;
	default: words[0] = (words[0] & ~VMID) | vmid; return 0;
	}
}

static void issue(
	const struct batch *batch, uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], uint32_t count)
{
	struct model_smmu *smmu = batch->model->smmus[batch->viommu->smmu];

	for (uint32_t i = 0; i < count; i++)
		model_smmu_command(smmu, commands[i]);
}

/*
 * Commands before a bad one are executed, except those of its own batch; *@done counts those too.
 */
static int relay(const struct batch *batch, uint32_t *done)
{
	uint64_t commands[BATCH][IOMMUCTL_SMMUV3_CMD_WORDS];
	uint32_t waiting = 0;

	for (uint32_t i = 0; i < batch->count; i++) {
		int err = convert(batch, &batch->entries[i], commands[waiting]);

		*done = i;
		if (err)
			return err;
		if (++waiting < BATCH && i + 1 < batch->count)
			continue;
		issue(batch, commands, waiting);
		waiting = 0;
	}
	*done = batch->count;
	return 0;
}

int model_viommu_invalidate(struct model_iommufd *iommufd, struct model_object *object,
	const struct abi_hwpt_invalidate *args, uint32_t *done)
{
	const struct model_viommu *viommu = (const void *)object;
	struct batch batch = {
		.viommu = viommu,
		.model = iommufd->model,
		.count = args->entry_num,
	};
	uint32_t idr[IOMMUCTL_SMMUV3_IDR_REGISTERS], iidr, aidr;
	int err;

	if (batch.count > MEMORY_MAX / sizeof(*batch.entries)) {
		*done = batch.count;
		return -ENOMEM;
	}
	batch.entries = calloc((size_t)batch.count + 1, sizeof(*batch.entries));
	if (!batch.entries) {
		*done = batch.count;
		return -ENOMEM;
	}
	model_smmu_registers(iommufd->model->smmus[viommu->smmu], idr, &iidr, &aidr);
	iommuctl_smmuv3_idr_decode(idr, iidr, aidr, &batch.idr);
	err = read_entries(args, &batch);
	if (err == 0)
		err = relay(&batch, done);
	free(batch.entries);
	return err;
}

static bool is_sized_well(const struct abi_hwpt_invalidate *args)
{
	if (args->entry_num == 0)
		return true;
	return args->data_uptr && args->entry_len && args->entry_len <= ENTRY_LEN_MAX &&
	       args->entry_num <= ENTRIES_MAX;
}

/* Why the call is refused before any command is read, in the kernel's order; else 0. */
static int refuse(const struct abi_hwpt_invalidate *args, const struct model_object *object)
{
	if (args->reserved)
		return -EOPNOTSUPP;
	if (!is_sized_well(args))
		return -EINVAL;
	if (!object)
		return -ENOENT;
	return object->kind->invalidate ? 0 : -EINVAL;
}

/* IOMMU_HWPT_INVALIDATE */
int model_hwpt_invalidate(struct model_iommufd *iommufd, void *arg)
{
	struct abi_hwpt_invalidate *args = arg;
	struct model_object *object;
	uint32_t done = 0;
	int err;

	object = model_object_any(iommufd, args->hwpt_id);
	err = refuse(args, object);
	if (!err)
		err = object->kind->invalidate(iommufd, object, args, &done);
	args->entry_num = done;
	return err;
}
