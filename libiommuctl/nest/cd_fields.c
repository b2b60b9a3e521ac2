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
	{ "V", "", NULL, "not valid: C_BAD_CD for the guest", NEST_HARMS_ONLY_GUEST },
	{ "T0SZ", "IDR5.VAX, IDR3.STT", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "TG0", "IDR5.GRAN4K, GRAN16K, GRAN64K", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "IR0", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "OR0", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "SH0", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "EPD0", "", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "T1SZ", "IDR5.VAX, IDR3.STT", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "TG1", "IDR5.GRAN4K, GRAN16K, GRAN64K", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "IR1", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "OR1", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "SH1", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "EPD1", "", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "ENDI", "IDR0.TTENDIAN", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "AA64", "IDR0.TTF", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "IPS", "IDR5.OAS", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "DS", "IDR5.DS", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "TTB0", "IDR5.OAS", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "TTB1", "IDR5.OAS", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "TBI0", "", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "TBI1", "", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "HAD0", "IDR3.HAD", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "HAD1", "IDR3.HAD", NULL, OWN_TABLES, NEST_HARMS_ONLY_GUEST },
	{ "AFFD", "", NULL, OWN_PERMISSIONS, NEST_HARMS_ONLY_GUEST },
	{ "WXN", "", NULL, OWN_PERMISSIONS, NEST_HARMS_ONLY_GUEST },
	{ "UWXN", "", NULL, OWN_PERMISSIONS, NEST_HARMS_ONLY_GUEST },
	{ "PAN", "", NULL, OWN_PERMISSIONS, NEST_HARMS_ONLY_GUEST },
	{ "EPAN", "IDR3.EPAN", NULL, OWN_PERMISSIONS, NEST_HARMS_ONLY_GUEST },
	{ "E0PD0", "IDR3.E0PD", NULL, OWN_PERMISSIONS, NEST_HARMS_ONLY_GUEST },
	{ "E0PD1", "IDR3.E0PD", NULL, OWN_PERMISSIONS, NEST_HARMS_ONLY_GUEST },
	{ "PnCH", "IDR3.THE", NULL, OWN_PERMISSIONS, NEST_HARMS_ONLY_GUEST },
	{ "HA", "IDR0.HTTU", NULL, OWN_UPDATES, NEST_HARMS_ONLY_GUEST },
	{ "HD", "IDR0.HTTU", NULL, OWN_UPDATES, NEST_HARMS_ONLY_GUEST },
	{ "HAFT", "IDR0.HTTU", NULL, OWN_UPDATES, NEST_HARMS_ONLY_GUEST },
	{ "S", "IDR0.STALL_MODEL", NULL, "with S1STALLD = 1 it is ILLEGAL: C_BAD_CD for the guest",
		NEST_IS_OFF },
	{ "R", "", NULL, "events go to the guest's queue, which drops what it has no room for",
		NEST_HARMS_ONLY_GUEST },
	{ "A", "IDR0.TERM_MODEL", NULL, "whether what is terminated is told to the device",
		NEST_HARMS_ONLY_GUEST },
	{ "ASET", "", NULL, "who else may invalidate the ASID; entries have the VMID of the guest",
		NEST_HARMS_ONLY_GUEST },
	{ "ASID", "IDR0.ASID16", NULL, "entries of the TLB have the VMID of the guest as well",
		NEST_HARMS_ONLY_GUEST },
	{ "NSCFG0", "", NULL, "the stream is Non-secure", NEST_HARMS_ONLY_GUEST },
	{ "NSCFG1", "", NULL, "the stream is Non-secure", NEST_HARMS_ONLY_GUEST },
	{ "HWU059", "IDR3.PBHA", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "HWU060", "IDR3.PBHA", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "HWU061", "IDR3.PBHA", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "HWU062", "IDR3.PBHA", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "HWU159", "IDR3.PBHA", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "HWU160", "IDR3.PBHA", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "HWU161", "IDR3.PBHA", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "HWU162", "IDR3.PBHA", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "Attr0", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "Attr1", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "Attr2", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "Attr3", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "Attr4", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "Attr5", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "Attr6", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "Attr7", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "AMAIR", "", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "PARTID", "IDR3.MPAM", NULL, NO_MPAM, NEST_IS_OFF },
	{ "PMG", "IDR3.MPAM", NULL, NO_MPAM, NEST_IS_OFF },
	{ "AIE", "IDR3.AIE", NULL, OWN_ATTRIBUTES, NEST_HARMS_ONLY_GUEST },
	{ "PIE", "IDR3.S1PI", NULL, NO_INDIRECTION, NEST_IS_OFF },
	{ "PIIU", "IDR3.S1PI", NULL, NO_INDIRECTION, NEST_IS_OFF },
	{ "PIIP", "IDR3.S1PI", NULL, NO_INDIRECTION, NEST_IS_OFF },
};

const struct nest_field *nest_cd_fields(size_t *count)
{
	*count = sizeof(cd_fields) / sizeof(cd_fields[0]);
	return cd_fields;
}
