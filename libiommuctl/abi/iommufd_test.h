/* SPDX-License-Identifier: MIT */
/*
 * The private ABI of the kernel's own test device (CONFIG_IOMMUFD_TEST), as Linux 7.3 has it: one
 * ioctl of /dev/iommu and the data of the mock's types. No installed kernel header has it, and it
 * may change with any kernel: only jobs with mock devices use it.
 */
#ifndef LIBIOMMUCTL_ABI_IOMMUFD_TEST_H
#define LIBIOMMUCTL_ABI_IOMMUFD_TEST_H

#include <linux/ioctl.h>

#include "abi/types.h"

#define ABI_TEST_CMD _IO(';', 0xa0)

enum {
	ABI_TEST_OP_ADD_RESERVED = 1,
	ABI_TEST_OP_MOCK_DOMAIN = 2,
	ABI_TEST_OP_MD_CHECK_MAP = 3,
	ABI_TEST_OP_MD_CHECK_REFS = 4,
	ABI_TEST_OP_CREATE_ACCESS = 5,
	ABI_TEST_OP_DESTROY_ACCESS_PAGES = 6,
	ABI_TEST_OP_ACCESS_PAGES = 7,
	ABI_TEST_OP_ACCESS_RW = 8,
	ABI_TEST_OP_SET_TEMP_MEMORY_LIMIT = 9,
	ABI_TEST_OP_MOCK_DOMAIN_REPLACE = 10,
	ABI_TEST_OP_ACCESS_REPLACE_IOAS = 11,
	ABI_TEST_OP_MOCK_DOMAIN_FLAGS = 12,
	ABI_TEST_OP_DIRTY = 13,
	ABI_TEST_OP_MD_CHECK_IOTLB = 14,
	ABI_TEST_OP_TRIGGER_IOPF = 15,
	ABI_TEST_OP_DEV_CHECK_CACHE = 16,
	ABI_TEST_OP_TRIGGER_VEVENT = 17,
	ABI_TEST_OP_PASID_ATTACH = 18,
	ABI_TEST_OP_PASID_REPLACE = 19,
	ABI_TEST_OP_PASID_DETACH = 20,
	ABI_TEST_OP_PASID_CHECK_HWPT = 21,
	ABI_TEST_OP_DMABUF_GET = 22,
	ABI_TEST_OP_DMABUF_REVOKE = 23,
};

/* Flags of a device, of an access, of its pages, and of its reads and writes. */
#define ABI_MOCK_FLAGS_DEVICE_NO_DIRTY		     0x1
#define ABI_MOCK_FLAGS_DEVICE_PASID		     0x4
#define ABI_MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES 0x1
#define ABI_MOCK_FLAGS_ACCESS_WRITE		     0x1
#define ABI_MOCK_ACCESS_RW_WRITE		     0x1
#define ABI_MOCK_ACCESS_RW_SLOW_PATH		     0x4

/* What an IOAS with a mock device can map, the last address included. */
#define ABI_MOCK_APERTURE_START 0x1000000
#define ABI_MOCK_APERTURE_LAST	0x7fffffff

#define ABI_MOCK_PASID_WIDTH		    20
#define ABI_MOCK_NESTED_DOMAIN_IOTLB_NUM    4	     /* entries of the TLB of a nested HWPT */
#define ABI_MOCK_DEV_CACHE_NUM		    4	     /* entries of the cache of a device */
#define ABI_TEST_HW_QUEUE_MAX		    2	     /* queues of a vIOMMU */
#define ABI_TEST_DEV_CACHE_DEFAULT	    0xbaddad /* what each entry holds at first */
#define ABI_TEST_PASID_RESERVED		    1024     /* every other attachment of it fails */
#define ABI_TEST_INVALIDATE_FLAG_ALL	    0x1
#define ABI_HWPT_DATA_SELFTEST		    0xdead
#define ABI_HWPT_INVALIDATE_DATA_SELFTEST   0xdeadbeef
#define ABI_VIOMMU_TYPE_SELFTEST	    0xdeadbeef
#define ABI_VIOMMU_INVALIDATE_DATA_SELFTEST 0xdeadbeef
#define ABI_VEVENTQ_TYPE_SELFTEST	    0xbeefbeef
#define ABI_HW_QUEUE_TYPE_SELFTEST	    0xdeadbeef
#define ABI_HW_INFO_TYPE_SELFTEST	    0xfeedbeef
#define ABI_HW_INFO_SELFTEST_REGVAL	    0xdeadbeef

struct abi_test_cmd {
	uint32_t size;
	uint32_t op; /* ABI_TEST_OP_… */
	uint32_t
		id; /* of what it acts on: an IOAS, HWPT, device or mock device, or an access' fd */
	uint32_t reserved;
	union {
		struct {
			abi_u64 start;
			abi_u64 length;
		} add_reserved;
		struct {
			uint32_t out_stdev_id; /* the mock device: destroying it unbinds it */
			uint32_t out_hwpt_id;
			uint32_t out_idev_id; /* the device as iommufd has it */
		} mock_domain;
		struct {
			uint32_t out_stdev_id;
			uint32_t out_hwpt_id;
			uint32_t out_idev_id;
			uint32_t dev_flags;
		} mock_domain_flags;
		struct {
			uint32_t pt_id;
		} mock_domain_replace;
		struct {
			abi_u64 iova;
			abi_u64 length;
			abi_u64 uptr;
		} check_map;
		struct {
			abi_u64 length;
			abi_u64 uptr;
			uint32_t refs;
		} check_refs;
		struct {
			uint32_t out_access_fd;
			uint32_t flags;
		} create_access;
		struct {
			uint32_t access_pages_id;
		} destroy_access_pages;
		struct {
			uint32_t flags;
			uint32_t out_access_pages_id;
			abi_u64 iova;
			abi_u64 length;
			abi_u64 uptr;
		} access_pages;
		struct {
			abi_u64 iova;
			abi_u64 length;
			abi_u64 uptr;
			uint32_t flags;
		} access_rw;
		struct {
			uint32_t limit;
		} memory_limit;
		struct {
			uint32_t ioas_id;
		} access_replace_ioas;
		struct {
			uint32_t flags;
			abi_u64 iova;
			abi_u64 length;
			abi_u64 page_size;
			abi_u64 uptr;
			abi_u64 out_nr_dirty;
		} dirty;
		struct {
			uint32_t id;
			uint32_t iotlb;
		} check_iotlb;
		struct {
			uint32_t dev_id;
			uint32_t pasid;
			uint32_t grpid;
			uint32_t perm;
			uint64_t addr;
		} trigger_iopf;
		struct {
			uint32_t id;
			uint32_t cache;
		} check_dev_cache;
		struct {
			uint32_t dev_id;
		} trigger_vevent;
		struct {
			uint32_t pasid;
			uint32_t pt_id;
		} pasid_attach;
		struct {
			uint32_t pasid;
			uint32_t pt_id;
		} pasid_replace;
		struct {
			uint32_t pasid;
		} pasid_detach;
		struct {
			uint32_t pasid;
			uint32_t hwpt_id; /* 0: it is to be detached */
		} pasid_check;
		struct {
			uint32_t length;
			uint32_t open_flags;
		} dmabuf_get;
		struct {
			int32_t dmabuf_fd;
			uint32_t revoked;
		} dmabuf_revoke;
	};
	uint32_t last;
};

/* Data of a nested HWPT, and of a paging one. */
struct abi_hwpt_selftest {
	uint32_t iotlb; /* what each entry of its TLB holds at first */
	uint32_t pagetable_type;
};

struct abi_test_hw_info {
	uint32_t flags;
	uint32_t test_reg;
};

struct abi_hwpt_invalidate_selftest {
	uint32_t flags;
	uint32_t iotlb_id;
};

struct abi_viommu_selftest {
	uint32_t in_data;
	uint32_t out_data; /* the same, and the first word of the pages to map */
	abi_u64 out_mmap_offset;
	abi_u64 out_mmap_length;
};

struct abi_viommu_invalidate_selftest {
	uint32_t flags;
	uint32_t vdev_id;
	uint32_t cache_id;
};

struct abi_viommu_event_selftest {
	uint32_t virt_id;
};

#endif
