// SPDX-License-Identifier: MIT
/* Which of a job's devices share an IOMMU group, and so an attachment. */
#include <criterion/criterion.h>

#include "array.h"
#include "job/platform.h"

Test(job_platform, devices_share_a_group_that_has_a_number)
{
	static const struct {
		const char *name;
		struct platform_device device, other;
		bool shared;
	} cases[] = {
		{ "one group", { .pci = "0000:00:01.0", .iommu_group = 7 },
			{ .pci = "0000:00:01.1", .iommu_group = 7 }, true },
		{ "the first group of a host", { .pci = "0000:00:01.0" }, { .pci = "0000:00:01.1" },
			true },
		{ "two groups", { .pci = "0000:00:01.0" },
			{ .pci = "0000:00:02.0", .iommu_group = 1 }, false },
		{ "each its own", { .pci = "0000:00:01.0", .iommu_group = -1 },
			{ .pci = "0000:00:02.0", .iommu_group = -1 }, false },
		{ "one is not found yet", { .pci = "0000:00:01.0" }, { .pci = "" }, false },
		{ "mock devices", { .iommu = "mock" }, { .iommu = "mock" }, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(platform_share_group(&cases[i].device, &cases[i].other),
			cases[i].shared, "%s", cases[i].name);
		cr_expect_eq(platform_share_group(&cases[i].other, &cases[i].device),
			cases[i].shared, "%s, the other way round", cases[i].name);
	}
}
