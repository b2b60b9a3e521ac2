// SPDX-License-Identifier: MIT
#include "host/interrupt_remapping.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/context.h>

#include "host/iommu.h"
#include "host/kernel_parameter.h"
#include "host/vtd_unit.h"
#include "output/memory.h"

#define UNSAFE "or, if each device and its user are trusted, iommufd.allow_unsafe_interrupts=1"

bool interrupt_remapping_concerns(const struct examination *examination)
{
	return iommu_known(examination->device.iommu) & (IOMMUCTL_KNOWN_VTD | IOMMUCTL_KNOWN_AMD);
}

/* A host with many CPUs has long lines there. */
enum interrupt_remapping interrupt_remapping_state(const struct sysfs *sysfs)
{
	enum interrupt_remapping state = INTERRUPTS_UNKNOWN;
	char path[PATH_MAX], *line = NULL;
	size_t size = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/proc/interrupts", sysfs->root);
	file = memory_checked(fopen(path, "re"));
	errno = 0;
	while (file && state != INTERRUPTS_REMAPPED && getline(&line, &size, file) > 0) {
		if (strstr(line, " IR-"))
			state = INTERRUPTS_REMAPPED;
		else if (strstr(line, "IO-APIC") || strstr(line, "PCI-MSI"))
			state = INTERRUPTS_NOT_REMAPPED;
	}
	if (errno == ENOMEM)
		memory_note_failure();
	free(line);
	if (file)
		fclose(file);
	return state;
}

static bool unsafe_is_allowed(const struct sysfs *sysfs)
{
	char value[8] = "N";

	sysfs_read(sysfs, "/sys/module/iommufd/parameters", "allow_unsafe_interrupts", value,
		sizeof(value));
	return *value == 'Y';
}

void interrupt_remapping_check(struct examination *examination, struct gate_result *result)
{
	const struct sysfs *sysfs = examination->sysfs;
	const char *iommu = examination->device.iommu;
	const enum interrupt_remapping state = interrupt_remapping_state(sysfs);
	const bool is_vtd = iommu_known(iommu) & IOMMUCTL_KNOWN_VTD;
	struct iommuctl_vtd_cap cap;

	if (state == INTERRUPTS_NOT_REMAPPED && unsafe_is_allowed(sysfs))
		gate_pass(result, "not required: iommufd.allow_unsafe_interrupts is on");
	else if (state == INTERRUPTS_REMAPPED)
		gate_pass(result, "the kernel remaps interrupts");
	else if (kernel_parameter_switch(sysfs, "intremap", "on", "off") == KERNEL_SWITCH_OFF)
		gate_fail(result, STATUS_UNSUPPORTED,
			"it is switched off (intremap=off): the device could raise the interrupts of "
			"others, and a bind fails with EPERM\nBoot without intremap=off, " UNSAFE);
	else if (is_vtd && vtd_unit_read(sysfs, iommu, &cap) && !cap.ir)
		gate_fail(result, STATUS_UNSUPPORTED,
			"%s does not remap interrupts (ECAP.IR): the device could raise those of "
			"others, and a bind fails with EPERM\nUse a host that does (in a guest, its VMM "
			"decides: of QEMU, intel-iommu,intremap=on), " UNSAFE,
			iommu);
	else if (state == INTERRUPTS_NOT_REMAPPED)
		gate_fail(result, STATUS_UNSUPPORTED,
			"the kernel does not remap interrupts: the device could raise those of others, "
			"and a bind fails with EPERM\nSee why in the kernel log (DMAR-IR, AMD-Vi: wrong "
			"firmware tables, no CONFIG_IRQ_REMAP), " UNSAFE);
	else
		gate_unknown(
			result, "/proc/interrupts does not show whether the kernel remaps them");
}
