/* SPDX-License-Identifier: MIT */
/*
 * The relay: it issues a guest's invalidations to the hardware, in order, exactly, and with the
 * fewest calls.
 *
 * It takes native SMMUv3 commands, from an array or from the guest's own command queue, and issues
 * them with HWPT_INVALIDATE on a vIOMMU.
 *
 * Only iommuctl_relay_new() and adding a stream are slow or allocate memory; the paths that carry
 * commands allocate nothing and take no lock. (The first failure in a thread does allocate, for the
 * record in the context; a guest's errors are no failures.)
 *
 * @relay: the relay
 * @vsid: a vSID: a StreamID as the guest knows it
 * @cmdq: the queue
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: one thread at a time for a relay and all command queues on top of it.
 * Source: Arm IHI 0070, chapter 4 and sections 3.5 (queues), 3.9.1.4 (ATS invalidation timeout),
 *   4.1.7 (parameters out of range), 4.4.1 (ranges), 6.3.26 to 6.3.28 (CMDQ_BASE, PROD, CONS), 7.1
 *   (command queue errors); arm_vsmmu_cache_invalidate in
 *   drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c (Linux 7.3).
 */
#ifndef IOMMUCTL_RELAY_H
#define IOMMUCTL_RELAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/guest_memory.h>
#include <iommuctl/smmuv3_cmd.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct iommuctl_relay;

/* The commands that the kernel issues with one CMD_SYNC: batches are multiples of it. Since: 0.1 */
#define IOMMUCTL_RELAY_BLOCK 63
/*
 * The largest batch: 32 blocks, so that the kernel's copy takes less than 32 KiB, which it can
 * allocate even when memory is fragmented.
 *
 * Since: 0.1
 */
#define IOMMUCTL_RELAY_BATCH_MAX (32 * IOMMUCTL_RELAY_BLOCK)

/*
 * What a relay needs to know.
 *
 * Members may be 0 or NULL where that is stated.
 *
 * @iommufd, @viommu_id: the target; borrowed, and must outlive the relay
 * @idr: the SMMU that the guest is shown, against which commands are checked; copied. It has no
 *   feature that the physical one lacks.
 * @hardware: the physical SMMU, copied. If it has RIL, ranges are made, even if the guest sees no
 *   RIL; if it has no ATS, no ATC_INV is issued. NULL: as @idr.
 * @batch: commands for one call, a multiple of 63; 0: IOMMUCTL_RELAY_BATCH_MAX
 * @fold: fold runs of pages into ranges; without RIL nothing changes
 * @fold_granule: with @fold, the granule of all stage-1 tables of the guest: 4096, 16384 or 65536
 *   bytes
 * @repeat: GET_HW_INFO reported ERRATA_REPEAT_TLBI_CFGI: batches with a TLBI or CFGI command are
 *   issued a second time once they are complete
 *
 * Since: 0.1
 */
struct iommuctl_relay_config {
	int iommufd;
	uint32_t viommu_id;
	const struct iommuctl_smmuv3_idr *idr;
	const struct iommuctl_smmuv3_idr *hardware;
	uint32_t batch;
	bool fold;
	uint32_t fold_granule;
	bool repeat;
};

/* What a relay has done since it was made. Since: 0.1 */
struct iommuctl_relay_counters {
	uint64_t commands; /* taken from the guest and carried out */
	uint64_t issued;   /* passed to the kernel, counted once; fewer than commands if folded */
	uint64_t calls;	   /* HWPT_INVALIDATE, failed ones included */
	uint64_t resumed;  /* of these calls, those that recover from a failed one */
	uint64_t refused;  /* commands found to be illegal, by the relay or by the kernel */
	/* Of the commands, those without a call: nothing can be cached for them. */
	uint64_t absent;      /* a StreamID without a vDEVICE, a SubstreamID that the SMMU lacks */
	uint64_t without_ats; /* an ATC_INV without ATS, or to a device that does not answer */
};

/*
 * Creates a relay that knows no stream.
 *
 * @ctx: the context; borrowed, it outlives the relay
 * @config: what the relay needs to know, copied
 * @relay: out: the relay
 *
 * Ownership: the caller frees *@relay with iommuctl_relay_free().
 * Errors:
 *   -EINVAL: no @idr, a @batch that is not a multiple of 63 or above the maximum, or @fold with
 *     another @fold_granule
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_relay_new(struct iommuctl *ctx, const struct iommuctl_relay_config *config,
	struct iommuctl_relay **relay);

/*
 * Frees a relay, and nothing else.
 *
 * @relay: the relay; NULL is allowed
 *
 * Ownership: the pointer is no longer valid.
 * Since: 0.1
 */
void iommuctl_relay_free(struct iommuctl_relay *relay);

/*
 * Adds a StreamID that has a vDEVICE.
 *
 * Commands that name any other StreamID are legal and have no effect, whether or not it is within
 * SIDSIZE. They are counted as absent.
 *
 * Errors:
 *   -EEXIST: it is added already
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_relay_add_stream(struct iommuctl_relay *relay, uint32_t vsid);

/*
 * Sets whether the device of a StreamID currently has ATS.
 *
 * It has ATS if its current STE has EATS = 1 and the device supports it. Otherwise an ATC_INV has
 * nothing to invalidate, and nobody answers it: it completes without a call. A newly added stream
 * has ATS. A nest calls this itself.
 *
 * @ats: whether it has ATS
 *
 * Errors:
 *   -ENOENT: @vsid was not added
 * Since: 0.1
 */
int iommuctl_relay_set_ats(struct iommuctl_relay *relay, uint32_t vsid, bool ats);

/*
 * Removes a StreamID, before its vDEVICE is destroyed.
 *
 * If the vDEVICE is destroyed first, the commands that the kernel then refuses count as absent as
 * well.
 *
 * Errors:
 *   -ENOENT: it was not added
 * Since: 0.1
 */
int iommuctl_relay_remove_stream(struct iommuctl_relay *relay, uint32_t vsid);

/*
 * Carries out commands, one after the other.
 *
 * *@done is exact, on success and failure alike: the hardware has completed the commands before it,
 * and has not carried out the one at it or any after it. There are three exceptions, in all of
 * which the commands can be issued again. After -ETIMEDOUT the next 63 commands (if folded, the
 * runs that they belong to) may have been carried out. If runs were joined from ranges, a part of
 * the one at *@done may have been. And with repeat, a batch may have been carried out only once.
 *
 * A bad command does not affect its neighbours: fix or skip it and continue after it. A command
 * with a StreamID that was not added, or a SubstreamID that the SMMU lacks, is not bad: it has no
 * effect, like one with parameters out of range. What an SMMU ignores and the kernel refuses is
 * cleared: SubstreamID and Global of an ATC_INV without SSV, TTL = 1 of 16K ranges without DS.
 *
 * @commands: the commands, words in CPU order; they must not change before this returns
 * @count: how many
 * @done: out, always written: how many are complete
 * @refusal: out with -EIO, may be NULL: why
 *
 * Errors:
 *   -EIO: command *@done is illegal, by iommuctl_smmuv3_cmd_validate() for a SubstreamID within
 *     range and without what is cleared, or the kernel does not take it
 *   -EINVAL: command *@done is legal, apart from reserved bits to ignore, but the caller
 *     has to carry it out (IOMMUCTL_SMMUV3_CMD_CLASS_CALLER); no call is made for it
 *   -ETIMEDOUT: the SMMU did not complete commands, twice, or once with an ATC_INV among them
 *   others: those of iommuctl_hwpt_invalidate()
 * Since: 0.1
 */
int iommuctl_relay_issue(struct iommuctl_relay *relay,
	const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, size_t *done,
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * Copies the counters of a relay.
 *
 * @counters: out: the counters
 *
 * Since: 0.1
 */
void iommuctl_relay_get_counters(
	const struct iommuctl_relay *relay, struct iommuctl_relay_counters *counters);

/*
 * CMDQ_CONS.ERR.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_cerror {
	IOMMUCTL_CERROR_NONE = 0,
	IOMMUCTL_CERROR_ILL = 1,
	IOMMUCTL_CERROR_ABT = 2,
	IOMMUCTL_CERROR_ATC_INV_SYNC = 3,
};

/*
 * What a queue passes to its owner, in order.
 *
 * The hardware has completed every earlier command, and no later one has begun. CMDQ_CONS passes
 * the command when the function returns. The command is legal, apart from reserved bits (4.1.5).
 * Its StreamID may be any. The functions may add and remove streams of the relay, but not consume.
 *
 * @command: CFGI_STE, CFGI_STE_RANGE (CFGI_ALL is one), PREFETCH_CONFIG, PREFETCH_ADDR, RESUME,
 *   STALL_TERM, PRI_RESP. struct iommuctl_smmuv3_idr does not say whether there is PRI: if the
 *   guest is shown none, the owner refuses PRI_RESP. Returns 0: carried out; -EIO: illegal, so the
 *   queue stops with CERROR_ILL; -EAGAIN: not finished, the next run continues with it; another
 *   -errno: the run ends with it and can be repeated.
 * @sync: CMD_SYNC; @cmd says how to signal completion to the guest (CS, MSIADDRESS, MSIDATA …).
 *   Write an MSI now, as its address may lie in the queue itself; an interrupt may wait for the end
 *   of iommuctl_cmdq_consume().
 * @relayed: commands that the relay has carried out, also those without effect; words in CPU order,
 *   valid until it returns. For an owner that has to invalidate a cache of its own. May be NULL
 *
 * Since: 0.1
 */
struct iommuctl_cmdq_ops {
	int (*command)(const struct iommuctl_smmuv3_cmd *cmd, void *data);
	void (*sync)(const struct iommuctl_smmuv3_cmd *cmd, void *data);
	void (*relayed)(
		const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data);
};

/* The largest IDR1.CMDQS. Since: 0.1 */
#define IOMMUCTL_CMDQ_LOG2SIZE_MAX 19

/*
 * What a run of iommuctl_cmdq_consume() is charged, in units of a relayed command.
 *
 * The charges follow the time taken, about 50 ns a unit.
 *
 * @IOMMUCTL_CMDQ_COST_COMMAND: a command that is relayed
 * @IOMMUCTL_CMDQ_COST_CALL: a call of HWPT_INVALIDATE
 * @IOMMUCTL_CMDQ_COST_SYNC: a CMD_SYNC
 * @IOMMUCTL_CMDQ_COST_OWNER: a command that goes to @ops->command
 * @IOMMUCTL_CMDQ_COST_STE: an STE that a nest reads, plus an eighth for each peer in its group
 * @IOMMUCTL_CMDQ_COST_CHANGE: an STE for which a nest has to attach a device, or tries in vain
 *
 * Since: 0.1
 */
enum iommuctl_cmdq_cost {
	IOMMUCTL_CMDQ_COST_COMMAND = 1,
	IOMMUCTL_CMDQ_COST_CALL = 64,
	IOMMUCTL_CMDQ_COST_SYNC = 16,
	IOMMUCTL_CMDQ_COST_OWNER = 16,
	IOMMUCTL_CMDQ_COST_STE = 16,
	IOMMUCTL_CMDQ_COST_CHANGE = 256,
};

/*
 * The units of a run, some milliseconds: 31 full batches, or 809 pairs of a TLBI and its CMD_SYNC.
 *
 * The queue of a well-behaved guest rarely holds that much.
 *
 * Since: 0.1
 */
#define IOMMUCTL_CMDQ_BUDGET_DEFAULT (1u << 16)

/*
 * A guest's command queue.
 *
 * The caller owns it, zeroes it and fills in the first group of members; there is nothing to
 * release. Another thread may read @cons at any time, as one aligned 32-bit load.
 *
 * @relay, @memory, @ops: borrowed
 * @data: passed to @ops
 * @log2size_max: IDR1.CMDQS as the guest is shown it; 0: IOMMUCTL_CMDQ_LOG2SIZE_MAX
 * @budget: units of IOMMUCTL_CMDQ_COST_… after which a run ends; 0: IOMMUCTL_CMDQ_BUDGET_DEFAULT
 * @base: IPA of the queue
 * @log2size: of the number of its entries
 * @cons: CMDQ_CONS: RD with its wrap bit, and ERR in bits 30 to 24. The caller may set it while the
 *   guest may write the register, and to restore a queue.
 * @atc_timeout: an ATC_INV timed out, and no CMD_SYNC has reported it yet
 * @ready, @begun, @begun_at: the queue's own
 *
 * Since: 0.1
 */
struct iommuctl_cmdq {
	struct iommuctl_relay *relay;
	const struct iommuctl_guest_memory *memory;
	const struct iommuctl_cmdq_ops *ops;
	void *data;
	uint8_t log2size_max;
	uint32_t budget;

	uint64_t base;
	uint8_t log2size;
	uint32_t cons;
	bool atc_timeout;
	bool ready;
	bool begun;
	uint32_t begun_at;
};

/*
 * Makes an empty queue at index 0, from the value that the guest wrote to CMDQ_BASE.
 *
 * As in hardware, any value is allowed: a LOG2SIZE above the maximum counts as the maximum, and
 * address bits below the size of the queue as zero.
 *
 * @cmdq_base: the register CMDQ_BASE
 *
 * Errors:
 *   -EINVAL: no relay, memory or ops (or one of its functions), or a log2size_max above
 *     IOMMUCTL_CMDQ_LOG2SIZE_MAX
 * Since: 0.1
 */
int iommuctl_cmdq_init(struct iommuctl_cmdq *cmdq, uint64_t cmdq_base);

/*
 * Carries out commands up to CMDQ_PROD, one queue's worth at most.
 *
 * Each entry is read once. cons advances as commands complete; after a failure it is the index of
 * the first command that did not. The caller checks CR0.CMDQEN and does not consume a disabled
 * queue.
 *
 * One call is a run, and its work is bounded. It ends after the step that uses up the budget (a
 * batch for the kernel, or a command for the owner); there is always a first step. It also ends
 * once ATC_INVs have timed out; until the CMD_SYNC that reports this, no further ATC_INV is issued
 * for their StreamIDs. The queue stays consistent, and the caller calls again, with the same @prod
 * or a later one: after other work, as the guest can keep this going for as long as it likes.
 *
 * CERROR_ILL: RD is the illegal command. CERROR_ABT: RD is a command outside of guest memory.
 * CERROR_ATC_INV_SYNC: RD is the CMD_SYNC after ATC_INVs that timed out, while the commands around
 * them did not.
 *
 * EAGAIN, EIO and EBUSY are caused by the guest: they leave no failure in iommuctl_last_error(),
 * unless the kernel refused a legal command. Kernel and owner may return EBUSY as well:
 * iommuctl_cmdq_get_error() says whether the queue has stopped.
 *
 * @prod: the register CMDQ_PROD, any value
 *
 * Errors:
 *   -EAGAIN: the run has ended before the end of the queue
 *   -EIO: the queue stopped with the error that iommuctl_cmdq_get_error() returns; the owner
 *     reports it to the guest by GERROR.CMDQ_ERR
 *   -EBUSY: it had stopped before: nothing was done
 *   -EINVAL: @cmdq did not go through iommuctl_cmdq_init()
 *   -ETIMEDOUT: the SMMU did not complete commands
 *   others: what @ops->command returned, and those of iommuctl_hwpt_invalidate(): the queue can
 *     continue from cons
 * Since: 0.1
 */
int iommuctl_cmdq_consume(struct iommuctl_cmdq *cmdq, uint32_t prod);

/*
 * Charges work of the owner to the current run of a queue.
 *
 * This comes on top of IOMMUCTL_CMDQ_COST_OWNER and _SYNC. Outside of a run nothing is charged.
 *
 * @units: the work, in units of IOMMUCTL_CMDQ_COST_…
 *
 * Returns: false: the budget is used up, so that @ops->command should return, with EAGAIN if there
 *   is more to do.
 * Since: 0.1
 */
bool iommuctl_relay_charge(struct iommuctl_relay *relay, uint32_t units);

/*
 * Gets why a queue has stopped.
 *
 * Threads: any thread.
 * Returns: the error; NONE if it has not.
 * Since: 0.1
 */
enum iommuctl_cerror iommuctl_cmdq_get_error(const struct iommuctl_cmdq *cmdq);

/*
 * Takes the guest's acknowledgement of the error, by GERRORN.CMDQ_ERR.
 *
 * The next iommuctl_cmdq_consume() begins at the command that caused it.
 *
 * Since: 0.1
 */
void iommuctl_cmdq_acknowledge(struct iommuctl_cmdq *cmdq);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
