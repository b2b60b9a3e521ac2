// SPDX-License-Identifier: MIT
#include <errno.h>

#include <iommuctl/smmuv3_cd.h>

#include "smmuv3/values.h"

const struct iommuctl_smmuv3_value smmuv3_shareability[] = {
	{ IOMMUCTL_SMMUV3_SH_NSH, "NSH" },
	{ IOMMUCTL_SMMUV3_SH_OSH, "OSH" },
	{ IOMMUCTL_SMMUV3_SH_ISH, "ISH" },
	{ 0, NULL },
};

const struct iommuctl_smmuv3_value smmuv3_walk_cacheability[] = {
	{ IOMMUCTL_SMMUV3_RGN_NC, "NC" },
	{ IOMMUCTL_SMMUV3_RGN_WB_RAWA, "WB-RAWA" },
	{ IOMMUCTL_SMMUV3_RGN_WT_RA, "WT-RA" },
	{ IOMMUCTL_SMMUV3_RGN_WB_RA, "WB-RA" },
	{ 0, NULL },
};

/* CD.TG0 and STE.S2TG. */
const struct iommuctl_smmuv3_value smmuv3_granule[] = {
	{ IOMMUCTL_SMMUV3_TG0_4K, "4K" },
	{ IOMMUCTL_SMMUV3_TG0_64K, "64K" },
	{ IOMMUCTL_SMMUV3_TG0_16K, "16K" },
	{ 0, NULL },
};

/* CD.IPS, STE.S2PS and IDR5.OAS. */
const struct iommuctl_smmuv3_value smmuv3_address_size[] = {
	{ IOMMUCTL_SMMUV3_IPS_32, "32-bit" },
	{ IOMMUCTL_SMMUV3_IPS_36, "36-bit" },
	{ IOMMUCTL_SMMUV3_IPS_40, "40-bit" },
	{ IOMMUCTL_SMMUV3_IPS_42, "42-bit" },
	{ IOMMUCTL_SMMUV3_IPS_44, "44-bit" },
	{ IOMMUCTL_SMMUV3_IPS_48, "48-bit" },
	{ IOMMUCTL_SMMUV3_IPS_52, "52-bit" },
	{ IOMMUCTL_SMMUV3_IPS_56, "56-bit" },
	{ 0, NULL },
};

static const uint8_t address_bits[] = { 32, 36, 40, 42, 44, 48, 52, 56 };

unsigned int smmuv3_address_bits(uint8_t size)
{
	return address_bits[size & 7];
}

int smmuv3_address_size_of(unsigned int bits)
{
	for (int size = 0; size < (int)sizeof(address_bits); size++)
		if (address_bits[size] == bits)
			return size;
	return -EINVAL;
}
