// SPDX-License-Identifier: MIT
/* IOMMU_HWPT_INVALIDATE reports how far it came, also when it fails. */
#include <iommuctl/iommufd.h>

#include "abi/iommufd.h"
#include "thin_call.h"

static const struct iommuctl_viommu_arm_smmuv3_invalidate commands[64];

static int invalidate(struct script *script, uint32_t *entry_num)
{
	struct iommuctl *ctx = script_context(script);
	int ret;

	script->sent_size = sizeof(struct abi_hwpt_invalidate);
	ret = iommuctl_hwpt_invalidate(ctx, THIN_FD,
		&(struct iommuctl_hwpt_invalidate_args){ .hwpt_id = 8,
			.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
			.entry_len = sizeof(commands[0]), .entries = commands },
		entry_num);
	iommuctl_free(ctx);
	return ret;
}

Test(iommufd_invalidate, sends_exactly_its_structure)
{
	const struct abi_hwpt_invalidate sent = {
		.size = sizeof(sent),
		.hwpt_id = 8,
		.data_uptr = (uintptr_t)commands,
		.data_type = ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.entry_len = 16,
		.entry_num = 64,
	};
	struct script script = { 0 };
	uint32_t entry_num = 64;

	cr_assert_eq(invalidate(&script, &entry_num), 0);
	cr_assert_eq(script.request, ABI_HWPT_INVALIDATE);
	cr_assert_eq(script.fd, THIN_FD);
	cr_assert_arr_eq(script.sent, &sent, sizeof(sent));
	cr_assert_eq(entry_num, 64);
}

Test(iommufd_invalidate, a_failure_returns_the_number_that_the_kernel_wrote)
{
	const struct abi_hwpt_invalidate answer = { .entry_num = 17 };
	struct script script = {
		.answer = &answer,
		.answer_size = sizeof(answer),
		.result = -EIO,
	};
	uint32_t entry_num = 64;

	cr_assert_eq(invalidate(&script, &entry_num), -EIO);
	cr_assert_eq(entry_num, 17);
}

Test(iommufd_invalidate, a_failure_before_the_kernel_wrote_a_number_handled_nothing)
{
	struct script script = { .result = -ENOTTY };
	uint32_t entry_num = 64;

	cr_assert_eq(invalidate(&script, &entry_num), -ENOTTY);
	cr_assert_eq(entry_num, 0);
}

Test(iommufd_invalidate, an_unknown_data_type_reaches_the_kernel)
{
	struct script script = { .result = -EINVAL };
	struct iommuctl *ctx = script_context(&script);
	uint32_t entry_num = 1;

	cr_assert_eq(
		iommuctl_hwpt_invalidate(ctx, THIN_FD,
			&(struct iommuctl_hwpt_invalidate_args){ .hwpt_id = 8,
				.data_type = 1000, .entry_len = 16, .entries = commands },
			&entry_num), -EINVAL);
	cr_assert_eq(script.total, 1);
	cr_assert_str_eq(iommuctl_last_error(ctx)->object, "object 8, entries 1");
	iommuctl_free(ctx);
}
