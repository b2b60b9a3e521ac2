/* SPDX-License-Identifier: MIT */
/*
 * Software translation, for the devices that a VMM emulates behind its guest's SMMU: by the guest's
 * stream table, STE, CD and stage 1, as in an SMMU without stage 2. Guest memory is read once, and
 * each access makes a bounded number of reads.
 */
#ifndef LIBIOMMUCTL_VSMMUV3_TRANSLATE_H
#define LIBIOMMUCTL_VSMMUV3_TRANSLATE_H

#include "vsmmuv3/access.h"

struct vsmmuv3_cache;

/*
 * Returns 0, by a walk or from @cache, which learns the result and may be NULL; -EFAULT with
 * @fault. Stalls are not supported: what CD.S would stall is terminated, with its event.
 *
 * -EINVAL for undefined bits of @access->permissions, and for an SSID of more than 20 bits.
 */
int vsmmuv3_translate(const struct vsmmuv3_view *view, struct vsmmuv3_cache *cache,
	const struct iommuctl_vsmmuv3_access *access,
	struct iommuctl_vsmmuv3_translation *translation, struct vsmmuv3_fault *fault);

#endif
