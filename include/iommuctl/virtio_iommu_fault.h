/* SPDX-License-Identifier: MIT */
/*
 * What a virtio-iommu tells the guest of accesses that fail, on its event queue, and the accesses
 * of devices that the VMM emulates.
 *
 * There are two sources of faults:
 *   emulated endpoints  iommuctl_virtio_iommu_translate() gives the fault with each access that the
 *           guest has not allowed
 *   nested endpoints    the kernel hands their events to the vEVENTQ, and
 *           iommuctl_virtio_iommu_fault_from_event() makes faults of them
 *
 * There is none for passed-through endpoints that are not nested. Their DMA is stopped all the
 * same, but the kernel has no interface that tells user space of it: a line in the host's kernel
 * log is all. Such a guest hears of nothing.
 *
 * A fault goes into a buffer of the event queue, by iommuctl_virtio_iommu_fault_encode(). A guest
 * that gives no buffers in time loses it: keep a bounded number of faults, or none.
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
 * Why an access failed; values of the standard.
 *
 * Since: 0.1
 */
enum iommuctl_virtio_iommu_fault_reason {
	IOMMUCTL_VIRTIO_IOMMU_FAULT_UNKNOWN = 0, /* none of the others */
	IOMMUCTL_VIRTIO_IOMMU_FAULT_DOMAIN = 1,	 /* the endpoint is in no domain */
	IOMMUCTL_VIRTIO_IOMMU_FAULT_MAPPING = 2, /* no mapping lets it through */
};

/*
 * What an access does; values of the standard, but for EXEC, which Linux has beside them.
 *
 * Since: 0.1
 */
enum iommuctl_virtio_iommu_fault_flags {
	IOMMUCTL_VIRTIO_IOMMU_READ = 1 << 0,	/* it reads */
	IOMMUCTL_VIRTIO_IOMMU_WRITE = 1 << 1,	/* it writes */
	IOMMUCTL_VIRTIO_IOMMU_EXEC = 1 << 2,	/* it fetches instructions */
	IOMMUCTL_VIRTIO_IOMMU_ADDRESS = 1 << 8, /* of a fault alone: its address is known */
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
 * IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE is then the length for the used ring: drivers refuse events that
 * are longer than that.
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
 * Makes a fault of an event of the SMMU.
 *
 * The endpoint is the nested one whose vsid is the event's StreamID. Translation, address size,
 * access and permission faults are MAPPING; all others are DOMAIN if the endpoint is in no domain
 * now and not in bypass mode, and else UNKNOWN.
 *
 * @event: the event, as the vEVENTQ has it
 * @fault: out, on success only: the fault
 *
 * Errors:
 *   -EINVAL: no @iommu, @event or @fault, or the event is no fault: a page request, or of a type
 *     that is not architected
 *   -ENOENT: no nested endpoint has the StreamID
 * Since: 0.1
 */
int iommuctl_virtio_iommu_fault_from_event(const struct iommuctl_virtio_iommu *iommu,
	const struct iommuctl_smmuv3_event *event, struct iommuctl_virtio_iommu_fault *fault);

/*
 * An access of an endpoint.
 *
 * @address: its first byte, as the endpoint has it
 *
 * Since: 0.1
 */
struct iommuctl_virtio_iommu_access {
	uint64_t address;
	uint32_t endpoint; /* as the guest knows it */
	uint32_t flags;	   /* READ, WRITE and EXEC: all that it needs, at least one */
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
	uint64_t size;	/* bytes from there that go on the same way; UINT64_MAX: or more */
	uint32_t flags; /* all that may be done there: READ, WRITE, EXEC */
};

/*
 * Translates an access, as the guest has mapped it.
 *
 * It makes no call of the kernel, and looks at a logarithm of the domain's mappings. The answer
 * holds until the next call that changes the virtio-iommu: do not keep it over a request.
 *
 * In bypass mode, addresses are guest-physical. In a domain with mappings, writes to the region for
 * MSIs go where they are, and nothing else reaches a region of the endpoint. What may be read may
 * be executed.
 *
 * What is at the guest-physical address is for the VMM to know: bypass and one-to-one mappings lead
 * to addresses that are no memory, or cannot be written. Treat those as it treats accesses of the
 * guest to them.
 *
 * @access: the access
 * @translation: out, on success only: where it goes
 * @fault: out, for -EFAULT only: what to tell the guest
 *
 * Errors:
 *   -EINVAL: no @iommu, @access, @translation or @fault, or flags that are none or others
 *   -ENOENT: there is no such endpoint
 *   -EOPNOTSUPP: the guest gave the endpoint tables of its own, which the SMMU walks
 *   -EFAULT: the guest has not allowed it. That is its doing, and leaves no failure in
 *     iommuctl_last_error()
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
