// SPDX-License-Identifier: MIT
/*
 * Interrupts. They are signalled at the end of a call: then the guest finds all registers in their
 * final state, and repeated ones make a single edge.
 */
#include "vsmmuv3/record.h"

#include <endian.h>
#include <unistd.h>

/* An interrupt with its own MSI that can be disabled; CMD_SYNC carries its own MSI. */
struct source {
	uint32_t enable; /* bit of IRQ_CTRL; 0: always enabled */
	enum vsmmuv3_register_id address;
	enum vsmmuv3_register_id data;
};

static const struct source sources[IOMMUCTL_VSMMUV3_INTERRUPTS] = {
	[IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ] = { IRQ_CTRL_EVENTQ, VSMMUV3_EVENTQ_IRQ_CFG0,
		VSMMUV3_EVENTQ_IRQ_CFG1 },
	[IOMMUCTL_VSMMUV3_INTERRUPT_GERROR] = { IRQ_CTRL_GERROR, VSMMUV3_GERROR_IRQ_CFG0,
		VSMMUV3_GERROR_IRQ_CFG1 },
};

/* All earlier writes to guest memory become visible before this one. */
static bool store_msi(const struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_msi *msi)
{
	uint32_t *host = iommuctl_guest_memory_at(smmu->memory, msi->address, sizeof(*host));

	if (!host || (uintptr_t)host % sizeof(*host))
		return false;
	__atomic_store_n(host, htole32(msi->data), __ATOMIC_RELEASE);
	return true;
}

static void send_msi(struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_msi *msi)
{
	smmu->counters.interrupts++;
	vsmmuv3_record(smmu, RECORD_MSI, msi->address, msi->data);
	if (!store_msi(smmu, msi) && smmu->ops.msi)
		smmu->ops.msi(msi->address, msi->data, smmu->data);
}

static void send_waiting_msi(struct iommuctl_vsmmuv3 *smmu)
{
	if (smmu->has_msi)
		send_msi(smmu, &smmu->msi);
	smmu->has_msi = false;
}

/*
 * An MSI to memory may go into the queue itself, so it is written before CMDQ_CONS passes it. One
 * to an interrupt controller waits until after that: until the next CMD_SYNC, or the end of the
 * run.
 */
void vsmmuv3_raise_msi(struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_msi *msi)
{
	send_waiting_msi(smmu);
	if (store_msi(smmu, msi)) {
		smmu->counters.interrupts++;
		vsmmuv3_record(smmu, RECORD_MSI, msi->address, msi->data);
		return;
	}
	smmu->msi = *msi;
	smmu->has_msi = true;
}

void vsmmuv3_raise(struct iommuctl_vsmmuv3 *smmu, enum iommuctl_vsmmuv3_interrupt interrupt)
{
	smmu->raised |= 1u << interrupt;
}

void vsmmuv3_raise_gerror(struct iommuctl_vsmmuv3 *smmu, uint32_t bits)
{
	const uint64_t gerror = vsmmuv3_get(smmu, VSMMUV3_GERROR);
	const uint64_t active = vsmmuv3_active_errors(smmu);

	if (!(bits & ~active))
		return;
	smmu->counters.errors++;
	vsmmuv3_set(smmu, VSMMUV3_GERROR, gerror ^ (bits & ~active));
	vsmmuv3_raise(smmu, IOMMUCTL_VSMMUV3_INTERRUPT_GERROR);
}

/* The eventfd is the VMM's own, and takes more edges than anybody can raise. */
static void send_wired(struct iommuctl_vsmmuv3 *smmu, enum iommuctl_vsmmuv3_interrupt interrupt)
{
	const uint64_t one = 1;
	ssize_t written;

	smmu->counters.interrupts++;
	vsmmuv3_record(smmu, RECORD_INTERRUPT, interrupt, 0);
	if (smmu->ops.interrupt) {
		smmu->ops.interrupt(interrupt, smmu->data);
		return;
	}
	if (smmu->irq_fds[interrupt] < 0)
		return;
	written = write(smmu->irq_fds[interrupt], &one, sizeof(one));
	(void)written;
}

static void send(struct iommuctl_vsmmuv3 *smmu, enum iommuctl_vsmmuv3_interrupt interrupt)
{
	const struct source *source = &sources[interrupt];
	struct vsmmuv3_msi msi = { .address = 0 };

	if (source->enable) {
		if (!(vsmmuv3_get(smmu, VSMMUV3_IRQ_CTRL) & source->enable))
			return;
		msi.address = vsmmuv3_get(smmu, source->address);
		msi.data = (uint32_t)vsmmuv3_get(smmu, source->data);
	}
	if (msi.address)
		send_msi(smmu, &msi);
	else
		send_wired(smmu, interrupt);
}

void vsmmuv3_signal(struct iommuctl_vsmmuv3 *smmu)
{
	const unsigned int raised = smmu->raised;

	send_waiting_msi(smmu);
	smmu->raised = 0;
	for (unsigned int i = 0; i < IOMMUCTL_VSMMUV3_INTERRUPTS; i++)
		if (raised & 1u << i)
			send(smmu, (enum iommuctl_vsmmuv3_interrupt)i);
	if (smmu->wakes) {
		vsmmuv3_record(smmu, RECORD_WAKE, 0, 0);
		smmu->ops.send_event(smmu->data);
	}
	smmu->wakes = false;
}
