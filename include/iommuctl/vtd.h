/* SPDX-License-Identifier: MIT */
/*
 * Intel VT-d capability registers: what a remapping unit can do.
 *
 * Tables of fields and refusals are those of smmuv3_field.h, as for all codecs of this library.
 *
 * @info: the registers' fields
 *
 * Common: smmuv3_field.h
 * Source: Intel Virtualization Technology for Directed I/O, revision 5.0, sections 11.4.2
 *   (Capability Register) and 11.4.3 (Extended Capability Register); struct iommu_hw_info_vtd in
 *   include/uapi/linux/iommufd.h.
 */
#ifndef IOMMUCTL_VTD_H
#define IOMMUCTL_VTD_H

#include <iommuctl/smmuv3_field.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Bits of CAP.SAGAW: widths of second-stage tables.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_vtd_sagaw {
	IOMMUCTL_VTD_SAGAW_39 = 1 << 1,
	IOMMUCTL_VTD_SAGAW_48 = 1 << 2,
	IOMMUCTL_VTD_SAGAW_57 = 1 << 3,
};

/*
 * Bits of CAP.SSLPS: large pages of second-stage tables.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_vtd_sslps {
	IOMMUCTL_VTD_SSLPS_2M = 1 << 0,
	IOMMUCTL_VTD_SSLPS_1G = 1 << 1,
};

/*
 * What a remapping unit can do, field by field.
 *
 * The first members up to esrtps are those of the capability register, the others those of the
 * extended one. The kernel returns the raw registers of the hardware; those that matter for nesting
 * are smts (scalable mode), nest, fsts (first-stage tables), fs5lp (5 levels of them) and, for
 * flags of a nested HWPT, srs and eafs.
 *
 * Members: the architecture's fields of the same names in upper case, in its encodings.
 * Since: 0.1
 */
struct iommuctl_vtd_cap {
	uint8_t nd;
	uint8_t afl;
	uint8_t rwbf;
	uint8_t plmr;
	uint8_t phmr;
	uint8_t cm;
	uint8_t sagaw;
	uint8_t mgaw;
	uint8_t zlr;
	uint8_t sslps;
	uint8_t psi;
	uint8_t nfr;
	uint16_t fro;
	uint8_t mamv;
	uint8_t dwd;
	uint8_t drd;
	uint8_t fs1gp;
	uint8_t pi;
	uint8_t fs5lp;
	uint8_t ecmds;
	uint8_t esirtps;
	uint8_t esrtps;
	uint8_t c;
	uint8_t qi;
	uint16_t iro;
	uint8_t dt;
	uint8_t ir;
	uint8_t eim;
	uint8_t pt;
	uint8_t sc;
	uint8_t mhmv;
	uint8_t mts;
	uint8_t nest;
	uint8_t prs;
	uint8_t ers;
	uint8_t srs;
	uint8_t nwfs;
	uint8_t eafs;
	uint8_t pss;
	uint8_t pasid;
	uint8_t dit;
	uint8_t pds;
	uint8_t smts;
	uint8_t vcs;
	uint8_t ssads;
	uint8_t ssts;
	uint8_t fsts;
	uint8_t smpwcs;
	uint8_t rps;
	uint8_t pms;
	uint8_t adms;
	uint8_t rprivs;
	uint8_t sms;
};

/*
 * Decodes the registers as IOMMU_GET_HW_INFO returns them.
 *
 * Any register values decode.
 *
 * @cap: the capability register
 * @ecap: the extended capability register
 * @info: out: the fields
 *
 * Since: 0.1
 */
void iommuctl_vtd_cap_decode(uint64_t cap, uint64_t ecap, struct iommuctl_vtd_cap *info);

/*
 * Encodes the registers; bits that are no field here are 0.
 *
 * @info: the fields
 * @cap: out, on success only: the capability register
 * @ecap: out, on success only: the extended capability register
 *
 * Errors:
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_vtd_cap_encode(const struct iommuctl_vtd_cap *info, uint64_t *cap, uint64_t *ecap,
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * Gets the table of fields.
 *
 * The word of a field is 0 for the capability register, 1 for the extended one.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_vtd_cap_fields(size_t *count);

/*
 * Writes the registers as one line of text, fields that are zero left out.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_vtd_cap_print(const struct iommuctl_vtd_cap *info, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
