/* SPDX-License-Identifier: MIT */
/*
 * The device side of virtio-iommu, over iommufd: a VMM takes requests from the virtqueue and passes
 * them on, one at a time.
 *
 * A domain of the guest is an IOAS, ATTACH a VFIO attach, and MAP copies from the IOAS that has the
 * guest's memory, so that nothing is pinned twice. Bypass is an attachment to that very IOAS: its
 * IOVAs are guest-physical addresses.
 *
 * Requests come from a guest and are hostile: they are read once, checked, and bounded by the caps
 * below. A failed request changes nothing, except an UNMAP of several mappings in which the kernel
 * fails: DMA to the mappings before the failure may be refused until the UNMAP is repeated. The
 * kernel's error is in iommuctl_last_error(), the guest's in the status of the request.
 *
 * @iommu: the virtio-iommu
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: one thread at a time for a virtio-iommu.
 * Source: Virtual I/O Device (VIRTIO) 1.3, section 5.13; for the two drafts, the kernel patches
 *   "iommu/virtio: Nested stage support with Arm", RFC of 2021-01-15.
 */
#ifndef IOMMUCTL_VIRTIO_IOMMU_H
#define IOMMUCTL_VIRTIO_IOMMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_ste.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct iommuctl_virtio_iommu;

/*
 * The draft requests ATTACH_TABLE (6) and INVALIDATE (7), which no version of the standard has.
 *
 * A guest passes its own PASID table, in the format of the SMMUv3. Every change of a stream's STE
 * invalidates what was cached for it.
 *
 * Since: 0.1
 */
struct iommuctl_virtio_iommu_drafts {
	const struct iommuctl_smmuv3_idr *idr; /* of the SMMU that the guest is shown; copied */
	uint32_t granule;		       /* of the guest's tables: 4096, 16384 or 65536 */
	/*
	 * As iommuctl_nest_set_ste() does: 0, or -errno and nothing has changed. An endpoint for
	 * which it returns -ENOENT can still be removed.
	 */
	int (*set_ste)(uint32_t vsid, const uint64_t ste[IOMMUCTL_SMMUV3_STE_WORDS], void *data);
	/*
	 * As iommuctl_relay_issue() does: carries out all @count commands, or -errno. For a stream
	 * without a vDEVICE, CFGI_CD, CFGI_CD_ALL and ATC_INV do nothing and succeed.
	 */
	int (*issue)(
		const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data);
	void *data; /* passed to both */
};

/*
 * The configuration of the device.
 *
 * Zero is a good default for all members except the first two.
 *
 * If no input range is given, each added endpoint narrows it to the addresses that can be mapped
 * for that endpoint (IOMMU_IOAS_IOVA_RANGES, from the first range to the last). So add the
 * endpoints that the guest starts with before it reads the configuration space. The range is never
 * widened again.
 *
 * Since: 0.1
 */
struct iommuctl_virtio_iommu_config {
	int iommufd;		 /* borrowed */
	uint32_t memory_ioas_id; /* guest memory at its guest-physical addresses; borrowed */
	uint64_t page_size_mask; /* 0: 4096 and above, or what the endpoints' IOMMUs take */
	uint64_t input_start;	 /* both 0: what the IOMMUs of the endpoints take */
	uint64_t input_end;	 /* inclusive */
	uint32_t domain_start;	 /* both 0: all ids */
	uint32_t domain_end;	 /* inclusive */
	uint32_t probe_size;	 /* bytes of properties, 24 for each region; 0: no PROBE */
	bool mmio;		 /* offer F_MMIO: the memory IOAS also maps BARs */
	bool bypass_config;	 /* offer F_BYPASS_CONFIG */
	bool bypass;		 /* initially, endpoints without a domain are in bypass mode */
	uint32_t endpoints_max;	 /* 0: 64 */
	uint32_t domains_max;	 /* 0: 64 */
	uint32_t mappings_max;	 /* of one domain; 0: 65536 */
	const struct iommuctl_virtio_iommu_drafts *drafts; /* NULL: they are not supported */
};

/*
 * Creates a virtio-iommu without endpoints.
 *
 * @ctx: the context; borrowed
 * @config: the configuration, copied
 * @iommu: out: the virtio-iommu
 *
 * Ownership: the caller frees *@iommu with iommuctl_virtio_iommu_free(), before @ctx, the iommufd,
 *   the IOAS of the guest's memory and whatever the drafts use.
 * Errors:
 *   -EINVAL: no @ctx, no memory_ioas_id, a range that ends before it starts, a probe_size that is
 *     not a multiple of 8, bypass without bypass_config, incomplete drafts
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_virtio_iommu_new(struct iommuctl *ctx,
	const struct iommuctl_virtio_iommu_config *config, struct iommuctl_virtio_iommu **iommu);

/*
 * Frees a virtio-iommu.
 *
 * All endpoints are detached and the IOASes destroyed; objects that the kernel does not release
 * stay until the iommufd is closed.
 *
 * @iommu: the virtio-iommu; NULL is allowed
 *
 * Ownership: the pointer is no longer valid; devices, iommufd and the IOAS of the guest's memory
 *   stay the caller's.
 * Since: 0.1
 */
void iommuctl_virtio_iommu_free(struct iommuctl_virtio_iommu *iommu);

/*
 * A range of IOVAs that cannot be mapped for an endpoint.
 *
 * @start: its first address
 *
 * Since: 0.1
 */
struct iommuctl_virtio_iommu_region {
	uint64_t start;
	uint64_t last; /* inclusive */
	bool msi;      /* a doorbell that the driver need not map; one at most */
};

/*
 * A device behind the guest's virtio-iommu.
 *
 * Since: 0.1
 */
struct iommuctl_virtio_iommu_endpoint {
	uint32_t id; /* as the guest knows it */
	/* Bound to the iommufd; borrowed until it is removed. Not used if nested or emulated. */
	int device;
	const struct iommuctl_virtio_iommu_region *regions; /* not to be mapped for it; copied */
	size_t region_count;
	bool nested; /* in the nest of drafts->set_ste, which attaches it; has tables and bypass */
	uint32_t vsid; /* its StreamID, if nested */
	bool emulated; /* no device: its DMA is the VMM's, by iommuctl_virtio_iommu_translate() */
};

/*
 * Adds an endpoint without a domain: it can do no DMA, or is in bypass mode.
 *
 * If the configuration takes the input range or the page sizes from the endpoints, the endpoint is
 * attached to an empty IOAS for a moment to find them.
 *
 * The kernel attaches IOMMU groups: all devices of a group reach whatever one of them is attached
 * to. So endpoints of one group (iommuctl_vfio_device_get_group()) are attached while all of them
 * are in one domain, or all in bypass mode; otherwise none of them can do DMA, whatever status the
 * guest got. Bridges and other devices of the group do not count: the caller ensures that they
 * issue no DMA. If the group is unknown (EOPNOTSUPP), the kernel refuses an ATTACH that would
 * separate endpoints of one group, with S_UNSUPP. One case goes unnoticed then: an endpoint without
 * a domain reaches whatever the others of its group are attached to.
 *
 * An emulated endpoint can be in any domain that a passed-through one can be in, shares its
 * mappings, and moves without a kernel call.
 *
 * @endpoint: the endpoint; its regions are copied
 *
 * Ownership: the device of @endpoint is borrowed until it is removed.
 * Errors:
 *   -EEXIST: its id is taken
 *   -ENOSPC: there are endpoints_max already
 *   -EINVAL: no @iommu, a region that ends before it starts, two that overlap or are for MSIs,
 *     nested without drafts, nested and emulated
 *   -EMSGSIZE: its regions do not fit probe_size
 *   -ERANGE: its IOMMU has no input address in common with the others
 *   -ENOMEM: no memory
 *   others: those of iommuctl_vfio_device_get_group(), iommuctl_ioas_alloc(),
 *     iommuctl_vfio_attach() or iommuctl_vfio_detach(); for a nested one, what drafts->set_ste or
 *     drafts->issue returns
 * Since: 0.1
 */
int iommuctl_virtio_iommu_add_endpoint(
	struct iommuctl_virtio_iommu *iommu, const struct iommuctl_virtio_iommu_endpoint *endpoint);

/*
 * Detaches and removes an endpoint.
 *
 * Others of its group may be attached as a result.
 *
 * @id: the endpoint
 *
 * Errors:
 *   -EINVAL: no @iommu
 *   -ENOENT: there is no such endpoint
 *   others: those of iommuctl_vfio_detach() and iommuctl_vfio_attach(), or for a nested one, what
 *     drafts->set_ste or drafts->issue returns: the endpoint is still there
 * Since: 0.1
 */
int iommuctl_virtio_iommu_remove_endpoint(struct iommuctl_virtio_iommu *iommu, uint32_t id);

/*
 * Adds new mappings of the IOAS of the guest's memory.
 *
 * One-to-one mappings of the guest that cover the range then lead to them. Without this call,
 * devices fault there. The range must be new.
 *
 * @start, @last: the range, both inclusive
 *
 * Errors:
 *   -EINVAL: no @iommu, or the range ends before it starts
 *   -EEXIST: a part of it is not new
 *   -ENOSPC: more than 64 pieces
 *   others: those of iommuctl_ioas_copy(): nothing has changed
 * Since: 0.1
 */
int iommuctl_virtio_iommu_add_memory(
	struct iommuctl_virtio_iommu *iommu, uint64_t start, uint64_t last);

/*
 * Removes whole mappings of the guest's memory from the one-to-one mappings of the guest.
 *
 * Call it before or after they are unmapped in their own IOAS. Mappings of the guest to other
 * addresses keep their pages until the guest unmaps them.
 *
 * @start, @last: the range, both inclusive
 *
 * Errors:
 *   -EINVAL: no @iommu, or the range ends before it starts
 *   -ENOENT: the range cuts a mapping
 *   others: those of iommuctl_ioas_unmap(): call it again
 * Since: 0.1
 */
int iommuctl_virtio_iommu_remove_memory(
	struct iommuctl_virtio_iommu *iommu, uint64_t start, uint64_t last);

/*
 * Gets the feature bits to offer.
 *
 * Returns: VIRTIO_IOMMU_F_… bits only; 0 without @iommu.
 * Since: 0.1
 */
uint64_t iommuctl_virtio_iommu_get_features(const struct iommuctl_virtio_iommu *iommu);

/*
 * Sets which of the features the driver has accepted.
 *
 * Before that, and after a reset, there are none.
 *
 * @features: the feature bits; those from 24 on are the transport's and not looked at
 *
 * Errors:
 *   -EINVAL: one was not offered, or no @iommu
 * Since: 0.1
 */
int iommuctl_virtio_iommu_accept(struct iommuctl_virtio_iommu *iommu, uint64_t features);

/* Bytes of the configuration space. Since: 0.1 */
#define IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE 40

/*
 * Reads bytes of the configuration space.
 *
 * @offset: the first byte
 * @buffer: out: the bytes
 * @size: how many
 *
 * Errors:
 *   -EINVAL: beyond its end, or no @iommu
 * Since: 0.1
 */
int iommuctl_virtio_iommu_read_config(
	const struct iommuctl_virtio_iommu *iommu, size_t offset, void *buffer, size_t size);

/*
 * Writes bytes of the configuration space, as the driver does.
 *
 * The only writable field is bypass, with the values 0 and 1. It changes all endpoints without a
 * domain.
 *
 * @offset: the first byte
 * @buffer: the bytes
 * @size: how many
 *
 * Errors:
 *   -EINVAL: anything else, F_BYPASS_CONFIG is not accepted, or no @iommu
 *   others: those of iommuctl_vfio_attach() and iommuctl_vfio_detach(), or what drafts->set_ste and
 *     drafts->issue return for nested endpoints: nothing has changed then
 * Since: 0.1
 */
int iommuctl_virtio_iommu_write_config(
	struct iommuctl_virtio_iommu *iommu, size_t offset, const void *buffer, size_t size);

/*
 * Resets the device.
 *
 * Afterwards no endpoint is in a domain, there are no domains, and no feature is accepted. bypass
 * does not change.
 *
 * Errors:
 *   -EINVAL: no @iommu
 *   others: those of iommuctl_vfio_attach() and iommuctl_vfio_detach(), the first one: endpoints
 *     that failed stay in their domains, the others have left them
 * Since: 0.1
 */
int iommuctl_virtio_iommu_reset(struct iommuctl_virtio_iommu *iommu);

/*
 * Carries out one request.
 *
 * Details that the specification leaves open:
 *   ATTACH, MAP, UNMAP  an id outside of domain_range, or addresses outside of input_range:
 *           S_RANGE (UNMAP: if the configuration sets the range); an end before the start: S_INVAL
 *   ATTACH  the domain's mappings overlap a region of the endpoint; its group is unknown and
 *           attached elsewhere; or the host's IOMMU takes only one of the two: S_UNSUPP. No room:
 *           S_NOMEM; a domain that the endpoint leaves as the last one takes no room. If its group
 *           is unknown, an endpoint that leaves others behind is detached meanwhile; it stays so
 *           if the kernel does not take it back either.
 *   DETACH  not in that domain: S_INVAL
 *   MAP     over a region of an endpoint in the domain, neither READ nor WRITE, WRITE where the
 *           memory is read-only: S_INVAL; no guest memory in some of it: S_FAULT; no room: S_NOMEM
 *   MAP     one to one (virt_start is phys_start), as drivers map all addresses for passthrough:
 *           the range may contain addresses without memory, even only such, and for a driver
 *           without PROBE also regions of endpoints. It is still one mapping for UNMAP and for the
 *           next MAP. Devices reach the memory in it, and fault elsewhere. Where it cannot be
 *           written they reach it read-only, without READ not at all. See
 *           iommuctl_virtio_iommu_add_memory().
 *   UNMAP   reserved is not zero: S_INVAL, and nothing is done
 *   ATTACH_TABLE, INVALIDATE  without drafts: S_UNSUPP
 *
 * The most kernel calls that one request can cost:
 *   ATTACH, DETACH     6, and 2 for each other endpoint of the group; the kernel maps and unmaps a
 *                      whole domain, which mappings_max limits
 *   MAP                3; one to one over holes or read-only memory 7, and for each piece of
 *                      memory in it at most 110, and 2 for each page that cannot be written. More
 *                      than 64 pieces or 4096 copies: S_NOMEM
 *   UNMAP              1, for any number of mappings, each of which took a MAP before
 *   PROBE              none
 *   ATTACH_TABLE       2 of drafts->set_ste, 1 of drafts->issue with 4 commands
 *   INVALIDATE         as for iommuctl_generic_start() for all streams of the domain, 63 commands
 *                      in a call of drafts->issue, and none after a failed call
 *
 * A virtqueue with many requests takes many calls: a VMM with other work stops between two of them.
 * Other errors of the kernel are S_NOMEM for ENOMEM, otherwise S_DEVERR.
 *
 * @in: its device-readable part, gathered from its descriptors; read once
 * @in_size: bytes of @in
 * @out: its device-writable part, gathered likewise; never read
 * @out_size: bytes of @out
 *
 * Returns: the length for the used ring: 0 if nothing was written, because the type is unknown or a
 *   part is too small for it, or without @iommu; else the length of the answer. If there is no room
 *   for the properties of a PROBE, that is all of @out, with S_INVAL at its end.
 * Since: 0.1
 */
size_t iommuctl_virtio_iommu_request(struct iommuctl_virtio_iommu *iommu, const void *in,
	size_t in_size, void *out, size_t out_size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
