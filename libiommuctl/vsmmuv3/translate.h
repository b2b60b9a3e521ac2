/* SPDX-License-Identifier: MIT */
/*
 * Translation in software, for the devices that a VMM emulates behind its guest's SMMU: the guest's
 * stream table, STE, CD and stage 1, as an SMMU without stage 2 has them. What guest memory says is
 * looked at once, and no access costs more than some reads of it.
 */
#ifndef LIBIOMMUCTL_VSMMUV3_TRANSLATE_H
#define LIBIOMMUCTL_VSMMUV3_TRANSLATE_H

#include "vsmmuv3/access.h"

/*
 * Walks for an @access that there can be. 0; -EFAULT with @fault.
 * Stalls are not to be had: what CD.S would stall is terminated, with its event.
 */
int vsmmuv3_walk(const struct vsmmuv3_view *view, const struct iommuctl_vsmmuv3_access *access,
	struct vsmmuv3_leaf *leaf, struct vsmmuv3_fault *fault);

struct vsmmuv3_cache;

/*
 * As vsmmuv3_walk(), but that @cache, if it is not NULL, may know the answer, and learns it.
 * -EINVAL for bits of @access->permissions that are not defined, and an SSID of more than 20 bits.
 */
int vsmmuv3_translate(const struct vsmmuv3_view *view, struct vsmmuv3_cache *cache,
	const struct iommuctl_vsmmuv3_access *access,
	struct iommuctl_vsmmuv3_translation *translation, struct vsmmuv3_fault *fault);

#endif
