/* SPDX-License-Identifier: MIT */
/* Devices for containers: specifications of the Container Device Interface. */
#ifndef CLI_HOST_CDI_H
#define CLI_HOST_CDI_H

#include <jansson.h>

#include "host/device.h"
#include "output/failure.h"

/*
 * The first version that distinguishes the node on the host from that in the container, and the
 * first in which a class may have dots. Engines refuse a specification that needs a newer version
 * than it says.
 */
#define CDI_VERSION	 "0.5.0"
#define CDI_VERSION_DOTS "0.6.0"

/* Nobody owns a name below .internal, so this kind is never another vendor's. */
#define CDI_KIND "iommuctl.internal/vfio"

/* The limit of a kind, which becomes a file name. */
#define CDI_KIND_SIZE 128

/* "vendor.example/class", each of letters, digits, '_', '-' and '.', by the CDI specification. */
bool cdi_is_kind(const char *kind);

/* "vendor.example-class.json": the usual name of a specification. */
void cdi_file_name(const char *kind, char name[CDI_KIND_SIZE + sizeof(".json")]);

/*
 * Whether @device can be handed to a container by its cdev, the only interface of VFIO that works
 * with an iommufd: never by the node of its legacy group, and not while that is in use.
 */
int cdi_check_device(
	const struct sysfs *sysfs, const struct host_device *device, struct failure *failure);

/* The specification of @count devices. Each comes with /dev/iommu. */
json_t *cdi_to_json(const char *kind, const struct host_device *devices, size_t count);

#endif
