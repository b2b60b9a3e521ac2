// SPDX-License-Identifier: MIT
/* Capability registers of VT-d. */
#include <string.h>

#include <iommuctl/vtd.h>

#include "array.h"
#include "smmuv3/codec.h"

enum {
	CAP,
	ECAP,
	REGISTERS,
};

static const struct iommuctl_smmuv3_value domain_id_widths[] = {
	{ 0, "4-bit" },
	{ 1, "6-bit" },
	{ 2, "8-bit" },
	{ 3, "10-bit" },
	{ 4, "12-bit" },
	{ 5, "14-bit" },
	{ 6, "16-bit" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value table_widths[] = {
	{ IOMMUCTL_VTD_SAGAW_39, "39-bit" },
	{ IOMMUCTL_VTD_SAGAW_48, "48-bit" },
	{ IOMMUCTL_VTD_SAGAW_39 | IOMMUCTL_VTD_SAGAW_48, "39+48-bit" },
	{ IOMMUCTL_VTD_SAGAW_57, "57-bit" },
	{ IOMMUCTL_VTD_SAGAW_48 | IOMMUCTL_VTD_SAGAW_57, "48+57-bit" },
	{ IOMMUCTL_VTD_SAGAW_39 | IOMMUCTL_VTD_SAGAW_48 | IOMMUCTL_VTD_SAGAW_57, "39+48+57-bit" },
	{ 0, NULL },
};

static const struct iommuctl_smmuv3_value large_pages[] = {
	{ IOMMUCTL_VTD_SSLPS_2M, "2M" },
	{ IOMMUCTL_VTD_SSLPS_2M | IOMMUCTL_VTD_SSLPS_1G, "2M+1G" },
	{ 0, NULL },
};

#define FIELD(member, ...) SMMUV3_FIELD(struct iommuctl_vtd_cap, member, __VA_ARGS__)

static const struct iommuctl_smmuv3_field fields[] = {
	FIELD(nd, "ND", CAP, 0, 3, .values = domain_id_widths, .always = true),
	FIELD(afl, "AFL", CAP, 3, 1),
	FIELD(rwbf, "RWBF", CAP, 4, 1),
	FIELD(plmr, "PLMR", CAP, 5, 1),
	FIELD(phmr, "PHMR", CAP, 6, 1),
	FIELD(cm, "CM", CAP, 7, 1),
	FIELD(sagaw, "SAGAW", CAP, 8, 5, .values = table_widths, .always = true),
	FIELD(mgaw, "MGAW", CAP, 16, 6, .always = true),
	FIELD(zlr, "ZLR", CAP, 22, 1),
	FIELD(fro, "FRO", CAP, 24, 10),
	FIELD(sslps, "SSLPS", CAP, 34, 4, .values = large_pages),
	FIELD(psi, "PSI", CAP, 39, 1),
	FIELD(nfr, "NFR", CAP, 40, 8),
	FIELD(mamv, "MAMV", CAP, 48, 6),
	FIELD(dwd, "DWD", CAP, 54, 1),
	FIELD(drd, "DRD", CAP, 55, 1),
	FIELD(fs1gp, "FS1GP", CAP, 56, 1),
	FIELD(pi, "PI", CAP, 59, 1),
	FIELD(fs5lp, "FS5LP", CAP, 60, 1),
	FIELD(ecmds, "ECMDS", CAP, 61, 1),
	FIELD(esirtps, "ESIRTPS", CAP, 62, 1),
	FIELD(esrtps, "ESRTPS", CAP, 63, 1),
	FIELD(c, "C", ECAP, 0, 1),
	FIELD(qi, "QI", ECAP, 1, 1),
	FIELD(dt, "DT", ECAP, 2, 1),
	FIELD(ir, "IR", ECAP, 3, 1),
	FIELD(eim, "EIM", ECAP, 4, 1),
	FIELD(pt, "PT", ECAP, 6, 1),
	FIELD(sc, "SC", ECAP, 7, 1),
	FIELD(iro, "IRO", ECAP, 8, 10),
	FIELD(mhmv, "MHMV", ECAP, 20, 4),
	FIELD(mts, "MTS", ECAP, 25, 1),
	FIELD(nest, "NEST", ECAP, 26, 1, .always = true),
	FIELD(prs, "PRS", ECAP, 29, 1),
	FIELD(ers, "ERS", ECAP, 30, 1),
	FIELD(srs, "SRS", ECAP, 31, 1),
	FIELD(nwfs, "NWFS", ECAP, 33, 1),
	FIELD(eafs, "EAFS", ECAP, 34, 1),
	FIELD(pss, "PSS", ECAP, 35, 5),
	FIELD(pasid, "PASID", ECAP, 40, 1),
	FIELD(dit, "DIT", ECAP, 41, 1),
	FIELD(pds, "PDS", ECAP, 42, 1),
	FIELD(smts, "SMTS", ECAP, 43, 1, .always = true),
	FIELD(vcs, "VCS", ECAP, 44, 1),
	FIELD(ssads, "SSADS", ECAP, 45, 1),
	FIELD(ssts, "SSTS", ECAP, 46, 1),
	FIELD(fsts, "FSTS", ECAP, 47, 1),
	FIELD(smpwcs, "SMPWCS", ECAP, 48, 1),
	FIELD(rps, "RPS", ECAP, 49, 1),
	FIELD(pms, "PMS", ECAP, 51, 1),
	FIELD(adms, "ADMS", ECAP, 52, 1),
	FIELD(rprivs, "RPRIVS", ECAP, 53, 1),
	FIELD(sms, "SMS", ECAP, 58, 1),
};

static const struct smmuv3_table table = { fields, ARRAY_SIZE(fields), REGISTERS };

void iommuctl_vtd_cap_decode(uint64_t cap, uint64_t ecap, struct iommuctl_vtd_cap *info)
{
	const uint64_t words[REGISTERS] = { [CAP] = cap, [ECAP] = ecap };

	memset(info, 0, sizeof(*info));
	smmuv3_decode(&table, SMMUV3_ALL_FIELDS, words, info);
}

int iommuctl_vtd_cap_encode(const struct iommuctl_vtd_cap *info, uint64_t *cap, uint64_t *ecap,
	struct iommuctl_smmuv3_refusal *refusal)
{
	uint64_t words[REGISTERS];
	int err = smmuv3_encode(&table, SMMUV3_ALL_FIELDS, info, words, refusal);

	if (err)
		return err;
	*cap = words[CAP];
	*ecap = words[ECAP];
	return 0;
}

const struct iommuctl_smmuv3_field *iommuctl_vtd_cap_fields(size_t *count)
{
	return smmuv3_fields(&table, count);
}

size_t iommuctl_vtd_cap_print(const struct iommuctl_vtd_cap *info, char *text, size_t size)
{
	return smmuv3_print(&table, info, text, size);
}
