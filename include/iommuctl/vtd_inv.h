/* SPDX-License-Identifier: MIT */
/*
 * VT-d invalidation descriptors, in a guest's invalidation queue and for HWPT_INVALIDATE.
 *
 * Descriptors have 128 bits, or 256 in a queue of that width. Only page responses use the upper
 * half; a descriptor here is the lower half.
 *
 * @inv: the descriptor
 * @words: the descriptor as words
 * @type: a type, any number
 *
 * Common: smmuv3_field.h
 * Source: Intel Virtualization Technology for Directed I/O, revision 5.0, section 6.5.2 (Queued
 *   Invalidation Interface); intel_nested_cache_invalidate_user in drivers/iommu/intel/nested.c
 *   (Linux 7.3).
 */
#ifndef IOMMUCTL_VTD_INV_H
#define IOMMUCTL_VTD_INV_H

#include <iommuctl/hwpt.h>
#include <iommuctl/smmuv3_field.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* 64-bit words of a descriptor. Since: 0.1 */
#define IOMMUCTL_VTD_INV_WORDS 2

/*
 * Types; all others are reserved.
 *
 * Members: the architecture's descriptors: context-cache, IOTLB, device-TLB, interrupt entry cache,
 *   wait, PASID-based IOTLB, PASID cache, PASID-based device-TLB, page group response.
 * Since: 0.1
 */
enum iommuctl_vtd_inv_type {
	IOMMUCTL_VTD_INV_CC = 1,
	IOMMUCTL_VTD_INV_IOTLB = 2,
	IOMMUCTL_VTD_INV_DEV_TLB = 3,
	IOMMUCTL_VTD_INV_IEC = 4,
	IOMMUCTL_VTD_INV_WAIT = 5,
	IOMMUCTL_VTD_INV_P_IOTLB = 6,
	IOMMUCTL_VTD_INV_PC = 7,
	IOMMUCTL_VTD_INV_P_DEV_TLB = 8,
	IOMMUCTL_VTD_INV_PAGE_GRP_RESP = 9,
};

/*
 * G of CC and of IOTLB.
 *
 * Members: the architecture's encodings; SELECTIVE is a device of CC, and pages of IOTLB.
 * Since: 0.1
 */
enum iommuctl_vtd_inv_g {
	IOMMUCTL_VTD_INV_G_GLOBAL = 1,
	IOMMUCTL_VTD_INV_G_DOMAIN = 2,
	IOMMUCTL_VTD_INV_G_SELECTIVE = 3,
};

/*
 * G of P_IOTLB: all of a PASID, or pages of it.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_vtd_inv_p_iotlb_g {
	IOMMUCTL_VTD_INV_P_IOTLB_G_PASID = 2,
	IOMMUCTL_VTD_INV_P_IOTLB_G_PAGES = 3,
};

/*
 * G of PC: all PASIDs of a domain, one of them, or everything.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_vtd_inv_pc_g {
	IOMMUCTL_VTD_INV_PC_G_DOMAIN = 0,
	IOMMUCTL_VTD_INV_PC_G_PASID = 1,
	IOMMUCTL_VTD_INV_PC_G_GLOBAL = 3,
};

/*
 * Who handles a descriptor found in the queue of a guest that has only first-stage tables.
 *
 * @IOMMUCTL_VTD_INV_CLASS_ILLEGAL: nobody: the queue stops with an invalidation queue error
 * @IOMMUCTL_VTD_INV_CLASS_CALLER: the VMM itself: entries of CC and PC are read again and become
 *   nested HWPTs, WAIT a completion, PAGE_GRP_RESP a page response
 * @IOMMUCTL_VTD_INV_CLASS_RELAYED: the kernel, by HWPT_INVALIDATE of the nested HWPTs concerned
 * @IOMMUCTL_VTD_INV_CLASS_DONE: nothing to do: the kernel flushes device TLBs with each
 *   invalidation of a nested HWPT
 *
 * Since: 0.1
 */
enum iommuctl_vtd_inv_class {
	IOMMUCTL_VTD_INV_CLASS_ILLEGAL,
	IOMMUCTL_VTD_INV_CLASS_CALLER,
	IOMMUCTL_VTD_INV_CLASS_RELAYED,
	IOMMUCTL_VTD_INV_CLASS_DONE,
};

/*
 * A descriptor.
 *
 * Each uses the members that it has.
 *
 * Members: the architecture's fields of the same names, in its encodings; addr and saddr are whole
 *   addresses. pfsid_low and pfsid_high are PFSID[3:0] and PFSID[15:4]. lpig is reserved since
 *   revision 4.0, and units ignore it.
 * Since: 0.1
 */
struct iommuctl_vtd_inv {
	uint64_t addr;
	uint64_t saddr;
	uint32_t pasid;
	uint32_t sdata;
	uint16_t did;
	uint16_t sid;
	uint16_t pfsid_high;
	uint16_t iidx;
	uint16_t prgi;
	uint8_t type;
	uint8_t g;
	uint8_t fm;
	uint8_t dw;
	uint8_t dr;
	uint8_t am;
	uint8_t ih;
	uint8_t mip;
	uint8_t pfsid_low;
	uint8_t s;
	uint8_t im;
	uint8_t iflag;
	uint8_t sw;
	uint8_t fn;
	uint8_t pd;
	uint8_t pp;
	uint8_t code;
	uint8_t lpig;
};

/*
 * Encodes a descriptor.
 *
 * @words: out, on success only: the descriptor as words
 *
 * Errors:
 *   -EINVAL: the type is reserved, or a member is set that this descriptor does not have
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_vtd_inv_encode(const struct iommuctl_vtd_inv *inv,
	uint64_t words[IOMMUCTL_VTD_INV_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Decodes a descriptor.
 *
 * Members that it does not have become 0. Any words decode; of a reserved type, only the type.
 *
 * @inv: out: the descriptor
 *
 * Since: 0.1
 */
void iommuctl_vtd_inv_decode(
	const uint64_t words[IOMMUCTL_VTD_INV_WORDS], struct iommuctl_vtd_inv *inv);

/*
 * Says whether a unit with first-stage tables would accept a descriptor.
 *
 * Errors:
 *   -EINVAL: it is an invalidation queue error: a reserved type, a reserved bit or a reserved
 *     granularity; @refusal says why
 * Since: 0.1
 */
int iommuctl_vtd_inv_validate(
	const uint64_t words[IOMMUCTL_VTD_INV_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Gets the class of a type.
 *
 * Returns: the class; ILLEGAL for a reserved type.
 * Since: 0.1
 */
enum iommuctl_vtd_inv_class iommuctl_vtd_inv_class(uint8_t type);

/*
 * Says whether a descriptor of class RELAYED concerns the HWPT of a domain and PASID.
 *
 * @inv: a descriptor that iommuctl_vtd_inv_validate() takes
 * @did: the domain that the guest gave the PASID table entry
 * @pasid: the PASID of that entry
 *
 * Returns: whether it does; false for other classes.
 * Since: 0.1
 */
bool iommuctl_vtd_inv_concerns(const struct iommuctl_vtd_inv *inv, uint16_t did, uint32_t pasid);

/*
 * Converts a descriptor of class RELAYED to an entry for HWPT_INVALIDATE of a HWPT that it
 * concerns.
 *
 * The entry invalidates exactly what was asked for. The kernel may invalidate more: it widens
 * ranges to a power of two.
 *
 * @inv: a descriptor that iommuctl_vtd_inv_validate() takes
 * @entry: out, on success only: the entry
 *
 * Errors:
 *   -EINVAL: the descriptor is of another class
 * Since: 0.1
 */
int iommuctl_vtd_inv_to_s1(
	const struct iommuctl_vtd_inv *inv, struct iommuctl_hwpt_vtd_s1_invalidate *entry);

/*
 * Gets the name of a type, like "P_IOTLB".
 *
 * Returns: the name; NULL if the type is reserved.
 * Since: 0.1
 */
const char *iommuctl_vtd_inv_name(uint8_t type);

/*
 * Gets the table of the fields of all descriptors, 64 at most.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_vtd_inv_fields(size_t *count);

/*
 * Says which fields a descriptor has.
 *
 * Returns: bit i stands for the i-th field of the table.
 * Since: 0.1
 */
uint64_t iommuctl_vtd_inv_field_mask(uint8_t type);

/*
 * Writes a descriptor as one line, like "P_IOTLB G=3 DID=0x1 PASID=0x0 AM=0 ADDR=0x1000".
 *
 * It has the main fields, and all others that are not zero.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_vtd_inv_print(const struct iommuctl_vtd_inv *inv, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
