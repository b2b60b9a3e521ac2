// SPDX-License-Identifier: MIT
/* What jobs say of the kernel's own test device. */
#include "job/job.h"
#include "job/schema.h"

static const struct schema_key mock_keys[] = {
	{ "pasid", SCHEMA_BOOL, MEMBER(job_mock, pasid), .help = "It has PASIDs." },
	{ "dirty-tracking", SCHEMA_BOOL, MEMBER(job_mock, dirty_tracking), .fallback = true,
		.help = "The IOMMU tracks what it writes." },
	{ NULL },
};

const struct schema_shape schema_mock = {
	"mock",
	sizeof(struct job_mock),
	mock_keys,
	.help = "What a test device of the kernel's is to be able to.",
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
	.help = "Pages that a vIOMMU of the kernel's mock has for its user to map.",
};

static const struct schema_key hwpt_keys[] = {
	{ "iotlb", SCHEMA_NUMBER, MEMBER(job_mock_hwpt, iotlb), .required = true, .max = UINT32_MAX,
		.help = "What each entry of its TLB holds at first; 0 is an invalid one." },
	{ NULL },
};

const struct schema_shape schema_mock_hwpt = {
	"mock-hwpt",
	sizeof(struct job_mock_hwpt),
	hwpt_keys,
	.help = "What a nested HWPT of the kernel's mock is made of.",
};
