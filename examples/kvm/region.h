/* SPDX-License-Identifier: MIT */
/* Emulated devices, by the guest physical addresses that they answer. */
#ifndef KVM_REGION_H
#define KVM_REGION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * read and write may be called by all vCPUs at once. The whole access is within the region; size is
 * 1, 2, 4 or 8. False: the device has no such access, and the guest gets an external abort.
 */
struct region {
	const char *name;
	uint64_t base;
	uint64_t size;
	void *device;
	bool (*read)(void *device, uint64_t offset, unsigned int size, uint64_t *value);
	bool (*write)(void *device, uint64_t offset, unsigned int size, uint64_t value);
};

struct region_table {
	const struct region *regions;
	size_t count;
};

/* A vCPU's access; data is laid out as in struct kvm_run. */
struct region_access {
	uint64_t address;
	unsigned int size;
	bool is_write;
	uint8_t *data;
};

/* False if no device answers. */
bool region_access(const struct region_table *table, const struct region_access *access);

#endif
