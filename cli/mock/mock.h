/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own test device, in kernels built with CONFIG_IOMMUFD_TEST: a device without
 * hardware, behind an IOMMU that is only memory of the kernel. Its ABI is private to the kernel's
 * own tests and may change with any kernel, so the library does not know it: jobs use it through
 * this room.
 *
 * There are two ways to use it. A transport shows mock devices as VFIO devices: binding makes
 * one, and it is attached as others are, so that all code above VFIO runs on it unchanged. And
 * there are its own operations: faults, events, dirty pages and accesses on demand, and looks
 * into its caches.
 */
#ifndef CLI_MOCK_MOCK_H
#define CLI_MOCK_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/transport.h>

/* Numbers of its types, for calls of the library. */
#define MOCK_VIOMMU_TYPE	    0xdeadbeef
#define MOCK_VEVENTQ_TYPE	    0xbeefbeef
#define MOCK_HW_QUEUE_TYPE	    0xdeadbeef
#define MOCK_HWPT_DATA		    0xdead
#define MOCK_HWPT_INVALIDATE_DATA   0xdeadbeef
#define MOCK_VIOMMU_INVALIDATE_DATA 0xdeadbeef

/* Entries of the cache of a device and of the TLB of a nested HWPT; what the first ones hold. */
#define MOCK_CACHE_ENTRIES 4
#define MOCK_CACHE_DEFAULT 0xbaddad

/* Data of a nested HWPT: the initial value of each entry of its TLB. */
struct mock_hwpt {
	uint32_t iotlb;
	uint32_t pagetable_type; /* 0: the default */
};

/* Invalidates an entry of a nested HWPT, which is then 0. */
struct mock_hwpt_invalidation {
	uint32_t all; /* 1: all entries */
	uint32_t entry;
};

/* The same for a device of a vIOMMU. */
struct mock_viommu_invalidation {
	uint32_t all;
	uint32_t vsid;
	uint32_t entry;
};

/* Data of a vIOMMU. @value comes back as @echo, and as the first word of the mmap() region. */
struct mock_viommu {
	uint32_t value;
	uint32_t echo;
	uint64_t mmap_offset;
	uint64_t mmap_length;
};

/* Read from a vEVENTQ of the mock: an event, or the first two members for a loss. */
struct mock_event {
	uint32_t flags; /* IOMMUCTL_VEVENTQ_FLAG_… */
	uint32_t sequence;
	uint32_t vsid;
};

/* Features of a mock device, encoded in the path that makes it. */
enum mock_ability {
	MOCK_NO_DIRTY_TRACKING = 0x1,
	MOCK_PASIDS = 0x4,
};

/* The path of the mock device @index; binding it makes the device. */
#define MOCK_PATH_SIZE 48
const char *mock_path(unsigned int abilities, size_t index, char path[MOCK_PATH_SIZE]);

/*
 * Wraps @inner so that the paths of mock devices can be opened as VFIO devices, bound, attached
 * and detached, with and without PASID. Other calls on them fail with ENOTTY or EINVAL. A
 * detached one is attached to an empty IOAS of its own, because the kernel's mock is always
 * attached to something.
 *
 * Takes @inner on success. One thread at a time. -ENOMEM.
 */
int mock_transport_new(struct iommuctl_transport *inner, struct iommuctl_transport **transport);

/*
 * The functions below call the kernel through @transport, act on an object by its id in @iommufd,
 * and return 0 or -errno: -ENOTTY from a kernel without a mock, -ENOENT for an unknown id.
 */
struct mock {
	struct iommuctl_transport *transport;
	int iommufd;
};

struct mock_fault {
	uint32_t dev_id;
	uint32_t pasid; /* 0: none */
	uint32_t group; /* the number of its group */
	uint32_t perm;	/* IOMMUCTL_PGFAULT_PERM_… */
	uint64_t addr;
};

/* Makes a device fault. Without fault reporting in its HWPT, the fault is lost. */
int mock_raise_fault(const struct mock *mock, const struct mock_fault *fault);

/* Makes a device raise an event. -ENOENT: it is attached to no nested HWPT of a vIOMMU. */
int mock_raise_event(const struct mock *mock, uint32_t dev_id);

/* Pages of a HWPT, one bit each. */
struct mock_pages {
	uint64_t iova;
	uint64_t length;
	uint64_t page_size;
	const void *bitmap;
};

/* Makes the @pages whose bits are set dirty; @count gets their number. -EINVAL: no tracking. */
int mock_set_dirty(
	const struct mock *mock, uint32_t hwpt_id, const struct mock_pages *pages, uint64_t *count);

/* -EINVAL unless the entry @entry of the cache of a device, or of the TLB of a HWPT, has @value. */
int mock_check_cache(const struct mock *mock, uint32_t dev_id, uint32_t entry, uint32_t value);
int mock_check_iotlb(const struct mock *mock, uint32_t hwpt_id, uint32_t entry, uint32_t value);

/* -EINVAL unless the HWPT translates @length bytes at @iova to the memory at @host. */
int mock_check_map(
	const struct mock *mock, uint32_t hwpt_id, uint64_t iova, const void *host, size_t length);

/*
 * An in-kernel access to an IOAS, like that of a mediated device driver. The caller owns its file
 * in @fd; closing that ends the access.
 */
int mock_access_new(const struct mock *mock, uint32_t ioas_id, bool pins, int *fd);

/* What an access does. */
struct mock_access {
	int fd;
	uint64_t iova;
	size_t length;
	bool write;
};

/* Reads to @buffer, or writes from it. -ENOENT: not mapped; -EPERM: not allowed. */
int mock_access_rw(const struct mock *mock, const struct mock_access *access, void *buffer);

/*
 * Pins pages until mock_access_unpin(), or until they are unmapped: the kernel notifies the access
 * before that. -EBADE: they are not those at @host. -EOPNOTSUPP: the access does not pin.
 */
int mock_access_pin(
	const struct mock *mock, const struct mock_access *access, void *host, uint32_t *pin);
/* -ENOENT: the pages were unmapped meanwhile. */
int mock_access_unpin(const struct mock *mock, int fd, uint32_t pin);

/* Makes a dma-buf of @length zeros, whose file in @fd is the caller's; or revokes it. */
int mock_dma_buf_new(const struct mock *mock, uint32_t length, int *fd);
int mock_dma_buf_revoke(const struct mock *mock, int fd, bool revoked);

#endif
