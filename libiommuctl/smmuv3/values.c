// SPDX-License-Identifier: MIT
#include <errno.h>

#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_ste.h>

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

/* CD.TG0 and CD.TG1 encode granules differently; 0 stands for a reserved value. */
static const uint8_t granule_bits[2][4] = {
	{ 12, 16, 14, 0 },
	{ 0, 14, 12, 16 },
};

static int index_of(const uint8_t *values, size_t count, unsigned int wanted)
{
	for (size_t i = 0; i < count; i++)
		if (values[i] == wanted)
			return (int)i;
	return -EINVAL;
}

unsigned int smmuv3_address_bits(uint8_t size)
{
	return address_bits[size & 7];
}

int smmuv3_address_size_of(unsigned int bits)
{
	return index_of(address_bits, sizeof(address_bits), bits);
}

unsigned int smmuv3_granule_bits(bool tg1, uint8_t tg)
{
	return tg < sizeof(granule_bits[tg1]) ? granule_bits[tg1][tg] : 0;
}

int smmuv3_tg0_of(unsigned int bits)
{
	return bits ? index_of(granule_bits[0], sizeof(granule_bits[0]), bits) : -EINVAL;
}

int smmuv3_leaf_ssid_bits(uint8_t s1fmt)
{
	switch (s1fmt) {
	case IOMMUCTL_SMMUV3_S1FMT_4K_L2: return 6;
	case IOMMUCTL_SMMUV3_S1FMT_64K_L2: return 10;
	default: return -EINVAL;
	}
}
