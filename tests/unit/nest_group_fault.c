// SPDX-License-Identifier: MIT
/*
 * The kernel refuses something to a nest, once, for a while or permanently: no device follows
 * another's STE, nothing is left half-made, and a guest's queue continues.
 */
#include "abi/iommufd.h"
#include "abi/vfio.h"
#include "nest_fixture.h"

#define NEVER	  SCRIPT_NEVER
#define CALLS_MAX 200

static struct vmm vmm;

static void fail_calls(unsigned long request, uint32_t first, uint32_t last, int error)
{
	script_fail(vmm.script, request, first, last, error);
}

/* They are counted all the same. */
static void fail_none(void)
{
	fail_calls(0, NEVER, NEVER, 0);
}

static void open_machine(int group)
{
	struct iommuctl_model_config model;

	iommuctl_model_default_config(&model);
	model.devices[0].group = model.devices[1].group = group;
	vmm_open(&vmm, &model);
	cr_assert_eq(vmm_make_nest(&vmm), 0);
	fail_none();
}

static const uint32_t vsids[] = { VSID, VSID_2 };

/* Only by DMA: a device must find what its own STE says, or nothing. */
static void expect_no_stranger(const uint64_t given[2], const char *step)
{
	for (unsigned int i = 0; i < 2; i++) {
		const int64_t by_stage1 = dma(&vmm, i, IOVA), by_ipa = dma(&vmm, i, PAGES);
		const uint64_t ste = given[i];

		cr_expect(by_stage1 == -EIO || (by_stage1 == MARK && ste == STE_S1) ||
				  (by_stage1 == MARK_2 && ste == STE_OTHER),
			"%s, call %u: device %u by stage 1: 0x%llx", step,
			vmm.script->failing.first, i, (unsigned long long)by_stage1);
		cr_expect(by_ipa == -EIO || ste == STE_BYPASS, "%s, call %u: device %u by IPA",
			step, vmm.script->failing.first, i);
	}
}

static const struct {
	unsigned int device;
	uint64_t word0;
} changes[] = {
	{ 0, STE_S1 },
	{ 1, STE_S1 },
	{ 1, STE_OTHER },
	{ 0, STE_OTHER },
	{ 0, STE_BYPASS },
	{ 1, STE_BYPASS },
	{ 1, STE_S1 },
	{ 0, STE_S1 },
};

/* Devices come, change and go; what fails is done once more at the end of its step. */
static void live(void)
{
	uint64_t given[2] = { STE_ABORT, STE_ABORT };
	bool in[2];

	for (int i = 0; i < 2; i++) {
		in[i] = vmm_add(&vmm, i, vsids[i]) == 0;
		expect_no_stranger(given, "add");
		if (!in[i])
			in[i] = vmm_add(&vmm, i, vsids[i]) == 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const unsigned int device = changes[i].device;

		if (!in[device])
			continue;
		if (vmm_set_ste(&vmm, vsids[device], changes[i].word0) == 0)
			given[device] = changes[i].word0;
		expect_no_stranger(given, "set_ste");
	}
	for (int i = 0; i < 2; i++) {
		if (in[i] && iommuctl_nest_remove_device(vmm.nest, vsids[i]))
			iommuctl_nest_remove_device(vmm.nest, vsids[i]);
		expect_no_stranger(given, "remove");
	}
}

/* As if nothing had happened. */
static void expect_a_new_life(void)
{
	fail_none();
	for (int i = 0; i < 2; i++) {
		iommuctl_nest_remove_device(vmm.nest, vsids[i]);
		cr_expect_eq(vmm_add(&vmm, i, vsids[i]), 0);
		cr_expect_eq(vmm_set_ste(&vmm, vsids[i], STE_S1), 0);
	}
	for (unsigned int i = 0; i < 2; i++)
		cr_expect_eq(dma(&vmm, i, IOVA), MARK);
}

/* How many ioctls a life without failures has. */
static uint32_t count_ioctls(void)
{
	uint32_t calls;

	open_machine(7);
	live();
	calls = vmm.script->failing.calls;
	vmm_stop(&vmm);
	return calls;
}

Test(nest_group_fault, no_device_follows_another_whichever_calls_fail)
{
	static const int errors[] = { ENOSPC, EIO };
	static const uint32_t lengths[] = { 1, 2, 5 };
	const uint32_t calls = count_ioctls();

	cr_assert_gt(calls, 20);
	cr_assert_lt(calls, CALLS_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (size_t j = 0; j < ARRAY_SIZE(lengths); j++)
			for (uint32_t first = 1; first <= calls; first++) {
				open_machine(7);
				fail_calls(0, first, first + lengths[j] - 1, errors[i]);
				live();
				expect_a_new_life();
				vmm_stop(&vmm);
			}
}

/* From a call on all fail, also those that undo, until the kernel recovers. */
static void add_with_failures(int group, unsigned int before, uint32_t first, int error)
{
	int err;

	open_machine(group);
	for (unsigned int i = 0; i < before; i++)
		cr_assert_eq(vmm_add(&vmm, (int)i, vsids[i]), 0);
	fail_calls(0, first, NEVER, error);
	err = vmm_add(&vmm, (int)before, vsids[before]);
	if (err) {
		cr_expect_eq(err, -error, "call %u: %d", first, err);
		cr_expect_eq(vmm_set_ste(&vmm, vsids[before], STE_S1), -ENOENT);
		err = vmm_add(&vmm, (int)before, vsids[before]);
		cr_expect_eq(err, -error, "call %u, again: %d", first, err);
		fail_none();
		cr_expect_eq(vmm_add(&vmm, (int)before, vsids[before]), 0, "call %u", first);
	}
	fail_none();
	cr_expect_eq(vmm_add(&vmm, (int)before, vsids[before]), -EEXIST);
	cr_expect_eq(vmm_set_ste(&vmm, vsids[before], STE_ABORT), 0);
	vmm_stop(&vmm);
}

Test(nest_group_fault, a_device_that_did_not_come_in_can_come_in_later)
{
	static const int errors[] = { ENOSPC, EIO, ENOENT, EINVAL };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (uint32_t first = 1; first < 10; first++) {
			add_with_failures(0, 0, first, errors[i]);
			add_with_failures(0, 1, first, errors[i]);
			add_with_failures(7, 1, first, errors[i]);
		}
}

/* The second device comes in, is refused what it is to have, and does not go. */
static int refuse_second(struct script *script, int fd, unsigned long request, void *arg)
{
	static unsigned int attaches;

	if (request == ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT && fd == vmm.devices[1])
		return -EIO;
	if (request == ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT && ++attaches == 2)
		return -ENOSPC;
	return script_pass(script, fd, request, arg);
}

/* The vDEVICE of a device that did not come in stays: another StreamID cannot have the device. */
Test(nest_group_fault, a_member_half_way_out_passes_its_error_on)
{
	open_machine(0);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	fail_calls(ABI_DESTROY, 1, NEVER, EIO);
	cr_expect_eq(iommuctl_nest_remove_device(vmm.nest, VSID), -EIO);
	cr_expect_eq(vmm_add(&vmm, 0, VSID), -EIO);
	cr_expect_eq(vmm_add(&vmm, 0, VSID_2), -EIO);
	cr_expect_eq(vmm_add(&vmm, 1, VSID), -EIO);
	cr_expect_eq(vmm_add(&vmm, 1, VSID_2), 0, "it has nothing to do with it");
	fail_none();
	cr_expect_eq(vmm_add(&vmm, 0, VSID), 0);
	vmm_stop(&vmm);
}

/* The one that is half-way out is all that the kernel has attached of its group. */
Test(nest_group_fault, a_group_passes_its_error_to_newcomers)
{
	open_machine(7);
	cr_assert_eq(iommuctl_nest_set_bypass(vmm.nest, true), 0);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	vmm.script->ioctl = refuse_second;
	cr_expect_eq(vmm_add(&vmm, 1, VSID_2), -ENOSPC);
	cr_assert_eq(iommuctl_nest_remove_device(vmm.nest, VSID), 0);
	cr_expect_eq(vmm_add(&vmm, 0, VSID), -EIO);
	cr_expect_str_eq(iommuctl_last_error(vmm.ctx)->operation, "VFIO_DEVICE_DETACH_IOMMUFD_PT");
	vmm.script->ioctl = NULL;
	cr_expect_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_expect_eq(vmm_add(&vmm, 1, VSID_2), 0);
	vmm_stop(&vmm);
}

static struct iommuctl_nest_counters counters(void)
{
	struct iommuctl_nest_counters now;

	iommuctl_nest_get_counters(vmm.nest, &now);
	return now;
}

static const int lasting[] = { EIO, ENOENT, EINVAL, EOPNOTSUPP, EBUSY, EPERM, EADDRINUSE };
static const unsigned long requests[] = { ABI_HWPT_ALLOC, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT };

static void expect_refused(const struct iommuctl_smmuv3_refusal *refusal, int error)
{
	cr_assert_str_eq(refusal->field, "STE");
	cr_expect_not_null(strstr(refusal->reason, strerrorname_np(error)), "%s", refusal->reason);
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
	cr_expect_eq(dma(&vmm, 0, PAGES), -EIO);
}

Test(nest_group_fault, what_is_refused_permanently_aborts_and_is_reported)
{
	for (size_t i = 0; i < ARRAY_SIZE(lasting); i++)
		for (size_t j = 0; j < ARRAY_SIZE(requests); j++) {
			struct iommuctl_smmuv3_refusal refusal;

			open_machine(0);
			cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
			cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_BYPASS), 0);
			fail_calls(requests[j], 1, 1, lasting[i]);
			cr_assert_eq(iommuctl_nest_set_ste(
					     vmm.nest, VSID, (const ste_words){ STE_S1 }, &refusal),
				0);
			expect_refused(&refusal, lasting[i]);
			cr_expect_eq(counters().refused, 1);
			cr_expect_eq(counters().detached, 0);
			cr_expect_eq(vmm.detaches, 0);

			cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
			cr_expect_eq(dma(&vmm, 0, IOVA), MARK, "it is tried again");
			vmm_stop(&vmm);
		}
}

Test(nest_group_fault, without_abort_a_device_is_attached_to_nothing)
{
	static const int groups[] = { 0, 7 };

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		struct iommuctl_smmuv3_refusal refusal;

		open_machine(groups[i]);
		for (int j = 0; j < 2; j++) {
			cr_assert_eq(vmm_add(&vmm, j, vsids[j]), 0);
			cr_assert_eq(vmm_set_ste(&vmm, vsids[j], STE_S1), 0);
		}
		cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
		fail_calls(ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, 1, NEVER, EIO);
		cr_assert_eq(iommuctl_nest_set_ste(
				     vmm.nest, VSID, (const ste_words){ STE_BYPASS }, &refusal),
			0);
		cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
		cr_expect_eq(dma(&vmm, 0, PAGES), -EIO);
		cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_ATTACH), groups[i] ? 0 : 1);
		cr_expect_eq(counters().detached, 1);

		fail_none();
		cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_BYPASS), 0);
		cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_BYPASS), 0);
		for (unsigned int j = 0; j < 2; j++)
			cr_expect_eq(dma(&vmm, j, PAGES), MARK);
		cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_ATTACH), 2);
		vmm_stop(&vmm);
	}
}

Test(nest_group_fault, a_device_that_cannot_even_be_detached_is_an_error)
{
	open_machine(0);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	fail_calls(0, 1, NEVER, EIO);
	cr_expect_eq(vmm_set_ste(&vmm, VSID, STE_ABORT), -EIO);
	fail_none();
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_expect_eq(vmm_set_ste(&vmm, VSID, STE_ABORT), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
	vmm_stop(&vmm);
}

/* The guest's queue must not stop for it with CERROR_ILL, nor count as one that has stopped. */
Test(nest_group_fault, a_command_is_not_illegal_because_a_device_cannot_even_be_detached)
{
	static const int errors[] = { EIO, EBUSY };
	const struct iommuctl_smmuv3_cmd cmd = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE,
		.streamid = VSID,
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		open_machine(0);
		cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
		vmm_put_ste(&vmm, VSID, STE_S1);
		cr_assert_eq(use_streams(&vmm), 0);
		vmm_put_ste(&vmm, VSID, STE_BYPASS);
		fail_calls(0, 1, NEVER, errors[i]);
		cr_expect_eq(iommuctl_nest_command(&cmd, vmm.nest), -ENOTRECOVERABLE);
		cr_expect_eq(iommuctl_last_error(vmm.ctx)->code, ENOTRECOVERABLE);
		cr_expect_str_eq(iommuctl_last_error(vmm.ctx)->object, "StreamID 0x42");
		fail_none();
		cr_expect_eq(iommuctl_nest_command(&cmd, vmm.nest), 0);
		cr_expect_eq(dma(&vmm, 0, PAGES), MARK);
		vmm_stop(&vmm);
	}
}

Test(nest_group_fault, what_may_pass_is_an_error_and_the_old_ste_stays)
{
	static const int errors[] = { ENOMEM, EINTR, EAGAIN, ENOSPC };

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		for (size_t j = 0; j < ARRAY_SIZE(requests); j++) {
			open_machine(0);
			cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
			cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_OTHER), 0);
			fail_calls(requests[j], 1, 1, errors[i]);
			cr_expect_eq(vmm_set_ste(&vmm, VSID, STE_S1), -errors[i]);
			cr_expect_eq(dma(&vmm, 0, IOVA), MARK_2);
			cr_expect_eq(counters().refused, 0);
			cr_expect_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
			cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
			vmm_stop(&vmm);
		}
}

/* A guest that asks for an STE which the kernel never takes gets past it. */
Test(nest_group_fault, a_queue_goes_on_after_what_is_refused_for_good)
{
	const struct iommuctl_smmuv3_cmd cmds[] = {
		{ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = VSID },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
			.range = IOMMUCTL_SMMUV3_CFGI_RANGE_ALL },
		{ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC },
	};
	struct iommuctl_smmuv3_refusal refusal;
	struct guest_queue queue;

	open_machine(0);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	vmm_start_queue(&vmm, &queue, 4);
	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++)
		guest_queue_put(&queue, &cmds[i]);
	vmm_put_ste(&vmm, VSID, STE_S1);
	fail_calls(ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, 1, NEVER, EBUSY);
	cr_expect_eq(use_streams(&vmm), 0);
	cr_expect_eq(guest_queue_consume(&queue), 0);
	cr_expect_eq(queue.cmdq.cons, ARRAY_SIZE(cmds));
	cr_expect_eq(iommuctl_cmdq_get_error(&queue.cmdq), IOMMUCTL_CERROR_NONE);
	cr_assert_eq(iommuctl_nest_get_refusal(vmm.nest, VSID, &refusal), 0);
	expect_refused(&refusal, EBUSY);
	cr_expect_geq(counters().refused, 1);
	fail_none();
	cr_expect_eq(iommuctl_nest_command(&cmds[0], vmm.nest), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	vmm_stop(&vmm);
}
