// SPDX-License-Identifier: MIT
/* Migration, the log of DMA, power, resets of a slot or bus, ioeventfds: what each call sends. */
#include <iommuctl/vfio.h>

#include "abi/vfio_migration.h"
#include "abi/vfio_pci.h"
#include "array.h"
#include "thin_call.h"

#define GET ABI_VFIO_DEVICE_FEATURE_GET
#define SET ABI_VFIO_DEVICE_FEATURE_SET

/* A feature with data of this type after its header. */
#define FEATURE_OF(type)                                                                           \
	struct {                                                                                   \
		uint32_t argsz;                                                                    \
		uint32_t flags;                                                                    \
		struct type data;                                                                  \
	}

#define WITH_DATA(type, is, ...)                                                                   \
	&(const FEATURE_OF(type))                                                                  \
	{                                                                                          \
		.argsz = sizeof(FEATURE_OF(type)), .flags = (is), .data = { __VA_ARGS__ },         \
	}
/* Of a log of DMA. The address of its data is filled in later: it is not a constant on every architecture. */
static FEATURE_OF(abi_vfio_device_feature_dma_logging_control) logging_start = {
	.argsz = sizeof(logging_start),
	.flags = SET | 6,
	.data = { .page_size = 4096, .num_ranges = 2 },
};
static FEATURE_OF(abi_vfio_device_feature_dma_logging_report) logging_report = {
	.argsz = sizeof(logging_report),
	.flags = GET | 8,
	.data = { .iova = 0x1000, .length = 0x2000, .page_size = 4096 },
};
#define WITHOUT_DATA(is) (&(const uint32_t[]){ 8, (is) })

static const struct iommuctl_vfio_dma_range ranges[] = { { 0x1000, 0x2000 }, { 0x8000, 0x1000 } };
static uint64_t bitmap;

static int run_get_flags(struct iommuctl *ctx, uint64_t *out)
{
	return iommuctl_vfio_migration_get_flags(ctx, THIN_FD, out);
}

static int run_get_state(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t state;
	int err = iommuctl_vfio_migration_get_state(ctx, THIN_FD, &state);

	out[0] = err ? out[0] : state;
	return err;
}

static int run_set_state(struct iommuctl *ctx, uint64_t *out)
{
	int fd;
	int err = iommuctl_vfio_migration_set_state(
		ctx, THIN_FD, IOMMUCTL_VFIO_DEVICE_STATE_STOP_COPY, &fd);

	out[0] = err ? out[0] : (uint64_t)fd;
	return err;
}

static int run_get_data_size(struct iommuctl *ctx, uint64_t *out)
{
	return iommuctl_vfio_migration_get_data_size(ctx, THIN_FD, out);
}

static int run_enable_precopy_flags(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_migration_enable_precopy_flags(ctx, THIN_FD);
}

static int run_get_precopy_info(struct iommuctl *ctx, uint64_t *out)
{
	struct iommuctl_vfio_precopy_info info;
	int err = iommuctl_vfio_migration_get_precopy_info(ctx, THIN_FD, &info);

	if (err)
		return err;
	out[0] = info.flags;
	out[1] = info.initial_bytes;
	out[2] = info.dirty_bytes;
	return 0;
}

static int run_logging_start(struct iommuctl *ctx, uint64_t *out)
{
	uint64_t page_size = 4096;
	int err = iommuctl_vfio_dma_logging_start(ctx, THIN_FD, ranges, 2, &page_size);

	out[0] = err ? out[0] : page_size;
	return err;
}

static int run_logging_stop(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_dma_logging_stop(ctx, THIN_FD);
}

static int run_logging_report(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_dma_logging_report(ctx, THIN_FD, &ranges[0], 4096, &bitmap);
}

static int run_low_power_entry(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_low_power_entry(ctx, THIN_FD);
}

static int run_low_power_entry_with_wakeup(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_low_power_entry_with_wakeup(ctx, THIN_FD, 9);
}

static int run_low_power_exit(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_low_power_exit(ctx, THIN_FD);
}

static int run_set_bus_master(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_bus_master_set(ctx, THIN_FD, true);
}

static int run_clear_bus_master(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_bus_master_set(ctx, THIN_FD, false);
}

static int run_hot_reset(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_pci_hot_reset(ctx, THIN_FD, NULL, 0);
}

static int run_ioeventfd(struct iommuctl *ctx, uint64_t *out)
{
	const struct iommuctl_vfio_region_info bar = {
		.index = 2,
		.size = 0x1000,
		.offset = UINT64_C(2) << 40,
	};

	(void)out;
	return iommuctl_vfio_ioeventfd_set(ctx, THIN_FD,
		&(struct iommuctl_vfio_ioeventfd_args){
			.region = &bar, .offset = 0x60, .data = 1, .size = 4, .eventfd = 9 });
}

#define SIZE_OF(type) sizeof(FEATURE_OF(type))

static const struct thin_call calls[] = {
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 1", ABI_VFIO_DEVICE_FEATURE,
		WITH_DATA(abi_vfio_device_feature_migration, GET | 1),
		WITH_DATA(abi_vfio_device_feature_migration, GET | 1, .flags = 5),
		SIZE_OF(abi_vfio_device_feature_migration), run_get_flags, { 5 }, 1 },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 2", ABI_VFIO_DEVICE_FEATURE,
		WITH_DATA(abi_vfio_device_feature_mig_state, GET | 2, .data_fd = -1),
		WITH_DATA(abi_vfio_device_feature_mig_state, GET | 2,
			.device_state = ABI_VFIO_DEVICE_STATE_RUNNING, .data_fd = -1),
		SIZE_OF(abi_vfio_device_feature_mig_state), run_get_state, { 2 }, 1 },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 2", ABI_VFIO_DEVICE_FEATURE,
		WITH_DATA(abi_vfio_device_feature_mig_state, SET | 2,
			.device_state = ABI_VFIO_DEVICE_STATE_STOP_COPY, .data_fd = -1),
		WITH_DATA(abi_vfio_device_feature_mig_state, SET | 2,
			.device_state = ABI_VFIO_DEVICE_STATE_STOP_COPY, .data_fd = 12),
		SIZE_OF(abi_vfio_device_feature_mig_state), run_set_state, { 12 }, 1 },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 9", ABI_VFIO_DEVICE_FEATURE,
		WITH_DATA(abi_vfio_device_feature_mig_data_size, GET | 9),
		WITH_DATA(abi_vfio_device_feature_mig_data_size, GET | 9,
			.stop_copy_length = UINT64_C(1) << 33),
		SIZE_OF(abi_vfio_device_feature_mig_data_size), run_get_data_size,
		{ UINT64_C(1) << 33 }, 1 },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 12", ABI_VFIO_DEVICE_FEATURE,
		WITHOUT_DATA(SET | 12), NULL, 8, run_enable_precopy_flags },
	{ "VFIO_MIG_GET_PRECOPY_INFO", "stream fd 7", ABI_VFIO_MIG_GET_PRECOPY_INFO,
		&(const struct abi_vfio_precopy_info){ .argsz = 24 },
		&(const struct abi_vfio_precopy_info){
			.argsz = 24, .flags = 1, .initial_bytes = 100, .dirty_bytes = 200 },
		sizeof(struct abi_vfio_precopy_info), run_get_precopy_info, { 1, 100, 200 }, 3 },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 6", ABI_VFIO_DEVICE_FEATURE, &logging_start,
		WITH_DATA(abi_vfio_device_feature_dma_logging_control, SET | 6, .page_size = 65536),
		SIZE_OF(abi_vfio_device_feature_dma_logging_control), run_logging_start, { 65536 },
		1 },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 7", ABI_VFIO_DEVICE_FEATURE,
		WITHOUT_DATA(SET | 7), NULL, 8, run_logging_stop },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 8", ABI_VFIO_DEVICE_FEATURE, &logging_report,
		NULL, SIZE_OF(abi_vfio_device_feature_dma_logging_report), run_logging_report },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 3", ABI_VFIO_DEVICE_FEATURE,
		WITHOUT_DATA(SET | 3), NULL, 8, run_low_power_entry },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 4", ABI_VFIO_DEVICE_FEATURE,
		WITH_DATA(
			abi_vfio_device_low_power_entry_with_wakeup, SET | 4, .wakeup_eventfd = 9),
		NULL, SIZE_OF(abi_vfio_device_low_power_entry_with_wakeup),
		run_low_power_entry_with_wakeup },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 5", ABI_VFIO_DEVICE_FEATURE,
		WITHOUT_DATA(SET | 5), NULL, 8, run_low_power_exit },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 10", ABI_VFIO_DEVICE_FEATURE,
		WITH_DATA(abi_vfio_device_feature_bus_master, SET | 10, .op = 1), NULL,
		SIZE_OF(abi_vfio_device_feature_bus_master), run_set_bus_master },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 10", ABI_VFIO_DEVICE_FEATURE,
		WITH_DATA(abi_vfio_device_feature_bus_master, SET | 10, .op = 0), NULL,
		SIZE_OF(abi_vfio_device_feature_bus_master), run_clear_bus_master },
	{ "VFIO_DEVICE_PCI_HOT_RESET", "device fd 7", ABI_VFIO_DEVICE_PCI_HOT_RESET,
		(&(const uint32_t[]){ 12, 0, 0 }), NULL, 12, run_hot_reset },
	{ "VFIO_DEVICE_IOEVENTFD", "device fd 7, region 2, offset 0x60", ABI_VFIO_DEVICE_IOEVENTFD,
		&(const struct abi_vfio_device_ioeventfd){
			.argsz = sizeof(struct abi_vfio_device_ioeventfd),
			.flags = ABI_VFIO_DEVICE_IOEVENTFD_32,
			.offset = (UINT64_C(2) << 40) + 0x60,
			.data = 1,
			.fd = 9 },
		NULL, sizeof(struct abi_vfio_device_ioeventfd), run_ioeventfd },
};

#define CALL_COUNT ARRAY_SIZE(calls)

Test(vfio_features, each_sends_exactly_its_structure)
{
	logging_start.data.ranges = (uintptr_t)ranges;
	logging_report.data.bitmap = (uintptr_t)&bitmap;
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_sends_its_structure(&calls[i]);
}

Test(vfio_features, each_returns_every_out_field)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_returns_every_out_field(&calls[i]);
}

Test(vfio_features, a_failure_leaves_out_parameters_alone_and_names_operation_and_objects)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_failure_leaves_outs_alone(&calls[i]);
}

Test(vfio_features, a_positive_result_where_zero_is_the_contract_is_a_protocol_error)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_refuses_a_positive_result(&calls[i]);
}

/* Two devices: the caller's, and one that is nobody's. */
static const struct {
	uint32_t argsz, flags, count;
	struct abi_vfio_pci_dependent_device devices[2];
} two_devices = {
	28,
	3,
	2,
	{
		{ .devid = 5, .segment = 2, .bus = 1, .devfn = 8 },
		{ .devid = UINT32_MAX, .segment = 0, .bus = 2, .devfn = 16 },
	},
};

Test(vfio_features, the_devices_of_a_hot_reset_are_returned)
{
	struct script script = { .answer = &two_devices, .answer_size = sizeof(two_devices) };
	struct iommuctl_vfio_pci_dependent_device devices[2];
	struct iommuctl *ctx = script_context(&script);
	uint32_t flags, count = 2;

	cr_assert_eq(
		iommuctl_vfio_pci_hot_reset_get_info(ctx, THIN_FD, &flags, devices, &count), 0);
	cr_expect_eq(flags, IOMMUCTL_VFIO_PCI_HOT_RESET_FLAG_DEV_ID |
				    IOMMUCTL_VFIO_PCI_HOT_RESET_FLAG_DEV_ID_OWNED);
	cr_assert_eq(count, 2);
	cr_expect_eq(devices[0].id, 5);
	cr_expect_eq(devices[0].segment, 2);
	cr_expect_eq(devices[0].bus, 1);
	cr_expect_eq(devices[0].devfn, 8);
	cr_expect_eq(devices[1].id, IOMMUCTL_VFIO_PCI_DEVID_NOT_OWNED);
	cr_expect_eq(devices[1].segment, 0);
	cr_expect_eq(devices[1].bus, 2);
	cr_expect_eq(devices[1].devfn, 16);
	iommuctl_free(ctx);
}

Test(vfio_features, more_devices_than_there_is_room_for_cannot_be)
{
	struct script script = { .answer = &two_devices, .answer_size = 12 };
	struct iommuctl_vfio_pci_dependent_device device = { .id = 77 };
	struct iommuctl *ctx = script_context(&script);
	uint32_t flags = 77, count = 1;

	cr_assert_eq(iommuctl_vfio_pci_hot_reset_get_info(ctx, THIN_FD, &flags, &device, &count),
		-EPROTO);
	cr_expect_eq(device.id, 77);
	cr_expect_eq(flags, 77);
	cr_expect_eq(count, 1);
	iommuctl_free(ctx);
}

Test(vfio_features, too_little_room_says_how_much_is_needed)
{
	struct script script = {
		.answer = &two_devices,
		.answer_size = 12,
		.result = -ENOSPC,
	};
	struct iommuctl *ctx = script_context(&script);
	uint32_t flags, count = 0;

	cr_assert_eq(
		iommuctl_vfio_pci_hot_reset_get_info(ctx, THIN_FD, &flags, NULL, &count), -ENOSPC);
	cr_expect_eq(count, 2);
	iommuctl_free(ctx);
}

Test(vfio_features, groups_go_along_with_a_hot_reset)
{
	const int groups[] = { 4, 5 };
	const int32_t sent[] = { 20, 0, 2, 4, 5 };
	struct script script = { .sent_size = sizeof(sent) };
	struct iommuctl *ctx = script_context(&script);

	cr_assert_eq(iommuctl_vfio_pci_hot_reset(ctx, THIN_FD, groups, 2), 0);
	cr_assert_arr_eq(script.sent, sent, sizeof(sent));
	iommuctl_free(ctx);
}

static const struct {
	uint64_t offset;
	uint32_t size;
} not_in_region[] = {
	{ 0x1000, 1 },
	{ 0xffd, 4 },
	{ UINT64_MAX, 1 },
	{ 0, 16 },
};

Test(vfio_features, an_ioeventfd_beyond_its_region_is_refused_here)
{
	const struct iommuctl_vfio_region_info bar = { .index = 0, .size = 0x1000 };
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);

	for (size_t i = 0; i < ARRAY_SIZE(not_in_region); i++)
		cr_expect_eq(iommuctl_vfio_ioeventfd_set(ctx, THIN_FD,
				     &(struct iommuctl_vfio_ioeventfd_args){ .region = &bar,
					     .offset = not_in_region[i].offset,
					     .size = not_in_region[i].size,
					     .eventfd = 9 }),
			-EINVAL, "%zu", i);
	cr_expect_eq(script.total, 0);
	iommuctl_free(ctx);
}
