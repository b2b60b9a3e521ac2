// SPDX-License-Identifier: MIT
#include "host/nesting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/context.h>

#include "host/iommu.h"
#include "host/kernel_config.h"
#include "host/kernel_parameter.h"
#include "host/vtd_unit.h"
#include "output/memory.h"

/* The IORT (Arm DEN0049): a header, and nodes of which each tells its length. */
#define IORT_COUNT	   36
#define IORT_FIRST	   40
#define NODE_LENGTH	   1
#define NODE_ROOT_COMPLEX  2
#define NODE_ACCESS_FLAGS  23
#define NODE_SEGMENT	   28
#define NODE_SIZE_MIN	   16
#define ROOT_SIZE_MIN	   32
#define ACCESS_FLAG_CANWBS (1u << 2)

static uint32_t read32(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

int iort_says_canwbs(const uint8_t *table, size_t size, uint32_t segment)
{
	uint32_t count, at;

	if (size < IORT_FIRST || memcmp(table, "IORT", 4) != 0)
		return -EINVAL;
	count = read32(table + IORT_COUNT);
	at = read32(table + IORT_FIRST);
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *node = table + at;
		uint32_t length;

		if (at > size || size - at < NODE_SIZE_MIN)
			return -EINVAL;
		length = node[NODE_LENGTH] | (uint32_t)node[NODE_LENGTH + 1] << 8;
		if (length < NODE_SIZE_MIN || length > size - at)
			return -EINVAL;
		if (node[0] == NODE_ROOT_COMPLEX && length >= ROOT_SIZE_MIN &&
			read32(node + NODE_SEGMENT) == segment)
			return node[NODE_ACCESS_FLAGS] & ACCESS_FLAG_CANWBS ? 1 : 0;
		at += length;
	}
	return -ENOENT;
}

static int read_iort(
	const struct examination *examination, uint8_t *table, size_t room, size_t *size)
{
	char path[PATH_MAX];
	FILE *file;

	if (snprintf(path, sizeof(path), "%s/sys/firmware/acpi/tables/IORT",
		    examination->sysfs->root) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	file = memory_checked(fopen(path, "re"));
	if (!file)
		return -errno;
	*size = fread(table, 1, room, file);
	fclose(file);
	return 0;
}

static void check_smmuv3(const struct examination *examination, struct gate_result *result)
{
	uint32_t segment = (uint32_t)strtoul(examination->device.pci, NULL, 16);
	uint8_t table[65536];
	size_t size = 0;
	int says = read_iort(examination, table, sizeof(table), &size);

	if (!says)
		says = iort_says_canwbs(table, size, segment);
	if (says == 1)
		gate_pass(result, "the IORT sets CANWBS for its root complex");
	else if (!says)
		gate_unknown(result,
			"the IORT does not set CANWBS for its root complex: a vIOMMU can then be "
			"made only on an SMMU with S2FWB\nIf DMA there never bypasses caches, have firmware set "
			"CANWBS in the memory access flags of the root complex");
	else if (says == -EACCES || says == -EPERM)
		gate_unknown(result, "the IORT cannot be read: %s\nRun as root", strerror(-says));
	else
		gate_unknown(result,
			"no IORT describes its root complex: a vIOMMU can be made only on an SMMU "
			"with S2FWB, which sysfs does not show");
}

static void pass_vtd(const char *iommu, struct gate_result *result)
{
	gate_pass(result, "%s can do nested translation (ECAP.SMTS, ECAP.NEST)", iommu);
}

#define DEFAULT_ON    "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON"
#define BOOT_SCALABLE "Boot with intel_iommu=on,sm_on"

/* The kernel's default if its command line says nothing. */
static void check_scalable_default(
	const struct examination *examination, struct gate_result *result)
{
	static const char *const options[] = { DEFAULT_ON, NULL };
	const char *iommu = examination->device.iommu;
	char missing[sizeof(DEFAULT_ON)];

	if (!kernel_config_find_missing(examination->recorded, options, missing, sizeof(missing)))
		gate_unknown(result,
			"%s could nest, but neither the kernel's command line nor a readable "
			"configuration says whether its scalable mode is on\n" BOOT_SCALABLE,
			iommu);
	else if (*missing)
		gate_fail(result, STATUS_UNSUPPORTED,
			"%s could nest, but its scalable mode is off: that is the default of a kernel "
			"without " DEFAULT_ON "\n" BOOT_SCALABLE,
			iommu);
	else
		pass_vtd(iommu, result);
}

static void check_scalable_mode(const struct examination *examination, struct gate_result *result)
{
	const char *iommu = examination->device.iommu;

	switch (kernel_parameter_switch(examination->sysfs, "intel_iommu", "sm_on", "sm_off")) {
	case KERNEL_SWITCH_UNSAID: check_scalable_default(examination, result); break;
	case KERNEL_SWITCH_ON: pass_vtd(iommu, result); break;
	case KERNEL_SWITCH_OFF:
		gate_fail(result, STATUS_UNSUPPORTED,
			"%s could nest, but its scalable mode is switched off (intel_iommu=sm_off)\n" BOOT_SCALABLE,
			iommu);
		break;
	}
}

static void check_vtd(const struct examination *examination, struct gate_result *result)
{
	const char *iommu = examination->device.iommu;
	struct iommuctl_vtd_cap cap;

	if (!vtd_unit_read(examination->sysfs, iommu, &cap))
		gate_unknown(result, "%s does not show its ECAP in sysfs", iommu);
	else if (!cap.smts)
		gate_fail(result, STATUS_UNSUPPORTED,
			"%s has no scalable mode (ECAP.SMTS), without which VT-d does not nest\nUse a host "
			"whose VT-d has scalable mode and nested translation",
			iommu);
	else if (!cap.nest)
		gate_fail(result, STATUS_UNSUPPORTED,
			"%s has no nested translation (ECAP.NEST)\nUse a host whose VT-d has it; a guest "
			"has none, because QEMU's intel-iommu does not offer it",
			iommu);
	else
		check_scalable_mode(examination, result);
}

void nesting_check(struct examination *examination, struct gate_result *result)
{
	const char *iommu = examination->device.iommu;
	uint64_t known = iommu_known(iommu);

	if (known & IOMMUCTL_KNOWN_SMMUV3)
		check_smmuv3(examination, result);
	else if (known & IOMMUCTL_KNOWN_VTD)
		check_vtd(examination, result);
	else if (known & IOMMUCTL_KNOWN_AMD)
		gate_fail(result, STATUS_UNSUPPORTED,
			"the kernel makes no nested HWPT on an AMD IOMMU\nUse a host with an SMMUv3 or "
			"VT-d");
	else
		gate_unknown(result, "%s is not of a kind known to do nested translation",
			*iommu ? iommu : "its IOMMU");
}
