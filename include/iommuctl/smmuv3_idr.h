/* SPDX-License-Identifier: MIT */
/*
 * SMMUv3 identification registers: what an SMMU can do.
 *
 * @info: the registers' fields
 *
 * Common: smmuv3_field.h
 * Source: Arm IHI 0070, sections 6.3.1 (IDR0), 6.3.2 (IDR1), 6.3.4 (IDR3), 6.3.6 (IDR5), 6.3.7
 *   (IIDR), 6.3.8 (AIDR); struct iommu_hw_info_arm_smmuv3 in include/uapi/linux/iommufd.h.
 */
#ifndef IOMMUCTL_SMMUV3_IDR_H
#define IOMMUCTL_SMMUV3_IDR_H

#include <iommuctl/smmuv3_field.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* How many IDRs there are, IDR0 the first. Since: 0.1 */
#define IOMMUCTL_SMMUV3_IDR_REGISTERS 6

/*
 * IDR0.STALL_MODEL.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_stall_model {
	IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE = 0,
	IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE = 1,
	IOMMUCTL_SMMUV3_STALL_MODEL_STALL = 2,
};

/*
 * IDR0.TTENDIAN.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_ttendian {
	IOMMUCTL_SMMUV3_TTENDIAN_MIXED = 0,
	IOMMUCTL_SMMUV3_TTENDIAN_LITTLE = 2,
	IOMMUCTL_SMMUV3_TTENDIAN_BIG = 3,
};

/*
 * Bits of IDR0.TTF.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_ttf {
	IOMMUCTL_SMMUV3_TTF_AARCH32 = 1,
	IOMMUCTL_SMMUV3_TTF_AARCH64 = 2,
};

/*
 * IDR5.VAX.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_vax {
	IOMMUCTL_SMMUV3_VAX_48 = 0,
	IOMMUCTL_SMMUV3_VAX_52 = 1,
	IOMMUCTL_SMMUV3_VAX_56 = 2,
};

/*
 * What an SMMU can do, field by field.
 *
 * The kernel hands out raw registers and lets userspace rely on ST_LEVEL, TERM_MODEL, STALL_MODEL,
 * TTENDIAN, CD2L, ASID16, TTF, SIDSIZE, SSIDSIZE, BBML, RIL, VAX, DS and GRAN* only. The others
 * here (ATS, HTTU, STT, OAS) are the hardware's; for a guest's SMMU, the VMM fills them in.
 *
 * Members: the architecture's fields of the same names in upper case, in its encodings.
 * Since: 0.1
 */
struct iommuctl_smmuv3_idr {
	uint8_t st_level;
	uint8_t term_model;
	uint8_t stall_model;
	uint8_t ttendian;
	uint8_t cd2l;
	uint8_t asid16;
	uint8_t ats;
	uint8_t httu;
	uint8_t ttf;
	uint8_t ssidsize;
	uint8_t sidsize;
	uint8_t bbml;
	uint8_t ril;
	uint8_t stt;
	uint8_t vax;
	uint8_t ds;
	uint8_t gran64k;
	uint8_t gran16k;
	uint8_t gran4k;
	uint8_t oas;
	uint16_t product_id;
	uint8_t variant;
	uint8_t revision;
	uint16_t implementer;
	uint8_t arch_major;
	uint8_t arch_minor;
};

/*
 * Decodes the registers as IOMMU_GET_HW_INFO returns them.
 *
 * Any register values decode.
 *
 * @idr: IDR0 to IDR5, in CPU order
 * @iidr: IIDR
 * @aidr: AIDR
 * @info: out: the fields
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_idr_decode(const uint32_t idr[IOMMUCTL_SMMUV3_IDR_REGISTERS], uint32_t iidr,
	uint32_t aidr, struct iommuctl_smmuv3_idr *info);

/*
 * Encodes the registers; bits that are no field here are 0.
 *
 * @info: the fields
 * @idr: out, on success only: IDR0 to IDR5, in CPU order
 * @iidr: out, on success only: IIDR
 * @aidr: out, on success only: AIDR
 *
 * Errors:
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_smmuv3_idr_encode(const struct iommuctl_smmuv3_idr *info,
	uint32_t idr[IOMMUCTL_SMMUV3_IDR_REGISTERS], uint32_t *iidr, uint32_t *aidr,
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * Gets the table of fields.
 *
 * The word of a field is 0 to 5 for IDR0 to IDR5, 6 for IIDR, 7 for AIDR.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_idr_fields(size_t *count);

/*
 * Gets the output address size that OAS stands for.
 *
 * Returns: bits, 32 to 56.
 * Since: 0.1
 */
unsigned int iommuctl_smmuv3_idr_oas_bits(const struct iommuctl_smmuv3_idr *info);

/*
 * Writes the registers as one line of text.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_smmuv3_idr_print(const struct iommuctl_smmuv3_idr *info, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
