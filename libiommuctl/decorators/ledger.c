// SPDX-License-Identifier: MIT
#include <iommuctl/transport.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "abi/iommufd.h"
#include "abi/iommufd_test.h"
#include "abi/vfio.h"
#include "abi/vfio_migration.h"
#include "decorators/ledger_book.h"
#include "explain/operation.h"

struct ledger {
	struct iommuctl_transport base;
	struct iommuctl_transport *inner;
	struct ledger_book book;
	uint64_t calls;
};

/* A call that succeeded. */
struct ledger_call {
	const struct ledger_rule *rule;
	int fd;
	const void *arg;
	int result;
};

/* An ioctl that makes or ends something. Offset 0, that of `size`, means no such member. */
struct ledger_rule {
	enum operation operation;
	bool ends; /* makes nothing, and so must not fail for lack of memory */
	void (*enter)(struct ledger_book *book, const struct ledger_call *call);
	size_t id;     /* offset of the new object's id */
	size_t queue;  /* offset of the new file descriptor that comes with it */
	size_t device; /* offset of the id of the bound device whose end ends the object */
};

static const char *made_by(const struct ledger_call *call)
{
	return operation_name(call->rule->operation);
}

static uint32_t member_at(const void *arg, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const char *)arg + offset, sizeof(value));
	return value;
}

static void enter_object(struct ledger_book *book, const struct ledger_call *call)
{
	const struct ledger_rule *rule = call->rule;
	uint64_t device = 0;

	if (rule->device)
		device = ledger_book_device_of(book, call->fd, member_at(call->arg, rule->device));
	ledger_book_create(book, call->fd, member_at(call->arg, rule->id), device, made_by(call));
	if (rule->queue)
		ledger_book_open(book, (int)member_at(call->arg, rule->queue),
			ledger_book_file(book, call->fd)->serial, made_by(call));
}

static void enter_destroy(struct ledger_book *book, const struct ledger_call *call)
{
	const struct abi_destroy *destroy = call->arg;

	ledger_book_destroy(book, call->fd, destroy->id);
}

static void enter_bind(struct ledger_book *book, const struct ledger_call *call)
{
	const struct abi_vfio_device_bind_iommufd *bind = call->arg;
	uint64_t iommufd = ledger_book_file(book, bind->iommufd)->serial;
	struct ledger_file *device = ledger_book_file(book, call->fd);

	device->holds = iommufd;
	ledger_book_create(book, bind->iommufd, bind->out_devid, device->serial, made_by(call));
}

/* Attachments are identified by PASID; -1 is the device itself. */
static int64_t attachment_key(bool has_pasid, const uint32_t *pasid)
{
	return has_pasid ? (int64_t)*pasid : -1;
}

static void enter_attach(struct ledger_book *book, const struct ledger_call *call)
{
	const struct abi_vfio_device_attach_iommufd_pt *attach = call->arg;
	bool has_pasid = attach->flags & ABI_VFIO_DEVICE_ATTACH_PASID;

	ledger_book_attach(book, call->fd, attachment_key(has_pasid, &attach->pasid), attach->pt_id,
		made_by(call));
}

static void enter_detach(struct ledger_book *book, const struct ledger_call *call)
{
	const struct abi_vfio_device_detach_iommufd_pt *detach = call->arg;
	bool has_pasid = detach->flags & ABI_VFIO_DEVICE_DETACH_PASID;

	ledger_book_detach(book, call->fd, attachment_key(has_pasid, &detach->pasid));
}

static void enter_result(struct ledger_book *book, const struct ledger_call *call)
{
	ledger_book_open(book, call->result, 0, made_by(call));
}

static void enter_feature(struct ledger_book *book, const struct ledger_call *call)
{
	const struct abi_vfio_device_feature *feature = call->arg;

	struct abi_vfio_device_feature_mig_state state;

	if (feature->flags == (ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_DMA_BUF))
		enter_result(book, call);
	if (feature->flags !=
			(ABI_VFIO_DEVICE_FEATURE_SET | ABI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE) ||
		feature->argsz < sizeof(*feature) + sizeof(state))
		return;
	memcpy(&state, feature->data, sizeof(state));
	if (state.data_fd >= 0)
		ledger_book_open(book, state.data_fd, 0, made_by(call));
}

/*
 * What the kernel's own test device makes: a device, identified by its id, and files. Which file is
 * a dma-buf is unknown.
 */
static void enter_test(struct ledger_book *book, const struct ledger_call *call)
{
	const struct abi_test_cmd *test = call->arg;

	switch (test->op) {
	case ABI_TEST_OP_MOCK_DOMAIN:
	case ABI_TEST_OP_MOCK_DOMAIN_FLAGS:
		ledger_book_create(
			book, call->fd, test->mock_domain.out_stdev_id, 0, made_by(call));
		return;
	case ABI_TEST_OP_CREATE_ACCESS:
		ledger_book_open(book, (int)test->create_access.out_access_fd,
			ledger_book_file(book, call->fd)->serial, made_by(call));
		return;
	default: return;
	}
}

static const struct ledger_rule rules[] = {
	{ OP_IOAS_ALLOC, .enter = enter_object,
		.id = offsetof(struct abi_ioas_alloc, out_ioas_id) },
	{ OP_HWPT_ALLOC, .enter = enter_object,
		.id = offsetof(struct abi_hwpt_alloc, out_hwpt_id) },
	{ OP_VIOMMU_ALLOC, .enter = enter_object,
		.id = offsetof(struct abi_viommu_alloc, out_viommu_id) },
	{ OP_VDEVICE_ALLOC, .enter = enter_object,
		.id = offsetof(struct abi_vdevice_alloc, out_vdevice_id),
		.device = offsetof(struct abi_vdevice_alloc, dev_id) },
	{ OP_VEVENTQ_ALLOC, .enter = enter_object,
		.id = offsetof(struct abi_veventq_alloc, out_veventq_id),
		.queue = offsetof(struct abi_veventq_alloc, out_veventq_fd) },
	{ OP_FAULT_QUEUE_ALLOC, .enter = enter_object,
		.id = offsetof(struct abi_fault_alloc, out_fault_id),
		.queue = offsetof(struct abi_fault_alloc, out_fault_fd) },
	{ OP_HW_QUEUE_ALLOC, .enter = enter_object,
		.id = offsetof(struct abi_hw_queue_alloc, out_hw_queue_id) },
	{ OP_DESTROY, .enter = enter_destroy, .ends = true },
	{ OP_VFIO_BIND, .enter = enter_bind },
	{ OP_VFIO_ATTACH, .enter = enter_attach },
	{ OP_VFIO_DETACH, .enter = enter_detach, .ends = true },
	{ OP_VFIO_GROUP_GET_DEVICE, .enter = enter_result },
	{ OP_VFIO_FEATURE, .enter = enter_feature },
	{ OP_TEST, .enter = enter_test },
};

static const struct ledger_rule *find_rule(unsigned long request)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (operation_request(rules[i].operation) == request)
			return &rules[i];
	return NULL;
}

static struct ledger *ledger_of(struct iommuctl_transport *transport)
{
	return (struct ledger *)transport;
}

static int ledger_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	struct ledger *ledger = ledger_of(transport);
	int result;

	ledger->calls++;
	result = ledger_book_reserve(&ledger->book);
	if (result)
		return result;
	result = ledger->inner->open(ledger->inner, path, flags);
	if (result >= 0)
		ledger_book_open(&ledger->book, result, 0, "open");
	return result;
}

static int ledger_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct ledger *ledger = ledger_of(transport);
	struct ledger_call call = { .rule = find_rule(request), .fd = fd, .arg = arg };
	int result = 0;

	ledger->calls++;
	if (call.rule && !call.rule->ends)
		result = ledger_book_reserve(&ledger->book);
	if (result)
		return result;
	result = ledger->inner->ioctl(ledger->inner, fd, request, arg);
	call.result = result;
	if (call.rule && result >= 0)
		call.rule->enter(&ledger->book, &call);
	return result;
}

static int ledger_mmap(struct iommuctl_transport *transport, int fd, uint64_t offset, size_t length,
	int prot, int flags, void **address)
{
	struct ledger *ledger = ledger_of(transport);
	int result;

	ledger->calls++;
	result = ledger_book_reserve(&ledger->book);
	if (result)
		return result;
	result = ledger->inner->mmap(ledger->inner, fd, offset, length, prot, flags, address);
	if (result >= 0)
		ledger_book_map(&ledger->book, fd, *address, length);
	return result;
}

static int ledger_munmap(struct iommuctl_transport *transport, void *address, size_t length)
{
	struct ledger *ledger = ledger_of(transport);
	int result;

	ledger->calls++;
	result = ledger->inner->munmap(ledger->inner, address, length);
	if (result >= 0)
		ledger_book_unmap(&ledger->book, address, length);
	return result;
}

static ssize_t ledger_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct ledger *ledger = ledger_of(transport);

	ledger->calls++;
	return ledger->inner->read(ledger->inner, fd, buffer, size, offset);
}

static ssize_t ledger_write(struct iommuctl_transport *transport, int fd, const void *buffer,
	size_t size, int64_t offset)
{
	struct ledger *ledger = ledger_of(transport);

	ledger->calls++;
	return ledger->inner->write(ledger->inner, fd, buffer, size, offset);
}

/* Unless close(2) reports EBADF, the descriptor is gone. */
static int ledger_close(struct iommuctl_transport *transport, int fd)
{
	struct ledger *ledger = ledger_of(transport);
	int result;

	ledger->calls++;
	result = ledger->inner->close(ledger->inner, fd);
	if (result != -EBADF)
		ledger_book_close(&ledger->book, fd);
	return result;
}

static int ledger_device_group(
	struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	struct ledger *ledger = ledger_of(transport);

	ledger->calls++;
	return ledger->inner->device_group(ledger->inner, fd, group);
}

static void ledger_free(struct iommuctl_transport *transport)
{
	struct ledger *ledger = ledger_of(transport);

	iommuctl_transport_free(ledger->inner);
	ledger_book_free(&ledger->book);
	free(ledger);
}

int iommuctl_transport_ledger_new(
	struct iommuctl_transport *inner, struct iommuctl_transport **transport)
{
	struct ledger *ledger = malloc(sizeof(*ledger));

	if (!ledger)
		return -ENOMEM;
	*ledger = (struct ledger) {
		.base = {
			.open = ledger_open,
			.ioctl = ledger_ioctl,
			.mmap = ledger_mmap,
			.munmap = ledger_munmap,
			.read = ledger_read,
			.write = ledger_write,
			.close = ledger_close,
			.free = ledger_free,
			.device_group = inner->device_group ? ledger_device_group : NULL,
		},
		.inner = inner,
	};
	*transport = &ledger->base;
	return 0;
}

const struct iommuctl_ledger_entry *iommuctl_transport_ledger_get_entries(
	const struct iommuctl_transport *transport, size_t *count)
{
	const struct ledger *ledger = (const struct ledger *)transport;

	*count = ledger->book.count;
	return ledger->book.entries;
}

uint64_t iommuctl_transport_ledger_get_calls(const struct iommuctl_transport *transport)
{
	return ((const struct ledger *)transport)->calls;
}
