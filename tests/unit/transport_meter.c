// SPDX-License-Identifier: MIT
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <iommuctl/meter.h>

#include "abi/iommufd.h"
#include "array.h"
#include "explain/operation.h"
#include "transport.h"

#define THREADS	  4
#define REPEATED  5000
#define UNKNOWN	  0xdeadbeef
#define UNKNOWN_E 4000

static struct script *script;
static struct iommuctl_transport *meter;

static void wrap(void)
{
	script = script_new(NULL);
	script->unwatched = true;
	cr_assert_eq(iommuctl_transport_meter_new(&script->base, &meter), 0);
}

static void unwrap(void)
{
	iommuctl_transport_free(meter);
}

TestSuite(transport_meter, .init = wrap, .fini = unwrap);

/* What is counted under @name, which has to be there once. */
static struct iommuctl_meter_call counted(const char *name)
{
	struct iommuctl_meter_call call, found = { .name = NULL };

	for (size_t i = 0; iommuctl_transport_meter_get_call(meter, i, &call); i++) {
		if (strcmp(call.name, name))
			continue;
		cr_assert_null(found.name, "%s is there twice", name);
		found = call;
	}
	cr_assert_not_null(found.name, "%s is not there", name);
	return found;
}

static uint64_t sum(const uint64_t *numbers, size_t count)
{
	uint64_t all = 0;

	for (size_t i = 0; i < count; i++)
		all += numbers[i];
	return all;
}

static int64_t call_open(void)
{
	return meter->open(meter, "/dev/iommu", 0);
}

static int64_t call_mmap(void)
{
	void *address;

	return meter->mmap(meter, 3, 0, 4096, 0, 0, &address);
}

static int64_t call_munmap(void)
{
	return meter->munmap(meter, NULL, 4096);
}

static int64_t call_read(void)
{
	char byte;

	return meter->read(meter, 3, &byte, 1, 0);
}

static int64_t call_write(void)
{
	return meter->write(meter, 3, "", 1, 0);
}

static int64_t call_close(void)
{
	return meter->close(meter, 3);
}

static int64_t call_unknown(void)
{
	return meter->ioctl(meter, 3, UNKNOWN, NULL);
}

static const struct {
	const char *name;
	enum script_call kind;
	int64_t (*call)(void);
} kinds[] = {
	{ "open", SCRIPT_OPEN, call_open },
	{ "mmap", SCRIPT_MMAP, call_mmap },
	{ "munmap", SCRIPT_MUNMAP, call_munmap },
	{ "read", SCRIPT_READ, call_read },
	{ "write", SCRIPT_WRITE, call_write },
	{ "close", SCRIPT_CLOSE, call_close },
	{ "ioctl", SCRIPT_IOCTL, call_unknown },
};

Test(transport_meter, each_kind_of_call_is_counted_under_its_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct iommuctl_meter_call call;

		cr_expect_geq(kinds[i].call(), 0);
		script->errors[kinds[i].kind] = EBUSY;
		cr_expect_eq(kinds[i].call(), -EBUSY);
		call = counted(kinds[i].name);
		cr_expect_eq(call.calls, 2, "%s", call.name);
		cr_expect_eq(call.failures, 1, "%s", call.name);
		cr_expect_eq(call.errors[EBUSY], 1, "%s", call.name);
		cr_expect_eq(sum(call.errors, IOMMUCTL_METER_ERRORS), 1, "%s", call.name);
		cr_expect_eq(sum(call.buckets, IOMMUCTL_METER_BUCKETS), 2, "%s", call.name);
	}
}

Test(transport_meter, each_ioctl_that_the_library_knows_has_a_name_of_its_own)
{
	struct abi_hwpt_invalidate argument = { .entry_num = 0 };

	for (size_t i = 0; i < OPERATION_COUNT; i++) {
		const struct operation_entry *entry = &operation_entries[i];
		uint64_t before;

		if (!entry->request)
			continue;
		before = counted(entry->name).calls;
		cr_expect_eq(meter->ioctl(meter, 3, entry->request, &argument), 0);
		cr_expect_eq(counted(entry->name).calls, before + 1, "%s", entry->name);
	}
	cr_expect_eq(counted("ioctl").calls, 0);
}

Test(transport_meter, an_errno_beyond_the_table_is_counted_as_other)
{
	script->errors[SCRIPT_OPEN] = UNKNOWN_E;
	cr_expect_eq(call_open(), -UNKNOWN_E);
	cr_expect_eq(counted("open").errors[0], 1);
}

/* A call that takes as long as the test says: what the meter sees is at least that. */
static int slow_ioctl(struct script *of, int fd, unsigned long request, void *arg)
{
	const struct timespec pause = { .tv_nsec = 2000000 };

	nanosleep(&pause, NULL);
	return script_pass(of, fd, request, arg);
}

Test(transport_meter, a_call_is_in_the_bucket_of_what_it_took_and_in_no_lower_one)
{
	struct iommuctl_meter_call call;

	script->ioctl = slow_ioctl;
	call_unknown();
	call = counted("ioctl");
	cr_expect_geq(call.nanoseconds, 2000000);
	for (size_t i = 0; i < IOMMUCTL_METER_BUCKETS - 1; i++) {
		if (call.buckets[i])
			cr_expect(call.nanoseconds <= UINT64_C(1) << i &&
					  (!i || call.nanoseconds > UINT64_C(1) << (i - 1)),
				"%zu", i);
	}
	cr_expect_eq(sum(call.buckets, 21), 0, "2 ms are more than 1 << 20 ns");
}

static const struct {
	uint32_t asked;
	uint32_t handled;
	int result;
} invalidations[] = {
	{ 10, 10, 0 },
	{ 70, 63, -EIO },
	{ 5, 0, -EINVAL },
	/* More than was asked for is nothing that the kernel says; nothing wraps around. */
	{ 1, 9, 0 },
};

static int answer_invalidate(struct script *of, int fd, unsigned long request, void *arg)
{
	const size_t *at = of->data;
	struct abi_hwpt_invalidate *argument = arg;

	(void)fd;
	cr_expect_eq(request, ABI_HWPT_INVALIDATE);
	argument->entry_num = invalidations[*at].handled;
	return invalidations[*at].result;
}

Test(transport_meter, invalidation_commands_are_counted_as_the_kernel_says_it_handled_them)
{
	struct iommuctl_meter_commands commands;
	size_t at;

	script->ioctl = answer_invalidate;
	script->data = &at;
	for (at = 0; at < ARRAY_SIZE(invalidations); at++) {
		struct abi_hwpt_invalidate argument = { .entry_num = invalidations[at].asked };

		cr_expect_eq(meter->ioctl(meter, 3, ABI_HWPT_INVALIDATE, &argument),
			invalidations[at].result);
	}
	iommuctl_transport_meter_get_commands(meter, &commands);
	cr_expect_eq(commands.issued, 86);
	cr_expect_eq(commands.refused, 12);
}

static void *repeat(void *unused)
{
	(void)unused;
	for (size_t i = 0; i < REPEATED; i++)
		call_close();
	return NULL;
}

Test(transport_meter, calls_of_several_threads_are_all_counted)
{
	pthread_t threads[THREADS];
	struct iommuctl_meter_call call;

	for (size_t i = 0; i < THREADS; i++)
		cr_assert_eq(pthread_create(&threads[i], NULL, repeat, NULL), 0);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	call = counted("close");
	cr_expect_eq(call.calls, THREADS * REPEATED);
	cr_expect_eq(sum(call.buckets, IOMMUCTL_METER_BUCKETS), THREADS * REPEATED);
}

Test(transport_meter, the_group_of_a_device_is_known_if_it_is_known_below)
{
	cr_expect_eq(meter->device_group == NULL, script->base.device_group == NULL);
}
