/* SPDX-License-Identifier: MIT */
/*
 * SMMUv3 Context Descriptor and Level 1 Context Descriptor.
 *
 * @cd: the CD
 * @words: the CD as words
 * @l1cd: the L1CD
 *
 * Common: smmuv3_field.h
 * Source: Arm IHI 0070, sections 5.4 (CD), 5.4.2 (validity), 5.3 (L1CD), 5.5 (A, R, S).
 */
#ifndef IOMMUCTL_SMMUV3_CD_H
#define IOMMUCTL_SMMUV3_CD_H

#include <iommuctl/smmuv3_ste.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * The shape of a CD.
 *
 * @IOMMUCTL_SMMUV3_CD_WORDS: its 64-bit words
 * @IOMMUCTL_SMMUV3_CD_MAIR_ATTRS: its memory attributes, a byte each
 *
 * Since: 0.1
 */
#define IOMMUCTL_SMMUV3_CD_WORDS      8
#define IOMMUCTL_SMMUV3_CD_MAIR_ATTRS 8

/*
 * CD.TG0.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_tg0 {
	IOMMUCTL_SMMUV3_TG0_4K = 0,
	IOMMUCTL_SMMUV3_TG0_64K = 1,
	IOMMUCTL_SMMUV3_TG0_16K = 2,
};

/*
 * CD.TG1, which is not encoded as TG0 is.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_tg1 {
	IOMMUCTL_SMMUV3_TG1_16K = 1,
	IOMMUCTL_SMMUV3_TG1_4K = 2,
	IOMMUCTL_SMMUV3_TG1_64K = 3,
};

/*
 * CD.IR0, OR0, IR1, OR1: the cacheability of table walks.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_rgn {
	IOMMUCTL_SMMUV3_RGN_NC = 0,
	IOMMUCTL_SMMUV3_RGN_WB_RAWA = 1,
	IOMMUCTL_SMMUV3_RGN_WT_RA = 2,
	IOMMUCTL_SMMUV3_RGN_WB_RA = 3,
};

/*
 * CD.IPS, and IDR5.OAS.
 *
 * Members: bits of address, in the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_ips {
	IOMMUCTL_SMMUV3_IPS_32 = 0,
	IOMMUCTL_SMMUV3_IPS_36 = 1,
	IOMMUCTL_SMMUV3_IPS_40 = 2,
	IOMMUCTL_SMMUV3_IPS_42 = 3,
	IOMMUCTL_SMMUV3_IPS_44 = 4,
	IOMMUCTL_SMMUV3_IPS_48 = 5,
	IOMMUCTL_SMMUV3_IPS_52 = 6,
	IOMMUCTL_SMMUV3_IPS_56 = 7,
};

/*
 * A Context Descriptor, field by field.
 *
 * Fields of VMSAv9-128 (DisCH, SKL) share bits with HAD and HWU and are left out.
 *
 * Members: the architecture's fields of the same names in upper case, in its encodings, except
 *   mair: its eight attributes (fields Attr0 to Attr7). ttb0 and ttb1 are whole addresses.
 * Since: 0.1
 */
struct iommuctl_smmuv3_cd {
	uint64_t ttb0;
	uint64_t ttb1;
	uint64_t amair;
	uint64_t piiu;
	uint64_t piip;
	uint8_t mair[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS];
	uint8_t t0sz;
	uint8_t tg0;
	uint8_t ir0;
	uint8_t or0;
	uint8_t sh0;
	uint8_t epd0;
	uint8_t endi;
	uint8_t t1sz;
	uint8_t tg1;
	uint8_t ir1;
	uint8_t or1;
	uint8_t sh1;
	uint8_t epd1;
	uint8_t v;
	uint8_t ips;
	uint8_t affd;
	uint8_t wxn;
	uint8_t uwxn;
	uint8_t tbi0;
	uint8_t tbi1;
	uint8_t pan;
	uint8_t aa64;
	uint8_t hd;
	uint8_t ha;
	uint8_t s;
	uint8_t r;
	uint8_t a;
	uint8_t aset;
	uint8_t nscfg0;
	uint8_t had0;
	uint8_t e0pd0;
	uint8_t haft;
	uint8_t pnch;
	uint8_t epan;
	uint8_t hwu059;
	uint8_t hwu060;
	uint8_t hwu061;
	uint8_t hwu062;
	uint8_t nscfg1;
	uint8_t had1;
	uint8_t e0pd1;
	uint8_t aie;
	uint8_t ds;
	uint8_t pie;
	uint8_t hwu159;
	uint8_t hwu160;
	uint8_t hwu161;
	uint8_t hwu162;
	uint8_t pmg;
	uint16_t asid;
	uint16_t partid;
};

/*
 * A Level 1 Context Descriptor.
 *
 * @l2ptr: the whole address of a 4K or 64K table of CDs, by STE.S1Fmt
 * @v: whether it is valid
 *
 * Since: 0.1
 */
struct iommuctl_smmuv3_l1cd {
	uint64_t l2ptr;
	uint8_t v;
};

/*
 * Encodes a CD.
 *
 * @words: out, on success only: the CD as words
 *
 * Errors:
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_smmuv3_cd_encode(const struct iommuctl_smmuv3_cd *cd,
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Decodes a CD.
 *
 * Any words decode; bits of no field are dropped.
 *
 * @cd: out: the CD
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_cd_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS], struct iommuctl_smmuv3_cd *cd);

/*
 * Says whether the SMMU would accept the CD, or record C_BAD_CD.
 *
 * It is bad for V = 0; an A or S that the SMMU or the STE does not allow; a table format,
 * endianness, granule, region size or ASID that the SMMU does not have; HTTU that it does not have;
 * a TTB beyond IPS. The stream world is NS-EL1, as under nesting. Permission indirection is not
 * checked. Without @idr, TxSZ may be anything that some SMMU accepts.
 *
 * @idr: the SMMU; NULL leaves out the rules that depend on it
 * @ste: the STE, whose S1STALLD counts; NULL leaves out the rules that depend on it
 *
 * Errors:
 *   -EINVAL: it is ILLEGAL; @refusal says why
 * Since: 0.1
 */
int iommuctl_smmuv3_cd_validate(const struct iommuctl_smmuv3_cd *cd,
	const struct iommuctl_smmuv3_idr *idr, const struct iommuctl_smmuv3_ste *ste,
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * Gets the table of fields of a CD.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cd_fields(size_t *count);

/*
 * Finds a field of a CD by its name.
 *
 * @name: the name; ASCII case is ignored
 *
 * Returns: the field, or NULL.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cd_field(const char *name);

/*
 * Writes a CD as one line of text.
 *
 * It has the main fields, and all others that are not zero.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_smmuv3_cd_print(const struct iommuctl_smmuv3_cd *cd, char *text, size_t size);

/*
 * Encodes an L1CD.
 *
 * @word: out, on success only: the L1CD
 *
 * Errors:
 *   -ERANGE: a value does not fit its field: l2ptr below 4K alignment, or beyond 56 bits
 * Since: 0.1
 */
int iommuctl_smmuv3_l1cd_encode(const struct iommuctl_smmuv3_l1cd *l1cd, uint64_t *word,
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * Decodes an L1CD.
 *
 * Any word decodes.
 *
 * @word: the L1CD as a word
 * @l1cd: out: the L1CD
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_l1cd_decode(uint64_t word, struct iommuctl_smmuv3_l1cd *l1cd);

/*
 * Gets the table of fields of an L1CD.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_l1cd_fields(size_t *count);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
