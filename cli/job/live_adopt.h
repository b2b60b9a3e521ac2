/* SPDX-License-Identifier: MIT */
/* Files that others have opened, in the place of those that a job would open. */
#ifndef CLI_JOB_LIVE_ADOPT_H
#define CLI_JOB_LIVE_ADOPT_H

#include "job/live.h"

/*
 * The iommufd that was passed, or one that is opened. Returns 0, or -errno with a failure recorded;
 * of one that is no iommufd, -ENOTTY.
 */
int live_adopt_iommufd(struct live *live);

/*
 * The file of @device, which was found, that was passed: in *@fd, which is -1 where none was and it
 * is to be opened. Returns 0, or -errno with a failure recorded: -ENODEV, its "fd" names what was
 * not passed; -ENOTTY, it is of no VFIO device; -EXDEV, it is of another device.
 */
int live_adopt_device(struct live *live, const struct job_device *device, int *fd);

/* Takes the id of @device, whose file was bound before it was passed. -errno with a failure. */
int live_adopt_id(struct live *live, const struct job_device *device, uint32_t *id);

#endif
