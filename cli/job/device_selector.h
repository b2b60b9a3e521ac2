/* SPDX-License-Identifier: MIT */
/* Which device a job means, however it names it. */
#ifndef CLI_JOB_DEVICE_SELECTOR_H
#define CLI_JOB_DEVICE_SELECTOR_H

#include "host/selector.h"
#include "job/job.h"
#include "output/failure.h"

/*
 * Returns 0, or -EINVAL with the reason told to @failure: "pci" or "select" is not what it is to
 * be, or it is named as one of a machine, and none is given.
 */
int job_device_selector(
	const struct job_device *device, struct selector *selector, struct failure *failure);

/*
 * Whether what a document says of @device names one, with @selector, unless it is a mock or one of
 * a machine. Returns as job_device_selector().
 */
int job_device_check(
	const struct job_device *device, struct selector *selector, struct failure *failure);

/* Tells @failure that @device is one of a machine, and none is given. Returns -EINVAL. */
int job_device_without_machine(const struct job_device *device, struct failure *failure);

#endif
