// SPDX-License-Identifier: MIT
/* The user's wishes for the guest's SMMUs. */
#include "smmu_options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/relay.h>

#include "array.h"

const char smmu_usage[] =
	"  --iommu smmuv3   an SMMU for each bus that has functions\n"
	"  --smmu LIST      wishes for the SMMUs, separated by commas: no-ril, no-two-level, no-ssids,\n"
	"                   no-sync-msi, no-sync-event, sids=BITS, oas=BITS, commands=LOG2, events=LOG2,\n"
	"                   granule=4K|16K|64K, no-fold, batch=N, msis\n"
	"  --stats          print the SMMUs' counters at the end, and on SIGUSR2\n";

/* A wish: which member it sets, and to what. */
struct flag {
	const char *name;
	size_t offset; /* of a bool in struct smmu_options */
};

struct number {
	const char *name;
	size_t offset; /* of an 8-bit member in struct iommuctl_vsmmuv3_wishes */
	uint8_t first;
	uint8_t last;
};

struct granule {
	const char *name;
	enum iommuctl_vsmmuv3_granule granule;
	uint32_t bytes;
};

static const struct flag flags[] = {
	{ "no-ril", offsetof(struct smmu_options, wishes.no_ril) },
	{ "no-two-level", offsetof(struct smmu_options, wishes.no_two_level) },
	{ "no-ssids", offsetof(struct smmu_options, wishes.no_ssids) },
	{ "no-sync-msi", offsetof(struct smmu_options, wishes.no_msi) },
	{ "no-sync-event", offsetof(struct smmu_options, wishes.no_sev) },
	{ "no-fold", offsetof(struct smmu_options, no_fold) },
	{ "msis", offsetof(struct smmu_options, has_msis) },
};

static const struct number numbers[] = {
	{ "sids", offsetof(struct iommuctl_vsmmuv3_wishes, sid_bits), 1, 32 },
	{ "oas", offsetof(struct iommuctl_vsmmuv3_wishes, oas_bits), 32, 48 },
	{ "commands", offsetof(struct iommuctl_vsmmuv3_wishes, cmdq_log2size), 1, 19 },
	{ "events", offsetof(struct iommuctl_vsmmuv3_wishes, eventq_log2size), 1, 19 },
};

static const struct granule granules[] = {
	{ "4K", IOMMUCTL_VSMMUV3_GRANULE_4K, 4096 },
	{ "16K", IOMMUCTL_VSMMUV3_GRANULE_16K, 16384 },
	{ "64K", IOMMUCTL_VSMMUV3_GRANULE_64K, 65536 },
};

static int parse_number(const char *text, unsigned long first, unsigned long last, uint32_t *number)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || *text < '0' || *text > '9' || *end || value < first || value > last)
		return -EINVAL;
	*number = (uint32_t)value;
	return 0;
}

static bool set_flag(struct smmu_options *options, const char *wish)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (strcmp(wish, flags[i].name) == 0) {
			*(bool *)((char *)options + flags[i].offset) = true;
			return true;
		}
	return false;
}

static bool set_number(struct smmu_options *options, const char *wish, const char *value)
{
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		const struct number *number = &numbers[i];
		uint32_t parsed;

		if (strcmp(wish, number->name) != 0)
			continue;
		if (parse_number(value, number->first, number->last, &parsed))
			return false;
		*((uint8_t *)&options->wishes + number->offset) = (uint8_t)parsed;
		return true;
	}
	return strcmp(wish, "batch") == 0 && !parse_number(value, IOMMUCTL_RELAY_BLOCK,
						     IOMMUCTL_RELAY_BATCH_MAX, &options->batch);
}

static bool set_granule(struct smmu_options *options, const char *wish, const char *value)
{
	if (strcmp(wish, "granule") != 0)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(granules); i++)
		if (strcmp(value, granules[i].name) == 0) {
			options->wishes.granules = (uint8_t)granules[i].granule;
			return true;
		}
	return false;
}

static bool set(struct smmu_options *options, char *wish)
{
	char *value = strchr(wish, '=');

	if (!value)
		return set_flag(options, wish);
	*value++ = '\0';
	return set_number(options, wish, value) || set_granule(options, wish, value);
}

static int refuse(const char *wish)
{
	fprintf(stderr, "kvm-vmm: --smmu: %s: is not a wish for an SMMU, or its value is invalid\n",
		wish);
	return -EINVAL;
}

int smmu_parse(struct smmu_options *options, char *list)
{
	char *rest = list;
	char *wish;

	while ((wish = strsep(&rest, ",")))
		if (!set(options, wish))
			return refuse(wish);
	return 0;
}

uint32_t smmu_only_granule(const struct smmu_options *options)
{
	for (size_t i = 0; i < ARRAY_SIZE(granules); i++)
		if (options->wishes.granules == granules[i].granule)
			return granules[i].bytes;
	return 0;
}
