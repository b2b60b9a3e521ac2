// SPDX-License-Identifier: MIT
/* The PCI configuration space of the edu device, as vfio-pci shows it. */
#include <string.h>

#include "array.h"
#include "model/vfio/edu.h"

#define COMMAND	       0x04
#define COMMAND_MASTER 0x04u
#define MEMORY_BAR     0x18
#define MSI_ADDRESS    0x44 /* from here on all bits can be written */

/* What is not 0 below MSI_ADDRESS. vfio-pci owns the enable bit of the MSI capability. */
static const struct {
	uint8_t offset;
	uint32_t value;
	uint32_t writable;
} registers[] = {
	{ 0x00, 0x11e81234, 0x00000000 },	/* device, vendor */
	{ COMMAND, 0x00100002, 0x00000507 },	/* has capabilities; memory on */
	{ 0x08, 0x00ff0010, 0x00000000 },	/* class, revision */
	{ 0x0c, 0x00000000, 0x000000ff },	/* cache line */
	{ 0x10, 0x10000000, 0xfff00000 },	/* BAR 0 */
	{ MEMORY_BAR, 0x10100008, 0xfff00000 }, /* prefetchable, if present */
	{ 0x2c, 0x11001af4, 0x00000000 },	/* subsystem */
	{ 0x34, 0x00000040, 0x00000000 },	/* first capability */
	{ 0x3c, 0x000001ff, 0x000000ff },	/* interrupt pin and line */
	{ 0x40, 0x00800005, 0x008e0000 },	/* MSI, 64-bit, one message */
};

#define REGISTER_COUNT (ARRAY_SIZE(registers))

static unsigned char byte_of(uint32_t value, uint64_t offset)
{
	return (unsigned char)(value >> 8 * (offset % 4));
}

static bool has_register(const struct model_edu *edu, uint8_t offset)
{
	return offset != MEMORY_BAR || edu->memory_bar;
}

static unsigned char writable_bits(const struct model_edu *edu, uint64_t offset)
{
	if (offset >= MSI_ADDRESS)
		return UINT8_MAX;
	for (size_t i = 0; i < REGISTER_COUNT; i++) {
		if (registers[i].offset == offset - offset % 4 &&
			has_register(edu, registers[i].offset))
			return byte_of(registers[i].writable, offset);
	}
	return 0;
}

bool model_edu_is_bus_master(const struct model_edu *edu)
{
	return edu->config[COMMAND] & COMMAND_MASTER;
}

void model_edu_config_reset(struct model_edu *edu)
{
	memset(edu->config, 0, sizeof(edu->config));
	for (size_t i = 0; i < REGISTER_COUNT; i++) {
		for (unsigned int byte = 0; has_register(edu, registers[i].offset) && byte < 4;
			byte++)
			edu->config[registers[i].offset + byte] = byte_of(registers[i].value, byte);
	}
}

void model_edu_config_read(const struct model_edu *edu, uint64_t offset, void *data, size_t size)
{
	unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		bytes[i] = offset + i < sizeof(edu->config) ? edu->config[offset + i] : UINT8_MAX;
}

void model_edu_config_write(struct model_edu *edu, uint64_t offset, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size && offset + i < sizeof(edu->config); i++) {
		const unsigned char bits = writable_bits(edu, offset + i);
		unsigned char *byte = &edu->config[offset + i];

		*byte = (*byte & ~bits) | (bytes[i] & bits);
	}
}
