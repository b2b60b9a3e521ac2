// SPDX-License-Identifier: MIT
/* Reads, writes and maps stay inside a region; features and interrupts carry their data. */
#include <iommuctl/vfio.h>

#include <sys/mman.h>

#include "abi/vfio.h"
#include "array.h"
#include "thin_call.h"

static const struct iommuctl_vfio_region_info bar = {
	.flags = IOMMUCTL_VFIO_REGION_INFO_FLAG_READ | IOMMUCTL_VFIO_REGION_INFO_FLAG_WRITE |
		 IOMMUCTL_VFIO_REGION_INFO_FLAG_MMAP,
	.index = 0,
	.size = 0x4000,
	.offset = UINT64_C(1) << 40,
};

Test(vfio_region, reads_and_writes_go_to_the_region_in_the_file)
{
	struct script script = { .answer = "abcd", .answer_size = 4, .result = 4 };
	struct iommuctl *ctx = script_context(&script);
	char buffer[4];

	cr_assert_eq(iommuctl_vfio_region_read(ctx, THIN_FD, &bar, 0x3ffc, buffer, 4), 0);
	cr_assert_eq(script.offset, (INT64_C(1) << 40) + 0x3ffc);
	cr_assert_arr_eq(buffer, "abcd", 4);
	cr_assert_eq(iommuctl_vfio_region_write(ctx, THIN_FD, &bar, 0x10, "wxyz", 4), 0);
	cr_assert_eq(script.offset, (INT64_C(1) << 40) + 0x10);
	cr_assert_arr_eq(script.sent, "wxyz", 4);
	iommuctl_free(ctx);
}

Test(vfio_region, a_short_transfer_is_an_error)
{
	struct script script = { .result = 3 };
	struct iommuctl *ctx = script_context(&script);
	char buffer[4] = { 0 };

	cr_assert_eq(iommuctl_vfio_region_read(ctx, THIN_FD, &bar, 0, buffer, 4), -EIO);
	cr_assert_eq(iommuctl_vfio_region_write(ctx, THIN_FD, &bar, 0, buffer, 4), -EIO);
	cr_assert_eq(iommuctl_last_error(ctx)->explanation_count, 1);
	cr_assert_str_eq(
		iommuctl_last_error(ctx)->object, "device fd 7, region 0, offset 0x0, length 0x4");
	iommuctl_free(ctx);
}

static const struct {
	uint64_t offset;
	size_t size;
} outside[] = {
	{ 0x3ffd, 4 },
	{ 0x4001, 0 },
	{ 0, 0x4001 },
	{ UINT64_MAX, 2 },
	{ 1, SIZE_MAX },
};

Test(vfio_region, nothing_outside_the_region_reaches_the_device)
{
	for (size_t i = 0; i < ARRAY_SIZE(outside); i++) {
		struct script script = { 0 };
		struct iommuctl *ctx = script_context(&script);
		void *address = NULL;

		cr_assert_eq(iommuctl_vfio_region_read(
				     ctx, THIN_FD, &bar, outside[i].offset, NULL, outside[i].size),
			-EINVAL);
		cr_assert_eq(iommuctl_vfio_region_write(
				     ctx, THIN_FD, &bar, outside[i].offset, NULL, outside[i].size),
			-EINVAL);
		cr_assert_eq(iommuctl_vfio_region_mmap(ctx, THIN_FD, &bar,
				     &(struct iommuctl_vfio_region_area){
					     outside[i].offset, outside[i].size },
				     PROT_READ, &address),
			-EINVAL);
		cr_assert_null(address);
		cr_assert_eq(script.total, 0);
		cr_assert_eq(iommuctl_last_error(ctx)->explanation_count, 1);
		iommuctl_free(ctx);
	}
}

Test(vfio_region, a_region_that_leaves_the_file_is_refused)
{
	struct iommuctl_vfio_region_info region = bar;
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);
	char buffer[4];

	region.offset = INT64_MAX - 2;
	cr_assert_eq(iommuctl_vfio_region_read(ctx, THIN_FD, &region, 0, buffer, 4), -EINVAL);
	region.offset = UINT64_MAX;
	cr_assert_eq(iommuctl_vfio_region_read(ctx, THIN_FD, &region, 1, buffer, 4), -EINVAL);
	cr_assert_eq(script.total, 0);
	iommuctl_free(ctx);
}

Test(vfio_region, an_access_that_the_region_does_not_have_is_refused)
{
	struct iommuctl_vfio_region_info region = bar;
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);
	char buffer[4] = { 0 };
	void *address;

	region.flags = 0;
	cr_assert_eq(iommuctl_vfio_region_read(ctx, THIN_FD, &region, 0, buffer, 4), -EACCES);
	cr_assert_eq(iommuctl_vfio_region_write(ctx, THIN_FD, &region, 0, buffer, 4), -EACCES);
	cr_assert_eq(iommuctl_vfio_region_mmap(ctx, THIN_FD, &region,
			     &(struct iommuctl_vfio_region_area){ 0, 0x1000 }, PROT_READ, &address),
		-EINVAL);
	cr_assert_eq(iommuctl_last_error(ctx)->explanation_count, 1);
	cr_assert_eq(script.total, 0);
	iommuctl_free(ctx);
}

Test(vfio_region, a_map_lies_at_the_region_in_the_file)
{
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);
	void *address = NULL;

	cr_assert_eq(
		iommuctl_vfio_region_mmap(ctx, THIN_FD, &bar,
			&(struct iommuctl_vfio_region_area){ 0x1000, 0x3000 }, PROT_READ, &address),
		0);
	cr_assert_eq(script.offset, (INT64_C(1) << 40) + 0x1000);
	cr_assert_eq(script.length, 0x3000);
	cr_assert_eq(script.prot, PROT_READ);
	cr_assert_eq(address, &script);
	iommuctl_free(ctx);
}

struct irq_set {
	uint32_t argsz, flags, index, start, count;
	int32_t data[2];
};

Test(vfio_region, enabling_interrupts_sends_their_eventfds)
{
	const struct irq_set sent = {
		.argsz = sizeof(sent),
		.flags = ABI_VFIO_IRQ_SET_DATA_EVENTFD | ABI_VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = ABI_VFIO_PCI_MSI_IRQ_INDEX,
		.start = 1,
		.count = 2,
		.data = { 30, -1 },
	};
	struct script script = { .sent_size = sizeof(sent) };
	struct iommuctl *ctx = script_context(&script);

	cr_assert_eq(iommuctl_vfio_irqs_enable(ctx, THIN_FD, IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 1,
			     (const int[]){ 30, -1 }, 2),
		0);
	cr_assert_eq(script.request, ABI_VFIO_DEVICE_SET_IRQS);
	cr_assert_arr_eq(script.sent, &sent, sizeof(sent));
	iommuctl_free(ctx);
}

Test(vfio_region, disabling_interrupts_sends_a_count_of_zero_without_data)
{
	const struct abi_vfio_irq_set sent = {
		.argsz = sizeof(sent),
		.flags = ABI_VFIO_IRQ_SET_DATA_NONE | ABI_VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = ABI_VFIO_PCI_MSIX_IRQ_INDEX,
	};
	struct script script = { .sent_size = sizeof(sent) };
	struct iommuctl *ctx = script_context(&script);

	cr_assert_eq(iommuctl_vfio_irqs_disable(ctx, THIN_FD, IOMMUCTL_VFIO_PCI_MSIX_IRQ_INDEX), 0);
	cr_assert_arr_eq(script.sent, &sent, sizeof(sent));
	iommuctl_free(ctx);
}

Test(vfio_region, fewer_vectors_than_asked_for_are_no_space)
{
	struct script script = { .result = 1 };
	struct iommuctl *ctx = script_context(&script);

	cr_assert_eq(iommuctl_vfio_irqs_enable(ctx, THIN_FD, IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 0,
			     (const int[]){ 30, 31 }, 2),
		-ENOSPC);
	cr_assert_str_eq(iommuctl_last_error(ctx)->object,
		"device fd 7, interrupt index 1, start 0, count 2");
	iommuctl_free(ctx);
}

/* What the kernel answers to a request for two vectors, and what @available becomes: 9 before. */
static const struct {
	int result;
	int returned;
	uint32_t available;
} vectors[] = {
	{ 1, -ENOSPC, 1 },
	{ -ENOSPC, -ENOSPC, 0 },
	{ -EINVAL, -EINVAL, 9 },
	{ 0, 0, 9 },
};

Test(vfio_region, no_space_says_how_many_vectors_there_are)
{
	const int32_t eventfds[] = { 30, 31 };
	const struct iommuctl_vfio_irq_set_args args = {
		.flags = IOMMUCTL_VFIO_IRQ_SET_DATA_EVENTFD | IOMMUCTL_VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX,
		.count = 2,
		.data = eventfds,
		.data_size = sizeof(eventfds),
	};

	for (size_t i = 0; i < ARRAY_SIZE(vectors); i++) {
		struct script script = { .result = vectors[i].result };
		struct iommuctl *ctx = script_context(&script);
		uint32_t available = 9;

		cr_expect_eq(iommuctl_vfio_irqs_set(ctx, THIN_FD, &args, &available),
			vectors[i].returned, "answer %d", vectors[i].result);
		cr_expect_eq(available, vectors[i].available, "answer %d", vectors[i].result);
		iommuctl_free(ctx);
	}
}

struct feature {
	uint32_t argsz, flags;
	uint8_t data[16];
};

Test(vfio_region, a_feature_is_set_with_its_data)
{
	const struct feature sent = {
		.argsz = sizeof(sent),
		.flags = ABI_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN | ABI_VFIO_DEVICE_FEATURE_SET,
		.data = { 1, 2, 3 },
	};
	struct script script = { .sent_size = sizeof(sent) };
	struct iommuctl *ctx = script_context(&script);

	cr_assert_eq(
		iommuctl_vfio_feature_set(ctx, THIN_FD, IOMMUCTL_VFIO_DEVICE_FEATURE_PCI_VF_TOKEN,
			sent.data, sizeof(sent.data)),
		0);
	cr_assert_eq(script.request, ABI_VFIO_DEVICE_FEATURE);
	cr_assert_arr_eq(script.sent, &sent, sizeof(sent));
	iommuctl_free(ctx);
}

Test(vfio_region, a_feature_is_read_into_its_data_on_success_only)
{
	const struct feature answer = { .data = { 9, 8, 7 } };
	struct script script = { .answer = &answer, .answer_size = sizeof(answer) };
	struct iommuctl *ctx = script_context(&script);
	uint8_t data[16] = { 5 };

	script.result = -ENOTTY;
	cr_assert_eq(iommuctl_vfio_feature_get(ctx, THIN_FD, 1, data, sizeof(data)), -ENOTTY);
	cr_assert_eq(data[0], 5);
	script.result = 0;
	cr_assert_eq(iommuctl_vfio_feature_get(ctx, THIN_FD, 1, data, sizeof(data)), 0);
	cr_assert_arr_eq(data, answer.data, sizeof(data));
	iommuctl_free(ctx);
}

Test(vfio_region, a_feature_that_answers_with_a_file_is_not_read_as_data)
{
	struct script script = { .result = 40 };
	struct iommuctl *ctx = script_context(&script);
	uint8_t data[16] = { 0 };

	cr_assert_eq(iommuctl_vfio_feature_get(ctx, THIN_FD, IOMMUCTL_VFIO_DEVICE_FEATURE_DMA_BUF,
			     data, sizeof(data)),
		-EINVAL);
	cr_assert_eq(script.total, 0);
	iommuctl_free(ctx);
}

Test(vfio_region, a_feature_of_more_than_32_bits_of_bytes_is_refused_before_the_kernel)
{
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);
	int dma_buf = -1;

	cr_expect_eq(iommuctl_vfio_feature_get(ctx, THIN_FD, 1, NULL, UINT32_MAX), -EOVERFLOW);
	cr_expect_eq(iommuctl_vfio_feature_set(ctx, THIN_FD, 1, NULL, UINT32_MAX), -EOVERFLOW);
	cr_expect_eq(
		iommuctl_vfio_dma_buf_export(ctx, THIN_FD,
			&(struct iommuctl_vfio_dma_buf_export_args){
				.index = 0, .open_flags = 0, .areas = NULL, .count = UINT32_MAX },
			&dma_buf),
		-EOVERFLOW);
	cr_expect_eq(dma_buf, -1);
	cr_expect_eq(script.total, 0);
	iommuctl_free(ctx);
}

struct dma_buf_feature {
	uint32_t argsz, flags;
	uint32_t region_index, open_flags, dma_buf_flags, nr_ranges;
	uint64_t ranges[2][2];
};

Test(vfio_region, a_dma_buf_is_exported_from_areas_of_a_region)
{
	const struct dma_buf_feature sent = {
		.argsz = sizeof(sent),
		.flags = ABI_VFIO_DEVICE_FEATURE_DMA_BUF | ABI_VFIO_DEVICE_FEATURE_GET,
		.region_index = 2,
		.open_flags = 2,
		.nr_ranges = 2,
		.ranges = { { 0, 0x1000 }, { 0x2000, 0x3000 } },
	};
	const struct iommuctl_vfio_region_area areas[] = { { 0, 0x1000 }, { 0x2000, 0x3000 } };
	struct script script = { .sent_size = sizeof(sent), .result = 40 };
	struct iommuctl *ctx = script_context(&script);
	int dma_buf = -1;

	cr_assert_eq(iommuctl_vfio_dma_buf_export(ctx, THIN_FD,
			     &(struct iommuctl_vfio_dma_buf_export_args){
				     .index = 2, .open_flags = 2, .areas = areas, .count = 2 },
			     &dma_buf),
		0);
	cr_assert_eq(dma_buf, 40);
	cr_assert_arr_eq(script.sent, &sent, sizeof(sent));
	script.result = -ENODEV;
	cr_assert_eq(iommuctl_vfio_dma_buf_export(ctx, THIN_FD,
			     &(struct iommuctl_vfio_dma_buf_export_args){
				     .index = 2, .open_flags = 2, .areas = areas, .count = 2 },
			     &dma_buf),
		-ENODEV);
	cr_assert_eq(dma_buf, 40);
	cr_assert_str_eq(iommuctl_last_error(ctx)->object, "device fd 7, region 2");
	iommuctl_free(ctx);
}
