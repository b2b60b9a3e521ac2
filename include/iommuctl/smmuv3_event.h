/* SPDX-License-Identifier: MIT */
/*
 * SMMUv3 event records.
 *
 * @event: the event
 * @words: the event as words
 * @type: the number of an event, any number
 *
 * Common: smmuv3_field.h
 * Source: Arm IHI 0070, section 7.3; for the events that reach a vEVENTQ, arm_smmu_handle_event in
 *   drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3.c.
 */
#ifndef IOMMUCTL_SMMUV3_EVENT_H
#define IOMMUCTL_SMMUV3_EVENT_H

#include <iommuctl/smmuv3_field.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* 64-bit words of an event record. Since: 0.1 */
#define IOMMUCTL_SMMUV3_EVENT_WORDS 4

/*
 * Event numbers; 0xe0 to 0xef are implementation-defined, all others reserved.
 *
 * Members: the architecture's events of the same names.
 * Since: 0.1
 */
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

/*
 * CLASS: the operation that faulted.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_event_class {
	IOMMUCTL_SMMUV3_EVENT_CLASS_CD = 0,
	IOMMUCTL_SMMUV3_EVENT_CLASS_TTD = 1,
	IOMMUCTL_SMMUV3_EVENT_CLASS_IN = 2,
};

/*
 * An event of a Non-secure stream.
 *
 * Each type has some of the members. Left out: implementation-defined bits, NSIPA, what permission
 * indirection adds to F_PERMISSION, and the access and span that F_BAD_ATS_TREQ asked for.
 *
 * @substreamid: valid if @ssv is 1, and always in C_BAD_SUBSTREAMID
 *
 * Members: the architecture's fields of the same names, in its encodings; addresses are whole.
 * Since: 0.1
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
	uint8_t event_class; /* field CLASS; class is a keyword in C++ */
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
 * Encodes an event, as an SMMU would write it.
 *
 * @words: out, on success only: the event as words
 *
 * Errors:
 *   -EINVAL: the type is not architected, or a member is set that this type does not have
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_smmuv3_event_encode(const struct iommuctl_smmuv3_event *event,
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Decodes an event.
 *
 * Members that the type does not have become 0. Any words decode; of a type that is not
 * architected, only the type.
 *
 * @event: out: the event
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_event_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], struct iommuctl_smmuv3_event *event);

/*
 * Says whether the kernel forwards such an event to a vEVENTQ.
 *
 * It does if the event has one of eight types, is not a stage-2 fault, and is not stalled: a
 * stalled one goes to the fault queue of the device.
 *
 * Returns: true if it does.
 * Since: 0.1
 */
bool iommuctl_smmuv3_event_reaches_veventq(const struct iommuctl_smmuv3_event *event);

/*
 * Gets the name of a type, like "F_TRANSLATION".
 *
 * Returns: the name; NULL if the type is not architected.
 * Since: 0.1
 */
const char *iommuctl_smmuv3_event_name(uint8_t type);

/*
 * Finds the type that has a name.
 *
 * @name: the name; ASCII case is ignored
 * @type: out: the type
 *
 * Errors:
 *   -ENOENT: no event has it
 * Since: 0.1
 */
int iommuctl_smmuv3_event_from_name(const char *name, uint8_t *type);

/*
 * Gets the table of the fields of all events, 64 at most.
 *
 * Two of them are named Reason, of 16 and of 32 bits; no type has both.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_event_fields(size_t *count);

/*
 * Says which fields a type has.
 *
 * Returns: bit i stands for the i-th field of the table.
 * Since: 0.1
 */
uint64_t iommuctl_smmuv3_event_field_mask(uint8_t type);

/*
 * Finds a field of a type by its name.
 *
 * @name: the name; ASCII case is ignored
 *
 * Returns: the field; NULL if the type has none of that name.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_event_field(uint8_t type, const char *name);

/*
 * Writes an event as one line, like "F_TRANSLATION StreamID=0x42 RnW=read CLASS=IN".
 *
 * It has the main fields, and all others that are not zero.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_smmuv3_event_print(
	const struct iommuctl_smmuv3_event *event, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
