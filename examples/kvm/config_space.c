// SPDX-License-Identifier: MIT
/* What a guest sees of a function's configuration space. Registers: PCI Express Base Specification, 7.5.1. */
#include "config_space.h"

#include <string.h>

#include "capability_list.h"

#define REGISTER_STATUS		0x06u
#define REGISTER_HEADER_TYPE	0x0eu
#define REGISTER_BIST		0x0fu
#define REGISTER_ROM		0x30u
#define REGISTER_INTERRUPT_LINE 0x3cu
#define REGISTER_INTERRUPT_PIN	0x3du
#define COMMAND_PARITY		0x040u
#define COMMAND_SERR		0x100u
#define STATUS_CAPABILITIES	0x10u
#define STATUS_INTERRUPT	0x08u
#define BAR_64			0x4u
#define BAR_PREFETCHABLE	0x8u
#define BAR_FLAGS		0xfu

void config_space_own(struct config_space *space, uint32_t offset, uint32_t size, uint32_t value,
	uint32_t writable)
{
	for (uint32_t i = 0; i < size && offset + i < CONFIG_SPACE_SIZE; i++) {
		space->own[offset + i] = true;
		space->value[offset + i] = (uint8_t)(value >> 8 * i);
		space->writable[offset + i] = (uint8_t)(writable >> 8 * i);
	}
}

uint32_t config_space_get(const struct config_space *space, uint32_t offset, uint32_t size)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < size; i++)
		value |= (uint32_t)space->value[offset + i] << 8 * i;
	return value;
}

/* Address bits below the size read as zero: this is how software finds the size. */
static void own_bar(struct config_space *space, unsigned int index)
{
	const struct bar *bar = &space->bars[index];
	const uint32_t offset = PCI_REGISTER_BARS + 4 * index;
	const uint64_t writable = bar->size ? ~(bar->size - 1) & ~(uint64_t)BAR_FLAGS : 0;
	const uint32_t flags =
		(bar->is_64 ? BAR_64 : 0) | (bar->prefetchable ? BAR_PREFETCHABLE : 0);

	config_space_own(space, offset, 4, bar->size ? flags : 0, (uint32_t)writable);
	if (bar->size && bar->is_64)
		config_space_own(space, offset + 4, 4, 0, (uint32_t)(writable >> 32));
}

/* A 64-bit BAR in the last register has no other half: it is ignored. */
static void own_bars(struct config_space *space)
{
	unsigned int index = 0;

	space->bars[PCI_BARS - 1].is_64 = false;
	while (index < PCI_BARS) {
		own_bar(space, index);
		if (space->bars[index].size && space->bars[index].is_64)
			space->bars[++index].size = 0;
		index++;
	}
}

/* A single function, without interrupt pin and expansion ROM. */
static void own_header(struct config_space *space, const uint8_t *image)
{
	const uint8_t status = image[REGISTER_STATUS] & (uint8_t)~STATUS_INTERRUPT;

	config_space_own(space, PCI_REGISTER_COMMAND, 2, 0,
		PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE |
			COMMAND_PARITY | COMMAND_SERR);
	config_space_own(space, REGISTER_STATUS, 1, status | STATUS_CAPABILITIES, 0);
	config_space_own(space, REGISTER_HEADER_TYPE, 1, 0, 0);
	config_space_own(space, REGISTER_BIST, 1, 0, 0);
	config_space_own(space, REGISTER_ROM, 4, 0, 0);
	config_space_own(space, REGISTER_INTERRUPT_LINE, 1, 0, UINT8_MAX);
	config_space_own(space, REGISTER_INTERRUPT_PIN, 1, 0, 0);
	own_bars(space);
}

void config_space_init(struct config_space *space, const uint8_t *image, uint32_t size,
	const struct bar bars[static PCI_BARS])
{
	*space = (struct config_space){ .size = size };
	memcpy(space->bars, bars, sizeof(space->bars));
	own_header(space, image);
	capability_list_filter(space, image);
	for (uint32_t offset = size; offset < CONFIG_SPACE_SIZE; offset++)
		config_space_own(space, offset, 1, UINT8_MAX, 0);
}

bool config_space_is_passed(const struct config_space *space, uint32_t offset, uint32_t size)
{
	for (uint32_t i = 0; i < size; i++) {
		if (!space->own[offset + i])
			return true;
	}
	return false;
}

uint32_t config_space_read(
	const struct config_space *space, uint32_t offset, uint32_t size, uint32_t device_value)
{
	uint32_t value = 0;

	for (uint32_t i = 0; i < size; i++) {
		const uint8_t byte = space->own[offset + i] ? space->value[offset + i]
							    : (uint8_t)(device_value >> 8 * i);

		value |= (uint32_t)byte << 8 * i;
	}
	return value;
}

void config_space_write(struct config_space *space, uint32_t offset, uint32_t size, uint32_t value)
{
	for (uint32_t i = 0; i < size; i++) {
		const uint8_t writable = space->writable[offset + i];
		uint8_t *byte = &space->value[offset + i];

		*byte = (uint8_t)((*byte & ~writable) | (value >> 8 * i & writable));
	}
}

uint64_t config_space_bar_address(const struct config_space *space, unsigned int bar)
{
	const uint32_t offset = PCI_REGISTER_BARS + 4 * bar;
	uint64_t address = config_space_get(space, offset, 4) & ~BAR_FLAGS;

	if (space->bars[bar].is_64)
		address |= (uint64_t)config_space_get(space, offset + 4, 4) << 32;
	return address;
}
