// SPDX-License-Identifier: MIT
#include "model_fixture.h"

TestSuite(model_viommu);

static const struct iommuctl_model_config two_smmus = {
	.smmu_count = 2,
	.device_count = 2,
	.devices = { { .pci = "0000:00:01.0" }, { .pci = "0000:00:02.0", .smmu = 1 } },
};

Test(model_viommu, wants_a_nesting_parent_of_its_own_smmu)
{
	struct machine machine;
	uint32_t ioas, plain, parent, viommu;

	machine_start(&machine, &two_smmus);
	machine_bind(&machine);
	ioas = ioas_new(&machine);
	plain = paging_new(&machine, machine.dev_ids[0], ioas, 0);
	parent = paging_new(&machine, machine.dev_ids[0], ioas, ABI_HWPT_ALLOC_NEST_PARENT);
	cr_expect_eq(viommu_alloc(&machine, 99, parent, &viommu), -ENOENT);
	cr_expect_eq(viommu_alloc(&machine, machine.dev_ids[0], 99, &viommu), -ENOENT);
	cr_expect_eq(viommu_alloc(&machine, machine.dev_ids[0], ioas, &viommu), -ENOENT);
	cr_expect_eq(viommu_alloc(&machine, machine.dev_ids[0], plain, &viommu), -EINVAL);
	cr_expect_eq(viommu_alloc(&machine, machine.dev_ids[1], parent, &viommu), -EINVAL);
	cr_expect_eq(viommu_alloc(&machine, machine.dev_ids[0], parent, &viommu), 0);
	cr_expect_eq(destroy(&machine, parent), -EBUSY);
	cr_expect_eq(destroy(&machine, viommu), 0);
	cr_expect_eq(destroy(&machine, parent), 0);
	machine_stop(&machine);
}

Test(model_viommu, knows_one_type_and_no_flags)
{
	static const struct {
		uint32_t flags;
		uint32_t type;
		int expected;
	} cases[] = {
		{ 1, ABI_VIOMMU_TYPE_ARM_SMMUV3, -EOPNOTSUPP },
		{ 0, ABI_VIOMMU_TYPE_DEFAULT, -EOPNOTSUPP },
		{ 0, ABI_VIOMMU_TYPE_TEGRA241_CMDQV, -EOPNOTSUPP },
		{ 0, ABI_VIOMMU_TYPE_ARM_SMMUV3, 0 },
	};
	struct guest guest;

	guest_start(&guest);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct abi_viommu_alloc args = {
			.size = sizeof(args),
			.flags = cases[i].flags,
			.type = cases[i].type,
			.dev_id = guest.machine.dev_ids[0],
			.hwpt_id = guest.parent,
		};

		cr_expect_eq(call(&guest.machine, guest.machine.iommufd, ABI_VIOMMU_ALLOC, &args),
			cases[i].expected, "case %zu", i);
	}
	machine_stop(&guest.machine);
}

/* The parent does not matter: the hardware is checked first. */
Test(model_viommu, needs_coherent_dma_or_s2fwb)
{
	static const struct {
		bool no_canwbs;
		bool s2fwb;
		bool no_nesting;
		int expected;
	} cases[] = {
		{ .expected = -ENOENT },
		{ .no_canwbs = true, .expected = -EOPNOTSUPP },
		{ .no_canwbs = true, .s2fwb = true, .expected = -ENOENT },
		{ .no_nesting = true, .expected = -EOPNOTSUPP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_model_config config;
		struct machine machine;
		uint32_t viommu;

		iommuctl_model_default_config(&config);
		config.devices[0].no_canwbs = cases[i].no_canwbs;
		config.smmus[0].s2fwb = cases[i].s2fwb;
		config.smmus[0].no_nesting = cases[i].no_nesting;
		machine_start(&machine, &config);
		machine_bind(&machine);
		cr_expect_eq(viommu_alloc(&machine, machine.dev_ids[0], 99, &viommu),
			cases[i].expected, "case %zu", i);
		machine_stop(&machine);
	}
}

Test(model_viommu, a_vdevice_is_one_vsid_and_one_device)
{
	struct guest guest;
	struct machine *machine = &guest.machine;
	uint32_t vdevice, other;

	guest_start(&guest);
	cr_expect_eq(vdevice_alloc(machine, 99, machine->dev_ids[0], 5, &vdevice), -ENOENT);
	cr_expect_eq(vdevice_alloc(machine, guest.viommu, 99, 5, &vdevice), -ENOENT);
	cr_expect_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[0], 5, &vdevice), 0);
	cr_expect_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[0], 6, &other), -EEXIST);
	cr_expect_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[1], 5, &other), -EEXIST);
	cr_expect_eq(
		vdevice_alloc(machine, guest.viommu, machine->dev_ids[1], UINT64_MAX, &other), 0);
	cr_expect_eq(destroy(machine, guest.viommu), -EBUSY);
	cr_expect_eq(destroy(machine, vdevice), 0);
	cr_expect_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[0], 6, &vdevice), 0);
	machine_stop(machine);
}

Test(model_viommu, a_vdevice_is_behind_the_smmu_of_its_viommu)
{
	struct machine machine;
	uint32_t ioas, parent, viommu, vdevice;

	machine_start(&machine, &two_smmus);
	machine_bind(&machine);
	ioas = ioas_new(&machine);
	parent = paging_new(&machine, machine.dev_ids[0], ioas, ABI_HWPT_ALLOC_NEST_PARENT);
	cr_assert_eq(viommu_alloc(&machine, machine.dev_ids[0], parent, &viommu), 0);
	cr_expect_eq(vdevice_alloc(&machine, viommu, machine.dev_ids[1], 5, &vdevice), -EINVAL);
	machine_stop(&machine);
}

/* The vDEVICE's id is not reused, and finds nothing. */
Test(model_viommu, a_closed_device_takes_its_vdevice_along)
{
	struct guest guest;
	struct machine *machine = &guest.machine;
	uint32_t vdevice, later;

	guest_start(&guest);
	cr_assert_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[0], 5, &vdevice), 0);
	cr_assert_eq(machine_close(machine, machine->devices[0]), 0);
	cr_expect_eq(destroy(machine, vdevice), -ENOENT);
	cr_assert_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[1], 5, &later), 0);
	cr_expect_eq(later, machine->dev_ids[0], "the id of the device is free again");
	cr_expect_neq(ioas_new(machine), vdevice);
	machine_stop(machine);
}

Test(model_viommu, a_nested_hwpt_takes_two_words_of_a_ste)
{
	const struct abi_hwpt_arm_smmuv3 good = { .ste = { htole64(STE_S1), 0 } };
	const struct abi_hwpt_arm_smmuv3 bad = { .ste = { htole64(STE_V | UINT64_C(6) << 1), 0 } };
	const struct {
		uint32_t flags;
		uint32_t type;
		uint32_t size;
		const void *data;
		int expected;
	} cases[] = {
		{ 0, ABI_HWPT_DATA_ARM_SMMUV3, 16, &good, 0 },
		{ 0, ABI_HWPT_DATA_ARM_SMMUV3, 16, &bad, -EIO },
		{ 0, ABI_HWPT_DATA_ARM_SMMUV3, 15, &good, -EINVAL },
		{ 0, ABI_HWPT_DATA_ARM_SMMUV3, 17, &good, -EINVAL },
		{ 0, ABI_HWPT_DATA_VTD_S1, 16, &good, -EINVAL },
		{ 0, ABI_HWPT_DATA_ARM_SMMUV3, 16, NULL, -EFAULT },
		{ 0, ABI_HWPT_DATA_NONE, 0, NULL, -EOPNOTSUPP },
		{ ABI_HWPT_ALLOC_PASID, ABI_HWPT_DATA_ARM_SMMUV3, 16, &good, -EOPNOTSUPP },
		{ ABI_HWPT_ALLOC_NEST_PARENT, ABI_HWPT_DATA_ARM_SMMUV3, 16, &good, -EOPNOTSUPP },
		{ ABI_HWPT_FAULT_ID_VALID, ABI_HWPT_DATA_ARM_SMMUV3, 16, &good, -ENOENT },
	};
	struct guest guest;
	uint32_t id;

	guest_start(&guest);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct abi_hwpt_alloc args = {
			.flags = cases[i].flags,
			.dev_id = guest.machine.dev_ids[0],
			.pt_id = guest.viommu,
			.data_type = cases[i].type,
			.data_len = cases[i].size,
			.data_uptr = (uintptr_t)cases[i].data,
		};

		cr_expect_eq(
			hwpt_alloc(&guest.machine, args, &id), cases[i].expected, "case %zu", i);
		args.pt_id = guest.parent;
		if (cases[i].expected == 0)
			cr_expect_eq(hwpt_alloc(&guest.machine, args, &id), -EOPNOTSUPP);
	}
	machine_stop(&guest.machine);
}

Test(model_viommu, a_nested_hwpt_keeps_its_viommu_and_its_fault_queue)
{
	struct abi_fault_alloc queue = { .size = sizeof(queue) };
	struct guest guest;
	struct machine *machine = &guest.machine;
	const struct abi_hwpt_arm_smmuv3 ste = { .ste = { htole64(STE_S1), 0 } };
	uint32_t nested;

	guest_start(&guest);
	cr_assert_eq(call(machine, machine->iommufd, ABI_FAULT_QUEUE_ALLOC, &queue), 0);
	cr_assert_eq(hwpt_alloc(machine,
			     (struct abi_hwpt_alloc){
				     .flags = ABI_HWPT_FAULT_ID_VALID,
				     .dev_id = machine->dev_ids[0],
				     .pt_id = guest.viommu,
				     .data_type = ABI_HWPT_DATA_ARM_SMMUV3,
				     .data_len = sizeof(ste),
				     .data_uptr = (uintptr_t)&ste,
				     .fault_id = queue.out_fault_id,
			     },
			     &nested),
		0);
	cr_assert_eq(machine_close(machine, (int)queue.out_fault_fd), 0);
	cr_expect_eq(destroy(machine, queue.out_fault_id), -EBUSY);
	cr_expect_eq(destroy(machine, guest.viommu), -EBUSY);
	cr_expect_eq(destroy(machine, nested), 0);
	cr_expect_eq(destroy(machine, queue.out_fault_id), 0);
	cr_expect_eq(destroy(machine, guest.viommu), 0);
	machine_stop(machine);
}

Test(model_viommu, an_empty_fault_queue_answers_nothing)
{
	struct abi_fault_alloc queue = { .size = sizeof(queue) };
	struct abi_hwpt_page_response response = { .cookie = 1 };
	unsigned char buffer[80];
	struct guest guest;
	struct iommuctl_transport *transport;
	int fd;

	guest_start(&guest);
	transport = guest.machine.transport;
	cr_assert_eq(call(&guest.machine, guest.machine.iommufd, ABI_FAULT_QUEUE_ALLOC, &queue), 0);
	fd = (int)queue.out_fault_fd;
	cr_expect_eq(destroy(&guest.machine, queue.out_fault_id), -EBUSY);
	cr_expect_eq(transport->read(transport, fd, buffer, 80, IOMMUCTL_STREAM), 0);
	cr_expect_eq(transport->read(transport, fd, buffer, 41, IOMMUCTL_STREAM), -ESPIPE);
	cr_expect_eq(transport->write(transport, fd, &response, 8, IOMMUCTL_STREAM), -EINVAL);
	cr_expect_eq(transport->write(transport, fd, &response, 7, IOMMUCTL_STREAM), -ESPIPE);
	cr_expect_eq(transport->write(transport, fd, &response, 0, IOMMUCTL_STREAM), 0);
	machine_stop(&guest.machine);
}

Test(model_viommu, has_no_hw_queues)
{
	static const struct {
		uint32_t flags;
		uint32_t type;
		uint32_t viommu; /* 0: the right one */
		uint64_t iova;
		uint64_t length;
		int expected;
	} cases[] = {
		{ 1, 1, 0, 0, 4096, -EOPNOTSUPP },
		{ 0, 0, 0, 0, 4096, -EOPNOTSUPP },
		{ 0, 1, 99, 0, 0, -EINVAL },
		{ 0, 1, 99, UINT64_MAX, 2, -EOVERFLOW },
		{ 0, 1, 99, UINT64_MAX, 1, -ENOENT },
		{ 0, 1, 0, 0, 4096, -EOPNOTSUPP },
	};
	struct guest guest;

	guest_start(&guest);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct abi_hw_queue_alloc args = {
			.size = sizeof(args),
			.flags = cases[i].flags,
			.type = cases[i].type,
			.viommu_id = cases[i].viommu ? cases[i].viommu : guest.viommu,
			.nesting_parent_iova = cases[i].iova,
			.length = cases[i].length,
		};

		cr_expect_eq(call(&guest.machine, guest.machine.iommufd, ABI_HW_QUEUE_ALLOC, &args),
			cases[i].expected, "case %zu", i);
	}
	machine_stop(&guest.machine);
}
