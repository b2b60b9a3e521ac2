/* SPDX-License-Identifier: MIT */
/* The indices of a command queue. */
#ifndef LIBIOMMUCTL_RELAY_CMDQ_H
#define LIBIOMMUCTL_RELAY_CMDQ_H

#include "relay/relay_private.h"

#define CMDQ_ENTRY_SIZE ((uint64_t)sizeof(relay_command))
#define CMDQ_ERR_SHIFT	24
#define CMDQ_ERR_MASK	(0x7fu << CMDQ_ERR_SHIFT)

static inline void cmdq_publish(struct iommuctl_cmdq *cmdq, uint32_t cons)
{
	__atomic_store_n(&cmdq->cons, cons, __ATOMIC_RELEASE);
}

static inline uint32_t cmdq_entry_count(const struct iommuctl_cmdq *cmdq)
{
	return 1u << cmdq->log2size;
}

/* RD or WR with its wrap bit. */
static inline uint32_t cmdq_index_mask(const struct iommuctl_cmdq *cmdq)
{
	return 2 * cmdq_entry_count(cmdq) - 1;
}

static inline void cmdq_advance(struct iommuctl_cmdq *cmdq, size_t count)
{
	cmdq_publish(cmdq, (cmdq->cons + (uint32_t)count) & cmdq_index_mask(cmdq));
}

/* Advances CMDQ_CONS past @commands, which the relay has carried out. */
static inline void cmdq_pass(
	struct iommuctl_cmdq *cmdq, const relay_command *commands, size_t count)
{
	if (cmdq->ops->relayed && count)
		cmdq->ops->relayed(commands, count, cmdq->data);
	cmdq_advance(cmdq, count);
}

#endif
