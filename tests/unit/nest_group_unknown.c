// SPDX-License-Identifier: MIT
/* Devices in a nest whose IOMMU groups no one can tell: there is no sysfs. */
#include "failures.h"
#include "nest_fixture.h"

static struct vmm vmm;

static void start(int group)
{
	struct iommuctl_model_config model;

	iommuctl_model_default_config(&model);
	model.devices[0].group = model.devices[1].group = group;
	vmm_open(&vmm, &model);
	iommuctl_get_transport(vmm.ctx)->device_group = NULL;
	cr_assert_eq(vmm_make_nest(&vmm), 0);
}

static void tear_down(void)
{
	vmm_stop(&vmm);
}

TestSuite(nest_group_unknown, .fini = tear_down);

Test(nest_group_unknown, devices_that_have_their_groups_to_themselves_work)
{
	unsigned int failures;

	start(0);
	failures_count(vmm.ctx, &failures);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_expect_eq(failures, 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_OTHER), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_expect_eq(dma(&vmm, 1, IOVA), MARK_2);
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_BYPASS), 0);
	cr_expect_eq(dma(&vmm, 1, PAGES), MARK);
	cr_assert_eq(iommuctl_nest_remove_device(vmm.nest, VSID), 0);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
	cr_expect_eq(dma(&vmm, 1, PAGES), MARK);
}

/* Whatever the first one has by then. */
Test(nest_group_unknown, a_second_device_of_the_group_is_not_let_in)
{
	static const uint64_t stes[] = { 0, STE_ABORT, STE_BYPASS, STE_S1 };

	start(7);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	for (size_t i = 0; i < ARRAY_SIZE(stes); i++) {
		const struct iommuctl_error *error;
		size_t objects;

		cr_assert_eq(vmm_set_ste(&vmm, VSID, stes[i]), 0);
		objects = vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT);
		cr_expect_eq(vmm_add(&vmm, 1, VSID_2), -EINVAL, "STE %zu", i);
		error = iommuctl_last_error(vmm.ctx);
		cr_expect_str_eq(error->operation, "VFIO_DEVICE_ATTACH_IOMMUFD_PT");
		cr_expect_geq(error->explanation_count, 2, "another IOMMU, or another device");
		cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT), objects, "STE %zu", i);
		cr_expect_eq(vmm_set_ste(&vmm, VSID_2, STE_S1), -ENOENT);
	}
}

/* Replacing would take the other one along. */
Test(nest_group_unknown, nor_is_one_whose_group_is_attached_elsewhere)
{
	start(7);
	for (int i = 0; i < 2; i++)
		cr_assert_eq(iommuctl_vfio_attach(vmm.ctx, vmm.devices[i], vmm.ioas, NULL), 0);
	cr_expect_eq(vmm_add(&vmm, 0, VSID), -EINVAL);
	cr_expect_eq(dma(&vmm, 1, PAGES), MARK);
	cr_assert_eq(iommuctl_vfio_detach(vmm.ctx, vmm.devices[1]), 0);
	cr_expect_eq(vmm_add(&vmm, 0, VSID), 0);
}

/* The kernel finds that a vDEVICE is missing, of whom it does not say. */
Test(nest_group_unknown, a_stage_1_that_the_kernel_refuses_aborts_with_its_words)
{
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_nest_counters counters;

	start(7);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_assert_eq(
		iommuctl_nest_set_ste(vmm.nest, VSID, (const ste_words){ STE_S1 }, &refusal), 0);
	cr_assert_str_eq(refusal.field, "STE");
	cr_expect_not_null(strstr(refusal.reason, "VFIO_DEVICE_ATTACH_IOMMUFD_PT"));
	cr_expect_not_null(strstr(refusal.reason, "vDEVICE"));
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
	iommuctl_nest_get_counters(vmm.nest, &counters);
	cr_expect_eq(counters.refused, 1);
	cr_expect_eq(counters.detached, 0);
}
