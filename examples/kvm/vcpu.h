/* SPDX-License-Identifier: MIT */
/* Runs the vCPUs, a thread for each. */
#ifndef KVM_VCPU_H
#define KVM_VCPU_H

#include <stdint.h>

#include "region.h"
#include "vm.h"

enum vcpu_end {
	VCPU_RUNNING,
	VCPU_POWER_OFF,
	VCPU_RESET,
	VCPU_FAILED,
};

/*
 * The first vCPU starts at entry, with the device tree's address in x0. Returns how the guest
 * ended.
 */
enum vcpu_end vcpu_run_all(
	const struct vm *vm, const struct region_table *regions, uint64_t entry, uint64_t fdt);

#endif
