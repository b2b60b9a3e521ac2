/* SPDX-License-Identifier: MIT */
/*
 * The state of the SMMU that a guest sees. Any thread may read registers without the lock; writing
 * one, or accessing anything else, needs it.
 */
#ifndef LIBIOMMUCTL_VSMMUV3_VSMMUV3_PRIVATE_H
#define LIBIOMMUCTL_VSMMUV3_VSMMUV3_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include <iommuctl/events.h>
#include <iommuctl/vsmmuv3.h>

#include "core/call.h"
#include "vsmmuv3/access.h"
#include "vsmmuv3/shared_cache.h"
#include "vsmmuv3/registers.h"

/* A passed-through device. */
struct vsmmuv3_device {
	struct vsmmuv3_device *next;
	uint32_t sid;
	bool read;  /* its STE was read since the guest last got its errors */
	bool named; /* by CFGI_STE */
};

struct vsmmuv3_msi {
	uint64_t address;
	uint32_t data;
};

struct vsmmuv3_recorder;

struct iommuctl_vsmmuv3 {
	struct iommuctl *ctx;
	struct iommuctl_nest *nest;
	pthread_mutex_t lock; /* recursive with a recorder */

	/* Constant once it is made. */
	struct vsmmuv3_recorder *recorder; /* NULL: no log */
	const struct iommuctl_guest_memory *memory;
	/* The same, for reads with the lock held: they are recorded. */
	const struct iommuctl_guest_memory *watched_memory;
	struct iommuctl_vsmmuv3_ops ops;
	void *data;
	int irq_fds[IOMMUCTL_VSMMUV3_INTERRUPTS];
	bool abort;
	struct iommuctl_vsmmuv3_identity identity; /* as the guest sees it */

	/* Except CMDQ_CONS, which is in @cmdq. */
	_Atomic(uint64_t) values[VSMMUV3_REGISTERS];
	struct iommuctl_cmdq cmdq;
	bool streams_pending; /* CR0.SMMUEN was changed, and the nest has not caught up */
	bool streams_known;   /* the guest was told about broken STEs, in another SMMU */
	struct vsmmuv3_device *devices;
	struct iommuctl_event_reader events; /* from the kernel */
	bool events_stale;		     /* some may belong to a former guest */
	struct vsmmuv3_shared_cache translations;

	/* To be signalled once CMDQ_CONS has passed the command: signal.c. */
	unsigned int raised; /* bits by enum iommuctl_vsmmuv3_interrupt */
	bool wakes;
	bool has_msi;
	struct vsmmuv3_msi msi;

	struct iommuctl_vsmmuv3_counters counters;
};

static inline uint64_t vsmmuv3_get(const struct iommuctl_vsmmuv3 *smmu, enum vsmmuv3_register_id id)
{
	return atomic_load_explicit(&smmu->values[id], memory_order_acquire);
}

static inline void vsmmuv3_set(
	struct iommuctl_vsmmuv3 *smmu, enum vsmmuv3_register_id id, uint64_t value)
{
	atomic_store_explicit(&smmu->values[id], value, memory_order_release);
}

/* Its update is complete. */
static inline bool vsmmuv3_is_enabled(const struct iommuctl_vsmmuv3 *smmu, uint32_t cr0_bit)
{
	return vsmmuv3_get(smmu, VSMMUV3_CR0) & vsmmuv3_get(smmu, VSMMUV3_CR0ACK) & cr0_bit;
}

/* Errors that the guest has not acknowledged yet. */
static inline uint64_t vsmmuv3_active_errors(const struct iommuctl_vsmmuv3 *smmu)
{
	return vsmmuv3_get(smmu, VSMMUV3_GERROR) ^ vsmmuv3_get(smmu, VSMMUV3_GERRORN);
}

static inline bool vsmmuv3_shows(const struct iommuctl_vsmmuv3 *smmu, uint32_t idr0_bits)
{
	return (smmu->identity.idr[0] & idr0_bits) == idr0_bits;
}

/* The size of a queue whose register *_BASE is @base: @shift is where IDR1 has its maximum. */
static inline unsigned int vsmmuv3_queue_log2size(
	const struct iommuctl_vsmmuv3 *smmu, uint64_t base, unsigned int shift)
{
	const unsigned int most = smmu->identity.idr[1] >> shift & IDR1_QUEUE_MASK;
	const unsigned int log2size = base & QUEUE_BASE_LOG2SIZE;

	return log2size < most ? log2size : most;
}

/* vsmmuv3.c: what walks of the guest's tables depend on at present. */
struct vsmmuv3_view vsmmuv3_look(const struct iommuctl_vsmmuv3 *smmu);

/* vsmmuv3.c: as after a reset, once vsmmuv3_work() has done its part. */
void vsmmuv3_reset(struct iommuctl_vsmmuv3 *smmu);

/* mmio.c: as iommuctl_vsmmuv3_read() and write(), without a recorder. */
uint64_t vsmmuv3_read_any(const struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size);
int vsmmuv3_write_any(
	struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size, uint64_t value);

/* mmio.c: as after a reset. */
void vsmmuv3_reset_registers(struct iommuctl_vsmmuv3 *smmu);

/* control.c: writes of the guest. */
uint64_t vsmmuv3_frozen_by_smmuen(const struct iommuctl_vsmmuv3 *smmu);
uint64_t vsmmuv3_frozen_by_cmdqen(const struct iommuctl_vsmmuv3 *smmu);
uint64_t vsmmuv3_frozen_by_eventqen(const struct iommuctl_vsmmuv3 *smmu);
uint64_t vsmmuv3_frozen_by_gerror_irqen(const struct iommuctl_vsmmuv3 *smmu);
uint64_t vsmmuv3_frozen_by_eventq_irqen(const struct iommuctl_vsmmuv3 *smmu);
uint64_t vsmmuv3_frozen_cr0(const struct iommuctl_vsmmuv3 *smmu);
uint64_t vsmmuv3_frozen_cr1(const struct iommuctl_vsmmuv3 *smmu);
uint64_t vsmmuv3_frozen_strtab_cfg(const struct iommuctl_vsmmuv3 *smmu);
void vsmmuv3_write_cr0(struct iommuctl_vsmmuv3 *smmu, uint64_t value);
void vsmmuv3_write_gbpa(struct iommuctl_vsmmuv3 *smmu, uint64_t value);
void vsmmuv3_write_irq_ctrl(struct iommuctl_vsmmuv3 *smmu, uint64_t value);
void vsmmuv3_write_gerrorn(struct iommuctl_vsmmuv3 *smmu, uint64_t value);

/*
 * control.c: applies the registers, runs the command queue once, and signals. Returns as
 * iommuctl_vsmmuv3_process().
 */
int vsmmuv3_work(struct iommuctl_vsmmuv3 *smmu);

/* devices.c: reads the STE of one device, or those whose StreamIDs differ in the low @bits bits. */
void vsmmuv3_ste_named(struct iommuctl_vsmmuv3 *smmu, uint32_t sid);
void vsmmuv3_stes_read(struct iommuctl_vsmmuv3 *smmu, uint32_t sid, unsigned int bits);
/* Reports STEs that were read and are broken to the guest. */
void vsmmuv3_tell_broken_stes(struct iommuctl_vsmmuv3 *smmu);
void vsmmuv3_free_devices(struct iommuctl_vsmmuv3 *smmu);

/* events.c: into the guest's queue, or it is lost. */
bool vsmmuv3_has_events(const struct iommuctl_vsmmuv3 *smmu);
void vsmmuv3_put_event(struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_smmuv3_event *event);
/* Drops a former guest's events before the next guest gets any; repeat it on failure. */
int vsmmuv3_drop_events(struct iommuctl_vsmmuv3 *smmu);
/* As iommuctl_vsmmuv3_deliver_events(), but signals nothing. */
int vsmmuv3_deliver(struct iommuctl_vsmmuv3 *smmu);

/* commands.c */
uint64_t vsmmuv3_read_cmdq_cons(const struct iommuctl_vsmmuv3 *smmu);
void vsmmuv3_write_cmdq_cons(struct iommuctl_vsmmuv3 *smmu, uint64_t value);
int vsmmuv3_cmdq_init(struct iommuctl_vsmmuv3 *smmu, uint32_t budget);
void vsmmuv3_cmdq_enable(struct iommuctl_vsmmuv3 *smmu);
int vsmmuv3_cmdq_run(struct iommuctl_vsmmuv3 *smmu);

/* signal.c: at once if it goes to guest memory, else by vsmmuv3_signal(). */
void vsmmuv3_raise_msi(struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_msi *msi);
void vsmmuv3_raise(struct iommuctl_vsmmuv3 *smmu, enum iommuctl_vsmmuv3_interrupt interrupt);
/* Makes inactive errors active, and raises the interrupt. */
void vsmmuv3_raise_gerror(struct iommuctl_vsmmuv3 *smmu, uint32_t bits);
void vsmmuv3_signal(struct iommuctl_vsmmuv3 *smmu);

#endif
