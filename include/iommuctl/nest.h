/* SPDX-License-Identifier: MIT */
/*
 * A nest: all that one guest has of one physical SMMU, as one object.
 *
 * It owns a nesting parent, a vIOMMU, a nested HWPT that aborts and one that bypasses, a queue of
 * events and a relay; and for each device a vDEVICE and the nested HWPT of its present STE. The
 * guest's stream table, its CFGI_STE commands and GBPA end up in attachments; between two of them a
 * device always keeps a translation, the old one until the new one is in force.
 *
 * A guest's PASIDs need nothing else: the CD table is bound by the STE (S1ContextPtr, S1CDMax,
 * S1Fmt, S1DSS), and a PASID comes and goes with a CD in it and CFGI_CD.
 *
 * The kernel attaches whole IOMMU groups: the STE of one device becomes that of all. So a nest
 * knows groups. Devices of one group have the STE that the guest gave to each of them; if it gave
 * them different ones, or if a device of the group is not in the nest, they abort, and the refusal
 * says why. Bridges count where there is a stage 1, for which the kernel wants a vDEVICE of every
 * device: a group with a root port in it can bypass or abort. Where the group of a device is not
 * known (EOPNOTSUPP by iommuctl_vfio_device_get_group()), the kernel refuses a second device of the
 * same group; what else is in the group is then the caller's to know.
 *
 * What a guest wrote (STEs, stream tables) may be anything; it is read once and checked. What the
 * physical SMMU has and the guest does not see, an STE does not reach. No transaction of a guest
 * stalls: no call of the kernel could resume it.
 *
 * An attachment that the kernel refuses does not fail where a guest asked for it: the guest goes
 * on, and the device aborts, or is detached if not even that can be attached; the refusal has the
 * words of the kernel's error, and iommuctl_nest_get_counters() counts it. It is tried again
 * whenever the guest gives the group an STE. Errors that may pass (ENOMEM, EINTR, EAGAIN, ENOSPC)
 * are passed on: the STE before stays, and the call may be made again. This holds for
 * iommuctl_nest_set_ste(), set_stream_table(), clear_stream_table(), set_bypass() and
 * iommuctl_nest_command().
 *
 * All other failures of the kernel are passed on as they are; iommuctl_last_error() explains them.
 *
 * @nest: the nest
 * @vsid: the StreamID of a device, as the guest knows it
 *
 * Ownership: what a function is given stays the caller's and is not used once it has returned.
 * Threads: one thread at a time for a nest and the relay in it. The event queue is read on its own,
 *   by any one thread.
 * Source: Arm IHI 0070, sections 3.3 (stream tables), 5.1 (L1STD), 5.2 (STE), 4.3 (CFGI commands),
 *   6.3.24 and 6.3.25 (STRTAB_BASE, STRTAB_BASE_CFG), 6.3.13 (GBPA); what the kernel takes was read
 *   from drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c of Linux 7.3.
 */
#ifndef IOMMUCTL_NEST_H
#define IOMMUCTL_NEST_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/relay.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/smmuv3_ste.h>
#include <iommuctl/stage1.h>

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
	 * NULL: what IOMMU_GET_HW_INFO says of the physical one. In either case STALL_MODEL becomes
	 * TERMINATE: show the guest what iommuctl_nest_get_idr() has, and no PRI. */
	const struct iommuctl_smmuv3_idr *idr;

	/* GBPA, in force as long as there is no stream table: DMA has no stage 1, or (false) none
	 * gets through. */
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
 * Ends a nest.
 *
 * Devices that are still in it are detached (their DMA is blocked), and everything goes in the
 * order that the kernel asks for. What the kernel does not give up, tried twice, ends with the
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
 * It is attached at once: as the STE says where there is a stream table, else as GBPA does;
 * whatever it was attached to before is replaced. If other devices of its IOMMU group are in the
 * nest, all of them abort before it comes in, and go on once it has the STE that they have. Other
 * devices of the group that are attached to the same thing outside of the nest follow it: they
 * abort until they are added as well. Where the group is not known, the device is detached first.
 *
 * On failure nothing is left of it. What the kernel does not let go of then is tried again by the
 * next call of this function, and if it is in the way that tells the kernel's error.
 *
 * @device: the file descriptor of the device, bound to the iommufd
 * @dev_id: what names it there
 * @vsid: its StreamID, which no other device of the nest has
 *
 * Ownership: @device stays the caller's, and open until the device was removed.
 * Errors:
 *   -EEXIST: the nest has @vsid, or the device has a vDEVICE elsewhere
 *   -EINVAL: a device behind another SMMU, or a group whose other devices are attached otherwise
 *     (perhaps by this nest, where it does not know the group)
 *   -EOPNOTSUPP: a device with several StreamIDs
 *   -ENOMEM: no memory
 *   others: those of iommuctl_vfio_attach() and iommuctl_vfio_device_get_group()
 * Since: 0.1
 */
int iommuctl_nest_add_device(
	struct iommuctl_nest *nest, int device, uint32_t dev_id, uint32_t vsid);

/*
 * Takes a device out; it is then attached to nothing.
 *
 * Others of its IOMMU group abort from before it is detached, and until it is back: the hardware
 * takes it out with the last of them.
 *
 * Errors:
 *   -ENOENT: the nest has no @vsid
 *   others: those of the kernel: the device is detached or, if that is what failed, as it was, and
 *     the call may be made again
 * Since: 0.1
 */
int iommuctl_nest_remove_device(struct iommuctl_nest *nest, uint32_t vsid);

/*
 * Gives a device another STE.
 *
 * An STE that an SMMU without stage 2 finds ILLEGAL aborts, and so does one that cannot be in
 * force: because of its IOMMU group, or because the kernel refuses it. Bits that are legal but mean
 * nothing under nesting (cacheability of the stream, stage 2, what software keeps there, fields of
 * features that the guest's SMMU lacks) are left out. S1STALLD is 1 wherever the physical SMMU
 * could stall.
 *
 * The same STE again makes no call, unless it is not in force. On failure the old STE stays in
 * force. For a VMM that reads STEs itself: it also owes the guest CFGI_CD_ALL, through the relay,
 * for each CFGI_STE.
 *
 * @words: the STE, words in CPU order
 * @refusal: out, may be NULL: why it aborts, as iommuctl_nest_get_refusal() says; else a field of
 *   NULL
 *
 * Errors:
 *   -ENOENT: the nest has no @vsid
 *   -ENOMEM, -EINTR, -EAGAIN, -ENOSPC: the kernel's, which may pass
 * Since: 0.1
 */
int iommuctl_nest_set_ste(struct iommuctl_nest *nest, uint32_t vsid,
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Tells why a device aborts although its present STE does not ask for it.
 *
 * It is ILLEGAL, or not to be found in the stream table; field "IOMMU group": another StreamID of
 * its group has another STE, or a device of its group has no vDEVICE in the nest; field "STE": the
 * kernel refuses it. The SMMU records no event for it; a VMM may give the guest one (C_BAD_STE,
 * C_BAD_STREAMID, F_STE_FETCH).
 *
 * @refusal: out: why; a field of NULL if there is nothing wrong
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
	uint64_t refused;  /* attachments that the kernel refused for good, also of new devices */
	uint64_t detached; /* of them, those that abort could not follow: devices were detached */
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
 * Takes STEs from the guest's stream table from now on, as the guest enables its SMMU (CR0.SMMUEN).
 *
 * The table is linear or two-level. The STEs of all devices are read at once, and later on when the
 * guest asks for it: iommuctl_nest_command(). That is the work of one write to CR0, and of a GBPA:
 * an STE read and an attachment for each device of the nest, so that the number of devices is the
 * bound.
 *
 * @memory: guest memory
 * @strtab_base: the register STRTAB_BASE
 * @strtab_base_cfg: the register STRTAB_BASE_CFG
 *
 * Ownership: @memory is borrowed until iommuctl_nest_clear_stream_table(), or the end of the nest.
 * Errors:
 *   -ENOMEM, -EINTR, -EAGAIN, -ENOSPC: the first of the kernel's, which may pass: the devices
 *     concerned keep what they had, the rest have their STE
 * Since: 0.1
 */
int iommuctl_nest_set_stream_table(struct iommuctl_nest *nest,
	const struct iommuctl_guest_memory *memory, uint64_t strtab_base, uint32_t strtab_base_cfg);

/*
 * Has GBPA in force for all devices, as the guest disables its SMMU or is reset.
 *
 * Errors:
 *   others: those of iommuctl_nest_set_stream_table()
 * Since: 0.1
 */
int iommuctl_nest_clear_stream_table(struct iommuctl_nest *nest);

/*
 * Sets another GBPA, in force at once unless there is a stream table.
 *
 * @bypass: DMA has no stage 1; false: none gets through
 *
 * Errors:
 *   others: those of iommuctl_nest_set_stream_table()
 * Since: 0.1
 */
int iommuctl_nest_set_bypass(struct iommuctl_nest *nest, bool bypass);

/*
 * Carries out the commands that a relay leaves to its owner.
 *
 * CFGI_STE and CFGI_STE_RANGE (CFGI_ALL) read STEs again. Prefetches need no answer. A guest on a
 * nest has neither page requests nor stalls, so that PRI_RESP, RESUME and STALL_TERM are illegal.
 * It fits struct iommuctl_cmdq_ops with the nest as its data, or is called from there.
 *
 * In a run of a queue (iommuctl_cmdq_consume()) an STE is read once, however many commands ask for
 * it, unless the VMM changed something in between; and each is charged to the run's budget. A
 * command that the budget has no room for goes on in the next run: no call reads more than the one
 * STE that uses it up. Without a queue, one call reads the STEs of all devices concerned.
 *
 * @cmd: the command
 * @nest: the nest, a struct iommuctl_nest
 *
 * Errors:
 *   -EIO: it is illegal, or none of these commands; in a run of a queue that is the guest's doing
 *     and no failure
 *   -EAGAIN: the rest of it is for the next run, which is no failure
 *   -ENOTRECOVERABLE: the kernel says EIO or EBUSY, and so lets a device neither abort nor go: it
 *     keeps the STE before
 *   others: those of iommuctl_nest_set_stream_table()
 * Since: 0.1
 */
int iommuctl_nest_command(const struct iommuctl_smmuv3_cmd *cmd, void *nest);

/*
 * Gets the relay of a nest.
 *
 * Its StreamIDs are those of the devices, and have ATS where the STE in force has EATS = 1 and SMMU
 * and device can do it.
 *
 * Ownership: the relay stays the nest's.
 * Returns: the relay; never NULL.
 * Since: 0.1
 */
struct iommuctl_relay *iommuctl_nest_get_relay(struct iommuctl_nest *nest);

/*
 * Gets what the guest's SMMU can do, and what its ID registers have to say.
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
