/* SPDX-License-Identifier: MIT */
/*
 * SMMUv3 event records.
 *
 * Source: Arm IHI 0070, section 7.3; for what reaches a vEVENTQ, arm_smmu_handle_event in
 * drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c.
 */
#ifndef IOMMUCTL_SMMUV3_EVENT_H
#define IOMMUCTL_SMMUV3_EVENT_H

#include <iommuctl/smmuv3_field.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

#define IOMMUCTL_SMMUV3_EVENT_WORDS 4

/* Event numbers; 0xe0 to 0xef are implementation-defined, all others reserved. Since: 0.1 */
enum iommuctl_smmuv3_event_type {
	IOMMUCTL_SMMUV3_F_UUT = 0x01,
	IOMMUCTL_SMMUV3_C_BAD_STREAMID = 0x02,
	IOMMUCTL_SMMUV3_F_STE_FETCH = 0x03,
	IOMMUCTL_SMMUV3_C_BAD_STE = 0x04,
	IOMMUCTL_SMMUV3_F_BAD_ATS_TREQ = 0x05,
	IOMMUCTL_SMMUV3_F_STREAM_DISABLED = 0x06,
	IOMMUCTL_SMMUV3_F_TRANSL_FORBIDDEN = 0x07,
	IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID = 0x08,
	IOMMUCTL_SMMUV3_F_CD_FETCH = 0x09,
	IOMMUCTL_SMMUV3_C_BAD_CD = 0x0a,
	IOMMUCTL_SMMUV3_F_WALK_EABT = 0x0b,
	IOMMUCTL_SMMUV3_F_TRANSLATION = 0x10,
	IOMMUCTL_SMMUV3_F_ADDR_SIZE = 0x11,
	IOMMUCTL_SMMUV3_F_ACCESS = 0x12,
	IOMMUCTL_SMMUV3_F_PERMISSION = 0x13,
	IOMMUCTL_SMMUV3_F_TLB_CONFLICT = 0x20,
	IOMMUCTL_SMMUV3_F_CFG_CONFLICT = 0x21,
	IOMMUCTL_SMMUV3_E_PAGE_REQUEST = 0x24,
	IOMMUCTL_SMMUV3_F_VMS_FETCH = 0x25,
};

/* CLASS: the operation that faulted. Since: 0.1 */
enum iommuctl_smmuv3_event_class {
	IOMMUCTL_SMMUV3_EVENT_CLASS_CD = 0,
	IOMMUCTL_SMMUV3_EVENT_CLASS_TTD = 1,
	IOMMUCTL_SMMUV3_EVENT_CLASS_IN = 2,
};

/*
 * An event of a Non-secure stream. Member names are the architecture's field names in lower case;
 * each type has some of them. @substreamid holds where @ssv is 1 (in C_BAD_SUBSTREAMID always).
 * Addresses are whole. Left out: implementation-defined bits, NSIPA, what permission indirection
 * adds to F_PERMISSION, and the access and span that F_BAD_ATS_TREQ asked for. Since: 0.1
 */
struct iommuctl_smmuv3_event {
	uint64_t inputaddr;
	uint64_t ipa;
	uint64_t fetchaddr;
	uint32_t streamid;
	uint32_t substreamid;
	uint32_t reason;
	uint16_t stag;
	uint8_t type;
	uint8_t ssv;
	uint8_t gpcf;
	uint8_t stall;
	uint8_t pnu;
	uint8_t ind;
	uint8_t rnw;
	uint8_t s2;
	uint8_t event_class; /* field CLASS; class is a word of C++ */
	uint8_t ttrnw;
	uint8_t span;
	uint8_t ux;
	uint8_t uw;
	uint8_t ur;
	uint8_t px;
	uint8_t pw;
	uint8_t pr;
};

/*
 * Encodes @event into words, as an SMMU would write them. @words is written only on success;
 * @refusal (may be NULL) only on failure.
 * -EINVAL: the type is not architected, or a member is set that this type does not have.
 * -ERANGE: a value does not fit its field. @refusal names the field. Since: 0.1
 */
int iommuctl_smmuv3_event_encode(const struct iommuctl_smmuv3_event *event,
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Decodes words into @event; members that the type does not have become 0. Any words decode; of a
 * type that is not architected, the type alone. Since: 0.1
 */
void iommuctl_smmuv3_event_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], struct iommuctl_smmuv3_event *event);

/*
 * Whether the kernel hands such an event to a vEVENTQ: it is one of eight types, not a stage-2
 * fault, and not stalled (a stalled one goes to the fault queue of the device). Since: 0.1
 */
bool iommuctl_smmuv3_event_reaches_veventq(const struct iommuctl_smmuv3_event *event);

/* The name of a type, like "F_TRANSLATION", or NULL if it is not architected. Since: 0.1 */
const char *iommuctl_smmuv3_event_name(uint8_t type);

/*
 * The type of this name (ASCII case is ignored).
 * -ENOENT: no event has it. Since: 0.1
 */
int iommuctl_smmuv3_event_from_name(const char *name, uint8_t *type);

/*
 * The table of the fields of all events, 64 at most. Two of them are named Reason, of 16 and of
 * 32 bits; no type has both. Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_event_fields(size_t *count);

/* Which fields a type has: bit i stands for the i-th field of the table. Since: 0.1 */
uint64_t iommuctl_smmuv3_event_field_mask(uint8_t type);

/* The type's field of this name (ASCII case is ignored), or NULL. Since: 0.1 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_event_field(uint8_t type, const char *name);

/*
 * One line of text, like "F_TRANSLATION StreamID=0x42 RnW=read CLASS=IN InputAddr=0x1000": the
 * main fields, and all others that are not zero. See iommuctl_smmuv3_refusal_print for @text,
 * @size and the result. Since: 0.1
 */
size_t iommuctl_smmuv3_event_print(
	const struct iommuctl_smmuv3_event *event, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
