// SPDX-License-Identifier: MIT
/* Registers and events of a Tegra241 CMDQV. */
#include <iommuctl/smmuv3_cmdqv.h>

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "smmuv3/codec.h"

#define FIELD(member, ...) SMMUV3_FIELD(struct iommuctl_smmuv3_cmdqv, member, __VA_ARGS__)
#define MAP(member, ...)   SMMUV3_FIELD(struct iommuctl_smmuv3_cmdqv_event, member, __VA_ARGS__)

/* As the structure lies in little-endian memory. */
static const struct iommuctl_smmuv3_field info_fields[] = {
	FIELD(flags, "Flags", 0, 0, 32),
	FIELD(version, "Version", 0, 32, 8, .always = true),
	FIELD(log2vcmdqs, "Log2VCMDQs", 0, 40, 8, .always = true),
	FIELD(log2vsids, "Log2VSIDs", 0, 48, 8, .always = true),
};

static const struct iommuctl_smmuv3_field event_fields[] = {
	MAP(lvcmdq_err_map_0, "LVCMDQ_ERR_MAP_0", 0, 0, 64, .always = true),
	MAP(lvcmdq_err_map_1, "LVCMDQ_ERR_MAP_1", 1, 0, 64),
};

static const struct smmuv3_table info_table = { info_fields, ARRAY_SIZE(info_fields), 1 };
static const struct smmuv3_table event_table = { event_fields, ARRAY_SIZE(event_fields),
	IOMMUCTL_SMMUV3_CMDQV_EVENT_WORDS };

void iommuctl_smmuv3_cmdqv_decode(
	const struct iommuctl_hw_info_tegra241_cmdqv *data, struct iommuctl_smmuv3_cmdqv *info)
{
	*info = (struct iommuctl_smmuv3_cmdqv){
		.version = data->version,
		.log2vcmdqs = data->log2vcmdqs,
		.log2vsids = data->log2vsids,
		.flags = data->flags,
	};
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cmdqv_fields(size_t *count)
{
	return smmuv3_fields(&info_table, count);
}

size_t iommuctl_smmuv3_cmdqv_print(
	const struct iommuctl_smmuv3_cmdqv *info, char *text, size_t size)
{
	return smmuv3_print(&info_table, info, text, size);
}

void iommuctl_smmuv3_cmdqv_event_decode(const uint64_t words[IOMMUCTL_SMMUV3_CMDQV_EVENT_WORDS],
	struct iommuctl_smmuv3_cmdqv_event *event)
{
	memset(event, 0, sizeof(*event));
	smmuv3_decode(&event_table, SMMUV3_ALL_FIELDS, words, event);
}

bool iommuctl_smmuv3_cmdqv_event_has(
	const struct iommuctl_smmuv3_cmdqv_event *event, unsigned int index)
{
	const uint64_t map = index < 64 ? event->lvcmdq_err_map_0 : event->lvcmdq_err_map_1;

	return index < IOMMUCTL_SMMUV3_CMDQV_QUEUES_MAX && map >> index % 64 & 1;
}

const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cmdqv_event_fields(size_t *count)
{
	return smmuv3_fields(&event_table, count);
}

size_t iommuctl_smmuv3_cmdqv_event_print(
	const struct iommuctl_smmuv3_cmdqv_event *event, char *text, size_t size)
{
	struct smmuv3_text out = { .at = text, .size = size };

	smmuv3_put(&out, "LVCMDQ_ERR queues:");
	for (unsigned int i = 0; i < IOMMUCTL_SMMUV3_CMDQV_QUEUES_MAX; i++)
		if (iommuctl_smmuv3_cmdqv_event_has(event, i))
			smmuv3_put(&out, " %u", i);
	if (!event->lvcmdq_err_map_0 && !event->lvcmdq_err_map_1)
		smmuv3_put(&out, " none");
	return out.length;
}

#define QUEUE_BYTES 0x80 /* from the registers of one queue to those of the next */

int iommuctl_smmuv3_cmdqv_queue_read(const volatile void *page0, size_t length, unsigned int index,
	struct iommuctl_smmuv3_cmdqv_queue *queue)
{
	const volatile uint32_t *registers;

	if (index >= IOMMUCTL_SMMUV3_CMDQV_QUEUES_MAX || length / QUEUE_BYTES <= index)
		return -EINVAL;
	registers = (const volatile uint32_t *)((const volatile char *)page0 +
						(size_t)index * QUEUE_BYTES);
	*queue = (struct iommuctl_smmuv3_cmdqv_queue){
		.cons = le32toh(registers[0]),
		.prod = le32toh(registers[1]),
		.config = le32toh(registers[2]),
		.status = le32toh(registers[3]),
		.gerror = le32toh(registers[4]),
		.gerrorn = le32toh(registers[5]),
	};
	return 0;
}
