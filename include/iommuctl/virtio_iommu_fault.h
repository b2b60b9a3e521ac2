/* SPDX-License-Identifier: MIT */
/*
 * Faults of a virtio-iommu, which the guest gets on its event queue, and the accesses of devices
 * that the VMM emulates.
 *
 * There are two sources of faults:
 *   emulated endpoints  iommuctl_virtio_iommu_translate() gives the fault with each access that the
 *           guest has not allowed
 *   nested endpoints    the kernel hands their events to the vEVENTQ, and
 *           iommuctl_virtio_iommu_fault_from_event() makes faults of them
 *
 * There are no faults from passed-through endpoints that are not nested. Their DMA is still
 * stopped, but the kernel reports it only in the host's kernel log, so that the guest gets no
 * fault.
 *
 * A fault goes into a buffer of the event queue, by iommuctl_virtio_iommu_fault_encode(). A guest
 * that provides no buffer in time loses the fault: keep a bounded number of faults, or none.
 *
 * Common: virtio_iommu.h
 * Source: Virtual I/O Device (VIRTIO) 1.3, section 5.13.6.
 */
#ifndef IOMMUCTL_VIRTIO_IOMMU_FAULT_H
#define IOMMUCTL_VIRTIO_IOMMU_FAULT_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/smmuv3_event.h>
#include <iommuctl/virtio_iommu.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Why an access failed; the values are those of the standard.
 *
 * Since: 0.1
 */
enum iommuctl_virtio_iommu_fault_reason {
	IOMMUCTL_VIRTIO_IOMMU_FAULT_UNKNOWN = 0, /* none of the others */
	IOMMUCTL_VIRTIO_IOMMU_FAULT_DOMAIN = 1,	 /* the endpoint is in no domain */
	IOMMUCTL_VIRTIO_IOMMU_FAULT_MAPPING = 2, /* no mapping lets it through */
};

/*
 * What an access does; the values are those of the standard, except EXEC, which Linux adds.
 *
 * Since: 0.1
 */
enum iommuctl_virtio_iommu_fault_flags {
	IOMMUCTL_VIRTIO_IOMMU_READ = 1 << 0,	/* it reads */
	IOMMUCTL_VIRTIO_IOMMU_WRITE = 1 << 1,	/* it writes */
	IOMMUCTL_VIRTIO_IOMMU_EXEC = 1 << 2,	/* it fetches instructions */
	IOMMUCTL_VIRTIO_IOMMU_ADDRESS = 1 << 8, /* in a fault only: its address is known */
};

/*
 * A fault.
 *
 * @address: the address that was accessed; 0 without ADDRESS
 *
 * Since: 0.1
 */
struct iommuctl_virtio_iommu_fault {
	uint64_t address;
	uint32_t endpoint; /* as the guest knows it */
	uint32_t flags;	   /* enum iommuctl_virtio_iommu_fault_flags */
	uint8_t reason;	   /* enum iommuctl_virtio_iommu_fault_reason */
};

/* Bytes of a fault on the event queue. Since: 0.1 */
#define IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE 24

/*
 * Encodes a fault, for the event queue.
 *
 * The length for the used ring is then IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE: drivers refuse longer
 * events.
 *
 * @fault: the fault
 * @buffer: out, on success only: IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE bytes
 * @size: bytes of @buffer
 *
 * Errors:
 *   -EINVAL: no @fault or @buffer, a reason or a flag that the standard does not have, or an
 *     address without ADDRESS
 *   -EMSGSIZE: the fault does not fit @size
 * Since: 0.1
 */
int iommuctl_virtio_iommu_fault_encode(
	const struct iommuctl_virtio_iommu_fault *fault, void *buffer, size_t size);

/*
 * Makes a fault from an event of the SMMU.
 *
 * The endpoint is the nested one whose vsid is the event's StreamID. Translation, address size,
 * access and permission faults are MAPPING; all others are DOMAIN if the endpoint is now without a
 * domain and not in bypass mode, and UNKNOWN otherwise.
 *
 * @event: the event, from the vEVENTQ
 * @fault: out, on success only: the fault
 *
 * Errors:
 *   -EINVAL: no @iommu, @event or @fault, or the event is not a fault: it is a page request, or its
 *     type is not architected
 *   -ENOENT: no nested endpoint has the StreamID
 * Since: 0.1
 */
int iommuctl_virtio_iommu_fault_from_event(const struct iommuctl_virtio_iommu *iommu,
	const struct iommuctl_smmuv3_event *event, struct iommuctl_virtio_iommu_fault *fault);

/*
 * An access of an endpoint.
 *
 * @address: its first byte, as the endpoint addresses it
 *
 * Since: 0.1
 */
struct iommuctl_virtio_iommu_access {
	uint64_t address;
	uint32_t endpoint; /* as the guest knows it */
	uint32_t flags;	   /* READ, WRITE and EXEC: everything that it needs, at least one */
};

/*
 * Where an access goes.
 *
 * @ipa: the guest-physical address
 *
 * Since: 0.1
 */
struct iommuctl_virtio_iommu_translation {
	uint64_t ipa;
	uint64_t size;	/* contiguous bytes from there; UINT64_MAX: or more */
	uint32_t flags; /* everything that is allowed there: READ, WRITE, EXEC */
};

/*
 * Translates an access by the guest's mappings.
 *
 * It makes no kernel call and takes time logarithmic in the domain's mappings. The answer is valid
 * until the next call that changes the virtio-iommu: do not keep it across a request.
 *
 * In bypass mode, addresses are guest-physical. In a domain with mappings, writes to the MSI region
 * are not translated, and nothing else reaches a region of the endpoint. Readable memory is
 * executable.
 *
 * The VMM has to check what is at the guest-physical address: bypass and one-to-one mappings also
 * lead to addresses without memory, or with read-only memory. Treat such an access like the guest's
 * own.
 *
 * @access: the access
 * @translation: out, on success only: where it goes
 * @fault: out, for -EFAULT only: what to tell the guest
 *
 * Errors:
 *   -EINVAL: no @iommu, @access, @translation or @fault, or flags that are zero or undefined
 *   -ENOENT: there is no such endpoint
 *   -EOPNOTSUPP: the guest gave the endpoint its own tables, which the SMMU walks
 *   -EFAULT: the guest has not allowed it, which leaves no failure in iommuctl_last_error()
 * Since: 0.1
 */
int iommuctl_virtio_iommu_translate(const struct iommuctl_virtio_iommu *iommu,
	const struct iommuctl_virtio_iommu_access *access,
	struct iommuctl_virtio_iommu_translation *translation,
	struct iommuctl_virtio_iommu_fault *fault);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
