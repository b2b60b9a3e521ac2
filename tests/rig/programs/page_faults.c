// SPDX-License-Identifier: MIT
/*
 * page_faults: page faults of the kernel's own test device (IOMMUFD_TEST), through the reader of faults.
 * No SMMU of QEMU stalls, so that this is where a real kernel hands them out.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <iommuctl/iommuctl.h>

/* Numbers and layout of the test device: drivers/iommu/iommufd/iommufd_test.h, Linux 7.3. */
#define TEST_COMMAND	   _IO(';', 0xa0)
#define TEST_MOCK_DOMAIN   2
#define TEST_REPLACE	   10
#define TEST_TRIGGER_FAULT 15

struct test_command {
	uint32_t size;
	uint32_t op;
	uint32_t id;
	uint32_t reserved;
	union {
		struct {
			uint32_t device; /* to replace what it is attached to */
			uint32_t hwpt;
			uint32_t dev_id;
		} made;
		uint32_t pt_id;
		struct {
			uint32_t dev_id;
			uint32_t pasid;
			uint32_t grpid;
			uint32_t perm;
			uint64_t addr;
		} fault;
		uint64_t room[6];
	};
	uint32_t last;
};

#define GROUPS	   3
#define ROOM	   2	 /* so that it takes several reads */
#define PATIENCE   60000 /* milliseconds */
#define ADDRESS(n) (UINT64_C(0x10000) * (n))

struct machine {
	struct iommuctl *ctx;
	int iommufd;
	uint32_t ioas;
	uint32_t device;
	uint32_t dev_id;
	uint32_t queue;
	int queue_fd;
	uint32_t hwpt;
	struct iommuctl_pgfault room[ROOM];
	struct iommuctl_fault_reader reader;
	unsigned int checks;
	unsigned int differ;
};

static void expect(struct machine *machine, bool condition, const char *what)
{
	machine->checks++;
	if (condition)
		return;
	machine->differ++;
	printf("differs: %s\n", what);
}

static int command(struct machine *machine, struct test_command *args)
{
	args->size = sizeof(*args);
	return ioctl(machine->iommufd, TEST_COMMAND, args) ? -errno : 0;
}

static int attach(struct machine *machine, uint32_t pt_id)
{
	struct test_command args = { .op = TEST_REPLACE, .id = machine->device, .pt_id = pt_id };

	return command(machine, &args);
}

static int raise_fault(struct machine *machine, uint32_t grpid)
{
	struct test_command args = {
		.op = TEST_TRIGGER_FAULT,
		.fault = { .dev_id = machine->dev_id,
			.grpid = grpid,
			.perm = IOMMUCTL_PGFAULT_PERM_WRITE,
			.addr = ADDRESS(grpid) },
	};

	return command(machine, &args);
}

static int start(struct machine *machine)
{
	struct test_command made = { .op = TEST_MOCK_DOMAIN };
	struct iommuctl_hwpt_alloc_args hwpt = { .flags = IOMMUCTL_HWPT_FAULT_ID_VALID };
	int err = iommuctl_iommufd_open(machine->ctx, &machine->iommufd);

	if (!err)
		err = iommuctl_ioas_alloc(machine->ctx, machine->iommufd, &machine->ioas);
	made.id = machine->ioas;
	if (!err)
		err = command(machine, &made);
	if (err)
		return err;
	machine->device = made.made.device;
	machine->dev_id = made.made.dev_id;
	err = iommuctl_fault_queue_alloc(
		machine->ctx, machine->iommufd, &machine->queue, &machine->queue_fd);
	hwpt.dev_id = machine->dev_id;
	hwpt.pt_id = machine->ioas;
	hwpt.fault_id = machine->queue;
	if (!err)
		err = iommuctl_hwpt_alloc(machine->ctx, machine->iommufd, &hwpt, &machine->hwpt);
	if (!err)
		err = attach(machine, machine->hwpt);
	iommuctl_fault_reader_init(
		&machine->reader, machine->ctx, machine->queue_fd, machine->room, ROOM);
	return err;
}

/* The next group, which the kernel may have to be waited for. */
static int next(struct machine *machine, struct iommuctl_pgfault *fault)
{
	struct pollfd wait = { .fd = machine->queue_fd, .events = POLLIN };
	const struct iommuctl_pgfault *group;
	size_t count;
	int err = iommuctl_fault_reader_next(&machine->reader, &group, &count);

	if (err == -EAGAIN && poll(&wait, 1, PATIENCE) == 1)
		err = iommuctl_fault_reader_next(&machine->reader, &group, &count);
	if (err)
		return err;
	expect(machine, count == 1, "a group has one fault");
	*fault = group[0];
	return 0;
}

static int read_groups(struct machine *machine, uint32_t cookies[GROUPS])
{
	for (uint32_t i = 0; i < GROUPS; i++) {
		struct iommuctl_pgfault fault;
		int err = next(machine, &fault);

		if (err)
			return err;
		expect(machine, fault.dev_id == machine->dev_id, "the device");
		expect(machine, fault.grpid == i + 1, "the group");
		expect(machine, fault.addr == ADDRESS(i + 1), "the address");
		expect(machine, fault.perm == IOMMUCTL_PGFAULT_PERM_WRITE, "the permission");
		expect(machine, fault.flags == IOMMUCTL_PGFAULT_FLAGS_LAST_PAGE, "the flags");
		cookies[i] = fault.cookie;
	}
	return 0;
}

static int respond(struct machine *machine, uint32_t cookie, uint32_t code)
{
	return iommuctl_fault_reader_respond(&machine->reader, cookie, code);
}

static int run(struct machine *machine)
{
	const struct iommuctl_pgfault *group;
	uint32_t cookies[GROUPS];
	size_t count;
	int err = 0;

	expect(machine, iommuctl_fault_reader_next(&machine->reader, &group, &count) == -EAGAIN,
		"no fault waits");
	for (uint32_t grpid = 1; !err && grpid <= GROUPS; grpid++)
		err = raise_fault(machine, grpid);
	if (!err)
		err = read_groups(machine, cookies);
	if (err)
		return err;
	expect(machine, respond(machine, cookies[0], 2) == -EINVAL, "a code that there is not");
	expect(machine, !respond(machine, cookies[0], IOMMUCTL_PAGE_RESP_SUCCESS), "success");
	expect(machine, !respond(machine, cookies[1], IOMMUCTL_PAGE_RESP_INVALID), "invalid");
	expect(machine, respond(machine, cookies[0], IOMMUCTL_PAGE_RESP_SUCCESS) == -EINVAL,
		"an answer is given once");
	err = attach(machine, machine->ioas);
	expect(machine, respond(machine, cookies[2], IOMMUCTL_PAGE_RESP_SUCCESS) == -EINVAL,
		"what was detached is not answered");
	return err;
}

/* The queue goes last: the HWPT uses it, and its file keeps it. */
static int stop(struct machine *machine)
{
	int err = iommuctl_destroy(machine->ctx, machine->iommufd, machine->hwpt);

	if (!err)
		err = iommuctl_close(machine->ctx, machine->queue_fd);
	return err ? err : iommuctl_destroy(machine->ctx, machine->iommufd, machine->queue);
}

int main(void)
{
	struct machine machine = { 0 };
	int err;

	if (iommuctl_new(NULL, &machine.ctx))
		return 2;
	err = start(&machine);
	if (!err)
		err = run(&machine);
	if (!err)
		err = stop(&machine);
	if (err)
		fprintf(stderr, "page_faults: %s\n", strerror(-err));
	printf("page faults: %u checks, %u differ\n", machine.checks, machine.differ);
	iommuctl_free(machine.ctx);
	return err || machine.differ ? 1 : 0;
}
