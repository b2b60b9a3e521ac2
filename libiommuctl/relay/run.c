// SPDX-License-Identifier: MIT
/* A run over a guest's command queue: the SMMU's handling of CMDQ_PROD and CMDQ_CONS. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "core/call.h"
#include "relay/cmdq.h"
#include "relay/rules.h"
#include "relay/run.h"
#include "relay/send.h"
#include "stage1/guest_memory.h"

/* Keeps rare or long paths out of that for a pair. */
#define NOINLINE __attribute__((noinline))

/* One command and its CMD_SYNC. */
#define PAIR 2

uint64_t relay_run_serial(const struct iommuctl_relay *relay)
{
	return relay->run.active ? relay->run.serial : 0;
}

bool relay_run_resumes(const struct iommuctl_relay *relay)
{
	return relay->run.active && relay->run.resumes;
}

uint64_t relay_run_left(const struct iommuctl_relay *relay)
{
	return relay->run.active ? relay->run.budget : UINT64_MAX;
}

static int take_one(const struct iommuctl_cmdq *cmdq, uint64_t ipa, relay_command command)
{
	for (size_t i = 0; i < IOMMUCTL_SMMUV3_CMD_WORDS; i++) {
		int err = guest_memory_load64(
			cmdq->memory, ipa + i * sizeof(command[i]), &command[i]);

		if (err)
			return err;
	}
	return 0;
}

/* The guest may write while this reads: each word is loaded once, and only the copy is used. */
static void take_all(const uint64_t *from, size_t count, relay_command *commands)
{
	for (size_t i = 0; i < count; i++) {
		commands[i][0] = le64toh(__atomic_load_n(&from[2 * i], __ATOMIC_RELAXED));
		commands[i][1] = le64toh(__atomic_load_n(&from[2 * i + 1], __ATOMIC_RELAXED));
	}
}

/* One by one, if the queue is in several ranges of guest memory, unaligned in ours, or observed. */
static NOINLINE size_t take_each(struct iommuctl_cmdq *cmdq, uint64_t ipa, size_t count)
{
	size_t done = 0;

	while (done < count &&
		!take_one(cmdq, ipa + done * CMDQ_ENTRY_SIZE, cmdq->relay->taken[done]))
		done++;
	return done;
}

/* Copies up to @count commands from @cons on; returns how many were in guest memory. */
static size_t take(struct iommuctl_cmdq *cmdq, size_t count)
{
	const uint32_t index = cmdq->cons & (cmdq_entry_count(cmdq) - 1);
	const uint64_t ipa = cmdq->base + index * CMDQ_ENTRY_SIZE;
	const size_t to_end = cmdq_entry_count(cmdq) - index;
	const void *host;

	if (count > to_end)
		count = to_end;
	if (count > cmdq->relay->batch)
		count = cmdq->relay->batch;

	host = iommuctl_guest_memory_at(cmdq->memory, ipa, count * CMDQ_ENTRY_SIZE);
	if (!host || (uintptr_t)host % sizeof(uint64_t) || cmdq->memory->fetched)
		return take_each(cmdq, ipa, count);
	take_all(host, count, cmdq->relay->taken);
	return count;
}

static NOINLINE int stop(struct iommuctl_cmdq *cmdq, enum iommuctl_cerror error)
{
	cmdq_publish(cmdq, cmdq->cons | (uint32_t)error << CMDQ_ERR_SHIFT);
	return -EIO;
}

/* An error of the guest is reported to the guest, and leaves no failure of the library. */
static NOINLINE int forget_failure(const struct iommuctl_cmdq *cmdq, int err)
{
	error_forget(cmdq->relay->ctx);
	return err;
}

/* The CMD_SYNC at @cons. */
static int complete(struct iommuctl_cmdq *cmdq, const relay_command command)
{
	struct iommuctl_smmuv3_cmd *cmd = &cmdq->relay->sync;

	if (cmdq->atc_timeout) {
		cmdq->atc_timeout = false;
		cmdq->relay->mute.count = 0;
		return forget_failure(cmdq, stop(cmdq, IOMMUCTL_CERROR_ATC_INV_SYNC));
	}
	smmuv3_sync_decode(command, cmd);
	cmdq->ops->sync(cmd, cmdq->data);
	cmdq->relay->counters.commands++;
	relay_charge(cmdq->relay, IOMMUCTL_CMDQ_COST_SYNC);
	cmdq_advance(cmdq, 1);
	return 0;
}

static const struct iommuctl_explanation owner_failed = {
	"the owner of the queue could not carry out the command, and did not report why",
	"check the result of its command function",
};

static int owners_failure(
	const struct iommuctl_cmdq *cmdq, const struct iommuctl_smmuv3_cmd *cmd, int err)
{
	const struct call call = {
		.operation = OP_CMDQ_CONSUME,
		.objects = { { "CMDQ_CONS", cmdq->cons, SHOW_HEX },
			{ "opcode", cmd->opcode, SHOW_HEX } },
	};

	if (err == -EAGAIN || error_is_told(cmdq->relay->ctx, err))
		return err;
	return call_refuse(cmdq->relay->ctx, &call, -err, &owner_failed);
}

/* The command at @cons, for the owner if it is legal. */
static int hand_over(struct iommuctl_cmdq *cmdq, const relay_command command)
{
	struct iommuctl_smmuv3_cmd cmd;
	int err;

	relay_charge(cmdq->relay, IOMMUCTL_CMDQ_COST_OWNER);
	iommuctl_smmuv3_cmd_decode(command, &cmd);
	if (cmdq->begun_at != cmdq->cons)
		cmdq->relay->run.resumes = false;
	error_forget(cmdq->relay->ctx);
	err = cmdq->ops->command(&cmd, cmdq->data);
	cmdq->begun = err == -EAGAIN;
	cmdq->begun_at = cmdq->cons;
	if (err == -EIO)
		return forget_failure(cmdq, stop(cmdq, IOMMUCTL_CERROR_ILL));
	if (err)
		return owners_failure(cmdq, &cmd, err);
	cmdq->relay->counters.commands++;
	cmdq_advance(cmdq, 1);
	return 0;
}

static void mute(struct iommuctl_relay *relay, const relay_command command)
{
	struct relay_mute *mute = &relay->mute;
	const uint32_t vsid = (uint32_t)(command[0] >> 32);

	for (size_t i = 0; i < mute->count; i++)
		if (mute->vsids[i] == vsid)
			return;
	if (mute->count < IOMMUCTL_RELAY_BLOCK)
		mute->vsids[mute->count++] = vsid;
}

/*
 * The block that begins with @commands timed out. If it succeeds without its ATC_INVs, those timed
 * out, and the next CMD_SYNC reports it; *@done counts them as well.
 */
static int carry_without_atc(
	struct iommuctl_cmdq *cmdq, const relay_command *commands, size_t count, size_t *done)
{
	relay_command others[IOMMUCTL_RELAY_BLOCK];
	enum relay_verdict verdict;
	struct error_first timeout = { .err = 0 };
	size_t kept = 0, carried;

	error_first_keep(cmdq->relay->ctx, &timeout, -ETIMEDOUT);
	count = relay_scan_block(cmdq->relay, commands, count);
	for (size_t i = 0; i < count; i++)
		if ((uint8_t)commands[i][0] != IOMMUCTL_SMMUV3_CMD_ATC_INV)
			memcpy(others[kept++], commands[i], sizeof(others[0]));
	*done = 0;
	if (kept == count)
		return -ETIMEDOUT;
	if (relay_send(cmdq->relay, others, kept, &carried, &verdict))
		return error_first_tell(cmdq->relay->ctx, &timeout);
	for (size_t i = 0; i < count; i++)
		if ((uint8_t)commands[i][0] == IOMMUCTL_SMMUV3_CMD_ATC_INV)
			mute(cmdq->relay, commands[i]);
	cmdq->relay->counters.commands += count;
	cmdq->atc_timeout = true;
	*done = count;
	return 0;
}

/*
 * @commands begin with a block that timed out. The run ends with it: it took a second, and the next
 * one may as well.
 */
static NOINLINE int recover(
	struct iommuctl_cmdq *cmdq, const relay_command *commands, size_t count, size_t *done)
{
	int err = carry_without_atc(cmdq, commands, count, done);

	cmdq_pass(cmdq, commands, *done);
	cmdq->relay->run.budget = 0;
	return err;
}

/* The command at @cons, neither for the relay nor a CMD_SYNC. */
static NOINLINE int deal_with(
	struct iommuctl_cmdq *cmdq, const relay_command command, enum relay_verdict verdict)
{
	const int err = relay_refuse(cmdq->relay, command, verdict, NULL);

	if (err != -EIO)
		return hand_over(cmdq, command);
	stop(cmdq, IOMMUCTL_CERROR_ILL);
	/* The kernel has reported what it refused. */
	return verdict == RELAY_NOT_TAKEN ? err : forget_failure(cmdq, err);
}

/*
 * Completes @commands at @cons, of which *@done have been carried out, with @err and @verdict of
 * relay_carry(). Handles the first that the relay cannot carry out.
 */
static int settle(struct iommuctl_cmdq *cmdq, const relay_command *commands, size_t count, int err,
	enum relay_verdict verdict, size_t *done)
{
	size_t more = 0;

	relay_charge(cmdq->relay, *done);
	cmdq_pass(cmdq, commands, *done);
	if (verdict == RELAY_SYNC) {
		err = complete(cmdq, commands[*done]);
		more = !err;
	} else if (verdict != RELAY_GOOD) {
		err = deal_with(cmdq, commands[*done], verdict);
		more = !err;
	} else if (err == -ETIMEDOUT) {
		err = recover(cmdq, commands + *done, count - *done, &more);
	}
	*done += more;
	cmdq->relay->run.resumes = false;
	return err;
}

/* Carries out the taken commands from @at to @count; @remaining is the total left in the run. */
static int work_off(struct iommuctl_cmdq *cmdq, size_t at, size_t count, size_t remaining)
{
	int err = 0;

	while (!err && at < count) {
		const relay_command *commands = cmdq->relay->taken + at;
		enum relay_verdict verdict;
		size_t done;

		err = relay_carry(cmdq->relay, commands, count - at, &done, &verdict);
		err = settle(cmdq, commands, count - at, err, verdict, &done);
		at += done;
		if (!err && at < remaining && relay_is_spent(cmdq->relay))
			err = forget_failure(cmdq, -EAGAIN);
	}
	return err;
}

static void begin(struct iommuctl_cmdq *cmdq)
{
	struct relay_run *run = &cmdq->relay->run;

	*run = (struct relay_run){
		.serial = run->serial + 1,
		.budget = cmdq->budget ? cmdq->budget : IOMMUCTL_CMDQ_BUDGET_DEFAULT,
		.active = true,
		.resumes = cmdq->begun && cmdq->begun_at == cmdq->cons,
	};
	cmdq->begun = false;
}

/* Runs over the next @remaining commands, of which @taken have been taken. */
static NOINLINE int run(struct iommuctl_cmdq *cmdq, size_t remaining, size_t taken)
{
	int err = 0;

	begin(cmdq);
	while (!err && remaining) {
		if (!taken)
			taken = take(cmdq, remaining);
		if (!taken)
			err = forget_failure(cmdq, stop(cmdq, IOMMUCTL_CERROR_ABT));
		else
			err = work_off(cmdq, 0, taken, remaining);
		remaining -= taken;
		taken = 0;
	}
	cmdq->relay->run.active = false;
	return err;
}

/* The pair that was taken, if it needs more than its @call. */
static NOINLINE int run_pair(struct iommuctl_cmdq *cmdq, struct relay_call call)
{
	struct iommuctl_relay *relay = cmdq->relay;
	enum relay_verdict verdict;
	size_t done;
	int err;

	begin(cmdq);
	relay_charge(relay, IOMMUCTL_CMDQ_COST_CALL);
	err = relay_go_on(relay, relay->taken, call, &done, &verdict);
	relay->counters.commands += done;
	err = settle(cmdq, relay->taken, PAIR, err, verdict, &done);
	if (!err)
		err = work_off(cmdq, done, PAIR, PAIR);
	relay->run.active = false;
	return err;
}

/* The next two entries, if they are adjacent in memory that is not observed. */
static const void *find_pair(const struct iommuctl_cmdq *cmdq, uint32_t cons, uint32_t mask)
{
	const uint32_t last = mask / 2, index = cons & last;
	const void *host;

	if (index == last || cmdq->memory->fetched)
		return NULL;
	host = guest_memory_find(
		cmdq->memory, cmdq->base + index * CMDQ_ENTRY_SIZE, PAIR * CMDQ_ENTRY_SIZE);
	return (uintptr_t)host % sizeof(uint64_t) ? NULL : host;
}

/*
 * The common case, equivalent to a run over the two commands, for which any budget is enough. It
 * passes no pointer into its own stack frame, so that no stack protector costs time here.
 */
static int consume_pair(struct iommuctl_cmdq *cmdq, uint32_t cons, uint32_t mask)
{
	struct iommuctl_relay *relay = cmdq->relay;
	relay_command *const commands = relay->taken;
	const void *entries = find_pair(cmdq, cons, mask);
	struct relay_call call;

	if (!entries)
		return run(cmdq, PAIR, 0);
	take_all(entries, PAIR, commands);
	if (!relay_is_plain(relay, commands[0]) || !relay_is_sync(relay, commands[1]))
		return run(cmdq, PAIR, PAIR);
	call = relay_call(relay, commands, 1);
	if (call.error || relay->repeat || cmdq->atc_timeout)
		return run_pair(cmdq, call);
	relay->counters.commands += PAIR;
	relay->counters.issued++;
	cmdq->begun = false;
	cmdq_pass(cmdq, commands, 1);
	smmuv3_sync_decode(commands[1], &relay->sync);
	cmdq->ops->sync(&relay->sync, cmdq->data);
	cmdq_publish(cmdq, (cons + PAIR) & mask);
	return 0;
}

static const struct iommuctl_explanation unready = {
	"the queue was not made by iommuctl_cmdq_init()",
	"call that first, with the value that the guest wrote to CMDQ_BASE",
};

static NOINLINE int refuse_unready(const struct iommuctl_cmdq *cmdq, uint32_t prod)
{
	const struct call call = {
		.operation = OP_CMDQ_CONSUME,
		.objects = { { "CMDQ_PROD", prod, SHOW_HEX } },
	};

	return cmdq->relay ? call_refuse(cmdq->relay->ctx, &call, EINVAL, &unready) : -EINVAL;
}

int iommuctl_cmdq_consume(struct iommuctl_cmdq *cmdq, uint32_t prod)
{
	const uint32_t cons = cmdq->cons;
	uint32_t mask, remaining;

	if (!cmdq->ready)
		return refuse_unready(cmdq, prod);
	if (cons & CMDQ_ERR_MASK)
		return forget_failure(cmdq, -EBUSY);
	mask = cmdq_index_mask(cmdq);
	remaining = (prod - cons) & mask;
	if (remaining == PAIR)
		return consume_pair(cmdq, cons, mask);
	if (remaining > cmdq_entry_count(cmdq))
		remaining = cmdq_entry_count(cmdq);
	return run(cmdq, remaining, 0);
}
