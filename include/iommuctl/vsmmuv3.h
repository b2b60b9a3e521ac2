/* SPDX-License-Identifier: MIT */
/*
 * The SMMUv3 that a guest sees, as one object to embed in a VMM: registers, queues and interrupts.
 *
 * It owns a nest. The VMM hands over each access to the two register pages, and what comes out are
 * interrupts. Devices that are passed through are translated by the physical SMMU. The guest's
 * commands run in the thread that writes a register: CMDQ_PROD, or another one that lets the queue
 * go on (CR0, GERRORN). Events of the physical SMMU come to the guest's event queue when the VMM
 * calls iommuctl_vsmmuv3_deliver_events().
 *
 * An STE of the guest that is broken makes its device abort, and the physical SMMU has no event for
 * that. The guest gets it (C_BAD_STE, F_STE_FETCH) once, when its SMMU has read the STE: as CR0
 * enables the SMMU, or for CFGI_STE. So it does for a StreamID without an STE (C_BAD_STREAMID,
 * where CR2.RECINVSID asks for it) that CFGI_STE names. An STE that is not valid yet (V) has none.
 *
 * A guest may write any value to any register, in any order and from any vCPU. What one write may
 * cost is bounded: one run of the command queue (see iommuctl_cmdq_consume()) and, for CR0 and
 * GBPA, an STE read and an attachment for each device.
 *
 * What the kernel refuses for a while is not lost: the guest sees that its write is not done yet
 * (CR0ACK, GBPA.UPDATE, CMDQ_CONS), and the VMM goes on with iommuctl_vsmmuv3_process().
 *
 * @smmu: the SMMU that the guest sees
 *
 * Ownership: what a function is given stays the caller's and is not used once it has returned.
 * Threads: any thread, several at once. Registers are read without a lock; all else has one
 *   lock, so that a write waits for those of other vCPUs. With a recorder, a read waits as well.
 * Source: Arm IHI 0070, chapter 6 (registers), sections 3.5 (queues), 3.18 (interrupts), 4.7.3
 *   (CMD_SYNC).
 */
#ifndef IOMMUCTL_VSMMUV3_H
#define IOMMUCTL_VSMMUV3_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/event_tap.h>
#include <iommuctl/guest_memory.h>
#include <iommuctl/nest.h>
#include <iommuctl/vsmmuv3_identity.h>
#include <iommuctl/vsmmuv3_record.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct iommuctl_vsmmuv3;

/*
 * Sizes.
 *
 * @IOMMUCTL_VSMMUV3_MMIO_SIZE: bytes of the two register pages, 64 KiB each
 * @IOMMUCTL_VSMMUV3_QUEUE_LOG2SIZE_MAX: IDR1.CMDQS and EVENTQS go no further
 * @IOMMUCTL_VSMMUV3_EVENT_DEPTH_DEFAULT: events that wait in the kernel, if nothing else is said
 * @IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE: the most that one call moves to the guest's event queue
 * @IOMMUCTL_VSMMUV3_TRANSLATIONS_DEFAULT: of emulated devices, kept if nothing else is said
 * @IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX: that can be kept
 *
 * Since: 0.1
 */
#define IOMMUCTL_VSMMUV3_MMIO_SIZE	      0x20000
#define IOMMUCTL_VSMMUV3_QUEUE_LOG2SIZE_MAX   19
#define IOMMUCTL_VSMMUV3_EVENT_DEPTH_DEFAULT  1024
#define IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE	      64
#define IOMMUCTL_VSMMUV3_TRANSLATIONS_DEFAULT 1024
#define IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX     32768

/*
 * The wired interrupts.
 *
 * All are edges. What the guest gave an address for an MSI has its MSI instead, and no edge: of an
 * SMMU that has both the architecture wants both, but guests use one, and each costs an exit.
 *
 * @IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ: the event queue is no longer empty (section 3.18.2), or it is
 *   not empty as the guest enables the interrupt
 * @IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC: a CMD_SYNC that asked for it is complete
 * @IOMMUCTL_VSMMUV3_INTERRUPT_GERROR: GERROR has changed
 * @IOMMUCTL_VSMMUV3_INTERRUPTS: how many there are
 *
 * Since: 0.1
 */
enum iommuctl_vsmmuv3_interrupt {
	IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ,
	IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC,
	IOMMUCTL_VSMMUV3_INTERRUPT_GERROR,
	IOMMUCTL_VSMMUV3_INTERRUPTS,
};

/*
 * What the SMMU asks of its VMM.
 *
 * The functions run in the thread that called, with the SMMU's lock held: of this SMMU they may
 * read registers, and call nothing else. Registers are as the guest is to find them. @data is that
 * of the configuration.
 *
 * @interrupt: a wired interrupt; NULL: see irq_fds
 * @msi: a write of 32 bits to an address that is not guest memory; NULL: the guest is shown no MSIs
 *   (IDR0.MSI)
 * @send_event: a CMD_SYNC asked for an event, or the command queue was full and is not any more:
 *   wakes the vCPUs that wait for one; NULL: the guest is shown none (IDR0.SEV)
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_ops {
	void (*interrupt)(enum iommuctl_vsmmuv3_interrupt interrupt, void *data);
	void (*msi)(uint64_t address, uint32_t msi_data, void *data);
	void (*send_event)(void *data);
};

/*
 * What a guest's SMMU is made of.
 *
 * @iommufd, @ioas_id, @dev_id: as of struct iommuctl_nest_config
 * @memory: guest memory; borrowed, and it changes only while no other function of the SMMU runs
 * @identity: what the guest is shown; no more than the physical SMMU has. What there is nobody to
 *   answer for is left out: stage 2, PRI, ATOS, stalls, and what @ops has no function for.
 * @ops: copied
 * @data: handed to @ops as it is
 * @irq_fds: eventfds of the wired interrupts, by enum iommuctl_vsmmuv3_interrupt, where @ops has no
 *   function for them; -1, or NULL for all: none. The descriptors are borrowed.
 * @abort: GBPA.ABORT after a reset: no DMA gets through until the guest enables its SMMU
 * @event_depth: events that wait in the kernel; 0: IOMMUCTL_VSMMUV3_EVENT_DEPTH_DEFAULT
 * @budget: of the command queue: see struct iommuctl_cmdq
 * @batch, @fold, @fold_granule: see struct iommuctl_relay_config
 * @recorder: gets a log of all that comes; copied. NULL: nobody wants one
 * @translations: of emulated devices, that are kept at most: see vsmmuv3_translate.h; 0:
 *   IOMMUCTL_VSMMUV3_TRANSLATIONS_DEFAULT
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_config {
	int iommufd;
	uint32_t ioas_id;
	uint32_t dev_id;
	const struct iommuctl_guest_memory *memory;
	const struct iommuctl_vsmmuv3_identity *identity;
	const struct iommuctl_vsmmuv3_ops *ops;
	void *data;
	const int *irq_fds;
	bool abort;
	uint32_t event_depth;
	uint32_t budget;
	uint32_t batch;
	bool fold;
	uint32_t fold_granule;
	const struct iommuctl_vsmmuv3_recorder *recorder;
	uint32_t translations;
};

/*
 * Creates a guest's SMMU, as after a reset and without devices.
 *
 * @ctx: the context; borrowed, it outlives the SMMU
 * @config: what it is made of, copied but for what is borrowed
 * @smmu: out: the SMMU
 *
 * Ownership: the caller frees *@smmu with iommuctl_vsmmuv3_free(), before @ctx, the iommufd, the
 *   IOAS and the guest's memory.
 * Errors:
 *   -EINVAL: no @config or @smmu, no memory, identity or ops in it, or more translations than
 *     IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX
 *   -ENOMEM: no memory
 *   -EAGAIN: the process can have no more locks
 *   others: those of iommuctl_nest_new()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_new(struct iommuctl *ctx, const struct iommuctl_vsmmuv3_config *config,
	struct iommuctl_vsmmuv3 **smmu);

/*
 * Ends a guest's SMMU, and its nest with it.
 *
 * @smmu: the SMMU; NULL is allowed
 *
 * Ownership: the pointer is no longer valid; devices stay the caller's.
 * Threads: no other thread uses @smmu any more.
 * Since: 0.1
 */
void iommuctl_vsmmuv3_free(struct iommuctl_vsmmuv3 *smmu);

/*
 * Reads a register for the guest.
 *
 * It takes no lock, unless there is a recorder, and makes no call. Registers are read by 32 bits,
 * those of 64 bits also by 64, as are two of 32 side by side; all else reads as zero.
 *
 * @offset: from the first of the two pages
 * @size: bytes
 *
 * Returns: the value.
 * Since: 0.1
 */
uint64_t iommuctl_vsmmuv3_read(
	const struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size);

/*
 * Writes a register for the guest.
 *
 * Writes to what is not there, of another size, or to what is read-only at present are ignored. In
 * any other case the register has the value, whatever this returns; an error says that there is
 * something left to do about it, with which iommuctl_vsmmuv3_process() goes on.
 *
 * EAGAIN is the guest's doing, and leaves no failure in iommuctl_last_error(), unless it is the
 * kernel's: what goes on with it is the same.
 *
 * @offset: from the first of the two pages
 * @size: bytes
 * @value: the value
 *
 * Errors:
 *   -EAGAIN: commands are left in the queue, as one write costs no more than the budget
 *   others: those of iommuctl_nest_set_stream_table() and, but for its own -EIO and -EBUSY, of
 *     iommuctl_cmdq_consume(); after a reset that could not drop all events, those of reading them
 * Since: 0.1
 */
int iommuctl_vsmmuv3_write(
	struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size, uint64_t value);

/*
 * Puts a passed-through device behind the guest's SMMU, also while the guest runs.
 *
 * It is attached at once, as iommuctl_nest_add_device() does it.
 *
 * @device: the file descriptor of the device, bound to the iommufd
 * @dev_id: what names it there
 * @sid: its StreamID, which no other passed-through device has
 *
 * Ownership: @device stays the caller's, and open until the device was removed.
 * Errors:
 *   -EINVAL: a StreamID of more bits than IDR1.SIDSIZE says, or those of iommuctl_nest_add_device()
 *   -ENOMEM: no memory
 *   others: those of iommuctl_nest_add_device()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_add_device(
	struct iommuctl_vsmmuv3 *smmu, int device, uint32_t dev_id, uint32_t sid);

/*
 * Takes a passed-through device out, also while the guest runs; it is then attached to nothing.
 *
 * What the guest has for its StreamID stays where it is, in guest memory.
 *
 * @sid: its StreamID
 *
 * Errors:
 *   -ENOENT: no passed-through device has @sid: perhaps no longer, after a call that failed
 *   others: those of iommuctl_nest_remove_device()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_remove_device(struct iommuctl_vsmmuv3 *smmu, uint32_t sid);

/*
 * Resets the SMMU, as the guest's machine is reset.
 *
 * All registers are as they were at first, DMA is as GBPA has it then, and events that wait are
 * gone. Devices stay. No vCPU runs meanwhile.
 *
 * Errors:
 *   others: those of iommuctl_nest_set_stream_table(): the guest finds the registers reset, and
 *     iommuctl_vsmmuv3_process() goes on, which is due before the guest runs again. Those of
 *     iommuctl_event_reader_next() but -EAGAIN and -EPROTO: events that wait may still be there;
 *     all else is reset, and no event comes to the next guest before process() has dropped them
 * Since: 0.1
 */
int iommuctl_vsmmuv3_reset(struct iommuctl_vsmmuv3 *smmu);

/*
 * Goes on with what writes have left to do, as far as one of them would.
 *
 * A VMM calls it until it returns 0, between its other work, so that neither the vCPU that wrote
 * nor those that wait for the lock are kept for long. Without anything to do it does nothing.
 *
 * Errors:
 *   others: those of iommuctl_vsmmuv3_write()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_process(struct iommuctl_vsmmuv3 *smmu);

/*
 * Gets what tells that the physical SMMU has events for the guest: it is readable.
 *
 * Ownership: it stays the SMMU's; it is polled, and nothing else.
 * Returns: a file descriptor.
 * Since: 0.1
 */
int iommuctl_vsmmuv3_get_event_fd(const struct iommuctl_vsmmuv3 *smmu);

/*
 * Has all events that are read of the physical SMMU from now on given to those who watch.
 *
 * They are given on as the kernel gave them: with the guest's StreamIDs, and whether the guest's
 * queue has room for them or not. What iommuctl_vsmmuv3_translate() finds is not among them.
 *
 * @tap: the tap, which is used where events are read: by iommuctl_vsmmuv3_deliver_events(), by what
 *   resets, saves or restores the SMMU, and by what goes on with a reset; NULL: nobody watches
 *   any more
 * @queue: what watchers call its queue: letters, digits and ".:_-"
 *
 * Ownership: @tap and @queue live until the SMMU has them no more.
 * Since: 0.1
 */
void iommuctl_vsmmuv3_tap_events(
	struct iommuctl_vsmmuv3 *smmu, struct iommuctl_event_tap *tap, const char *queue);

/*
 * Moves events of the physical SMMU into the guest's event queue.
 *
 * Those that wait are moved, up to IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE of them. It does not block.
 *
 * An event is lost if the queue is disabled or full, or if its memory is not there
 * (EVENTQ_ABT_ERR). When the queue is full, OVFLG changes, and so it does when the kernel had no
 * room for events; neither is an interrupt.
 *
 * A CMD_SYNC does not wait for it: events from before may come to the guest after the CMD_SYNC,
 * which in hardware they do not (section 4.7.3). The kernel hands them over on its own time, and a
 * tap has one thread. A VMM keeps this short by a call as soon as the descriptor of
 * iommuctl_vsmmuv3_get_event_fd() is readable.
 *
 * Errors:
 *   -EAGAIN: there may be more: call it again. It leaves no failure in iommuctl_last_error().
 *   others: those of iommuctl_event_reader_next(): events that were read before have been moved
 * Since: 0.1
 */
int iommuctl_vsmmuv3_deliver_events(struct iommuctl_vsmmuv3 *smmu);

/*
 * What happened since the SMMU was made.
 *
 * @writes: of registers that a guest may write
 * @syncs: CMD_SYNCs that are complete
 * @interrupts: that were sent: edges, eventfds and MSIs
 * @errors: changes of GERROR
 * @events: that came to the guest's event queue
 * @events_lost: that did not, as the queue was disabled or full, or its memory was not there
 * @events_missed: that the kernel had no room for
 * @relay: what came of commands; here, as others may write registers meanwhile
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_counters {
	uint64_t writes;
	uint64_t syncs;
	uint64_t interrupts;
	uint64_t errors;
	uint64_t events;
	uint64_t events_lost;
	uint64_t events_missed;
	struct iommuctl_relay_counters relay;
};

/*
 * Copies the counters of an SMMU.
 *
 * @counters: out: the counters
 *
 * Since: 0.1
 */
void iommuctl_vsmmuv3_get_counters(
	struct iommuctl_vsmmuv3 *smmu, struct iommuctl_vsmmuv3_counters *counters);

/*
 * Gets what the guest is shown.
 *
 * @identity: out: the ID registers
 *
 * Since: 0.1
 */
void iommuctl_vsmmuv3_get_identity(
	const struct iommuctl_vsmmuv3 *smmu, struct iommuctl_vsmmuv3_identity *identity);

/*
 * Gets the nest of an SMMU, for its getters and those of its relay.
 *
 * Ownership: the nest stays the SMMU's, which alone changes it.
 * Threads: the nest is used while no other function of the SMMU runs.
 * Returns: the nest; never NULL.
 * Since: 0.1
 */
struct iommuctl_nest *iommuctl_vsmmuv3_get_nest(struct iommuctl_vsmmuv3 *smmu);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
