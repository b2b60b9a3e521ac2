// SPDX-License-Identifier: MIT
#include "model_fixture.h"
#include "model_smmu_recorder.h"

TestSuite(model_invalidate);

#define VSID UINT64_C(0x42)

#define TLBI_NH_ALL   UINT64_C(0x10)
#define TLBI_NH_ASID  UINT64_C(0x11)
#define TLBI_NH_VA    UINT64_C(0x12)
#define TLBI_NSNH_ALL UINT64_C(0x30)
#define CFGI_STE      UINT64_C(0x03)
#define CFGI_CD	      UINT64_C(0x05)
#define ATC_INV	      UINT64_C(0x40)
#define CMD_SYNC      UINT64_C(0x46)

/* The first HWPT of an SMMU gets the first VMID. */
#define VMID UINT64_C(1)

static void start(struct guest *guest)
{
	uint32_t vdevice;

	guest_start(guest);
	cr_assert_eq(vdevice_alloc(&guest->machine, guest->viommu, guest->machine.dev_ids[0], VSID,
			     &vdevice),
		0);
}

static int invalidate(struct guest *guest, struct abi_hwpt_invalidate *args)
{
	args->size = sizeof(*args);
	return call(&guest->machine, guest->machine.iommufd, ABI_HWPT_INVALIDATE, args);
}

static struct abi_hwpt_invalidate request(
	const struct guest *guest, const void *commands, uint32_t count)
{
	return (struct abi_hwpt_invalidate){
		.hwpt_id = guest->viommu,
		.data_uptr = (uintptr_t)commands,
		.data_type = ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.entry_len = sizeof(struct abi_viommu_arm_smmuv3_invalidate),
		.entry_num = count,
	};
}

Test(model_invalidate, gives_commands_the_vmid_and_the_streamid_of_the_machine)
{
	static const struct {
		uint64_t in[2];
		uint64_t out[2];
	} cases[] = {
		{ { TLBI_NSNH_ALL, 0 }, { TLBI_NH_ALL | VMID << 32, 0 } },
		{ { TLBI_NH_ALL | UINT64_C(7) << 32, 0 }, { TLBI_NH_ALL | VMID << 32, 0 } },
		{ { TLBI_NH_ASID | UINT64_C(9) << 48, 0 },
			{ TLBI_NH_ASID | VMID << 32 | UINT64_C(9) << 48, 0 } },
		{ { TLBI_NH_VA | UINT64_C(7) << 32, 0x5001 }, { TLBI_NH_VA | VMID << 32, 0x5001 } },
		{ { CFGI_CD | VSID << 32, 1 }, { CFGI_CD | DEVICE_SID << 32, 1 } },
	};
	struct guest guest;

	start(&guest);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const uint64_t in[2] = { htole64(cases[i].in[0]), htole64(cases[i].in[1]) };
		struct abi_hwpt_invalidate args = request(&guest, in, 1);

		cr_assert_eq(invalidate(&guest, &args), 0, "case %zu", i);
		cr_expect_eq(args.entry_num, 1);
		cr_expect_eq(smmu_record.commands[i][0], cases[i].out[0], "case %zu", i);
		cr_expect_eq(smmu_record.commands[i][1], cases[i].out[1], "case %zu", i);
	}
	machine_stop(&guest.machine);
}

Test(model_invalidate, refuses_what_is_not_the_guests_to_give)
{
	static const uint64_t cases[][2] = {
		{ CFGI_STE | VSID << 32, 0 },
		{ CMD_SYNC, 0 },
		{ ATC_INV | VSID << 32, 0 },
		{ CFGI_CD | (VSID + 1) << 32, 0 },
		{ TLBI_NSNH_ALL, 1 },
		{ TLBI_NH_VA | UINT64_C(1) << 12, 0x5000 },
		{ 0, 0 },
	};
	struct guest guest;

	start(&guest);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct abi_hwpt_invalidate args = request(&guest, cases[i], 1);

		cr_expect_eq(invalidate(&guest, &args), -EIO, "case %zu", i);
		cr_expect_eq(args.entry_num, 0, "case %zu", i);
	}
	cr_expect_eq(smmu_record.command_count, 0);
	machine_stop(&guest.machine);
}

/* The commands before it in its own batch of 63 are counted, but were never issued. */
Test(model_invalidate, a_bad_command_undoes_only_its_batch)
{
	static const struct {
		uint32_t bad;
		size_t issued;
	} cases[] = { { 0, 0 }, { 62, 0 }, { 63, 63 }, { 100, 63 }, { 126, 126 } };
	struct guest guest;

	start(&guest);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct abi_viommu_arm_smmuv3_invalidate commands[128];
		struct abi_hwpt_invalidate args = request(&guest, commands, 128);

		for (size_t c = 0; c < ARRAY_SIZE(commands); c++)
			commands[c] = (struct abi_viommu_arm_smmuv3_invalidate){
				.cmd = { htole64(TLBI_NSNH_ALL) }
			};
		commands[cases[i].bad].cmd[0] = htole64(CMD_SYNC);
		smmu_record.command_count = 0;
		cr_expect_eq(invalidate(&guest, &args), -EIO);
		cr_expect_eq(args.entry_num, cases[i].bad);
		cr_expect_eq(smmu_record.command_count, cases[i].issued, "bad at %u: %zu",
			cases[i].bad, smmu_record.command_count);
	}
	machine_stop(&guest.machine);
}

Test(model_invalidate, checks_the_array_before_the_object)
{
	static const uint64_t commands[2] = { TLBI_NSNH_ALL };
	const struct {
		struct abi_hwpt_invalidate args;
		int expected;
		uint32_t count;
	} cases[] = {
		{ { .hwpt_id = 99, .reserved = 1, .entry_num = 1 }, -EOPNOTSUPP, 0 },
		{ { .hwpt_id = 99, .entry_num = 1, .entry_len = 16 }, -EINVAL, 0 },
		{ { .hwpt_id = 99, .entry_num = 1, .data_uptr = 0x10000 }, -EINVAL, 0 },
		{ { .hwpt_id = 99, .entry_num = 1, .entry_len = 4097, .data_uptr = 0x10000 },
			-EINVAL, 0 },
		{ { .hwpt_id = 99,
			  .entry_num = (1u << 19) + 1,
			  .entry_len = 16,
			  .data_uptr = 0x10000 },
			-EINVAL, 0 },
		{ { .hwpt_id = 99, .entry_num = 0 }, -ENOENT, 0 },
		{ { .entry_num = 0, .data_type = ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 }, -EINVAL,
			0 },
		{ { .entry_num = 1, .entry_len = 16, .data_uptr = (uintptr_t)commands }, -EINVAL,
			0 },
		{ { .entry_num = (4u << 20) / 16 + 1,
			  .entry_len = 16,
			  .data_uptr = 0x10000,
			  .data_type = ABI_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 },
			-ENOMEM, (4u << 20) / 16 + 1 },
	};
	struct guest guest;

	start(&guest);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct abi_hwpt_invalidate args = cases[i].args;

		if (args.hwpt_id == 0)
			args.hwpt_id = guest.viommu;
		cr_expect_eq(invalidate(&guest, &args), cases[i].expected, "case %zu", i);
		cr_expect_eq(args.entry_num, cases[i].count, "case %zu", i);
	}
	machine_stop(&guest.machine);
}

Test(model_invalidate, wants_a_viommu)
{
	static const uint64_t commands[2] = { TLBI_NSNH_ALL };
	struct guest guest;
	struct abi_hwpt_invalidate args;

	start(&guest);
	args = request(&guest, commands, 1);
	args.hwpt_id = nested_new(&guest, STE_S1);
	cr_expect_eq(invalidate(&guest, &args), -EOPNOTSUPP);
	args = request(&guest, commands, 1);
	args.hwpt_id = guest.parent;
	cr_expect_eq(invalidate(&guest, &args), -EINVAL);
	machine_stop(&guest.machine);
}

Test(model_invalidate, entries_may_be_of_another_kernel)
{
	uint64_t wide[2][3] = { { htole64(TLBI_NH_VA), htole64(0x5000) },
		{ htole64(TLBI_NH_VA), htole64(0x6000) } };
	const uint64_t narrow[2] = { htole64(TLBI_NH_ALL), htole64(TLBI_NH_ALL) };
	struct abi_hwpt_invalidate args;
	struct guest guest;

	start(&guest);
	args = request(&guest, wide, 2);
	args.entry_len = sizeof(wide[0]);
	cr_expect_eq(invalidate(&guest, &args), 0);
	cr_expect_eq(smmu_record.commands[1][1], 0x6000);
	args = request(&guest, narrow, 2);
	args.entry_len = sizeof(narrow[0]);
	cr_expect_eq(invalidate(&guest, &args), 0);
	cr_expect_eq(smmu_record.command_count, 4);
	wide[1][2] = 1;
	args = request(&guest, wide, 2);
	args.entry_len = sizeof(wide[0]);
	cr_expect_eq(invalidate(&guest, &args), -E2BIG);
	cr_expect_eq(args.entry_num, 0);
	machine_stop(&guest.machine);
}

Test(model_invalidate, ranges_are_for_smmus_that_have_them)
{
	const uint64_t command[2] = { htole64(TLBI_NH_VA | UINT64_C(3) << 12),
		htole64(0x5000 | UINT64_C(1) << 10) };
	struct abi_hwpt_invalidate args;
	struct guest guest;

	start(&guest);
	args = request(&guest, command, 1);
	cr_expect_eq(invalidate(&guest, &args), 0);
	machine_stop(&guest.machine);
}
