// SPDX-License-Identifier: MIT
/* A guest's command queue: the SMMU's handling of CMDQ_BASE and CMDQ_CONS.ERR. */
#include <errno.h>

#include "core/call.h"
#include "relay/cmdq.h"

#define BASE_LOG2SIZE UINT64_C(0x1f)
#define BASE_ADDR     UINT64_C(0x00ffffffffffffe0)

/* No queue is aligned to less than this. */
#define ALIGNMENT_MIN UINT64_C(32)

static const struct iommuctl_explanation no_members = {
	"the guest's memory or a function of the owner is missing",
	"fill in memory, and ops with both of its functions",
};

static const struct iommuctl_explanation too_large = {
	"no SMMU has queues with that many entries (IDR1.CMDQS)",
	"pass up to IOMMUCTL_CMDQ_LOG2SIZE_MAX in log2size_max",
};

static int refuse(const struct iommuctl_cmdq *cmdq, uint64_t cmdq_base,
	const struct iommuctl_explanation *why)
{
	const struct call call = {
		.operation = OP_CMDQ_INIT,
		.objects = { { "CMDQ_BASE", cmdq_base, SHOW_HEX } },
	};

	return call_refuse(cmdq->relay->ctx, &call, EINVAL, why);
}

int iommuctl_cmdq_init(struct iommuctl_cmdq *cmdq, uint64_t cmdq_base)
{
	const uint8_t most = cmdq->log2size_max ? cmdq->log2size_max : IOMMUCTL_CMDQ_LOG2SIZE_MAX;
	const uint64_t log2size = cmdq_base & BASE_LOG2SIZE;
	uint64_t size;

	if (!cmdq->relay)
		return -EINVAL;
	if (!cmdq->memory || !cmdq->ops || !cmdq->ops->command || !cmdq->ops->sync)
		return refuse(cmdq, cmdq_base, &no_members);
	if (most > IOMMUCTL_CMDQ_LOG2SIZE_MAX)
		return refuse(cmdq, cmdq_base, &too_large);

	cmdq->log2size = log2size < most ? (uint8_t)log2size : most;
	size = CMDQ_ENTRY_SIZE << cmdq->log2size;
	cmdq->base = cmdq_base & BASE_ADDR & ~((size > ALIGNMENT_MIN ? size : ALIGNMENT_MIN) - 1);
	cmdq->cons = 0;
	cmdq->atc_timeout = false;
	cmdq->begun = false;
	cmdq->ready = true;
	cmdq->relay->mute.count = 0;
	return 0;
}

enum iommuctl_cerror iommuctl_cmdq_get_error(const struct iommuctl_cmdq *cmdq)
{
	const uint32_t cons = __atomic_load_n(&cmdq->cons, __ATOMIC_ACQUIRE);

	return (enum iommuctl_cerror)((cons & CMDQ_ERR_MASK) >> CMDQ_ERR_SHIFT);
}

void iommuctl_cmdq_acknowledge(struct iommuctl_cmdq *cmdq)
{
	cmdq_publish(cmdq, cmdq->cons & ~CMDQ_ERR_MASK);
}
