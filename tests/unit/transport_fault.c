// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <errno.h>

#include <iommuctl/transport.h>

#include "transport.h"

static struct script *script;
static struct iommuctl_transport *fault;

static void wrap(uint64_t nth)
{
	script = script_new(NULL);
	cr_assert_eq(iommuctl_transport_fault_new(&script->base, nth, EIO, &fault), 0);
}

static void unwrap(void)
{
	iommuctl_transport_free(fault);
}

static int64_t call_open(void)
{
	return fault->open(fault, "/dev/iommu", 0);
}

static int64_t call_ioctl(void)
{
	return fault->ioctl(fault, 3, 1, NULL);
}

static int64_t call_mmap(void)
{
	void *address;

	return fault->mmap(fault, 3, 0, 4096, 0, 0, &address);
}

static int64_t call_munmap(void)
{
	return fault->munmap(fault, NULL, 4096);
}

static int64_t call_read(void)
{
	char byte;

	return fault->read(fault, 3, &byte, 1, 0);
}

static int64_t call_write(void)
{
	return fault->write(fault, 3, "", 1, 0);
}

static int64_t call_close(void)
{
	return fault->close(fault, 3);
}

static int64_t (*const call[SCRIPT_CALLS])(void) = {
	[SCRIPT_OPEN] = call_open,
	[SCRIPT_IOCTL] = call_ioctl,
	[SCRIPT_MMAP] = call_mmap,
	[SCRIPT_MUNMAP] = call_munmap,
	[SCRIPT_READ] = call_read,
	[SCRIPT_WRITE] = call_write,
	[SCRIPT_CLOSE] = call_close,
};

Test(transport_fault, every_call_is_counted)
{
	for (uint64_t nth = 1; nth <= SCRIPT_CALLS; nth++) {
		wrap(nth);
		for (uint64_t i = 1; i <= SCRIPT_CALLS; i++) {
			int64_t result = call[i - 1]();

			if (i == nth)
				cr_expect_eq(result, -EIO, "call %d", (int)i);
			else
				cr_expect_geq(result, 0, "call %d of %d", (int)i, (int)nth);
			cr_expect_eq(iommuctl_transport_fault_fired(fault), i >= nth);
		}
		unwrap();
	}
}

Test(transport_fault, fires_once)
{
	wrap(1);
	cr_expect_eq(call_open(), -EIO);
	for (int i = 0; i < 3; i++)
		cr_expect_geq(call_open(), 0);
	unwrap();
}

Test(transport_fault, only_close_and_munmap_are_carried_out)
{
	for (int i = 0; i < SCRIPT_CALLS; i++) {
		bool carried_out = i == SCRIPT_CLOSE || i == SCRIPT_MUNMAP;

		wrap(1);
		call[i]();
		cr_expect_eq(script->calls[i], carried_out ? 1U : 0U, "call %d", i);
		unwrap();
	}
}

Test(transport_fault, errors_of_the_wrapped_transport_pass)
{
	wrap(SCRIPT_CALLS + 1);
	for (int i = 0; i < SCRIPT_CALLS; i++) {
		script->errors[i] = EBADF;
		cr_expect_eq(call[i](), -EBADF, "call %d", i);
	}
	cr_expect_not(iommuctl_transport_fault_fired(fault));
	unwrap();
}

Test(transport_fault, call_zero_and_no_error_are_refused)
{
	script = script_new(NULL);
	cr_expect_eq(iommuctl_transport_fault_new(&script->base, 0, EIO, &fault), -EINVAL);
	cr_expect_eq(iommuctl_transport_fault_new(&script->base, 1, 0, &fault), -EINVAL);
	cr_expect_eq(iommuctl_transport_fault_new(&script->base, 1, -EIO, &fault), -EINVAL);
	iommuctl_transport_free(&script->base);
}

Test(transport_fault, takes_what_it_wraps_along)
{
	bool freed = false;

	wrap(1);
	script->freed = &freed;
	unwrap();
	cr_expect(freed);
}

Test(transport_fault, nothing_to_free_is_allowed)
{
	iommuctl_transport_free(NULL);
}
