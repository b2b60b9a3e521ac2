// SPDX-License-Identifier: MIT
/* Whether a leaf permits an access, and where it then goes. */
#include "vsmmuv3/access.h"

static uint8_t permissions_of(
	const struct vsmmuv3_leaf *leaf, const struct iommuctl_vsmmuv3_access *access)
{
	return access->permissions & IOMMUCTL_STAGE1_PRIVILEGED
		       ? leaf->privileged
		       : leaf->unprivileged;
}

bool vsmmuv3_leaf_permits(
	const struct vsmmuv3_leaf *leaf, const struct iommuctl_vsmmuv3_access *access)
{
	return !(access->permissions & VSMMUV3_ALL_ACCESSES & ~permissions_of(leaf, access));
}

struct iommuctl_vsmmuv3_translation vsmmuv3_leaf_translate(
	const struct vsmmuv3_leaf *leaf, const struct iommuctl_vsmmuv3_access *access)
{
	const uint64_t offset = access->iova & ((UINT64_C(1) << leaf->size_bits) - 1);

	return (struct iommuctl_vsmmuv3_translation){
		.ipa = leaf->ipa | offset,
		.size = (UINT64_C(1) << leaf->size_bits) - offset,
		.permissions = permissions_of(leaf, access),
	};
}
