/* SPDX-License-Identifier: MIT */
/* The one program that this room has others run: gzip, for the kernel's configuration. */
#ifndef CLI_HOST_GUNZIP_H
#define CLI_HOST_GUNZIP_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * A stream of what the compressed file @path holds, to be closed with gunzip_close(); NULL if there
 * is none. gzip is looked for in the system's directories alone, and no shell has a part in it: the
 * environment may be another user's, and we may be root.
 */
struct gunzip {
	FILE *stream;
	pid_t pid;
};

FILE *gunzip_open(struct gunzip *gunzip, const char *path);

/* Whether gzip has unpacked the whole file; false as well if it was not read to the end. */
bool gunzip_close(struct gunzip *gunzip);

#endif
