// SPDX-License-Identifier: MIT
/* The data of a nested HWPT on VT-d. */
#include <errno.h>

#include <iommuctl/vtd_pasid.h>

#include "array.h"
#include "smmuv3/codec.h"

#define KNOWN_FLAGS (IOMMUCTL_VTD_S1_SRE | IOMMUCTL_VTD_S1_EAFE | IOMMUCTL_VTD_S1_WPE)
#define PAGE_MASK   UINT64_C(0xfff)

/* A refusal names the member and its bits. */
enum place {
	SRE,
	EAFE,
	UNKNOWN_FLAGS,
	PAGE_OFFSET,
	ADDR_WIDTH,
};

static const struct iommuctl_smmuv3_field places[] = {
	[SRE] = { .name = "SRE", .word = 0, .lsb = 0, .width = 1 },
	[EAFE] = { .name = "EAFE", .word = 0, .lsb = 1, .width = 1 },
	[UNKNOWN_FLAGS] = { .name = "flags", .word = 0, .lsb = 3, .width = 61 },
	[PAGE_OFFSET] = { .name = "pgtbl_addr", .word = 1, .lsb = 0, .width = 12 },
	[ADDR_WIDTH] = { .name = "addr_width", .word = 2, .lsb = 0, .width = 32 },
};

static int refuse(struct iommuctl_smmuv3_refusal *refusal, enum place place, const char *reason)
{
	return smmuv3_refuse(refusal, &places[place], reason, -EINVAL);
}

int iommuctl_vtd_s1_validate(const struct iommuctl_hwpt_vtd_s1 *data,
	const struct iommuctl_vtd_cap *cap, struct iommuctl_smmuv3_refusal *refusal)
{
	if (data->flags & ~(uint64_t)KNOWN_FLAGS)
		return refuse(refusal, UNKNOWN_FLAGS, "there is no such flag");
	if (data->pgtbl_addr & PAGE_MASK)
		return refuse(refusal, PAGE_OFFSET, "the root table is not aligned to a page");
	if (data->addr_width != 48 && data->addr_width != 57)
		return refuse(refusal, ADDR_WIDTH, "neither 48 nor 57 bits");
	if (!cap)
		return 0;
	if (data->addr_width == 57 && !cap->fs5lp)
		return refuse(
			refusal, ADDR_WIDTH, "the unit has no 5-level first-stage tables (FS5LP)");
	if (data->flags & IOMMUCTL_VTD_S1_SRE && !cap->srs)
		return refuse(refusal, SRE, "the unit takes no supervisor requests (SRS)");
	if (data->flags & IOMMUCTL_VTD_S1_EAFE && !cap->eafs)
		return refuse(refusal, EAFE, "the unit has no extended accessed flag (EAFS)");
	return 0;
}
