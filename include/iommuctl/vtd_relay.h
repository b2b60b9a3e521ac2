/* SPDX-License-Identifier: MIT */
/*
 * The relay of VT-d: it issues a guest's invalidation descriptors to the hardware.
 *
 * There is no vIOMMU: the kernel takes invalidations for each nested HWPT. So the relay knows which
 * domain and PASID of the guest each HWPT stands for, and issues a descriptor for all HWPTs that it
 * concerns. The kernel's count of handled entries is exact, and after a failure the relay continues
 * from there. The kernel flushes device TLBs itself.
 *
 * Ranges are merged if that invalidates exactly the same: two halves of an aligned power of two, or
 * one range within another. The paths that carry descriptors allocate nothing and take no lock.
 *
 * @relay: the relay
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: one thread at a time for a relay.
 * Source: Intel Virtualization Technology for Directed I/O, revision 5.0, section 6.5.2;
 *   intel_nested_cache_invalidate_user in drivers/iommu/intel/nested.c (Linux 7.3).
 */
#ifndef IOMMUCTL_VTD_RELAY_H
#define IOMMUCTL_VTD_RELAY_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/vtd_inv.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct iommuctl_vtd_relay;

/* The most entries in one call, for one HWPT. Since: 0.1 */
#define IOMMUCTL_VTD_RELAY_BATCH_MAX 512

/*
 * What a relay needs to know.
 *
 * @iommufd: the iommufd; borrowed, and must outlive the relay
 * @batch: entries for one call, up to the maximum; 0: the maximum
 *
 * Since: 0.1
 */
struct iommuctl_vtd_relay_config {
	int iommufd;
	uint32_t batch;
};

/*
 * What a relay has done since it was made.
 *
 * @descriptors: taken from the guest and carried out
 * @entries: passed to the kernel and done; fewer than descriptors if merged
 * @calls: HWPT_INVALIDATE, failed ones included
 * @resumed: of these, those that continue after a failed one
 * @without_effect: of the descriptors, those that concern no HWPT, and those for device TLBs
 * @refused: descriptors that are an invalidation queue error
 *
 * Since: 0.1
 */
struct iommuctl_vtd_relay_counters {
	uint64_t descriptors;
	uint64_t entries;
	uint64_t calls;
	uint64_t resumed;
	uint64_t without_effect;
	uint64_t refused;
};

/*
 * Creates a relay that knows no HWPT.
 *
 * @ctx: the context; borrowed, it outlives the relay
 * @config: what the relay needs to know, copied
 * @relay: out: the relay
 *
 * Ownership: the caller frees *@relay with iommuctl_vtd_relay_free().
 * Errors:
 *   -EINVAL: the batch is above the maximum
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_vtd_relay_new(struct iommuctl *ctx, const struct iommuctl_vtd_relay_config *config,
	struct iommuctl_vtd_relay **relay);

/*
 * Frees a relay, and nothing else.
 *
 * @relay: the relay; NULL is allowed
 *
 * Ownership: the pointer is no longer valid.
 * Since: 0.1
 */
void iommuctl_vtd_relay_free(struct iommuctl_vtd_relay *relay);

/*
 * Adds the nested HWPT of a domain and PASID.
 *
 * @did: the DID of the guest's PASID table entry
 * @pasid: the PASID whose entry it is
 * @hwpt_id: the HWPT
 *
 * Errors:
 *   -EEXIST: there is a HWPT of that domain and PASID already: remove it first
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_vtd_relay_add_hwpt(
	struct iommuctl_vtd_relay *relay, uint16_t did, uint32_t pasid, uint32_t hwpt_id);

/*
 * Removes the HWPT of a domain and PASID.
 *
 * @did, @pasid: as they were added
 *
 * Errors:
 *   -ENOENT: there is no HWPT of that domain and PASID
 * Since: 0.1
 */
int iommuctl_vtd_relay_remove_hwpt(struct iommuctl_vtd_relay *relay, uint16_t did, uint32_t pasid);

/*
 * Carries out descriptors in order, up to the first that is not for the relay.
 *
 * Those before it are complete when this returns. The caller then carries it out
 * (IOMMUCTL_VTD_INV_CLASS_CALLER: a wait, a cache of entries, a page response), or stops the queue,
 * and continues after it.
 *
 * @words: the descriptors, in CPU order; read once
 * @count: how many there are
 * @done: out, after success and failure alike: how many from the first on are complete
 * @refusal: out, may be NULL: what is wrong with descriptor @done where that is -EIO
 *
 * Errors:
 *   -EIO: descriptor @done is an invalidation queue error
 *   -EINVAL: the caller has to carry out descriptor @done
 *   others: those of iommuctl_hwpt_invalidate(), once a second attempt has failed as well
 * Since: 0.1
 */
int iommuctl_vtd_relay_issue(struct iommuctl_vtd_relay *relay,
	const uint64_t (*words)[IOMMUCTL_VTD_INV_WORDS], size_t count, size_t *done,
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * Copies the counters.
 *
 * @counters: out: the counters
 *
 * Since: 0.1
 */
void iommuctl_vtd_relay_get_counters(
	const struct iommuctl_vtd_relay *relay, struct iommuctl_vtd_relay_counters *counters);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
