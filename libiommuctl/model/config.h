/* SPDX-License-Identifier: MIT */
/* Checks and completes the configuration of a machine. */
#ifndef LIBIOMMUCTL_MODEL_CONFIG_H
#define LIBIOMMUCTL_MODEL_CONFIG_H

#include <iommuctl/model.h>

/*
 * Replaces each zero in @config by the value that it stands for: address widths, TLB size,
 * StreamID. A device that has its IOMMU group to itself gets a negative one.
 *
 * Errors: -EINVAL as for iommuctl_model_new(); @config may have been changed.
 */
int model_config_complete(struct iommuctl_model_config *config);

#endif
