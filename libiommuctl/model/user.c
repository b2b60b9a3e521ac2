// SPDX-License-Identifier: MIT
#include "model/user.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Linux maps nothing lower for a program (vm.mmap_min_addr), and no machine has a larger user
 * space.
 */
#define USER_FIRST UINT64_C(0x10000)
#define USER_LAST  ((UINT64_C(1) << 52) - 1)

#define POPULATED_MAX ((size_t)64 * 1024)

#ifndef MADV_POPULATE_READ /* Linux 5.14 */
#define MADV_POPULATE_READ  22
#define MADV_POPULATE_WRITE 23
#endif

void *model_user_pointer(uint64_t user)
{
	return (void *)(uintptr_t)user; /* NOLINT(performance-no-int-to-ptr): that is the ABI */
}

static bool plausible(uint64_t user, uint64_t size)
{
	uint64_t last;

	if (__builtin_add_overflow(user, size - 1, &last))
		return false;
	return user >= USER_FIRST && last <= USER_LAST && last <= UINTPTR_MAX;
}

int model_copy_in(void *to, uint64_t user, size_t size)
{
	if (size == 0)
		return 0;
	if (!plausible(user, size))
		return -EFAULT;
	memcpy(to, model_user_pointer(user), size);
	return 0;
}

int model_copy_out(uint64_t user, const void *from, size_t size)
{
	if (size == 0)
		return 0;
	if (!plausible(user, size))
		return -EFAULT;
	memcpy(model_user_pointer(user), from, size);
	return 0;
}

static bool is_mapped(unsigned char *first, size_t length, size_t page_size)
{
	unsigned char pages[4096];

	while (length > 0) {
		size_t chunk = sizeof(pages) * page_size;

		if (chunk > length)
			chunk = length;
		if (mincore(first, chunk, pages))
			return false;
		first += chunk;
		length -= chunk;
	}
	return true;
}

/* -EFAULT; -EOPNOTSUPP: the kernel lacks this advice, and so refuses it for no pages too. */
static int populate(void *first, size_t length, bool write)
{
	const int advice = write ? MADV_POPULATE_WRITE : MADV_POPULATE_READ;

	if (madvise(first, length, advice) == 0)
		return 0;
	return madvise(first, 0, advice) ? -EOPNOTSUPP : -EFAULT;
}

/*
 * The kernel pins all pages for devices. Here a few pages are faulted in; of many, only the ends
 * are tried, though any gap is found.
 */
bool model_user_mapped(uint64_t user, uint64_t size, bool write)
{
	const size_t page_size = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t first, last;
	size_t length;
	bool few;
	int err;

	if (size == 0 || !plausible(user, size))
		return false;
	first = user & ~(uint64_t)(page_size - 1);
	last = (user + size - 1) & ~(uint64_t)(page_size - 1);
	length = (size_t)(last - first) + page_size;
	few = length <= POPULATED_MAX;
	err = populate(model_user_pointer(first), few ? length : page_size, write);
	if (err == 0 && !few)
		err = populate(model_user_pointer(last), page_size, write);
	if (err == -EFAULT)
		return false;
	return (err == 0 && few) || is_mapped(model_user_pointer(first), length, page_size);
}
