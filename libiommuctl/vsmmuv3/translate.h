/* SPDX-License-Identifier: MIT */
/*
 * Translation in software, for the devices that a VMM emulates behind its guest's SMMU: the guest's
 * stream table, STE, CD and stage 1, as an SMMU without stage 2 has them. What guest memory says is
 * looked at once, and no access costs more than some reads of it.
 */
#ifndef LIBIOMMUCTL_VSMMUV3_TRANSLATE_H
#define LIBIOMMUCTL_VSMMUV3_TRANSLATE_H

#include "vsmmuv3/access.h"

struct vsmmuv3_cache;

/*
 * 0, by a walk or by what @cache knows, which learns it and may be NULL; -EFAULT with @fault.
 * Stalls are not to be had: what CD.S would stall is terminated, with its event.
 * -EINVAL for bits of @access->permissions that are not defined, and an SSID of more than 20 bits.
 */
int vsmmuv3_translate(const struct vsmmuv3_view *view, struct vsmmuv3_cache *cache,
	const struct iommuctl_vsmmuv3_access *access,
	struct iommuctl_vsmmuv3_translation *translation, struct vsmmuv3_fault *fault);

#endif
