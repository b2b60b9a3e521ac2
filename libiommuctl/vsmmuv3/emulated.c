// SPDX-License-Identifier: MIT
/*
 * Devices that the VMM emulates: translates their accesses, and reports those that the guest does
 * not allow.
 *
 * A walk holds the cache's lock, and so does a command that drops entries. So what a walk finds and
 * caches is either dropped, or was read after the command.
 */
#include <errno.h>

#include <iommuctl/vsmmuv3_translate.h>

#include "vsmmuv3/record.h"
#include "vsmmuv3/translate.h"
#include "vsmmuv3/translation_cache.h"
#include "vsmmuv3/vsmmuv3_private.h"

/* GBPA applies until CR0.SMMUEN is acknowledged. */
static struct vsmmuv3_view look(const struct iommuctl_vsmmuv3 *smmu)
{
	struct vsmmuv3_view view = vsmmuv3_look(smmu);

	view.enabled = vsmmuv3_is_enabled(smmu, CR0_SMMUEN);
	return view;
}

static int translate(struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_vsmmuv3_access *access,
	struct iommuctl_vsmmuv3_translation *translation, struct vsmmuv3_fault *fault)
{
	struct vsmmuv3_shared_cache *shared = &smmu->translations;
	struct vsmmuv3_view view;
	int err;

	pthread_mutex_lock(&shared->lock);
	view = look(smmu);
	err = vsmmuv3_translate(&view, shared->cache, access, translation, fault);
	pthread_mutex_unlock(&shared->lock);
	return err;
}

static void tell(struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_smmuv3_event *event)
{
	pthread_mutex_lock(&smmu->lock);
	vsmmuv3_record(smmu, RECORD_FAULT, 0, 0);
	vsmmuv3_record_event(smmu, RECORD_ARRIVAL, 0, event);
	vsmmuv3_put_event(smmu, event);
	vsmmuv3_signal(smmu);
	vsmmuv3_record_end(smmu, 0);
	pthread_mutex_unlock(&smmu->lock);
}

static const struct iommuctl_explanation no_access = {
	"the access or the place for its translation is missing, its permissions are invalid, or "
	"its SubstreamID has more than 20 bits",
	"pass both, with permissions of IOMMUCTL_STAGE1_READ, WRITE, EXEC and PRIVILEGED, and a "
	"SubstreamID that a PASID can be",
};

static int refuse(const struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_vsmmuv3_access *access)
{
	struct call call = {
		.operation = OP_VSMMUV3_TRANSLATE,
		.objects = { { "no access", .show = SHOW_NAME } },
	};

	if (access) {
		call.objects[0] = (struct call_object){ "StreamID", access->sid, SHOW_HEX };
		call.objects[1] = (struct call_object){ "IOVA", access->iova, SHOW_HEX };
	}
	return call_refuse(smmu->ctx, &call, EINVAL, &no_access);
}

int iommuctl_vsmmuv3_translate(struct iommuctl_vsmmuv3 *smmu,
	const struct iommuctl_vsmmuv3_access *access,
	struct iommuctl_vsmmuv3_translation *translation)
{
	struct vsmmuv3_fault fault;
	int err;

	if (!access || !translation || !(access->permissions & VSMMUV3_ALL_ACCESSES))
		return refuse(smmu, access);
	err = translate(smmu, access, translation, &fault);
	if (err == -EINVAL)
		return refuse(smmu, access);
	if (!err)
		return 0;
	if (fault.event.type)
		tell(smmu, &fault.event);
	error_forget(smmu->ctx);
	return fault.ignored ? -ENODATA : -EFAULT;
}

void iommuctl_vsmmuv3_get_translation_counters(
	struct iommuctl_vsmmuv3 *smmu, struct iommuctl_vsmmuv3_translation_counters *counters)
{
	struct vsmmuv3_shared_cache *shared = &smmu->translations;

	pthread_mutex_lock(&shared->lock);
	vsmmuv3_cache_get_counters(shared->cache, &counters->hits, &counters->misses);
	pthread_mutex_unlock(&shared->lock);
}
