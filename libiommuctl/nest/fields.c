// SPDX-License-Identifier: MIT
#include "nest/fields.h"

#include <string.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define KERNEL_HAS_ITS_OWN "a nested HWPT takes none; the kernel writes its own"
#define PARENT_HAS_STAGE2  "stage 2 is that of the nesting parent"

static bool has_ssids(const struct nest_features *features, const struct iommuctl_smmuv3_ste *ste)
{
	return features->guest.ssidsize && ste->s1cdmax;
}

static bool has_cd_levels(
	const struct nest_features *features, const struct iommuctl_smmuv3_ste *ste)
{
	return has_ssids(features, ste) && features->guest.cd2l;
}

static bool has_full_ats(
	const struct nest_features *features, const struct iommuctl_smmuv3_ste *ste)
{
	return features->guest.ats && features->hardware.ats &&
	       ste->eats == IOMMUCTL_SMMUV3_EATS_FULL;
}

static bool may_stall(const struct nest_features *features, const struct iommuctl_smmuv3_ste *ste)
{
	(void)ste;
	return features->hardware.stall_model == IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE;
}

#define STE(member)                                                                                \
	.offset = offsetof(struct iommuctl_smmuv3_ste, member),                                    \
	.size = sizeof(((struct iommuctl_smmuv3_ste *)0)->member)

static const struct nest_field ste_fields[] = {
	{ "V", "", NEST_PASSES, NULL, "0 is ILLEGAL", STE(v) },
	{ "Config", "IDR0.S1P, S2P", NEST_PASSES, NULL, "stage 2 is ILLEGAL: the guest has none",
		STE(config) },
	{ "S1Fmt", "IDR0.CD2L, IDR1.SSIDSIZE", NEST_NEEDS, has_cd_levels,
		"without two-level tables the table is linear", STE(s1fmt) },
	{ "S1ContextPtr", "IDR5.OAS", NEST_PASSES, NULL,
		"an IPA; a nested HWPT takes 52 bits of it", STE(s1contextptr) },
	{ "S1CDMax", "IDR1.SSIDSIZE", NEST_NEEDS, has_ssids,
		"without SubstreamIDs there is one CD; more than the guest has are ILLEGAL",
		STE(s1cdmax) },
	{ "S1DSS", "IDR1.SSIDSIZE", NEST_NEEDS, has_ssids,
		"means nothing without SubstreamIDs; at most stage 2 alone translates",
		STE(s1dss) },
	{ "S1CIR", "", NEST_PASSES, NULL, "how CDs in guest memory are fetched", STE(s1cir) },
	{ "S1COR", "", NEST_PASSES, NULL, "how CDs in guest memory are fetched", STE(s1cor) },
	{ "S1CSH", "", NEST_PASSES, NULL, "how CDs in guest memory are fetched", STE(s1csh) },
	{ "S1STALLD", "IDR0.STALL_MODEL", NEST_FORCES, may_stall,
		"no call of the kernel resumes what stalls; a guest that sees TERMINATE cannot set "
		"it",
		STE(s1stalld) },
	{ "EATS", "IDR0.ATS, NS1ATS", NEST_NEEDS, has_full_ats,
		"split-stage ATS is ILLEGAL, or means nothing; the kernel enables ATS in the device",
		STE(eats) },
	{ "DRE", "", NEST_DROPS, NULL, "destructive reads are not to be had", STE(dre) },
	{ "CONT", "", NEST_DROPS, NULL, "the physical stream table is not laid out as the guest's",
		STE(cont) },
	{ "DCP", "", NEST_DROPS, NULL, "directed prefetches are not to be had", STE(dcp) },
	{ "PPAR", "IDR0.PRI", NEST_DROPS, NULL, "page requests are not the guest's", STE(ppar) },
	{ "MEV", "", NEST_DROPS, NULL,
		"a hint that the kernel has of its own: events merge, against floods", STE(mev) },
	{ "SW_RESERVED", "", NEST_DROPS, NULL, "software's", STE(sw_reserved) },
	{ "S1PIE", "IDR3.S1PI", NEST_DROPS, NULL, "0, so that PIE in a CD means nothing",
		STE(s1pie) },
	{ "S1MPAM", "IDR3.MPAM", NEST_DROPS, NULL, "0, so that PARTID and PMG in a CD mean nothing",
		STE(s1mpam) },
	{ "STRW", "IDR0.Hyp", NEST_DROPS, NULL, "with stage 2 it is NS-EL1", STE(strw) },
	{ "MemAttr", "IDR1.ATTR_TYPES_OVR", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(memattr) },
	{ "MTCFG", "IDR1.ATTR_TYPES_OVR", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(mtcfg) },
	{ "ALLOCCFG", "IDR1.ATTR_TYPES_OVR", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(alloccfg) },
	{ "SHCFG", "IDR1.ATTR_TYPES_OVR", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(shcfg) },
	{ "NSCFG", "", NEST_DROPS, NULL, "the stream is Non-secure", STE(nscfg) },
	{ "PRIVCFG", "IDR1.ATTR_PERMS_OVR", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(privcfg) },
	{ "INSTCFG", "IDR1.ATTR_PERMS_OVR", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(instcfg) },
	{ "PARTID", "IDR3.MPAM", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(partid) },
	{ "PMG", "IDR3.MPAM", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(pmg) },
	{ "VMSPtr", "IDR3.MPAM", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(vmsptr) },
	{ "DPT_VMATCH", "IDR3.DPT", NEST_DROPS, NULL, KERNEL_HAS_ITS_OWN, STE(dpt_vmatch) },
	{ "AssuredOnly", "IDR3.THE", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(assuredonly) },
	{ "TL0", "IDR3.THE", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(tl0) },
	{ "TL1", "IDR3.THE", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(tl1) },
	{ "S2HWU59", "IDR3.PBHA", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2hwu59) },
	{ "S2HWU60", "IDR3.PBHA", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2hwu60) },
	{ "S2HWU61", "IDR3.PBHA", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2hwu61) },
	{ "S2HWU62", "IDR3.PBHA", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2hwu62) },
	{ "S2FWB", "IDR3.FWB", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2fwb) },
	{ "S2VMID", "IDR0.VMID16", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2vmid) },
	{ "S2T0SZ", "IDR5.OAS", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2t0sz) },
	{ "S2SL0", "IDR5.GRAN4K", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2sl0) },
	{ "S2IR0", "", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2ir0) },
	{ "S2OR0", "", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2or0) },
	{ "S2SH0", "", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2sh0) },
	{ "S2TG", "IDR5.GRAN4K, GRAN16K, GRAN64K", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2tg) },
	{ "S2PS", "IDR5.OAS", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2ps) },
	{ "S2AA64", "IDR0.TTF", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2aa64) },
	{ "S2ENDI", "IDR0.TTENDIAN", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2endi) },
	{ "S2AFFD", "IDR0.HTTU", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2affd) },
	{ "S2PTW", "", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2ptw) },
	{ "S2HD", "IDR0.HTTU", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2hd) },
	{ "S2HA", "IDR0.HTTU", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2ha) },
	{ "S2S", "IDR0.STALL_MODEL", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2s) },
	{ "S2R", "", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2r) },
	{ "S2HAFT", "IDR0.HTTU", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2haft) },
	{ "S2PIE", "IDR3.S2PI", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2pie) },
	{ "S2POE", "IDR3.S2PO", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2poe) },
	{ "S2SL0_2", "IDR5.DS", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2sl0_2) },
	{ "S2DS", "IDR5.DS", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2ds) },
	{ "S2TTB", "IDR5.OAS", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2ttb) },
	{ "S2SKL", "IDR5.D128", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2skl) },
	{ "S2POI", "IDR3.S2PO", NEST_DROPS, NULL, PARENT_HAS_STAGE2, STE(s2poi) },
};

const struct nest_field *nest_ste_fields(size_t *count)
{
	*count = ARRAY_SIZE(ste_fields);
	return ste_fields;
}

/* Nested HWPTs take S1ContextPtr[51:6]; no SMMU that nests has larger addresses. */
#define CONTEXT_PTR UINT64_C(0x000fffffffffffc0)

struct iommuctl_smmuv3_ste nest_fields_translate(
	const struct nest_features *features, const struct iommuctl_smmuv3_ste *ste)
{
	struct iommuctl_smmuv3_ste made = { .v = 0 };

	for (size_t i = 0; i < ARRAY_SIZE(ste_fields); i++) {
		const struct nest_field *field = &ste_fields[i];
		const bool has = !field->feature || field->feature(features, ste);
		unsigned char *to = (unsigned char *)&made + field->offset;

		if (field->treatment == NEST_DROPS || !has)
			continue;
		if (field->treatment == NEST_FORCES)
			*to = 1;
		else
			memcpy(to, (const unsigned char *)ste + field->offset, field->size);
	}
	made.s1contextptr &= CONTEXT_PTR;
	return made;
}
