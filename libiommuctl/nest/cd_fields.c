// SPDX-License-Identifier: MIT
/*
 * A CD is the guest's, and no one looks at it before the hardware does. A field harms the guest
 * alone, or the STE switches it off.
 */
#include "nest/fields.h"

#define OWN_TABLES	"the guest's tables, and stage 2 translates what they lead to"
#define OWN_PERMISSIONS "of the guest's memory; stage 2 has the last word"
#define OWN_ATTRIBUTES                                                                             \
	"the kernel lets no SMMU nest whose guests could get around the host's caches (CANWBS, "   \
	"S2FWB)"
#define OWN_UPDATES    "the SMMU writes the guest's descriptors, where stage 2 lets it write"
#define NO_MPAM	       "S1MPAM = 0: the STE's are used, which the kernel wrote"
#define NO_INDIRECTION "S1PIE = 0: permissions are direct"

static const struct nest_field cd_fields[] = {
	{ "V", "", NEST_HARMS_ONLY_GUEST, NULL, "not valid: C_BAD_CD for the guest" },
	{ "T0SZ", "IDR5.VAX, IDR3.STT", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "TG0", "IDR5.GRAN4K, GRAN16K, GRAN64K", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "IR0", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "OR0", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "SH0", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "EPD0", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "T1SZ", "IDR5.VAX, IDR3.STT", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "TG1", "IDR5.GRAN4K, GRAN16K, GRAN64K", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "IR1", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "OR1", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "SH1", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "EPD1", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "ENDI", "IDR0.TTENDIAN", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "AA64", "IDR0.TTF", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "IPS", "IDR5.OAS", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "DS", "IDR5.DS", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "TTB0", "IDR5.OAS", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "TTB1", "IDR5.OAS", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "TBI0", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "TBI1", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "HAD0", "IDR3.HAD", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "HAD1", "IDR3.HAD", NEST_HARMS_ONLY_GUEST, NULL, OWN_TABLES },
	{ "AFFD", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_PERMISSIONS },
	{ "WXN", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_PERMISSIONS },
	{ "UWXN", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_PERMISSIONS },
	{ "PAN", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_PERMISSIONS },
	{ "EPAN", "IDR3.EPAN", NEST_HARMS_ONLY_GUEST, NULL, OWN_PERMISSIONS },
	{ "E0PD0", "IDR3.E0PD", NEST_HARMS_ONLY_GUEST, NULL, OWN_PERMISSIONS },
	{ "E0PD1", "IDR3.E0PD", NEST_HARMS_ONLY_GUEST, NULL, OWN_PERMISSIONS },
	{ "PnCH", "IDR3.THE", NEST_HARMS_ONLY_GUEST, NULL, OWN_PERMISSIONS },
	{ "HA", "IDR0.HTTU", NEST_HARMS_ONLY_GUEST, NULL, OWN_UPDATES },
	{ "HD", "IDR0.HTTU", NEST_HARMS_ONLY_GUEST, NULL, OWN_UPDATES },
	{ "HAFT", "IDR0.HTTU", NEST_HARMS_ONLY_GUEST, NULL, OWN_UPDATES },
	{ "S", "IDR0.STALL_MODEL", NEST_IS_OFF, NULL,
		"with S1STALLD = 1 it is ILLEGAL: C_BAD_CD for the guest" },
	{ "R", "", NEST_HARMS_ONLY_GUEST, NULL,
		"events go to the guest's queue, which drops what it has no room for" },
	{ "A", "IDR0.TERM_MODEL", NEST_HARMS_ONLY_GUEST, NULL,
		"whether what is terminated is told to the device" },
	{ "ASET", "", NEST_HARMS_ONLY_GUEST, NULL,
		"who else may invalidate the ASID; entries have the VMID of the guest" },
	{ "ASID", "IDR0.ASID16", NEST_HARMS_ONLY_GUEST, NULL,
		"entries of the TLB have the VMID of the guest as well" },
	{ "NSCFG0", "", NEST_HARMS_ONLY_GUEST, NULL, "the stream is Non-secure" },
	{ "NSCFG1", "", NEST_HARMS_ONLY_GUEST, NULL, "the stream is Non-secure" },
	{ "HWU059", "IDR3.PBHA", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "HWU060", "IDR3.PBHA", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "HWU061", "IDR3.PBHA", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "HWU062", "IDR3.PBHA", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "HWU159", "IDR3.PBHA", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "HWU160", "IDR3.PBHA", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "HWU161", "IDR3.PBHA", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "HWU162", "IDR3.PBHA", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "Attr0", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "Attr1", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "Attr2", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "Attr3", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "Attr4", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "Attr5", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "Attr6", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "Attr7", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "AMAIR", "", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "PARTID", "IDR3.MPAM", NEST_IS_OFF, NULL, NO_MPAM },
	{ "PMG", "IDR3.MPAM", NEST_IS_OFF, NULL, NO_MPAM },
	{ "AIE", "IDR3.AIE", NEST_HARMS_ONLY_GUEST, NULL, OWN_ATTRIBUTES },
	{ "PIE", "IDR3.S1PI", NEST_IS_OFF, NULL, NO_INDIRECTION },
	{ "PIIU", "IDR3.S1PI", NEST_IS_OFF, NULL, NO_INDIRECTION },
	{ "PIIP", "IDR3.S1PI", NEST_IS_OFF, NULL, NO_INDIRECTION },
};

const struct nest_field *nest_cd_fields(size_t *count)
{
	*count = sizeof(cd_fields) / sizeof(cd_fields[0]);
	return cd_fields;
}
