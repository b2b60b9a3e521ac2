/* SPDX-License-Identifier: MIT */
/* The machine as a whole. */
#ifndef LIBIOMMUCTL_MODEL_MACHINE_H
#define LIBIOMMUCTL_MODEL_MACHINE_H

#include "model/file.h"
#include "model/smmu/smmu.h"
#include "model/vfio/vfio.h"

#define MODEL_VMIDS 65536

/* The number of the IOMMU of mock devices, which has no SMMU behind it. */
#define MODEL_MOCK_IOMMU IOMMUCTL_MODEL_SMMUS_MAX

struct model_iommufd;
struct model_mapping;

struct iommuctl_model {
	/* With what its zeros stand for; a group of one's own < 0. */
	struct iommuctl_model_config config;
	struct iommuctl_model_counters counters;
	struct model_smmu *smmus[IOMMUCTL_MODEL_SMMUS_MAX];
	uint64_t vmids[IOMMUCTL_MODEL_SMMUS_MAX][MODEL_VMIDS / 64]; /* a bit for each in use */
	unsigned int vintfs[IOMMUCTL_MODEL_SMMUS_MAX]; /* of a CMDQV, that vIOMMUs have */
	struct model_device devices[IOMMUCTL_MODEL_DEVICES_MAX];
	struct model_file *files; /* by file descriptor; without an object: not the model's */
	size_t file_room;
	struct model_mapping *mappings;
	size_t ioeventfd_count;		/* of all devices */
	struct model_iommufd *iommufds; /* also closed ones that are still in use */
};

#endif
