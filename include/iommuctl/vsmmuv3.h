/* SPDX-License-Identifier: MIT */
/*
 * The SMMUv3 that a guest sees, as one object to embed in a VMM: registers, queues and interrupts.
 *
 * It owns a nest. The VMM passes on each access to the two register pages and receives interrupts.
 * The physical SMMU translates for passed-through devices. The guest's commands run in the thread
 * that writes a register: CMDQ_PROD, or another one that lets the queue continue (CR0, GERRORN).
 * Events of the physical SMMU reach the guest's event queue when the VMM calls
 * iommuctl_vsmmuv3_deliver_events().
 *
 * A bad STE of the guest makes its device abort, without an event of the physical SMMU. The guest
 * gets the event (C_BAD_STE, F_STE_FETCH) once, when its SMMU has read the STE: as CR0 enables the
 * SMMU, or for CFGI_STE. It also gets one for a StreamID without an STE that CFGI_STE names
 * (C_BAD_STREAMID, if CR2.RECINVSID asks for it). An STE that is not valid yet (V) causes no event.
 *
 * A guest may write any value to any register, in any order and from any vCPU. The cost of one
 * write is bounded: one run of the command queue (see iommuctl_cmdq_consume()) and, for CR0 and
 * GBPA, an STE read and an attachment for each device.
 *
 * Transient errors of the kernel lose nothing: the guest sees that its write is not done yet
 * (CR0ACK, GBPA.UPDATE, CMDQ_CONS), and the VMM continues with iommuctl_vsmmuv3_process().
 *
 * @smmu: the SMMU that the guest sees
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: any thread, several at once. Registers are read without a lock; everything else takes
 *   one lock, so that a write waits for those of other vCPUs. With a recorder, a read waits as
 *   well.
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
 * @IOMMUCTL_VSMMUV3_QUEUE_LOG2SIZE_MAX: the largest IDR1.CMDQS and EVENTQS
 * @IOMMUCTL_VSMMUV3_EVENT_DEPTH_DEFAULT: the default number of events that wait in the kernel
 * @IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE: the most that one call moves to the guest's event queue
 * @IOMMUCTL_VSMMUV3_TRANSLATIONS_DEFAULT: the default number of cached translations of emulated
 *   devices
 * @IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX: the largest such number
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
 * All are edges. An interrupt for which the guest has set an MSI address is sent as an MSI, without
 * an edge: if an SMMU has both, the architecture wants both, but guests use one, and each costs an
 * exit.
 *
 * @IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ: the event queue is no longer empty (section 3.18.2), or it is
 *   not empty as the guest enables the interrupt
 * @IOMMUCTL_VSMMUV3_INTERRUPT_CMDQ_SYNC: a CMD_SYNC that asked for it is complete
 * @IOMMUCTL_VSMMUV3_INTERRUPT_GERROR: GERROR has changed
 * @IOMMUCTL_VSMMUV3_INTERRUPTS: their number
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
 * What the SMMU needs from its VMM.
 *
 * The functions run in the calling thread, with the SMMU's lock held: of this SMMU they may only
 * read registers, which already have the values that the guest will see. @data is that of the
 * configuration.
 *
 * @interrupt: a wired interrupt; NULL: see irq_fds
 * @msi: a write of 32 bits to an address that is not guest memory; NULL: the guest is shown no MSIs
 *   (IDR0.MSI)
 * @send_event: a CMD_SYNC asked for an event, or the command queue is no longer full: wakes the
 *   vCPUs that wait for an event; NULL: the guest is shown none (IDR0.SEV)
 *
 * Since: 0.1
 */
struct iommuctl_vsmmuv3_ops {
	void (*interrupt)(enum iommuctl_vsmmuv3_interrupt interrupt, void *data);
	void (*msi)(uint64_t address, uint32_t msi_data, void *data);
	void (*send_event)(void *data);
};

/*
 * The configuration of a guest's SMMU.
 *
 * @iommufd, @ioas_id, @dev_id: as in struct iommuctl_nest_config
 * @memory: guest memory; borrowed, and it changes only while no other function of the SMMU runs
 * @identity: what the guest is shown; no more than the physical SMMU has. Features that nothing
 *   implements are left out: stage 2, PRI, ATOS, stalls, and those for which @ops has no function.
 * @ops: copied
 * @data: passed to @ops
 * @irq_fds: eventfds of the wired interrupts, by enum iommuctl_vsmmuv3_interrupt, where @ops has no
 *   function for them; -1, or NULL for all: none. The descriptors are borrowed.
 * @abort: GBPA.ABORT after a reset: no DMA gets through until the guest enables its SMMU
 * @event_depth: events that wait in the kernel; 0: IOMMUCTL_VSMMUV3_EVENT_DEPTH_DEFAULT
 * @budget: of the command queue: see struct iommuctl_cmdq
 * @batch, @fold, @fold_granule: see struct iommuctl_relay_config
 * @recorder: gets a log of every access; copied. NULL: no log
 * @translations: the most translations to cache for emulated devices: see vsmmuv3_translate.h; 0:
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
 * @config: the configuration, copied except for what is borrowed
 * @smmu: out: the SMMU
 *
 * Ownership: the caller frees *@smmu with iommuctl_vsmmuv3_free(), before @ctx, the iommufd, the
 *   IOAS and the guest's memory.
 * Errors:
 *   -EINVAL: no @config or @smmu, no memory, identity or ops in it, or more translations than
 *     IOMMUCTL_VSMMUV3_TRANSLATIONS_MAX
 *   -ENOMEM: no memory
 *   -EAGAIN: the process cannot have more locks
 *   others: those of iommuctl_nest_new()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_new(struct iommuctl *ctx, const struct iommuctl_vsmmuv3_config *config,
	struct iommuctl_vsmmuv3 **smmu);

/*
 * Frees a guest's SMMU, and its nest with it.
 *
 * @smmu: the SMMU; NULL is allowed
 *
 * Ownership: the pointer is no longer valid; devices stay the caller's.
 * Threads: no other thread may use @smmu.
 * Since: 0.1
 */
void iommuctl_vsmmuv3_free(struct iommuctl_vsmmuv3 *smmu);

/*
 * Reads a register for the guest.
 *
 * It takes no lock, unless there is a recorder, and makes no call. Registers are read with 32 bits;
 * 64-bit registers, and two adjacent 32-bit registers, also with 64. Anything else reads as zero.
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
 * Writes to unknown registers, of another size, or to registers that are currently read-only are
 * ignored. In any other case the register has the value, whatever this returns; an error says that
 * work is left, with which iommuctl_vsmmuv3_process() continues.
 *
 * EAGAIN is caused by the guest, and leaves no failure in iommuctl_last_error(), unless it comes
 * from the kernel: iommuctl_vsmmuv3_process() continues in both cases.
 *
 * @offset: from the first of the two pages
 * @size: bytes
 * @value: the value
 *
 * Errors:
 *   -EAGAIN: commands are left in the queue, as one write costs no more than the budget
 *   others: those of iommuctl_nest_set_stream_table() and, except its own -EIO and -EBUSY, of
 *     iommuctl_cmdq_consume(); after a reset that could not drop all events, those of reading them
 * Since: 0.1
 */
int iommuctl_vsmmuv3_write(
	struct iommuctl_vsmmuv3 *smmu, uint64_t offset, unsigned int size, uint64_t value);

/*
 * Puts a passed-through device behind the guest's SMMU; the guest may be running.
 *
 * It is attached at once, as by iommuctl_nest_add_device().
 *
 * @device: the file descriptor of the device, bound to the iommufd
 * @dev_id: its id in the iommufd
 * @sid: its StreamID, unique among passed-through devices
 *
 * Ownership: @device stays the caller's, who keeps it open until the device is removed.
 * Errors:
 *   -EINVAL: a StreamID with more bits than IDR1.SIDSIZE, or as for iommuctl_nest_add_device()
 *   -ENOMEM: no memory
 *   others: those of iommuctl_nest_add_device()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_add_device(
	struct iommuctl_vsmmuv3 *smmu, int device, uint32_t dev_id, uint32_t sid);

/*
 * Removes a passed-through device, which is then attached to nothing; the guest may be running.
 *
 * The guest's STE for its StreamID stays in guest memory.
 *
 * @sid: its StreamID
 *
 * Errors:
 *   -ENOENT: no passed-through device has @sid (perhaps no longer, after a failed call)
 *   others: those of iommuctl_nest_remove_device()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_remove_device(struct iommuctl_vsmmuv3 *smmu, uint32_t sid);

/*
 * Resets the SMMU, for a reset of the guest's machine.
 *
 * All registers get their initial values, GBPA decides about DMA, and waiting events are dropped.
 * Devices stay. No vCPU may run meanwhile.
 *
 * Errors:
 *   others: those of iommuctl_nest_set_stream_table(): the registers are reset, and
 *     iommuctl_vsmmuv3_process() continues; call it before the guest runs again. Those of
 *     iommuctl_event_reader_next() except -EAGAIN and -EPROTO: waiting events may still be there;
 *     everything else is reset, and the next guest gets no event before process() has dropped them
 * Since: 0.1
 */
int iommuctl_vsmmuv3_reset(struct iommuctl_vsmmuv3 *smmu);

/*
 * Continues the work that register writes left, as much at a time as one write would do.
 *
 * A VMM calls it until it returns 0, between its other work, so that neither the vCPU that wrote
 * nor those that wait for the lock are delayed for long. If there is no work, it does nothing.
 *
 * Errors:
 *   others: those of iommuctl_vsmmuv3_write()
 * Since: 0.1
 */
int iommuctl_vsmmuv3_process(struct iommuctl_vsmmuv3 *smmu);

/*
 * Gets a file descriptor that is readable when the physical SMMU has events for the guest.
 *
 * Ownership: it stays the SMMU's; only poll it.
 * Returns: the file descriptor.
 * Since: 0.1
 */
int iommuctl_vsmmuv3_get_event_fd(const struct iommuctl_vsmmuv3 *smmu);

/*
 * Forwards all events of the physical SMMU that are read from now on to watchers.
 *
 * They are forwarded as from the kernel: with the guest's StreamIDs, and whether or not the guest's
 * queue has room for them. Events of iommuctl_vsmmuv3_translate() are not included.
 *
 * @tap: the tap, which is used where events are read: by iommuctl_vsmmuv3_deliver_events(), and by
 *   functions that reset, save or restore the SMMU or continue a reset; NULL: no watchers
 * @queue: the queue's name for watchers: letters, digits and ".:_-"
 *
 * Ownership: @tap and @queue must last until the SMMU is given others, or freed.
 * Since: 0.1
 */
void iommuctl_vsmmuv3_tap_events(
	struct iommuctl_vsmmuv3 *smmu, struct iommuctl_event_tap *tap, const char *queue);

/*
 * Moves events of the physical SMMU into the guest's event queue.
 *
 * It moves those that wait, up to IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE, without blocking.
 *
 * An event is lost if the queue is disabled or full, or its memory is missing (EVENTQ_ABT_ERR).
 * When the queue is full, OVFLG changes, as it does when the kernel had no room for events; neither
 * is an interrupt.
 *
 * A CMD_SYNC does not wait for this: earlier events may reach the guest after the CMD_SYNC, unlike
 * in hardware (section 4.7.3), because the kernel delivers them in its own time and a tap has one
 * thread. To keep the delay short, call this as soon as the descriptor of
 * iommuctl_vsmmuv3_get_event_fd() is readable.
 *
 * Errors:
 *   -EAGAIN: there may be more: call it again. This leaves no failure in iommuctl_last_error()
 *   others: those of iommuctl_event_reader_next(): events read before the error have been moved
 * Since: 0.1
 */
int iommuctl_vsmmuv3_deliver_events(struct iommuctl_vsmmuv3 *smmu);

/*
 * Counters of an SMMU since it was made.
 *
 * @writes: writes to registers that a guest may write
 * @syncs: completed CMD_SYNCs
 * @interrupts: interrupts sent: edges, eventfds and MSIs
 * @errors: changes of GERROR
 * @events: events that reached the guest's event queue
 * @events_lost: events that did not, as the queue was disabled or full, or its memory missing
 * @events_missed: events that the kernel had no room for
 * @relay: the counters of the relay, read under the SMMU's lock
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
 * Ownership: the nest stays the SMMU's; only the SMMU changes it.
 * Threads: use the nest only while no other function of the SMMU runs.
 * Returns: the nest; never NULL.
 * Since: 0.1
 */
struct iommuctl_nest *iommuctl_vsmmuv3_get_nest(struct iommuctl_vsmmuv3 *smmu);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
