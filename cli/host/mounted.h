/* SPDX-License-Identifier: MIT */
/* Whether the kernel's own file systems are mounted in the usual places. */
#ifndef CLI_HOST_MOUNTED_H
#define CLI_HOST_MOUNTED_H

#include <stdbool.h>

#include "host/sysfs.h"
#include "output/failure.h"

/*
 * Whether sysfs is at /sys, and procfs at /proc: an empty directory would say nothing about the
 * host. Trees other than this host are taken as they are.
 */
bool mounted_sys(const struct sysfs *sysfs);
bool mounted_proc(const struct sysfs *sysfs);

/* Returns 0, or -errno with @failure and its remedy. */
int mounted_check_sys(const struct sysfs *sysfs, struct failure *failure);
int mounted_check_proc(const struct sysfs *sysfs, struct failure *failure);

#endif
