/* SPDX-License-Identifier: MIT */
/* The gate "irq-remapping": on x86, remapping isolates the MSIs of a device. */
#ifndef CLI_HOST_INTERRUPT_REMAPPING_H
#define CLI_HOST_INTERRUPT_REMAPPING_H

#include <stdbool.h>

#include "host/gate.h"

/* Only behind an x86 IOMMU; an SMMU leaves interrupts to the ITS. */
bool interrupt_remapping_concerns(const struct examination *examination);

enum interrupt_remapping {
	INTERRUPTS_UNKNOWN, /* neither sysfs nor /proc says */
	INTERRUPTS_REMAPPED,
	INTERRUPTS_NOT_REMAPPED,
};

/* Whether the kernel remaps interrupts now: then it has chips named "IR-IO-APIC" and the like. */
enum interrupt_remapping interrupt_remapping_state(const struct sysfs *sysfs);

void interrupt_remapping_check(struct examination *examination, struct gate_result *result);

#endif
