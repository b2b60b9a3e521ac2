/* SPDX-License-Identifier: MIT */
/* What a machine is to be made of. */
#ifndef LIBIOMMUCTL_MODEL_CONFIG_H
#define LIBIOMMUCTL_MODEL_CONFIG_H

#include <iommuctl/model.h>

/*
 * Writes what each zero stands for into @config: the width of addresses, the size of the TLB, the
 * StreamID; a device that has its IOMMU group to itself gets a negative one.
 * Errors: -EINVAL as iommuctl_model_new() says; @config may have been changed.
 */
int model_config_complete(struct iommuctl_model_config *config);

#endif
