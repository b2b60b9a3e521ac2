// SPDX-License-Identifier: MIT
/* Each thin call of VFIO sends exactly its structure and returns every field that comes back. */
#include <iommuctl/vfio.h>

#include "abi/vfio.h"
#include "array.h"
#include "thin_call.h"

static const uint8_t token[16] = { 1, 2, 3 };

static int run_bind(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t id = (uint32_t)out[0];
	int ret = iommuctl_vfio_bind_iommufd(ctx, THIN_FD, 4, NULL, &id);

	out[0] = ret ? out[0] : id;
	return ret;
}

static int run_attach(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t id = (uint32_t)out[0];
	int ret = iommuctl_vfio_attach(ctx, THIN_FD, 5, &id);

	out[0] = ret ? out[0] : id;
	return ret;
}

static int run_attach_pasid(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t id = (uint32_t)out[0];
	int ret = iommuctl_vfio_attach_pasid(ctx, THIN_FD, 99, 5, &id);

	out[0] = ret ? out[0] : id;
	return ret;
}

static int run_attach_without_asking(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_attach(ctx, THIN_FD, 5, NULL);
}

static int run_detach(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_detach(ctx, THIN_FD);
}

static int run_detach_pasid(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_detach_pasid(ctx, THIN_FD, 99);
}

static int run_get_device_info(struct iommuctl *ctx, uint64_t *out)
{
	struct iommuctl_vfio_device_info info;
	int ret = iommuctl_vfio_device_get_info(ctx, THIN_FD, &info);

	if (ret)
		return ret;
	out[0] = info.flags;
	out[1] = info.num_regions;
	out[2] = info.num_irqs;
	out[3] = info.pci_atomic_comp;
	return 0;
}

static int run_get_region_info(struct iommuctl *ctx, uint64_t *out)
{
	struct iommuctl_vfio_region_info info;
	int ret = iommuctl_vfio_region_get_info(ctx, THIN_FD, 2, &info);

	if (ret)
		return ret;
	out[0] = info.flags;
	out[1] = info.index;
	out[2] = info.size;
	out[3] = info.offset;
	out[4] = info.msix_mappable;
	out[5] = info.sparse;
	out[6] = info.typed;
	out[7] = info.type;
	out[8] = info.subtype;
	return 0;
}

static int run_get_irq_info(struct iommuctl *ctx, uint64_t *out)
{
	struct iommuctl_vfio_irq_info info;
	int ret = iommuctl_vfio_irqs_get_info(ctx, THIN_FD, IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, &info);

	if (ret)
		return ret;
	out[0] = info.flags;
	out[1] = info.index;
	out[2] = info.count;
	return 0;
}

static int run_feature_probe(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_feature_probe(ctx, THIN_FD, IOMMUCTL_VFIO_DEVICE_FEATURE_DMA_BUF,
		IOMMUCTL_VFIO_DEVICE_FEATURE_GET);
}

static int run_group_get_status(struct iommuctl *ctx, uint64_t *out)
{
	uint32_t flags = (uint32_t)out[0];
	int ret = iommuctl_vfio_group_get_status(ctx, THIN_FD, &flags);

	out[0] = ret ? out[0] : flags;
	return ret;
}

static int run_group_set_container(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_group_set_container(ctx, THIN_FD, 4);
}

static int run_group_unset_container(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_group_unset_container(ctx, THIN_FD);
}

static int run_reset(struct iommuctl *ctx, uint64_t *out)
{
	(void)out;
	return iommuctl_vfio_reset(ctx, THIN_FD);
}

#define ABI(type, ...)                                                                             \
	&(const struct type)                                                                       \
	{                                                                                          \
		.argsz = sizeof(struct type), __VA_ARGS__                                          \
	}
#define STRUCTURE(type) .size = sizeof(struct type)

static const struct thin_call calls[] = {
	{ "VFIO_DEVICE_BIND_IOMMUFD", "device fd 7, iommufd fd 4", ABI_VFIO_DEVICE_BIND_IOMMUFD,
		ABI(abi_vfio_device_bind_iommufd, .iommufd = 4),
		ABI(abi_vfio_device_bind_iommufd, .out_devid = 3),
		STRUCTURE(abi_vfio_device_bind_iommufd), run_bind, { 3 }, 1 },
	{ "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "device fd 7, page table 5",
		ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT,
		ABI(abi_vfio_device_attach_iommufd_pt, .pt_id = 5),
		ABI(abi_vfio_device_attach_iommufd_pt, .pt_id = 9),
		STRUCTURE(abi_vfio_device_attach_iommufd_pt), run_attach, { 9 }, 1 },
	{ "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "device fd 7, page table 5",
		ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT,
		ABI(abi_vfio_device_attach_iommufd_pt, .pt_id = 5),
		ABI(abi_vfio_device_attach_iommufd_pt, .pt_id = 9),
		STRUCTURE(abi_vfio_device_attach_iommufd_pt), run_attach_without_asking },
	{ "VFIO_DEVICE_ATTACH_IOMMUFD_PT", "device fd 7, PASID 99, page table 5",
		ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT,
		ABI(abi_vfio_device_attach_iommufd_pt, .flags = ABI_VFIO_DEVICE_ATTACH_PASID,
			.pt_id = 5, .pasid = 99),
		ABI(abi_vfio_device_attach_iommufd_pt, .pt_id = 9),
		STRUCTURE(abi_vfio_device_attach_iommufd_pt), run_attach_pasid, { 9 }, 1 },
	{ "VFIO_DEVICE_DETACH_IOMMUFD_PT", "device fd 7", ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT,
		ABI(abi_vfio_device_detach_iommufd_pt), NULL,
		STRUCTURE(abi_vfio_device_detach_iommufd_pt), run_detach },
	{ "VFIO_DEVICE_DETACH_IOMMUFD_PT", "device fd 7, PASID 99",
		ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT,
		ABI(abi_vfio_device_detach_iommufd_pt, .flags = ABI_VFIO_DEVICE_DETACH_PASID,
			.pasid = 99),
		NULL, STRUCTURE(abi_vfio_device_detach_iommufd_pt), run_detach_pasid },
	{ "VFIO_DEVICE_GET_INFO", "device fd 7", ABI_VFIO_DEVICE_GET_INFO,
		ABI(abi_vfio_device_info),
		ABI(abi_vfio_device_info, .flags = ABI_VFIO_DEVICE_FLAGS_PCI, .num_regions = 9,
			.num_irqs = 5),
		STRUCTURE(abi_vfio_device_info), run_get_device_info,
		{ ABI_VFIO_DEVICE_FLAGS_PCI, 9, 5, 0 }, 4 },
	{ "VFIO_DEVICE_GET_REGION_INFO", "device fd 7, region 2", ABI_VFIO_DEVICE_GET_REGION_INFO,
		ABI(abi_vfio_region_info, .index = 2),
		ABI(abi_vfio_region_info, .flags = 7, .index = 2, .size = 0x4000,
			.offset = UINT64_C(2) << 40),
		STRUCTURE(abi_vfio_region_info), run_get_region_info,
		{ 7, 2, 0x4000, UINT64_C(2) << 40, 0, 0, 0, 0, 0 }, 9 },
	{ "VFIO_DEVICE_GET_IRQ_INFO", "device fd 7, interrupt index 1",
		ABI_VFIO_DEVICE_GET_IRQ_INFO, ABI(abi_vfio_irq_info, .index = 1),
		ABI(abi_vfio_irq_info, .flags = ABI_VFIO_IRQ_INFO_EVENTFD, .index = 1, .count = 4),
		STRUCTURE(abi_vfio_irq_info), run_get_irq_info, { ABI_VFIO_IRQ_INFO_EVENTFD, 1, 4 },
		3 },
	{ "VFIO_DEVICE_FEATURE", "device fd 7, feature 11", ABI_VFIO_DEVICE_FEATURE,
		ABI(abi_vfio_device_feature,
			.flags = ABI_VFIO_DEVICE_FEATURE_DMA_BUF | ABI_VFIO_DEVICE_FEATURE_PROBE |
				 ABI_VFIO_DEVICE_FEATURE_GET),
		NULL, STRUCTURE(abi_vfio_device_feature), run_feature_probe },
	{ "VFIO_GROUP_GET_STATUS", "group fd 7", ABI_VFIO_GROUP_GET_STATUS,
		ABI(abi_vfio_group_status),
		ABI(abi_vfio_group_status, .flags = ABI_VFIO_GROUP_FLAGS_VIABLE),
		STRUCTURE(abi_vfio_group_status), run_group_get_status,
		{ ABI_VFIO_GROUP_FLAGS_VIABLE }, 1 },
	{ "VFIO_GROUP_SET_CONTAINER", "group fd 7, container fd 4", ABI_VFIO_GROUP_SET_CONTAINER,
		&(const int32_t){ 4 }, NULL, sizeof(int32_t), run_group_set_container },
	{ "VFIO_GROUP_UNSET_CONTAINER", "group fd 7", ABI_VFIO_GROUP_UNSET_CONTAINER, "", NULL, 0,
		run_group_unset_container },
	{ "VFIO_DEVICE_RESET", "device fd 7", ABI_VFIO_DEVICE_RESET, "", NULL, 0, run_reset },
};

#define CALL_COUNT ARRAY_SIZE(calls)

Test(vfio_calls, each_sends_exactly_its_structure)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_sends_its_structure(&calls[i]);
}

Test(vfio_calls, each_returns_every_out_field)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_returns_every_out_field(&calls[i]);
}

Test(vfio_calls, a_failure_leaves_out_parameters_alone_and_names_operation_and_objects)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_failure_leaves_outs_alone(&calls[i]);
}

Test(vfio_calls, a_positive_result_where_zero_is_the_contract_is_a_protocol_error)
{
	for (size_t i = 0; i < CALL_COUNT; i++)
		thin_call_refuses_a_positive_result(&calls[i]);
}

Test(vfio_calls, a_vf_token_goes_along_when_there_is_one)
{
	const struct abi_vfio_device_bind_iommufd sent = {
		.argsz = sizeof(sent),
		.flags = ABI_VFIO_DEVICE_BIND_FLAG_TOKEN,
		.iommufd = 4,
		.token_uuid_ptr = (uintptr_t)token,
	};
	struct script script = { .sent_size = sizeof(sent) };
	struct iommuctl *ctx = script_context(&script);
	uint32_t id;

	cr_assert_eq(iommuctl_vfio_bind_iommufd(ctx, THIN_FD, 4, token, &id), 0);
	cr_assert_arr_eq(script.sent, &sent, sizeof(sent));
	iommuctl_free(ctx);
}

static int open_group(struct iommuctl *ctx, int *fd)
{
	return iommuctl_vfio_group_open(ctx, "/dev/vfio/12", fd);
}

static int open_device(struct iommuctl *ctx, int *fd)
{
	return iommuctl_vfio_device_open(ctx, "/dev/vfio/devices/vfio0", fd);
}

static const struct {
	const char *path;
	int (*open)(struct iommuctl *ctx, int *fd);
} opens[] = {
	{ "/dev/vfio/vfio", iommuctl_vfio_container_open },
	{ "/dev/vfio/12", open_group },
	{ "/dev/vfio/devices/vfio0", open_device },
};

Test(vfio_calls, opening_returns_the_file_or_names_the_path)
{
	for (size_t i = 0; i < ARRAY_SIZE(opens); i++) {
		struct script script = { .result = 5 };
		struct iommuctl *ctx = script_context(&script);
		int fd = -1;

		cr_assert_eq(opens[i].open(ctx, &fd), 0);
		cr_assert_eq(fd, 5);
		cr_assert_str_eq(script.path, opens[i].path);
		script.result = -EACCES;
		cr_assert_eq(opens[i].open(ctx, &fd), -EACCES);
		cr_assert_eq(fd, 5);
		cr_assert_str_eq(iommuctl_last_error(ctx)->object, opens[i].path);
		cr_assert_gt(iommuctl_last_error(ctx)->explanation_count, 0);
		iommuctl_free(ctx);
	}
}

Test(vfio_calls, results_that_are_values_are_returned)
{
	struct script script = { .result = 6 };
	struct iommuctl *ctx = script_context(&script);
	int value = -1;

	cr_assert_eq(iommuctl_vfio_container_get_api_version(ctx, THIN_FD, &value), 0);
	cr_assert_eq(value, 6);
	cr_assert_eq(script.request, ABI_VFIO_GET_API_VERSION);
	value = -1;
	cr_assert_eq(iommuctl_vfio_container_check_extension(
			     ctx, THIN_FD, IOMMUCTL_VFIO_TYPE1v2_IOMMU, &value),
		0);
	cr_assert_eq(value, 6);
	cr_assert_eq(script.request, ABI_VFIO_CHECK_EXTENSION);
	cr_assert_eq((uintptr_t)script.arg, ABI_VFIO_TYPE1v2_IOMMU);
	value = -1;
	cr_assert_eq(iommuctl_vfio_group_get_device(ctx, THIN_FD, "0000:00:01.0", &value), 0);
	cr_assert_eq(value, 6);
	cr_assert_eq(script.request, ABI_VFIO_GROUP_GET_DEVICE_FD);
	cr_assert_str_eq(script.arg, "0000:00:01.0");
	script.result = -ENODEV;
	cr_assert_eq(iommuctl_vfio_group_get_device(ctx, THIN_FD, "0000:00:01.0", &value), -ENODEV);
	cr_assert_eq(value, 6);
	cr_assert_str_eq(iommuctl_last_error(ctx)->object, "group fd 7, 0000:00:01.0");
	iommuctl_free(ctx);
}

Test(vfio_calls, the_iommu_type_goes_to_the_container_as_it_is)
{
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);

	cr_assert_eq(
		iommuctl_vfio_container_set_iommu(ctx, THIN_FD, IOMMUCTL_VFIO_TYPE1v2_IOMMU), 0);
	cr_assert_eq(script.request, ABI_VFIO_SET_IOMMU);
	cr_assert_eq((uintptr_t)script.arg, ABI_VFIO_TYPE1v2_IOMMU);
	iommuctl_free(ctx);
}
