// SPDX-License-Identifier: MIT
/* The gates that only the kernel can answer: they bind the device and make the objects. */
#include <errno.h>
#include <string.h>

#include "host/gate.h"

/* Facts about the objects, which the gates made from each other with this device. */
#define KNOWN_BOUND  (IOMMUCTL_KNOWN_KINDS | IOMMUCTL_KNOWN_BOUND)
#define KNOWN_PARENT (KNOWN_BOUND | IOMMUCTL_KNOWN_NEST_PARENT | IOMMUCTL_KNOWN_SAME_IOMMU)

/*
 * Fails with the library's own explanation: every cause that fits sysfs's data about the device and
 * what else is @known, each with its remedy.
 */
static void fail_as_explained(
	const struct examination *examination, struct gate_result *result, uint64_t known)
{
	const struct iommuctl_error *error =
		iommuctl_narrow_last_error(examination->ctx, examination->known | known);

	if (!error) {
		gate_fail(result, STATUS_FAILED, "out of memory for the record of the failure");
		return;
	}
	gate_fail(result, status_of_errno(error->code), "%s: %s", error->operation,
		strerror(error->code));
	failure_add_library(&result->found, error);
}

static void check_bind(struct examination *examination, struct gate_result *result)
{
	if (bound_device_open(examination->ctx, examination->device.cdev_path,
		    examination->vf_token, &examination->bound))
		fail_as_explained(examination, result, IOMMUCTL_KNOWN_CDEV);
	else
		gate_pass(result, "the device binds to an iommufd");
}

/* Without isolation, or this parameter, the bind before would have failed with EPERM. */
static void check_msi(struct examination *examination, struct gate_result *result)
{
	char unsafe[8] = "N";

	sysfs_read(examination->sysfs, "/sys/module/iommufd/parameters", "allow_unsafe_interrupts",
		unsafe, sizeof(unsafe));
	if (*unsafe == 'Y')
		gate_pass(result, "not required: iommufd.allow_unsafe_interrupts is on");
	else
		gate_pass(result, "MSIs of the device are isolated");
}

static void check_hw_info(struct examination *examination, struct gate_result *result)
{
	if (bound_device_get_hw_info(&examination->bound, &examination->hw)) {
		fail_as_explained(examination, result, KNOWN_BOUND);
	} else if (examination->hw.info.type == IOMMUCTL_HW_INFO_TYPE_NONE) {
		gate_fail(result, STATUS_UNSUPPORTED,
			"the IOMMU's driver does not report its capabilities\nNested translation "
			"needs VT-d, or an SMMUv3 and Linux 6.13 or newer with "
			"CONFIG_ARM_SMMU_V3_IOMMUFD");
	} else {
		examination->known |= IOMMUCTL_KNOWN_HW_INFO;
		gate_pass(result, "the IOMMU describes itself as %s",
			hw_info_type_name(examination->hw.info.type));
	}
}

static void check_nesting_parent(struct examination *examination, struct gate_result *result)
{
	const struct bound_device *bound = &examination->bound;
	struct iommuctl_hwpt_alloc_args args = {
		.flags = IOMMUCTL_HWPT_ALLOC_NEST_PARENT,
		.dev_id = bound->dev_id,
	};

	if (iommuctl_ioas_alloc(bound->ctx, bound->iommufd, &args.pt_id) ||
		iommuctl_hwpt_alloc(bound->ctx, bound->iommufd, &args, &examination->parent_id))
		fail_as_explained(examination, result, KNOWN_BOUND);
	else
		gate_pass(result, "a nesting parent can be made");
}

static void check_viommu(struct examination *examination, struct gate_result *result)
{
	const struct bound_device *bound = &examination->bound;
	struct iommuctl_viommu_alloc_args args = {
		.type = IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3,
		.dev_id = bound->dev_id,
		.hwpt_id = examination->parent_id,
	};
	uint32_t viommu_id;

	if (examination->hw.info.type == IOMMUCTL_HW_INFO_TYPE_INTEL_VTD)
		gate_pass(result, "VT-d needs none: nested HWPTs are made on the nesting parent");
	else if (examination->hw.info.type != IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3)
		gate_fail(result, STATUS_UNSUPPORTED,
			"the kernel makes no nested HWPT on an IOMMU of type %s\nUse a host with "
			"an SMMUv3 or VT-d",
			hw_info_type_name(examination->hw.info.type));
	else if (iommuctl_viommu_alloc(bound->ctx, bound->iommufd, &args, &viommu_id))
		fail_as_explained(examination, result, KNOWN_PARENT);
	else
		gate_pass(result, "a vIOMMU can be made: nested translation works");
}

const struct gate live_gates[] = {
	{ "bind", GATE_FACT_IOMMUFD | GATE_FACT_GROUP | GATE_FACT_ACCESS, GATE_FACT_BOUND,
		check_bind },
	{ "msi-isolation", GATE_FACT_BOUND, 0, check_msi },
	{ "hw-info", GATE_FACT_BOUND, GATE_FACT_HW_INFO, check_hw_info },
	{ "nesting-parent", GATE_FACT_BOUND, GATE_FACT_PARENT, check_nesting_parent },
	{ "viommu", GATE_FACT_HW_INFO | GATE_FACT_PARENT, 0, check_viommu },
	{ NULL },
};
