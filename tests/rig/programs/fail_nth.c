// SPDX-License-Identifier: MIT
/*
 * Preloaded into a program, makes the n-th allocation fail that the kernel makes in the program's calls on iommufd and
 * VFIO: those of one kind on their files. The kernel counts per thread, so its count is set before each call, read and
 * cleared after it; the next call starts from the rest. Memory files get all their pages at once: these thousands belong to
 * the program, and only the kernel's allocations to pin and map them fail. See fail_nth.h.
 */
#undef _FILE_OFFSET_BITS /* would rename what is defined here; offsets have 64 bits here in any case */
#undef _TIME_BITS	 /* goes with that */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include "fail_nth.h"

#define SET_IRQS   0x3b6eul /* VFIO_DEVICE_SET_IRQS */
#define MAX_FILES  256
#define FIRST_FILE 200 /* ours are out of the program's way */
#define PUBLIC	   __attribute__((visibility("default")))

enum kind { KIND_CALLS, KIND_IRQS, KIND_CLOSE, KINDS };

static const char *const kind_names[KINDS] = {
	[KIND_CALLS] = "calls",
	[KIND_IRQS] = "irqs",
	[KIND_CLOSE] = "close",
};

/* A preloaded library has nowhere else to keep this. */
static struct {
	struct fail_nth_record *record;
	pid_t pid; /* children of the program have all the memory they want */
	unsigned int left;
	enum kind kind; /* the one that allocations fail in */
	bool watched[MAX_FILES];
	int (*open)(const char *path, int flags, ...);
	int (*ioctl)(int fd, unsigned long request, ...);
	void *(*mmap)(void *address, size_t length, int prot, int flags, int fd, off_t offset);
	ssize_t (*read)(int fd, void *buffer, size_t size);
	ssize_t (*pread)(int fd, void *buffer, size_t size, off_t offset);
	ssize_t (*write)(int fd, const void *buffer, size_t size);
	ssize_t (*pwrite)(int fd, const void *buffer, size_t size, off_t offset);
	int (*ftruncate)(int fd, off_t length);
	int (*close)(int fd);
} nth;

static _Thread_local int count_fd = -1; /* of this thread */

static void set_count(unsigned int count)
{
	char text[16];
	const int length = snprintf(text, sizeof(text), "%u", count);

	if (count_fd < 0) {
		const int fd = nth.open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);

		count_fd = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FILE);
		nth.close(fd);
	}
	if (nth.pwrite(count_fd, text, (size_t)length, 0) != length)
		abort();
}

static unsigned int get_count(void)
{
	char text[16] = "";

	if (nth.pread(count_fd, text, sizeof(text) - 1, 0) <= 0)
		abort();
	return (unsigned int)strtoul(text, NULL, 10);
}

static bool is_watched(int fd)
{
	return fd >= 0 && fd < MAX_FILES && nth.watched[fd] && getpid() == nth.pid;
}

/* Whether behind() is to be called when the call has been made. */
static bool before(bool watched, enum kind kind)
{
	if (!watched || kind != nth.kind || !nth.left)
		return false;
	set_count(nth.left);
	return true;
}

static void behind(const char *call, unsigned long request, bool is_error)
{
	const int error = errno;
	const unsigned int left = get_count();

	set_count(0);
	nth.record->allocations += nth.left - left;
	nth.left = left;
	if (!left) {
		nth.record->failed = 1;
		nth.record->request = request;
		nth.record->error = is_error ? error : 0;
		snprintf(nth.record->call, sizeof(nth.record->call), "%s", call);
	}
	errno = error;
}

PUBLIC int open(const char *path, int flags, ...)
{
	const bool ours = nth.record && getpid() == nth.pid &&
			  (!strcmp(path, "/dev/iommu") || !strncmp(path, "/dev/vfio/", 10));
	const bool armed = before(ours, KIND_CALLS);
	va_list arguments;
	int fd;

	va_start(arguments, flags);
	fd = nth.open(path, flags, va_arg(arguments, unsigned int));
	va_end(arguments);
	if (armed)
		behind("open", 0, fd < 0);
	if (ours && fd >= 0 && fd < MAX_FILES)
		nth.watched[fd] = true;
	return fd;
}

PUBLIC int open64(const char *path, int flags, ...) __attribute__((alias("open")));

PUBLIC int ioctl(int fd, unsigned long request, ...)
{
	const bool armed = before(is_watched(fd), request == SET_IRQS ? KIND_IRQS : KIND_CALLS);
	va_list arguments;
	int result;

	va_start(arguments, request);
	result = nth.ioctl(fd, request, va_arg(arguments, void *));
	va_end(arguments);
	if (armed)
		behind("ioctl", request, result < 0);
	return result;
}

PUBLIC void *mmap(void *address, size_t length, int prot, int flags, int fd, off_t offset)
{
	const bool armed = before(is_watched(fd), KIND_CALLS);
	void *const mapped = nth.mmap(address, length, prot, flags, fd, offset);

	if (armed)
		behind("mmap", 0, mapped == MAP_FAILED);
	return mapped;
}

PUBLIC void *mmap64(void *address, size_t length, int prot, int flags, int fd, off_t offset)
	__attribute__((alias("mmap")));

PUBLIC ssize_t read(int fd, void *buffer, size_t size)
{
	const bool armed = before(is_watched(fd), KIND_CALLS);
	const ssize_t result = nth.read(fd, buffer, size);

	if (armed)
		behind("read", 0, result < 0);
	return result;
}

PUBLIC ssize_t pread(int fd, void *buffer, size_t size, off_t offset)
{
	const bool armed = before(is_watched(fd), KIND_CALLS);
	const ssize_t result = nth.pread(fd, buffer, size, offset);

	if (armed)
		behind("pread", 0, result < 0);
	return result;
}

PUBLIC ssize_t pread64(int fd, void *buffer, size_t size, off_t offset)
	__attribute__((alias("pread")));

PUBLIC ssize_t write(int fd, const void *buffer, size_t size)
{
	const bool armed = before(is_watched(fd), KIND_CALLS);
	const ssize_t result = nth.write(fd, buffer, size);

	if (armed)
		behind("write", 0, result < 0);
	return result;
}

PUBLIC ssize_t pwrite(int fd, const void *buffer, size_t size, off_t offset)
{
	const bool armed = before(is_watched(fd), KIND_CALLS);
	const ssize_t result = nth.pwrite(fd, buffer, size, offset);

	if (armed)
		behind("pwrite", 0, result < 0);
	return result;
}

PUBLIC ssize_t pwrite64(int fd, const void *buffer, size_t size, off_t offset)
	__attribute__((alias("pwrite")));

PUBLIC int ftruncate(int fd, off_t length)
{
	const int result = nth.ftruncate(fd, length);

	if (!result && nth.record && length)
		fallocate(fd, 0, 0, length);
	return result;
}

PUBLIC int ftruncate64(int fd, off_t length) __attribute__((alias("ftruncate")));

PUBLIC int close(int fd)
{
	const bool ours = is_watched(fd);
	const bool armed = before(ours, KIND_CLOSE);
	const int result = nth.close(fd);

	if (armed)
		behind("close", 0, result < 0);
	if (ours)
		nth.watched[fd] = false;
	return result;
}

static void find(void *function, const char *name)
{
	void *const symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}

__attribute__((constructor)) static void begin(void)
{
	const char *const count = getenv("FAIL_NTH"), *const fd = getenv("FAIL_NTH_FD");
	void *record;

	find(&nth.open, "open");
	find(&nth.ioctl, "ioctl");
	find(&nth.mmap, "mmap");
	find(&nth.read, "read");
	find(&nth.pread, "pread");
	find(&nth.write, "write");
	find(&nth.pwrite, "pwrite");
	find(&nth.ftruncate, "ftruncate");
	find(&nth.close, "close");
	if (!count || !fd)
		return;
	record = nth.mmap(
		NULL, sizeof(*nth.record), PROT_READ | PROT_WRITE, MAP_SHARED, atoi(fd), 0);
	if (record == MAP_FAILED)
		abort();
	nth.close(atoi(fd));
	nth.left = (unsigned int)strtoul(count, NULL, 10);
	for (enum kind kind = KIND_CALLS; kind < KINDS; kind++) {
		if (!strcmp(getenv("FAIL_NTH_IN"), kind_names[kind]))
			nth.kind = kind;
	}
	nth.pid = getpid();
	nth.record = record;
	unsetenv("FAIL_NTH");
	unsetenv("FAIL_NTH_IN");
	unsetenv("FAIL_NTH_FD");
	unsetenv("LD_PRELOAD");
}
