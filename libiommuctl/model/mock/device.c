// SPDX-License-Identifier: MIT
/* Creates, attaches and destroys mock devices by number. */
#include "model/mock/mock.h"
#include "array.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

#define KNOWN_FLAGS ((uint32_t)(ABI_MOCK_FLAGS_DEVICE_NO_DIRTY | ABI_MOCK_FLAGS_DEVICE_PASID))

struct model_mock_device *model_mock_of(const struct model_device *device)
{
	return device->is_mock ? (struct model_mock_device *)device : NULL;
}

static const struct model_hwpt_mock *nested_of(const struct model_hwpt *hwpt)
{
	return hwpt && hwpt->object.kind == &model_hwpt_mock_kind ? (const void *)hwpt : NULL;
}

static int check(const struct model_mock_device *mock, const struct model_hwpt *hwpt)
{
	const struct model_hwpt_mock *nested = nested_of(hwpt);
	const struct model_vdevice *vdevice = mock->device.vdevice;

	if (hwpt->paging->smmu != MODEL_MOCK_IOMMU)
		return -EINVAL;
	if (!nested && hwpt->paging->dirty && mock->flags & ABI_MOCK_FLAGS_DEVICE_NO_DIRTY)
		return -EINVAL;
	if (nested && nested->viommu && (!vdevice || vdevice->viommu != nested->viommu))
		return -ENOENT;
	return 0;
}

int model_mock_attach(struct model_device *device, struct model_hwpt *hwpt)
{
	struct model_mock_device *mock = (struct model_mock_device *)device;
	const struct model_hwpt_mock *nested = nested_of(hwpt);
	struct model_viommu *viommu = nested ? nested->viommu : NULL;
	int err = hwpt ? check(mock, hwpt) : 0;

	if (err)
		return err;
	if (viommu != mock->viommu) {
		mock->viommu = viommu;
		mock->vsid = viommu ? device->vdevice->vsid : 0;
	}
	if (device->streaming && device->streaming != hwpt)
		model_faults_end(device, 0, device->streaming);
	device->streaming = hwpt;
	return 0;
}

static uint32_t pasid_count(const struct model_mock_device *mock)
{
	return mock->flags & ABI_MOCK_FLAGS_DEVICE_PASID ? 1u << ABI_MOCK_PASID_WIDTH : 1;
}

int model_mock_attach_pasid(
	struct model_device *device, uint32_t pasid, const struct model_hwpt *hwpt)
{
	struct model_mock_device *mock = (struct model_mock_device *)device;
	bool fails;

	if (!hwpt) {
		mock->fails_next &= pasid != ABI_TEST_PASID_RESERVED;
		return 0;
	}
	if (hwpt->paging->smmu != MODEL_MOCK_IOMMU || pasid >= pasid_count(mock))
		return -EINVAL;
	if (pasid != ABI_TEST_PASID_RESERVED)
		return 0;
	fails = mock->fails_next;
	mock->fails_next = !fails;
	return fails ? -ENOMEM : 0;
}

static void unbind(struct model_mock_device *mock)
{
	struct model_device *device = &mock->device;
	struct model_iommufd *iommufd = device->iommufd;

	while (device->pasid_count)
		model_device_detach_pasid(device, device->pasids[0].pasid);
	free(device->pasids);
	if (device->attached)
		model_detach_hwpt(device);
	if (device->vdevice)
		model_vdevice_bury(iommufd, device->vdevice);
	model_object_remove(iommufd, &device->object);
}

static struct model_mock_device *mock_of_object(struct model_object *object)
{
	return (void *)((char *)object - offsetof(struct model_mock_device, object));
}

static void mock_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_mock_device *mock = mock_of_object(object);

	(void)iommufd;
	unbind(mock);
	free(mock);
}

const struct model_kind model_mock_kind = { .free = mock_free };

static struct model_mock_device *mock_find(const struct model_iommufd *iommufd, uint32_t id)
{
	struct model_object *object = model_object_find(iommufd, id, &model_mock_kind);

	return object ? mock_of_object(object) : NULL;
}

static int bind(struct model_iommufd *iommufd, struct model_mock_device *mock, uint32_t *pt_id)
{
	struct model_device *device = &mock->device;
	int err = model_object_add(iommufd, &mock->object, &model_mock_kind);

	if (err)
		return err;
	err = model_object_add(iommufd, &device->object, &model_device_kind);
	if (err)
		goto remove;
	device->object.users = 1;
	/* A device under construction is not found. */
	err = *pt_id == mock->object.id ? -ENOENT
					: model_attach_pt(device, 0, pt_id, model_attach_hwpt);
	if (err)
		goto unbind;
	return 0;
unbind:
	model_object_remove(iommufd, &device->object);
remove:
	model_object_remove(iommufd, &mock->object);
	return err;
}

int model_mock_device_new(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const bool has_flags = command->op == ABI_TEST_OP_MOCK_DOMAIN_FLAGS;
	struct model_mock_device *made;
	uint32_t pt_id = command->id;
	int err;

	if (has_flags && command->mock_domain_flags.dev_flags & ~KNOWN_FLAGS)
		return -EINVAL;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->flags = has_flags ? command->mock_domain_flags.dev_flags : 0;
	made->device = (struct model_device){
		.model = iommufd->model,
		.iommufd = iommufd,
		.config.smmu = MODEL_MOCK_IOMMU,
		.is_mock = true,
	};
	for (size_t i = 0; i < ARRAY_SIZE(made->cache); i++)
		made->cache[i] = ABI_TEST_DEV_CACHE_DEFAULT;
	err = bind(iommufd, made, &pt_id);
	if (err) {
		free(made);
		return err;
	}
	command->mock_domain.out_stdev_id = made->object.id;
	command->mock_domain.out_idev_id = made->device.object.id;
	command->mock_domain.out_hwpt_id = pt_id;
	/* cppcheck-suppress memleak ; the table of objects has it */
	return 0;
}

int model_mock_replace(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	struct model_mock_device *mock = mock_find(iommufd, command->id);

	if (!mock)
		return -ENOENT;
	return model_attach_pt(
		&mock->device, 0, &command->mock_domain_replace.pt_id, model_replace_hwpt);
}

/* PASID 0 means the device itself. */
int model_mock_pasid_attach(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	struct model_mock_device *mock = mock_find(iommufd, command->id);
	const uint32_t pasid = command->pasid_attach.pasid;

	if (!mock)
		return -ENOENT;
	return model_attach_pt(&mock->device, pasid, &command->pasid_attach.pt_id,
		pasid ? model_pasid_attach_hwpt : model_attach_hwpt);
}

int model_mock_pasid_replace(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	struct model_mock_device *mock = mock_find(iommufd, command->id);
	const uint32_t pasid = command->pasid_attach.pasid;

	if (!mock)
		return -ENOENT;
	return model_attach_pt(&mock->device, pasid, &command->pasid_attach.pt_id,
		pasid ? model_pasid_replace_hwpt : model_replace_hwpt);
}

int model_mock_pasid_detach(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	struct model_mock_device *mock = mock_find(iommufd, command->id);
	const uint32_t pasid = command->pasid_detach.pasid;

	if (!mock)
		return -ENOENT;
	if (pasid)
		model_device_detach_pasid(&mock->device, pasid);
	else if (mock->device.attached)
		model_detach_hwpt(&mock->device);
	return 0;
}

/* Whether the PASID has the HWPT; 0: none. */
int model_mock_pasid_check(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const struct model_mock_device *mock = mock_find(iommufd, command->id);
	const uint32_t pasid = command->pasid_check.pasid;
	const struct model_object *wanted;
	const struct model_hwpt *hwpt;

	if (!mock)
		return -ENOENT;
	hwpt = pasid ? model_pasid_hwpt(&mock->device, pasid) : mock->device.attached;
	if (!command->pasid_check.hwpt_id)
		return hwpt ? -EINVAL : 0;
	wanted = model_object_any(iommufd, command->pasid_check.hwpt_id);
	if (!wanted)
		return -ENOENT;
	return hwpt && &hwpt->object == wanted ? 0 : -EINVAL;
}
