// SPDX-License-Identifier: MIT
/*
 * The guest's command queue. It runs in the thread that wrote the register which lets it go on. Its
 * index is the register CMDQ_CONS, even while it is disabled, and is read without the lock.
 */
#include "vsmmuv3/vsmmuv3_private.h"

#include "relay/run.h"

/* RD has as many bits as the queue's size needs. */
uint64_t vsmmuv3_read_cmdq_cons(const struct iommuctl_vsmmuv3 *smmu)
{
	const uint64_t base = vsmmuv3_get(smmu, VSMMUV3_CMDQ_BASE);
	const uint32_t rd = (2u << vsmmuv3_queue_log2size(smmu, base, IDR1_CMDQS_SHIFT)) - 1;

	return __atomic_load_n(&smmu->cmdq.cons, __ATOMIC_ACQUIRE) & (CMDQ_CONS_ERR | rd);
}

void vsmmuv3_write_cmdq_cons(struct iommuctl_vsmmuv3 *smmu, uint64_t value)
{
	__atomic_store_n(&smmu->cmdq.cons, (uint32_t)value, __ATOMIC_RELEASE);
}

static void charge(struct iommuctl_vsmmuv3 *smmu, uint32_t units)
{
	(void)iommuctl_relay_charge(smmu->cmdq.relay, units);
}

static int carry_out(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	struct iommuctl_vsmmuv3 *smmu = data;
	int err = iommuctl_nest_command(cmd, smmu->nest);

	if (err)
		return err;
	charge(smmu, vsmmuv3_shared_cache_command(&smmu->translations, cmd));
	switch (cmd->opcode) {
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE: vsmmuv3_ste_named(smmu, cmd->streamid); break;
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE:
		vsmmuv3_stes_read(smmu, cmd->streamid, cmd->range + 1u);
		break;
	default: break;
	}
	return 0;
}

static void also_carry_out(
	const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data)
{
	struct iommuctl_vsmmuv3 *smmu = data;

	charge(smmu, vsmmuv3_shared_cache_commands(&smmu->translations, commands, count,
			     relay_run_left(smmu->cmdq.relay)));
}

/* The guest cannot use what it is not shown: the MSI and the event are ignored then. */
static void complete(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	struct iommuctl_vsmmuv3 *smmu = data;

	smmu->counters.syncs++;
	switch (cmd->cs) {
	case IOMMUCTL_SMMUV3_SYNC_CS_IRQ:
		if (cmd->msiaddress && vsmmuv3_shows(smmu, IDR0_MSI)) {
			const struct vsmmuv3_msi msi = { cmd->msiaddress, cmd->msidata };

			vsmmuv3_raise_msi(smmu, &msi);
		} else {
			vsmmuv3_raise(smmu, IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC);
		}
		return;
	case IOMMUCTL_SMMUV3_SYNC_CS_SEV: smmu->wakes |= vsmmuv3_shows(smmu, IDR0_SEV); return;
	default: return;
	}
}

static const struct iommuctl_cmdq_ops cmdq_ops = {
	.command = carry_out,
	.sync = complete,
	.relayed = also_carry_out,
};

int vsmmuv3_cmdq_init(struct iommuctl_vsmmuv3 *smmu, uint32_t budget)
{
	smmu->cmdq = (struct iommuctl_cmdq){
		.relay = iommuctl_nest_get_relay(smmu->nest),
		.memory = smmu->watched_memory,
		.ops = &cmdq_ops,
		.data = smmu,
		.budget = budget,
	};
	return iommuctl_cmdq_init(&smmu->cmdq, 0);
}

/*
 * Built aside and then copied, except the index, which other threads read. The guest chooses where
 * it starts. ERR is cleared, unless the guest has not acknowledged the error.
 */
void vsmmuv3_cmdq_enable(struct iommuctl_vsmmuv3 *smmu)
{
	const uint64_t base = vsmmuv3_get(smmu, VSMMUV3_CMDQ_BASE);
	struct iommuctl_cmdq made = smmu->cmdq;
	uint32_t mask;

	/* Cannot fail: it has everything since the SMMU was made. */
	(void)iommuctl_cmdq_init(&made,
		(base & ~QUEUE_BASE_LOG2SIZE) |
			vsmmuv3_queue_log2size(smmu, base, IDR1_CMDQS_SHIFT));
	smmu->cmdq.base = made.base;
	smmu->cmdq.log2size = made.log2size;
	smmu->cmdq.atc_timeout = made.atc_timeout;
	smmu->cmdq.begun = made.begun;

	mask = (2u << made.log2size) - 1;
	if (vsmmuv3_active_errors(smmu) & GERROR_CMDQ_ERR)
		mask |= CMDQ_CONS_ERR;
	vsmmuv3_write_cmdq_cons(smmu, smmu->cmdq.cons & mask);
}

/* Nothing is consumed until the guest has acknowledged its error. */
static bool is_stopped(const struct iommuctl_vsmmuv3 *smmu)
{
	return vsmmuv3_active_errors(smmu) & GERROR_CMDQ_ERR ||
	       iommuctl_cmdq_get_error(&smmu->cmdq);
}

static bool is_full(const struct iommuctl_vsmmuv3 *smmu, uint32_t prod)
{
	const uint32_t entries = 1u << smmu->cmdq.log2size;

	return ((prod ^ smmu->cmdq.cons) & (2 * entries - 1)) == entries;
}

/*
 * Whether it has stopped is in CMDQ_CONS, as the kernel uses the same errnos. A guest may wait for
 * room with WFE.
 */
int vsmmuv3_cmdq_run(struct iommuctl_vsmmuv3 *smmu)
{
	const uint32_t prod = (uint32_t)vsmmuv3_get(smmu, VSMMUV3_CMDQ_PROD);
	bool was_full;
	int err;

	if (!vsmmuv3_is_enabled(smmu, CR0_CMDQEN) || is_stopped(smmu))
		return 0;
	was_full = is_full(smmu, prod);
	err = iommuctl_cmdq_consume(&smmu->cmdq, prod);
	vsmmuv3_tell_broken_stes(smmu);
	if (was_full && !is_full(smmu, prod))
		smmu->wakes |= vsmmuv3_shows(smmu, IDR0_SEV);
	if (!is_stopped(smmu))
		return err;
	vsmmuv3_raise_gerror(smmu, GERROR_CMDQ_ERR);
	return 0;
}
