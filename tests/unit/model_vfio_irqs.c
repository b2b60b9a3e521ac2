// SPDX-License-Identifier: MIT
/* The interrupts of a device of the model. */
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "model_vfio_fixture.h"

TestSuite(model_vfio_irqs);

#define TRIGGER ABI_VFIO_IRQ_SET_ACTION_TRIGGER
#define MASK	ABI_VFIO_IRQ_SET_ACTION_MASK
#define UNMASK	ABI_VFIO_IRQ_SET_ACTION_UNMASK
#define NONE	ABI_VFIO_IRQ_SET_DATA_NONE
#define BOOL	ABI_VFIO_IRQ_SET_DATA_BOOL
#define EVENTFD ABI_VFIO_IRQ_SET_DATA_EVENTFD
#define INTX	ABI_VFIO_PCI_INTX_IRQ_INDEX
#define MSI	ABI_VFIO_PCI_MSI_IRQ_INDEX
#define MSIX	ABI_VFIO_PCI_MSIX_IRQ_INDEX
#define ERR	ABI_VFIO_PCI_ERR_IRQ_INDEX
#define REQ	ABI_VFIO_PCI_REQ_IRQ_INDEX

static int set_irqs(struct machine *machine, uint32_t index, uint32_t flags, uint32_t start,
	uint32_t count, int32_t data)
{
	union {
		struct abi_vfio_irq_set set;
		unsigned char bytes[sizeof(struct abi_vfio_irq_set) + sizeof(data)];
	} args = {
		.set = {
			.argsz = sizeof(args),
			.flags = flags,
			.index = index,
			.start = start,
			.count = count,
		},
	};

	memcpy(args.bytes + sizeof(args.set), &data, sizeof(data));
	return call(machine, machine->devices[0], ABI_VFIO_DEVICE_SET_IRQS, &args);
}

/* How often it was written since the last time. */
static uint64_t fired(int eventfd_fd)
{
	uint64_t value = 0;

	return read(eventfd_fd, &value, sizeof(value)) == sizeof(value) ? value : 0;
}

static int new_eventfd(void)
{
	int fd = eventfd(0, EFD_NONBLOCK);

	cr_assert_geq(fd, 0);
	return fd;
}

Test(model_vfio_irqs, set_irqs_checks_its_numbers_first)
{
	struct machine machine;
	const int fd = new_eventfd();
	static const struct {
		uint32_t index, flags, start, count;
		int expected;
	} cases[] = {
		{ MSI, TRIGGER | EVENTFD, 1, 1, -EINVAL },
		{ MSI, TRIGGER | EVENTFD, 0, 2, -EINVAL },
		{ MSI, TRIGGER | EVENTFD, 0, 0, -ERANGE },
		{ MSI, TRIGGER | EVENTFD, 1, UINT32_MAX - 1, -EINVAL },
		{ MSI, TRIGGER | EVENTFD | BOOL, 0, 1, -EINVAL },
		{ MSI, TRIGGER | EVENTFD | 64, 0, 1, -EINVAL },
		{ MSI, NONE, 0, 1, -ENOTTY },
		{ MSI, NONE | MASK, 0, 1, -ENOTTY },
		{ MSI, NONE | MASK | TRIGGER, 0, 1, -ENOTTY },
		{ MSI, NONE | TRIGGER, 0, 0, -EINVAL },
		{ MSI, NONE | TRIGGER, 0, 1, -EINVAL },
		{ MSIX, EVENTFD | TRIGGER, 0, 1, -EINVAL },
		{ 5, EVENTFD | TRIGGER, 0, 1, -EINVAL },
		{ INTX, NONE | MASK, 0, 1, -EINVAL },
		{ INTX, NONE | TRIGGER, 0, 1, -EINVAL },
		{ ERR, NONE | TRIGGER, 0, 1, -EINVAL },
		{ ERR, EVENTFD | TRIGGER, 0, 0, -EINVAL },
		{ ERR, EVENTFD | TRIGGER, 0, 1, 0 },
		{ ERR, NONE | TRIGGER, 0, 1, 0 },
		{ ERR, NONE | TRIGGER, 0, 0, 0 },
		{ ERR, NONE | MASK, 0, 1, -ENOTTY },
		{ REQ, EVENTFD | TRIGGER, 0, 1, 0 },
	};

	machine_start(&machine, NULL);
	machine_bind(&machine);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(set_irqs(&machine, cases[i].index, cases[i].flags, cases[i].start,
				     cases[i].count, fd),
			cases[i].expected, "case %zu", i);
	cr_expect_eq(fired(fd), 1);
	machine_stop(&machine);
}

Test(model_vfio_irqs, a_trigger_is_an_eventfd)
{
	struct machine machine;
	int pipe_fds[2];

	cr_assert_eq(pipe(pipe_fds), 0);
	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(attach(&machine, 0, ioas_new(&machine)), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, pipe_fds[0]), -EINVAL);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, machine.iommufd), -EINVAL);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, 9999), -EBADF);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | NONE, 0, 0, 0), -EINVAL, "it is off again");
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, -1), 0);
	cr_expect_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, -1), -EINVAL);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | NONE, 0, 0, 0), 0);
	machine_stop(&machine);
}

/* Linux 7.3 loses the vector when it fails: seen in the rig. */
Test(model_vfio_irqs, a_msi_is_set_up_while_attached_or_never)
{
	struct machine machine;
	const int fd = new_eventfd();
	uint32_t ioas;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	ioas = ioas_new(&machine);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | NONE, 0, 0, 0), 0);
	cr_assert_eq(detach(&machine, 0), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), -ENOSPC);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), -ENOSPC);
	machine_stop(&machine);
}

Test(model_vfio_irqs, a_msi_goes_to_the_doorbell_through_what_is_attached)
{
	struct machine machine;
	const int fd = new_eventfd();
	uint32_t ioas;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	ioas = ioas_new(&machine);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 0, "it cannot master the bus");
	set_command(&machine, MEMORY | MASTER);
	write32(&machine, 1, EDU_IRQ_RAISE);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 2);
	cr_assert_eq(detach(&machine, 0), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 0);
	cr_expect_eq(smmu_record.last_iova, DOORBELL);
	cr_assert_eq(attach(&machine, 0, ioas_new(&machine)), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 1, "the doorbell is mapped wherever the device goes");
	machine_stop(&machine);
}

Test(model_vfio_irqs, a_msi_that_no_one_takes_goes_nowhere)
{
	struct machine machine;
	const int fd = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(attach(&machine, 0, ioas_new(&machine)), 0);
	set_command(&machine, MEMORY | MASTER);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, -1), 0);
	smmu_record.last_iova = 1;
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(smmu_record.last_iova, 0);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 1);
	machine_stop(&machine);
}

Test(model_vfio_irqs, a_msi_that_no_one_has_taken_yet_waits)
{
	struct machine machine;
	const int fd = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(attach(&machine, 0, ioas_new(&machine)), 0);
	set_command(&machine, MEMORY | MASTER);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, -1), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_assert_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_expect_eq(fired(fd), 1);
	machine_stop(&machine);
}

Test(model_vfio_irqs, intx_masks_itself)
{
	struct machine machine;
	const int fd = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, fd), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 1);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | NONE, 0, 1, 0), 0);
	cr_expect_eq(fired(fd), 1, "it is still up");
	write32(&machine, 1, EDU_IRQ_ACK);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | NONE, 0, 1, 0), 0);
	cr_expect_eq(fired(fd), 0);
	cr_assert_eq(set_irqs(&machine, INTX, MASK | NONE, 0, 1, 0), 0);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 0);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | BOOL, 0, 1, 1), 0);
	cr_expect_eq(fired(fd), 1);
	cr_expect_eq(set_irqs(&machine, INTX, MASK | EVENTFD, 0, 1, fd), -ENOTTY);
	cr_expect_eq(set_irqs(&machine, MSI, TRIGGER | EVENTFD, 0, 1, fd), -EINVAL);
	cr_expect_eq(set_irqs(&machine, INTX, TRIGGER | NONE, 0, 0, 0), 0);
	machine_stop(&machine);
}

Test(model_vfio_irqs, intx_follows_the_command_register)
{
	struct machine machine;
	const int fd = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, fd), 0);
	set_command(&machine, MEMORY | INTX_DISABLE);
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | NONE, 0, 1, 0), 0);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | NONE, 0, 1, 0), 0);
	cr_expect_eq(fired(fd), 0);
	set_command(&machine, MEMORY);
	cr_expect_eq(fired(fd), 1);
	machine_stop(&machine);
}

Test(model_vfio_irqs, an_eventfd_unmasks_intx)
{
	const uint64_t one = 1;
	struct machine machine;
	const int fd = new_eventfd();
	const int unmask = new_eventfd();

	machine_start(&machine, NULL);
	machine_bind(&machine);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_assert_eq(set_irqs(&machine, INTX, UNMASK | EVENTFD, 0, 1, unmask), 0);
	cr_expect_eq(set_irqs(&machine, INTX, UNMASK | EVENTFD, 0, 1, unmask), -EBUSY);
	write32(&machine, 1, EDU_IRQ_RAISE);
	write32(&machine, 1, EDU_IRQ_ACK);
	cr_assert_eq(write(unmask, &one, sizeof(one)), (ssize_t)sizeof(one));
	write32(&machine, 1, EDU_IRQ_RAISE);
	cr_expect_eq(fired(fd), 2);
	machine_stop(&machine);
}

Test(model_vfio_irqs, a_closed_device_has_its_configuration_back)
{
	struct machine machine;
	const int fd = new_eventfd();
	uint16_t command;

	machine_start(&machine, NULL);
	machine_bind(&machine);
	set_command(&machine, MEMORY | MASTER | INTX_DISABLE);
	cr_assert_eq(set_irqs(&machine, INTX, TRIGGER | EVENTFD, 0, 1, fd), 0);
	cr_assert_eq(machine_close(&machine, machine.devices[0]), 0);
	machine.devices[0] = machine_open_file(&machine, "/dev/vfio/devices/vfio0");
	cr_assert_eq(
		bind_device(&machine, machine.devices[0], machine.iommufd, &machine.dev_ids[0]), 0);
	cr_assert_eq(region_read(&machine, &command, sizeof(command), COMMAND), 2);
	cr_expect_eq(le16toh(command), MEMORY);
	cr_expect_eq(set_irqs(&machine, INTX, TRIGGER | NONE, 0, 1, 0), -EINVAL);
	machine_stop(&machine);
}

static int open_again(struct machine *machine)
{
	return machine->transport->open(machine->transport, "/dev/vfio/devices/vfio0", 2);
}

Test(model_vfio_irqs, a_device_that_the_host_wants_fires_its_request_until_it_is_closed)
{
	static const bool returns[] = { false, true };

	for (size_t i = 0; i < ARRAY_SIZE(returns); i++) {
		struct machine machine;
		const int fd = new_eventfd();

		machine_start(&machine, NULL);
		machine_bind(&machine);
		cr_assert_eq(set_irqs(&machine, REQ, TRIGGER | EVENTFD, 0, 1, fd), 0);
		cr_expect_eq(fired(fd), 0);
		cr_assert_eq(iommuctl_model_unplug(machine.model, 0, returns[i]), 0);
		cr_expect_eq(fired(fd), 1);
		cr_assert_eq(set_irqs(&machine, REQ, TRIGGER | EVENTFD, 0, 1, fd), 0);
		cr_expect_eq(fired(fd), 1, "one that listens late is told");
		cr_expect_eq(open_again(&machine), -ENOENT);
		cr_assert_eq(machine_close(&machine, machine.devices[0]), 0);
		machine.devices[0] = open_again(&machine);
		cr_expect_eq(machine.devices[0] >= 0, returns[i]);
		cr_expect_eq(fired(fd), 0);
		machine_stop(&machine);
	}
}

Test(model_vfio_irqs, a_device_that_is_not_there_is_not_wanted)
{
	struct machine machine;

	machine_start(&machine, NULL);
	cr_expect_eq(iommuctl_model_unplug(machine.model, 1024, false), -EINVAL);
	machine_stop(&machine);
}
