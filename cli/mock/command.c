// SPDX-License-Identifier: MIT
/* Operations of the mock only. */
#include "mock/command.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int mock_command(const struct mock *mock, struct abi_test_cmd *command)
{
	command->size = sizeof(*command);
	return mock->transport->ioctl(mock->transport, mock->iommufd, ABI_TEST_CMD, command);
}

static uint64_t pointer(const void *address)
{
	return (uintptr_t)address;
}

int mock_raise_fault(const struct mock *mock, const struct mock_fault *fault)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_TRIGGER_IOPF,
		.trigger_iopf = {
			.dev_id = fault->dev_id,
			.pasid = fault->pasid,
			.grpid = fault->group,
			.perm = fault->perm,
			.addr = fault->addr,
		},
	};

	return mock_command(mock, &command);
}

int mock_raise_event(const struct mock *mock, uint32_t dev_id)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_TRIGGER_VEVENT,
		.trigger_vevent = { .dev_id = dev_id },
	};

	return mock_command(mock, &command);
}

int mock_set_dirty(
	const struct mock *mock, uint32_t hwpt_id, const struct mock_pages *pages, uint64_t *count)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DIRTY,
		.id = hwpt_id,
		.dirty = {
			.iova = pages->iova,
			.length = pages->length,
			.page_size = pages->page_size,
			.uptr = pointer(pages->bitmap),
		},
	};
	int err = mock_command(mock, &command);

	if (err >= 0)
		*count = command.dirty.out_nr_dirty;
	return err;
}

int mock_check_cache(const struct mock *mock, uint32_t dev_id, uint32_t entry, uint32_t value)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DEV_CHECK_CACHE,
		.id = dev_id,
		.check_dev_cache = { .id = entry, .cache = value },
	};

	return mock_command(mock, &command);
}

int mock_check_iotlb(const struct mock *mock, uint32_t hwpt_id, uint32_t entry, uint32_t value)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_MD_CHECK_IOTLB,
		.id = hwpt_id,
		.check_iotlb = { .id = entry, .iotlb = value },
	};

	return mock_command(mock, &command);
}

int mock_check_map(
	const struct mock *mock, uint32_t hwpt_id, uint64_t iova, const void *host, size_t length)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_MD_CHECK_MAP,
		.id = hwpt_id,
		.check_map = { .iova = iova, .length = length, .uptr = pointer(host) },
	};

	return mock_command(mock, &command);
}

int mock_access_new(const struct mock *mock, uint32_t ioas_id, bool pins, int *fd)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_CREATE_ACCESS,
		.id = ioas_id,
		.create_access = {
			.flags = pins ? ABI_MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES : 0,
		},
	};
	int err = mock_command(mock, &command);

	if (err >= 0)
		*fd = (int)command.create_access.out_access_fd;
	return err;
}

int mock_access_rw(const struct mock *mock, const struct mock_access *access, void *buffer)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_ACCESS_RW,
		.id = (uint32_t)access->fd,
		.access_rw = {
			.iova = access->iova,
			.length = access->length,
			.uptr = pointer(buffer),
			.flags = access->write ? ABI_MOCK_ACCESS_RW_WRITE : 0,
		},
	};

	return mock_command(mock, &command);
}

int mock_access_pin(
	const struct mock *mock, const struct mock_access *access, void *host, uint32_t *pin)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_ACCESS_PAGES,
		.id = (uint32_t)access->fd,
		.access_pages = {
			.flags = access->write ? ABI_MOCK_FLAGS_ACCESS_WRITE : 0,
			.iova = access->iova,
			.length = access->length,
			.uptr = pointer(host),
		},
	};
	int err = mock_command(mock, &command);

	if (err >= 0)
		*pin = command.access_pages.out_access_pages_id;
	return err;
}

int mock_access_unpin(const struct mock *mock, int fd, uint32_t pin)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DESTROY_ACCESS_PAGES,
		.id = (uint32_t)fd,
		.destroy_access_pages = { .access_pages_id = pin },
	};

	return mock_command(mock, &command);
}

int mock_dma_buf_new(const struct mock *mock, uint32_t length, int *fd)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DMABUF_GET,
		.dmabuf_get = { .length = length, .open_flags = O_CLOEXEC },
	};
	/* Linux 7.3 makes the file but returns 0: its number is the lowest that was free. */
	int next = fcntl(mock->iommufd, F_DUPFD_CLOEXEC, 0), result;

	if (next < 0)
		return -errno;
	close(next);
	result = mock_command(mock, &command);
	if (result < 0)
		return result;
	*fd = result ? result : next;
	return 0;
}

int mock_dma_buf_revoke(const struct mock *mock, int fd, bool revoked)
{
	struct abi_test_cmd command = {
		.op = ABI_TEST_OP_DMABUF_REVOKE,
		.dmabuf_revoke = { .dmabuf_fd = fd, .revoked = revoked },
	};

	return mock_command(mock, &command);
}
