// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <iommuctl/smmuv3_event.h>

#include "abi/iommufd.h"
#include "array.h"
#include "order.h"
#include "trace_fixture.h"

TestSuite(transport_trace, .init = trace_setup, .fini = trace_teardown);

Test(transport_trace, files_are_shown_with_path_and_flags)
{
	struct iommuctl_transport *trace = traced.transport;

	cr_expect_eq(trace->open(trace, "/dev/iommu", O_RDWR | O_CLOEXEC), 3);
	cr_expect_str_eq(traced.line, "open(path=\"/dev/iommu\", flags=O_RDWR|O_CLOEXEC) = 3");
	cr_expect_eq(trace->close(trace, 3), 0);
	cr_expect_str_eq(traced.line, "close(3) = 0");
	traced.script->errors[SCRIPT_OPEN] = EACCES;
	cr_expect_eq(trace->open(trace, "/dev/\"\n", O_RDONLY), -EACCES);
	cr_expect_str_eq(traced.line,
		"open(path=\"/dev/\\\"\\x0a\", flags=O_RDONLY) = -1 EACCES (Permission denied)");
}

Test(transport_trace, mappings_are_shown_with_their_address)
{
	struct iommuctl_transport *trace = traced.transport;
	void *address;

	traced.script->next_address = (void *)0x7000;
	trace->mmap(trace, 4, 0x20000000000, 0x1000, PROT_READ | PROT_WRITE, MAP_SHARED, &address);
	cr_expect_str_eq(traced.line,
		"mmap(4, offset=0x20000000000, length=0x1000, prot=PROT_READ|PROT_WRITE, "
		"flags=MAP_SHARED) = 0 → address=0x7000");
	trace->munmap(trace, address, 0x1000);
	cr_expect_str_eq(traced.line, "munmap(address=0x7000, length=0x1000) = 0");
	traced.script->errors[SCRIPT_MMAP] = EINVAL;
	trace->mmap(trace, -1, 0, 0x1000, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, &address);
	cr_expect_str_eq(traced.line,
		"mmap(offset=0x0, length=0x1000, prot=PROT_NONE, flags=MAP_PRIVATE|MAP_ANONYMOUS) "
		"= -1 EINVAL (Invalid argument)");
}

static const struct {
	size_t size;
	const char *value;
} registers[] = {
	{ 1, "0x11" },
	{ 2, "0x2211" },
	{ 3, "0x332211" },
	{ 4, "0x44332211" },
	{ 8, "0x8877665544332211" },
};

Test(transport_trace, registers_are_shown_by_value)
{
	static const uint8_t bytes[] = { 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99 };
	struct iommuctl_transport *trace = traced.transport;
	uint8_t buffer[sizeof(bytes)];
	char line[128];

	traced.script->answer = bytes;
	traced.script->answer_size = sizeof(bytes);
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		int size = (int)registers[i].size;

		trace->read(trace, 4, buffer, registers[i].size, 0x70000000004);
		snprintf(line, sizeof(line),
			"pread(4, offset=0x70000000004, size=%d) = %d → value=%s", size, size,
			registers[i].value);
		cr_expect_str_eq(traced.line, line);
		trace->write(trace, 4, bytes, registers[i].size, 0x10);
		snprintf(line, sizeof(line), "pwrite(4, offset=0x10, size=%d, value=%s) = %d", size,
			registers[i].value, size);
		cr_expect_str_eq(traced.line, line);
	}
}

Test(transport_trace, long_transfers_show_their_size_only)
{
	struct iommuctl_transport *trace = traced.transport;
	uint8_t buffer[9] = { 0 };

	trace->write(trace, 4, buffer, sizeof(buffer), IOMMUCTL_STREAM);
	cr_expect_str_eq(traced.line, "write(4, size=9) = 9");
	trace->read(trace, 4, buffer, sizeof(buffer), IOMMUCTL_STREAM);
	cr_expect_str_eq(traced.line, "read(4, size=9) = 0");
	traced.script->errors[SCRIPT_READ] = EIO;
	trace->read(trace, 4, buffer, 1, 0);
	cr_expect_str_eq(traced.line, "pread(4, offset=0x0, size=1) = -1 EIO (Input/output error)");
}

static void make_veventq(uint32_t type, int fd)
{
	struct abi_veventq_alloc arg = {
		.size = sizeof(arg), .type = type, .out_veventq_fd = (uint32_t)fd
	};

	traced.transport->ioctl(traced.transport, 3, ABI_VEVENTQ_ALLOC, &arg);
}

static void read_queue(int fd, const void *data, size_t size)
{
	uint8_t buffer[1024];

	traced.script->answer = data;
	traced.script->answer_size = size;
	traced.transport->read(traced.transport, fd, buffer, sizeof(buffer), IOMMUCTL_STREAM);
}

/* Each: flags, sequence, and the event record unless flags says that events were lost. */
static const uint8_t events[48] = {
	[LOW_BYTE(4, 4)] = 7,
	[8] = IOMMUCTL_SMMUV3_F_TRANSLATION,
	[12] = 0x42,
	[25] = 0x10,
	[LOW_BYTE(40, 4)] = ABI_VEVENTQ_FLAG_LOST_EVENTS,
	[LOW_BYTE(44, 4)] = 9,
};

Test(transport_trace, events_of_an_smmuv3_are_decoded)
{
	make_veventq(ABI_VEVENTQ_TYPE_ARM_SMMUV3, 50);
	read_queue(50, events, sizeof(events));
	cr_expect_not_null(strstr(traced.line,
		"read(50, size=1024) = 48 → event={sequence=7 F_TRANSLATION StreamID=0x42 "));
	cr_expect_not_null(strstr(traced.line, "InputAddr=0x1000"));
	cr_expect_not_null(strstr(traced.line, "}, event={sequence=9 LOST_EVENTS}"));
}

Test(transport_trace, a_cut_event_is_counted_in_bytes)
{
	make_veventq(ABI_VEVENTQ_TYPE_ARM_SMMUV3, 50);
	read_queue(50, events, 39);
	cr_expect_str_eq(traced.line, "read(50, size=1024) = 39 → more_bytes=39");
	read_queue(50, events, 44);
	cr_expect_not_null(strstr(traced.line, "}, more_bytes=4"));
}

Test(transport_trace, many_events_are_cut_and_counted)
{
	uint32_t lost[10][2] = { { 1 }, { 1 }, { 1 }, { 1 }, { 1 }, { 1 }, { 1 }, { 1 }, { 1 },
		{ 1 } };

	make_veventq(ABI_VEVENTQ_TYPE_ARM_SMMUV3, 50);
	read_queue(50, lost, sizeof(lost));
	cr_expect_not_null(strstr(traced.line, "event={sequence=0 LOST_EVENTS}, more_bytes=16"));
}

Test(transport_trace, errors_of_a_command_queue_are_decoded)
{
	uint8_t event[24] = { [8] = 0x02, [23] = 0x80 };

	make_veventq(ABI_VEVENTQ_TYPE_TEGRA241_CMDQV, 50);
	read_queue(50, event, sizeof(event));
	cr_expect_str_eq(traced.line, "read(50, size=1024) = 24 → event={sequence=0 "
				      "LVCMDQ_ERR_MAP=0x80000000000000000000000000000002}");
}

Test(transport_trace, faults_and_responses_are_decoded)
{
	struct iommuctl_transport *trace = traced.transport;
	struct abi_fault_alloc arg = { .size = sizeof(arg), .out_fault_fd = 51 };
	struct abi_hwpt_pgfault fault = {
		.flags = ABI_PGFAULT_FLAGS_PASID_VALID | ABI_PGFAULT_FLAGS_LAST_PAGE,
		.dev_id = 1,
		.pasid = 2,
		.grpid = 3,
		.perm = ABI_PGFAULT_PERM_READ | ABI_PGFAULT_PERM_EXEC,
		.addr = 0x1000,
		.cookie = 6,
	};
	struct abi_hwpt_page_response responses[] = { { 6, ABI_PAGE_RESP_SUCCESS },
		{ 7, ABI_PAGE_RESP_INVALID }, { 8, 9 } };

	trace->ioctl(trace, 3, ABI_FAULT_QUEUE_ALLOC, &arg);
	read_queue(51, &fault, sizeof(fault));
	cr_expect_str_eq(traced.line,
		"read(51, size=1024) = 40 → fault={cookie=6 dev_id=1 pasid=2 grpid=3 perm=R-X- "
		"addr=0x1000 length=0 PASID_VALID LAST_PAGE}");
	trace->write(trace, 51, responses, sizeof(responses), IOMMUCTL_STREAM);
	cr_expect_str_eq(traced.line,
		"write(51, size=24, response={cookie=6 SUCCESS}, response={cookie=7 INVALID}, "
		"response={cookie=8 unknown code}) = 24");
}

Test(transport_trace, responses_go_to_fault_queues_only)
{
	make_veventq(ABI_VEVENTQ_TYPE_ARM_SMMUV3, 50);
	traced.transport->write(traced.transport, 50, events, 16, IOMMUCTL_STREAM);
	cr_expect_str_eq(traced.line, "write(50, size=16) = 16");
}

Test(transport_trace, a_queue_is_forgotten_when_closed)
{
	struct iommuctl_transport *trace = traced.transport;

	make_veventq(ABI_VEVENTQ_TYPE_ARM_SMMUV3, 50);
	make_veventq(ABI_VEVENTQ_TYPE_ARM_SMMUV3, 51);
	trace->close(trace, 50);
	read_queue(50, events, sizeof(events));
	cr_expect_str_eq(traced.line, "read(50, size=1024) = 48");
	traced.script->next_fd = 51;
	trace->open(trace, "/dev/null", O_RDONLY);
	read_queue(51, events, sizeof(events));
	cr_expect_str_eq(traced.line, "read(51, size=1024) = 48");
}

Test(transport_trace, a_queue_that_was_not_made_is_not_known)
{
	traced.script->errors[SCRIPT_IOCTL] = EINVAL;
	make_veventq(ABI_VEVENTQ_TYPE_ARM_SMMUV3, 50);
	read_queue(50, events, sizeof(events));
	cr_expect_str_eq(traced.line, "read(50, size=1024) = 48");
}

Test(transport_trace, every_call_is_received_once_in_order)
{
	struct iommuctl_transport *trace = traced.transport;
	void *address;
	char byte = 0;

	trace->open(trace, "", 0);
	trace->ioctl(trace, 3, 1, NULL);
	trace->ioctl(trace, 3, ABI_IOAS_ALLOC, &(struct abi_ioas_alloc){ .size = 12 });
	trace->mmap(trace, 3, 0, 1, 0, 0, &address);
	trace->munmap(trace, NULL, 1);
	trace->read(trace, 3, &byte, 1, 0);
	trace->write(trace, 3, &byte, 1, 0);
	trace->close(trace, 3);
	cr_expect_eq(traced.received, 8);
	cr_expect_eq(traced.sequence, 8);
}

Test(transport_trace, takes_what_it_wraps_along)
{
	bool freed = false;

	traced.script->freed = &freed;
	iommuctl_transport_free(traced.transport);
	cr_expect(freed);
	traced.transport = NULL;
}

static int slow_close(struct iommuctl_transport *transport, int fd)
{
	(void)transport;
	(void)fd;
	return usleep(3000) ? -EINTR : 0;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

Test(transport_trace, the_time_is_that_of_the_wrapped_transport)
{
	uint64_t started;

	traced.script->base.close = slow_close;
	started = now();
	cr_expect_eq(traced.transport->close(traced.transport, 3), 0);
	cr_expect_geq(traced.nanoseconds, 3000000);
	cr_expect_leq(traced.nanoseconds, now() - started);
}
