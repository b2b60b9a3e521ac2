// SPDX-License-Identifier: MIT
/* What a nest finds out by itself, without a call that fails in the kernel. */
#include "explain/explain.h"

#include <errno.h>

static const struct explain_row rows[] = {
	{ .operation = OP_DEVICE_GROUP,
		.code = EOPNOTSUPP,
		.cause = "sysfs is not mounted, or shows no IOMMU group for the device",
		.remedy = "mount it at /sys, in a container as well" },
	{ .operation = OP_DEVICE_GROUP,
		.code = EOPNOTSUPP,
		.cause = "the device was opened through its legacy group",
		.remedy = "open it in /dev/vfio/devices" },
	{ .operation = OP_DEVICE_GROUP,
		.code = EOPNOTSUPP,
		.cause = "the transport of the context does not know groups",
		.remedy = "give it the operation device_group" },

	{ .operation = OP_NEST_NEW,
		.code = EOPNOTSUPP,
		.unless = FACT_STALLS,
		.cause = "the device is behind an IOMMU that is no SMMUv3",
		.remedy = "use a device behind one" },
	{ .operation = OP_NEST_NEW,
		.code = EOPNOTSUPP,
		.when = FACT_STALLS,
		.cause =
			"the SMMU stalls every transaction that faults (IDR0.STALL_MODEL), and no "
			"call of the kernel lets a guest resume or end one",
		.remedy = "use an SMMU that can terminate them" },
};

const struct explain_table explain_nest = { rows, sizeof(rows) / sizeof(rows[0]) };
