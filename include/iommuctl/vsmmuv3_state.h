/* SPDX-License-Identifier: MIT */
/*
 * The state of a guest's SMMU as a record, by which another SMMU goes on: in another process, or
 * later.
 *
 * The record has what the guest could see. What the SMMU is made of it has not: the new one is made
 * with the same identity, and the VMM gives it the devices and the guest's memory. Devices may be
 * added before or after iommuctl_vsmmuv3_restore(), with the same result; until both were done they
 * do no DMA, and no vCPU runs.
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
 * The sections of IDENTITY, REGISTERS and PENDING are there, and have the sizes that come of what
 * is said here. A later version of the library may add others. One with
 * IOMMUCTL_VSMMUV3_STATE_IGNORABLE says something that an older one need not know; one without is
 * refused by those that do not know it.
 *
 * IDENTITY, 4 bytes each: IDR0 to IDR5, IIDR, AIDR.
 *
 * REGISTERS, 8 bytes each: CR0, CR0ACK, CR1, CR2, GBPA, IRQ_CTRL, GERROR, GERRORN, GERROR_IRQ_CFG0,
 * GERROR_IRQ_CFG1, GERROR_IRQ_CFG2, STRTAB_BASE, STRTAB_BASE_CFG, CMDQ_BASE, CMDQ_PROD, CMDQ_CONS,
 * EVENTQ_BASE, EVENTQ_IRQ_CFG0, EVENTQ_IRQ_CFG1, EVENTQ_IRQ_CFG2, EVENTQ_PROD, EVENTQ_CONS. Each is
 * as the guest would read it: CR0 other than CR0ACK, or GBPA.UPDATE, is an update that goes on;
 * CMDQ_CONS has ERR; GERROR and GERRORN say which errors the guest has still before it. IRQ_CTRLACK
 * is IRQ_CTRL.
 *
 * PENDING is what the VMM was not told of yet, which is nothing between two calls:
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
 * @IOMMUCTL_VSMMUV3_STATE_VERSION: of what iommuctl_vsmmuv3_save() writes
 * @IOMMUCTL_VSMMUV3_STATE_SIZE: bytes that are enough for it
 *
 * Since: 0.1
 */
#define IOMMUCTL_VSMMUV3_STATE_VERSION 1
#define IOMMUCTL_VSMMUV3_STATE_SIZE    512

/*
 * What a section of a record is about.
 *
 * @IOMMUCTL_VSMMUV3_STATE_IDENTITY: what the guest is shown
 * @IOMMUCTL_VSMMUV3_STATE_REGISTERS: registers
 * @IOMMUCTL_VSMMUV3_STATE_PENDING: what the VMM was not told of yet
 * @IOMMUCTL_VSMMUV3_STATE_IGNORABLE: beside the number of one that a reader may do without
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
 * Events of the physical SMMU that wait are moved into the guest's event queue first, as
 * iommuctl_vsmmuv3_deliver_events() does it: save the guest's memory after this. Save the state of
 * interrupt controllers after it, too. The SMMU stays as it is, and may go on.
 *
 * @record: out: the record
 * @size: bytes of @record
 * @length: out, on success and for -ENOSPC: bytes of the record
 *
 * Threads: any thread; no vCPU runs, and devices do no DMA.
 * Errors:
 *   -EINVAL: no @record or @length
 *   -ENOSPC: the record does not fit @size
 *   -EBUSY: events do not come to an end: a device goes on with DMA
 *   others: those of iommuctl_event_reader_next()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_save(struct iommuctl_vsmmuv3 *smmu, void *record, size_t size, size_t *length);

/*
 * Has a new SMMU go on where the one of a record was.
 *
 * What registers say is in force as if the guest had just written them: the stream table, the
 * queues with their indices, and updates that went on. Commands that were left in the queue are
 * carried out as by iommuctl_vsmmuv3_process(). Where there are events in the queue or errors that
 * the guest has not acknowledged, it gets the interrupt for them, perhaps a second time.
 *
 * The record may be anybody's: all of it is checked before anything changes, and what an SMMU of
 * that identity could never have said is refused. No @record, one that is none, and a guest that
 * has used the SMMU, leave that as it is. After any other failure it is as after
 * iommuctl_vsmmuv3_reset(), with its devices, and the call may be made again. EAGAIN is none, and
 * leaves none in iommuctl_last_error().
 *
 * @smmu: one that no guest has used since it was made, or reset
 * @record: the record
 * @length: its bytes
 *
 * Threads: any thread; no vCPU runs, and devices do no DMA.
 * Errors:
 *   -EINVAL: no record, or one that is broken; iommuctl_last_error() has the name of the register
 *     that cannot be so. Or one of another identity: it then has a sentence of
 *     iommuctl_vsmmuv3_identity_compare_exactly()
 *   -EOPNOTSUPP: the record is of a version, or has a section, that this library does not know
 *   -EBUSY: a guest has used the SMMU since its last reset
 *   -EAGAIN: the SMMU goes on; commands are left in the queue, for iommuctl_vsmmuv3_process()
 *   -EINTR: the kernel refused something for a while, be it by EINTR or by EAGAIN
 *   others: those of iommuctl_vsmmuv3_write()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_restore(struct iommuctl_vsmmuv3 *smmu, const void *record, size_t length);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
