/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own test device (CONFIG_IOMMUFD_TEST), with its driver's rules: devices without
 * hardware behind their own IOMMU, created and controlled by one ioctl.
 *
 * Source: drivers/iommu/iommufd/selftest.c of Linux 7.3.
 */
#ifndef LIBIOMMUCTL_MODEL_MOCK_MOCK_H
#define LIBIOMMUCTL_MODEL_MOCK_MOCK_H

#include "abi/iommufd_test.h"
#include "model/iommufd/iommufd.h"
#include "model/vfio/vfio.h"

#define MODEL_MOCK_PAGE_SIZE 2048 /* the smallest that its IOMMU maps */

struct model_mock_device {
	struct model_device device; /* first: bound to an iommufd, without a VFIO file */
	struct model_object object; /* destroying it unbinds the device */
	uint32_t flags;
	uint32_t cache[ABI_MOCK_DEV_CACHE_NUM];
	struct model_viommu *viommu; /* of the nested HWPT it is attached to */
	uint64_t vsid;		     /* its vSID there when it was attached */
	bool fails_next;	     /* for each PASID: the next attachment fails */
};

/* Nested on a vIOMMU, or directly on a nesting parent. */
struct model_hwpt_mock {
	struct model_hwpt hwpt;
	struct model_viommu *viommu; /* or NULL */
	uint32_t iotlb[ABI_MOCK_NESTED_DOMAIN_IOTLB_NUM];
};

extern const struct model_kind model_mock_kind, model_hwpt_mock_kind;

/* device.c. NULL: @device is not a mock. */
struct model_mock_device *model_mock_of(const struct model_device *device);
/*
 * device.c: attaches a mock device after iommufd's core has accepted @hwpt; NULL: detaches.
 * -EINVAL, -ENOENT.
 */
int model_mock_attach(struct model_device *device, struct model_hwpt *hwpt);
/* device.c: the same for a PASID other than 0. -EINVAL, -ENOMEM. */
int model_mock_attach_pasid(
	struct model_device *device, uint32_t pasid, const struct model_hwpt *hwpt);
int model_mock_device_new(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_replace(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_pasid_attach(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_pasid_replace(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_pasid_detach(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_pasid_check(struct model_iommufd *iommufd, struct abi_test_cmd *command);

/* hwpt.c: checks HWPT_ALLOC of a paging HWPT. -EOPNOTSUPP, -EINVAL, -EFAULT, -E2BIG. */
int model_mock_check_paging(const struct model_device *device, const struct abi_hwpt_alloc *args);
/* hwpt.c: makes a nested HWPT, on @viommu or directly on @parent. */
int model_mock_nested_alloc(struct model_iommufd *iommufd, struct model_viommu *viommu,
	struct model_hwpt_paging *parent, const struct abi_hwpt_alloc *args,
	struct model_hwpt **hwpt);

/* viommu.c: the driver's part of VIOMMU_ALLOC; on failure @viommu keeps its pages. */
int model_mock_viommu_init(struct model_iommufd *iommufd, struct model_viommu *viommu,
	const struct abi_viommu_alloc *args);
int model_mock_viommu_invalidate(
	struct model_viommu *viommu, const struct abi_hwpt_invalidate *args, uint32_t *done);

/* access.c, dma_buf.c */
int model_mock_access_new(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_access_rw(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_access_pin(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_access_unpin(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_access_replace(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_dma_buf_new(struct model_iommufd *iommufd, struct abi_test_cmd *command);
int model_mock_dma_buf_revoke(struct model_iommufd *iommufd, struct abi_test_cmd *command);

#endif
