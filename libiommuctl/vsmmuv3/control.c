// SPDX-License-Identifier: MIT
/*
 * Applies the registers that the guest writes. A change that the kernel refuses temporarily is not
 * acknowledged (CR0ACK, GBPA.UPDATE), and is retried with the next call.
 */
#include "vsmmuv3/vsmmuv3_private.h"

#define STREAMID_BITS 32
#define CR1_TABLES    UINT64_C(0xfc0)
#define CR1_QUEUES    UINT64_C(0x03f)

/* During an update, both the old and the new value count. */
static uint64_t frozen_by_cr0(const struct iommuctl_vsmmuv3 *smmu, uint32_t bits)
{
	const uint64_t either = vsmmuv3_get(smmu, VSMMUV3_CR0) | vsmmuv3_get(smmu, VSMMUV3_CR0ACK);

	return either & bits ? UINT64_MAX : 0;
}

static uint64_t frozen_by_irq_ctrl(const struct iommuctl_vsmmuv3 *smmu, uint32_t bit)
{
	return vsmmuv3_get(smmu, VSMMUV3_IRQ_CTRL) & bit ? UINT64_MAX : 0;
}

uint64_t vsmmuv3_frozen_by_smmuen(const struct iommuctl_vsmmuv3 *smmu)
{
	return frozen_by_cr0(smmu, CR0_SMMUEN);
}

uint64_t vsmmuv3_frozen_by_cmdqen(const struct iommuctl_vsmmuv3 *smmu)
{
	return frozen_by_cr0(smmu, CR0_CMDQEN);
}

uint64_t vsmmuv3_frozen_by_eventqen(const struct iommuctl_vsmmuv3 *smmu)
{
	return frozen_by_cr0(smmu, CR0_EVENTQEN);
}

uint64_t vsmmuv3_frozen_by_gerror_irqen(const struct iommuctl_vsmmuv3 *smmu)
{
	return frozen_by_irq_ctrl(smmu, IRQ_CTRL_GERROR);
}

uint64_t vsmmuv3_frozen_by_eventq_irqen(const struct iommuctl_vsmmuv3 *smmu)
{
	return frozen_by_irq_ctrl(smmu, IRQ_CTRL_EVENTQ);
}

uint64_t vsmmuv3_frozen_cr0(const struct iommuctl_vsmmuv3 *smmu)
{
	return vsmmuv3_shows(smmu, IDR0_ATS) ? 0 : CR0_ATSCHK;
}

uint64_t vsmmuv3_frozen_cr1(const struct iommuctl_vsmmuv3 *smmu)
{
	return (frozen_by_cr0(smmu, CR0_SMMUEN) & CR1_TABLES) |
	       (frozen_by_cr0(smmu, CR0_CMDQEN | CR0_EVENTQEN) & CR1_QUEUES);
}

/* There is no format if all tables are linear. */
uint64_t vsmmuv3_frozen_strtab_cfg(const struct iommuctl_vsmmuv3 *smmu)
{
	return frozen_by_cr0(smmu, CR0_SMMUEN) |
	       (smmu->identity.idr[0] & IDR0_ST_LEVEL ? 0 : STRTAB_CFG_FORMAT);
}

void vsmmuv3_write_cr0(struct iommuctl_vsmmuv3 *smmu, uint64_t value)
{
	if ((vsmmuv3_get(smmu, VSMMUV3_CR0) ^ value) & CR0_SMMUEN)
		smmu->streams_pending = true;
	vsmmuv3_set(smmu, VSMMUV3_CR0, value);
}

/* A write without UPDATE is ignored, and so is one during an update. */
void vsmmuv3_write_gbpa(struct iommuctl_vsmmuv3 *smmu, uint64_t value)
{
	if (value & GBPA_UPDATE && !(vsmmuv3_get(smmu, VSMMUV3_GBPA) & GBPA_UPDATE))
		vsmmuv3_set(smmu, VSMMUV3_GBPA, value);
}

void vsmmuv3_write_irq_ctrl(struct iommuctl_vsmmuv3 *smmu, uint64_t value)
{
	const uint64_t enabled = value & ~vsmmuv3_get(smmu, VSMMUV3_IRQ_CTRL);

	vsmmuv3_set(smmu, VSMMUV3_IRQ_CTRL, value);
	vsmmuv3_set(smmu, VSMMUV3_IRQ_CTRLACK, value);
	/* The queue got its first event unnoticed, and the next one has no edge. */
	if (enabled & IRQ_CTRL_EVENTQ && vsmmuv3_has_events(smmu)) {
		vsmmuv3_raise(smmu, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ);
		vsmmuv3_signal(smmu);
	}
}

/* The guest acknowledges errors by writing their bits as in GERROR; it cannot raise others. */
void vsmmuv3_write_gerrorn(struct iommuctl_vsmmuv3 *smmu, uint64_t value)
{
	const uint64_t gerror = vsmmuv3_get(smmu, VSMMUV3_GERROR);
	const uint64_t gerrorn = vsmmuv3_get(smmu, VSMMUV3_GERRORN);
	const uint64_t seen = (gerror ^ gerrorn) & ~(gerror ^ value);

	vsmmuv3_set(smmu, VSMMUV3_GERRORN, gerrorn ^ seen);
	if (seen & GERROR_CMDQ_ERR)
		iommuctl_cmdq_acknowledge(&smmu->cmdq);
}

static int apply_streams(struct iommuctl_vsmmuv3 *smmu)
{
	int err;

	if (!smmu->streams_pending)
		return 0;
	if (vsmmuv3_get(smmu, VSMMUV3_CR0) & CR0_SMMUEN)
		err = iommuctl_nest_set_stream_table(smmu->nest, smmu->watched_memory,
			vsmmuv3_get(smmu, VSMMUV3_STRTAB_BASE),
			(uint32_t)vsmmuv3_get(smmu, VSMMUV3_STRTAB_BASE_CFG));
	else
		err = iommuctl_nest_clear_stream_table(smmu->nest);
	smmu->streams_pending = err;
	if (err)
		return err;
	vsmmuv3_shared_cache_forget(&smmu->translations);
	if (!smmu->streams_known)
		vsmmuv3_stes_read(smmu, 0, STREAMID_BITS);
	smmu->streams_known = false;
	return 0;
}

static int apply_cr0(struct iommuctl_vsmmuv3 *smmu)
{
	const uint64_t cr0 = vsmmuv3_get(smmu, VSMMUV3_CR0);
	int err;

	if (!smmu->streams_pending && cr0 == vsmmuv3_get(smmu, VSMMUV3_CR0ACK))
		return 0;
	err = apply_streams(smmu);
	if (err)
		return err;
	if (cr0 & ~vsmmuv3_get(smmu, VSMMUV3_CR0ACK) & CR0_CMDQEN)
		vsmmuv3_cmdq_enable(smmu);
	vsmmuv3_set(smmu, VSMMUV3_CR0ACK, cr0);
	vsmmuv3_tell_broken_stes(smmu);
	return 0;
}

static int apply_gbpa(struct iommuctl_vsmmuv3 *smmu)
{
	const uint64_t gbpa = vsmmuv3_get(smmu, VSMMUV3_GBPA);
	int err;

	if (!(gbpa & GBPA_UPDATE))
		return 0;
	err = iommuctl_nest_set_bypass(smmu->nest, !(gbpa & GBPA_ABORT));
	if (err)
		return err;
	vsmmuv3_set(smmu, VSMMUV3_GBPA, gbpa & ~(uint64_t)GBPA_UPDATE);
	return 0;
}

static int apply(struct iommuctl_vsmmuv3 *smmu)
{
	int err = apply_gbpa(smmu);

	if (err)
		return err;
	err = apply_cr0(smmu);
	if (err)
		return err;
	return vsmmuv3_cmdq_run(smmu);
}

static int work(struct iommuctl_vsmmuv3 *smmu)
{
	int err = apply(smmu);

	vsmmuv3_signal(smmu);
	return err;
}

/* Old events that cannot be dropped do not block this work, only the next event. */
int vsmmuv3_work(struct iommuctl_vsmmuv3 *smmu)
{
	struct error_first first = { .err = 0 };
	int err;

	error_first_keep(smmu->ctx, &first, vsmmuv3_drop_events(smmu));
	err = work(smmu);
	return first.err ? error_first_tell(smmu->ctx, &first) : err;
}
