/* SPDX-License-Identifier: MIT */
/* The whole machine. */
#ifndef LIBIOMMUCTL_MODEL_MACHINE_H
#define LIBIOMMUCTL_MODEL_MACHINE_H

#include "model/file.h"
#include "model/smmu/smmu.h"
#include "model/vfio/vfio.h"

#define MODEL_VMIDS 65536

/* The number of the mock devices' IOMMU, which has no SMMU. */
#define MODEL_MOCK_IOMMU IOMMUCTL_MODEL_SMMUS_MAX

struct model_iommufd;
struct model_mapping;

struct iommuctl_model {
	/* Zeros replaced by what they stand for; a group with one device is < 0. */
	struct iommuctl_model_config config;
	struct iommuctl_model_counters counters;
	struct model_smmu *smmus[IOMMUCTL_MODEL_SMMUS_MAX];
	uint64_t vmids[IOMMUCTL_MODEL_SMMUS_MAX][MODEL_VMIDS / 64]; /* a bit for each VMID in use */
	unsigned int vintfs[IOMMUCTL_MODEL_SMMUS_MAX]; /* of a CMDQV, in use by vIOMMUs */
	struct model_device devices[IOMMUCTL_MODEL_DEVICES_MAX];
	/* by file descriptor; without an object: not one of the model's */
	struct model_file *files;
	size_t file_room;
	struct model_mapping *mappings;
	size_t ioeventfd_count;		/* of all devices */
	struct model_iommufd *iommufds; /* also closed ones that are still in use */
};

#endif
