/* SPDX-License-Identifier: MIT */
/* One PCI function of the host, passed through. The lock is that of struct passthrough. */
#ifndef KVM_FUNCTION_H
#define KVM_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "bar_map.h"
#include "config_space.h"
#include "interrupts.h"
#include "msi.h"

#define FUNCTION_ADDRESS_SIZE 16

struct function {
	char address[FUNCTION_ADDRESS_SIZE]; /* on the host: "0000:00:03.0" */
	/*
	 * In the guest: bus << 8 | device << 3 | function. Also its StreamID and its ITS device ID.
	 */
	uint16_t requester_id;
	bool no_msi_window; /* the guest is not asked to map the MSI window */
	bool present;	    /* open and bound; false while it is removed */
	bool attached;	    /* it has page tables */
	int device;	    /* of VFIO; -1 if it is not present */
	int request;	    /* eventfd: the host wants it back; -1 if it is not present */
	uint32_t dev_id;    /* in the iommufd */

	/* Only for function*.c, which implements this. */
	struct iommuctl *ctx;
	unsigned int number; /* among all functions */
	bool can_reset;
	struct iommuctl_vfio_region_info config;
	uint8_t image[CONFIG_SPACE_SIZE]; /* configuration space when it was opened */
	struct config_space space;
	struct msi msi;
	struct bar_map bars[PCI_BARS];
	struct interrupts interrupts;
	uint16_t command; /* what the device itself has */
};

static inline unsigned int function_bus(const struct function *function)
{
	return function->requester_id >> 8;
}

/*
 * Opens a function by its host address and binds it. From then on requests (epoll) becomes
 * readable, with the function's number, when the host wants it back. Errors are reported, here and
 * below.
 */
int function_open(struct function *function, struct iommuctl *ctx, int iommufd, int requests);
void function_close(struct function *function);

/* Whether the host has wanted it back since the last call. */
bool function_is_wanted(const struct function *function);

/* As after power-on: the VMM's registers, and the device as far as it can be reset. */
int function_reset(struct function *function);

/* Sets the device's bus master bit as the guest wants it. */
int function_set_master(struct function *function, bool master);

/*
 * Accesses the device's own configuration space. size is 1, 2 or 4; a failed read gives all ones.
 */
uint32_t function_read_device(const struct function *function, uint32_t offset, uint32_t size);
void function_write_device(
	const struct function *function, uint32_t offset, uint32_t size, uint32_t value);

#endif
