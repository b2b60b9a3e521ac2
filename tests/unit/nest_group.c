// SPDX-License-Identifier: MIT
/* Devices of one IOMMU group, which the kernel attaches as one, in a nest. */
#include "abi/iommufd.h"
#include "abi/vfio.h"
#include "nest_fixture.h"

#define GROUP 7

static struct vmm vmm;

static void open_machine(size_t devices)
{
	struct iommuctl_model_config model;

	iommuctl_model_default_config(&model);
	model.device_count = devices;
	if (devices > 2)
		strcpy(model.devices[2].pci, "0000:00:03.0");
	for (size_t i = 0; i < devices; i++)
		model.devices[i].group = GROUP;
	vmm_open(&vmm, &model);
}

static void start_nest(void)
{
	cr_assert_eq(vmm_make_nest(&vmm), 0);
}

static void set_up(void)
{
	open_machine(2);
	start_nest();
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
}

static void tear_down(void)
{
	vmm_stop(&vmm);
}

TestSuite(nest_group, .init = set_up, .fini = tear_down);
TestSuite(nest_group_bare, .fini = tear_down);

static const char *reason(uint32_t vsid)
{
	struct iommuctl_smmuv3_refusal refusal;

	cr_assert_eq(iommuctl_nest_get_refusal(vmm.nest, vsid, &refusal), 0);
	return refusal.field ? refusal.reason : "";
}

static void expect_both(int64_t by_stage1, int64_t by_ipa)
{
	for (unsigned int i = 0; i < 2; i++) {
		cr_expect_eq(dma(&vmm, i, IOVA), by_stage1, "device %u by stage 1", i);
		cr_expect_eq(dma(&vmm, i, PAGES), by_ipa, "device %u by IPA", i);
	}
}

/* What an STE gives to DMA at IOVA and at PAGES. */
static const struct meaning {
	uint64_t word0;
	int64_t by_stage1;
	int64_t by_ipa;
} meanings[] = {
	{ 0, -EIO, -EIO },
	{ STE_ABORT, -EIO, -EIO },
	{ STE_VALID | UINT64_C(6) << 1, -EIO, -EIO }, /* ILLEGAL */
	{ STE_BYPASS, -EIO, MARK },
	{ STE_S1, MARK, -EIO },
	{ STE_OTHER, MARK_2, -EIO },
};

Test(nest_group, devices_have_the_ste_that_both_were_given_or_abort)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++)
		for (size_t j = 0; j < ARRAY_SIZE(meanings); j++) {
			const bool same = meanings[i].word0 == meanings[j].word0;

			cr_assert_eq(vmm_set_ste(&vmm, VSID, meanings[i].word0), 0);
			cr_assert_eq(vmm_set_ste(&vmm, VSID_2, meanings[j].word0), 0);
			expect_both(same ? meanings[i].by_stage1 : -EIO,
				same ? meanings[i].by_ipa : -EIO);
		}
	cr_expect_eq(vmm.detaches, 0);
}

Test(nest_group, both_learn_which_device_disagrees)
{
	struct iommuctl_smmuv3_refusal refusal;

	cr_assert_eq(
		iommuctl_nest_set_ste(vmm.nest, VSID, (const ste_words){ STE_S1 }, &refusal), 0);
	cr_assert_str_eq(refusal.field, "IOMMU group");
	cr_expect_str_eq(refusal.reason, "StreamID 0x17 of the same IOMMU group has another STE");
	cr_expect_str_eq(reason(VSID_2), "", "it asks for nothing else");
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_BYPASS), 0);
	cr_expect_str_eq(reason(VSID), "StreamID 0x17 of the same IOMMU group has another STE");
	cr_expect_str_eq(reason(VSID_2), "StreamID 0x42 of the same IOMMU group has another STE");
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_S1), 0);
	cr_expect_str_eq(reason(VSID), "");
	cr_expect_str_eq(reason(VSID_2), "");
}

Test(nest_group, an_illegal_ste_has_its_own_reason)
{
	struct iommuctl_smmuv3_refusal refusal;

	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_assert_eq(iommuctl_nest_set_ste(vmm.nest, VSID_2,
			     (const ste_words){ STE_VALID | UINT64_C(6) << 1 }, &refusal),
		0);
	cr_expect_str_eq(refusal.field, "Config");
	cr_expect_str_eq(reason(VSID), "StreamID 0x17 of the same IOMMU group has another STE");
}

Test(nest_group, the_same_ste_again_changes_nothing_while_the_other_differs)
{
	unsigned int calls;

	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_S1), 0);
	expect_both(MARK, -EIO);
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_OTHER), 0);
	calls = vmm.calls;
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_expect_eq(vmm.calls, calls);
	expect_both(-EIO, -EIO);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_OTHER), 0);
	expect_both(MARK_2, -EIO);
}

static int use_table(uint64_t first, uint64_t second)
{
	vmm_put_ste(&vmm, VSID, first);
	vmm_put_ste(&vmm, VSID_2, second);
	return use_streams(&vmm);
}

Test(nest_group, a_table_that_changes_both_takes_one_attachment)
{
	cr_assert_eq(use_table(STE_S1, STE_S1), 0);
	expect_both(MARK, -EIO);
	vmm.attaches = 0;
	cr_assert_eq(use_table(STE_OTHER, STE_OTHER), 0);
	cr_expect_eq(vmm.attaches, 1);
	expect_both(MARK_2, -EIO);
	cr_assert_eq(use_table(STE_OTHER, STE_S1), 0);
	expect_both(-EIO, -EIO);
	cr_assert_eq(iommuctl_nest_set_bypass(vmm.nest, true), 0);
	expect_both(-EIO, -EIO);
	cr_assert_eq(iommuctl_nest_clear_stream_table(vmm.nest), 0);
	expect_both(-EIO, MARK);
}

Test(nest_group, cfgi_follows_the_table_device_by_device)
{
	const struct iommuctl_smmuv3_cmd one = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE,
		.streamid = VSID,
	};
	const struct iommuctl_smmuv3_cmd all = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
		.range = IOMMUCTL_SMMUV3_CFGI_RANGE_ALL,
	};

	cr_assert_eq(use_table(STE_S1, STE_S1), 0);
	vmm_put_ste(&vmm, VSID, STE_OTHER);
	vmm_put_ste(&vmm, VSID_2, STE_OTHER);
	cr_assert_eq(iommuctl_nest_command(&one, vmm.nest), 0);
	expect_both(-EIO, -EIO);
	cr_assert_eq(iommuctl_nest_command(&all, vmm.nest), 0);
	expect_both(MARK_2, -EIO);
	vmm_put_ste(&vmm, VSID_2, STE_BYPASS);
	cr_assert_eq(iommuctl_nest_command(&all, vmm.nest), 0);
	expect_both(-EIO, -EIO);
}

/* What DMA finds while the kernel is asked to detach a device or to destroy a vDEVICE. */
static unsigned int removals_seen;

static int look_at_dma(struct script *script, int fd, unsigned long request, void *arg)
{
	if (request == ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT || request == ABI_DESTROY) {
		removals_seen++;
		expect_both(-EIO, -EIO);
	}
	return script_pass(script, fd, request, arg);
}

static void watch_removals(void)
{
	removals_seen = 0;
	vmm.script->ioctl = look_at_dma;
}

Test(nest_group, all_abort_before_one_leaves_and_until_it_is_back)
{
	for (size_t i = 0; i < ARRAY_SIZE(meanings); i++) {
		const struct meaning *meaning = &meanings[i];
		const bool asks = meaning->word0 == STE_BYPASS || meaning->by_stage1 != -EIO;

		cr_assert_eq(use_table(meaning->word0, meaning->word0), 0);
		expect_both(meaning->by_stage1, meaning->by_ipa);
		watch_removals();
		cr_assert_eq(iommuctl_nest_remove_device(vmm.nest, VSID_2), 0);
		vmm.script->ioctl = NULL;
		cr_expect_geq(removals_seen, 2);
		expect_both(-EIO, -EIO);
		if (asks)
			cr_expect_str_eq(reason(VSID),
				"0000:00:02.0 of the same IOMMU group has no vDEVICE");
		cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
		expect_both(meaning->by_stage1, meaning->by_ipa);
		if (asks)
			cr_expect_str_eq(reason(VSID), "");
	}
}

Test(nest_group, the_last_device_may_go_and_all_may_come_back)
{
	cr_assert_eq(use_table(STE_S1, STE_S1), 0);
	cr_assert_eq(iommuctl_nest_remove_device(vmm.nest, VSID), 0);
	cr_assert_eq(iommuctl_nest_remove_device(vmm.nest, VSID_2), 0);
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_ATTACH), 0);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	expect_both(MARK, -EIO);
}

Test(nest_group, a_device_comes_in_while_the_others_abort)
{
	cr_assert_eq(use_table(STE_S1, STE_ABORT), 0);
	cr_assert_eq(iommuctl_nest_remove_device(vmm.nest, VSID_2), 0);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	expect_both(-EIO, -EIO);
	cr_expect_str_eq(reason(VSID), "StreamID 0x17 of the same IOMMU group has another STE");
}

Test(nest_group_bare, a_device_that_the_guest_does_not_have_is_named)
{
	static const uint64_t stes[] = { STE_S1, STE_BYPASS };

	open_machine(3);
	start_nest();
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	vmm.attaches = 0;
	for (size_t i = 0; i < ARRAY_SIZE(stes); i++) {
		struct iommuctl_smmuv3_refusal refusal;

		cr_assert_eq(iommuctl_nest_set_ste(
				     vmm.nest, VSID, (const ste_words){ stes[i] }, &refusal),
			0);
		cr_assert_not_null(refusal.field);
		cr_expect_str_eq(
			refusal.reason, "0000:00:02.0 of the same IOMMU group has no vDEVICE");
		expect_both(-EIO, -EIO);
	}
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_S1), 0);
	expect_both(-EIO, -EIO);
	cr_expect_str_eq(reason(VSID), "0000:00:03.0 of the same IOMMU group has no vDEVICE");
	cr_expect_eq(
		vmm.attaches, 1, "%u: the second device came in, and that is all", vmm.attaches);
	cr_expect_eq(vmm.detaches, 0);
}

/* A root port in the group: no guest has it, and it has no DMA of its own. */
static int add_bridge(
	struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	(void)transport;
	*group = (struct iommuctl_device_group){
		.id = GROUP,
		.member_count = 3,
		.members = { { "0000:00:01.0", false }, { "0000:00:02.0", false },
			{ "0000:00:1c.0", true } },
	};
	strcpy(group->device, fd == vmm.devices[0] ? "0000:00:01.0" : "0000:00:02.0");
	return 0;
}

Test(nest_group_bare, a_bridge_counts_where_there_is_a_stage_1)
{
	open_machine(2);
	iommuctl_get_transport(vmm.ctx)->device_group = add_bridge;
	start_nest();
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_assert_eq(use_table(STE_BYPASS, STE_BYPASS), 0);
	expect_both(-EIO, MARK);
	cr_assert_eq(use_table(STE_S1, STE_S1), 0);
	expect_both(-EIO, -EIO);
	cr_expect_str_eq(reason(VSID), "0000:00:1c.0 of the same IOMMU group has no vDEVICE");
	cr_expect_str_eq(reason(VSID_2), "0000:00:1c.0 of the same IOMMU group has no vDEVICE");
}

static int grow(struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	int ret = add_bridge(transport, fd, group);

	group->member_count = IOMMUCTL_GROUP_MEMBERS_MAX + 1;
	for (size_t i = 2; i < IOMMUCTL_GROUP_MEMBERS_MAX; i++)
		group->members[i] = group->members[fd == vmm.devices[0]];
	return ret;
}

Test(nest_group_bare, a_group_too_large_to_be_looked_at_aborts)
{
	open_machine(2);
	iommuctl_get_transport(vmm.ctx)->device_group = grow;
	start_nest();
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_assert_eq(use_table(STE_BYPASS, STE_BYPASS), 0);
	expect_both(-EIO, -EIO);
	cr_expect_not_null(strstr(reason(VSID), "has 65 devices"), "%s", reason(VSID));
}

Test(nest_group_bare, groups_do_not_meddle_with_each_other)
{
	vmm_start(&vmm, NULL);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_OTHER), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_expect_eq(dma(&vmm, 1, IOVA), MARK_2);
}

/* As a VMM has them before its guest runs. */
Test(nest_group_bare, devices_that_were_attached_elsewhere_move_in_one_by_one)
{
	open_machine(2);
	for (int i = 0; i < 2; i++)
		cr_assert_eq(iommuctl_vfio_attach(vmm.ctx, vmm.devices[i], vmm.ioas, NULL), 0);
	expect_both(-EIO, MARK);
	start_nest();
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	expect_both(-EIO, -EIO);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_S1), 0);
	expect_both(MARK, -EIO);
	cr_expect_eq(vmm.detaches, 0);
}

Test(nest_group_bare, a_device_whose_group_is_attached_elsewhere_stays_out)
{
	size_t objects;

	open_machine(2);
	start_nest();
	cr_assert_eq(iommuctl_vfio_attach(vmm.ctx, vmm.devices[1], vmm.ioas, NULL), 0);
	objects = vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT);
	for (int i = 0; i < 3; i++)
		cr_expect_eq(vmm_add(&vmm, 0, VSID), -EINVAL);
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT), objects);
	cr_expect_eq(iommuctl_nest_remove_device(vmm.nest, VSID), -ENOENT);
	cr_expect_eq(dma(&vmm, 1, PAGES), MARK, "it is not the nest's");

	cr_assert_eq(iommuctl_vfio_detach(vmm.ctx, vmm.devices[1]), 0);
	cr_expect_eq(vmm_add(&vmm, 0, VSID), 0);
}

Test(nest_group_bare, the_end_of_a_nest_leaves_nothing_attached)
{
	set_up();
	cr_assert_eq(use_table(STE_S1, STE_S1), 0);
	watch_removals();
	vmm_end_nest(&vmm);
	vmm.script->ioctl = NULL;
	cr_expect_geq(removals_seen, 2);
	vmm_expect_no_nest(&vmm);
	expect_both(-EIO, -EIO);
}
