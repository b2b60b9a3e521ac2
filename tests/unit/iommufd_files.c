// SPDX-License-Identifier: MIT
/* Opening, mapping and closing of files, and the queues that are read and written. */
#include <iommuctl/iommufd.h>

#include <sys/mman.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "thin_call.h"

Test(iommufd_files, open_opens_dev_iommu)
{
	struct script script = { .result = 5 };
	struct iommuctl *ctx = script_context(&script);
	int fd = -1;

	cr_assert_eq(iommuctl_iommufd_open(ctx, &fd), 0);
	cr_assert_eq(fd, 5);
	cr_assert_str_eq(script.path, "/dev/iommu");
	iommuctl_free(ctx);
}

Test(iommufd_files, a_failed_open_leaves_the_fd_alone_and_names_the_path)
{
	struct script script = { .result = -ENOENT };
	struct iommuctl *ctx = script_context(&script);
	int fd = -1;

	cr_assert_eq(iommuctl_iommufd_open(ctx, &fd), -ENOENT);
	cr_assert_eq(fd, -1);
	cr_assert_str_eq(iommuctl_last_error(ctx)->operation, "open");
	cr_assert_str_eq(iommuctl_last_error(ctx)->object, "/dev/iommu");
	iommuctl_free(ctx);
}

Test(iommufd_files, mmap_maps_what_was_offered_for_reading_and_writing)
{
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);
	void *address = NULL;

	cr_assert_eq(iommuctl_iommufd_mmap(ctx, THIN_FD, 0x10000, 0x2000, &address), 0);
	cr_assert_eq(script.fd, THIN_FD);
	cr_assert_eq(script.offset, 0x10000);
	cr_assert_eq(script.length, 0x2000);
	cr_assert_eq(script.prot, PROT_READ | PROT_WRITE);
	cr_assert_eq(address, &script);
	iommuctl_free(ctx);
}

Test(iommufd_files, a_failed_mmap_leaves_the_address_alone)
{
	struct script script = { .result = -ENXIO };
	struct iommuctl *ctx = script_context(&script);
	void *address = NULL;

	cr_assert_eq(iommuctl_iommufd_mmap(ctx, THIN_FD, 0x10000, 0x2000, &address), -ENXIO);
	cr_assert_null(address);
	cr_assert_str_eq(
		iommuctl_last_error(ctx)->object, "iommufd fd 7, offset 0x10000, length 0x2000");
	iommuctl_free(ctx);
}

Test(iommufd_files, close_and_munmap_pass_on_what_they_are_given)
{
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);

	cr_assert_eq(iommuctl_close(ctx, THIN_FD), 0);
	cr_assert_eq(script.fd, THIN_FD);
	cr_assert_eq(iommuctl_munmap(ctx, &script, 0x2000), 0);
	cr_assert_eq(script.arg, &script);
	cr_assert_eq(script.length, 0x2000);
	script.result = -EBADF;
	cr_assert_eq(iommuctl_close(ctx, -1), -EBADF);
	cr_assert_str_eq(iommuctl_last_error(ctx)->object, "file fd -1");
	script.result = -EINVAL;
	cr_assert_eq(iommuctl_munmap(ctx, (void *)0x1001, 0x2000), -EINVAL);
	cr_assert_str_eq(iommuctl_last_error(ctx)->object, "address 0x1001, length 0x2000");
	iommuctl_free(ctx);
}

Test(iommufd_files, a_veventq_is_read_as_a_stream)
{
	struct script script = { .answer = "0123456789", .answer_size = 8, .result = 8 };
	struct iommuctl *ctx = script_context(&script);
	char buffer[40];
	size_t length = 99;

	cr_assert_eq(iommuctl_veventq_read(ctx, THIN_FD, buffer, sizeof(buffer), &length), 0);
	cr_assert_eq(length, 8);
	cr_assert_eq(script.offset, IOMMUCTL_STREAM);
	cr_assert_eq(script.length, sizeof(buffer));
	script.result = -EINVAL;
	cr_assert_eq(iommuctl_veventq_read(ctx, THIN_FD, buffer, 8, &length), -EINVAL);
	cr_assert_eq(length, 8);
	cr_assert_str_eq(iommuctl_last_error(ctx)->object, "vEVENTQ fd 7");
	iommuctl_free(ctx);
}

Test(iommufd_files, more_than_there_is_room_for_is_a_protocol_error)
{
	struct script script = { .result = 41 };
	struct iommuctl *ctx = script_context(&script);
	char buffer[40];
	size_t length = 99;

	cr_assert_eq(iommuctl_veventq_read(ctx, THIN_FD, buffer, sizeof(buffer), &length), -EPROTO);
	cr_assert_eq(length, 99);
	iommuctl_free(ctx);
}

struct event_record {
	struct abi_vevent_header header;
	struct abi_vevent_arm_smmuv3 event;
};

Test(iommufd_files, vevents_are_walked_with_their_losses)
{
	struct {
		struct event_record first, second;
		struct abi_vevent_header lost;
	} const buffer = {
		.first = { { .sequence = 4 }, { { 0x10, 1, 2, 3 } } },
		.second = { { .sequence = 7 }, { { 0x13 } } },
		.lost = { ABI_VEVENTQ_FLAG_LOST_EVENTS, 9 },
	};
	struct iommuctl_vevent event;
	size_t offset = 0;

	cr_assert_eq(iommuctl_vevent_next(IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3, &buffer, sizeof(buffer),
			     &offset, &event),
		0);
	cr_assert_eq(event.flags, 0);
	cr_assert_eq(event.sequence, 4);
	cr_assert_eq(event.data, &buffer.first.event);
	cr_assert_eq(event.data_len, 32);
	cr_assert_eq(iommuctl_vevent_next(IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3, &buffer, sizeof(buffer),
			     &offset, &event),
		0);
	cr_assert_eq(event.sequence, 7);
	cr_assert_eq(iommuctl_vevent_next(IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3, &buffer, sizeof(buffer),
			     &offset, &event),
		0);
	cr_assert_eq(event.flags, IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS);
	cr_assert_eq(event.sequence, 9);
	cr_assert_null(event.data);
	cr_assert_eq(event.data_len, 0);
	cr_assert_eq(offset, sizeof(buffer));
	cr_assert_eq(iommuctl_vevent_next(IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3, &buffer, sizeof(buffer),
			     &offset, &event),
		-ENODATA);
}

Test(iommufd_files, a_cut_off_vevent_is_refused_and_not_stepped_over)
{
	const struct event_record record = { { .sequence = 4 }, { { 0x10 } } };
	struct iommuctl_vevent event = { .sequence = 99 };

	for (size_t length = 1; length < sizeof(record); length++) {
		size_t offset = 0;

		cr_assert_eq(iommuctl_vevent_next(IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3, &record, length,
				     &offset, &event),
			-EBADMSG, "%zu bytes", length);
		cr_assert_eq(offset, 0);
		cr_assert_eq(event.sequence, 99);
	}
}

Test(iommufd_files, vevents_of_tegra241_are_16_bytes_and_unknown_types_are_refused)
{
	const char buffer[24] = { 0 };
	struct iommuctl_vevent event;
	size_t offset = 0;

	cr_assert_eq(iommuctl_vevent_next(IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV, buffer,
			     sizeof(buffer), &offset, &event),
		0);
	cr_assert_eq(event.data_len, 16);
	offset = 0;
	cr_assert_eq(iommuctl_vevent_next(IOMMUCTL_VEVENTQ_TYPE_DEFAULT, buffer, sizeof(buffer),
			     &offset, &event),
		-EINVAL);
	cr_assert_eq(iommuctl_vevent_next(77, buffer, sizeof(buffer), &offset, &event), -EINVAL);
}

Test(iommufd_files, faults_are_counted_in_whole_records)
{
	const struct iommuctl_pgfault faults[2] = { { .dev_id = 3, .cookie = 1 }, { .cookie = 2 } };
	struct script script = {
		.answer = faults,
		.answer_size = sizeof(faults),
		.result = sizeof(faults),
	};
	struct iommuctl *ctx = script_context(&script);
	struct iommuctl_pgfault read[3];
	size_t count = 3;

	cr_assert_eq(iommuctl_fault_queue_read(ctx, THIN_FD, read, &count), 0);
	cr_assert_eq(count, 2);
	cr_assert_eq(script.length, 3 * 40);
	cr_assert_eq(script.offset, IOMMUCTL_STREAM);
	cr_assert_arr_eq(read, faults, sizeof(faults));
	iommuctl_free(ctx);
}

Test(iommufd_files, responses_are_counted_in_whole_records)
{
	const struct iommuctl_page_response responses[2] = {
		{ 1, IOMMUCTL_PAGE_RESP_SUCCESS },
		{ 2, IOMMUCTL_PAGE_RESP_INVALID },
	};
	struct script script = { .result = 8 };
	struct iommuctl *ctx = script_context(&script);
	size_t count = 2;

	cr_assert_eq(iommuctl_fault_queue_respond(ctx, THIN_FD, responses, &count), 0);
	cr_assert_eq(count, 1);
	cr_assert_eq(script.length, 16);
	cr_assert_arr_eq(script.sent, responses, sizeof(responses));
	iommuctl_free(ctx);
}

Test(iommufd_files, part_of_a_record_is_a_protocol_error)
{
	struct script script = { .result = 4 };
	struct iommuctl *ctx = script_context(&script);
	struct iommuctl_page_response response = { 0 };
	struct iommuctl_pgfault fault;
	size_t count = 1;

	cr_assert_eq(iommuctl_fault_queue_read(ctx, THIN_FD, &fault, &count), -EPROTO);
	cr_assert_eq(iommuctl_fault_queue_respond(ctx, THIN_FD, &response, &count), -EPROTO);
	cr_assert_eq(count, 1);
	iommuctl_free(ctx);
}

Test(iommufd_files, a_count_that_overflows_never_reaches_the_kernel)
{
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);
	size_t count = SIZE_MAX / 4;

	cr_assert_eq(iommuctl_fault_queue_read(ctx, THIN_FD, NULL, &count), -EOVERFLOW);
	cr_assert_eq(iommuctl_fault_queue_respond(ctx, THIN_FD, NULL, &count), -EOVERFLOW);
	cr_assert_eq(script.total, 0);
	iommuctl_free(ctx);
}

Test(iommufd_files, too_few_ranges_return_how_many_there_are)
{
	const struct abi_ioas_iova_ranges answer = { .num_iovas = 3, .out_iova_alignment = 0x1000 };
	struct script script = {
		.answer = &answer,
		.answer_size = sizeof(answer),
		.result = -EMSGSIZE,
	};
	struct iommuctl *ctx = script_context(&script);
	uint64_t alignment = 0;
	uint32_t count = 0;

	cr_assert_eq(
		iommuctl_ioas_get_iova_ranges(ctx, THIN_FD, 5, NULL, &count, &alignment), -EMSGSIZE);
	cr_assert_eq(count, 3);
	cr_assert_eq(alignment, 0x1000);
	cr_assert_eq(iommuctl_ioas_get_iova_ranges(ctx, THIN_FD, 5, NULL, &count, NULL), -EMSGSIZE);
	iommuctl_free(ctx);
}

#if SIZE_MAX > UINT32_MAX
Test(iommufd_files, hardware_information_larger_than_its_field_never_reaches_the_kernel)
{
	struct script script = { 0 };
	struct iommuctl *ctx = script_context(&script);
	struct iommuctl_hw_info info;

	cr_assert_eq(
		iommuctl_device_get_hw_info(ctx, THIN_FD, 3, NULL, (size_t)1 << 32, &info), -EOVERFLOW);
	cr_assert_eq(script.total, 0);
	cr_assert_eq(iommuctl_last_error(ctx)->explanation_count, 1);
	iommuctl_free(ctx);
}
#endif
