/* SPDX-License-Identifier: MIT */
/*
 * What a guest sees of a function's configuration space, and what it may change.
 *
 * Each byte belongs to the VMM or to the device. A VMM byte has a value and a mask of bits that the
 * guest may write; accesses to it never reach the device. Accesses to a device byte do, through
 * vfio-pci's own filter. The VMM owns the header except the IDs, the class and the upper byte of
 * the status; MSI and MSI-X; and hidden capabilities (see capability_list.c), which read as zero.
 *
 * Free of device code: it can be tested anywhere.
 */
#ifndef KVM_CONFIG_SPACE_H
#define KVM_CONFIG_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#define CONFIG_SPACE_SIZE	   4096u
#define CONFIG_SPACE_STANDARD_SIZE 256u

#define PCI_REGISTER_COMMAND	  0x04u
#define PCI_REGISTER_BARS	  0x10u
#define PCI_REGISTER_CAPABILITIES 0x34u
#define PCI_BARS		  6u

#define PCI_COMMAND_MEMORY	 0x002u
#define PCI_COMMAND_MASTER	 0x004u
#define PCI_COMMAND_INTX_DISABLE 0x400u

/* A BAR as the function has it. A 64-bit BAR takes its own register and the next. */
struct bar {
	/* a power of two; 0: no BAR, or an I/O BAR, which this machine does not support */
	uint64_t size;
	bool is_64;
	bool prefetchable;
};

struct config_space {
	uint32_t size; /* bytes that the function has, 256 or 4096; the rest reads as all ones */
	struct bar bars[PCI_BARS];
	/* Offsets of capabilities; 0: absent. */
	uint8_t pcie;
	uint8_t msi;
	uint8_t msix;
	/* For each byte: does the VMM own it, its value, and which bits the guest may change. */
	bool own[CONFIG_SPACE_SIZE];
	uint8_t value[CONFIG_SPACE_SIZE];
	uint8_t writable[CONFIG_SPACE_SIZE];
};

/* image has size bytes of the device's configuration space; bars are its BARs. */
void config_space_init(struct config_space *space, const uint8_t *image, uint32_t size,
	const struct bar bars[static PCI_BARS]);

/* Makes bytes the VMM's, with a value and a mask of writable bits. */
void config_space_own(struct config_space *space, uint32_t offset, uint32_t size, uint32_t value,
	uint32_t writable);

/* The VMM's value; size is 1, 2 or 4. */
uint32_t config_space_get(const struct config_space *space, uint32_t offset, uint32_t size);

/* Does the device own any of these bytes? */
bool config_space_is_passed(const struct config_space *space, uint32_t offset, uint32_t size);

/* What a guest reads if the device reads device_value. */
uint32_t config_space_read(
	const struct config_space *space, uint32_t offset, uint32_t size, uint32_t device_value);

/* A guest's write to the VMM's bytes; the device's are left to the caller. */
void config_space_write(struct config_space *space, uint32_t offset, uint32_t size, uint32_t value);

/* The address programmed into a BAR. It can be any. */
uint64_t config_space_bar_address(const struct config_space *space, unsigned int bar);

#endif
