/* SPDX-License-Identifier: MIT */
/* Thin calls as questions: errors that are answers leave no failure, and are not logged. */
#ifndef LIBIOMMUCTL_VFIO_ASK_H
#define LIBIOMMUCTL_VFIO_ASK_H

#include <iommuctl/vfio.h>

/* -EINVAL, -EBUSY: others of the group are attached to something else. */
int vfio_ask_attach(struct iommuctl *ctx, int device, uint32_t pt_id);

/* -EOPNOTSUPP: the group is not known. */
int vfio_ask_group(struct iommuctl *ctx, int device, struct iommuctl_device_group *group);

#endif
