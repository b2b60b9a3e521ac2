/* SPDX-License-Identifier: MIT */
/*
 * The relay: a guest's invalidations on their way to the hardware, in order, exactly, and with the
 * fewest calls.
 *
 * It takes native SMMUv3 commands, from an array or from the guest's own command queue, and issues
 * them with HWPT_INVALIDATE on a vIOMMU.
 *
 * What is slow or may fail for want of memory happens in iommuctl_relay_new() and when a stream is
 * added; the paths that carry commands allocate nothing and take no lock. (The first failure in a
 * thread does allocate: the context remembers it. What a guest gets wrong is none.)
 *
 * @relay: the relay
 * @vsid: a StreamID, as the guest knows it
 * @cmdq: the queue
 *
 * Ownership: what a function is given stays the caller's and is not used once it has returned.
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
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/stage1.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct iommuctl_relay;

/* Commands that the kernel issues with one CMD_SYNC: batches are multiples of it. Since: 0.1 */
#define IOMMUCTL_RELAY_BLOCK 63
/*
 * The most that a batch holds: 32 blocks, the copy of which takes the kernel less than 32 KiB, as
 * much as it gets even when memory is fragmented.
 *
 * Since: 0.1
 */
#define IOMMUCTL_RELAY_BATCH_MAX (32 * IOMMUCTL_RELAY_BLOCK)

/*
 * What a relay needs to know.
 *
 * Members left 0 or NULL mean what is said here.
 *
 * @iommufd, @viommu_id: where to; borrowed, they outlive the relay
 * @idr: the SMMU that the guest is shown, by which commands are judged; copied. It has nothing that
 *   the physical one lacks.
 * @hardware: the physical SMMU, copied; by its RIL ranges are made, also for a guest that is shown
 *   none, and without its ATS no ATC_INV is issued. NULL: as @idr.
 * @batch: commands for one call, a multiple of 63; 0: IOMMUCTL_RELAY_BATCH_MAX
 * @fold: make ranges of runs of pages; without RIL nothing changes
 * @fold_granule: what all stage-1 tables of the guest have: 4096, 16384 or 65536 bytes; with @fold
 * @repeat: GET_HW_INFO said ERRATA_REPEAT_TLBI_CFGI: batches with a TLBI or CFGI command are issued
 *   a second time once the first is complete
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
	uint64_t issued;   /* handed to the kernel, once each; fewer than commands where folded */
	uint64_t calls;	   /* HWPT_INVALIDATE, failed ones included */
	uint64_t resumed;  /* of these calls, those made to recover from one that failed */
	uint64_t refused;  /* commands found to be illegal, by the relay or by the kernel */
	/* Of commands, those that no call was made for: nothing can be cached for them. */
	uint64_t absent;      /* a StreamID without a vDEVICE, a SubstreamID that the SMMU lacks */
	uint64_t without_ats; /* an ATC_INV where there is no ATS, or none that answers */
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
 * Tells that a StreamID has a vDEVICE.
 *
 * Commands that name another are legal and have no effect, whether or not it is within SIDSIZE.
 * They are counted as absent.
 *
 * Errors:
 *   -EEXIST: it was added before
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_relay_add_stream(struct iommuctl_relay *relay, uint32_t vsid);

/*
 * Tells whether the device of a StreamID has ATS at present.
 *
 * It has if the STE in force has EATS = 1 and the device can do it. Without, there is nothing that
 * an ATC_INV could invalidate, and nobody to answer it: it is completed without a call. A stream
 * that was added has it. A nest sees to it.
 *
 * @ats: it has
 *
 * Errors:
 *   -ENOENT: @vsid was not added
 * Since: 0.1
 */
int iommuctl_relay_set_ats(struct iommuctl_relay *relay, uint32_t vsid, bool ats);

/*
 * Takes a StreamID back, before its vDEVICE goes.
 *
 * Should a vDEVICE go first, what the kernel then refuses counts as absent as well.
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
 * and neither the one at it nor any behind it was carried out, with three exceptions, all of which
 * can be issued again. After -ETIMEDOUT the next 63 (or, of folded ones, the runs that they belong
 * to) may have been. Of runs that were joined from ranges, a part of the one at *@done may have
 * been. And with repeat, a batch may have been carried out once and not repeated.
 *
 * A bad command costs its neighbours nothing: fix or skip it and go on behind it. A StreamID that
 * was not added, or a SubstreamID that the SMMU lacks, is nothing bad: the command has no effect,
 * as parameters out of range have none.
 *
 * @commands: the commands, words in CPU order; nobody changes them before this returns
 * @count: how many
 * @done: out, always written: how many are complete
 * @refusal: out with -EIO, may be NULL: why
 *
 * Errors:
 *   -EIO: command *@done is illegal, as iommuctl_smmuv3_cmd_validate() has it for a SubstreamID
 *     within range, or the kernel does not take it
 *   -EINVAL: command *@done is legal, but for reserved bits to ignore, and the caller's own to
 *     carry out (IOMMUCTL_SMMUV3_CMD_CLASS_CALLER), which no call is made for
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
 * What a queue hands to its owner, in order.
 *
 * The hardware has completed every command before, and none behind has been begun. CMDQ_CONS passes
 * the command when the function returns. The command is legal, but its StreamID may be any;
 * reserved bits are ignored, as section 4.1.5 allows. The
 * functions may add and remove streams of the relay, not consume. @data is that of the queue.
 *
 * @command: CFGI_STE, CFGI_STE_RANGE (CFGI_ALL is one), PREFETCH_CONFIG, PREFETCH_ADDR, RESUME,
 *   STALL_TERM, PRI_RESP. struct iommuctl_smmuv3_idr does not say whether there is PRI: of a guest
 *   that is shown none, PRI_RESP is the owner's to refuse. Returns 0: carried out; -EIO: illegal,
 *   so the queue stops with CERROR_ILL; -EAGAIN: not all of it, the next consuming goes on with
 *   it; another -errno: consuming ends with it and can be taken up again.
 * @sync: CMD_SYNC; @cmd says how the guest wants to be told (CS, MSIADDRESS, MSIDATA …). An MSI is
 *   to be written now, as its address may lie in the queue itself; an interrupt may wait for the
 *   end of iommuctl_cmdq_consume().
 * @relayed: commands that the relay has carried out, also those without effect; words in CPU order,
 *   valid until it returns. For an owner with a cache of its own to invalidate. NULL: nobody asks
 *
 * Since: 0.1
 */
struct iommuctl_cmdq_ops {
	int (*command)(const struct iommuctl_smmuv3_cmd *cmd, void *data);
	void (*sync)(const struct iommuctl_smmuv3_cmd *cmd, void *data);
	void (*relayed)(
		const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data);
};

/* IDR1.CMDQS goes no further. Since: 0.1 */
#define IOMMUCTL_CMDQ_LOG2SIZE_MAX 19

/*
 * What a run of iommuctl_cmdq_consume() is charged for, in units of a command that is relayed.
 *
 * They are weighed by the time that they take, about 50 ns a unit.
 *
 * @IOMMUCTL_CMDQ_COST_COMMAND: a command that is relayed
 * @IOMMUCTL_CMDQ_COST_CALL: a call of HWPT_INVALIDATE
 * @IOMMUCTL_CMDQ_COST_SYNC: a CMD_SYNC
 * @IOMMUCTL_CMDQ_COST_OWNER: a command that goes to @ops->command
 * @IOMMUCTL_CMDQ_COST_STE: an STE that a nest reads
 * @IOMMUCTL_CMDQ_COST_CHANGE: an STE that a nest has to attach a device by
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
 * The units of a run, some milliseconds: 31 whole batches, or 809 times one TLBI and its CMD_SYNC.
 *
 * A queue of a well-behaved guest rarely holds as much.
 *
 * Since: 0.1
 */
#define IOMMUCTL_CMDQ_BUDGET_DEFAULT (1u << 16)

/*
 * A guest's command queue.
 *
 * The caller owns it, zeroes it and fills in the first group; there is nothing to release. Another
 * thread may read @cons at any time, as one aligned 32-bit load.
 *
 * @relay, @memory, @ops: borrowed
 * @data: handed to @ops as it is
 * @log2size_max: IDR1.CMDQS as the guest is shown it; 0: IOMMUCTL_CMDQ_LOG2SIZE_MAX
 * @budget: units of IOMMUCTL_CMDQ_COST_… after which a run ends; 0: IOMMUCTL_CMDQ_BUDGET_DEFAULT
 * @base: IPA of the queue
 * @log2size: of the number of its entries
 * @cons: CMDQ_CONS: RD with its wrap bit, and ERR in bits 30 to 24. The caller may set it where a
 *   guest may write the register, and to restore a queue.
 * @atc_timeout: an ATC_INV timed out that no CMD_SYNC has answered for yet
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
 * Makes an empty queue at index 0, from what the guest wrote into CMDQ_BASE.
 *
 * As in hardware any value will do: a LOG2SIZE above the maximum counts as the maximum, and address
 * bits below the size of the queue as zero.
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
 * Takes commands up to CMDQ_PROD, one queue's worth at most.
 *
 * Each entry is read once. cons moves on as commands are completed; after a failure it is the index
 * of the first that is not. The caller sees to CR0.CMDQEN: a queue that is disabled is not
 * consumed.
 *
 * What one call does is bounded: this is a run, and it ends once budget is used up, with the step
 * that it is in (a batch for the kernel, or a command of the owner's), but not before the first. It
 * also ends once ATC_INVs have timed out; until the CMD_SYNC that says so, their StreamIDs are not
 * asked again. The queue is whole, and the caller calls again, with the same @prod or a later one:
 * after other work, as the guest may keep this going for as long as it likes.
 *
 * CERROR_ILL: RD is the illegal command. CERROR_ABT: RD is a command outside of guest memory.
 * CERROR_ATC_INV_SYNC: RD is the CMD_SYNC behind ATC_INVs that timed out, where the other commands
 * beside them did not.
 *
 * EAGAIN, EIO and EBUSY are the guest's doing: they leave no failure in iommuctl_last_error(),
 * unless the kernel refused a command that is legal. Kernel and owner may say EBUSY as well:
 * whether the queue has stopped is what iommuctl_cmdq_get_error() says.
 *
 * @prod: the register CMDQ_PROD, any value
 *
 * Errors:
 *   -EAGAIN: the run has ended and the queue goes on later
 *   -EIO: the queue stopped with the error that iommuctl_cmdq_get_error() tells, which the owner
 *     makes known to the guest by GERROR.CMDQ_ERR
 *   -EBUSY: it had stopped before: nothing was done
 *   -EINVAL: @cmdq did not go through iommuctl_cmdq_init()
 *   -ETIMEDOUT: the SMMU did not complete commands
 *   others: what @ops->command returned, and those of iommuctl_hwpt_invalidate(): the queue can go
 *     on from cons
 * Since: 0.1
 */
int iommuctl_cmdq_consume(struct iommuctl_cmdq *cmdq, uint32_t prod);

/*
 * Charges the present run of a queue with work of the owner's.
 *
 * It is work beside IOMMUCTL_CMDQ_COST_OWNER and _SYNC. Outside of a run nothing is charged.
 *
 * @units: the work, in units of IOMMUCTL_CMDQ_COST_…
 *
 * Returns: false: they were the last, so that @ops->command had better return, with EAGAIN if there
 *   is more to do.
 * Since: 0.1
 */
bool iommuctl_relay_charge(struct iommuctl_relay *relay, uint32_t units);

/*
 * Tells why a queue has stopped.
 *
 * Threads: any thread.
 * Returns: the error; NONE if it has not.
 * Since: 0.1
 */
enum iommuctl_cerror iommuctl_cmdq_get_error(const struct iommuctl_cmdq *cmdq);

/*
 * Takes the guest's acknowledgement of the error, by GERRORN.CMDQ_ERR.
 *
 * The next iommuctl_cmdq_consume() begins at the command that had it.
 *
 * Since: 0.1
 */
void iommuctl_cmdq_acknowledge(struct iommuctl_cmdq *cmdq);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
