// SPDX-License-Identifier: MIT
/* Stream table entries, and whether an SMMU or a nested HWPT takes one. */
#include <errno.h>
#include <string.h>

#include <iommuctl/smmuv3_event.h>
#include <iommuctl/smmuv3_ste.h>

#include "array.h"
#include "smmuv3/codec.h"
#include "smmuv3/values.h"

static const struct iommuctl_smmuv3_value configs[] = {
	{ IOMMUCTL_SMMUV3_CONFIG_ABORT, "abort" },
	{ IOMMUCTL_SMMUV3_CONFIG_BYPASS, "bypass" },
	{ IOMMUCTL_SMMUV3_CONFIG_S1, "S1" },
	{ IOMMUCTL_SMMUV3_CONFIG_S2, "S2" },
	{ IOMMUCTL_SMMUV3_CONFIG_S1S2, "S1S2" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value s1fmts[] = {
	{ IOMMUCTL_SMMUV3_S1FMT_LINEAR, "linear" },
	{ IOMMUCTL_SMMUV3_S1FMT_4K_L2, "4K-L2" },
	{ IOMMUCTL_SMMUV3_S1FMT_64K_L2, "64K-L2" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value s1dsss[] = {
	{ IOMMUCTL_SMMUV3_S1DSS_TERMINATE, "terminate" },
	{ IOMMUCTL_SMMUV3_S1DSS_BYPASS, "bypass" },
	{ IOMMUCTL_SMMUV3_S1DSS_SSID0, "SSID0" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value s1_cacheability[] = {
	{ IOMMUCTL_SMMUV3_S1C_NC, "NC" },
	{ IOMMUCTL_SMMUV3_S1C_WB_RA, "WB-RA" },
	{ IOMMUCTL_SMMUV3_S1C_WT_RA, "WT-RA" },
	{ IOMMUCTL_SMMUV3_S1C_WB, "WB" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value eats[] = {
	{ IOMMUCTL_SMMUV3_EATS_ABORT, "abort" },
	{ IOMMUCTL_SMMUV3_EATS_FULL, "full" },
	{ IOMMUCTL_SMMUV3_EATS_SPLIT, "split" },
	{ IOMMUCTL_SMMUV3_EATS_FULL_DPT, "full-DPT" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value stream_worlds[] = {
	{ IOMMUCTL_SMMUV3_STRW_EL1, "EL1" },
	{ IOMMUCTL_SMMUV3_STRW_EL2, "EL2" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value shcfgs[] = {
	{ IOMMUCTL_SMMUV3_SHCFG_NSH, "NSH" },
	{ IOMMUCTL_SMMUV3_SHCFG_INCOMING, "incoming" },
	{ IOMMUCTL_SMMUV3_SHCFG_OSH, "OSH" },
	{ IOMMUCTL_SMMUV3_SHCFG_ISH, "ISH" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value nscfgs[] = {
	{ 0, "incoming" },
	{ 2, "secure" },
	{ 3, "non-secure" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value privcfgs[] = {
	{ 0, "incoming" },
	{ 2, "unprivileged" },
	{ 3, "privileged" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value instcfgs[] = {
	{ 0, "incoming" },
	{ 2, "data" },
	{ 3, "instruction" },
	{ 0, NULL },
};

#define STE(member, ...) SMMUV3_FIELD(struct iommuctl_smmuv3_ste, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field fields[] = {
	STE(v, "V", 0, 0, 1, .always = true),
	STE(config, "Config", 0, 1, 3, .values = configs, .always = true),
	STE(s1fmt, "S1Fmt", 0, 4, 2, .values = s1fmts),
	STE(s1contextptr, "S1ContextPtr", 0, 6, 50, .address = true),
	STE(s1cdmax, "S1CDMax", 0, 59, 5, .always = true),
	STE(s1dss, "S1DSS", 1, 0, 2, .values = s1dsss),
	STE(s1cir, "S1CIR", 1, 2, 2, .values = s1_cacheability),
	STE(s1cor, "S1COR", 1, 4, 2, .values = s1_cacheability),
	STE(s1csh, "S1CSH", 1, 6, 2, .values = smmuv3_shareability),
	STE(s2hwu59, "S2HWU59", 1, 8, 1),
	STE(s2hwu60, "S2HWU60", 1, 9, 1),
	STE(s2hwu61, "S2HWU61", 1, 10, 1),
	STE(s2hwu62, "S2HWU62", 1, 11, 1),
	STE(dre, "DRE", 1, 12, 1),
	STE(cont, "CONT", 1, 13, 4),
	STE(dcp, "DCP", 1, 17, 1),
	STE(ppar, "PPAR", 1, 18, 1),
	STE(mev, "MEV", 1, 19, 1),
	STE(sw_reserved, "SW_RESERVED", 1, 20, 4),
	STE(s1pie, "S1PIE", 1, 24, 1),
	STE(s2fwb, "S2FWB", 1, 25, 1),
	STE(s1mpam, "S1MPAM", 1, 26, 1),
	STE(s1stalld, "S1STALLD", 1, 27, 1),
	STE(eats, "EATS", 1, 28, 2, .values = eats),
	STE(strw, "STRW", 1, 30, 2, .values = stream_worlds),
	STE(memattr, "MemAttr", 1, 32, 4),
	STE(mtcfg, "MTCFG", 1, 36, 1),
	STE(alloccfg, "ALLOCCFG", 1, 37, 4),
	STE(shcfg, "SHCFG", 1, 44, 2, .values = shcfgs),
	STE(nscfg, "NSCFG", 1, 46, 2, .values = nscfgs),
	STE(privcfg, "PRIVCFG", 1, 48, 2, .values = privcfgs),
	STE(instcfg, "INSTCFG", 1, 50, 2, .values = instcfgs),
	STE(s2vmid, "S2VMID", 2, 0, 16),
	STE(s2t0sz, "S2T0SZ", 2, 32, 6),
	STE(s2sl0, "S2SL0", 2, 38, 2),
	STE(s2ir0, "S2IR0", 2, 40, 2, .values = smmuv3_walk_cacheability),
	STE(s2or0, "S2OR0", 2, 42, 2, .values = smmuv3_walk_cacheability),
	STE(s2sh0, "S2SH0", 2, 44, 2, .values = smmuv3_shareability),
	STE(s2tg, "S2TG", 2, 46, 2, .values = smmuv3_granule),
	STE(s2ps, "S2PS", 2, 48, 3, .values = smmuv3_address_size),
	STE(s2aa64, "S2AA64", 2, 51, 1),
	STE(s2endi, "S2ENDI", 2, 52, 1),
	STE(s2affd, "S2AFFD", 2, 53, 1),
	STE(s2ptw, "S2PTW", 2, 54, 1),
	STE(s2hd, "S2HD", 2, 55, 1),
	STE(s2ha, "S2HA", 2, 56, 1),
	STE(s2s, "S2S", 2, 57, 1),
	STE(s2r, "S2R", 2, 58, 1),
	STE(s2haft, "S2HAFT", 2, 59, 1),
	STE(s2pie, "S2PIE", 2, 60, 1),
	STE(s2poe, "S2POE", 2, 61, 1),
	STE(dpt_vmatch, "DPT_VMATCH", 2, 62, 2),
	STE(s2sl0_2, "S2SL0_2", 3, 2, 1),
	STE(s2ds, "S2DS", 3, 3, 1),
	STE(s2ttb, "S2TTB", 3, 4, 52, .address = true),
	STE(s2skl, "S2SKL", 3, 61, 2),
	STE(partid, "PARTID", 4, 16, 16),
	STE(pmg, "PMG", 5, 0, 8),
	STE(assuredonly, "AssuredOnly", 5, 9, 1),
	STE(tl0, "TL0", 5, 10, 1),
	STE(tl1, "TL1", 5, 11, 1),
	STE(vmsptr, "VMSPtr", 5, 12, 44, .address = true),
	STE(s2poi, "S2POI", 7, 0, 64),
};

static const struct smmuv3_table table = {
	fields,
	ARRAY_SIZE(fields),
	IOMMUCTL_SMMUV3_STE_WORDS,
};

int iommuctl_smmuv3_ste_encode(const struct iommuctl_smmuv3_ste *ste,
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	return smmuv3_encode(&table, SMMUV3_ALL_FIELDS, ste, words, refusal);
}

void iommuctl_smmuv3_ste_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_ste *ste)
{
	memset(ste, 0, sizeof(*ste));
	smmuv3_decode(&table, SMMUV3_ALL_FIELDS, words, ste);
}

static int refuse(
	struct iommuctl_smmuv3_refusal *refusal, const char *name, const char *reason, int error)
{
	return smmuv3_refuse(refusal, iommuctl_smmuv3_ste_field(name), reason, error);
}

/* No SMMU has more than 20 bits of SubstreamID. */
static unsigned int ssidsize(const struct iommuctl_smmuv3_idr *idr)
{
	return idr ? idr->ssidsize : 20;
}

static int validate_cd_table(const struct iommuctl_smmuv3_ste *ste,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal)
{
	if (!ste->s1cdmax || !ssidsize(idr))
		return 0;
	if (ste->s1cdmax > ssidsize(idr))
		return refuse(refusal, "S1CDMax", "more SubstreamIDs than the SMMU has", -EINVAL);
	if (ste->s1fmt != IOMMUCTL_SMMUV3_S1FMT_LINEAR && idr && !idr->cd2l)
		return refuse(refusal, "S1Fmt", "the SMMU has no 2-level CD tables", -EINVAL);
	return 0;
}

/* SMMUv3.0 may truncate it or fail to fetch it; later ones report C_BAD_STE. */
static int validate_s1contextptr(const struct iommuctl_smmuv3_ste *ste,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal)
{
	if (idr && ste->s1contextptr >> iommuctl_smmuv3_idr_oas_bits(idr))
		return refuse(refusal, "S1ContextPtr",
			"an address with more bits than the SMMU has (OAS)", -EINVAL);
	return 0;
}

int iommuctl_smmuv3_ste_validate(const struct iommuctl_smmuv3_ste *ste,
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal)
{
	int err;

	if (!ste->v)
		return refuse(refusal, "V", "the STE is not valid", -EINVAL);
	if (ste->config == IOMMUCTL_SMMUV3_CONFIG_S2 || ste->config == IOMMUCTL_SMMUV3_CONFIG_S1S2)
		return refuse(refusal, "Config", "a guest's SMMU has no stage 2", -EINVAL);
	if (ste->config != IOMMUCTL_SMMUV3_CONFIG_S1)
		return 0;
	if (ste->eats == IOMMUCTL_SMMUV3_EATS_SPLIT && idr && idr->ats)
		return refuse(refusal, "EATS", "split-stage ATS needs a stage 2", -EINVAL);
	if (ste->s1stalld && idr &&
		idr->stall_model != IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE)
		return refuse(refusal, "S1STALLD", "the SMMU's stall model cannot be configured",
			-EINVAL);
	err = validate_s1contextptr(ste, idr, refusal);
	return err ? err : validate_cd_table(ste, idr, refusal);
}

static enum iommuctl_smmuv3_use use_with_ssid(
	const struct iommuctl_smmuv3_ste *ste, uint32_t ssid, uint8_t *event)
{
	if (ste->config != IOMMUCTL_SMMUV3_CONFIG_S1 || !ste->s1cdmax || ssid >> ste->s1cdmax)
		*event = IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID;
	else if (!ssid && ste->s1dss == IOMMUCTL_SMMUV3_S1DSS_SSID0)
		*event = IOMMUCTL_SMMUV3_F_STREAM_DISABLED;
	else
		return IOMMUCTL_SMMUV3_USE_CD;
	return IOMMUCTL_SMMUV3_USE_ABORT;
}

enum iommuctl_smmuv3_use iommuctl_smmuv3_ste_get_use(
	const struct iommuctl_smmuv3_ste *ste, bool has_ssid, uint32_t ssid, uint8_t *event)
{
	*event = 0;
	if (ste->config != IOMMUCTL_SMMUV3_CONFIG_S1 &&
		ste->config != IOMMUCTL_SMMUV3_CONFIG_BYPASS)
		return IOMMUCTL_SMMUV3_USE_ABORT;
	if (has_ssid)
		return use_with_ssid(ste, ssid, event);
	if (ste->config == IOMMUCTL_SMMUV3_CONFIG_BYPASS)
		return IOMMUCTL_SMMUV3_USE_BYPASS;
	if (!ste->s1cdmax || ste->s1dss == IOMMUCTL_SMMUV3_S1DSS_SSID0)
		return IOMMUCTL_SMMUV3_USE_CD;
	if (ste->s1dss == IOMMUCTL_SMMUV3_S1DSS_BYPASS)
		return IOMMUCTL_SMMUV3_USE_BYPASS;
	*event = IOMMUCTL_SMMUV3_F_STREAM_DISABLED;
	return IOMMUCTL_SMMUV3_USE_ABORT;
}

/*
 * What a nested HWPT takes: V, Config, S1Fmt, S1ContextPtr[51:6] and S1CDMax; S1DSS, S1CIR, S1COR,
 * S1CSH, S1STALLD and EATS.
 */
static const uint64_t nested_words[IOMMUCTL_SMMUV3_NESTED_WORDS] = {
	UINT64_C(0xf80fffffffffffff),
	UINT64_C(0x00000000380000ff),
};

int iommuctl_smmuv3_ste_nested(const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS],
	uint64_t nested[IOMMUCTL_SMMUV3_NESTED_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	static const struct smmuv3_allowance allowed = {
		.bits = nested_words,
		.words = IOMMUCTL_SMMUV3_NESTED_WORDS,
		.reason = "a nested HWPT does not take this",
	};
	struct iommuctl_smmuv3_ste ste;
	int err;

	iommuctl_smmuv3_ste_decode(words, &ste);
	if (!ste.v) {
		memset(nested, 0, sizeof(nested_words));
		return 0;
	}

	err = smmuv3_check_allowed(&table, SMMUV3_ALL_FIELDS, words, &allowed, refusal);
	if (err)
		return err;
	if (ste.config != IOMMUCTL_SMMUV3_CONFIG_ABORT &&
		ste.config != IOMMUCTL_SMMUV3_CONFIG_BYPASS &&
		ste.config != IOMMUCTL_SMMUV3_CONFIG_S1)
		return refuse(refusal, "Config",
			"a nested HWPT is abort, bypass or S1; stage 2 is its parent's", -EIO);
	if (ste.eats != IOMMUCTL_SMMUV3_EATS_ABORT && ste.eats != IOMMUCTL_SMMUV3_EATS_FULL)
		return refuse(refusal, "EATS", "a nested HWPT takes abort or full ATS", -EIO);

	memcpy(nested, words, sizeof(nested_words));
	return 0;
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_ste_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_ste_field(const char *name)
{
	return smmuv3_find(&table, SMMUV3_ALL_FIELDS, name);
}

size_t iommuctl_smmuv3_ste_print(const struct iommuctl_smmuv3_ste *ste, char *text, size_t size)
{
	return smmuv3_print(&table, ste, text, size);
}
