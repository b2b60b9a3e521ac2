// SPDX-License-Identifier: MIT
/* Event records. */
#include <string.h>

#include <iommuctl/smmuv3_event.h>

#include "array.h"
#include "smmuv3/codec.h"

enum {
	TYPE,
	STREAM_ID,
	SSV,
	SUBSTREAM_ID,
	REASON16,
	REASON32,
	GPCF,
	STAG,
	STALL,
	PNU,
	IND,
	RNW,
	S2,
	CLASS,
	TTRNW,
	UX,
	UW,
	UR,
	PX,
	PW,
	PR,
	SPAN,
	INPUT_ADDR,
	INPUT_PAGE,
	IPA,
	FETCH_ADDR,
	FIELD_COUNT,
};

static const struct iommuctl_smmuv3_value directions[] = {
	{ 0, "write" },
	{ 1, "read" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value classes[] = {
	{ IOMMUCTL_SMMUV3_EVENT_CLASS_CD, "CD" },
	{ IOMMUCTL_SMMUV3_EVENT_CLASS_TTD, "TTD" },
	{ IOMMUCTL_SMMUV3_EVENT_CLASS_IN, "IN" },
	{ 0, NULL },
};

#define EVENT(member, ...) SMMUV3_FIELD(struct iommuctl_smmuv3_event, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field fields[FIELD_COUNT] = {
	[TYPE] = EVENT(type, "Type", 0, 0, 8, .always = true),
	[STREAM_ID] = EVENT(streamid, "StreamID", 0, 32, 32, .always = true),
	[SSV] = EVENT(ssv, "SSV", 0, 11, 1),
	[SUBSTREAM_ID] = EVENT(substreamid, "SubstreamID", 0, 12, 20),
	[REASON16] = EVENT(reason, "Reason", 1, 0, 16),
	[REASON32] = EVENT(reason, "Reason", 1, 0, 32),
	[GPCF] = EVENT(gpcf, "GPCF", 1, 16, 1),
	[STAG] = EVENT(stag, "STAG", 1, 0, 16),
	[STALL] = EVENT(stall, "Stall", 1, 31, 1),
	[PNU] = EVENT(pnu, "PnU", 1, 33, 1),
	[IND] = EVENT(ind, "InD", 1, 34, 1),
	[RNW] = EVENT(rnw, "RnW", 1, 35, 1, .values = directions, .always = true),
	[S2] = EVENT(s2, "S2", 1, 39, 1),
	[CLASS] = EVENT(event_class, "CLASS", 1, 40, 2, .values = classes, .always = true),
	[TTRNW] = EVENT(ttrnw, "TTRnW", 1, 44, 1, .values = directions),
	[UX] = EVENT(ux, "uX", 1, 33, 1),
	[UW] = EVENT(uw, "uW", 1, 34, 1),
	[UR] = EVENT(ur, "uR", 1, 35, 1),
	[PX] = EVENT(px, "pX", 1, 37, 1),
	[PW] = EVENT(pw, "pW", 1, 38, 1),
	[PR] = EVENT(pr, "pR", 1, 39, 1),
	[SPAN] = EVENT(span, "Span", 1, 44, 8, .always = true),
	[INPUT_ADDR] = EVENT(inputaddr, "InputAddr", 2, 0, 64, .address = true, .always = true),
	[INPUT_PAGE] = EVENT(inputaddr, "InputAddr", 2, 12, 52, .address = true, .always = true),
	[IPA] = EVENT(ipa, "IPA", 3, 12, 44, .address = true),
	[FETCH_ADDR] = EVENT(fetchaddr, "FetchAddr", 3, 3, 53, .address = true, .always = true),
};

static const struct smmuv3_table table = { fields, FIELD_COUNT, IOMMUCTL_SMMUV3_EVENT_WORDS };

#define HAS(index) SMMUV3_HAS(index)
#define HAS_SSID   (HAS(SSV) | HAS(SUBSTREAM_ID))
#define HAS_ACCESS (HAS(PNU) | HAS(IND) | HAS(RNW) | HAS(INPUT_ADDR))
#define HAS_STAGE  (HAS(S2) | HAS(CLASS))
#define HAS_FETCH  (HAS_SSID | HAS(REASON16) | HAS(FETCH_ADDR))
#define HAS_FAULT  (HAS_SSID | HAS(STAG) | HAS(STALL) | HAS_ACCESS | HAS_STAGE | HAS(IPA))
#define HAS_PAGE_REQUEST                                                                           \
	(HAS_SSID | HAS(UX) | HAS(UW) | HAS(UR) | HAS(PX) | HAS(PW) | HAS(PR) | HAS(SPAN) |        \
		HAS(INPUT_PAGE))

/* What the kernel does with a type: some types' stage-1 events reach a vEVENTQ. */
enum {
	KERNEL_LOG,
	VEVENTQ,
};

#define KIND(event, where, has)                                                                    \
	{                                                                                          \
		.name = #event, .number = IOMMUCTL_SMMUV3_##event, .property = where,              \
		.mask = HAS(TYPE) | HAS(STREAM_ID) | (has),                                        \
	}

static const struct smmuv3_kind kinds[] = {
	KIND(F_UUT, KERNEL_LOG, HAS_SSID | HAS(REASON16) | HAS_ACCESS),
	KIND(C_BAD_STREAMID, KERNEL_LOG, HAS_SSID),
	KIND(F_STE_FETCH, KERNEL_LOG, HAS_FETCH | HAS(GPCF)),
	KIND(C_BAD_STE, VEVENTQ, HAS_SSID),
	KIND(F_BAD_ATS_TREQ, KERNEL_LOG, HAS_SSID),
	KIND(F_STREAM_DISABLED, VEVENTQ, 0),
	KIND(F_TRANSL_FORBIDDEN, KERNEL_LOG, HAS(RNW) | HAS(INPUT_ADDR)),
	KIND(C_BAD_SUBSTREAMID, VEVENTQ, HAS(SUBSTREAM_ID)),
	KIND(F_CD_FETCH, KERNEL_LOG, HAS_FETCH | HAS(GPCF)),
	KIND(C_BAD_CD, VEVENTQ, HAS_SSID),
	KIND(F_WALK_EABT, KERNEL_LOG, HAS_FETCH | HAS_ACCESS | HAS_STAGE),
	KIND(F_TRANSLATION, VEVENTQ, HAS_FAULT),
	KIND(F_ADDR_SIZE, VEVENTQ, HAS_FAULT),
	KIND(F_ACCESS, VEVENTQ, HAS_FAULT),
	KIND(F_PERMISSION, VEVENTQ, HAS_FAULT | HAS(TTRNW)),
	KIND(F_TLB_CONFLICT, KERNEL_LOG,
		HAS_SSID | HAS(REASON32) | HAS_ACCESS | HAS(S2) | HAS(IPA)),
	KIND(F_CFG_CONFLICT, KERNEL_LOG, HAS_SSID | HAS(REASON32)),
	KIND(E_PAGE_REQUEST, KERNEL_LOG, HAS_PAGE_REQUEST),
	KIND(F_VMS_FETCH, KERNEL_LOG, HAS_FETCH | HAS(GPCF)),
};

static const struct smmuv3_kinds events = { &table, kinds, ARRAY_SIZE(kinds) };

int iommuctl_smmuv3_event_encode(const struct iommuctl_smmuv3_event *event,
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	return smmuv3_kind_encode(&events, event, words, refusal);
}

void iommuctl_smmuv3_event_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], struct iommuctl_smmuv3_event *event)
{
	memset(event, 0, sizeof(*event));
	smmuv3_kind_decode(&events, words, event);
}

bool iommuctl_smmuv3_event_reaches_veventq(const struct iommuctl_smmuv3_event *event)
{
	const struct smmuv3_kind *kind = smmuv3_kind_of(&events, event->type);

	return kind && kind->property == VEVENTQ && !event->s2 && !event->stall;
}

const char *iommuctl_smmuv3_event_name(uint8_t type)
{
	return smmuv3_kind_name(&events, type);
}

int iommuctl_smmuv3_event_from_name(const char *name, uint8_t *type)
{
	return smmuv3_kind_from_name(&events, name, type);
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_event_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

uint64_t iommuctl_smmuv3_event_field_mask(uint8_t type)
{
	return smmuv3_kind_mask(&events, type);
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_event_field(uint8_t type, const char *name)
{
	return smmuv3_find(&table, iommuctl_smmuv3_event_field_mask(type), name);
}

size_t iommuctl_smmuv3_event_print(
	const struct iommuctl_smmuv3_event *event, char *text, size_t size)
{
	return smmuv3_kind_print(&events, event, text, size);
}
