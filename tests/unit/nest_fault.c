// SPDX-License-Identifier: MIT
/*
 * Each call in the life of a nest is made to fail once: the error is told, a device keeps the
 * translation that it had, and in the end nothing is left.
 */
#include "abi/iommufd.h"
#include "nest_fixture.h"

#define CALLS_MAX 200

static struct vmm vmm;

static void stop(void)
{
	iommuctl_nest_free(vmm.nest);
	vmm.nest = NULL;
	vmm_stop(&vmm);
}

/* Whether an error that a call met may go untold: what is left over is destroyed later. */
static bool may_be_silent(void)
{
	return strcmp(vmm.failed_call, "IOMMU_DESTROY") == 0;
}

/* Tells whether @step succeeded, which it does unless it met the fault. */
static bool expect_told(int err, const char *step)
{
	const bool met = vmm.failed_call[0] && !vmm.failure_told;

	if (!met) {
		cr_expect_eq(err, 0, "%s: %d", step, err);
		return err == 0;
	}
	vmm.failure_told = true;
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
		if (expect_told(set_ste(&vmm, vsids[device], change->word0), "set_ste"))
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
	const struct iommuctl_nest_config config = vmm_nest_config(&vmm);
	bool added[2];

	if (!expect_told(iommuctl_nest_new(vmm.ctx, &config, &vmm.nest), "new")) {
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
	stop();
	for (nth = 1; nth < CALLS_MAX; nth++) {
		vmm_open_failing(&vmm, NULL, before + nth);
		run();
		iommuctl_nest_free(vmm.nest);
		vmm.nest = NULL;
		vmm_expect_no_nest(&vmm);
		if (!vmm.failed_call[0])
			break;
		stop();
	}
	cr_expect_gt(nth, 50, "%llu calls", (unsigned long long)nth);
	cr_expect_lt(nth, CALLS_MAX);
	stop();
}

/* The ioctl that fails until it is taken back. */
static struct {
	int (*ioctl)(
		struct iommuctl_transport *transport, int fd, unsigned long request, void *arg);
	unsigned long refused;
} kernel;

static int refuse_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	return request == kernel.refused ? -VMM_FAULT : kernel.ioctl(transport, fd, request, arg);
}

static void start_with_refusals(void)
{
	struct iommuctl_transport *transport;

	vmm_start(&vmm, NULL);
	transport = iommuctl_get_transport(vmm.ctx);
	kernel.ioctl = transport->ioctl;
	kernel.refused = 0;
	transport->ioctl = refuse_ioctl;
}

Test(nest_fault, one_hwpt_at_most_waits_to_be_destroyed)
{
	size_t objects;

	start_with_refusals();
	cr_assert_eq(set_ste(&vmm, VSID, STE_S1), 0);
	objects = vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT);
	kernel.refused = ABI_DESTROY;
	cr_expect_eq(set_ste(&vmm, VSID, STE_OTHER), 0);
	for (int i = 0; i < 5; i++) {
		cr_expect_eq(dma(&vmm, 0, IOVA), MARK_2);
		cr_expect_eq(set_ste(&vmm, VSID, STE_S1), -VMM_FAULT);
	}
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT), objects + 1);

	kernel.refused = 0;
	cr_expect_eq(set_ste(&vmm, VSID, STE_S1), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT), objects);
	stop();
}

Test(nest_fault, a_device_that_is_half_way_out_can_still_be_removed)
{
	start_with_refusals();
	kernel.refused = ABI_DESTROY;
	cr_expect_eq(iommuctl_nest_remove_device(vmm.nest, VSID), -VMM_FAULT);
	cr_expect_eq(set_ste(&vmm, VSID, STE_S1), -ENOENT);
	kernel.refused = 0;
	cr_expect_eq(iommuctl_nest_remove_device(vmm.nest, VSID), 0);
	cr_expect_eq(vmm_add(&vmm, 0, VSID), 0);
	stop();
}

static void ignore_sync(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	(void)cmd;
	(void)data;
}

/* A guest that asks for an STE which the kernel cannot make now does not lose its command. */
Test(nest_fault, a_command_that_failed_is_taken_up_again)
{
	static const struct iommuctl_cmdq_ops ops = {
		.command = iommuctl_nest_command,
		.sync = ignore_sync,
	};
	const struct iommuctl_smmuv3_cmd cmds[] = {
		{ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = VSID },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC },
	};
	struct iommuctl_cmdq queue;

	start_with_refusals();
	queue = (struct iommuctl_cmdq){
		.relay = iommuctl_nest_get_relay(vmm.nest),
		.memory = &vmm.memory,
		.ops = &ops,
		.data = vmm.nest,
	};
	cr_assert_eq(iommuctl_cmdq_init(&queue, QUEUE | 4), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

		cr_assert_eq(iommuctl_smmuv3_cmd_encode(&cmds[i], words, NULL), 0);
		put_words(&vmm, QUEUE + i * sizeof(words), words, ARRAY_SIZE(words));
	}
	cr_assert_eq(iommuctl_nest_set_stream_table(vmm.nest, &vmm.memory, STREAMS, 8), 0);
	put_words(&vmm, STREAMS + VSID * sizeof(ste_words), (const ste_words){ STE_S1 }, 8);

	kernel.refused = ABI_HWPT_ALLOC;
	cr_expect_eq(iommuctl_cmdq_consume(&queue, 2), -VMM_FAULT);
	cr_expect_eq(queue.cons, 0);
	cr_expect_eq(iommuctl_cmdq_get_error(&queue), IOMMUCTL_CERROR_NONE);
	kernel.refused = 0;
	cr_expect_eq(iommuctl_cmdq_consume(&queue, 2), 0);
	cr_expect_eq(queue.cons, 2);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	stop();
}
