// SPDX-License-Identifier: MIT
/* A guest's command queue: what the SMMU does with CMDQ_BASE, PROD and CONS. */
#include <endian.h>
#include <errno.h>
#include <string.h>

#include "relay/relay.h"
#include "stage1/guest_memory.h"

#define ENTRY_SIZE    ((uint64_t)sizeof(relay_command))
#define BASE_LOG2SIZE UINT64_C(0x1f)
#define BASE_ADDR     UINT64_C(0x00ffffffffffffe0)
#define ERR_SHIFT     24
#define ERR_MASK      (UINT32_C(0x7f) << ERR_SHIFT)

/* No queue is aligned to less than this. */
#define ALIGNMENT_MIN UINT64_C(32)

int iommuctl_cmdq_init(struct iommuctl_cmdq *cmdq, uint64_t cmdq_base)
{
	const uint8_t most = cmdq->log2size_max ? cmdq->log2size_max : IOMMUCTL_CMDQ_LOG2SIZE_MAX;
	const uint64_t log2size = cmdq_base & BASE_LOG2SIZE;
	uint64_t size;

	if (!cmdq->relay || !cmdq->memory || !cmdq->ops || !cmdq->ops->command || !cmdq->ops->sync)
		return -EINVAL;
	if (most > IOMMUCTL_CMDQ_LOG2SIZE_MAX)
		return -EINVAL;

	cmdq->log2size = log2size < most ? (uint8_t)log2size : most;
	size = ENTRY_SIZE << cmdq->log2size;
	cmdq->base = cmdq_base & BASE_ADDR & ~((size > ALIGNMENT_MIN ? size : ALIGNMENT_MIN) - 1);
	cmdq->cons = 0;
	cmdq->atc_timeout = false;
	return 0;
}

enum iommuctl_cerror iommuctl_cmdq_error(const struct iommuctl_cmdq *cmdq)
{
	const uint32_t cons = __atomic_load_n(&cmdq->cons, __ATOMIC_ACQUIRE);

	return (enum iommuctl_cerror)((cons & ERR_MASK) >> ERR_SHIFT);
}

static void publish(struct iommuctl_cmdq *cmdq, uint32_t cons)
{
	__atomic_store_n(&cmdq->cons, cons, __ATOMIC_RELEASE);
}

void iommuctl_cmdq_acknowledge(struct iommuctl_cmdq *cmdq)
{
	publish(cmdq, cmdq->cons & ~ERR_MASK);
}

static uint32_t entry_count(const struct iommuctl_cmdq *cmdq)
{
	return UINT32_C(1) << cmdq->log2size;
}

/* RD or WR with its wrap bit. */
static uint32_t index_mask(const struct iommuctl_cmdq *cmdq)
{
	return 2 * entry_count(cmdq) - 1;
}

static void advance(struct iommuctl_cmdq *cmdq, size_t count)
{
	publish(cmdq, (cmdq->cons + (uint32_t)count) & index_mask(cmdq));
}

static int stop(struct iommuctl_cmdq *cmdq, enum iommuctl_cerror error)
{
	publish(cmdq, cmdq->cons | (uint32_t)error << ERR_SHIFT);
	return -EIO;
}

static int take_one(const struct iommuctl_cmdq *cmdq, uint64_t ipa, relay_command command)
{
	for (size_t i = 0; i < IOMMUCTL_SMMUV3_CMD_WORDS; i++) {
		int ret = guest_memory_load64(
			cmdq->memory, ipa + i * sizeof(command[i]), &command[i]);

		if (ret)
			return ret;
	}
	return 0;
}

/* The guest may write while this reads: each word is one load, and never looked at again. */
static void take_all(const uint64_t *from, size_t count, relay_command *commands)
{
	for (size_t i = 0; i < count; i++) {
		commands[i][0] = le64toh(__atomic_load_n(&from[2 * i], __ATOMIC_RELAXED));
		commands[i][1] = le64toh(__atomic_load_n(&from[2 * i + 1], __ATOMIC_RELAXED));
	}
}

/* Copies up to @count commands from @cons on; how many were in guest memory. */
static size_t take(struct iommuctl_cmdq *cmdq, size_t count)
{
	relay_command *taken = cmdq->relay->taken;
	const uint32_t index = cmdq->cons & (entry_count(cmdq) - 1);
	const uint64_t ipa = cmdq->base + index * ENTRY_SIZE;
	const size_t to_end = entry_count(cmdq) - index;
	size_t done = 0;
	const void *host;

	if (count > to_end)
		count = to_end;
	if (count > cmdq->relay->batch)
		count = cmdq->relay->batch;

	host = iommuctl_guest_memory_at(cmdq->memory, ipa, count * ENTRY_SIZE);
	if (host && (uintptr_t)host % sizeof(uint64_t) == 0) {
		take_all(host, count, taken);
		return count;
	}
	while (done < count && !take_one(cmdq, ipa + done * ENTRY_SIZE, taken[done]))
		done++;
	return done;
}

static int hand_over(struct iommuctl_cmdq *cmdq, const relay_command command)
{
	struct iommuctl_smmuv3_cmd cmd;
	int ret;

	iommuctl_smmuv3_cmd_decode(command, &cmd);
	if (cmd.opcode == IOMMUCTL_SMMUV3_CMD_SYNC) {
		if (cmdq->atc_timeout) {
			cmdq->atc_timeout = false;
			return stop(cmdq, IOMMUCTL_CERROR_ATC_INV_SYNC);
		}
		cmdq->ops->sync(&cmd, cmdq->data);
	} else {
		ret = cmdq->ops->command(&cmd, cmdq->data);
		if (ret)
			return ret == -EIO ? stop(cmdq, IOMMUCTL_CERROR_ILL) : ret;
	}
	cmdq->relay->counters.commands++;
	advance(cmdq, 1);
	return 0;
}

/*
 * The block that begins with @commands timed out. If it does not without its ATC_INVs, then it was
 * these, which the next CMD_SYNC answers for; *@done counts them as well.
 */
static int carry_without_atc(
	struct iommuctl_cmdq *cmdq, const relay_command *commands, size_t count, size_t *done)
{
	relay_command others[IOMMUCTL_RELAY_BLOCK];
	enum relay_verdict verdict;
	size_t kept = 0, seen = 0, carried;

	count = relay_scan(cmdq->relay, commands,
		count < IOMMUCTL_RELAY_BLOCK ? count : IOMMUCTL_RELAY_BLOCK, &verdict);
	for (; seen < count; seen++)
		if ((uint8_t)commands[seen][0] != IOMMUCTL_SMMUV3_CMD_ATC_INV)
			memcpy(others[kept++], commands[seen], sizeof(others[0]));
	*done = 0;
	if (kept == count)
		return -ETIMEDOUT;
	if (relay_carry(cmdq->relay, others, kept, &carried, &verdict))
		return -ETIMEDOUT;
	cmdq->relay->counters.commands += count - kept;
	cmdq->atc_timeout = true;
	*done = count;
	return 0;
}

/* Up to the first command that takes more than the relay, which is then dealt with. */
static int carry(
	struct iommuctl_cmdq *cmdq, const relay_command *commands, size_t count, size_t *done)
{
	enum relay_verdict verdict;
	int ret = relay_carry(cmdq->relay, commands, count, done, &verdict);

	advance(cmdq, *done);
	if (ret == -ETIMEDOUT) {
		size_t more;

		ret = carry_without_atc(cmdq, commands + *done, count - *done, &more);
		advance(cmdq, more);
		*done += more;
		return ret;
	}
	if (verdict == RELAY_GOOD)
		return ret;
	if (relay_refuse(cmdq->relay, commands[*done], verdict, NULL) == -EIO)
		return stop(cmdq, IOMMUCTL_CERROR_ILL);
	ret = hand_over(cmdq, commands[*done]);
	if (!ret)
		++*done;
	return ret;
}

int iommuctl_cmdq_consume(struct iommuctl_cmdq *cmdq, uint32_t prod)
{
	uint32_t left;
	int ret = 0;

	if (iommuctl_cmdq_error(cmdq))
		return -EBUSY;

	left = (prod - cmdq->cons) & index_mask(cmdq);
	if (left > entry_count(cmdq))
		left = entry_count(cmdq);
	while (!ret && left) {
		const size_t count = take(cmdq, left);
		size_t at = 0;

		if (!count)
			return stop(cmdq, IOMMUCTL_CERROR_ABT);
		while (!ret && at < count) {
			size_t done;

			ret = carry(cmdq, cmdq->relay->taken + at, count - at, &done);
			at += done;
		}
		left -= (uint32_t)count;
	}
	return ret;
}
