// SPDX-License-Identifier: MIT
/* Which part of an STE an access uses: Config, S1CDMax and S1DSS against the SubstreamID. */
#include <criterion/criterion.h>

#include <iommuctl/smmuv3_event.h>
#include <iommuctl/smmuv3_ste.h>

#include "array.h"

#define ABORT	  IOMMUCTL_SMMUV3_CONFIG_ABORT
#define BYPASS	  IOMMUCTL_SMMUV3_CONFIG_BYPASS
#define S1	  IOMMUCTL_SMMUV3_CONFIG_S1
#define TERMINATE IOMMUCTL_SMMUV3_S1DSS_TERMINATE
#define S1BYPASS  IOMMUCTL_SMMUV3_S1DSS_BYPASS
#define SSID0	  IOMMUCTL_SMMUV3_S1DSS_SSID0
#define NONE	  (-1) /* no SubstreamID */

static const struct {
	const char *what;
	uint8_t config;
	uint8_t s1cdmax;
	uint8_t s1dss;
	int64_t ssid;
	enum iommuctl_smmuv3_use use;
	uint8_t event;
} rows[] = {
	{ "abort", ABORT, 0, 0, NONE, IOMMUCTL_SMMUV3_USE_ABORT, 0 },
	{ "abort with SSID", ABORT, 4, 0, 1, IOMMUCTL_SMMUV3_USE_ABORT, 0 },
	{ "reserved Config", 2, 0, 0, NONE, IOMMUCTL_SMMUV3_USE_ABORT, 0 },
	{ "bypass", BYPASS, 0, 0, NONE, IOMMUCTL_SMMUV3_USE_BYPASS, 0 },
	{ "bypass with SSID", BYPASS, 4, 0, 1, IOMMUCTL_SMMUV3_USE_ABORT,
		IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID },
	{ "one CD", S1, 0, TERMINATE, NONE, IOMMUCTL_SMMUV3_USE_CD, 0 },
	{ "one CD, an SSID", S1, 0, SSID0, 0, IOMMUCTL_SMMUV3_USE_ABORT,
		IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID },
	{ "many, none", S1, 4, TERMINATE, NONE, IOMMUCTL_SMMUV3_USE_ABORT,
		IOMMUCTL_SMMUV3_F_STREAM_DISABLED },
	{ "many, none, bypass", S1, 4, S1BYPASS, NONE, IOMMUCTL_SMMUV3_USE_BYPASS, 0 },
	{ "many, none, the first", S1, 4, SSID0, NONE, IOMMUCTL_SMMUV3_USE_CD, 0 },
	{ "many, the last", S1, 4, SSID0, 15, IOMMUCTL_SMMUV3_USE_CD, 0 },
	{ "many, one too many", S1, 4, SSID0, 16, IOMMUCTL_SMMUV3_USE_ABORT,
		IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID },
	{ "SSID 0 is taken", S1, 4, SSID0, 0, IOMMUCTL_SMMUV3_USE_ABORT,
		IOMMUCTL_SMMUV3_F_STREAM_DISABLED },
	{ "SSID 0 is free", S1, 4, TERMINATE, 0, IOMMUCTL_SMMUV3_USE_CD, 0 },
};

Test(smmuv3_ste_use, an_ste_serves_an_access_as_config_and_s1dss_have_it)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct iommuctl_smmuv3_ste ste = { .v = 1,
			.config = rows[i].config,
			.s1cdmax = rows[i].s1cdmax,
			.s1dss = rows[i].s1dss };
		uint8_t event = 0xff;

		cr_expect_eq(iommuctl_smmuv3_ste_get_use(
				     &ste, rows[i].ssid != NONE, (uint32_t)rows[i].ssid, &event),
			rows[i].use, "%s", rows[i].what);
		if (rows[i].use == IOMMUCTL_SMMUV3_USE_ABORT)
			cr_expect_eq(event, rows[i].event, "%s: 0x%x", rows[i].what, event);
	}
}
