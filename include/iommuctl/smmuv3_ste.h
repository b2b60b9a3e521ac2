/* SPDX-License-Identifier: MIT */
/*
 * SMMUv3 Stream Table Entry.
 *
 * @ste: the STE
 * @words: the STE as words
 * @idr: the SMMU; NULL leaves out the rules that depend on it
 *
 * Common: smmuv3_field.h
 * Source: Arm IHI 0070, section 5.2; for the fields that a nested HWPT takes,
 *   arm_smmu_validate_vste in drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c (Linux 7.2 and
 *   7.3).
 */
#ifndef IOMMUCTL_SMMUV3_STE_H
#define IOMMUCTL_SMMUV3_STE_H

#include <iommuctl/smmuv3_idr.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * 64-bit words of an STE.
 *
 * @IOMMUCTL_SMMUV3_STE_WORDS: all of them
 * @IOMMUCTL_SMMUV3_NESTED_WORDS: those that a nested HWPT takes
 *
 * Since: 0.1
 */
#define IOMMUCTL_SMMUV3_STE_WORDS    8
#define IOMMUCTL_SMMUV3_NESTED_WORDS 2

/*
 * STE.Config; 1 to 3 are reserved and behave as ABORT.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_config {
	IOMMUCTL_SMMUV3_CONFIG_ABORT = 0,
	IOMMUCTL_SMMUV3_CONFIG_BYPASS = 4,
	IOMMUCTL_SMMUV3_CONFIG_S1 = 5,
	IOMMUCTL_SMMUV3_CONFIG_S2 = 6,
	IOMMUCTL_SMMUV3_CONFIG_S1S2 = 7,
};

/*
 * STE.S1Fmt: the shape of the CD table.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_s1fmt {
	IOMMUCTL_SMMUV3_S1FMT_LINEAR = 0,
	IOMMUCTL_SMMUV3_S1FMT_4K_L2 = 1,
	IOMMUCTL_SMMUV3_S1FMT_64K_L2 = 2,
};

/*
 * STE.S1DSS: transactions without a SubstreamID, where S1CDMax is not 0.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_s1dss {
	IOMMUCTL_SMMUV3_S1DSS_TERMINATE = 0,
	IOMMUCTL_SMMUV3_S1DSS_BYPASS = 1,
	IOMMUCTL_SMMUV3_S1DSS_SSID0 = 2,
};

/*
 * STE.S1CIR and S1COR: the cacheability of CD fetches.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_s1c {
	IOMMUCTL_SMMUV3_S1C_NC = 0,
	IOMMUCTL_SMMUV3_S1C_WB_RA = 1,
	IOMMUCTL_SMMUV3_S1C_WT_RA = 2,
	IOMMUCTL_SMMUV3_S1C_WB = 3,
};

/*
 * Shareability, in STE and CD.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_sh {
	IOMMUCTL_SMMUV3_SH_NSH = 0,
	IOMMUCTL_SMMUV3_SH_OSH = 2,
	IOMMUCTL_SMMUV3_SH_ISH = 3,
};

/*
 * STE.EATS; a nested HWPT takes ABORT and FULL.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_eats {
	IOMMUCTL_SMMUV3_EATS_ABORT = 0,
	IOMMUCTL_SMMUV3_EATS_FULL = 1,
	IOMMUCTL_SMMUV3_EATS_SPLIT = 2,
	IOMMUCTL_SMMUV3_EATS_FULL_DPT = 3,
};

/*
 * STE.STRW of a Non-secure stream.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_strw {
	IOMMUCTL_SMMUV3_STRW_EL1 = 0,
	IOMMUCTL_SMMUV3_STRW_EL2 = 2,
};

/*
 * STE.SHCFG.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_shcfg {
	IOMMUCTL_SMMUV3_SHCFG_NSH = 0,
	IOMMUCTL_SMMUV3_SHCFG_INCOMING = 1,
	IOMMUCTL_SMMUV3_SHCFG_OSH = 2,
	IOMMUCTL_SMMUV3_SHCFG_ISH = 3,
};

/*
 * The STE of a Non-secure stream, field by field.
 *
 * Fields that only Secure or Realm streams have, and implementation-defined bits, are left out.
 *
 * Members: the architecture's fields of the same names in upper case, in its encodings; addresses
 *   (s1contextptr, s2ttb, vmsptr) are whole addresses.
 * Since: 0.1
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
 * Encodes an STE.
 *
 * @words: out, on success only: the STE as words
 *
 * Errors:
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_smmuv3_ste_encode(const struct iommuctl_smmuv3_ste *ste,
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Decodes an STE.
 *
 * Any words decode; bits of no field are dropped.
 *
 * @ste: out: the STE
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_ste_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_ste *ste);

/*
 * Says whether a stage-1 SMMU, as a guest has under nesting, would accept the STE or record
 * C_BAD_STE.
 *
 * Errors:
 *   -EINVAL: it is ILLEGAL; @refusal says why
 * Since: 0.1
 */
int iommuctl_smmuv3_ste_validate(const struct iommuctl_smmuv3_ste *ste,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal);

/*
 * The part of an STE that serves a transaction.
 *
 * @IOMMUCTL_SMMUV3_USE_ABORT: nothing: it is aborted
 * @IOMMUCTL_SMMUV3_USE_BYPASS: stage 1 is bypassed
 * @IOMMUCTL_SMMUV3_USE_CD: a CD of its table: that of the SubstreamID, or else the first
 *
 * Since: 0.1
 */
enum iommuctl_smmuv3_use {
	IOMMUCTL_SMMUV3_USE_ABORT,
	IOMMUCTL_SMMUV3_USE_BYPASS,
	IOMMUCTL_SMMUV3_USE_CD,
};

/*
 * Gets which part of an STE serves a transaction, for stage 1.
 *
 * The STE must pass iommuctl_smmuv3_ste_validate(); V is not checked.
 *
 * @has_ssid: the transaction has a SubstreamID
 * @ssid: the SubstreamID; ignored without @has_ssid
 * @event: out, for ABORT: the type of the event record, 0 if there is none
 *
 * Returns: the part that serves it.
 * Since: 0.1
 * Source: Arm IHI 0070, sections 3.9 (Support for PCI Express, PASIDs, PRI, and ATS) and 5.2
 *   (Config, S1CDMax, S1DSS).
 */
enum iommuctl_smmuv3_use iommuctl_smmuv3_ste_get_use(
	const struct iommuctl_smmuv3_ste *ste, bool has_ssid, uint32_t ssid, uint8_t *event);

/*
 * Makes the two words that a nested HWPT takes of an STE.
 *
 * The checks are those of the kernel: any bit outside its allow-list, a Config other than ABORT,
 * BYPASS and S1, and an EATS other than ABORT and FULL are refused. With V = 0 the rest is ignored
 * and @nested is all zero, which aborts every transaction. Words 2 to 7 never reach the kernel.
 *
 * @nested: out, on success only: the words in CPU order; the kernel's ABI is little-endian
 *
 * Errors:
 *   -EIO: IOMMU_HWPT_ALLOC would fail with EIO; @refusal says why
 * Since: 0.1
 */
int iommuctl_smmuv3_ste_nested(const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS],
	uint64_t nested[IOMMUCTL_SMMUV3_NESTED_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Gets the table of fields.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_ste_fields(size_t *count);

/*
 * Finds a field by its name.
 *
 * @name: the name; ASCII case is ignored
 *
 * Returns: the field, or NULL.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_ste_field(const char *name);

/*
 * Writes an STE as one line, like "V Config=S1 S1ContextPtr=0x40100000 S1CDMax=0".
 *
 * It has the main fields, and all others that are not zero.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_smmuv3_ste_print(const struct iommuctl_smmuv3_ste *ste, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
