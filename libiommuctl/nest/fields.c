// SPDX-License-Identifier: MIT
#include "nest/fields.h"

#include <string.h>

#include "array.h"

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
	{ "V", "", NULL, "0 is ILLEGAL", NEST_PASSES, STE(v) },
	{ "Config", "IDR0.S1P, S2P", NULL, "stage 2 is ILLEGAL: the guest has none", NEST_PASSES,
		STE(config) },
	{ "S1Fmt", "IDR0.CD2L, IDR1.SSIDSIZE", has_cd_levels,
		"without two-level tables the table is linear", NEST_NEEDS, STE(s1fmt) },
	{ "S1ContextPtr", "IDR5.OAS", NULL,
		"an IPA; beyond the guest's OAS, or 52 bits, it is ILLEGAL", NEST_PASSES,
		STE(s1contextptr) },
	{ "S1CDMax", "IDR1.SSIDSIZE", has_ssids,
		"without SubstreamIDs there is one CD; more than the guest has are ILLEGAL",
		NEST_NEEDS, STE(s1cdmax) },
	{ "S1DSS", "IDR1.SSIDSIZE", has_ssids,
		"has no meaning without SubstreamIDs; at most stage 2 alone translates", NEST_NEEDS,
		STE(s1dss) },
	{ "S1CIR", "", NULL, "how CDs in guest memory are fetched", NEST_PASSES, STE(s1cir) },
	{ "S1COR", "", NULL, "how CDs in guest memory are fetched", NEST_PASSES, STE(s1cor) },
	{ "S1CSH", "", NULL, "how CDs in guest memory are fetched", NEST_PASSES, STE(s1csh) },
	{ "S1STALLD", "IDR0.STALL_MODEL", may_stall,
		"no kernel call resumes a stall; if the guest sees TERMINATE, 1 is ILLEGAL",
		NEST_FORCES, STE(s1stalld) },
	{ "EATS", "IDR0.ATS, NS1ATS", has_full_ats,
		"split-stage ATS is ILLEGAL, or has no meaning; the kernel enables ATS in the "
		"device",
		NEST_NEEDS, STE(eats) },
	{ "DRE", "", NULL, "destructive reads are not available", NEST_DROPS, STE(dre) },
	{ "CONT", "", NULL, "the physical stream table is not laid out as the guest's", NEST_DROPS,
		STE(cont) },
	{ "DCP", "", NULL, "directed prefetches are not available", NEST_DROPS, STE(dcp) },
	{ "PPAR", "IDR0.PRI", NULL, "page requests are not the guest's", NEST_DROPS, STE(ppar) },
	{ "MEV", "", NULL, "the kernel sets this hint itself: events merge, against floods",
		NEST_DROPS, STE(mev) },
	{ "SW_RESERVED", "", NULL, "software's", NEST_DROPS, STE(sw_reserved) },
	{ "S1PIE", "IDR3.S1PI", NULL, "0, so that PIE in a CD has no meaning", NEST_DROPS,
		STE(s1pie) },
	{ "S1MPAM", "IDR3.MPAM", NULL, "0, so that PARTID and PMG in a CD have no meaning",
		NEST_DROPS, STE(s1mpam) },
	{ "STRW", "IDR0.Hyp", NULL, "with stage 2 it is NS-EL1", NEST_DROPS, STE(strw) },
	{ "MemAttr", "IDR1.ATTR_TYPES_OVR", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(memattr) },
	{ "MTCFG", "IDR1.ATTR_TYPES_OVR", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(mtcfg) },
	{ "ALLOCCFG", "IDR1.ATTR_TYPES_OVR", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(alloccfg) },
	{ "SHCFG", "IDR1.ATTR_TYPES_OVR", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(shcfg) },
	{ "NSCFG", "", NULL, "the stream is Non-secure", NEST_DROPS, STE(nscfg) },
	{ "PRIVCFG", "IDR1.ATTR_PERMS_OVR", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(privcfg) },
	{ "INSTCFG", "IDR1.ATTR_PERMS_OVR", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(instcfg) },
	{ "PARTID", "IDR3.MPAM", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(partid) },
	{ "PMG", "IDR3.MPAM", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(pmg) },
	{ "VMSPtr", "IDR3.MPAM", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(vmsptr) },
	{ "DPT_VMATCH", "IDR3.DPT", NULL, KERNEL_HAS_ITS_OWN, NEST_DROPS, STE(dpt_vmatch) },
	{ "AssuredOnly", "IDR3.THE", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(assuredonly) },
	{ "TL0", "IDR3.THE", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(tl0) },
	{ "TL1", "IDR3.THE", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(tl1) },
	{ "S2HWU59", "IDR3.PBHA", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2hwu59) },
	{ "S2HWU60", "IDR3.PBHA", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2hwu60) },
	{ "S2HWU61", "IDR3.PBHA", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2hwu61) },
	{ "S2HWU62", "IDR3.PBHA", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2hwu62) },
	{ "S2FWB", "IDR3.FWB", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2fwb) },
	{ "S2VMID", "IDR0.VMID16", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2vmid) },
	{ "S2T0SZ", "IDR5.OAS", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2t0sz) },
	{ "S2SL0", "IDR5.GRAN4K", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2sl0) },
	{ "S2IR0", "", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2ir0) },
	{ "S2OR0", "", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2or0) },
	{ "S2SH0", "", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2sh0) },
	{ "S2TG", "IDR5.GRAN4K, GRAN16K, GRAN64K", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2tg) },
	{ "S2PS", "IDR5.OAS", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2ps) },
	{ "S2AA64", "IDR0.TTF", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2aa64) },
	{ "S2ENDI", "IDR0.TTENDIAN", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2endi) },
	{ "S2AFFD", "IDR0.HTTU", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2affd) },
	{ "S2PTW", "", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2ptw) },
	{ "S2HD", "IDR0.HTTU", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2hd) },
	{ "S2HA", "IDR0.HTTU", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2ha) },
	{ "S2S", "IDR0.STALL_MODEL", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2s) },
	{ "S2R", "", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2r) },
	{ "S2HAFT", "IDR0.HTTU", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2haft) },
	{ "S2PIE", "IDR3.S2PI", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2pie) },
	{ "S2POE", "IDR3.S2PO", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2poe) },
	{ "S2SL0_2", "IDR5.DS", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2sl0_2) },
	{ "S2DS", "IDR5.DS", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2ds) },
	{ "S2TTB", "IDR5.OAS", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2ttb) },
	{ "S2SKL", "IDR5.D128", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2skl) },
	{ "S2POI", "IDR3.S2PO", NULL, PARENT_HAS_STAGE2, NEST_DROPS, STE(s2poi) },
};

const struct nest_field *nest_ste_fields(size_t *count)
{
	*count = ARRAY_SIZE(ste_fields);
	return ste_fields;
}

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
	return made;
}
