// SPDX-License-Identifier: MIT
/* Relays, queues, nests, readers and virtio-iommus: what they refuse, and what the kernel does. */
#include "errors_table.h"

#include <iommuctl/events.h>

#include "abi/iommufd.h"
#include "abi/vfio.h"
#include "nest_fixture.h"

#define NONE UINT32_C(0x99)

static struct vmm vmm;
static struct iommuctl_smmuv3_idr idr;
static uint64_t commands[2][IOMMUCTL_SMMUV3_CMD_WORDS];
static size_t done;

static struct iommuctl_relay *relay(void)
{
	return iommuctl_nest_get_relay(vmm.nest);
}

static int new_relay(struct iommuctl_relay_config config)
{
	struct iommuctl_relay *made;

	config.viommu_id = 5;
	return iommuctl_relay_new(vmm.ctx, &config, &made);
}

static int relay_without_idr(void *data)
{
	(void)data;
	return new_relay((struct iommuctl_relay_config){ 0 });
}

static int relay_batch(void *data)
{
	(void)data;
	return new_relay((struct iommuctl_relay_config){ .idr = &idr, .batch = 64 });
}

static int relay_granule(void *data)
{
	(void)data;
	return new_relay((struct iommuctl_relay_config){ .idr = &idr, .fold = true });
}

static int add_stream(void *data)
{
	(void)data;
	return iommuctl_relay_add_stream(relay(), VSID);
}

static int remove_stream(void *data)
{
	(void)data;
	return iommuctl_relay_remove_stream(relay(), NONE);
}

static int set_ats(void *data)
{
	(void)data;
	return iommuctl_relay_set_ats(relay(), NONE, true);
}

static int issue(uint8_t opcode)
{
	commands[0][0] = IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL;
	commands[1][0] = opcode;
	return iommuctl_relay_issue(relay(), commands, 2, &done, NULL);
}

static int issue_illegal(void *data)
{
	(void)data;
	return issue(0xee);
}

static int issue_sync(void *data)
{
	(void)data;
	return issue(IOMMUCTL_SMMUV3_CMD_SYNC);
}

static int issue_fails(void *data)
{
	(void)data;
	errors_refuse(vmm.script, ABI_HWPT_INVALIDATE);
	return issue(IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
}

static void ignore_sync(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	(void)cmd;
	(void)data;
}

static int fail_silently(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	(void)cmd;
	(void)data;
	return -ENXIO;
}

static const struct iommuctl_cmdq_ops nest_ops = { iommuctl_nest_command, ignore_sync };
static const struct iommuctl_cmdq_ops silent_ops = { fail_silently, ignore_sync };

static struct iommuctl_cmdq make_queue(const struct iommuctl_cmdq_ops *ops)
{
	return (struct iommuctl_cmdq){
		.relay = relay(), .memory = &vmm.ram.memory, .ops = ops, .data = vmm.nest
	};
}

static int queue_without_ops(void *data)
{
	struct iommuctl_cmdq cmdq = make_queue(NULL);

	(void)data;
	return iommuctl_cmdq_init(&cmdq, QUEUE | 3);
}

static int queue_too_large(void *data)
{
	struct iommuctl_cmdq cmdq = make_queue(&nest_ops);

	(void)data;
	cmdq.log2size_max = IOMMUCTL_CMDQ_LOG2SIZE_MAX + 1;
	return iommuctl_cmdq_init(&cmdq, QUEUE | 3);
}

static int queue_not_made(void *data)
{
	struct iommuctl_cmdq cmdq = make_queue(&nest_ops);

	(void)data;
	return iommuctl_cmdq_consume(&cmdq, 1);
}

/* Consumes @words and another TLBI. */
static int consume(const struct iommuctl_cmdq_ops *ops, uint64_t word, uint32_t budget)
{
	const uint64_t words[] = { word, 0, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL, 0 };
	struct iommuctl_cmdq cmdq = make_queue(ops);

	cmdq.budget = budget;
	guest_put_words(&vmm.ram, QUEUE, words, ARRAY_SIZE(words));
	cr_assert_eq(iommuctl_cmdq_init(&cmdq, QUEUE | 3), 0);
	return iommuctl_cmdq_consume(&cmdq, 2);
}

static int consume_fails(void *data)
{
	(void)data;
	errors_refuse(vmm.script, ABI_HWPT_INVALIDATE);
	return consume(&nest_ops, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL, 0);
}

static int consume_silent(void *data)
{
	(void)data;
	return consume(&silent_ops, IOMMUCTL_SMMUV3_CMD_CFGI_STE, 0);
}

static int consume_ste(void *data)
{
	(void)data;
	guest_put_words(&vmm.ram, STREAMS + VSID * UINT64_C(64), (uint64_t[]){ STE_S1 }, 1);
	errors_refuse(vmm.script, ABI_HWPT_ALLOC);
	return consume(&nest_ops, IOMMUCTL_SMMUV3_CMD_CFGI_STE | (uint64_t)VSID << 32, 0);
}

static int new_nest(void *data)
{
	const struct iommuctl_nest_config config = {
		.iommufd = vmm.iommufd, .dev_id = vmm.dev_ids[0], .ioas_id = vmm.ioas, .batch = 64
	};
	struct iommuctl_nest *made;

	(void)data;
	return iommuctl_nest_new(vmm.ctx, &config, &made);
}

static int new_nest_fails(void *data)
{
	errors_refuse(vmm.script, ABI_VIOMMU_ALLOC);
	return new_nest(data);
}

static int add_device(void *data)
{
	(void)data;
	return vmm_add(&vmm, 1, VSID);
}

static int add_device_fails(void *data)
{
	(void)data;
	errors_refuse(vmm.script, ABI_VDEVICE_ALLOC);
	return vmm_add(&vmm, 1, VSID_2);
}

static int add_device_not_attached(void *data)
{
	(void)data;
	errors_refuse(vmm.script, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	return vmm_add(&vmm, 1, VSID_2);
}

static int remove_device(void *data)
{
	(void)data;
	return iommuctl_nest_remove_device(vmm.nest, NONE);
}

static int set_no_ste(void *data)
{
	(void)data;
	return vmm_set_ste(&vmm, NONE, STE_S1);
}

static int set_ste_fails(void *data)
{
	(void)data;
	errors_refuse(vmm.script, ABI_HWPT_ALLOC);
	return vmm_set_ste(&vmm, VSID, STE_S1);
}

static int get_refusal(void *data)
{
	struct iommuctl_smmuv3_refusal refusal;

	(void)data;
	return iommuctl_nest_get_refusal(vmm.nest, NONE, &refusal);
}

static int set_stream_table(void *data)
{
	(void)data;
	guest_put_words(&vmm.ram, STREAMS + VSID * UINT64_C(64), (uint64_t[]){ STE_S1 }, 1);
	errors_refuse(vmm.script, ABI_HWPT_ALLOC);
	return iommuctl_nest_set_stream_table(vmm.nest, &vmm.ram.memory, STREAMS, 7);
}

static int clear_stream_table(void *data)
{
	(void)data;
	cr_assert_eq(iommuctl_nest_set_bypass(vmm.nest, false), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	errors_refuse(vmm.script, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	return iommuctl_nest_clear_stream_table(vmm.nest);
}

static int set_bypass(void *data)
{
	(void)data;
	errors_refuse(vmm.script, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	return iommuctl_nest_set_bypass(vmm.nest, true);
}

static int nest_command(void *data)
{
	(void)data;
	return iommuctl_nest_command(
		&(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL },
		vmm.nest);
}

static int feed_events(void *data)
{
	static const unsigned char bytes[4096];
	struct iommuctl_event_reader reader;

	(void)data;
	iommuctl_event_reader_init(&reader, vmm.ctx, -1);
	return iommuctl_event_reader_feed(&reader, bytes, sizeof(bytes));
}

static int next_event(void *data)
{
	struct iommuctl_event_reader reader;

	(void)data;
	iommuctl_event_reader_init(&reader, vmm.ctx, iommuctl_nest_get_event_fd(vmm.nest));
	return iommuctl_event_reader_next(&reader, NULL, NULL);
}

static int next_cmdqv_event(void *data)
{
	struct iommuctl_smmuv3_cmdqv_event event;
	struct iommuctl_event_reader reader;

	(void)data;
	iommuctl_event_reader_init(&reader, vmm.ctx, iommuctl_nest_get_event_fd(vmm.nest));
	return iommuctl_event_reader_next_cmdqv(&reader, &event, NULL);
}

static int next_fault(void *data)
{
	struct iommuctl_fault_reader reader;

	(void)data;
	iommuctl_fault_reader_init(&reader, vmm.ctx, 9, NULL, 0);
	return iommuctl_fault_reader_next(&reader, NULL, NULL);
}

static int respond_fault(void *data)
{
	struct iommuctl_fault_reader reader;

	(void)data;
	iommuctl_fault_reader_init(&reader, vmm.ctx, 9, NULL, 0);
	return iommuctl_fault_reader_respond(&reader, 1, 0);
}

static const char a_stream[] = "StreamID 0x99";

static const struct errors_row rows[] = {
	{ "relay_new", relay_without_idr, EINVAL, "relay_new", "vIOMMU 5" },
	{ "relay_new", relay_batch, EINVAL, "relay_new", "vIOMMU 5" },
	{ "relay_new", relay_granule, EINVAL, "relay_new", "vIOMMU 5" },
	{ "relay_add_stream", add_stream, EEXIST, "relay_add_stream" },
	{ "relay_remove_stream", remove_stream, ENOENT, "relay_remove_stream", NULL },
	{ "relay_set_ats", set_ats, ENOENT, "relay_set_ats" },
	{ "relay_issue", issue_illegal, EIO, "relay_issue", "command 1, opcode 0xee, Opcode" },
	{ "relay_issue", issue_sync, EINVAL, "relay_issue", "command 1, opcode 0x46" },
	{ "relay_issue", issue_fails, ENOMEM, "IOMMU_HWPT_INVALIDATE" },
	{ "cmdq_init", queue_without_ops, EINVAL, "cmdq_init", "CMDQ_BASE 0x40180003" },
	{ "cmdq_init", queue_too_large, EINVAL, "cmdq_init", "CMDQ_BASE 0x40180003" },
	{ "cmdq_consume", queue_not_made, EINVAL, "cmdq_consume", "CMDQ_PROD 0x1" },
	{ "cmdq_consume", consume_fails, ENOMEM, "IOMMU_HWPT_INVALIDATE" },
	{ "cmdq_consume", consume_silent, ENXIO, "cmdq_consume", "CMDQ_CONS 0x0, opcode 0x3" },
	{ "nest_new", new_nest, EINVAL, "relay_new" },
	{ "nest_new", new_nest_fails, ENOMEM, "IOMMU_VIOMMU_ALLOC" },
	{ "nest_add_device", add_device, EEXIST, "nest_add_device", "StreamID 0x42" },
	{ "nest_add_device", add_device_fails, ENOMEM, "IOMMU_VDEVICE_ALLOC" },
	{ "nest_add_device", add_device_not_attached, ENOMEM, "VFIO_DEVICE_ATTACH_IOMMUFD_PT" },
	{ "nest_remove_device", remove_device, ENOENT, "nest_remove_device", a_stream },
	{ "nest_set_ste", set_no_ste, ENOENT, "nest_set_ste", a_stream },
	{ "nest_set_ste", set_ste_fails, ENOMEM, "IOMMU_HWPT_ALLOC" },
	{ "nest_get_refusal", get_refusal, ENOENT, "nest_get_refusal", a_stream },
	{ "nest_set_bypass", set_bypass, ENOMEM, "VFIO_DEVICE_ATTACH_IOMMUFD_PT" },
	{ "nest_set_stream_table", set_stream_table, ENOMEM, "IOMMU_HWPT_ALLOC" },
	{ "nest_command", nest_command, EIO, "nest_command", "opcode 0x30" },
	{ "nest_command", consume_ste, ENOMEM, "IOMMU_HWPT_ALLOC" },
	{ "nest_clear_stream_table", clear_stream_table, ENOMEM, "VFIO_DEVICE_ATTACH_IOMMUFD_PT",
		NULL },
	{ "event_reader_feed", feed_events, E2BIG, "event_reader_feed" },
	{ "event_reader_next", next_event, EINVAL, "event_reader_next" },
	{ "event_reader_next_cmdqv", next_cmdqv_event, EINVAL, "event_reader_next" },
	{ "fault_reader_next", next_fault, EINVAL, "fault_reader_next", "fault queue fd 9" },
	{ "fault_reader_respond", respond_fault, EINVAL, "fault_reader_respond",
		"fault queue fd 9" },
};

const struct errors_table errors_of_objects = { rows, ARRAY_SIZE(rows) };

Test(errors_objects, each_failure_has_a_record_of_its_own)
{
	vmm_start(&vmm, NULL);
	idr = *iommuctl_nest_get_idr(vmm.nest);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int err;

		errors_make_stale(vmm.ctx);
		err = rows[i].run(NULL);
		errors_refuse(vmm.script, 0);
		errors_expect(vmm.ctx, &rows[i], err);
	}
	vmm_stop(&vmm);
}

/* CERROR_ILL, the end of a budget, and a queue that had stopped before. */
Test(errors_objects, what_a_guest_does_is_no_failure)
{
	const struct iommuctl_cmdq_ops *ops = &nest_ops;

	vmm_start(&vmm, NULL);
	errors_make_stale(vmm.ctx);
	cr_expect_eq(consume(ops, 0xee, 0), -EIO);
	cr_expect_null(iommuctl_last_error(vmm.ctx));
	errors_make_stale(vmm.ctx);
	cr_expect_eq(consume(ops, IOMMUCTL_SMMUV3_CMD_SYNC, 1), -EAGAIN);
	cr_expect_null(iommuctl_last_error(vmm.ctx));
	errors_make_stale(vmm.ctx);
	cr_expect_eq(iommuctl_cmdq_consume(
			     &(struct iommuctl_cmdq){
				     .relay = relay(), .ready = true, .cons = 1u << 24 },
			     0),
		-EBUSY);
	cr_expect_null(iommuctl_last_error(vmm.ctx));
	vmm_stop(&vmm);
}
