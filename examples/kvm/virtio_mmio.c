// SPDX-License-Identifier: MIT
/* A virtio device with memory-mapped registers, version 2. */
#include "virtio_mmio.h"

#define MAGIC_VALUE	    0x000
#define VERSION		    0x004
#define DEVICE_ID	    0x008
#define VENDOR_ID	    0x00c
#define DEVICE_FEATURES	    0x010
#define DEVICE_FEATURES_SEL 0x014
#define DRIVER_FEATURES	    0x020
#define DRIVER_FEATURES_SEL 0x024
#define QUEUE_SEL	    0x030
#define QUEUE_SIZE_MAX	    0x034
#define QUEUE_SIZE	    0x038
#define QUEUE_READY	    0x044
#define QUEUE_NOTIFY	    0x050
#define INTERRUPT_STATUS    0x060
#define INTERRUPT_ACK	    0x064
#define STATUS		    0x070
#define QUEUE_DESC_LOW	    0x080
#define QUEUE_DESC_HIGH	    0x084
#define QUEUE_DRIVER_LOW    0x090
#define QUEUE_DRIVER_HIGH   0x094
#define QUEUE_DEVICE_LOW    0x0a0
#define QUEUE_DEVICE_HIGH   0x0a4
#define SHM_LENGTH_LOW	    0x0b0
#define SHM_LENGTH_HIGH	    0x0b4
#define CONFIG_GENERATION   0x0fc
#define CONFIG		    0x100

#define MAGIC	      0x74726976u /* "virt" */
#define THIS_VERSION  2u
#define THIS_VENDOR   0x49434f49u /* unregistered: "IOCI" */
#define NO_SHM_REGION 0xffffffffu

#define INTERRUPT_USED	 1u
#define INTERRUPT_CONFIG 2u

#define STATUS_DRIVER_OK   0x04u
#define STATUS_FEATURES_OK 0x08u
#define STATUS_NEEDS_RESET 0x40u
#define STATUS_FAILED	   0x80u
/* Bits that a driver may set. */
#define STATUS_DRIVER 0x8fu

#define F_VERSION_1 (UINT64_C(1) << 32)

void virtio_mmio_init(struct virtio_mmio *mmio, const struct vm *vm,
	const struct virtio_mmio_kind *kind, void *device, unsigned int spi)
{
	*mmio = (struct virtio_mmio){ .vm = vm, .kind = kind, .device = device, .spi = spi };
}

/* The line is high while an interrupt is unacknowledged. A failure to set it is reported. */
static void set_interrupts(struct virtio_mmio *mmio, uint32_t interrupts)
{
	const bool before = mmio->interrupts;

	mmio->interrupts = interrupts;
	if (before != (bool)interrupts)
		(void)vm_set_irq(mmio->vm, mmio->spi, interrupts);
}

void virtio_mmio_config_changed(struct virtio_mmio *mmio)
{
	mmio->generation++;
	if (mmio->status & STATUS_DRIVER_OK)
		set_interrupts(mmio, mmio->interrupts | INTERRUPT_CONFIG);
}

void virtio_mmio_needs_reset(struct virtio_mmio *mmio)
{
	mmio->status |= STATUS_NEEDS_RESET;
	if (mmio->status & STATUS_DRIVER_OK)
		set_interrupts(mmio, mmio->interrupts | INTERRUPT_CONFIG);
}

struct virtqueue *virtio_mmio_get_queue(struct virtio_mmio *mmio, unsigned int queue)
{
	const uint32_t stopped = STATUS_NEEDS_RESET | STATUS_FAILED;

	if ((mmio->status & (STATUS_DRIVER_OK | stopped)) != STATUS_DRIVER_OK)
		return NULL;
	return queue < VIRTIO_MMIO_QUEUES && mmio->queues[queue].ready
		       ? &mmio->queues[queue]
		       : NULL;
}

void virtio_mmio_used(struct virtio_mmio *mmio, unsigned int queue)
{
	if (virtqueue_wants_interrupt(mmio->vm, &mmio->queues[queue]))
		set_interrupts(mmio, mmio->interrupts | INTERRUPT_USED);
}

static uint64_t get_features(const struct virtio_mmio *mmio)
{
	return mmio->kind->get_features(mmio->device) | F_VERSION_1;
}

static uint32_t half_of(uint64_t value, uint32_t half)
{
	if (half > 1)
		return 0;
	return (uint32_t)(value >> (32 * half));
}

static void set_half(uint64_t *value, uint32_t half, uint32_t bits)
{
	const unsigned int shift = 32 * half;

	if (half <= 1)
		*value = (*value & ~(UINT64_C(0xffffffff) << shift)) | (uint64_t)bits << shift;
}

static void reset(struct virtio_mmio *mmio)
{
	const uint32_t generation = mmio->generation;

	set_interrupts(mmio, 0);
	virtio_mmio_init(mmio, mmio->vm, mmio->kind, mmio->device, mmio->spi);
	mmio->generation = generation;
	if (mmio->kind->reset(mmio->device))
		virtio_mmio_needs_reset(mmio);
}

/* Drivers without VERSION_1 are refused: their rings may have another byte order. */
static bool features_are_ok(struct virtio_mmio *mmio)
{
	const uint64_t features = mmio->driver_features;

	if (!(features & F_VERSION_1) || (features & ~get_features(mmio)))
		return false;
	return !mmio->kind->accept(mmio->device, features);
}

static void notify(struct virtio_mmio *mmio, uint32_t queue)
{
	if (virtio_mmio_get_queue(mmio, queue))
		mmio->kind->notify(mmio->device, queue);
}

/* A bit stays set until the driver resets the device. */
static void write_status(struct virtio_mmio *mmio, uint32_t value)
{
	uint32_t added = value & STATUS_DRIVER & ~mmio->status;

	if (!value) {
		reset(mmio);
		return;
	}
	if ((added & STATUS_FEATURES_OK) && !features_are_ok(mmio))
		added &= ~STATUS_FEATURES_OK;
	/* No virtqueue is served until the features are agreed. */
	if (!((mmio->status | added) & STATUS_FEATURES_OK))
		added &= ~STATUS_DRIVER_OK;
	mmio->status |= added;
	for (unsigned int i = 0; i < VIRTIO_MMIO_QUEUES && (added & STATUS_DRIVER_OK); i++)
		notify(mmio, i);
}

static void write_ready(struct virtio_mmio *mmio, struct virtqueue *queue, uint32_t value)
{
	if (!value)
		queue->ready = false;
	else if (!queue->ready && !virtqueue_start(mmio->vm, queue))
		virtio_mmio_needs_reset(mmio);
}

/* A virtqueue cannot move while it is ready. */
static void write_queue(struct virtio_mmio *mmio, uint64_t offset, uint32_t value)
{
	struct virtqueue *queue = &mmio->queues[mmio->selected];

	if (offset == QUEUE_READY) {
		write_ready(mmio, queue, value);
		return;
	}
	if (queue->ready)
		return;
	switch (offset) {
	case QUEUE_SIZE: queue->size = value; break;
	case QUEUE_DESC_LOW: set_half(&queue->descriptors, 0, value); break;
	case QUEUE_DESC_HIGH: set_half(&queue->descriptors, 1, value); break;
	case QUEUE_DRIVER_LOW: set_half(&queue->driver, 0, value); break;
	case QUEUE_DRIVER_HIGH: set_half(&queue->driver, 1, value); break;
	case QUEUE_DEVICE_LOW: set_half(&queue->device, 0, value); break;
	case QUEUE_DEVICE_HIGH: set_half(&queue->device, 1, value); break;
	default: break;
	}
}

static void write_register(struct virtio_mmio *mmio, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case DEVICE_FEATURES_SEL: mmio->device_features_half = value; break;
	case DRIVER_FEATURES_SEL: mmio->driver_features_half = value; break;
	case DRIVER_FEATURES:
		if (!(mmio->status & STATUS_FEATURES_OK))
			set_half(&mmio->driver_features, mmio->driver_features_half, value);
		break;
	case QUEUE_SEL: mmio->selected = value; break;
	case QUEUE_NOTIFY: notify(mmio, value); break;
	case INTERRUPT_ACK: set_interrupts(mmio, mmio->interrupts & ~value); break;
	case STATUS: write_status(mmio, value); break;
	default:
		if (mmio->selected < VIRTIO_MMIO_QUEUES)
			write_queue(mmio, offset, value);
		break;
	}
}

static uint32_t read_register(const struct virtio_mmio *mmio, uint64_t offset)
{
	const bool there = mmio->selected < VIRTIO_MMIO_QUEUES;

	switch (offset) {
	case MAGIC_VALUE: return MAGIC;
	case VERSION: return THIS_VERSION;
	case DEVICE_ID: return mmio->kind->device_id;
	case VENDOR_ID: return THIS_VENDOR;
	case DEVICE_FEATURES: return half_of(get_features(mmio), mmio->device_features_half);
	case QUEUE_SIZE_MAX: return there ? VIRTQUEUE_MAX_SIZE : 0;
	case QUEUE_READY: return there && mmio->queues[mmio->selected].ready;
	case INTERRUPT_STATUS: return mmio->interrupts;
	case STATUS: return mmio->status;
	case SHM_LENGTH_LOW:
	case SHM_LENGTH_HIGH: return NO_SHM_REGION;
	case CONFIG_GENERATION: return mmio->generation;
	default: return 0;
	}
}

/* Registers have 32 bits; other access sizes are invalid. */
static bool is_register(uint64_t offset, unsigned int size)
{
	return size == sizeof(uint32_t) && offset % sizeof(uint32_t) == 0;
}

bool virtio_mmio_read(struct virtio_mmio *mmio, uint64_t offset, unsigned int size, uint64_t *value)
{
	if (offset < CONFIG) {
		if (!is_register(offset, size))
			return false;
		*value = read_register(mmio, offset);
		return true;
	}
	*value = 0;
	return !mmio->kind->read_config(mmio->device, offset - CONFIG, value, size);
}

bool virtio_mmio_write(struct virtio_mmio *mmio, uint64_t offset, unsigned int size, uint64_t value)
{
	if (offset < CONFIG) {
		if (!is_register(offset, size))
			return false;
		write_register(mmio, offset, (uint32_t)value);
		return true;
	}
	(void)mmio->kind->write_config(mmio->device, offset - CONFIG, &value, size);
	return true;
}
