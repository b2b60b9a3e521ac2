// SPDX-License-Identifier: MIT
#include <endian.h>
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_cmdqv.h>

Test(smmuv3_cmdqv, decodes_what_the_kernel_reports)
{
	const struct iommuctl_hw_info_tegra241_cmdqv data = {
		.flags = 0x80000001, .version = 1, .log2vcmdqs = 2, .log2vsids = 4
	};
	struct iommuctl_smmuv3_cmdqv info;
	char text[128];

	iommuctl_smmuv3_cmdqv_decode(&data, &info);
	cr_expect_eq(info.flags, 0x80000001);
	cr_expect_eq(info.version, 1);
	cr_expect_eq(info.log2vcmdqs, 2);
	cr_expect_eq(info.log2vsids, 4);
	cr_expect_eq(iommuctl_smmuv3_cmdqv_print(&info, text, sizeof(text)), strlen(text));
	cr_expect_str_eq(
		text, "Flags=0x80000001 Version=0x1 Log2VCMDQs=0x2 Log2VSIDs=0x4", "%s", text);
}

Test(smmuv3_cmdqv, fields_are_those_of_the_structure_in_memory)
{
	static const unsigned int lsb[] = { 0, 32, 40, 48 }, width[] = { 32, 8, 8, 8 };
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_cmdqv_fields(&count);

	cr_assert_eq(count, 4);
	for (size_t i = 0; i < count; i++) {
		cr_expect_eq(fields[i].word, 0);
		cr_expect_eq(fields[i].lsb, lsb[i], "%s", fields[i].name);
		cr_expect_eq(fields[i].width, width[i], "%s", fields[i].name);
	}
}

Test(smmuv3_cmdqv, an_event_is_a_map_of_queues)
{
	const uint64_t words[] = { UINT64_C(1) << 63 | 1, 2 };
	struct iommuctl_smmuv3_cmdqv_event event;
	char text[128];

	iommuctl_smmuv3_cmdqv_event_decode(words, &event);
	cr_expect_eq(event.lvcmdq_err_map_0, words[0]);
	cr_expect_eq(event.lvcmdq_err_map_1, words[1]);
	for (unsigned int i = 0; i < 300; i++)
		cr_expect_eq(iommuctl_smmuv3_cmdqv_event_has(&event, i),
			i == 0 || i == 63 || i == 65, "%u", i);
	cr_expect_eq(iommuctl_smmuv3_cmdqv_event_print(&event, text, sizeof(text)), strlen(text));
	cr_expect_str_eq(text, "LVCMDQ_ERR queues: 0 63 65", "%s", text);
}

Test(smmuv3_cmdqv, an_event_of_no_queue_and_one_of_all_are_printed)
{
	const uint64_t none[] = { 0, 0 }, all[] = { UINT64_MAX, UINT64_MAX };
	struct iommuctl_smmuv3_cmdqv_event event;
	char text[16];

	iommuctl_smmuv3_cmdqv_event_decode(none, &event);
	cr_expect_eq(iommuctl_smmuv3_cmdqv_event_print(&event, NULL, 0),
		strlen("LVCMDQ_ERR queues: none"));
	iommuctl_smmuv3_cmdqv_event_decode(all, &event);
	cr_expect_gt(iommuctl_smmuv3_cmdqv_event_print(&event, text, sizeof(text)), 128);
	cr_expect_str_eq(text, "LVCMDQ_ERR queu");
}

Test(smmuv3_cmdqv, registers_of_a_queue_are_read_where_they_are)
{
	static uint32_t page0[128 * 32];
	struct iommuctl_smmuv3_cmdqv_queue queue = { .cons = 99 };

	for (uint32_t i = 0; i < 128 * 32; i++)
		page0[i] = htole32(i);
	cr_assert_eq(iommuctl_smmuv3_cmdqv_queue_read(page0, sizeof(page0), 127, &queue), 0);
	cr_expect_eq(queue.cons, 127 * 32);
	cr_expect_eq(queue.prod, 127 * 32 + 1);
	cr_expect_eq(queue.config, 127 * 32 + 2);
	cr_expect_eq(queue.status, 127 * 32 + 3);
	cr_expect_eq(queue.gerror, 127 * 32 + 4);
	cr_expect_eq(queue.gerrorn, 127 * 32 + 5);
	queue.cons = 99;
	cr_expect_eq(iommuctl_smmuv3_cmdqv_queue_read(page0, sizeof(page0), 128, &queue), -EINVAL);
	cr_expect_eq(iommuctl_smmuv3_cmdqv_queue_read(page0, 0xff, 1, &queue), -EINVAL);
	cr_expect_eq(queue.cons, 99);
	cr_expect_eq(iommuctl_smmuv3_cmdqv_queue_read(page0, 0x100, 1, &queue), 0);
}
