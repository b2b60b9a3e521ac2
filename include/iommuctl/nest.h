/* SPDX-License-Identifier: MIT */
/*
 * A nest: everything that one guest has of one physical SMMU, as one object.
 *
 * It owns a nesting parent, a vIOMMU, a nested HWPT that aborts and one that bypasses, an event
 * queue and a relay; and for each device a vDEVICE and the nested HWPT of its current STE. The
 * guest's stream table, its CFGI_STE commands and GBPA become attachments. Between two of them a
 * device always keeps a translation: the old one until the new one is in place.
 *
 * A guest's PASIDs need nothing else: the STE binds the CD table (S1ContextPtr, S1CDMax, S1Fmt,
 * S1DSS), and a PASID is added or removed by a CD in it and CFGI_CD.
 *
 * The kernel attaches whole IOMMU groups: the STE of one device becomes that of all. So a nest
 * tracks groups. The devices of a group have the STE that the guest gave to each of them; if it
 * gave them different ones, or if a device of the group is not in the nest, they abort, and the
 * refusal says why. Bridges count for an STE with stage 1, for which the kernel requires a vDEVICE
 * for every device: a group with a root port can only bypass or abort. If the group of a device is
 * unknown (EOPNOTSUPP from iommuctl_vfio_device_get_group()), the kernel refuses a second device of
 * the same group, and the caller has to know what else is in it.
 *
 * What a guest wrote (STEs, stream tables) may be anything; it is read once and checked. An STE
 * cannot use features of the physical SMMU that the guest does not see. No transaction of a guest
 * stalls: no kernel call could resume it.
 *
 * If the kernel refuses an attachment that a guest asked for, the call does not fail: the guest
 * continues, and the device aborts, or is detached if even that cannot be attached. The refusal
 * explains the kernel's error, and iommuctl_nest_get_counters() counts it. The attachment is tried
 * again whenever the guest gives the group an STE. Transient errors (ENOMEM, EINTR, EAGAIN, ENOSPC)
 * are returned: the previous STE stays, and the call can be repeated. This holds for
 * iommuctl_nest_set_ste(), set_stream_table(), clear_stream_table(), set_bypass() and
 * iommuctl_nest_command().
 *
 * All other kernel errors are returned unchanged; iommuctl_last_error() explains them.
 *
 * @nest: the nest
 * @vsid: a device's vSID: its StreamID as the guest knows it
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: one thread at a time for a nest and its relay. Any one other thread may read the event
 *   queue.
 * Source: Arm IHI 0070, sections 3.3 (stream tables), 5.1 (L1STD), 5.2 (STE), 4.3 (CFGI commands),
 *   6.3.24 and 6.3.25 (STRTAB_BASE, STRTAB_BASE_CFG), 6.3.13 (GBPA); what the kernel takes was read
 *   from drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c of Linux 7.3.
 */
#ifndef IOMMUCTL_NEST_H
#define IOMMUCTL_NEST_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/guest_memory.h>
#include <iommuctl/relay.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/smmuv3_ste.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct iommuctl_nest;

/* What a nest needs to know. Since: 0.1 */
struct iommuctl_nest_config {
	int iommufd;	  /* borrowed */
	uint32_t ioas_id; /* the guest's memory by IPA: stage 2. Stays the caller's. */
	uint32_t dev_id;  /* any device behind the SMMU, bound to @iommufd */

	/* Of the SMMU that the guest is shown, which has no more than the physical one; copied.
	 * NULL: that of the physical one (IOMMU_GET_HW_INFO). In either case STALL_MODEL becomes
	 * TERMINATE: show the guest the result of iommuctl_nest_get_idr(), and no PRI. */
	const struct iommuctl_smmuv3_idr *idr;

	/* GBPA, which applies while there is no stream table. True: DMA bypasses stage 1; false:
	 * it aborts. */
	bool bypass;

	uint32_t event_depth; /* events that the queue holds; 0: no queue */

	/* Of the relay: see struct iommuctl_relay_config. */
	uint32_t batch;
	bool fold;
	uint32_t fold_granule;
};

/*
 * Creates a nest without devices.
 *
 * Commands are issued twice where the SMMU has an erratum that asks for it
 * (ERRATA_REPEAT_TLBI_CFGI).
 *
 * @ctx: the context; borrowed, it outlives the nest
 * @config: what the nest needs to know, copied
 * @nest: out: the nest
 *
 * Ownership: the caller frees *@nest with iommuctl_nest_free(), before @ctx, the iommufd and the
 *   IOAS.
 * Errors:
 *   -EOPNOTSUPP: not an SMMUv3, one that stalls every fault (STALL_MODEL), or one that cannot nest:
 *     see iommuctl_hwpt_alloc() and iommuctl_viommu_alloc()
 *   -EINVAL: parameters of the relay, or event_depth above IOMMUCTL_VEVENTQ_DEPTH_MAX
 *   -ENOMEM: no memory
 *   others: those of the kernel's calls
 * Since: 0.1
 */
int iommuctl_nest_new(struct iommuctl *ctx, const struct iommuctl_nest_config *config,
	struct iommuctl_nest **nest);

/*
 * Frees a nest.
 *
 * Devices that are still in it are detached (their DMA is blocked), and objects are destroyed in
 * the order that the kernel requires. Objects that the kernel twice refuses to destroy end with the
 * iommufd.
 *
 * @nest: the nest; NULL is allowed
 *
 * Ownership: the pointer is no longer valid; devices, iommufd and IOAS stay the caller's.
 * Since: 0.1
 */
void iommuctl_nest_free(struct iommuctl_nest *nest);

/*
 * Puts a device behind the guest's SMMU.
 *
 * It is attached at once, as its STE says if there is a stream table, otherwise as GBPA says. That
 * replaces any earlier attachment. If other devices of its IOMMU group are in the nest, all of them
 * abort before it is added, and continue once it has the same STE. Other devices of the group that
 * share its attachment outside the nest follow it: they abort until they are added as well. If the
 * group is unknown, the device is detached first.
 *
 * On failure it is not in the nest. If the kernel refuses to release something, the next call of
 * this function tries again, and returns the kernel's error if that is still in the way.
 *
 * @device: the file descriptor of the device, bound to the iommufd
 * @dev_id: its id in the iommufd
 * @vsid: its vSID, unique in the nest
 *
 * Ownership: @device stays the caller's, who keeps it open until the device is removed.
 * Errors:
 *   -EEXIST: the nest has @vsid, or the device has a vDEVICE elsewhere
 *   -EINVAL: a device behind another SMMU, or a group whose other devices are attached to something
 *     else (perhaps by this nest, if it does not know the group)
 *   -EOPNOTSUPP: a device with several StreamIDs
 *   -ENOMEM: no memory
 *   others: those of iommuctl_vfio_attach() and iommuctl_vfio_device_get_group()
 * Since: 0.1
 */
int iommuctl_nest_add_device(
	struct iommuctl_nest *nest, int device, uint32_t dev_id, uint32_t vsid);

/*
 * Removes a device; it is then attached to nothing.
 *
 * The other devices of its IOMMU group abort from before it is detached until it is back: in
 * hardware it is only detached with the last of them.
 *
 * Errors:
 *   -ENOENT: the nest has no @vsid
 *   others: those of the kernel: the device is detached, or unchanged if detaching failed, and the
 *     call can be repeated
 * Since: 0.1
 */
int iommuctl_nest_remove_device(struct iommuctl_nest *nest, uint32_t vsid);

/*
 * Gives a device another STE.
 *
 * An STE that is ILLEGAL for an SMMU without stage 2 aborts, and so does one that its IOMMU group
 * or the kernel does not allow. Bits that are legal but without meaning under nesting (cacheability
 * of the stream, stage 2, bits for software, fields of features that the guest's SMMU lacks) are
 * dropped. S1STALLD is 1 wherever the physical SMMU could stall.
 *
 * Giving the same STE again makes no call, unless it does not apply yet. On failure the old STE
 * still applies. A VMM that reads STEs itself must also issue CFGI_CD_ALL through the relay for
 * each CFGI_STE.
 *
 * @words: the STE, words in CPU order
 * @refusal: out, may be NULL: why it aborts, as from iommuctl_nest_get_refusal(); its field is NULL
 *   if it does not
 *
 * Errors:
 *   -ENOENT: the nest has no @vsid
 *   -ENOMEM, -EINTR, -EAGAIN, -ENOSPC: the kernel's, which may pass
 * Since: 0.1
 */
int iommuctl_nest_set_ste(struct iommuctl_nest *nest, uint32_t vsid,
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Gets why a device aborts although its current STE does not ask for it.
 *
 * The STE is ILLEGAL, or not found in the stream table; field "IOMMU group": another StreamID of
 * its group has another STE, or a device of its group has no vDEVICE in the nest; field "STE": the
 * kernel refuses it. The SMMU records no event for it; a VMM may give the guest one (C_BAD_STE,
 * C_BAD_STREAMID, F_STE_FETCH).
 *
 * @refusal: out: why; its field is NULL if nothing is wrong
 *
 * Ownership: the texts stay valid until the next call that changes the nest.
 * Errors:
 *   -ENOENT: the nest has no @vsid
 * Since: 0.1
 */
int iommuctl_nest_get_refusal(
	const struct iommuctl_nest *nest, uint32_t vsid, struct iommuctl_smmuv3_refusal *refusal);

/* What happened since the nest was made. Since: 0.1 */
struct iommuctl_nest_counters {
	uint64_t refused;  /* attachments that the kernel refused permanently, of new devices too */
	uint64_t detached; /* of them, those where abort failed too: devices were detached */
};

/*
 * Copies the counters of a nest.
 *
 * @counters: out: the counters
 *
 * Since: 0.1
 */
void iommuctl_nest_get_counters(
	const struct iommuctl_nest *nest, struct iommuctl_nest_counters *counters);

/*
 * Takes STEs from the guest's stream table from now on, for a guest that enables its SMMU
 * (CR0.SMMUEN).
 *
 * The table is linear or two-level. The STEs of all devices are read now, and again when the guest
 * asks for it: iommuctl_nest_command(). The cost of one write to CR0 or GBPA is thus an STE read
 * and an attachment for each device of the nest.
 *
 * @memory: guest memory
 * @strtab_base: the register STRTAB_BASE
 * @strtab_base_cfg: the register STRTAB_BASE_CFG
 *
 * Ownership: @memory is borrowed until iommuctl_nest_clear_stream_table(), or the end of the nest.
 * Errors:
 *   -ENOMEM, -EINTR, -EAGAIN, -ENOSPC: the first transient error of the kernel: the devices
 *     concerned keep their attachment, the others have their new STE
 * Since: 0.1
 */
int iommuctl_nest_set_stream_table(struct iommuctl_nest *nest,
	const struct iommuctl_guest_memory *memory, uint64_t strtab_base, uint32_t strtab_base_cfg);

/*
 * Applies GBPA to all devices, for a guest that disables its SMMU or is reset.
 *
 * Errors:
 *   others: those of iommuctl_nest_set_stream_table()
 * Since: 0.1
 */
int iommuctl_nest_clear_stream_table(struct iommuctl_nest *nest);

/*
 * Sets GBPA, which applies at once unless there is a stream table.
 *
 * @bypass: true: DMA bypasses stage 1; false: it aborts
 *
 * Errors:
 *   others: those of iommuctl_nest_set_stream_table()
 * Since: 0.1
 */
int iommuctl_nest_set_bypass(struct iommuctl_nest *nest, bool bypass);

/*
 * Carries out commands that a relay leaves to its owner.
 *
 * CFGI_STE and CFGI_STE_RANGE (CFGI_ALL) read STEs again. Prefetches do nothing. A guest on a nest
 * has neither page requests nor stalls, so that PRI_RESP, RESUME and STALL_TERM are illegal. The
 * function can be put into struct iommuctl_cmdq_ops with the nest as its data, or be called from
 * there.
 *
 * In a run of a queue (iommuctl_cmdq_consume()) an STE is read once, however many commands name it,
 * unless the VMM changes something in between; each read is charged to the run's budget. A command
 * that exceeds the budget continues in the next run: no call reads beyond the STE that uses it up.
 * Without a queue, one call reads the STEs of all devices concerned.
 *
 * @cmd: the command
 * @data: the nest, a struct iommuctl_nest
 *
 * Errors:
 *   -EIO: it is illegal, or not one of these commands; in a run of a queue that is the guest's
 *     error and no failure
 *   -EAGAIN: the rest of it is left for the next run, which is no failure
 *   -ENOTRECOVERABLE: the kernel returned EIO or EBUSY and lets a device neither abort nor detach:
 *     it keeps the previous STE
 *   others: those of iommuctl_nest_set_stream_table()
 * Since: 0.1
 */
int iommuctl_nest_command(const struct iommuctl_smmuv3_cmd *cmd, void *data);

/*
 * Gets the relay of a nest.
 *
 * Its StreamIDs are those of the devices; they have ATS if the current STE has EATS = 1 and both
 * SMMU and device support it.
 *
 * Ownership: the relay stays the nest's.
 * Returns: the relay; never NULL.
 * Since: 0.1
 */
struct iommuctl_relay *iommuctl_nest_get_relay(struct iommuctl_nest *nest);

/*
 * Gets what the guest's SMMU can do, for its ID registers.
 *
 * Ownership: it stays the nest's.
 * Returns: the fields; never NULL.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_idr *iommuctl_nest_get_idr(const struct iommuctl_nest *nest);

/*
 * Gets the vIOMMU of a nest.
 *
 * Ownership: the vIOMMU stays the nest's.
 * Returns: its id.
 * Since: 0.1
 */
uint32_t iommuctl_nest_get_viommu_id(const struct iommuctl_nest *nest);

/*
 * Gets the nesting parent of a nest.
 *
 * Ownership: the HWPT stays the nest's.
 * Returns: its id.
 * Since: 0.1
 */
uint32_t iommuctl_nest_get_parent_id(const struct iommuctl_nest *nest);

/*
 * Gets the vEVENTQ of a nest, to poll and to read.
 *
 * Ownership: it stays the nest's.
 * Returns: its file descriptor; -1 without a queue.
 * Since: 0.1
 */
int iommuctl_nest_get_event_fd(const struct iommuctl_nest *nest);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
