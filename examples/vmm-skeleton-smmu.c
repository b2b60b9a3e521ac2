// SPDX-License-Identifier: MIT
/*
 * The SMMU that the guest sees: its registers and its command queue. A guest writes registers in
 * any order and with any value; this file handles all of them.
 */
#include "vmm-skeleton.h"

#include <errno.h>

static int carry_out(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	struct vmm *vmm = data;

	return iommuctl_nest_command(cmd, vmm->nest);
}

/* The guest here polls CMDQ_CONS; a real VMM would also raise an interrupt if asked. */
static void complete(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	struct vmm *vmm = data;

	(void)cmd;
	vmm->smmu.syncs++;
}

/* Nothing is consumed until the guest has acknowledged it. */
static bool has_cmdq_error(const struct vmm_smmu *smmu)
{
	return (smmu->gerror ^ smmu->gerrorn) & SMMU_GERROR_CMDQ_ERR;
}

/*
 * One call takes a few milliseconds at most, whatever the guest has put into its queue. The VMM's
 * loop does the rest, so that the vCPU that wrote the register, and others that wait for the SMMU's
 * lock, go on at once.
 */
static int consume(struct vmm *vmm)
{
	struct vmm_smmu *smmu = &vmm->smmu;
	int err;

	smmu->work_left = false;
	if (!(smmu->cr0 & SMMU_CR0_CMDQEN) || has_cmdq_error(smmu))
		return 0;
	err = iommuctl_cmdq_consume(&smmu->cmdq, smmu->cmdq_prod);
	switch (err) {
	case -EAGAIN: smmu->work_left = true; return 0;
	/* The guest's own error, recorded in CMDQ_CONS.ERR: GERROR and its interrupt report it. */
	case -EIO: smmu->gerror ^= SMMU_GERROR_CMDQ_ERR; return 0;
	default: return err;
	}
}

int vmm_work(struct vmm *vmm, bool *more)
{
	int err = vmm->smmu.work_left ? consume(vmm) : 0;

	*more = vmm->smmu.work_left;
	return err;
}

static int enable_cmdq(struct vmm *vmm)
{
	static const struct iommuctl_cmdq_ops ops = { .command = carry_out, .sync = complete };
	struct vmm_smmu *smmu = &vmm->smmu;
	int err;

	smmu->cmdq = (struct iommuctl_cmdq){
		.relay = iommuctl_nest_get_relay(vmm->nest),
		.memory = &vmm->memory,
		.ops = &ops,
		.data = vmm,
	};
	err = iommuctl_cmdq_init(&smmu->cmdq, smmu->cmdq_base);
	/* The guest chooses where to begin: an index of the queue with its wrap bit. */
	smmu->cmdq.cons = smmu->cmdq_cons & ((2u << smmu->cmdq.log2size) - 1);
	return err;
}

static void disable_cmdq(struct vmm_smmu *smmu)
{
	smmu->cmdq_cons = smmu->cmdq.cons;
	smmu->cmdq = (struct iommuctl_cmdq){ 0 };
	smmu->work_left = false;
}

static int set_smmu_enabled(struct vmm *vmm, bool enabled)
{
	struct vmm_smmu *smmu = &vmm->smmu;

	if (!enabled)
		return iommuctl_nest_clear_stream_table(vmm->nest);
	return iommuctl_nest_set_stream_table(
		vmm->nest, &vmm->memory, smmu->strtab_base, smmu->strtab_base_cfg);
}

static int set_cmdq_enabled(struct vmm *vmm, bool enabled)
{
	if (enabled)
		return enable_cmdq(vmm);
	disable_cmdq(&vmm->smmu);
	return 0;
}

static int write_cr0(struct vmm *vmm, uint32_t value)
{
	struct vmm_smmu *smmu = &vmm->smmu;
	const uint32_t changed = smmu->cr0 ^ value;
	int err;

	if (changed & SMMU_CR0_SMMUEN) {
		err = set_smmu_enabled(vmm, value & SMMU_CR0_SMMUEN);
		if (err)
			return err;
	}
	if (changed & SMMU_CR0_CMDQEN) {
		err = set_cmdq_enabled(vmm, value & SMMU_CR0_CMDQEN);
		if (err)
			return err;
	}
	smmu->cr0 = value;
	return consume(vmm);
}

/* The guest acknowledges an error by writing its bit as it is in GERROR. */
static int write_gerrorn(struct vmm *vmm, uint32_t value)
{
	struct vmm_smmu *smmu = &vmm->smmu;
	const uint32_t seen = (smmu->gerror ^ smmu->gerrorn) & ~(smmu->gerror ^ value);

	smmu->gerrorn ^= seen;
	if (!(seen & SMMU_GERROR_CMDQ_ERR))
		return 0;
	iommuctl_cmdq_acknowledge(&smmu->cmdq);
	return consume(vmm);
}

int vmm_write(struct vmm *vmm, unsigned int reg, uint64_t value)
{
	struct vmm_smmu *smmu = &vmm->smmu;
	const bool smmu_enabled = smmu->cr0 & SMMU_CR0_SMMUEN;
	const bool cmdq_enabled = smmu->cr0 & SMMU_CR0_CMDQEN;

	switch (reg) {
	case SMMU_CR0: return write_cr0(vmm, (uint32_t)value);
	case SMMU_GERRORN: return write_gerrorn(vmm, (uint32_t)value);
	case SMMU_STRTAB_BASE:
		if (!smmu_enabled)
			smmu->strtab_base = value;
		return 0;
	case SMMU_STRTAB_BASE_CFG:
		if (!smmu_enabled)
			smmu->strtab_base_cfg = (uint32_t)value;
		return 0;
	case SMMU_CMDQ_BASE:
		if (!cmdq_enabled)
			smmu->cmdq_base = value;
		return 0;
	case SMMU_CMDQ_CONS:
		if (!cmdq_enabled)
			smmu->cmdq_cons = (uint32_t)value;
		return 0;
	case SMMU_CMDQ_PROD: smmu->cmdq_prod = (uint32_t)value; return consume(vmm);
	default: return 0;
	}
}

uint64_t vmm_read(const struct vmm *vmm, unsigned int reg)
{
	const struct vmm_smmu *smmu = &vmm->smmu;

	switch (reg) {
	case SMMU_CR0:
	case SMMU_CR0ACK: return smmu->cr0;
	case SMMU_GERROR: return smmu->gerror;
	case SMMU_GERRORN: return smmu->gerrorn;
	case SMMU_STRTAB_BASE: return smmu->strtab_base;
	case SMMU_STRTAB_BASE_CFG: return smmu->strtab_base_cfg;
	case SMMU_CMDQ_BASE: return smmu->cmdq_base;
	case SMMU_CMDQ_PROD: return smmu->cmdq_prod;
	case SMMU_CMDQ_CONS: return smmu->cr0 & SMMU_CR0_CMDQEN ? smmu->cmdq.cons : smmu->cmdq_cons;
	default: return 0;
	}
}
