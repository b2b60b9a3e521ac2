// SPDX-License-Identifier: MIT
/* An emulated edu device: registers, a buffer with a DMA engine, and an MSI. */
#include "edu.h"

#include <endian.h>
#include <string.h>

#define VENDOR	     0x1234u
#define DEVICE	     0x11e8u
#define CLASS	     0x00ff00u /* no class */
#define REVISION     0x10u
#define CAPABILITIES 0x40u
#define REGISTERS    UINT64_C(0x100000)

/* The MSI capability: with an address of 64 bits and one vector. */
#define MSI_ID	    0x05u
#define MSI_CONTROL (CAPABILITIES + 2)
#define MSI_ADDRESS (CAPABILITIES + 4)
#define MSI_DATA    (CAPABILITIES + 12)
#define MSI_64	    0x80u
#define MSI_ENABLE  0x01u
#define MSI_ALIGNED 0xfffffffcu
#define MSI_VECTORS 0x70u /* that the guest has enabled; writable as on hardware */

#define ID	    0x00
#define LIVENESS    0x04
#define STATUS	    0x24
#define RAISE	    0x60
#define ACKNOWLEDGE 0x64
#define SOURCE	    0x80
#define TARGET	    0x88
#define COUNT	    0x90
#define COMMAND	    0x98
#define BUFFER	    UINT64_C(0x40000)

#define ID_VALUE 0x010000edu

#define COMMAND_START	  1u
#define COMMAND_TO_MEMORY 2u
#define COMMAND_INTERRUPT 4u
#define INTERRUPT_DONE	  0x100u

static void put(uint8_t *image, uint32_t offset, uint32_t size, uint32_t value)
{
	for (uint32_t i = 0; i < size; i++)
		image[offset + i] = (uint8_t)(value >> 8 * i);
}

/* All of it is the VMM's: there is no real device. */
static void init_config(struct config_space *space)
{
	static const struct bar bars[PCI_BARS] = { { .size = REGISTERS } };
	uint8_t image[CONFIG_SPACE_STANDARD_SIZE] = { 0 };

	put(image, 0, 4, DEVICE << 16 | VENDOR);
	put(image, 8, 4, CLASS << 8 | REVISION);
	put(image, PCI_REGISTER_CAPABILITIES, 1, CAPABILITIES);
	put(image, CAPABILITIES, 2, MSI_ID);
	put(image, MSI_CONTROL, 2, MSI_64);
	config_space_init(space, image, sizeof(image), bars);
	for (uint32_t offset = 0; offset < sizeof(image); offset++)
		if (!space->own[offset])
			config_space_own(space, offset, 1, image[offset], 0);
	config_space_own(space, MSI_CONTROL, 2, MSI_64, MSI_ENABLE | MSI_VECTORS);
	config_space_own(space, MSI_ADDRESS, 4, 0, MSI_ALIGNED);
	config_space_own(space, MSI_ADDRESS + 4, 4, 0, UINT32_MAX);
	config_space_own(space, MSI_DATA, 2, 0, UINT16_MAX);
}

void edu_init(struct edu *edu, uint16_t requester_id, const struct dma_path *path)
{
	*edu = (struct edu){
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.requester_id = requester_id,
		.path = *path,
	};
	init_config(&edu->space);
}

static bool has_command(const struct edu *edu, uint32_t bit)
{
	return config_space_get(&edu->space, PCI_REGISTER_COMMAND, 2) & bit;
}

/* A message that the guest's IOMMU blocks is lost, as on hardware. */
static void do_dma(
	const struct edu *edu, uint64_t address, uint8_t *bytes, size_t size, bool is_write)
{
	const struct dma dma = {
		.requester_id = edu->requester_id,
		.is_write = is_write,
		.address = address,
		.bytes = bytes,
		.size = size,
	};

	if (has_command(edu, PCI_COMMAND_MASTER))
		(void)edu->path.access(edu->path.data, &dma);
}

static void raise_interrupt(struct edu *edu, uint32_t bits)
{
	uint32_t data = htole32(config_space_get(&edu->space, MSI_DATA, 2));
	const uint64_t address = (uint64_t)config_space_get(&edu->space, MSI_ADDRESS + 4, 4) << 32 |
				 config_space_get(&edu->space, MSI_ADDRESS, 4);

	edu->interrupts |= bits;
	if (bits && (config_space_get(&edu->space, MSI_CONTROL, 2) & MSI_ENABLE))
		do_dma(edu, address, (uint8_t *)&data, sizeof(data), true);
}

/* A transfer that does not fit the buffer does not start. */
static void transfer(struct edu *edu, uint64_t command)
{
	const bool to_memory = command & COMMAND_TO_MEMORY;
	const uint64_t offset = (to_memory ? edu->source : edu->target) - BUFFER;
	const uint64_t address = to_memory ? edu->target : edu->source;

	if (!(command & COMMAND_START))
		return;
	if (offset <= EDU_BUFFER_SIZE && edu->count <= EDU_BUFFER_SIZE - offset)
		do_dma(edu, address, edu->buffer + offset, (size_t)edu->count, to_memory);
	if (command & COMMAND_INTERRUPT)
		raise_interrupt(edu, INTERRUPT_DONE);
}

static uint64_t *dma_register(struct edu *edu, uint64_t offset)
{
	switch (offset) {
	case SOURCE: return &edu->source;
	case TARGET: return &edu->target;
	case COUNT: return &edu->count;
	default: return NULL;
	}
}

/* No transfer is ever seen running: COMMAND reads as zero. */
static uint64_t read_register(struct edu *edu, uint64_t offset)
{
	const uint64_t *dma = dma_register(edu, offset);

	if (dma)
		return *dma;
	switch (offset) {
	case ID: return ID_VALUE;
	case LIVENESS: return edu->liveness;
	case STATUS: return edu->interrupts;
	default: return 0;
	}
}

static void write_register(struct edu *edu, uint64_t offset, uint64_t value)
{
	uint64_t *dma = dma_register(edu, offset);

	if (dma) {
		*dma = value;
		return;
	}
	switch (offset) {
	case LIVENESS: edu->liveness = ~(uint32_t)value; break;
	case RAISE: raise_interrupt(edu, (uint32_t)value); break;
	case ACKNOWLEDGE: edu->interrupts &= ~(uint32_t)value; break;
	case COMMAND: transfer(edu, value); break;
	default: break;
	}
}

uint32_t edu_read_config(struct edu *edu, uint32_t offset, uint32_t size)
{
	uint32_t value;

	pthread_mutex_lock(&edu->lock);
	value = config_space_read(&edu->space, offset, size, 0);
	pthread_mutex_unlock(&edu->lock);
	return value;
}

void edu_write_config(struct edu *edu, uint32_t offset, uint32_t size, uint32_t value)
{
	pthread_mutex_lock(&edu->lock);
	config_space_write(&edu->space, offset, size, value);
	pthread_mutex_unlock(&edu->lock);
}

/* Registers below SOURCE have 32 bits, those from it on 64: these functions take both. */
static bool find_register(
	const struct edu *edu, uint64_t address, unsigned int size, uint64_t *offset)
{
	const uint64_t base = config_space_bar_address(&edu->space, 0);

	if (!has_command(edu, PCI_COMMAND_MEMORY) || address < base || address - base >= REGISTERS)
		return false;
	*offset = address - base;
	return size == sizeof(uint32_t) || (size == sizeof(uint64_t) && *offset >= SOURCE);
}

bool edu_read(struct edu *edu, uint64_t address, unsigned int size, uint64_t *value)
{
	uint64_t offset;
	bool found;

	pthread_mutex_lock(&edu->lock);
	found = find_register(edu, address, size, &offset);
	if (found)
		*value = read_register(edu, offset);
	pthread_mutex_unlock(&edu->lock);
	return found;
}

bool edu_write(struct edu *edu, uint64_t address, unsigned int size, uint64_t value)
{
	uint64_t offset;
	bool found;

	pthread_mutex_lock(&edu->lock);
	found = find_register(edu, address, size, &offset);
	if (found)
		write_register(edu, offset, value);
	pthread_mutex_unlock(&edu->lock);
	return found;
}
