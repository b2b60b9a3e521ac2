/* SPDX-License-Identifier: MIT */
/* The names of errnos, including those internal to the kernel that have been seen to escape. */
#ifndef CLI_OUTPUT_ERRNO_NAME_H
#define CLI_OUTPUT_ERRNO_NAME_H

#include "output/text.h"

/* "ENOENT" for 2 (or -2); NULL if the errno has no name. */
const char *errno_name(int error);

/* Finds the name of the errno that @name was probably meant for. */
void errno_nearest(const char *name, struct nearest *nearest);

/* The errno that @name ("ENOENT") stands for, or 0. */
int errno_from_name(const char *name);

#endif
