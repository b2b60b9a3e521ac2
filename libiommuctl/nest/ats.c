// SPDX-License-Identifier: MIT
/*
 * Which devices have an ATC for ATC_INV: those with ATS, behind an SMMU with ATS, whose current STE
 * enables it. Any other does not answer, which takes a second to time out.
 */
#include "nest/nest_private.h"

#include <iommuctl/iommufd.h>

int nest_ats_probe(struct iommuctl_nest *nest, struct nest_device *device)
{
	struct iommuctl_hw_info_arm_smmuv3 data;
	struct iommuctl_hw_info info;
	int err;

	if (!nest->features.hardware.ats)
		return 0;
	err = iommuctl_device_get_hw_info(
		nest->ctx, nest->iommufd, device->dev_id, &data, sizeof(data), &info);
	/* Kernels that do not know the flag leave it clear. */
	device->can_ats = !err && !(info.capabilities & IOMMUCTL_HW_CAP_PCI_ATS_NOT_SUPPORTED);
	return err;
}

bool nest_ste_has_ats(const struct nest_ste *ste)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { ste->words[0], ste->words[1] };
	struct iommuctl_smmuv3_ste decoded;

	iommuctl_smmuv3_ste_decode(words, &decoded);
	return decoded.eats == IOMMUCTL_SMMUV3_EATS_FULL;
}

void nest_ats_update(struct iommuctl_nest *nest, const struct nest_device *device)
{
	const bool ats = device->can_ats && device->group->ats;

	/* A device that the relay does not know (yet, or any longer) has no ATS there either. */
	iommuctl_relay_set_ats(nest->relay, device->vsid, ats);
}
