/* SPDX-License-Identifier: MIT */
/*
 * The context that every call of the library takes, and the errors that it records.
 *
 * Every failure of a function that takes a context, or an object made with it, leaves a record of
 * the operation, the object and the cause: iommuctl_last_error().
 *
 * @ctx: the context
 * @error: a failure, from iommuctl_last_error() or the log
 *
 * Ownership: arguments stay the caller's.
 * Threads: any number of threads at once, as far as the transport and the objects allow.
 * Source: this library.
 */
#ifndef IOMMUCTL_CONTEXT_H
#define IOMMUCTL_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/transport.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct iommuctl;
struct iommuctl_error;

/*
 * Creates a context over a transport.
 *
 * @transport: how to reach the kernel; NULL: the kernel transport, made for this context
 * @ctx: out: the new context
 *
 * Ownership: takes @transport on success; the caller frees *@ctx with iommuctl_free().
 * Threads: a context may be used by any number of threads at once, as far as its transport and the
 *   objects allow.
 * Errors:
 *   -ENOMEM: no memory
 *   -EAGAIN: the process has no thread-specific key left (pthread_key_create(3))
 * Since: 0.1
 */
int iommuctl_new(struct iommuctl_transport *transport, struct iommuctl **ctx);

/*
 * Frees a context, and its transport with it.
 *
 * File descriptors stay open: they belong to whoever opened or adopted them.
 *
 * @ctx: the context; NULL is allowed
 *
 * Ownership: the pointer, and every record of a failure with it, are no longer valid.
 * Threads: no other thread may use @ctx, nor exit while this runs if it ever had a failure with
 *   @ctx.
 * Since: 0.1
 */
void iommuctl_free(struct iommuctl *ctx);

/*
 * Gets the transport of a context.
 *
 * Ownership: the transport stays the context's.
 * Returns: the transport; never NULL.
 * Since: 0.1
 */
struct iommuctl_transport *iommuctl_get_transport(struct iommuctl *ctx);

/*
 * Reports every failure of a context as it happens.
 *
 * That includes failures that the library recovers from, such as a call that it issues again. Not
 * reported are answers to the library's own questions (it reads a queue to its end, or destroys an
 * object later), nor errors that a function documents as the guest's.
 *
 * @log: called in the thread where the failure happens; its @error is valid until it returns. NULL
 *   ends the reports.
 * @data: passed to @log; may be NULL
 *
 * Ownership: @data is the caller's, and must outlive the context or last until the next call of
 *   this function.
 * Threads: call it before other threads use @ctx. @log runs in any thread that fails.
 * Since: 0.1
 */
void iommuctl_set_log(struct iommuctl *ctx,
	void (*log)(const struct iommuctl_error *error, void *data), void *data);

/*
 * Promises the context that every object id came from the kernel and is still live.
 *
 * Explanations then leave out "no such object".
 *
 * Threads: call it before other threads use @ctx.
 * Since: 0.1
 */
void iommuctl_assume_live_ids(struct iommuctl *ctx);

/*
 * What a caller may know about the objects of a failed call, for iommuctl_narrow_last_error().
 *
 * A bit that is not set says nothing. "The device" is the one that the call names; "the page table"
 * is the HWPT, vIOMMU or IOAS that the call also names.
 *
 * @IOMMUCTL_KNOWN_KINDS: every id names a live object, of a kind that the call takes
 * @IOMMUCTL_KNOWN_NEST_PARENT: the HWPT was made with ALLOC_NEST_PARENT
 * @IOMMUCTL_KNOWN_SAME_IOMMU: the page table was made for the IOMMU that the device is behind
 * @IOMMUCTL_KNOWN_OTHER_IOMMU: the page table was made for another IOMMU
 * @IOMMUCTL_KNOWN_OWN_TABLE: the page table was made for this very device
 * @IOMMUCTL_KNOWN_SMMUV3: the device is behind an SMMUv3
 * @IOMMUCTL_KNOWN_VTD: the device is behind a VT-d
 * @IOMMUCTL_KNOWN_AMD: the device is behind an AMD IOMMU
 * @IOMMUCTL_KNOWN_NO_IOMMU: the device is behind no IOMMU
 * @IOMMUCTL_KNOWN_CDEV: the device's file is one of /dev/vfio/devices
 * @IOMMUCTL_KNOWN_BOUND: the device is bound to the iommufd
 * @IOMMUCTL_KNOWN_UNBOUND: the device is not bound to the iommufd
 * @IOMMUCTL_KNOWN_VDEVICE: the device has a vDEVICE in the vIOMMU (for VDEVICE_ALLOC: in any)
 * @IOMMUCTL_KNOWN_NO_VDEVICE: the device has no vDEVICE there
 * @IOMMUCTL_KNOWN_ID_TAKEN: another device has the vSID in the vIOMMU
 * @IOMMUCTL_KNOWN_ID_FREE: no device has the vSID in the vIOMMU
 * @IOMMUCTL_KNOWN_PEERS: the device's IOMMU group has other members (peers), including bridges and
 *   root ports
 * @IOMMUCTL_KNOWN_NO_PEERS: the device's IOMMU group has no other members
 * @IOMMUCTL_KNOWN_PEER_WITHOUT_VDEVICE: a peer has no vDEVICE in the vIOMMU
 * @IOMMUCTL_KNOWN_PEER_ELSEWHERE: a peer is attached to another page table
 * @IOMMUCTL_KNOWN_NO_PEER_ELSEWHERE: no peer is attached to another page table
 * @IOMMUCTL_KNOWN_PEER_ON_HOST: a peer is bound to a host driver
 * @IOMMUCTL_KNOWN_NO_PEER_ON_HOST: no peer is on a host driver
 * @IOMMUCTL_KNOWN_DIRECT_REGION: reserved_regions of the group has a line "direct"
 * @IOMMUCTL_KNOWN_NO_DIRECT_REGION: reserved_regions of the group has no such line
 * @IOMMUCTL_KNOWN_NO_PASIDS: no PASID of the device is attached
 * @IOMMUCTL_KNOWN_NO_FAULTS: the HWPT was made without FAULT_ID_VALID
 * @IOMMUCTL_KNOWN_OTHER_IRQS: the device's interrupts are enabled by another index
 * @IOMMUCTL_KNOWN_NO_OTHER_IRQS: the device's interrupts are enabled by no other index
 * @IOMMUCTL_KNOWN_NO_NEST_PARENT: the HWPT was made without ALLOC_NEST_PARENT
 * @IOMMUCTL_KNOWN_HW_INFO: IOMMU_GET_HW_INFO reports a type for the device
 * @IOMMUCTL_KNOWN_OTHER_KIND: the device's IOMMU is of another kind than those above
 *
 * Since: 0.1
 */
#define IOMMUCTL_KNOWN_KINDS		    (UINT64_C(1) << 0)
#define IOMMUCTL_KNOWN_NEST_PARENT	    (UINT64_C(1) << 1)
#define IOMMUCTL_KNOWN_SAME_IOMMU	    (UINT64_C(1) << 2)
#define IOMMUCTL_KNOWN_OTHER_IOMMU	    (UINT64_C(1) << 3)
#define IOMMUCTL_KNOWN_OWN_TABLE	    (UINT64_C(1) << 4)
#define IOMMUCTL_KNOWN_SMMUV3		    (UINT64_C(1) << 5)
#define IOMMUCTL_KNOWN_VTD		    (UINT64_C(1) << 6)
#define IOMMUCTL_KNOWN_AMD		    (UINT64_C(1) << 7)
#define IOMMUCTL_KNOWN_NO_IOMMU		    (UINT64_C(1) << 8)
#define IOMMUCTL_KNOWN_CDEV		    (UINT64_C(1) << 9)
#define IOMMUCTL_KNOWN_BOUND		    (UINT64_C(1) << 10)
#define IOMMUCTL_KNOWN_UNBOUND		    (UINT64_C(1) << 11)
#define IOMMUCTL_KNOWN_VDEVICE		    (UINT64_C(1) << 12)
#define IOMMUCTL_KNOWN_NO_VDEVICE	    (UINT64_C(1) << 13)
#define IOMMUCTL_KNOWN_ID_TAKEN		    (UINT64_C(1) << 14)
#define IOMMUCTL_KNOWN_ID_FREE		    (UINT64_C(1) << 15)
#define IOMMUCTL_KNOWN_PEERS		    (UINT64_C(1) << 16)
#define IOMMUCTL_KNOWN_NO_PEERS		    (UINT64_C(1) << 17)
#define IOMMUCTL_KNOWN_PEER_WITHOUT_VDEVICE (UINT64_C(1) << 18)
#define IOMMUCTL_KNOWN_PEER_ELSEWHERE	    (UINT64_C(1) << 19)
#define IOMMUCTL_KNOWN_NO_PEER_ELSEWHERE    (UINT64_C(1) << 20)
#define IOMMUCTL_KNOWN_PEER_ON_HOST	    (UINT64_C(1) << 21)
#define IOMMUCTL_KNOWN_NO_PEER_ON_HOST	    (UINT64_C(1) << 22)
#define IOMMUCTL_KNOWN_DIRECT_REGION	    (UINT64_C(1) << 23)
#define IOMMUCTL_KNOWN_NO_DIRECT_REGION	    (UINT64_C(1) << 24)
#define IOMMUCTL_KNOWN_NO_PASIDS	    (UINT64_C(1) << 25)
#define IOMMUCTL_KNOWN_NO_FAULTS	    (UINT64_C(1) << 26)
#define IOMMUCTL_KNOWN_OTHER_IRQS	    (UINT64_C(1) << 27)
#define IOMMUCTL_KNOWN_NO_OTHER_IRQS	    (UINT64_C(1) << 28)
#define IOMMUCTL_KNOWN_NO_NEST_PARENT	    (UINT64_C(1) << 29)
#define IOMMUCTL_KNOWN_HW_INFO		    (UINT64_C(1) << 30)
#define IOMMUCTL_KNOWN_OTHER_KIND	    (UINT64_C(1) << 31)

/*
 * One possible cause of a failure, and its remedy.
 *
 * @cause: what was wrong, a constant string
 * @remedy: what to do about it, a constant string
 *
 * Since: 0.1
 */
struct iommuctl_explanation {
	const char *cause;
	const char *remedy;
};

/* The most causes that one failure has. Since: 0.1 */
#define IOMMUCTL_EXPLANATIONS_MAX 10

/*
 * A failure.
 *
 * Where an errno has one cause, it is explanation[0]. Where several causes share an errno and
 * nothing known tells them apart, all are listed, the likelier ones first. A refusal by the library
 * itself has one cause, and the function's name as its operation.
 *
 * @explanation_count: causes in @explanation, 0 to IOMMUCTL_EXPLANATIONS_MAX
 * @explanation: the causes
 *
 * Since: 0.1
 */
struct iommuctl_error {
	const char *operation; /* "IOMMU_VIOMMU_ALLOC", "open", "nest_set_ste", … */
	char object[96];       /* "device 1, page table 3" */
	int code;	       /* a positive errno */
	size_t explanation_count;
	struct iommuctl_explanation explanation[IOMMUCTL_EXPLANATIONS_MAX];
};

/*
 * Gets the last failure that the calling thread had with a context.
 *
 * After any function that takes @ctx, or an object made with it, and returns a negative number,
 * this is the failure of that function, whether or not it called the kernel. It is NULL, and never
 * an older failure, where the function documents that the number is no failure of the library (a
 * guest's error, a spent budget). After a success it may be an older failure. Arguments without a
 * context (a NULL object) leave no record.
 *
 * The first failure of a thread other than the one that called iommuctl_new() allocates its record.
 * If that fails, the thread gets one of a few spare records of @ctx, or none once these are taken.
 *
 * Ownership: the record is the context's, valid until the thread fails again or exits, or @ctx is
 *   freed.
 * Returns: the failure; NULL if there is none.
 * Since: 0.1
 */
const struct iommuctl_error *iommuctl_last_error(struct iommuctl *ctx);

/*
 * Narrows the explanation of the calling thread's last failure by what the caller knows.
 *
 * Causes that contradict a bit are left out; if a bit proves a cause, only that cause is left;
 * causes that a bit makes likelier come first. Bits add to those of earlier calls for the same
 * failure. Irrelevant bits do no harm, and two bits that contradict each other both apply. What the
 * log of iommuctl_set_log() was given does not change.
 *
 * @known: bits of IOMMUCTL_KNOWN_*
 *
 * Ownership: as iommuctl_last_error().
 * Threads: any thread, for its own failures.
 * Returns: the failure as iommuctl_last_error() returns it from now on, or NULL.
 * Since: 0.1
 */
const struct iommuctl_error *iommuctl_narrow_last_error(struct iommuctl *ctx, uint64_t known);

/*
 * Writes a failure as one sentence.
 *
 * It contains operation, object and errno, and each cause with its remedy in brackets.
 *
 * @text: out: the sentence, terminated unless @size is 0; may be NULL then
 * @size: bytes of @text
 *
 * Returns: the length of the whole sentence, as snprintf(3) does.
 * Since: 0.1
 */
int iommuctl_error_format(const struct iommuctl_error *error, char *text, size_t size);

/*
 * Closes a file descriptor that came from this library or was adopted.
 *
 * The descriptor is closed whatever this returns.
 *
 * @fd: the file descriptor
 *
 * Ownership: @fd is no longer the caller's.
 * Threads: any thread, unless the transport says otherwise; no other thread may still use @fd.
 * Errors:
 *   -EBADF: @fd is not open
 *   others: what close(2) reports about the file
 * Since: 0.1
 * Source: close(2).
 */
int iommuctl_close(struct iommuctl *ctx, int fd);

/*
 * Unmaps memory that this library mapped.
 *
 * @address: the start of the mapping, as returned
 * @length: bytes, all of the mapping
 *
 * Ownership: the memory is no longer the caller's.
 * Threads: as iommuctl_close(): no other thread may still use the memory.
 * Errors:
 *   -EINVAL: @address is not at the start of a page, or @length is 0
 * Since: 0.1
 * Source: munmap(2).
 */
int iommuctl_munmap(struct iommuctl *ctx, void *address, size_t length);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
