// SPDX-License-Identifier: MIT
/* Interrupts and events of a device in a nest: what arrives, and what is reported when nothing does. */
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <iommuctl/events.h>
#include <iommuctl/msi.h>

#include "nest_fixture.h"

#define EDU_IRQ_RAISE 0x60
#define EDU_IRQ_ACK   0x64
#define EVENT_DEPTH   8 /* as in the fixture */

static const struct iommuctl_reserved_region window = { 0x8000000, 0x80fffff,
	IOMMUCTL_RESERVED_MSI };

static struct vmm vmm;
static struct iommuctl_event_reader reader;
static struct iommuctl_vfio_region_info bar;
static int irq;

static void set_up(void)
{
	vmm_start(&vmm, NULL);
	iommuctl_event_reader_init(&reader, vmm.ctx, iommuctl_nest_get_event_fd(vmm.nest));
	cr_assert_eq(iommuctl_vfio_region_get_info(
			     vmm.ctx, vmm.devices[0], IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &bar),
		0);
	irq = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	cr_assert_geq(irq, 0);
}

static void tear_down(void)
{
	close(irq);
	vmm_stop(&vmm);
}

TestSuite(nest_msi, .init = set_up, .fini = tear_down);

static void write_register(uint64_t offset)
{
	const uint32_t value = htole32(1);

	cr_assert_eq(iommuctl_vfio_region_write(
			     vmm.ctx, vmm.devices[0], &bar, offset, &value, sizeof(value)),
		0);
}

static bool interrupt_arrives(void)
{
	uint64_t count = 0;

	write_register(EDU_IRQ_RAISE);
	write_register(EDU_IRQ_ACK);
	return read(irq, &count, sizeof(count)) == (ssize_t)sizeof(count) && count == 1;
}

static bool next_event(struct iommuctl_smmuv3_event *event)
{
	int err = iommuctl_event_reader_next(&reader, event, NULL);

	cr_assert(err == 0 || err == -EAGAIN, "%d", err);
	return !err;
}

static enum iommuctl_msi_problem check(void)
{
	const struct iommuctl_smmuv3_cd cd = make_cd(&vmm.stage1);
	struct iommuctl_msi_finding finding;

	cr_assert_eq(
		iommuctl_msi_check_stage1(&vmm.ram.memory, &cd, window.start, PAGE, &finding), 0);
	return finding.problem;
}

Test(nest_msi, arrives_once_stage_1_has_the_doorbell)
{
	struct iommuctl_smmuv3_event event;

	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_assert_eq(iommuctl_vfio_irqs_enable(
			     vmm.ctx, vmm.devices[0], IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 0, &irq, 1),
		0);
	cr_expect_eq(check(), IOMMUCTL_MSI_NOT_MAPPED);
	cr_expect_not(interrupt_arrives());
	cr_assert(next_event(&event));
	cr_expect_eq(event.type, IOMMUCTL_SMMUV3_F_TRANSLATION);
	cr_expect_eq(event.streamid, VSID);
	cr_expect(event.inputaddr >= window.start && event.inputaddr <= window.last);

	cr_assert_eq(
		iommuctl_msi_map_stage1(&vmm.stage1, guest_mair, &window, window.start, PAGE, NULL),
		0);
	cr_expect_eq(check(), IOMMUCTL_MSI_FINE);
	cr_expect(interrupt_arrives());
	cr_expect(interrupt_arrives());
	cr_expect_not(next_event(&event));
}

Test(nest_msi, a_read_only_doorbell_is_found_out)
{
	static const struct iommuctl_stage1_attributes read_only = {
		.permissions = IOMMUCTL_STAGE1_READ,
		.attr_index = 1,
		.access_flag = true,
	};
	struct iommuctl_smmuv3_event event;

	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_assert_eq(
		iommuctl_stage1_map(&vmm.stage1, window.start, window.start, PAGE, &read_only, 0),
		0);
	cr_assert_eq(iommuctl_vfio_irqs_enable(
			     vmm.ctx, vmm.devices[0], IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 0, &irq, 1),
		0);
	cr_expect_eq(check(), IOMMUCTL_MSI_NOT_WRITABLE);
	cr_expect_not(interrupt_arrives());
	cr_assert(next_event(&event));
	cr_expect_eq(event.type, IOMMUCTL_SMMUV3_F_PERMISSION);
}

Test(nest_msi, needs_no_stage_1_in_bypass)
{
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_BYPASS), 0);
	cr_assert_eq(iommuctl_vfio_irqs_enable(
			     vmm.ctx, vmm.devices[0], IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 0, &irq, 1),
		0);
	cr_expect(interrupt_arrives());
}

static bool waits(void)
{
	struct pollfd poll_fd = { .fd = reader.fd, .events = POLLIN };

	return poll(&poll_fd, 1, 0) == 1;
}

Test(nest_msi, events_come_one_by_one_with_the_guests_stream_id)
{
	struct iommuctl_smmuv3_event event;

	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	cr_expect_not(waits());
	cr_expect_not(next_event(&event));
	for (uint64_t i = 1; i <= 3; i++)
		cr_expect_eq(dma(&vmm, 0, i << 20), -EIO);
	cr_expect(waits());
	for (uint64_t i = 1; i <= 3; i++) {
		cr_assert(next_event(&event));
		cr_expect_eq(event.streamid, VSID);
		cr_expect_eq(event.inputaddr, i << 20);
	}
	cr_expect_not(waits());
	cr_expect_not(next_event(&event));
}

Test(nest_msi, lost_events_are_counted)
{
	struct iommuctl_smmuv3_event event;
	uint64_t lost;

	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	for (uint64_t i = 0; i < EVENT_DEPTH + 5; i++)
		cr_expect_eq(dma(&vmm, 0, 0), -EIO);
	for (uint64_t i = 0; i < EVENT_DEPTH; i++) {
		cr_assert_eq(iommuctl_event_reader_next(&reader, &event, &lost), 0);
		cr_expect_eq(lost, 0);
	}
	cr_expect_eq(iommuctl_event_reader_next(&reader, &event, &lost), -EAGAIN);
	cr_expect_eq(lost, 5);
	cr_expect_eq(dma(&vmm, 0, 0), -EIO);
	cr_assert_eq(iommuctl_event_reader_next(&reader, &event, &lost), 0);
	cr_expect_eq(lost, 0);
	cr_expect_eq(reader.lost, 5);
	cr_expect_eq(reader.received, EVENT_DEPTH + 1);
}

Test(nest_msi, a_page_fault_queue_of_the_model_is_empty)
{
	struct iommuctl_pgfault room[4];
	const struct iommuctl_pgfault *group;
	struct iommuctl_fault_reader faults;
	uint32_t id;
	size_t count;
	int fd;

	cr_assert_eq(iommuctl_fault_queue_alloc(vmm.ctx, vmm.iommufd, &id, &fd), 0);
	iommuctl_fault_reader_init(&faults, vmm.ctx, fd, room, ARRAY_SIZE(room));
	cr_expect_eq(iommuctl_fault_reader_next(&faults, &group, &count), -EAGAIN);
	cr_expect_eq(
		iommuctl_fault_reader_respond(&faults, 1, IOMMUCTL_PAGE_RESP_SUCCESS), -EINVAL);
	cr_assert_eq(iommuctl_close(vmm.ctx, fd), 0);
	cr_assert_eq(iommuctl_destroy(vmm.ctx, vmm.iommufd, id), 0);
}
