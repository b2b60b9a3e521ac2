/* SPDX-License-Identifier: MIT */
/*
 * What a guest sees of a function's configuration space, and what it may change.
 *
 * Bytes are the VMM's or the device's. A byte of the VMM's has a value, and bits in it that the guest
 * may write; it never reaches the device. The device's are read and written there, where vfio-pci has
 * another filter. The VMM's are: the header but for the IDs, the class and the upper byte of the
 * status; MSI and MSI-X; capabilities that are hidden (capability_list.c says which), which read as zero.
 *
 * This file knows no device: it can be tested anywhere.
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

/* A BAR as the function has it. The registers of one of 64 bits are its own and the next. */
struct bar {
	uint64_t size; /* a power of two; 0: none, or of ports, which this machine has not */
	bool is_64;
	bool prefetchable;
};

struct config_space {
	uint32_t size; /* bytes that the function has, 256 or 4096; the rest reads as all ones */
	struct bar bars[PCI_BARS];
	/* Where capabilities are; 0: not there. */
	uint8_t pcie;
	uint8_t msi;
	uint8_t msix;
	/* By byte: is it the VMM's, what does it hold, which bits may the guest change? */
	bool own[CONFIG_SPACE_SIZE];
	uint8_t value[CONFIG_SPACE_SIZE];
	uint8_t writable[CONFIG_SPACE_SIZE];
};

/* image has the bytes of the device, size of them; bars are those that it has. */
void config_space_init(struct config_space *space, const uint8_t *image, uint32_t size,
	const struct bar bars[static PCI_BARS]);

/* Bytes that become the VMM's, with a value and what may be changed of it. */
void config_space_own(struct config_space *space, uint32_t offset, uint32_t size, uint32_t value,
	uint32_t writable);

/* What the VMM holds there, whoever may write it; size is 1, 2 or 4. */
uint32_t config_space_get(const struct config_space *space, uint32_t offset, uint32_t size);

/* Is one of these bytes the device's? */
bool config_space_is_passed(const struct config_space *space, uint32_t offset, uint32_t size);

/* What a guest reads where the device has device_value. */
uint32_t config_space_read(
	const struct config_space *space, uint32_t offset, uint32_t size, uint32_t device_value);

/* What a guest writes; what is the device's is left to the caller. */
void config_space_write(struct config_space *space, uint32_t offset, uint32_t size, uint32_t value);

/* Where a BAR is placed. The guest can place it anywhere. */
uint64_t config_space_bar_address(const struct config_space *space, unsigned int bar);

#endif
