// SPDX-License-Identifier: MIT
/*
 * Loaded before a program (LD_PRELOAD), makes its memory run out. It takes from the environment:
 *
 * OOM_FAIL   the number of the allocation that fails, counted from where the constructors of the libraries have run; with
 *            a "+" behind it those that follow fail too; 0: none fails
 * OOM_FD     an open file; the counts below go to its start
 * OOM_WHERE  behind the counts goes the stack of the allocation that failed first
 * OOM_SITES  behind the counts goes, for each allocation, a number that is the same for the same stack
 */
#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#define STACK_MAX  64
#define SITE_DEPTH 12 /* how much of a stack tells places apart */

/* glibc's own names of what is replaced here. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);

/* What the file of OOM_FD begins with. */
struct counts {
	uint64_t calls; /* allocations asked for */
	uint64_t failed;
	int64_t left; /* allocated less freed */
};

static struct {
	_Atomic uint64_t calls;
	_Atomic uint64_t failed;
	_Atomic int64_t left;
	uint64_t first;
	int fd;
	bool armed;
	bool for_good;
	bool where;
	bool sites;
} state;

static void tell(void)
{
	struct counts counts = { state.calls, state.failed, state.left };

	if (pwrite(state.fd, &counts, sizeof(counts), 0) != sizeof(counts))
		_exit(70);
}

/* Told at once: a program that crashes does not come to its end. */
static void tell_failure(void)
{
	void *stack[STACK_MAX];

	state.armed = false; /* what backtrace() takes for itself does not count */
	tell();
	if (state.where)
		backtrace_symbols_fd(stack, backtrace(stack, STACK_MAX), state.fd);
	state.armed = true;
}

static void tell_site(void)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
	void *stack[STACK_MAX];
	int depth;

	state.armed = false;
	depth = backtrace(stack, SITE_DEPTH);
	for (int i = 0; i < depth; i++)
		hash = (hash ^ (uintptr_t)stack[i]) * 0x100000001b3;
	if (write(state.fd, &hash, sizeof(hash)) != sizeof(hash))
		_exit(70);
	state.armed = true;
}

/* Whether the allocation that is asked for now fails. */
static bool fails(void)
{
	uint64_t call;

	if (!state.armed)
		return false;
	call = ++state.calls;
	if (state.sites)
		tell_site();
	if (!state.first || call < state.first || (call > state.first && !state.for_good))
		return false;
	if (++state.failed == 1)
		tell_failure();
	errno = ENOMEM;
	return true;
}

static void *count(void *memory)
{
	state.left += state.armed && memory;
	return memory;
}

void *malloc(size_t size)
{
	return fails() ? NULL : count(__libc_malloc(size));
}

void *calloc(size_t number, size_t size)
{
	return fails() ? NULL : count(__libc_calloc(number, size));
}

void *realloc(void *memory, size_t size)
{
	if (!memory)
		return malloc(size);
	return fails() ? NULL : __libc_realloc(memory, size);
}

void *reallocarray(void *memory, size_t number, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(number, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(memory, bytes);
}

void *memalign(size_t alignment, size_t size)
{
	return fails() ? NULL : count(__libc_memalign(alignment, size));
}

void *aligned_alloc(size_t alignment, size_t size)
{
	return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	int error = errno;
	void *made;

	if (alignment % sizeof(void *) || alignment & (alignment - 1) || !alignment)
		return EINVAL;
	made = memalign(alignment, size);
	errno = error;
	if (!made)
		return ENOMEM;
	*memory = made;
	return 0;
}

void free(void *memory)
{
	state.left -= state.armed && memory;
	__libc_free(memory);
}

/* Runs after the constructors of the libraries. Children of the program have all the memory they want. */
__attribute__((constructor)) static void arm(void)
{
	const char *fail = getenv("OOM_FAIL"), *fd = getenv("OOM_FD");
	void *stack[1];
	char *end;

	if (!fail || !fd)
		return;
	state.where = getenv("OOM_WHERE");
	state.sites = getenv("OOM_SITES");
	state.first = strtoull(fail, &end, 10);
	state.for_good = *end == '+';
	state.fd = atoi(fd);
	unsetenv("OOM_FAIL");
	unsetenv("OOM_FD");
	unsetenv("OOM_WHERE");
	unsetenv("OOM_SITES");
	if (lseek(state.fd, sizeof(struct counts), SEEK_SET) < 0)
		_exit(70);
	backtrace(stack, 1); /* loads what it needs */
	state.armed = true;
}

__attribute__((destructor)) static void disarm(void)
{
	if (!state.armed)
		return;
	state.armed = false;
	tell();
}
