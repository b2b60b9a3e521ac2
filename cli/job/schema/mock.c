// SPDX-License-Identifier: MIT
/* The keys of the kernel's own test device. */
#include "job/job.h"
#include "job/schema/schema.h"

static const struct schema_key mock_keys[] = {
	{ "pasid", SCHEMA_BOOL, MEMBER(job_mock, pasid), .help = "Give it PASIDs." },
	{ "dirty-tracking", SCHEMA_BOOL, MEMBER(job_mock, dirty_tracking), .fallback = true,
		.help = "Let the IOMMU track the pages that it writes." },
	{ NULL },
};

const struct schema_shape schema_mock = {
	"mock",
	sizeof(struct job_mock),
	mock_keys,
	.help = "Capabilities of a test device that the kernel makes.",
};

static const struct schema_key viommu_keys[] = {
	{ "value", SCHEMA_NUMBER, MEMBER(job_mock_viommu, value), .required = true,
		.max = UINT32_MAX, .help = "The first word of the pages." },
	{ NULL },
};

const struct schema_shape schema_mock_viommu = {
	"mock-viommu",
	sizeof(struct job_mock_viommu),
	viommu_keys,
	.help = "Pages that a vIOMMU of the kernel's mock lets its user map.",
};

static const struct schema_key hwpt_keys[] = {
	{ "iotlb", SCHEMA_NUMBER, MEMBER(job_mock_hwpt, iotlb), .required = true, .max = UINT32_MAX,
		.help = "Initial value of each TLB entry; 0 is an invalid entry." },
	{ NULL },
};

const struct schema_shape schema_mock_hwpt = {
	"mock-hwpt",
	sizeof(struct job_mock_hwpt),
	hwpt_keys,
	.help = "Data for a nested HWPT of the kernel's mock.",
};
