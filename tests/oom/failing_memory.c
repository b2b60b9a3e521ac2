// SPDX-License-Identifier: MIT
/*
 * Loaded before a program (LD_PRELOAD), makes its memory run out. It takes from the environment:
 *
 * OOM_FAIL   the number of the allocation that fails, counted after the constructors of the libraries have run; with
 *            a "+" after it later ones fail too; 0: none fails
 * OOM_FD     an open file; the counts below go to its start
 * OOM_FILES  file descriptors run out instead of memory (failing_files.c)
 * OOM_WHERE  after the counts comes the stack of the allocation that failed first
 * OOM_SITES  after the counts comes, for each allocation, a number that is the same for the same stack
 * OOM_SHARED instead of all these: an open file with a struct control, which other processes that share it write at any time
 */
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "failing.h"

#define STACK_MAX  64
#define SITE_DEPTH 12 /* how much of a stack distinguishes places */
#define SITES_MAX  65536

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

/* Of what is shared, 64 bits each, in this order. */
struct control {
	_Atomic uint64_t calls;
	_Atomic uint64_t failed;
	_Atomic int64_t left;
	_Atomic uint64_t first;
	_Atomic uint64_t sites[SITES_MAX]; /* of the allocations, if @first is 0 */
};

static struct control own;

static struct {
	struct control *control;
	int fd;
	bool paused; /* where nothing is to fail */
	bool armed;
	bool for_good;
	bool where;
	bool sites;
	bool shared;
	enum failing_kind kind; /* what runs out */
} state = { .control = &own };

static void tell(void)
{
	struct counts counts = { own.calls, own.failed, own.left };

	if (state.shared)
		return;

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

static uint64_t find_site(void)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */
	void *stack[STACK_MAX];
	int depth;

	state.armed = false;
	depth = backtrace(stack, SITE_DEPTH);
	for (int i = 0; i < depth; i++)
		hash = (hash ^ (uintptr_t)stack[i]) * 0x100000001b3;
	state.armed = true;
	return hash;
}

static void tell_site(uint64_t call)
{
	const uint64_t site = find_site();

	if (state.shared)
		state.control->sites[call % SITES_MAX] = site;
	else if (write(state.fd, &site, sizeof(site)) != sizeof(site))
		_exit(70);
}

bool failing_is_due(enum failing_kind kind, int error)
{
	uint64_t call, first;

	if (!state.armed || state.paused || kind != state.kind)
		return false;
	call = ++state.control->calls;
	first = state.control->first;
	if (state.sites || (state.shared && !first))
		tell_site(call);
	if (!first || call < first || (call > first && !state.for_good))
		return false;
	if (++state.control->failed == 1)
		tell_failure();
	errno = error;
	return true;
}

/* libseccomp 2.5 crashes where it has no memory for a rule: nothing of ours can keep it from that. */
void *seccomp_init(uint32_t action);
void seccomp_release(void *filter);

void *seccomp_init(uint32_t action)
{
	void *(*real)(uint32_t) = (void *(*)(uint32_t))dlsym(RTLD_NEXT, "seccomp_init");
	void *filter;

	state.paused = true;
	filter = real(action);
	state.paused = filter;
	return filter;
}

void seccomp_release(void *filter)
{
	void (*real)(void *) = (void (*)(void *))dlsym(RTLD_NEXT, "seccomp_release");

	real(filter);
	state.paused = false;
}

static bool fails(void)
{
	return failing_is_due(FAILING_MEMORY, ENOMEM);
}

static void *count(void *memory)
{
	state.control->left += state.armed && memory;
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
	state.control->left -= state.armed && memory;
	__libc_free(memory);
}

/* The file may be closed then: what is mapped stays. */
static void share(const char *fd)
{
	void *control =
		mmap(NULL, sizeof(*state.control), PROT_READ | PROT_WRITE, MAP_SHARED, atoi(fd), 0);

	if (control == MAP_FAILED)
		_exit(70);
	state.control = control;
	state.shared = true;
	unsetenv("OOM_SHARED");
}

/* Runs after the constructors of the libraries. Children of the program have all the memory they want. */
__attribute__((constructor)) static void arm(void)
{
	const char *fail = getenv("OOM_FAIL"), *fd = getenv("OOM_FD");
	const char *shared = getenv("OOM_SHARED");
	void *stack[1];
	char *end;

	if (shared) {
		share(shared);
		backtrace(stack, 1); /* loads what it needs */
		state.armed = true;
		return;
	}
	if (!fail || !fd)
		return;
	state.kind = getenv("OOM_FILES") ? FAILING_FILES : FAILING_MEMORY;
	state.where = getenv("OOM_WHERE");
	state.sites = getenv("OOM_SITES");
	own.first = strtoull(fail, &end, 10);
	state.for_good = *end == '+';
	state.fd = atoi(fd);
	unsetenv("OOM_FAIL");
	unsetenv("OOM_FD");
	unsetenv("OOM_FILES");
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
