// SPDX-License-Identifier: MIT
/*
 * Each call in the life of a nest is made to fail once: the error is reported, a device keeps its
 * translation, and in the end nothing is left.
 */
#include "abi/iommufd.h"
#include "failures.h"
#include "nest_fixture.h"

#define CALLS_MAX 200

static struct vmm vmm;
static bool failure_told;

/* Whether a call may hide an error that it met: what is left over is destroyed later. */
static bool may_be_silent(void)
{
	return strcmp(vmm.failed_call, "IOMMU_DESTROY") == 0;
}

/* Tells whether @step succeeded, which it does unless it met the fault. */
static bool expect_told(int err, const char *step)
{
	const bool met = vmm.failed_call[0] && !failure_told;

	if (!met) {
		cr_expect_eq(err, 0, "%s: %d", step, err);
		return err == 0;
	}
	failure_told = true;
	if (err || !may_be_silent())
		cr_expect_eq(err, -VMM_FAULT, "%s: %d after %s", step, err, vmm.failed_call);
	if (err)
		cr_expect_str_eq(iommuctl_last_error(vmm.ctx)->operation, vmm.failed_call);
	return err == 0;
}

static const struct change {
	unsigned int device;
	uint64_t word0;
	uint64_t iova;
	int64_t found;
} changes[] = {
	{ 0, STE_S1, IOVA, MARK },
	{ 0, STE_OTHER, IOVA, MARK_2 },
	{ 1, STE_S1, IOVA, MARK },
	{ 0, STE_BYPASS, PAGES, MARK },
	{ 1, STE_OTHER, IOVA, MARK_2 },
	{ 0, STE_OTHER, IOVA, MARK_2 },
	{ 1, STE_S1, IOVA, MARK },
	{ 0, STE_S1, IOVA, MARK },
	{ 0, STE_OTHER, IOVA, MARK_2 },
	{ 1, STE_BYPASS, PAGES, MARK },
	{ 0, STE_S1, IOVA, MARK },
	{ 1, STE_S1, IOVA, MARK },
};

/* Each device has its new translation or, after a failure, still the one before. */
static void change_stes(const bool *added)
{
	static const uint32_t vsids[] = { VSID, VSID_2 };
	const struct change *in_force[2] = { NULL };

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const struct change *change = &changes[i];
		const unsigned int device = change->device;

		if (!added[device])
			continue;
		if (expect_told(vmm_set_ste(&vmm, vsids[device], change->word0), "set_ste"))
			in_force[device] = change;
		if (in_force[device])
			cr_expect_eq(dma(&vmm, device, in_force[device]->iova),
				in_force[device]->found, "change %zu after %s", i, vmm.failed_call);
		else
			cr_expect_eq(dma(&vmm, device, PAGES), -EIO);
	}
	cr_expect_eq(vmm.detaches, 0);
}

static void run(void)
{
	bool added[2];

	failure_told = false;
	if (!expect_told(vmm_make_nest(&vmm), "new")) {
		vmm_expect_no_nest(&vmm);
		return;
	}
	added[0] = expect_told(vmm_add(&vmm, 0, VSID), "add");
	added[1] = expect_told(vmm_add(&vmm, 1, VSID_2), "add");
	change_stes(added);
	if (added[1] && !expect_told(iommuctl_nest_remove_device(vmm.nest, VSID_2), "remove"))
		cr_expect_eq(iommuctl_nest_remove_device(vmm.nest, VSID_2), 0);
}

Test(nest_fault, each_call_fails_once)
{
	uint64_t before, nth;

	vmm_open(&vmm, NULL);
	before = iommuctl_transport_ledger_get_calls(vmm.ledger);
	vmm_stop(&vmm);
	for (nth = 1; nth < CALLS_MAX; nth++) {
		vmm_open_failing(&vmm, NULL, before + nth);
		run();
		vmm_end_nest(&vmm);
		vmm_expect_no_nest(&vmm);
		if (!vmm.failed_call[0])
			break;
		vmm_stop(&vmm);
	}
	cr_expect_gt(nth, 50, "%llu calls", (unsigned long long)nth);
	cr_expect_lt(nth, CALLS_MAX);
	vmm_stop(&vmm);
}

Test(nest_fault, one_hwpt_at_most_waits_to_be_destroyed)
{
	unsigned int failures;
	size_t objects;

	vmm_start(&vmm, NULL);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	failures_count(vmm.ctx, &failures);
	objects = vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT);
	script_fail(vmm.script, ABI_DESTROY, 1, SCRIPT_NEVER, VMM_FAULT);
	for (int i = 0; i < 2; i++)
		cr_expect_eq(vmm_set_ste(&vmm, VSID, STE_OTHER), 0);
	cr_expect_eq(failures, 0, "it is tried again later");
	for (int i = 0; i < 5; i++) {
		cr_expect_eq(dma(&vmm, 0, IOVA), MARK_2);
		cr_expect_eq(vmm_set_ste(&vmm, VSID, STE_S1), -VMM_FAULT);
	}
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT), objects + 1);

	script_fail_none(vmm.script);
	cr_expect_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT), objects);
	vmm_stop(&vmm);
}

Test(nest_fault, a_device_that_is_half_way_out_can_still_be_removed)
{
	vmm_start(&vmm, NULL);
	script_fail(vmm.script, ABI_DESTROY, 1, SCRIPT_NEVER, VMM_FAULT);
	cr_expect_eq(iommuctl_nest_remove_device(vmm.nest, VSID), -VMM_FAULT);
	cr_expect_eq(vmm_set_ste(&vmm, VSID, STE_S1), -ENOENT);
	script_fail_none(vmm.script);
	cr_expect_eq(iommuctl_nest_remove_device(vmm.nest, VSID), 0);
	cr_expect_eq(vmm_add(&vmm, 0, VSID), 0);
	vmm_stop(&vmm);
}

/* A guest that asks for an STE which the kernel cannot make now does not lose its command. */
Test(nest_fault, a_command_that_failed_is_taken_up_again)
{
	const struct iommuctl_smmuv3_cmd cmds[] = {
		{ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = VSID },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC },
	};
	struct guest_queue queue;

	vmm_start(&vmm, NULL);
	vmm_start_queue(&vmm, &queue, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++)
		guest_queue_put(&queue, &cmds[i]);
	cr_assert_eq(use_streams(&vmm), 0);
	vmm_put_ste(&vmm, VSID, STE_S1);

	script_fail(vmm.script, ABI_HWPT_ALLOC, 1, SCRIPT_NEVER, VMM_FAULT);
	cr_expect_eq(guest_queue_consume(&queue), -VMM_FAULT);
	cr_expect_eq(queue.cmdq.cons, 0);
	cr_expect_eq(iommuctl_cmdq_get_error(&queue.cmdq), IOMMUCTL_CERROR_NONE);
	script_fail_none(vmm.script);
	cr_expect_eq(guest_queue_consume(&queue), 0);
	cr_expect_eq(queue.cmdq.cons, 2);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	vmm_stop(&vmm);
}
