// SPDX-License-Identifier: MIT
/* The doorbell in a guest's stage 1: checking its mapping, and making it. */
#include <iommuctl/msi.h>

#include <errno.h>
#include <stdbool.h>

#include "smmuv3/values.h"
#include "stage1/regime.h"

#define MAIR_DEVICE_MASK 0xf2 /* zero: 0b0000dd0x, device memory */

static const char *const reasons[] = {
	[IOMMUCTL_MSI_NO_TABLES] = "the CD has no tables for these addresses",
	[IOMMUCTL_MSI_NOT_MAPPED] = "stage 1 does not translate the doorbell",
	[IOMMUCTL_MSI_NOT_WRITABLE] = "stage 1 does not let devices write to the doorbell",
	[IOMMUCTL_MSI_NOT_IDENTITY] = "stage 1 maps the doorbell to another address",
	[IOMMUCTL_MSI_NOT_DEVICE] = "stage 1 maps the doorbell as normal memory",
	[IOMMUCTL_MSI_OUTSIDE] = "the doorbell is not in the MSI window",
	[IOMMUCTL_MSI_NO_ATTRIBUTE] = "MAIR has no attribute for device memory",
};

static void find(struct iommuctl_msi_finding *finding, enum iommuctl_msi_problem problem,
	uint64_t iova, const struct iommuctl_stage1_walk *walk)
{
	*finding = (struct iommuctl_msi_finding){
		.problem = problem,
		.reason = reasons[problem],
		.iova = iova,
	};
	if (walk)
		finding->walk = *walk;
}

static bool is_device(uint8_t attribute)
{
	return !(attribute & MAIR_DEVICE_MASK);
}

/* The index of a device memory attribute, preferably nGnRE; -1 if there is none. */
static int device_index(const uint8_t mair[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS])
{
	int index = -1;

	for (int i = 0; i < IOMMUCTL_SMMUV3_CD_MAIR_ATTRS; i++) {
		if (mair[i] == SMMUV3_MAIR_DEVICE_NGNRE)
			return i;
		if (index < 0 && is_device(mair[i]))
			index = i;
	}
	return index;
}

static enum iommuctl_msi_problem judge(const struct iommuctl_stage1_walk *walk, uint64_t iova,
	const uint8_t mair[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS])
{
	if (walk->fault != IOMMUCTL_STAGE1_FAULT_NONE)
		return IOMMUCTL_MSI_NOT_MAPPED;
	if (walk->ipa != iova)
		return IOMMUCTL_MSI_NOT_IDENTITY;
	if (!(walk->unprivileged & IOMMUCTL_STAGE1_WRITE))
		return IOMMUCTL_MSI_NOT_WRITABLE;
	return is_device(mair[walk->attr_index]) ? IOMMUCTL_MSI_FINE : IOMMUCTL_MSI_NOT_DEVICE;
}

struct tables {
	const struct iommuctl_guest_memory *memory;
	struct iommuctl_stage1_regime regime;
	const uint8_t *mair;
};

/* Leaf by leaf, so that a large range of blocks takes few walks. */
static int check_range(const struct tables *tables, uint64_t iova, uint64_t last,
	struct iommuctl_msi_finding *finding)
{
	for (;;) {
		struct iommuctl_stage1_walk walk;
		enum iommuctl_msi_problem problem;
		uint64_t leaf_last;
		int err = iommuctl_stage1_walk(tables->memory, &tables->regime, iova, 0, &walk);

		if (err)
			return err;
		problem = judge(&walk, iova, tables->mair);
		if (problem != IOMMUCTL_MSI_FINE) {
			find(finding, problem, iova, &walk);
			return 0;
		}
		leaf_last = iova | (walk.leaf_size - 1);
		if (leaf_last >= last)
			break;
		iova = leaf_last + 1;
	}
	find(finding, IOMMUCTL_MSI_FINE, iova, NULL);
	return 0;
}

int iommuctl_msi_check_stage1(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_smmuv3_cd *cd, uint64_t iova, uint64_t size,
	struct iommuctl_msi_finding *finding)
{
	struct tables tables;
	uint64_t last;

	if (!memory || !cd || !finding || !size || __builtin_add_overflow(iova, size - 1, &last))
		return -EINVAL;
	/* The window is in the half of the address space that begins at 0. */
	tables = (struct tables){ memory, stage1_regime_of_cd(cd, false), cd->mair };
	if (!cd->v || cd->epd0) {
		find(finding, IOMMUCTL_MSI_NO_TABLES, iova, NULL);
		return 0;
	}
	if (!cd->aa64)
		return -EOPNOTSUPP;
	return cd->endi ? -EINVAL : check_range(&tables, iova, last, finding);
}

static bool is_inside(const struct iommuctl_reserved_region *window, uint64_t iova, uint64_t last)
{
	return iova >= window->start && last <= window->last;
}

/* An unmapped page is a hole to fill; any other problem was put there by somebody. */
static int map_page(struct iommuctl_stage1 *stage1, const struct tables *tables, uint64_t iova,
	const struct iommuctl_stage1_attributes *attributes, struct iommuctl_msi_finding *finding)
{
	const uint32_t granule = stage1->config.granule;
	int err = check_range(tables, iova, iova + (granule - 1), finding);

	if (err || finding->problem == IOMMUCTL_MSI_FINE)
		return err;
	if (finding->walk.fault != IOMMUCTL_STAGE1_FAULT_TRANSLATION)
		return -EEXIST;
	err = iommuctl_stage1_map(stage1, iova, iova, granule, attributes, 0);
	if (!err)
		find(finding, IOMMUCTL_MSI_FINE, iova, NULL);
	return err;
}

static int map_pages(struct iommuctl_stage1 *stage1, const struct tables *tables, uint64_t iova,
	uint64_t size, struct iommuctl_msi_finding *finding)
{
	const struct iommuctl_stage1_attributes attributes = {
		.permissions = IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		.attr_index = (uint8_t)device_index(tables->mair),
		.shareability = IOMMUCTL_STAGE1_OUTER_SHAREABLE,
		.access_flag = true,
	};

	for (uint64_t done = 0; done < size; done += stage1->config.granule) {
		int err = map_page(stage1, tables, iova + done, &attributes, finding);

		if (err)
			return err;
	}
	return 0;
}

int iommuctl_msi_map_stage1(struct iommuctl_stage1 *stage1,
	const uint8_t mair[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS],
	const struct iommuctl_reserved_region *window, uint64_t iova, uint64_t size,
	struct iommuctl_msi_finding *finding)
{
	struct tables tables;
	struct iommuctl_msi_finding unwanted;
	uint64_t last;

	if (!finding)
		finding = &unwanted;
	find(finding, IOMMUCTL_MSI_FINE, iova, NULL);
	if (!stage1 || !stage1->memory || !mair || !window)
		return -EINVAL;
	tables = (struct tables){ stage1->memory, stage1->regime, mair };
	if (!size || (iova | size) & (stage1->config.granule - 1))
		return -EINVAL;
	if (__builtin_add_overflow(iova, size - 1, &last) || !is_inside(window, iova, last)) {
		find(finding, IOMMUCTL_MSI_OUTSIDE, iova, NULL);
		return -ERANGE;
	}
	if (device_index(mair) < 0) {
		find(finding, IOMMUCTL_MSI_NO_ATTRIBUTE, iova, NULL);
		return -EOPNOTSUPP;
	}
	return map_pages(stage1, &tables, iova, size, finding);
}
