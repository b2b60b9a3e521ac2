// SPDX-License-Identifier: MIT
/*
 * The kernel's own tests of iommufd, linked with this, find the model behind /dev/iommu: the linker
 * routes their system calls through here (--wrap), and calls on other files pass through.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <iommuctl/model.h>

#include "abi/iommufd.h"
#include "abi/iommufd_test.h"

#define HUGE (UINT64_C(2) << 20)

int __real_open(const char *path, int flags, ...);
int __real_ioctl(int fd, unsigned long request, ...);
void *__real_mmap(void *address, size_t length, int prot, int flags, int fd, off_t offset);
int __real_munmap(void *address, size_t length);
ssize_t __real_read(int fd, void *buffer, size_t size);
ssize_t __real_write(int fd, const void *buffer, size_t size);
int __real_close(int fd);
int __real_memfd_create(const char *name, unsigned int flags);
int __real_poll(struct pollfd *files, nfds_t count, int timeout);

int __wrap_open(const char *path, int flags, ...);
int __wrap_ioctl(int fd, unsigned long request, ...);
void *__wrap_mmap(void *address, size_t length, int prot, int flags, int fd, off_t offset);
int __wrap_munmap(void *address, size_t length);
ssize_t __wrap_read(int fd, void *buffer, size_t size);
ssize_t __wrap_write(int fd, const void *buffer, size_t size);
int __wrap_close(int fd);
int __wrap_memfd_create(const char *name, unsigned int flags);
int __wrap_poll(struct pollfd *files, nfds_t count, int timeout);

static struct iommuctl_transport *door(void)
{
	static struct iommuctl_transport *transport;
	struct iommuctl_model *model;

	if (transport)
		return transport;
	if (iommuctl_model_new(NULL, &model) || iommuctl_model_transport_new(model, &transport))
		abort();
	return transport;
}

static long answer(long result)
{
	if (result >= 0)
		return result;
	errno = (int)-result;
	return -1;
}

int __wrap_open(const char *path, int flags, ...)
{
	if (strcmp(path, "/dev/iommu") == 0 || strncmp(path, "/dev/vfio", 9) == 0)
		return (int)answer(door()->open(door(), path, flags));
	return __real_open(path, flags, 0600);
}

/* Linux 7.3 makes a dma-buf and returns 0; its tests want the file, which is the first free one. */
static int get_dma_buf(int fd, struct abi_test_cmd *command)
{
	const int next = dup(fd);
	int result;

	__real_close(next);
	result = door()->ioctl(door(), fd, ABI_TEST_CMD, command);
	return result ? result : next;
}

/* How often a page is pinned is what the model does not count: whatever is asked is right. */
static int test_command(int fd, struct abi_test_cmd *command)
{
	if (command->op == ABI_TEST_OP_MD_CHECK_REFS)
		return 0;
	if (command->op == ABI_TEST_OP_DMABUF_GET)
		return get_dma_buf(fd, command);
	return door()->ioctl(door(), fd, ABI_TEST_CMD, command);
}

int __wrap_ioctl(int fd, unsigned long request, ...)
{
	va_list arguments;
	void *argument;
	int result;

	va_start(arguments, request);
	argument = va_arg(arguments, void *);
	va_end(arguments);
	if (request == ABI_TEST_CMD && argument)
		result = test_command(fd, argument);
	else
		result = door()->ioctl(door(), fd, request, argument);
	return (int)answer(result);
}

/* Pages that are huge only by their alignment: a machine may have none. */
static void *map_as_if_huge(size_t length, int prot, int flags)
{
	unsigned char *room = __real_mmap(NULL, length + HUGE, prot, flags & ~MAP_HUGETLB, -1, 0);

	if (room == MAP_FAILED)
		return room;
	return room + (-(uintptr_t)room & (HUGE - 1));
}

void *__wrap_mmap(void *address, size_t length, int prot, int flags, int fd, off_t offset)
{
	void *mapped;
	int err;

	if (fd < 0 && !address && flags & MAP_HUGETLB)
		return map_as_if_huge(length, prot, flags);
	flags &= ~MAP_HUGETLB;
	if (fd < 0 || address)
		return __real_mmap(address, length, prot, flags, fd, offset);
	err = door()->mmap(door(), fd, offset, length, prot, flags, &mapped);
	if (err == -EBADF || err == -ENODEV)
		return __real_mmap(address, length, prot, flags, fd, offset);
	return answer(err) ? MAP_FAILED : mapped;
}

int __wrap_munmap(void *address, size_t length)
{
	return (int)answer(door()->munmap(door(), address, length));
}

ssize_t __wrap_read(int fd, void *buffer, size_t size)
{
	const ssize_t done = door()->read(door(), fd, buffer, size, IOMMUCTL_STREAM);

	return done == -EBADF ? __real_read(fd, buffer, size) : answer(done);
}

ssize_t __wrap_write(int fd, const void *buffer, size_t size)
{
	const ssize_t done = door()->write(door(), fd, buffer, size, IOMMUCTL_STREAM);

	return done == -EBADF ? __real_write(fd, buffer, size) : answer(done);
}

int __wrap_close(int fd)
{
	const int err = door()->close(door(), fd);

	return err == -EBADF ? __real_close(fd) : (int)answer(err);
}

int __wrap_memfd_create(const char *name, unsigned int flags)
{
	return __real_memfd_create(name, flags & (MFD_CLOEXEC | MFD_ALLOW_SEALING));
}

/* What waits for a test gives it seconds, which are not enough on every machine. */
int __wrap_poll(struct pollfd *files, nfds_t count, int timeout)
{
	return __real_poll(files, count, timeout < 1000 ? timeout : -1);
}
