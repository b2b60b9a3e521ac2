/* SPDX-License-Identifier: MIT */
/* One PCI function of the host in the guest's hands. */
#ifndef KVM_FUNCTION_H
#define KVM_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#define FUNCTION_ADDRESS_SIZE 16

struct function {
	char address[FUNCTION_ADDRESS_SIZE]; /* of the host: "0000:00:03.0" */
	/* In the guest: bus << 8 | device << 3 | function. Also its StreamID, and what the ITS knows it by. */
	uint16_t requester_id;
	bool no_msi_window; /* the guest is not asked to map the window for MSIs */
	bool present;	 /* open and bound; not as long as it is removed */
	bool attached;	 /* it has page tables */
	int device;	 /* of VFIO; -1 if it is not present */
	uint32_t dev_id; /* in the iommufd */
};

static inline unsigned int function_bus(const struct function *function)
{
	return function->requester_id >> 8;
}

#endif
