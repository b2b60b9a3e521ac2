/* SPDX-License-Identifier: MIT */
/* Which device a job means, however it names it. */
#ifndef CLI_JOB_DEVICE_SELECTOR_H
#define CLI_JOB_DEVICE_SELECTOR_H

#include "host/selector.h"
#include "job/job.h"

/* Returns 0, or -EINVAL if "pci" or "select" is not what it is to be. */
int job_device_selector(const struct job_device *device, struct selector *selector);

#endif
