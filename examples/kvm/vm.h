/* SPDX-License-Identifier: MIT */
/* The virtual machine in KVM: memory, vCPUs, interrupt controller. */
#ifndef KVM_VM_H
#define KVM_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "machine.h"

struct vm {
	int kvm;
	int fd;
	int gic;
	int its;
	uint8_t *memory;
	uint64_t memory_size;
	unsigned int cpu_count;
	int cpu_fds[MAX_CPUS];
};

/* On failure everything is undone. Errors are reported. */
int vm_create(struct vm *vm, uint64_t memory_size, unsigned int cpu_count);
void vm_destroy(struct vm *vm);

/* Sets a device's interrupt line, by its SPI number. */
int vm_set_irq(const struct vm *vm, unsigned int spi, bool level);

/*
 * Sends a message to the ITS, from the device with that ID there. A guest may send one that leads
 * nowhere.
 */
int vm_send_msi(const struct vm *vm, uint32_t device_id, uint64_t address, uint32_t data);

/*
 * ioctl(2) that reports an error, by the request's name; returns what the ioctl returns, or -errno.
 */
int vm_ioctl(int fd, unsigned long request, const char *name, const void *argument);

#endif
