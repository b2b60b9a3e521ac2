/* SPDX-License-Identifier: MIT */
/* From a StreamID to a CD. */
#ifndef LIBIOMMUCTL_VSMMUV3_CONFIG_WALK_H
#define LIBIOMMUCTL_VSMMUV3_CONFIG_WALK_H

#include "vsmmuv3/access.h"

/* What the guest's STE and CD say about an access. */
struct vsmmuv3_config {
	bool stage1;  /* else bypass */
	bool records; /* CD.R, or S: stage-1 faults become events */
	bool ignores; /* CD.A is 0 */
	uint16_t asid;
	bool walks[2]; /* TTB0, TTB1 */
	struct iommuctl_stage1_regime regimes[2];
};

/* Returns 0, or -EFAULT with @fault. The SMMU must be enabled. */
int vsmmuv3_config_walk(const struct vsmmuv3_view *view,
	const struct iommuctl_vsmmuv3_access *access, struct vsmmuv3_config *config,
	struct vsmmuv3_fault *fault);

#endif
