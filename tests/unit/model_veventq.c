// SPDX-License-Identifier: MIT
#include <poll.h>

#include <iommuctl/smmuv3_event.h>

#include "model_fixture.h"
#include "model_smmu_recorder.h"

TestSuite(model_veventq);

#define VSID UINT64_C(0x42)

struct record {
	struct abi_vevent_header header;
	struct abi_vevent_arm_smmuv3 event;
};

struct queue {
	struct guest guest;
	uint32_t id;
	int fd;
};

static int veventq_alloc(
	struct guest *guest, uint32_t viommu, uint32_t type, uint32_t depth, struct queue *queue)
{
	struct abi_veventq_alloc args = {
		.size = sizeof(args),
		.viommu_id = viommu,
		.type = type,
		.veventq_depth = depth,
	};
	int ret = call(&guest->machine, guest->machine.iommufd, ABI_VEVENTQ_ALLOC, &args);

	if (ret)
		return ret;
	queue->id = args.out_veventq_id;
	queue->fd = (int)args.out_veventq_fd;
	return 0;
}

/* A device with a vDEVICE and a stage 1, whose events go to a queue of this depth. */
static void start(struct queue *queue, uint32_t depth)
{
	struct guest *guest = &queue->guest;
	uint32_t vdevice;

	guest_start(guest);
	cr_assert_eq(vdevice_alloc(&guest->machine, guest->viommu, guest->machine.dev_ids[0], VSID,
			     &vdevice),
		0);
	cr_assert_eq(
		veventq_alloc(guest, guest->viommu, ABI_VEVENTQ_TYPE_ARM_SMMUV3, depth, queue), 0);
	cr_assert_eq(attach(&guest->machine, 0, nested_new(guest, STE_S1)), 0);
}

static void report_event(const struct iommuctl_smmuv3_event *event)
{
	const struct model_stream *stream = &smmu_record.streams[DEVICE_SID];
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];

	cr_assert_eq(iommuctl_smmuv3_event_encode(event, words, NULL), 0);
	stream->event(words, stream->data);
}

static void report(uint64_t inputaddr)
{
	report_event(&(struct iommuctl_smmuv3_event){
		.type = IOMMUCTL_SMMUV3_F_TRANSLATION,
		.streamid = DEVICE_SID,
		.event_class = IOMMUCTL_SMMUV3_EVENT_CLASS_IN,
		.inputaddr = inputaddr,
	});
}

static ssize_t read_queue(struct queue *queue, void *buffer, size_t size)
{
	struct iommuctl_transport *transport = queue->guest.machine.transport;

	return transport->read(transport, queue->fd, buffer, size, IOMMUCTL_STREAM);
}

static bool is_readable(const struct queue *queue)
{
	struct pollfd poll_fd = { .fd = queue->fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 1;
}

Test(model_veventq, checks_its_arguments_in_the_kernels_order)
{
	static const struct {
		uint32_t flags, reserved, type, depth, viommu;
		int expected;
	} cases[] = {
		{ .flags = 1, .type = 1, .depth = 0, .expected = -EOPNOTSUPP },
		{ .reserved = 1, .type = 1, .depth = 0, .expected = -EOPNOTSUPP },
		{ .type = ABI_VEVENTQ_TYPE_DEFAULT, .depth = 0, .expected = -EOPNOTSUPP },
		{ .type = 1, .depth = 0, .viommu = 99, .expected = -EINVAL },
		{ .type = 1, .depth = (1u << 19) + 1, .viommu = 99, .expected = -EINVAL },
		{ .type = 1, .depth = 1, .viommu = 99, .expected = -ENOENT },
		{ .type = 1, .depth = 1u << 19, .expected = 0 },
		{ .type = 1, .depth = 1, .expected = -EEXIST },
		{ .type = 7, .depth = 1, .expected = 0 },
	};
	struct guest guest;

	guest_start(&guest);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct abi_veventq_alloc args = {
			.size = sizeof(args),
			.flags = cases[i].flags,
			.reserved = cases[i].reserved,
			.type = cases[i].type,
			.veventq_depth = cases[i].depth,
			.viommu_id = cases[i].viommu ? cases[i].viommu : guest.viommu,
		};

		cr_expect_eq(call(&guest.machine, guest.machine.iommufd, ABI_VEVENTQ_ALLOC, &args),
			cases[i].expected, "case %zu", i);
	}
	machine_stop(&guest.machine);
}

Test(model_veventq, events_carry_the_vsid_and_count_up)
{
	struct record records[2];
	struct queue queue;

	start(&queue, 8);
	cr_expect_not(is_readable(&queue));
	report(0x1000);
	report(0x2000);
	cr_expect(is_readable(&queue));
	cr_assert_eq(read_queue(&queue, records, sizeof(records)), (ssize_t)sizeof(records));
	for (uint32_t i = 0; i < 2; i++) {
		cr_expect_eq(records[i].header.flags, 0);
		cr_expect_eq(records[i].header.sequence, i);
		cr_expect_eq(le64toh(records[i].event.evt[0]) >> 32, VSID);
		cr_expect_eq(le64toh(records[i].event.evt[2]), (i + 1) * 0x1000);
	}
	cr_expect_not(is_readable(&queue));
	machine_stop(&queue.guest.machine);
}

Test(model_veventq, an_empty_queue_reads_as_0)
{
	struct record record;
	struct queue queue;

	start(&queue, 8);
	cr_expect_eq(read_queue(&queue, &record, sizeof(record)), 0);
	cr_expect_eq(read_queue(&queue, &record, sizeof(record.header) - 1), -EINVAL);
	machine_stop(&queue.guest.machine);
}

Test(model_veventq, a_buffer_takes_whole_events_alone)
{
	unsigned char buffer[2 * sizeof(struct record)];
	struct queue queue;

	start(&queue, 8);
	report(0x1000);
	report(0x2000);
	cr_expect_eq(read_queue(&queue, buffer, sizeof(struct record) - 1), -EINVAL);
	cr_expect_eq(read_queue(&queue, NULL, sizeof(buffer)), -EFAULT);
	cr_expect_eq(
		read_queue(&queue, buffer, sizeof(buffer) - 1), (ssize_t)sizeof(struct record));
	cr_expect(is_readable(&queue));
	cr_expect_eq(read_queue(&queue, buffer, sizeof(buffer)), (ssize_t)sizeof(struct record));
	machine_stop(&queue.guest.machine);
}

Test(model_veventq, a_full_queue_says_how_many_were_lost)
{
	struct {
		struct record records[2];
		struct abi_vevent_header lost;
	} buffer;
	struct queue queue;

	start(&queue, 2);
	for (int i = 0; i < 5; i++)
		report(0x1000);
	cr_assert_eq(read_queue(&queue, &buffer, sizeof(buffer)), (ssize_t)sizeof(buffer));
	cr_expect_eq(buffer.records[1].header.sequence, 1);
	cr_expect_eq(buffer.lost.flags, ABI_VEVENTQ_FLAG_LOST_EVENTS);
	cr_expect_eq(buffer.lost.sequence, 4);
	cr_expect_not(is_readable(&queue));
	machine_stop(&queue.guest.machine);
}

/* The gap in the sequence says as much. */
Test(model_veventq, an_event_takes_the_place_of_the_loss_before_it)
{
	struct record records[3];
	struct queue queue;

	start(&queue, 2);
	for (int i = 0; i < 3; i++)
		report(0x1000);
	cr_assert_eq(read_queue(&queue, records, sizeof(records[0])), (ssize_t)sizeof(records[0]));
	report(0x2000);
	cr_assert_eq(
		read_queue(&queue, records, sizeof(records)), (ssize_t)(2 * sizeof(records[0])));
	cr_expect_eq(records[0].header.sequence, 1);
	cr_expect_eq(records[1].header.sequence, 3);
	machine_stop(&queue.guest.machine);
}

Test(model_veventq, keeps_the_order_while_it_grows_and_wraps)
{
	struct record records[4];
	uint32_t expected = 0;
	struct queue queue;

	start(&queue, 100);
	for (int round = 0; round < 60; round++) {
		for (int i = 0; i < 5; i++)
			report(0x1000);
		cr_assert_eq(
			read_queue(&queue, records, sizeof(records)), (ssize_t)sizeof(records));
		for (int i = 0; i < 4; i++)
			cr_assert_eq(records[i].header.sequence, expected++);
	}
	machine_stop(&queue.guest.machine);
}

Test(model_veventq, gets_stage_1_events_of_eight_types)
{
	static const struct {
		struct iommuctl_smmuv3_event event;
		bool arrives;
	} cases[] = {
		{ { .type = IOMMUCTL_SMMUV3_C_BAD_STE }, true },
		{ { .type = IOMMUCTL_SMMUV3_C_BAD_CD }, true },
		{ { .type = IOMMUCTL_SMMUV3_F_PERMISSION }, true },
		{ { .type = IOMMUCTL_SMMUV3_F_TRANSLATION, .s2 = 1 }, false },
		{ { .type = IOMMUCTL_SMMUV3_F_WALK_EABT }, false },
		{ { .type = IOMMUCTL_SMMUV3_F_CD_FETCH }, false },
	};
	struct record record;
	struct queue queue;

	start(&queue, 8);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		report_event(&cases[i].event);
		cr_expect_eq(read_queue(&queue, &record, sizeof(record)),
			cases[i].arrives ? (ssize_t)sizeof(record) : 0, "case %zu", i);
	}
	machine_stop(&queue.guest.machine);
}

Test(model_veventq, a_device_reports_as_it_was_attached)
{
	struct record record;
	struct queue queue;
	struct machine *machine = &queue.guest.machine;
	const struct model_stream *stream = &smmu_record.streams[DEVICE_SID];

	start(&queue, 8);
	cr_assert_eq(attach(machine, 0, queue.guest.parent), 0);
	report(0x1000);
	cr_expect_eq(
		read_queue(&queue, &record, sizeof(record)), 0, "a paging HWPT reports nothing");
	cr_assert_eq(attach(machine, 0, nested_new(&queue.guest, STE_S1)), 0);
	report(0x1000);
	cr_expect_eq(read_queue(&queue, &record, sizeof(record)), (ssize_t)sizeof(record));
	cr_assert_eq(stream->mode, MODEL_STREAM_NESTED);
	machine_stop(machine);
}

Test(model_veventq, its_open_file_keeps_it)
{
	struct queue queue;
	struct machine *machine = &queue.guest.machine;

	start(&queue, 8);
	cr_expect_eq(destroy(machine, queue.id), -EBUSY);
	cr_expect_eq(machine_close(machine, queue.fd), 0);
	report(0x1000);
	cr_expect_eq(destroy(machine, queue.id), 0);
	report(0x1000);
	cr_expect_eq(veventq_alloc(&queue.guest, queue.guest.viommu, ABI_VEVENTQ_TYPE_ARM_SMMUV3, 1,
			     &queue),
		0);
	machine_stop(machine);
}

Test(model_veventq, outlives_the_file_of_its_iommufd)
{
	struct record record;
	struct queue queue;
	struct machine *machine = &queue.guest.machine;

	start(&queue, 8);
	cr_assert_eq(machine_close(machine, machine->iommufd), 0);
	report(0x1000);
	cr_expect_eq(read_queue(&queue, &record, sizeof(record)), (ssize_t)sizeof(record));
	machine_stop(machine);
}
