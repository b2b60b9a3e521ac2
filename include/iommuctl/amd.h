/* SPDX-License-Identifier: MIT */
/*
 * AMD IOMMU extended feature registers: what an AMD IOMMU can do.
 *
 * Tables of fields and refusals are those of smmuv3_field.h, as for all codecs of this library.
 *
 * @info: the registers' fields
 *
 * Common: smmuv3_field.h
 * Source: AMD I/O Virtualization Technology (IOMMU) Specification, 48882, section 3.4.3 (MMIO
 *   offsets 0030h and 01A0h); struct iommu_hw_info_amd in include/uapi/linux/iommufd.h; for
 *   fields of EFR2, drivers/iommu/amd/amd_iommu_types.h (Linux 7.3).
 */
#ifndef IOMMUCTL_AMD_H
#define IOMMUCTL_AMD_H

#include <iommuctl/smmuv3_field.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * EFR.HATS: most levels of host page tables.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_amd_hats {
	IOMMUCTL_AMD_HATS_4 = 0,
	IOMMUCTL_AMD_HATS_5 = 1,
	IOMMUCTL_AMD_HATS_6 = 2,
};

/*
 * EFR.GATS: most levels of guest page tables.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_amd_gats {
	IOMMUCTL_AMD_GATS_4 = 0,
	IOMMUCTL_AMD_GATS_5 = 1,
};

/*
 * What an AMD IOMMU can do, field by field.
 *
 * The first members up to snpsup are those of EFR, the others those of EFR2. The kernel hands out
 * what all IOMMUs of the machine have in common. gtsup is guest translation; pasmax is the number
 * of bits of a PASID minus one.
 *
 * Members: the architecture's fields of the same names, in its encodings.
 * Since: 0.1
 */
struct iommuctl_amd_efr {
	uint8_t prefsup;
	uint8_t pprsup;
	uint8_t xtsup;
	uint8_t nxsup;
	uint8_t gtsup;
	uint8_t gappisup;
	uint8_t iasup;
	uint8_t gasup;
	uint8_t hesup;
	uint8_t pcsup;
	uint8_t hats;
	uint8_t gats;
	uint8_t glxsup;
	uint8_t smifsup;
	uint8_t smifrc;
	uint8_t gamsup;
	uint8_t dualpprlogsup;
	uint8_t dualeventlogsup;
	uint8_t pasmax;
	uint8_t ussup;
	uint8_t devtblsegsup;
	uint8_t pprovrflwearlysup;
	uint8_t pprautorspsup;
	uint8_t marcsup;
	uint8_t blkstopmrksup;
	uint8_t perfoptsup;
	uint8_t msicapmmiosup;
	uint8_t giosup;
	uint8_t hasup;
	uint8_t ephsup;
	uint8_t attrfwsup;
	uint8_t hdsup;
	uint8_t inviotlbtypesup;
	uint8_t viommusup;
	uint8_t gaupdatedissup;
	uint8_t forcephydestsup;
	uint8_t snpsup;
	uint8_t sevsnpiosup;
	uint8_t gcr3trpmode;
	uint8_t snpavicsup;
	uint8_t numintremapsup;
	uint8_t htrangeignore;
	uint8_t snppagemode0sup;
};

/*
 * Decodes the registers as IOMMU_GET_HW_INFO returns them.
 *
 * Any register values decode.
 *
 * @efr: the extended feature register
 * @efr2: the extended feature 2 register
 * @info: out: the fields
 *
 * Since: 0.1
 */
void iommuctl_amd_efr_decode(uint64_t efr, uint64_t efr2, struct iommuctl_amd_efr *info);

/*
 * Encodes the registers; bits that are no field here are 0.
 *
 * @info: the fields
 * @efr: out, on success only: the extended feature register
 * @efr2: out, on success only: the extended feature 2 register
 *
 * Errors:
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_amd_efr_encode(const struct iommuctl_amd_efr *info, uint64_t *efr, uint64_t *efr2,
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * Gets the table of fields.
 *
 * The word of a field is 0 for EFR, 1 for EFR2.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_amd_efr_fields(size_t *count);

/*
 * Writes the registers as one line of text, fields that are zero left out.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_amd_efr_print(const struct iommuctl_amd_efr *info, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
