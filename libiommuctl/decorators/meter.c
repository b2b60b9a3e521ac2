// SPDX-License-Identifier: MIT
#include <iommuctl/meter.h>

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "abi/iommufd.h"
#include "array.h"
#include "explain/operation.h"

#define BUCKETS IOMMUCTL_METER_BUCKETS
#define ERRORS	IOMMUCTL_METER_ERRORS

/* The kinds other than ioctls; those of ioctls follow, one for each request. */
enum kind {
	KIND_OPEN,
	KIND_MMAP,
	KIND_MUNMAP,
	KIND_READ,
	KIND_WRITE,
	KIND_CLOSE,
	KIND_DEVICE_GROUP,
	KIND_OTHER_IOCTL,
	KIND_IOCTLS,
	KIND_COUNT = KIND_IOCTLS + OPERATION_COUNT, /* at least as many as are used */
};

static const char *const kind_names[KIND_IOCTLS] = {
	[KIND_OPEN] = "open",
	[KIND_MMAP] = "mmap",
	[KIND_MUNMAP] = "munmap",
	[KIND_READ] = "read",
	[KIND_WRITE] = "write",
	[KIND_CLOSE] = "close",
	[KIND_DEVICE_GROUP] = "device_group",
	[KIND_OTHER_IOCTL] = "ioctl",
};

struct counts {
	_Atomic uint64_t calls;
	_Atomic uint64_t failures;
	_Atomic uint64_t nanoseconds;
	_Atomic uint64_t buckets[BUCKETS];
	_Atomic uint64_t errors[ERRORS];
};

struct meter {
	struct iommuctl_transport base;
	struct iommuctl_transport *inner;
	unsigned long requests[KIND_COUNT]; /* of ioctls; 0 for the others */
	const char *names[KIND_COUNT];
	size_t kinds;
	uint8_t by_number[256]; /* where to look first for a request, by its low byte */
	_Atomic uint64_t issued;
	_Atomic uint64_t refused;
	struct counts counts[KIND_COUNT];
};

static struct meter *meter_of(struct iommuctl_transport *transport)
{
	return (struct meter *)transport;
}

static void add(_Atomic uint64_t *number, uint64_t more)
{
	atomic_fetch_add_explicit(number, more, memory_order_relaxed);
}

static uint64_t load(const _Atomic uint64_t *number)
{
	return atomic_load_explicit(number, memory_order_relaxed);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* The first bucket whose bound is not below @nanoseconds. */
static unsigned int bucket_of(uint64_t nanoseconds)
{
	unsigned int bits =
		nanoseconds <= 1 ? 0 : 64 - (unsigned int)__builtin_clzll(nanoseconds - 1);

	return bits < BUCKETS ? bits : BUCKETS - 1;
}

/* Counts a call that began at @start. */
static void count(struct meter *meter, size_t kind, uint64_t start, int64_t result)
{
	struct counts *counts = &meter->counts[kind];
	const uint64_t nanoseconds = now() - start;

	add(&counts->calls, 1);
	add(&counts->nanoseconds, nanoseconds);
	add(&counts->buckets[bucket_of(nanoseconds)], 1);
	if (result >= 0)
		return;
	add(&counts->failures, 1);
	add(&counts->errors[-result < ERRORS ? -result : 0], 1);
}

static size_t kind_of(const struct meter *meter, unsigned long request)
{
	const size_t kind = meter->by_number[request & 0xff];

	return kind && meter->requests[kind] == request ? kind : KIND_OTHER_IOCTL;
}

/* The kernel returns the number of handled entries in entry_num, also when it fails. */
static void count_commands(
	struct meter *meter, const struct abi_hwpt_invalidate *argument, uint32_t asked)
{
	add(&meter->issued, asked);
	if (argument->entry_num < asked)
		add(&meter->refused, asked - argument->entry_num);
}

static int meter_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	struct meter *meter = meter_of(transport);
	const uint64_t start = now();
	int result = meter->inner->open(meter->inner, path, flags);

	count(meter, KIND_OPEN, start, result);
	return result;
}

static int meter_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct meter *meter = meter_of(transport);
	const size_t kind = kind_of(meter, request);
	const struct abi_hwpt_invalidate *invalidate = request == ABI_HWPT_INVALIDATE ? arg : NULL;
	const uint32_t asked = invalidate ? invalidate->entry_num : 0;
	const uint64_t start = now();
	int result = meter->inner->ioctl(meter->inner, fd, request, arg);

	count(meter, kind, start, result);
	if (invalidate)
		count_commands(meter, invalidate, asked);
	return result;
}

static int meter_mmap(struct iommuctl_transport *transport, int fd, uint64_t offset, size_t length,
	int prot, int flags, void **address)
{
	struct meter *meter = meter_of(transport);
	const uint64_t start = now();
	int result = meter->inner->mmap(meter->inner, fd, offset, length, prot, flags, address);

	count(meter, KIND_MMAP, start, result);
	return result;
}

static int meter_munmap(struct iommuctl_transport *transport, void *address, size_t length)
{
	struct meter *meter = meter_of(transport);
	const uint64_t start = now();
	int result = meter->inner->munmap(meter->inner, address, length);

	count(meter, KIND_MUNMAP, start, result);
	return result;
}

static ssize_t meter_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct meter *meter = meter_of(transport);
	const uint64_t start = now();
	ssize_t result = meter->inner->read(meter->inner, fd, buffer, size, offset);

	count(meter, KIND_READ, start, result);
	return result;
}

static ssize_t meter_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	struct meter *meter = meter_of(transport);
	const uint64_t start = now();
	ssize_t result = meter->inner->write(meter->inner, fd, buffer, size, offset);

	count(meter, KIND_WRITE, start, result);
	return result;
}

static int meter_close(struct iommuctl_transport *transport, int fd)
{
	struct meter *meter = meter_of(transport);
	const uint64_t start = now();
	int result = meter->inner->close(meter->inner, fd);

	count(meter, KIND_CLOSE, start, result);
	return result;
}

static int meter_device_group(
	struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	struct meter *meter = meter_of(transport);
	const uint64_t start = now();
	int result = meter->inner->device_group(meter->inner, fd, group);

	count(meter, KIND_DEVICE_GROUP, start, result);
	return result;
}

static void meter_free(struct iommuctl_transport *transport)
{
	iommuctl_transport_free(meter_of(transport)->inner);
	free(transport);
}

static bool has_request(const struct meter *meter, unsigned long request)
{
	for (size_t i = KIND_IOCTLS; i < meter->kinds; i++) {
		if (meter->requests[i] == request)
			return true;
	}
	return false;
}

/* Several operations can share an ioctl, which is one kind. No two ioctls share their low byte. */
static void name_kinds(struct meter *meter)
{
	for (meter->kinds = 0; meter->kinds < KIND_IOCTLS; meter->kinds++)
		meter->names[meter->kinds] = kind_names[meter->kinds];
	for (size_t i = 0; i < ARRAY_SIZE(operation_entries); i++) {
		const unsigned long request = operation_entries[i].request;

		if (!request || has_request(meter, request))
			continue;
		meter->requests[meter->kinds] = request;
		meter->names[meter->kinds] = operation_entries[i].name;
		meter->by_number[request & 0xff] = (uint8_t)meter->kinds;
		meter->kinds++;
	}
}

int iommuctl_transport_meter_new(
	struct iommuctl_transport *inner, struct iommuctl_transport **transport)
{
	struct meter *meter = calloc(1, sizeof(*meter));

	if (!meter)
		return -ENOMEM;
	meter->base = (struct iommuctl_transport){
		.open = meter_open,
		.ioctl = meter_ioctl,
		.mmap = meter_mmap,
		.munmap = meter_munmap,
		.read = meter_read,
		.write = meter_write,
		.close = meter_close,
		.free = meter_free,
		.device_group = inner->device_group ? meter_device_group : NULL,
	};
	meter->inner = inner;
	name_kinds(meter);
	*transport = &meter->base;
	return 0;
}

bool iommuctl_transport_meter_get_call(
	const struct iommuctl_transport *transport, size_t index, struct iommuctl_meter_call *call)
{
	const struct meter *meter = (const struct meter *)transport;
	const struct counts *counts;

	if (index >= meter->kinds)
		return false;
	counts = &meter->counts[index];
	*call = (struct iommuctl_meter_call){
		.name = meter->names[index],
		.calls = load(&counts->calls),
		.failures = load(&counts->failures),
		.nanoseconds = load(&counts->nanoseconds),
	};
	for (size_t i = 0; i < BUCKETS; i++)
		call->buckets[i] = load(&counts->buckets[i]);
	for (size_t i = 0; i < ERRORS; i++)
		call->errors[i] = load(&counts->errors[i]);
	return true;
}

void iommuctl_transport_meter_get_commands(
	const struct iommuctl_transport *transport, struct iommuctl_meter_commands *commands)
{
	const struct meter *meter = (const struct meter *)transport;

	*commands = (struct iommuctl_meter_commands){
		.issued = load(&meter->issued),
		.refused = load(&meter->refused),
	};
}
