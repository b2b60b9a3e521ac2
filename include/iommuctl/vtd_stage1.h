/* SPDX-License-Identifier: MIT */
/*
 * VT-d first-stage tables in guest memory.
 *
 * They have the format of x86-64 page tables, of 4 or 5 levels.
 *
 * Source: Intel Virtualization Technology for Directed I/O, revision 5.0, sections 3.6 (First-Stage
 *   Translation) and 9.8 (First-Stage Paging Entries).
 */
#ifndef IOMMUCTL_VTD_STAGE1_H
#define IOMMUCTL_VTD_STAGE1_H

#include <iommuctl/guest_memory.h>
#include <iommuctl/hwpt.h>

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* The most entries that a walk looks at. Since: 0.1 */
#define IOMMUCTL_VTD_STAGE1_MAX_STEPS 5

/*
 * How a walk ended.
 *
 * @IOMMUCTL_VTD_STAGE1_FAULT_NONE: no fault: a leaf allows the request
 * @IOMMUCTL_VTD_STAGE1_FAULT_NOT_CANONICAL: the address has more bits than the tables translate
 * @IOMMUCTL_VTD_STAGE1_FAULT_NOT_PRESENT: an entry is not present
 * @IOMMUCTL_VTD_STAGE1_FAULT_RESERVED: an entry has a reserved bit set
 * @IOMMUCTL_VTD_STAGE1_FAULT_PERMISSION: the leaf, or a table before it, does not allow the request
 * @IOMMUCTL_VTD_STAGE1_FAULT_TABLE_ABORT: a table is not in guest memory
 *
 * Since: 0.1
 */
enum iommuctl_vtd_stage1_fault {
	IOMMUCTL_VTD_STAGE1_FAULT_NONE,
	IOMMUCTL_VTD_STAGE1_FAULT_NOT_CANONICAL,
	IOMMUCTL_VTD_STAGE1_FAULT_NOT_PRESENT,
	IOMMUCTL_VTD_STAGE1_FAULT_RESERVED,
	IOMMUCTL_VTD_STAGE1_FAULT_PERMISSION,
	IOMMUCTL_VTD_STAGE1_FAULT_TABLE_ABORT,
};

/*
 * One entry that a walk looked at.
 *
 * @level: of its table; leaves of 4 KiB are of level 1
 * @ipa: where it is
 * @entry: what it holds
 *
 * Since: 0.1
 */
struct iommuctl_vtd_stage1_step {
	uint8_t level;
	uint64_t ipa;
	uint64_t entry;
};

/*
 * What a walk saw.
 *
 * The members after @steps are 0 unless a leaf was reached.
 *
 * @fault: how it ended
 * @step_count: how many of @steps there are
 * @steps: the entries, in the order of the walk
 * @ipa: the output address for the IOVA
 * @leaf_size: bytes that the leaf translates
 * @writable, @user: R/W and U/S of all entries combined
 * @accessed, @dirty, @global: A, D and G of the leaf; hardware sets A and D, a walk does not
 *
 * Since: 0.1
 */
struct iommuctl_vtd_stage1_walk {
	enum iommuctl_vtd_stage1_fault fault;
	uint8_t step_count;
	struct iommuctl_vtd_stage1_step steps[IOMMUCTL_VTD_STAGE1_MAX_STEPS];
	uint64_t ipa;
	uint64_t leaf_size;
	bool writable;
	bool user;
	bool accessed;
	bool dirty;
	bool global;
};

/*
 * Translates an address as a unit would for a request without a privileged PASID.
 *
 * Tables may hold anything: a walk takes at most IOMMUCTL_VTD_STAGE1_MAX_STEPS steps, reads only
 * guest memory, and writes nothing, not even accessed and dirty flags. A fault is a result, not an
 * error.
 *
 * @memory: guest memory
 * @data: the data of the nested HWPT, of which the root table and the width are used
 * @iova: any address
 * @write: the request writes
 * @walk: out: what the walk saw
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: any thread.
 * Errors:
 *   -EINVAL: addr_width is neither 48 nor 57
 * Since: 0.1
 */
int iommuctl_vtd_stage1_walk(const struct iommuctl_guest_memory *memory,
	const struct iommuctl_hwpt_vtd_s1 *data, uint64_t iova, bool write,
	struct iommuctl_vtd_stage1_walk *walk);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
