/* SPDX-License-Identifier: MIT */
/*
 * VT-d scalable-mode PASID table entries, and how they become nested HWPTs.
 *
 * A guest whose VT-d has only first-stage tables keeps an entry for each PASID of a device, which
 * says where its tables are. The kernel takes the fields of struct iommuctl_hwpt_vtd_s1 from it.
 *
 * @entry: the entry
 * @words: the entry as words
 * @cap: the unit; NULL leaves out the rules that depend on it
 *
 * Common: smmuv3_field.h
 * Source: Intel Virtualization Technology for Directed I/O, revision 5.0, sections 3.4.3 (PASID
 *   translation), 9.5 (Scalable-Mode PASID Directory Entry) and 9.6 (Scalable-Mode PASID Table
 *   Entry); intel_pasid_setup_nested in drivers/iommu/intel/pasid.c and
 *   drivers/iommu/intel/nested.c (Linux 7.3).
 */
#ifndef IOMMUCTL_VTD_PASID_H
#define IOMMUCTL_VTD_PASID_H

#include <iommuctl/guest_memory.h>
#include <iommuctl/hwpt.h>
#include <iommuctl/vtd.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* 64-bit words of an entry. Since: 0.1 */
#define IOMMUCTL_VTD_PASID_WORDS 8

/*
 * PGTT: the translation that an entry selects.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_vtd_pgtt {
	IOMMUCTL_VTD_PGTT_FIRST_STAGE = 1,
	IOMMUCTL_VTD_PGTT_SECOND_STAGE = 2,
	IOMMUCTL_VTD_PGTT_NESTED = 3,
	IOMMUCTL_VTD_PGTT_PASS_THROUGH = 4,
};

/*
 * FSPM: levels of first-stage tables.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_vtd_fspm {
	IOMMUCTL_VTD_FSPM_4 = 0,
	IOMMUCTL_VTD_FSPM_5 = 1,
};

/*
 * A PASID table entry, field by field.
 *
 * Members: the architecture's fields of the same names in upper case, in its encodings; ssptptr and
 *   fsptptr are whole addresses.
 * Since: 0.1
 */
struct iommuctl_vtd_pasid_entry {
	uint64_t ssptptr;
	uint64_t fsptptr;
	uint32_t pat;
	uint16_t did;
	uint8_t p;
	uint8_t fpd;
	uint8_t aw;
	uint8_t pgtt;
	uint8_t ssade;
	uint8_t pwsnp;
	uint8_t pgsnp;
	uint8_t cd;
	uint8_t emte;
	uint8_t emt;
	uint8_t pwt;
	uint8_t pcd;
	uint8_t sre;
	uint8_t fspm;
	uint8_t wpe;
	uint8_t eafe;
};

/*
 * Encodes an entry.
 *
 * @words: out, on success only: the entry as words
 *
 * Errors:
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_vtd_pasid_encode(const struct iommuctl_vtd_pasid_entry *entry,
	uint64_t words[IOMMUCTL_VTD_PASID_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Decodes an entry.
 *
 * Any words decode; bits of no field are dropped.
 *
 * @entry: out: the entry
 *
 * Since: 0.1
 */
void iommuctl_vtd_pasid_decode(
	const uint64_t words[IOMMUCTL_VTD_PASID_WORDS], struct iommuctl_vtd_pasid_entry *entry);

/*
 * How a guest's entry is applied.
 *
 * @IOMMUCTL_VTD_PASID_USE_ABORT: nothing: its requests are blocked
 * @IOMMUCTL_VTD_PASID_USE_BYPASS: pass-through: only the nesting parent translates
 * @IOMMUCTL_VTD_PASID_USE_STAGE1: a nested HWPT
 *
 * Since: 0.1
 */
enum iommuctl_vtd_pasid_use {
	IOMMUCTL_VTD_PASID_USE_ABORT,
	IOMMUCTL_VTD_PASID_USE_BYPASS,
	IOMMUCTL_VTD_PASID_USE_STAGE1,
};

/*
 * Converts a guest's entry to the data of a nested HWPT.
 *
 * An entry that is not present is not checked further, and needs no HWPT. A guest that is shown no
 * second stage must not have second-stage or nested entries. Fields that the kernel does not take
 * (memory types, snooping) have no effect, nor have reserved bits, for which a unit may record a
 * fault.
 *
 * @use: out, on success only: how the entry is applied
 * @data: out, on success only, for STAGE1: the data of the HWPT
 *
 * Errors:
 *   -EINVAL: the unit would record a fault for one of its fields, or the kernel would not attach a
 *     HWPT made from it; @refusal says why
 * Since: 0.1
 */
int iommuctl_vtd_pasid_nested(const uint64_t words[IOMMUCTL_VTD_PASID_WORDS],
	const struct iommuctl_vtd_cap *cap, enum iommuctl_vtd_pasid_use *use,
	struct iommuctl_hwpt_vtd_s1 *data, struct iommuctl_smmuv3_refusal *refusal);

/*
 * Says whether a device can be attached to a nested HWPT with this data.
 *
 * HWPT_ALLOC does not check the data: errors show when a device is attached, and block its DMA
 * (iommuctl_vfio_attach() says how to recover). Of what is refused here, the kernel ignores unknown
 * flags, and accepts bits of pgtbl_addr below a page: it writes them into the PASID table entry,
 * where they set SRE, FSPM, WPE, EAFE or reserved bits. In @refusal, word 0 is flags, 1 pgtbl_addr,
 * 2 addr_width.
 *
 * @data: the data of the HWPT
 *
 * Errors:
 *   -EINVAL: it cannot; @refusal says why
 * Since: 0.1
 */
int iommuctl_vtd_s1_validate(const struct iommuctl_hwpt_vtd_s1 *data,
	const struct iommuctl_vtd_cap *cap, struct iommuctl_smmuv3_refusal *refusal);

/*
 * Reads the entry of a PASID from a guest's tables.
 *
 * Reserved bits on the way to it are not looked at.
 *
 * @memory: guest memory
 * @pasiddirptr: the PASID directory: the field of that name of the scalable-mode context entry
 * @pdts: the size of the directory: PDTS of that entry, 0 to 7
 * @pasid: the PASID, 20 bits
 * @words: out, on success only: the entry, each word read once
 *
 * Errors:
 *   -EFAULT: the directory or the table is not in guest memory
 *   -EINVAL: @pdts or @pasid is out of range
 *   -ENOENT: the directory has no entry for the PASID, or it is not present
 * Since: 0.1
 */
int iommuctl_vtd_pasid_find(const struct iommuctl_guest_memory *memory, uint64_t pasiddirptr,
	uint8_t pdts, uint32_t pasid, uint64_t words[IOMMUCTL_VTD_PASID_WORDS]);

/*
 * Gets the table of fields.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_vtd_pasid_fields(size_t *count);

/*
 * Writes an entry as one line, like "P PGTT=first-stage FSPTPTR=0x40101000".
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_vtd_pasid_print(
	const struct iommuctl_vtd_pasid_entry *entry, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
