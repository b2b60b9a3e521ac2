// SPDX-License-Identifier: MIT
#include "model/config.h"
#include "model/iommufd/iommufd.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "smmuv3/values.h"

#define DEFAULT_OAS_BITS    44
#define OAS_BITS_MAX	    48
#define DEFAULT_TLB_ENTRIES 256
#define SSID_BITS_MAX	    20
#define STREAM_ID_MAX	    UINT16_MAX

/* What a Tegra241 has for one guest: 2 queues and 16 vSIDs; and interfaces for 63 guests. */
#define DEFAULT_CMDQV_QUEUES	 2
#define DEFAULT_CMDQV_VSIDS	 16
#define DEFAULT_CMDQV_INTERFACES 64
#define CMDQV_VSIDS_MAX		 16

/* Larger ones need another table format. */
static bool oas_exists(uint8_t bits)
{
	return bits <= OAS_BITS_MAX && smmuv3_address_size_of(bits) >= 0;
}

static int complete_count(uint8_t *count, uint8_t fallback, uint8_t max)
{
	if (*count == 0)
		*count = fallback;
	return *count & (*count - 1) || *count > max ? -EINVAL : 0;
}

static int complete_cmdqv(struct iommuctl_model_smmu *smmu)
{
	if (!smmu->cmdqv)
		return 0;
	if (smmu->kind != IOMMUCTL_MODEL_IOMMU_SMMUV3 ||
		complete_count(&smmu->cmdqv_queues, DEFAULT_CMDQV_QUEUES, MODEL_HW_QUEUES) ||
		complete_count(&smmu->cmdqv_vsids, DEFAULT_CMDQV_VSIDS, CMDQV_VSIDS_MAX))
		return -EINVAL;
	return complete_count(
		&smmu->cmdqv_interfaces, DEFAULT_CMDQV_INTERFACES, DEFAULT_CMDQV_INTERFACES);
}

static int complete_smmu(struct iommuctl_model_smmu *smmu)
{
	if (smmu->oas_bits == 0)
		smmu->oas_bits = DEFAULT_OAS_BITS;
	if (smmu->tlb_entries == 0)
		smmu->tlb_entries = DEFAULT_TLB_ENTRIES;
	if (!oas_exists(smmu->oas_bits) || smmu->tlb_entries & (smmu->tlb_entries - 1) ||
		smmu->ssid_bits > SSID_BITS_MAX || smmu->kind > IOMMUCTL_MODEL_IOMMU_AMD)
		return -EINVAL;
	return complete_cmdqv(smmu);
}

static int parse_field(const char *text, size_t digits, uint32_t max, uint32_t *address)
{
	char field[8] = { 0 };
	uint32_t value;

	for (size_t i = 0; i < digits; i++)
		if (!isxdigit((unsigned char)text[i]))
			return -EINVAL;
	memcpy(field, text, digits);
	value = (uint32_t)strtoul(field, NULL, 16);
	if (value > max)
		return -EINVAL;
	*address = *address * (max + 1) + value;
	return 0;
}

/* Domain, bus, device and function as one number; its lower half is the StreamID. */
static int parse_pci(const char pci[16], uint32_t *address)
{
	*address = 0;
	if (strnlen(pci, 16) != strlen("0000:00:00.0") || pci[4] != ':' || pci[7] != ':' ||
		pci[10] != '.')
		return -EINVAL;
	if (parse_field(pci, 4, 0xffff, address) || parse_field(pci + 5, 2, 0xff, address) ||
		parse_field(pci + 8, 2, 0x1f, address) || parse_field(pci + 11, 1, 7, address))
		return -EINVAL;
	return 0;
}

/* The PF of a virtual function must not be a virtual function itself. */
static bool has_pf(
	const struct iommuctl_model_config *config, const struct iommuctl_model_device *device)
{
	if (!device->pf)
		return true;
	return device->pf <= config->device_count && !config->devices[device->pf - 1].pf;
}

static int complete_device(struct iommuctl_model_config *config, size_t index)
{
	struct iommuctl_model_device *device = &config->devices[index];
	uint32_t address;

	if (device->smmu >= config->smmu_count || device->group < 0 || !has_pf(config, device) ||
		parse_pci(device->pci, &address))
		return -EINVAL;
	if (device->stream_id == 0)
		device->stream_id = address & UINT16_MAX;
	if (device->group == 0)
		device->group = -1 - (int)index;
	if (device->direct_size > UINT64_MAX - device->direct_start)
		return -EINVAL;
	return device->stream_id > STREAM_ID_MAX ? -EINVAL : 0;
}

/* All devices of a group are behind one SMMU. */
static bool contradict(const struct iommuctl_model_device *a, const struct iommuctl_model_device *b)
{
	if (strcasecmp(a->pci, b->pci) == 0)
		return true;
	if (a->smmu != b->smmu)
		return a->group == b->group;
	return a->stream_id == b->stream_id;
}

int model_config_complete(struct iommuctl_model_config *config)
{
	if (config->smmu_count > IOMMUCTL_MODEL_SMMUS_MAX ||
		config->device_count > IOMMUCTL_MODEL_DEVICES_MAX)
		return -EINVAL;
	for (size_t i = 0; i < config->smmu_count; i++)
		if (complete_smmu(&config->smmus[i]))
			return -EINVAL;
	for (size_t i = 0; i < config->device_count; i++) {
		if (complete_device(config, i))
			return -EINVAL;
		for (size_t before = 0; before < i; before++)
			if (contradict(&config->devices[before], &config->devices[i]))
				return -EINVAL;
	}
	return 0;
}
