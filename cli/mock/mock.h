/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own test device, in kernels that are built with CONFIG_IOMMUFD_TEST: a device of no
 * hardware, behind an IOMMU that is memory of the kernel's. Its ABI is private to the kernel's own
 * tests and may change with any kernel, so that no library knows it: jobs use it, by this room.
 *
 * Two ways lead to it. A transport shows mock devices as VFIO devices: binding makes one, and it is
 * attached as others are, so that all that stands on VFIO runs on it as it is. And there is what
 * only it can do: faults, events, dirty pages and accesses on demand, and looks into its caches.
 */
#ifndef CLI_MOCK_MOCK_H
#define CLI_MOCK_MOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/transport.h>

/* Numbers of its types, for the calls that the library has. */
#define MOCK_VIOMMU_TYPE	    0xdeadbeef
#define MOCK_VEVENTQ_TYPE	    0xbeefbeef
#define MOCK_HW_QUEUE_TYPE	    0xdeadbeef
#define MOCK_HWPT_DATA		    0xdead
#define MOCK_HWPT_INVALIDATE_DATA   0xdeadbeef
#define MOCK_VIOMMU_INVALIDATE_DATA 0xdeadbeef

/* Entries of the cache of a device and of the TLB of a nested HWPT; what the first ones hold. */
#define MOCK_CACHE_ENTRIES 4
#define MOCK_CACHE_DEFAULT 0xbaddad

/* Data of a nested HWPT: what each entry of its TLB holds at first. */
struct mock_hwpt {
	uint32_t iotlb;
	uint32_t pagetable_type; /* 0: the usual one */
};

/* An entry of an invalidation of a nested HWPT, which holds 0 then. */
struct mock_hwpt_invalidation {
	uint32_t all; /* 1: of all entries */
	uint32_t entry;
};

/* The same of a device of a vIOMMU. */
struct mock_viommu_invalidation {
	uint32_t all;
	uint32_t vsid;
	uint32_t entry;
};

/* Data of a vIOMMU. @value comes back as @echo, and as the first word of what is to be mapped. */
struct mock_viommu {
	uint32_t value;
	uint32_t echo;
	uint64_t mmap_offset;
	uint64_t mmap_length;
};

/* What is read of a vEVENTQ of the mock's: an event, or its first two members and a loss. */
struct mock_event {
	uint32_t flags; /* IOMMUCTL_VEVENTQ_FLAG_… */
	uint32_t sequence;
	uint32_t vsid;
};

/* What a mock device can do, said in the path that makes it. */
enum mock_ability {
	MOCK_NO_DIRTY_TRACKING = 0x1,
	MOCK_PASIDS = 0x4,
};

/* The path of the mock device @index, which makes it once it is bound. */
#define MOCK_PATH_SIZE 48
const char *mock_path(unsigned int abilities, size_t index, char path[MOCK_PATH_SIZE]);

/*
 * Wraps @inner so that the paths of mock devices can be opened as VFIO devices, bound, attached and
 * detached, with and without PASID. What they are asked for else is ENOTTY or EINVAL. One that is
 * detached is attached to an empty IOAS of its own, as the kernel's mock always is to something.
 *
 * Takes @inner on success. One thread at a time. -ENOMEM.
 */
int mock_transport_new(struct iommuctl_transport *inner, struct iommuctl_transport **transport);

/*
 * What follows goes by @transport to the kernel, acts on what has an id in @iommufd, and returns 0
 * or -errno: -ENOTTY from a kernel without a mock, -ENOENT for an id that there is not.
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

/* Has a device fault. Nobody is told where its HWPT reports no faults. */
int mock_raise_fault(const struct mock *mock, const struct mock_fault *fault);

/* Has a device raise an event. -ENOENT: it is attached to no nested HWPT of a vIOMMU. */
int mock_raise_event(const struct mock *mock, uint32_t dev_id);

/* Pages of a HWPT, a bit for each. */
struct mock_pages {
	uint64_t iova;
	uint64_t length;
	uint64_t page_size;
	const void *bitmap;
};

/* Makes the @pages whose bits are set dirty; @count gets how many. -EINVAL: it does not track. */
int mock_set_dirty(
	const struct mock *mock, uint32_t hwpt_id, const struct mock_pages *pages, uint64_t *count);

/* -EINVAL unless the entry @entry of the cache of a device, or of the TLB of a HWPT, has @value. */
int mock_check_cache(const struct mock *mock, uint32_t dev_id, uint32_t entry, uint32_t value);
int mock_check_iotlb(const struct mock *mock, uint32_t hwpt_id, uint32_t entry, uint32_t value);

/* -EINVAL unless the HWPT translates @length bytes at @iova to the memory at @host. */
int mock_check_map(
	const struct mock *mock, uint32_t hwpt_id, uint64_t iova, const void *host, size_t length);

/*
 * An access of the kernel's own to an IOAS, as of a driver of mediated devices. Its file in @fd is
 * the caller's, and ends it.
 */
int mock_access_new(const struct mock *mock, uint32_t ioas_id, bool pins, int *fd);

/* What an access does. */
struct mock_access {
	int fd;
	uint64_t iova;
	size_t length;
	bool write;
};

/* Reads to @buffer, or writes from it. -ENOENT: not mapped; -EPERM: not mapped so. */
int mock_access_rw(const struct mock *mock, const struct mock_access *access, void *buffer);

/*
 * Pins pages until mock_access_unpin(), or until they are unmapped, which the kernel tells the
 * access of first. -EBADE: they are not those at @host. -EOPNOTSUPP: the access does not pin.
 */
int mock_access_pin(
	const struct mock *mock, const struct mock_access *access, void *host, uint32_t *pin);
/* -ENOENT: the pages were unmapped meanwhile. */
int mock_access_unpin(const struct mock *mock, int fd, uint32_t pin);

/* A dma-buf of @length zeros, whose file in @fd is the caller's; and its being taken back. */
int mock_dma_buf_new(const struct mock *mock, uint32_t length, int *fd);
int mock_dma_buf_revoke(const struct mock *mock, int fd, bool revoked);

#endif
