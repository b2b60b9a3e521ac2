// SPDX-License-Identifier: MIT
/*
 * Calls that open files or map memory, of which one fails if OOM_FILES says so: by EMFILE, and mmap() by ENOMEM. Of glibc's own
 * calls, only fopen() and opendir() do.
 */
#undef _FILE_OFFSET_BITS /* would rename what is defined here; where this is built, offsets have 64 bits */
#undef _TIME_BITS	 /* goes with that */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "failing.h"

/* glibc's own function of this name, into a pointer to it. */
static void find(void *function, const char *name)
{
	void *const symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}

#define REAL(name)                                                                                 \
	__typeof__(&name) real;                                                                    \
                                                                                                   \
	find(&real, #name)

int open(const char *path, int flags, ...)
{
	unsigned int mode = 0;
	va_list arguments;
	REAL(open);

	if (flags & (O_CREAT | O_TMPFILE)) {
		va_start(arguments, flags);
		mode = va_arg(arguments, unsigned int);
		va_end(arguments);
	}
	return failing_is_due(FAILING_FILES, EMFILE) ? -1 : real(path, flags, mode);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int openat(int directory, const char *path, int flags, ...)
{
	unsigned int mode = 0;
	va_list arguments;
	REAL(openat);

	if (flags & (O_CREAT | O_TMPFILE)) {
		va_start(arguments, flags);
		mode = va_arg(arguments, unsigned int);
		va_end(arguments);
	}
	return failing_is_due(FAILING_FILES, EMFILE) ? -1 : real(directory, path, flags, mode);
}

int openat64(int directory, const char *path, int flags, ...) __attribute__((alias("openat")));

FILE *fopen(const char *path, const char *mode)
{
	REAL(fopen);

	return failing_is_due(FAILING_FILES, EMFILE) ? NULL : real(path, mode);
}

FILE *fopen64(const char *path, const char *mode) __attribute__((alias("fopen")));

DIR *opendir(const char *path)
{
	REAL(opendir);

	return failing_is_due(FAILING_FILES, EMFILE) ? NULL : real(path);
}

int memfd_create(const char *name, unsigned int flags)
{
	REAL(memfd_create);

	return failing_is_due(FAILING_FILES, EMFILE) ? -1 : real(name, flags);
}

int eventfd(unsigned int value, int flags)
{
	REAL(eventfd);

	return failing_is_due(FAILING_FILES, EMFILE) ? -1 : real(value, flags);
}

int signalfd(int fd, const sigset_t *signals, int flags)
{
	REAL(signalfd);

	return failing_is_due(FAILING_FILES, EMFILE) ? -1 : real(fd, signals, flags);
}

int socket(int domain, int type, int protocol)
{
	REAL(socket);

	return failing_is_due(FAILING_FILES, EMFILE) ? -1 : real(domain, type, protocol);
}

int socketpair(int domain, int type, int protocol, int ends[2])
{
	REAL(socketpair);

	return failing_is_due(FAILING_FILES, EMFILE) ? -1 : real(domain, type, protocol, ends);
}

void *mmap(void *address, size_t length, int prot, int flags, int fd, off_t offset)
{
	REAL(mmap);

	return failing_is_due(FAILING_FILES, ENOMEM)
		       ? MAP_FAILED
		       : real(address, length, prot, flags, fd, offset);
}

void *mmap64(void *address, size_t length, int prot, int flags, int fd, off_t offset)
	__attribute__((alias("mmap")));
