// SPDX-License-Identifier: MIT
#include "model/machine.h"

#include <errno.h>

#include "abi/iommufd.h"

/* Every struct of an object starts with its struct model_object. */
static void object_free(struct model_iommufd *iommufd, struct model_object *object)
{
	void *whole = object;

	switch (object->kind) {
	case MODEL_IOAS: model_ioas_free(whole); return;
	case MODEL_HWPT_PAGING: model_hwpt_paging_free(iommufd, whole); return;
	case MODEL_HWPT_NESTED: model_hwpt_nested_free(iommufd, whole); return;
	case MODEL_VIOMMU: model_viommu_free(iommufd, whole); return;
	case MODEL_VDEVICE: model_vdevice_free(iommufd, whole); return;
	case MODEL_VEVENTQ: model_veventq_free(iommufd, whole); return;
	case MODEL_FAULT_QUEUE: model_fault_queue_free(iommufd, whole); return;
	case MODEL_DEVICE:
	case MODEL_TOMBSTONE: return;
	}
}

void model_object_destroy(struct model_iommufd *iommufd, struct model_object *object)
{
	model_object_remove(iommufd, object);
	object_free(iommufd, object);
}

/* IOMMU_DESTROY */
int model_destroy(struct model_iommufd *iommufd, void *arg)
{
	const struct abi_destroy *args = arg;
	struct model_object *object = model_object_any(iommufd, args->id);

	if (!object)
		return -ENOENT;
	if (object->users > 0 || object->kind == MODEL_DEVICE)
		return -EBUSY;
	model_object_destroy(iommufd, object);
	return 0;
}
