// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stddef.h>

#include <iommuctl/smmuv3_cd.h>

#include "smmuv3/values.h"
#include "stage1/regime.h"

#define ALL_FLAGS                                                                                  \
	(IOMMUCTL_STAGE1_REGIME_TTB1 | IOMMUCTL_STAGE1_REGIME_TBI | IOMMUCTL_STAGE1_REGIME_HAD |   \
		IOMMUCTL_STAGE1_REGIME_AFFD | IOMMUCTL_STAGE1_REGIME_WXN |                         \
		IOMMUCTL_STAGE1_REGIME_PAN)

#define ADDRESS_BITS 64
#define MIN_T0SZ     16
#define MAX_T0SZ     39

/* CD.TG0 and CD.TG1 number the granules differently; 0 stands for a reserved value. */
static const uint8_t tg_bits[2][4] = {
	{ 12, 16, 14, 0 },
	{ 0, 14, 12, 16 },
};

static int index_of(const uint8_t *values, size_t count, uint8_t wanted)
{
	for (size_t i = 0; i < count; i++) {
		if (values[i] == wanted)
			return (int)i;
	}
	return -EINVAL;
}

int stage1_regime_to_layout(
	const struct iommuctl_stage1_regime *regime, struct stage1_layout *layout)
{
	bool ttb1 = regime->flags & IOMMUCTL_STAGE1_REGIME_TTB1;

	/* Tables with larger addresses have another form. */
	if (regime->ips > IOMMUCTL_SMMUV3_IPS_48)
		return -EOPNOTSUPP;
	if (regime->flags & ~ALL_FLAGS)
		return -EINVAL;
	if (regime->t0sz < MIN_T0SZ || regime->t0sz > MAX_T0SZ)
		return -EINVAL;
	if (regime->tg >= sizeof(tg_bits[0]))
		return -EINVAL;

	return stage1_layout_init(layout, tg_bits[ttb1][regime->tg], ADDRESS_BITS - regime->t0sz,
		smmuv3_address_bits(regime->ips));
}

int stage1_regime_from_layout(
	const struct stage1_layout *layout, uint64_t ttb, struct iommuctl_stage1_regime *regime)
{
	int tg = index_of(tg_bits[0], sizeof(tg_bits[0]), layout->granule_bits);
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
