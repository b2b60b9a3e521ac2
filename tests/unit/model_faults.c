// SPDX-License-Identifier: MIT
/* The model's page faults: what its SMMU stalls, by the kernel's rules for fault queues. */
#include <poll.h>

#include <iommuctl/smmuv3_event.h>

#include "model_fixture.h"
#include "model_smmu_recorder.h"

TestSuite(model_faults);

#define VSID UINT64_C(0x42)

struct queue {
	struct guest guest;
	uint32_t id;
	int fd;
};

static uint32_t hwpt_new(struct queue *queue)
{
	const struct abi_hwpt_arm_smmuv3 ste = { .ste = { htole64(STE_S1), 0 } };
	uint32_t id = 0;

	cr_assert_eq(hwpt_alloc(&queue->guest.machine,
			     (struct abi_hwpt_alloc){
				     .flags = ABI_HWPT_FAULT_ID_VALID,
				     .dev_id = queue->guest.machine.dev_ids[0],
				     .pt_id = queue->guest.viommu,
				     .data_type = ABI_HWPT_DATA_ARM_SMMUV3,
				     .data_len = sizeof(ste),
				     .data_uptr = (uintptr_t)&ste,
				     .fault_id = queue->id,
			     },
			     &id),
		0);
	return id;
}

/* A device whose stage 1 reports page faults to a queue. */
static void start(struct queue *queue)
{
	struct abi_fault_alloc args = { .size = sizeof(args) };
	struct machine *machine = &queue->guest.machine;
	uint32_t vdevice;

	guest_start(&queue->guest);
	cr_assert_eq(
		vdevice_alloc(machine, queue->guest.viommu, machine->dev_ids[0], VSID, &vdevice),
		0);
	cr_assert_eq(call(machine, machine->iommufd, ABI_FAULT_QUEUE_ALLOC, &args), 0);
	queue->id = args.out_fault_id;
	queue->fd = (int)args.out_fault_fd;
	cr_assert_eq(attach(machine, 0, hwpt_new(queue)), 0);
}

/* Whether what the SMMU has stalled is held. */
static bool stall(const struct iommuctl_smmuv3_event *how)
{
	const struct model_stream *stream = &smmu_record.streams[DEVICE_SID];
	struct iommuctl_smmuv3_event event = *how;
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];

	event.type = IOMMUCTL_SMMUV3_F_TRANSLATION;
	event.streamid = DEVICE_SID;
	event.event_class = IOMMUCTL_SMMUV3_EVENT_CLASS_IN;
	event.stall = 1;
	cr_assert_eq(iommuctl_smmuv3_event_encode(&event, words, NULL), 0);
	return stream->event(words, stream->data);
}

static ssize_t read_queue(struct queue *queue, struct abi_hwpt_pgfault *faults, size_t count)
{
	struct iommuctl_transport *transport = queue->guest.machine.transport;

	return transport->read(
		transport, queue->fd, faults, count * sizeof(*faults), IOMMUCTL_STREAM);
}

static ssize_t respond(struct queue *queue, uint32_t cookie, uint32_t code)
{
	const struct abi_hwpt_page_response response = { .cookie = cookie, .code = code };
	struct iommuctl_transport *transport = queue->guest.machine.transport;

	return transport->write(transport, queue->fd, &response, sizeof(response), IOMMUCTL_STREAM);
}

static bool is_readable(const struct queue *queue)
{
	struct pollfd poll_fd = { .fd = queue->fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 1;
}

Test(model_faults, a_stall_is_a_group_of_one)
{
	static const struct {
		struct iommuctl_smmuv3_event event;
		struct abi_hwpt_pgfault fault;
	} cases[] = {
		{ { .stag = 7, .rnw = 1, .inputaddr = 0x5004 },
			{ .flags = ABI_PGFAULT_FLAGS_LAST_PAGE,
				.grpid = 7,
				.perm = ABI_PGFAULT_PERM_READ,
				.addr = 0x5004,
				.cookie = 1 } },
		{ { .stag = 8, .ssv = 1, .substreamid = 3, .pnu = 1, .inputaddr = 0x6000 },
			{ .flags = ABI_PGFAULT_FLAGS_LAST_PAGE | ABI_PGFAULT_FLAGS_PASID_VALID,
				.grpid = 8,
				.pasid = 3,
				.perm = ABI_PGFAULT_PERM_WRITE | ABI_PGFAULT_PERM_PRIV,
				.addr = 0x6000,
				.cookie = 2 } },
		{ { .stag = 9, .rnw = 1, .ind = 1, .inputaddr = 0x7000 },
			{ .flags = ABI_PGFAULT_FLAGS_LAST_PAGE,
				.grpid = 9,
				.perm = ABI_PGFAULT_PERM_READ | ABI_PGFAULT_PERM_EXEC,
				.addr = 0x7000,
				.cookie = 3 } },
	};
	struct abi_hwpt_pgfault found[4], wanted;
	struct queue queue;

	start(&queue);
	cr_expect_not(is_readable(&queue));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect(stall(&cases[i].event));
	cr_expect(is_readable(&queue));
	cr_expect_eq(read_queue(&queue, found, 0), -EINVAL);
	cr_assert_eq(read_queue(&queue, found, 4), (ssize_t)(3 * sizeof(*found)));
	cr_expect_not(is_readable(&queue));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		wanted = cases[i].fault;
		wanted.dev_id = queue.guest.machine.dev_ids[0];
		cr_expect_eq(memcmp(&found[i], &wanted, sizeof(wanted)), 0, "case %zu", i);
	}
	machine_stop(&queue.guest.machine);
}

Test(model_faults, only_what_was_read_is_answered_and_once)
{
	struct abi_hwpt_pgfault fault;
	struct queue queue;

	start(&queue);
	cr_expect(stall(&(struct iommuctl_smmuv3_event){ .stag = 1 }));
	cr_expect_eq(respond(&queue, 0, ABI_PAGE_RESP_SUCCESS), -EINVAL);
	cr_expect_eq(respond(&queue, 1, ABI_PAGE_RESP_SUCCESS), -EINVAL);
	cr_assert_eq(read_queue(&queue, &fault, 1), (ssize_t)sizeof(fault));
	cr_expect_eq(respond(&queue, fault.cookie, 2), -EINVAL);
	cr_expect_eq(respond(&queue, fault.cookie, ABI_PAGE_RESP_INVALID), 8);
	cr_expect_eq(respond(&queue, fault.cookie, ABI_PAGE_RESP_INVALID), -EINVAL);
	machine_stop(&queue.guest.machine);
}

Test(model_faults, a_cookie_that_was_answered_comes_again)
{
	struct abi_hwpt_pgfault faults[2];
	struct queue queue;

	start(&queue);
	stall(&(struct iommuctl_smmuv3_event){ .stag = 1 });
	stall(&(struct iommuctl_smmuv3_event){ .stag = 2 });
	read_queue(&queue, faults, 2);
	cr_expect_eq(respond(&queue, 1, ABI_PAGE_RESP_SUCCESS), 8);
	stall(&(struct iommuctl_smmuv3_event){ .stag = 3 });
	cr_assert_eq(read_queue(&queue, faults, 2), (ssize_t)sizeof(*faults));
	cr_expect(faults[0].grpid == 3 && faults[0].cookie == 1);
	machine_stop(&queue.guest.machine);
}

Test(model_faults, a_device_that_is_detached_or_replaced_is_answered)
{
	struct abi_hwpt_pgfault fault;
	struct queue queue;
	struct machine *machine = &queue.guest.machine;

	start(&queue);
	stall(&(struct iommuctl_smmuv3_event){ .stag = 1 });
	read_queue(&queue, &fault, 1);
	cr_assert_eq(attach(machine, 0, hwpt_new(&queue)), 0);
	cr_expect_eq(respond(&queue, fault.cookie, ABI_PAGE_RESP_SUCCESS), -EINVAL);
	stall(&(struct iommuctl_smmuv3_event){ .stag = 2 });
	cr_expect(is_readable(&queue));
	cr_assert_eq(detach(machine, 0), 0);
	cr_expect_not(is_readable(&queue));
	cr_expect_eq(read_queue(&queue, &fault, 1), 0);
	machine_stop(machine);
}

Test(model_faults, a_stall_that_nobody_answers_is_not_held)
{
	struct queue queue;

	start(&queue);
	cr_assert_eq(attach(&queue.guest.machine, 0, nested_new(&queue.guest, STE_S1)), 0);
	cr_expect_not(stall(&(struct iommuctl_smmuv3_event){ .stag = 1 }));
	machine_stop(&queue.guest.machine);
}
