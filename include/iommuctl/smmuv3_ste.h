/* SPDX-License-Identifier: MIT */
/*
 * SMMUv3 Stream Table Entry.
 *
 * Source: Arm IHI 0070, section 5.2; for what a nested HWPT takes, arm_smmu_validate_vste in
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c (Linux 7.2 and 7.3).
 */
#ifndef IOMMUCTL_SMMUV3_STE_H
#define IOMMUCTL_SMMUV3_STE_H

#include <iommuctl/smmuv3_idr.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define IOMMUCTL_SMMUV3_STE_WORDS    8
#define IOMMUCTL_SMMUV3_NESTED_WORDS 2

/* STE.Config; 1 to 3 are reserved and behave as ABORT. Since: 0.1 */
enum iommuctl_smmuv3_config {
	IOMMUCTL_SMMUV3_CONFIG_ABORT = 0,
	IOMMUCTL_SMMUV3_CONFIG_BYPASS = 4,
	IOMMUCTL_SMMUV3_CONFIG_S1 = 5,
	IOMMUCTL_SMMUV3_CONFIG_S2 = 6,
	IOMMUCTL_SMMUV3_CONFIG_S1S2 = 7,
};

/* STE.S1Fmt: the shape of the CD table. Since: 0.1 */
enum iommuctl_smmuv3_s1fmt {
	IOMMUCTL_SMMUV3_S1FMT_LINEAR = 0,
	IOMMUCTL_SMMUV3_S1FMT_4K_L2 = 1,
	IOMMUCTL_SMMUV3_S1FMT_64K_L2 = 2,
};

/* STE.S1DSS: transactions without a SubstreamID, where S1CDMax is not 0. Since: 0.1 */
enum iommuctl_smmuv3_s1dss {
	IOMMUCTL_SMMUV3_S1DSS_TERMINATE = 0,
	IOMMUCTL_SMMUV3_S1DSS_BYPASS = 1,
	IOMMUCTL_SMMUV3_S1DSS_SSID0 = 2,
};

/* STE.S1CIR and S1COR: the cacheability of CD fetches. Since: 0.1 */
enum iommuctl_smmuv3_s1c {
	IOMMUCTL_SMMUV3_S1C_NC = 0,
	IOMMUCTL_SMMUV3_S1C_WB_RA = 1,
	IOMMUCTL_SMMUV3_S1C_WT_RA = 2,
	IOMMUCTL_SMMUV3_S1C_WB = 3,
};

/* Shareability, in STE and CD. Since: 0.1 */
enum iommuctl_smmuv3_sh {
	IOMMUCTL_SMMUV3_SH_NSH = 0,
	IOMMUCTL_SMMUV3_SH_OSH = 2,
	IOMMUCTL_SMMUV3_SH_ISH = 3,
};

/* STE.EATS; a nested HWPT takes ABORT and FULL. Since: 0.1 */
enum iommuctl_smmuv3_eats {
	IOMMUCTL_SMMUV3_EATS_ABORT = 0,
	IOMMUCTL_SMMUV3_EATS_FULL = 1,
	IOMMUCTL_SMMUV3_EATS_SPLIT = 2,
	IOMMUCTL_SMMUV3_EATS_FULL_DPT = 3,
};

/* STE.STRW. Since: 0.1 */
enum iommuctl_smmuv3_strw {
	IOMMUCTL_SMMUV3_STRW_EL1 = 0,
	IOMMUCTL_SMMUV3_STRW_EL2 = 2,
};

/* STE.SHCFG. Since: 0.1 */
enum iommuctl_smmuv3_shcfg {
	IOMMUCTL_SMMUV3_SHCFG_NSH = 0,
	IOMMUCTL_SMMUV3_SHCFG_INCOMING = 1,
	IOMMUCTL_SMMUV3_SHCFG_OSH = 2,
	IOMMUCTL_SMMUV3_SHCFG_ISH = 3,
};

/*
 * The STE of a Non-secure stream, field by field. Member names are the architecture's field names
 * in lower case. Addresses (s1contextptr, s2ttb, vmsptr) are whole addresses. Fields that only
 * Secure or Realm streams have, and implementation-defined bits, are left out. Since: 0.1
 */
struct iommuctl_smmuv3_ste {
	uint64_t s1contextptr;
	uint64_t s2ttb;
	uint64_t vmsptr;
	uint64_t s2poi;
	uint8_t v;
	uint8_t config;
	uint8_t s1fmt;
	uint8_t s1cdmax;
	uint8_t s1dss;
	uint8_t s1cir;
	uint8_t s1cor;
	uint8_t s1csh;
	uint8_t s2hwu59;
	uint8_t s2hwu60;
	uint8_t s2hwu61;
	uint8_t s2hwu62;
	uint8_t dre;
	uint8_t cont;
	uint8_t dcp;
	uint8_t ppar;
	uint8_t mev;
	uint8_t sw_reserved;
	uint8_t s1pie;
	uint8_t s2fwb;
	uint8_t s1mpam;
	uint8_t s1stalld;
	uint8_t eats;
	uint8_t strw;
	uint8_t memattr;
	uint8_t mtcfg;
	uint8_t alloccfg;
	uint8_t shcfg;
	uint8_t nscfg;
	uint8_t privcfg;
	uint8_t instcfg;
	uint8_t s2t0sz;
	uint8_t s2sl0;
	uint8_t s2ir0;
	uint8_t s2or0;
	uint8_t s2sh0;
	uint8_t s2tg;
	uint8_t s2ps;
	uint8_t s2aa64;
	uint8_t s2endi;
	uint8_t s2affd;
	uint8_t s2ptw;
	uint8_t s2hd;
	uint8_t s2ha;
	uint8_t s2s;
	uint8_t s2r;
	uint8_t s2haft;
	uint8_t s2pie;
	uint8_t s2poe;
	uint8_t dpt_vmatch;
	uint8_t s2sl0_2;
	uint8_t s2ds;
	uint8_t s2skl;
	uint8_t assuredonly;
	uint8_t tl0;
	uint8_t tl1;
	uint8_t pmg;
	uint16_t s2vmid;
	uint16_t partid;
};

/*
 * Encodes @ste into words. @words is written only on success; @refusal (may be NULL) only on
 * failure. -ERANGE: a value does not fit its field, which @refusal names. Since: 0.1
 */
int iommuctl_smmuv3_ste_encode(const struct iommuctl_smmuv3_ste *ste,
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/* Decodes words into @ste. Any words decode; bits of no field are dropped. Since: 0.1 */
void iommuctl_smmuv3_ste_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_ste *ste);

/*
 * Says whether a stage-1 SMMU, as a guest has it under nesting, would take the STE or record
 * C_BAD_STE. Rules that depend on the SMMU are checked against @idr; with NULL they are left out.
 * -EINVAL: it is ILLEGAL; @refusal (may be NULL) says why. Since: 0.1
 */
int iommuctl_smmuv3_ste_validate(const struct iommuctl_smmuv3_ste *ste,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal);

/*
 * The two words that a nested HWPT takes of an STE, after the checks that the kernel makes: any
 * bit outside its allow-list, a Config other than ABORT, BYPASS and S1, and an EATS other than
 * ABORT and FULL are refused. With V = 0 the rest is not looked at and @nested is all zero, which
 * aborts every transaction. Words 2 to 7 never reach the kernel.
 *
 * @nested is in CPU order (the kernel's ABI is little-endian) and written only on success;
 * @refusal (may be NULL) only on failure.
 * -EIO: IOMMU_HWPT_ALLOC would fail with EIO. Since: 0.1
 */
int iommuctl_smmuv3_ste_nested(const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS],
	uint64_t nested[IOMMUCTL_SMMUV3_NESTED_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/* The table of fields. Since: 0.1 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_ste_fields(size_t *count);

/* The field of this name (ASCII case is ignored), or NULL. Since: 0.1 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_ste_field(const char *name);

/*
 * One line of text, like "V Config=S1 S1ContextPtr=0x40100000 S1CDMax=0": the main fields, and
 * all others that are not zero. See iommuctl_smmuv3_refusal_print for @text, @size and the result.
 * Since: 0.1
 */
size_t iommuctl_smmuv3_ste_print(const struct iommuctl_smmuv3_ste *ste, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
