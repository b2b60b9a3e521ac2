/* SPDX-License-Identifier: MIT */
/*
 * The state of a guest's SMMU as a record, from which another SMMU continues: in another process,
 * or later.
 *
 * The record contains what the guest could see, but not the configuration: the new SMMU is made
 * with the same identity, and the VMM gives it the devices and the guest's memory. Devices may be
 * added before or after iommuctl_vsmmuv3_restore(), with the same result; until both are done they
 * must do no DMA, and no vCPU may run.
 *
 * A record is little-endian, and starts with:
 *   0  8 bytes  "vSMMUv3" and a byte of zero
 *   8  4 bytes  IOMMUCTL_VSMMUV3_STATE_VERSION
 *   12 4 bytes  the length of the record, in bytes
 *
 * Up to its length, sections follow, in any order and each at most once:
 *   0  4 bytes  what it is: enum iommuctl_vsmmuv3_state_section
 *   4  4 bytes  bytes that follow, a multiple of 8
 *
 * The sections IDENTITY, REGISTERS and PENDING are always there, with the sizes that follow from
 * their contents. A later version of the library may add others. An older version ignores an
 * unknown section with IOMMUCTL_VSMMUV3_STATE_IGNORABLE, and refuses one without.
 *
 * IDENTITY, 4 bytes each: IDR0 to IDR5, IIDR, AIDR.
 *
 * REGISTERS, 8 bytes each: CR0, CR0ACK, CR1, CR2, GBPA, IRQ_CTRL, GERROR, GERRORN, GERROR_IRQ_CFG0,
 * GERROR_IRQ_CFG1, GERROR_IRQ_CFG2, STRTAB_BASE, STRTAB_BASE_CFG, CMDQ_BASE, CMDQ_PROD, CMDQ_CONS,
 * EVENTQ_BASE, EVENTQ_IRQ_CFG0, EVENTQ_IRQ_CFG1, EVENTQ_IRQ_CFG2, EVENTQ_PROD, EVENTQ_CONS. Each is
 * as the guest would read it: if CR0 differs from CR0ACK, or GBPA.UPDATE is set, an update is in
 * progress; CMDQ_CONS has ERR; GERROR and GERRORN say which errors the guest has not acknowledged.
 * IRQ_CTRLACK is IRQ_CTRL.
 *
 * PENDING is what the VMM has not been notified of yet, which is nothing between two calls:
 *   0  4 bytes  interrupts that are raised: bit n is that of enum iommuctl_vsmmuv3_interrupt
 *   4  4 bytes  bit 0: send_event is due; bit 1: an MSI of CMD_SYNC is; bit 2: an ATC_INV has timed
 *               out, for which the next CMD_SYNC answers; the others are zero
 *   8  8 bytes  the address of the MSI, or 0
 *   16 4 bytes  its data, or 0
 *   20 4 bytes  0
 *
 * Common: vsmmuv3.h
 */
#ifndef IOMMUCTL_VSMMUV3_STATE_H
#define IOMMUCTL_VSMMUV3_STATE_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/vsmmuv3.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Records.
 *
 * @IOMMUCTL_VSMMUV3_STATE_VERSION: the version that iommuctl_vsmmuv3_save() writes
 * @IOMMUCTL_VSMMUV3_STATE_SIZE: enough bytes for it
 *
 * Since: 0.1
 */
#define IOMMUCTL_VSMMUV3_STATE_VERSION 1
#define IOMMUCTL_VSMMUV3_STATE_SIZE    512

/*
 * The sections of a record.
 *
 * @IOMMUCTL_VSMMUV3_STATE_IDENTITY: what the guest is shown
 * @IOMMUCTL_VSMMUV3_STATE_REGISTERS: registers
 * @IOMMUCTL_VSMMUV3_STATE_PENDING: what the VMM has not been notified of yet
 * @IOMMUCTL_VSMMUV3_STATE_IGNORABLE: set in the number of a section that a reader may ignore
 *
 * Since: 0.1
 */
enum iommuctl_vsmmuv3_state_section {
	IOMMUCTL_VSMMUV3_STATE_IDENTITY = 1,
	IOMMUCTL_VSMMUV3_STATE_REGISTERS = 2,
	IOMMUCTL_VSMMUV3_STATE_PENDING = 3,
	IOMMUCTL_VSMMUV3_STATE_IGNORABLE = 1 << 30,
};

/*
 * Saves the state of a guest's SMMU.
 *
 * Waiting events of the physical SMMU are first moved to the guest's event queue, as by
 * iommuctl_vsmmuv3_deliver_events(): save the guest's memory and the state of interrupt controllers
 * after this. The SMMU does not change, and may continue.
 *
 * @record: out: the record
 * @size: bytes of @record
 * @length: out, on success and for -ENOSPC: bytes of the record
 *
 * Threads: any thread; no vCPU may run, and devices must do no DMA.
 * Errors:
 *   -EINVAL: no @record or @length
 *   -ENOSPC: the record does not fit @size
 *   -EBUSY: there is no end of events: a device still does DMA
 *   others: those of iommuctl_event_reader_next()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_save(struct iommuctl_vsmmuv3 *smmu, void *record, size_t size, size_t *length);

/*
 * Restores the state of a record in a new SMMU.
 *
 * The registers apply as if the guest had just written them: the stream table, the queues with
 * their indices, and updates in progress. Commands left in the queue are carried out as by
 * iommuctl_vsmmuv3_process(). For events in the queue and for errors that it has not acknowledged,
 * the guest gets the interrupt, perhaps a second time.
 *
 * The record is untrusted: all of it is checked before anything changes, and a state that an SMMU
 * of that identity cannot have is refused. If the record is missing or invalid, or a guest has used
 * the SMMU, the SMMU is unchanged. After any other failure it is as after iommuctl_vsmmuv3_reset(),
 * with its devices, and the call can be repeated. EAGAIN is no failure, and leaves none in
 * iommuctl_last_error().
 *
 * @smmu: one that no guest has used since it was made, or reset
 * @record: the record
 * @length: its bytes
 *
 * Threads: any thread; no vCPU may run, and devices must do no DMA.
 * Errors:
 *   -EINVAL: no record, or a malformed one: iommuctl_last_error() names the register with an
 *     impossible value. Or one of another identity: it then has a sentence of
 *     iommuctl_vsmmuv3_identity_compare_exactly()
 *   -EOPNOTSUPP: the record is of a version, or has a section, that this library does not know
 *   -EBUSY: a guest has used the SMMU since its last reset
 *   -EAGAIN: the SMMU continues; commands are left in the queue, for iommuctl_vsmmuv3_process()
 *   -EINTR: a transient error of the kernel, EINTR or EAGAIN
 *   others: those of iommuctl_vsmmuv3_write()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_restore(struct iommuctl_vsmmuv3 *smmu, const void *record, size_t length);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
