/* SPDX-License-Identifier: MIT */
/* The IOMMU group of a device, as sysfs shows it. */
#ifndef LIBIOMMUCTL_CORE_DEVICE_GROUP_H
#define LIBIOMMUCTL_CORE_DEVICE_GROUP_H

#include <iommuctl/transport.h>

/*
 * Reads the group of the device whose sysfs directory the link @path leads to. @group is written
 * only on success.
 * -EOPNOTSUPP: sysfs is not there, or does not show the group.
 * -EMFILE, -ENFILE, -ENOMEM, -EINTR: a lack of resources, or a signal.
 */
int device_group_read(const char *path, struct iommuctl_device_group *group);

#endif
