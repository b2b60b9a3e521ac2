/* SPDX-License-Identifier: MIT */
/* The names of errnos, those included that the kernel keeps for itself but that have been seen. */
#ifndef CLI_OUTPUT_ERRNO_NAME_H
#define CLI_OUTPUT_ERRNO_NAME_H

#include "output/text.h"

/* "ENOENT" for 2 (or -2); NULL if the errno has no name. */
const char *errno_name(int error);

/* Finds the name of an errno that was meant with @name. */
void errno_nearest(const char *name, struct nearest *nearest);

/* The errno that @name ("ENOENT") stands for, or 0. */
int errno_from_name(const char *name);

#endif
