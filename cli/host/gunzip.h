/* SPDX-License-Identifier: MIT */
/* The only program that this room runs: gzip, for the kernel's configuration. */
#ifndef CLI_HOST_GUNZIP_H
#define CLI_HOST_GUNZIP_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * A stream of the contents of the compressed file @path, to be closed with gunzip_close(); NULL if
 * there is none. gzip is looked up only in the system's directories, and without a shell: the
 * environment may be another user's, and we may be root.
 */
struct gunzip {
	FILE *stream;
	pid_t pid;
};

FILE *gunzip_open(struct gunzip *gunzip, const char *path);

/* Whether gzip has unpacked the whole file; also false if it was not read to the end. */
bool gunzip_close(struct gunzip *gunzip);

#endif
