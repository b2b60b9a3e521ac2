// SPDX-License-Identifier: MIT
/* Extended feature registers of an AMD IOMMU. */
#include <string.h>

#include <iommuctl/amd.h>

#include "array.h"
#include "smmuv3/codec.h"

enum {
	EFR,
	EFR2,
	REGISTERS,
};

static const struct iommuctl_smmuv3_value host_levels[] = {
	{ IOMMUCTL_AMD_HATS_4, "4-level" },
	{ IOMMUCTL_AMD_HATS_5, "5-level" },
	{ IOMMUCTL_AMD_HATS_6, "6-level" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value guest_levels[] = {
	{ IOMMUCTL_AMD_GATS_4, "4-level" },
	{ IOMMUCTL_AMD_GATS_5, "5-level" },
	{ 0, NULL },
};

/* The most levels of a GCR3 table. */
static const struct iommuctl_smmuv3_value gcr3_levels[] = {
	{ 0, "1-level" },
	{ 1, "2-level" },
	{ 2, "3-level" },
	{ 0, NULL },
};

#define FIELD(member, ...) SMMUV3_FIELD(struct iommuctl_amd_efr, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field fields[] = {
	FIELD(prefsup, "PreFSup", EFR, 0, 1),
	FIELD(pprsup, "PPRSup", EFR, 1, 1),
	FIELD(xtsup, "XTSup", EFR, 2, 1),
	FIELD(nxsup, "NXSup", EFR, 3, 1),
	FIELD(gtsup, "GTSup", EFR, 4, 1, .always = true),
	FIELD(gappisup, "GAPPISup", EFR, 5, 1),
	FIELD(iasup, "IASup", EFR, 6, 1),
	FIELD(gasup, "GASup", EFR, 7, 1),
	FIELD(hesup, "HESup", EFR, 8, 1),
	FIELD(pcsup, "PCSup", EFR, 9, 1),
	FIELD(hats, "HATS", EFR, 10, 2, .values = host_levels, .always = true),
	FIELD(gats, "GATS", EFR, 12, 2, .values = guest_levels, .always = true),
	FIELD(glxsup, "GLXSup", EFR, 14, 2, .values = gcr3_levels, .always = true),
	FIELD(smifsup, "SmiFSup", EFR, 16, 2),
	FIELD(smifrc, "SmiFRC", EFR, 18, 3),
	FIELD(gamsup, "GAMSup", EFR, 21, 3),
	FIELD(dualpprlogsup, "DualPprLogSup", EFR, 24, 2),
	FIELD(dualeventlogsup, "DualEventLogSup", EFR, 28, 2),
	FIELD(pasmax, "PASmax", EFR, 32, 5, .always = true),
	FIELD(ussup, "USSup", EFR, 37, 1),
	FIELD(devtblsegsup, "DevTblSegSup", EFR, 38, 2),
	FIELD(pprovrflwearlysup, "PprOvrflwEarlySup", EFR, 40, 1),
	FIELD(pprautorspsup, "PPRAutoRspSup", EFR, 41, 1),
	FIELD(marcsup, "MarcSup", EFR, 42, 2),
	FIELD(blkstopmrksup, "BlkStopMrkSup", EFR, 44, 1),
	FIELD(perfoptsup, "PerfOptSup", EFR, 45, 1),
	FIELD(msicapmmiosup, "MsiCapMmioSup", EFR, 46, 1),
	FIELD(giosup, "GIOSup", EFR, 48, 1),
	FIELD(hasup, "HASup", EFR, 49, 1),
	FIELD(ephsup, "EPHSup", EFR, 50, 1),
	FIELD(attrfwsup, "AttrFWSup", EFR, 51, 1),
	FIELD(hdsup, "HDSup", EFR, 52, 1),
	FIELD(inviotlbtypesup, "InvIotlbTypeSup", EFR, 54, 1),
	FIELD(viommusup, "vIommuSup", EFR, 55, 1),
	FIELD(gaupdatedissup, "GAUpdateDisSup", EFR, 61, 1),
	FIELD(forcephydestsup, "ForcePhyDestSup", EFR, 62, 1),
	FIELD(snpsup, "SNPSup", EFR, 63, 1),
	FIELD(sevsnpiosup, "SevSnpIoSup", EFR2, 1, 1),
	FIELD(gcr3trpmode, "GCR3TRPMode", EFR2, 3, 1),
	FIELD(snpavicsup, "SNPAVICSup", EFR2, 5, 3),
	FIELD(numintremapsup, "NumIntRemapSup", EFR2, 8, 2),
	FIELD(htrangeignore, "HTRangeIgnore", EFR2, 11, 1),
	FIELD(snppagemode0sup, "SNPPageMode0Sup", EFR2, 13, 1),
};

static const struct smmuv3_table table = { fields, ARRAY_SIZE(fields), REGISTERS };

void iommuctl_amd_efr_decode(uint64_t efr, uint64_t efr2, struct iommuctl_amd_efr *info)
{
	const uint64_t words[REGISTERS] = { [EFR] = efr, [EFR2] = efr2 };

	memset(info, 0, sizeof(*info));
	smmuv3_decode(&table, SMMUV3_ALL_FIELDS, words, info);
}

int iommuctl_amd_efr_encode(const struct iommuctl_amd_efr *info, uint64_t *efr, uint64_t *efr2,
	struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t words[REGISTERS];
	int err = smmuv3_encode(&table, SMMUV3_ALL_FIELDS, info, words, refusal);

	if (err)
		return err;
	*efr = words[EFR];
	*efr2 = words[EFR2];
	return 0;
}

const struct iommuctl_smmuv3_field *iommuctl_amd_efr_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

size_t iommuctl_amd_efr_print(const struct iommuctl_amd_efr *info, char *text, size_t size)
{
	return smmuv3_print(&table, info, text, size);
}
