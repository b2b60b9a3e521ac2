// SPDX-License-Identifier: MIT
/* VFIO_DEVICE_FEATURE, decoded by the number of the feature. A VF token is a secret. */
#include "decorators/trace.h"

#include <inttypes.h>
#include <string.h>

#include "abi/vfio.h"
#include "abi/vfio_migration.h"

static const struct trace_name feature_flags[] = {
	{ ABI_VFIO_DEVICE_FEATURE_GET, "GET" },
	{ ABI_VFIO_DEVICE_FEATURE_SET, "SET" },
	{ ABI_VFIO_DEVICE_FEATURE_PROBE, "PROBE" },
	{ 0, NULL },
};

static const struct trace_name features[] = {
	{ ABI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN, "PCI_VF_TOKEN" },
	{ ABI_VFIO_DEVICE_FEATURE_MIGRATION, "MIGRATION" },
	{ ABI_VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, "MIG_DEVICE_STATE" },
	{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY, "LOW_POWER_ENTRY" },
	{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_ENTRY_WITH_WAKEUP, "LOW_POWER_ENTRY_WITH_WAKEUP" },
	{ ABI_VFIO_DEVICE_FEATURE_LOW_POWER_EXIT, "LOW_POWER_EXIT" },
	{ ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_START, "DMA_LOGGING_START" },
	{ ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_STOP, "DMA_LOGGING_STOP" },
	{ ABI_VFIO_DEVICE_FEATURE_DMA_LOGGING_REPORT, "DMA_LOGGING_REPORT" },
	{ ABI_VFIO_DEVICE_FEATURE_MIG_DATA_SIZE, "MIG_DATA_SIZE" },
	{ ABI_VFIO_DEVICE_FEATURE_BUS_MASTER, "BUS_MASTER" },
	{ ABI_VFIO_DEVICE_FEATURE_DMA_BUF, "DMA_BUF" },
	{ ABI_VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2, "MIG_PRECOPY_INFOv2" },
	{ ABI_VFIO_DEVICE_FEATURE_ZPCI_ERROR, "ZPCI_ERROR" },
	{ 0, NULL },
};

static const struct trace_name states[] = {
	{ ABI_VFIO_DEVICE_STATE_ERROR, "ERROR" },
	{ ABI_VFIO_DEVICE_STATE_STOP, "STOP" },
	{ ABI_VFIO_DEVICE_STATE_RUNNING, "RUNNING" },
	{ ABI_VFIO_DEVICE_STATE_STOP_COPY, "STOP_COPY" },
	{ ABI_VFIO_DEVICE_STATE_RESUMING, "RESUMING" },
	{ ABI_VFIO_DEVICE_STATE_RUNNING_P2P, "RUNNING_P2P" },
	{ ABI_VFIO_DEVICE_STATE_PRE_COPY, "PRE_COPY" },
	{ ABI_VFIO_DEVICE_STATE_PRE_COPY_P2P, "PRE_COPY_P2P" },
	{ 0, NULL },
};

static const struct trace_name migration_flags[] = {
	{ ABI_VFIO_MIGRATION_STOP_COPY, "STOP_COPY" },
	{ ABI_VFIO_MIGRATION_P2P, "P2P" },
	{ ABI_VFIO_MIGRATION_PRE_COPY, "PRE_COPY" },
	{ 0, NULL },
};

#define FLAGS_ARE(operation, feature)                                                              \
	{                                                                                          \
		{ offsetof(struct abi_vfio_device_feature, flags), 4, 0 },                         \
			ABI_VFIO_DEVICE_FEATURE_##operation | ABI_VFIO_DEVICE_FEATURE_##feature    \
	}

static const struct trace_condition gets_migration = FLAGS_ARE(GET, MIGRATION);
static const struct trace_condition gets_state = FLAGS_ARE(GET, MIG_DEVICE_STATE);
static const struct trace_condition sets_state = FLAGS_ARE(SET, MIG_DEVICE_STATE);
static const struct trace_condition gets_size = FLAGS_ARE(GET, MIG_DATA_SIZE);
static const struct trace_condition enters_low_power = FLAGS_ARE(SET, LOW_POWER_ENTRY_WITH_WAKEUP);
static const struct trace_condition starts_log = FLAGS_ARE(SET, DMA_LOGGING_START);
static const struct trace_condition reads_log = FLAGS_ARE(GET, DMA_LOGGING_REPORT);
static const struct trace_condition sets_master = FLAGS_ARE(SET, BUS_MASTER);

/* A member of the data after the header. */
#define DATA_MEMBER(type, member)                                                                  \
	.name = #member, .place = {                                                                \
		.offset = sizeof(struct abi_vfio_device_feature) + offsetof(struct type, member),  \
		.width = sizeof(((struct type *)NULL)->member),                                    \
	}

const struct trace_member trace_vfio_feature[] = {
	{ .name = "flags",
		.place = { offsetof(struct abi_vfio_device_feature, flags), 4, ~0xffffU },
		.when = TRACE_IN,
		.show = TRACE_FLAGS,
		.names = feature_flags },
	{ .name = "feature",
		.place = { offsetof(struct abi_vfio_device_feature, flags), 4,
			ABI_VFIO_DEVICE_FEATURE_MASK },
		.when = TRACE_IN,
		.show = TRACE_ENUM,
		.names = features },
	{ DATA_MEMBER(abi_vfio_device_feature_migration, flags), .when = TRACE_OUT,
		.show = TRACE_FLAGS, .names = migration_flags, .only = &gets_migration },
	{ DATA_MEMBER(abi_vfio_device_feature_mig_state, device_state), .when = TRACE_IN,
		.show = TRACE_ENUM, .names = states, .only = &sets_state },
	{ DATA_MEMBER(abi_vfio_device_feature_mig_state, data_fd), .when = TRACE_OUT,
		.show = TRACE_SIGNED, .only = &sets_state },
	{ DATA_MEMBER(abi_vfio_device_feature_mig_state, device_state), .when = TRACE_OUT,
		.show = TRACE_ENUM, .names = states, .only = &gets_state },
	{ DATA_MEMBER(abi_vfio_device_feature_mig_data_size, stop_copy_length), .when = TRACE_OUT,
		.only = &gets_size },
	{ DATA_MEMBER(abi_vfio_device_low_power_entry_with_wakeup, wakeup_eventfd),
		.when = TRACE_IN, .show = TRACE_SIGNED, .only = &enters_low_power },
	{ DATA_MEMBER(abi_vfio_device_feature_dma_logging_control, page_size),
		.when = TRACE_IN | TRACE_OUT, .show = TRACE_HEX, .only = &starts_log },
	{ DATA_MEMBER(abi_vfio_device_feature_dma_logging_control, num_ranges), .when = TRACE_IN,
		.only = &starts_log },
	{ DATA_MEMBER(abi_vfio_device_feature_dma_logging_report, iova), .when = TRACE_IN,
		.show = TRACE_HEX, .only = &reads_log },
	{ DATA_MEMBER(abi_vfio_device_feature_dma_logging_report, length), .when = TRACE_IN,
		.show = TRACE_HEX, .only = &reads_log },
	{ DATA_MEMBER(abi_vfio_device_feature_dma_logging_report, page_size), .when = TRACE_IN,
		.show = TRACE_HEX, .only = &reads_log },
	{ DATA_MEMBER(abi_vfio_device_feature_bus_master, op), .when = TRACE_IN,
		.only = &sets_master },
	{ NULL },
};

void trace_dma_buf(const struct trace_argument *before, struct trace_fields *in)
{
	const char *data = (const char *)before->user + sizeof(struct abi_vfio_device_feature);
	struct abi_vfio_device_feature_dma_buf dma_buf;
	struct abi_vfio_region_dma_range range;
	struct abi_vfio_device_feature header;
	size_t count, shown;

	memcpy(&header, before->copy, sizeof(header));
	if (header.flags != (ABI_VFIO_DEVICE_FEATURE_GET | ABI_VFIO_DEVICE_FEATURE_DMA_BUF) ||
		before->size < sizeof(header) + sizeof(dma_buf))
		return;
	memcpy(&dma_buf, data, sizeof(dma_buf));
	trace_add_value(in, "region_index", IOMMUCTL_TRACE_DECIMAL, dma_buf.region_index);
	trace_add_value(in, "open_flags", IOMMUCTL_TRACE_HEX, dma_buf.open_flags);
	trace_add_value(in, "nr_ranges", IOMMUCTL_TRACE_DECIMAL, dma_buf.nr_ranges);
	count = (before->size - sizeof(header) - sizeof(dma_buf)) / sizeof(range);
	if (count > dma_buf.nr_ranges)
		count = dma_buf.nr_ranges;
	for (shown = 0; shown < count && shown < TRACE_ITEMS_MAX; shown++) {
		memcpy(&range, data + sizeof(dma_buf) + shown * sizeof(range), sizeof(range));
		trace_add_text(in, "range", "offset=0x%" PRIx64 " length=0x%" PRIx64, range.offset,
			range.length);
	}
	trace_add_more(in, count - shown);
}
