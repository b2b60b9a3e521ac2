/* SPDX-License-Identifier: MIT */
/* Files opened by another process, in place of those that a job would open. */
#ifndef CLI_JOB_LIVE_ADOPT_H
#define CLI_JOB_LIVE_ADOPT_H

#include "job/live/live.h"

/*
 * Takes the iommufd that was passed, or opens one. Returns 0, or -errno with a failure recorded;
 * -ENOTTY if the file is not an iommufd.
 */
int live_adopt_iommufd(struct live *live);

/*
 * Takes the file that was passed for @device, which has been found: *@fd, or -1 if none was passed
 * and it must be opened. Returns 0, or -errno with a failure recorded: -ENODEV, no file was passed
 * under its "fd"; -ENOTTY, the file is not a VFIO device; -EXDEV, it is another device.
 */
int live_adopt_device(struct live *live, const struct job_device *device, int *fd);

/*
 * Takes the ID of @device, whose file was bound before it was passed. -errno with a failure
 * recorded.
 */
int live_adopt_id(struct live *live, const struct job_device *device, uint32_t *id);

#endif
