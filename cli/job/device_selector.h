/* SPDX-License-Identifier: MIT */
/* Which device a job means, whichever key names it. */
#ifndef CLI_JOB_DEVICE_SELECTOR_H
#define CLI_JOB_DEVICE_SELECTOR_H

#include "host/selector.h"
#include "job/job.h"
#include "output/failure.h"

/* Whether @device is one of a machine that has not been looked up: machine_apply() does that. */
bool job_device_lacks_machine(const struct job_device *device);

/*
 * Returns 0, or -EINVAL with the reason in @failure: "pci" or "select" is malformed, or the device
 * is one of a machine and no machine is given.
 */
int job_device_selector(
	const struct job_device *device, struct selector *selector, struct failure *failure);

/*
 * Checks that the keys of @device name one and fills @selector, unless it is a mock or
 * job_device_lacks_machine(). Returns as job_device_selector() does.
 */
int job_device_check(
	const struct job_device *device, struct selector *selector, struct failure *failure);

/* Sets @failure: @device is one of a machine, and no machine is given. Returns -EINVAL. */
int job_device_without_machine(const struct job_device *device, struct failure *failure);

#endif
