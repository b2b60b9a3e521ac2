// SPDX-License-Identifier: MIT
/* Device table entries of an AMD IOMMU. */
#include <errno.h>
#include <string.h>

#include <iommuctl/amd_guest.h>

#include "array.h"
#include "smmuv3/codec.h"

static const struct iommuctl_smmuv3_value gcr3_levels[] = {
	{ 0, "1-level" },
	{ 1, "2-level" },
	{ 2, "3-level" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value paging_modes[] = {
	{ IOMMUCTL_AMD_GATS_4, "4-level" },
	{ IOMMUCTL_AMD_GATS_5, "5-level" },
	{ 0, NULL },
};

#define FIELD(member, ...) SMMUV3_FIELD(struct iommuctl_amd_dte, member, __VA_ARGS__)

enum {
	V,
	TV,
	HAD,
	MODE,
	HOST_PTRP,
	PPR,
	GPRP,
	GIOV,
	GV,
	GLX,
	GCR3_14,
	IR,
	IW,
	DOMAIN_ID,
	GCR3_30,
	I,
	SE,
	SA,
	IOCTL,
	CACHE,
	SD,
	EX,
	SYS_MGT,
	SATS,
	GCR3_51,
	IV,
	INT_TAB_LEN,
	IG,
	INT_TAB_PTR,
	GPM,
	INT_CTL,
};

static const struct iommuctl_smmuv3_field fields[] = {
	[V] = FIELD(v, "V", 0, 0, 1, .always = true),
	[TV] = FIELD(tv, "TV", 0, 1, 1, .always = true),
	[HAD] = FIELD(had, "HAD", 0, 7, 2),
	[MODE] = FIELD(mode, "Mode", 0, 9, 3),
	[HOST_PTRP] = FIELD(hostptrp, "HostPTRP", 0, 12, 40, .address = true),
	[PPR] = FIELD(ppr, "PPR", 0, 52, 1),
	[GPRP] = FIELD(gprp, "GPRP", 0, 53, 1),
	[GIOV] = FIELD(giov, "GIoV", 0, 54, 1),
	[GV] = FIELD(gv, "GV", 0, 55, 1, .always = true),
	[GLX] = FIELD(glx, "GLX", 0, 56, 2, .values = gcr3_levels),
	[GCR3_14] = FIELD(gcr3_14, "GCR3[14:12]", 0, 58, 3),
	[IR] = FIELD(ir, "IR", 0, 61, 1),
	[IW] = FIELD(iw, "IW", 0, 62, 1),
	[DOMAIN_ID] = FIELD(domainid, "DomainID", 1, 0, 16, .always = true),
	[GCR3_30] = FIELD(gcr3_30, "GCR3[30:15]", 1, 16, 16),
	[I] = FIELD(i, "I", 1, 32, 1),
	[SE] = FIELD(se, "SE", 1, 33, 1),
	[SA] = FIELD(sa, "SA", 1, 34, 1),
	[IOCTL] = FIELD(ioctl, "IoCtl", 1, 35, 2),
	[CACHE] = FIELD(cache, "Cache", 1, 37, 1),
	[SD] = FIELD(sd, "SD", 1, 38, 1),
	[EX] = FIELD(ex, "EX", 1, 39, 1),
	[SYS_MGT] = FIELD(sysmgt, "SysMgt", 1, 40, 2),
	[SATS] = FIELD(sats, "SATS", 1, 42, 1),
	[GCR3_51] = FIELD(gcr3_51, "GCR3[51:31]", 1, 43, 21),
	[IV] = FIELD(iv, "IV", 2, 0, 1),
	[INT_TAB_LEN] = FIELD(inttablen, "IntTabLen", 2, 1, 4),
	[IG] = FIELD(ig, "IG", 2, 5, 1),
	[INT_TAB_PTR] = FIELD(inttabptr, "IntTabPtr", 2, 6, 46, .address = true),
	[GPM] = FIELD(gpm, "GuestPagingMode", 2, 54, 2, .values = paging_modes),
	[INT_CTL] = FIELD(intctl, "IntCtl", 2, 60, 2),
};

static const struct smmuv3_table table = { fields, ARRAY_SIZE(fields), IOMMUCTL_AMD_DTE_WORDS };

int iommuctl_amd_dte_encode(const struct iommuctl_amd_dte *dte,
	uint64_t words[IOMMUCTL_AMD_DTE_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	return smmuv3_encode(&table, SMMUV3_ALL_FIELDS, dte, words, refusal);
}

void iommuctl_amd_dte_decode(
	const uint64_t words[IOMMUCTL_AMD_DTE_WORDS], struct iommuctl_amd_dte *dte)
{
	memset(dte, 0, sizeof(*dte));
	smmuv3_decode(&table, SMMUV3_ALL_FIELDS, words, dte);
}

uint64_t iommuctl_amd_dte_gcr3(const struct iommuctl_amd_dte *dte)
{
	return (uint64_t)dte->gcr3_14 << 12 | (uint64_t)dte->gcr3_30 << 15 |
	       (uint64_t)dte->gcr3_51 << 31;
}

int iommuctl_amd_dte_validate(const struct iommuctl_amd_dte *dte,
	const struct iommuctl_amd_efr *efr, struct iommuctl_smmuv3_refusal *refusal)
{
	if (dte->mode)
		return smmuv3_refuse(refusal, &fields[MODE], "a guest has no host tables", -EINVAL);
	if (dte->hostptrp)
		return smmuv3_refuse(
			refusal, &fields[HOST_PTRP], "a guest has no host tables", -EINVAL);
	if (dte->v && dte->gv && !iommuctl_amd_dte_gcr3(dte))
		return smmuv3_refuse(
			refusal, &fields[GCR3_14], "guest translation needs a GCR3 table", -EINVAL);
	if (dte->gpm > IOMMUCTL_AMD_GATS_5)
		return smmuv3_refuse(refusal, &fields[GPM], "reserved", -EINVAL);
	if (dte->glx > 2)
		return smmuv3_refuse(refusal, &fields[GLX], "reserved", -EINVAL);
	if (dte->gpm == IOMMUCTL_AMD_GATS_5 && efr && efr->gats < IOMMUCTL_AMD_GATS_5)
		return smmuv3_refuse(refusal, &fields[GPM],
			"the IOMMU has no 5-level guest tables (GATS)", -EOPNOTSUPP);
	return 0;
}

const struct iommuctl_smmuv3_field *iommuctl_amd_dte_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

size_t iommuctl_amd_dte_print(const struct iommuctl_amd_dte *dte, char *text, size_t size)
{
	return smmuv3_print(&table, dte, text, size);
}
