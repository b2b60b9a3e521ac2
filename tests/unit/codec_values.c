// SPDX-License-Identifier: MIT
/* What the specifications call the values of fields. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/amd.h>
#include <iommuctl/amd_guest.h>
#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_event.h>
#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/smmuv3_ste.h>
#include <iommuctl/vtd.h>
#include <iommuctl/vtd_inv.h>
#include <iommuctl/vtd_pasid.h>

#include "array.h"
#include "smmuv3/values.h"

#define SIZES	"0=32-bit 1=36-bit 2=40-bit 3=42-bit 4=44-bit 5=48-bit 6=52-bit 7=56-bit"
#define SHARING "0=NSH 2=OSH 3=ISH"

/* The fields of a table whose values have names, in order. */
struct named {
	const char *field;
	const char *values;
};

static const struct named ste[] = {
	{ "Config", "0=abort 4=bypass 5=S1 6=S2 7=S1S2" },
	{ "S1Fmt", "0=linear 1=4K-L2 2=64K-L2" },
	{ "S1DSS", "0=terminate 1=bypass 2=SSID0" },
	{ "S1CIR", "0=NC 1=WB-RA 2=WT-RA 3=WB" },
	{ "S1COR", "0=NC 1=WB-RA 2=WT-RA 3=WB" },
	{ "S1CSH", SHARING },
	{ "EATS", "0=abort 1=full 2=split 3=full-DPT" },
	{ "STRW", "0=EL1 2=EL2" },
	{ "SHCFG", "0=NSH 1=incoming 2=OSH 3=ISH" },
	{ "NSCFG", "0=incoming 2=secure 3=non-secure" },
	{ "PRIVCFG", "0=incoming 2=unprivileged 3=privileged" },
	{ "INSTCFG", "0=incoming 2=data 3=instruction" },
	{ "S2IR0", "0=NC 1=WB-RAWA 2=WT-RA 3=WB-RA" },
	{ "S2OR0", "0=NC 1=WB-RAWA 2=WT-RA 3=WB-RA" },
	{ "S2SH0", SHARING },
	{ "S2TG", "0=4K 1=64K 2=16K" },
	{ "S2PS", SIZES },
};

static const struct named cd[] = {
	{ "TG0", "0=4K 1=64K 2=16K" },
	{ "IR0", "0=NC 1=WB-RAWA 2=WT-RA 3=WB-RA" },
	{ "OR0", "0=NC 1=WB-RAWA 2=WT-RA 3=WB-RA" },
	{ "SH0", SHARING },
	{ "TG1", "1=16K 2=4K 3=64K" },
	{ "IR1", "0=NC 1=WB-RAWA 2=WT-RA 3=WB-RA" },
	{ "OR1", "0=NC 1=WB-RAWA 2=WT-RA 3=WB-RA" },
	{ "SH1", SHARING },
	{ "IPS", SIZES },
};

static const struct named cmd[] = {
	{ "TG", "0=none 1=4K 2=16K 3=64K" },
	{ "Resp", "0=failure 1=invalid 2=success" },
	{ "Ac", "0=terminate 1=retry" },
	{ "CS", "0=none 1=IRQ 2=SEV" },
	{ "MSH", SHARING },
};

static const struct named event[] = {
	{ "RnW", "0=write 1=read" },
	{ "CLASS", "0=CD 1=TTD 2=IN" },
	{ "TTRnW", "0=write 1=read" },
};

static const struct named idr[] = {
	{ "TTF", "1=AArch32 2=AArch64 3=AArch32+AArch64" },
	{ "TTENDIAN", "0=mixed 2=little 3=big" },
	{ "STALL_MODEL", "0=stall-or-terminate 1=terminate 2=stall" },
	{ "ST_LEVEL", "0=linear 1=2-level" },
	{ "OAS", SIZES },
	{ "VAX", "0=48-bit 1=52-bit 2=56-bit" },
};

static const struct named cap[] = {
	{ "ND", "0=4-bit 1=6-bit 2=8-bit 3=10-bit 4=12-bit 5=14-bit 6=16-bit" },
	{ "SAGAW", "2=39-bit 4=48-bit 6=39+48-bit 8=57-bit 12=48+57-bit 14=39+48+57-bit" },
	{ "SSLPS", "1=2M 3=2M+1G" },
};

static const struct named pasid[] = {
	{ "AW", "1=39-bit 2=48-bit 3=57-bit" },
	{ "PGTT", "1=first-stage 2=second-stage 3=nested 4=pass-through" },
	{ "FSPM", "0=4-level 1=5-level" },
};

static const struct named efr[] = {
	{ "HATS", "0=4-level 1=5-level 2=6-level" },
	{ "GATS", "0=4-level 1=5-level" },
	{ "GLXSup", "0=1-level 1=2-level 2=3-level" },
};

static const struct named dte[] = {
	{ "GLX", "0=1-level 1=2-level 2=3-level" },
	{ "GuestPagingMode", "0=4-level 1=5-level" },
};

static void check(const struct named *rows, size_t row_count,
	const struct iommuctl_smmuv3_field *fields, size_t count)
{
	size_t row = 0;

	for (size_t i = 0; i < count; i++) {
		const struct iommuctl_smmuv3_value *value = fields[i].values;
		char text[400] = "";
		size_t length = 0;

		if (!value)
			continue;
		for (; value->name; value++)
			length += (size_t)snprintf(text + length, sizeof(text) - length,
				"%s%" PRIu64 "=%s", length ? " " : "", value->value, value->name);
		cr_assert_lt(row, row_count, "%s", fields[i].name);
		cr_expect_str_eq(fields[i].name, rows[row].field);
		cr_expect_str_eq(text, rows[row].values, "%s", fields[i].name);
		row++;
	}
	cr_expect_eq(row, row_count);
}

#define CHECK(name, get_fields)                                                                    \
	Test(codec_values, name)                                                                   \
	{                                                                                          \
		size_t count;                                                                      \
		const struct iommuctl_smmuv3_field *fields = get_fields(&count);                   \
                                                                                                   \
		check(name, ARRAY_SIZE(name), fields, count);                                      \
	}

CHECK(ste, iommuctl_smmuv3_ste_fields)
CHECK(cd, iommuctl_smmuv3_cd_fields)
CHECK(cmd, iommuctl_smmuv3_cmd_fields)
CHECK(event, iommuctl_smmuv3_event_fields)
CHECK(idr, iommuctl_smmuv3_idr_fields)
CHECK(cap, iommuctl_vtd_cap_fields)
CHECK(pasid, iommuctl_vtd_pasid_fields)
CHECK(efr, iommuctl_amd_efr_fields)
CHECK(dte, iommuctl_amd_dte_fields)

/* The granules of both halves, as numbers of bits; 0 for other values. */
Test(codec_values, granules)
{
	static const unsigned int bits[2][5] = { { 12, 16, 14, 0, 0 }, { 0, 14, 12, 16, 0 } };

	for (uint8_t half = 0; half < 2; half++)
		for (uint8_t tg = 0; tg < ARRAY_SIZE(bits[half]); tg++)
			cr_expect_eq(
				smmuv3_granule_bits(half, tg), bits[half][tg], "TG%d=%d", half, tg);
}
