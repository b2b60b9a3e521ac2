// SPDX-License-Identifier: MIT
#include <errno.h>

#include <iommuctl/cd_table.h>

#include "smmuv3/values.h"
#include "stage1/regime.h"

#define ALL_FLAGS                                                                                  \
	(IOMMUCTL_STAGE1_REGIME_TTB1 | IOMMUCTL_STAGE1_REGIME_TBI | IOMMUCTL_STAGE1_REGIME_HAD |   \
		IOMMUCTL_STAGE1_REGIME_AFFD | IOMMUCTL_STAGE1_REGIME_WXN |                         \
		IOMMUCTL_STAGE1_REGIME_PAN)

#define ADDRESS_BITS 64
#define MIN_T0SZ     16
#define MAX_T0SZ     39

int stage1_regime_to_layout(
	const struct iommuctl_stage1_regime *regime, struct stage1_layout *layout)
{
	bool ttb1 = regime->flags & IOMMUCTL_STAGE1_REGIME_TTB1;

	/* Tables with larger addresses have another format. */
	if (regime->ips > IOMMUCTL_SMMUV3_IPS_48)
		return -EOPNOTSUPP;
	if (regime->flags & ~ALL_FLAGS)
		return -EINVAL;
	if (regime->t0sz < MIN_T0SZ || regime->t0sz > MAX_T0SZ)
		return -EINVAL;

	return stage1_layout_init(layout, smmuv3_granule_bits(ttb1, regime->tg),
		ADDRESS_BITS - regime->t0sz, smmuv3_address_bits(regime->ips));
}

int stage1_regime_from_layout(
	const struct stage1_layout *layout, uint64_t ttb, struct iommuctl_stage1_regime *regime)
{
	int tg = smmuv3_tg0_of(layout->granule_bits);
	int ips = smmuv3_address_size_of(layout->output_bits);

	if (tg < 0 || ips < 0 || ips > IOMMUCTL_SMMUV3_IPS_48)
		return -EINVAL;

	*regime = (struct iommuctl_stage1_regime){
		.ttb = ttb,
		.t0sz = ADDRESS_BITS - layout->input_bits,
		.tg = tg,
		.ips = ips,
	};
	return 0;
}

struct iommuctl_stage1_regime stage1_regime_of_cd(const struct iommuctl_smmuv3_cd *cd, bool ttb1)
{
	const bool tbi = ttb1 ? cd->tbi1 : cd->tbi0, had = ttb1 ? cd->had1 : cd->had0;

	return (struct iommuctl_stage1_regime){
		.ttb = ttb1 ? cd->ttb1 : cd->ttb0,
		.t0sz = ttb1 ? cd->t1sz : cd->t0sz,
		.tg = ttb1 ? cd->tg1 : cd->tg0,
		.ips = cd->ips,
		.flags = (ttb1 ? IOMMUCTL_STAGE1_REGIME_TTB1 : 0) |
			 (tbi ? IOMMUCTL_STAGE1_REGIME_TBI : 0) |
			 (had ? IOMMUCTL_STAGE1_REGIME_HAD : 0) |
			 (cd->affd || cd->ha ? IOMMUCTL_STAGE1_REGIME_AFFD : 0) |
			 (cd->wxn ? IOMMUCTL_STAGE1_REGIME_WXN : 0) |
			 (cd->pan ? IOMMUCTL_STAGE1_REGIME_PAN : 0),
	};
}

struct iommuctl_stage1_regime iommuctl_cd_get_regime(const struct iommuctl_smmuv3_cd *cd, bool ttb1)
{
	return stage1_regime_of_cd(cd, ttb1);
}

struct iommuctl_smmuv3_cd iommuctl_cd_for_stage1(
	const struct iommuctl_stage1_regime *regime, uint16_t asid)
{
	struct iommuctl_smmuv3_cd cd = {
		.v = 1,
		.aa64 = 1,
		.a = 1,
		.r = 1,
		.aset = 1,
		.ips = regime->ips,
		.asid = asid,
		.mair = { [IOMMUCTL_CD_MAIR_NORMAL] = SMMUV3_MAIR_NORMAL_WRITE_BACK,
			[IOMMUCTL_CD_MAIR_DEVICE] = SMMUV3_MAIR_DEVICE_NGNRE },
	};

	if (regime->flags & IOMMUCTL_STAGE1_REGIME_TTB1) {
		cd.epd0 = 1;
		cd.ttb1 = regime->ttb;
		cd.t1sz = regime->t0sz;
		cd.tg1 = regime->tg;
		cd.sh1 = IOMMUCTL_SMMUV3_SH_ISH;
		cd.ir1 = cd.or1 = IOMMUCTL_SMMUV3_RGN_WB_RAWA;
	} else {
		cd.epd1 = 1;
		cd.ttb0 = regime->ttb;
		cd.t0sz = regime->t0sz;
		cd.tg0 = regime->tg;
		cd.sh0 = IOMMUCTL_SMMUV3_SH_ISH;
		cd.ir0 = cd.or0 = IOMMUCTL_SMMUV3_RGN_WB_RAWA;
	}
	return cd;
}
