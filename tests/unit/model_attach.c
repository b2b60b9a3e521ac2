// SPDX-License-Identifier: MIT
#include "model_fixture.h"
#include "model_smmu_recorder.h"

TestSuite(model_attach);

static const struct model_stream *stream(void)
{
	return &smmu_record.streams[DEVICE_SID];
}

/* The number of usable IOVA ranges: the MSI window makes a hole. */
static uint32_t range_count(struct machine *machine, uint32_t ioas)
{
	struct abi_iova_range ranges[8];
	struct abi_ioas_iova_ranges args = {
		.size = sizeof(args),
		.ioas_id = ioas,
		.num_iovas = ARRAY_SIZE(ranges),
		.allowed_iovas = (uintptr_t)ranges,
	};

	cr_assert_eq(call(machine, machine->iommufd, ABI_IOAS_IOVA_RANGES, &args), 0);
	return args.num_iovas;
}

static int map(struct machine *machine, uint32_t ioas, uint64_t iova)
{
	static _Alignas(4096) unsigned char page[4096];
	struct abi_ioas_map args = {
		.size = sizeof(args),
		.flags = ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_READABLE | ABI_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)page,
		.length = sizeof(page),
		.iova = iova,
	};

	return call(machine, machine->iommufd, ABI_IOAS_MAP, &args);
}

Test(model_attach, finds_a_page_table_by_its_id)
{
	struct guest guest;
	struct machine *machine = &guest.machine;

	guest_start(&guest);
	cr_expect_eq(attach(machine, 0, 99), -ENOENT);
	cr_expect_eq(attach(machine, 0, guest.viommu), -EINVAL);
	cr_expect_eq(attach(machine, 0, machine->dev_ids[1]), -EINVAL);
	cr_expect_eq(attach(machine, 0, guest.parent), 0);
	cr_expect_eq(stream()->mode, MODEL_STREAM_STAGE2);
	cr_expect_eq(destroy(machine, guest.parent), -EBUSY);
	cr_expect_eq(detach(machine, 0), 0);
	cr_expect_eq(stream()->mode, MODEL_STREAM_BLOCKED);
	cr_expect_eq(detach(machine, 0), 0, "detaching what is not attached is fine");
	machine_stop(machine);
}

Test(model_attach, an_ioas_shares_the_hwpt_that_the_kernel_made)
{
	struct guest guest;
	struct machine *machine = &guest.machine;
	uint32_t first, second;

	guest_start(&guest);
	first = second = guest.ioas;
	cr_assert_eq(attach_pt(machine, 0, &first), 0);
	cr_assert_eq(attach_pt(machine, 1, &second), 0);
	cr_expect_neq(first, guest.ioas);
	cr_expect_neq(first, guest.parent, "one that was made by hand is never chosen");
	cr_expect_eq(first, second);
	cr_expect_eq(detach(machine, 0), 0);
	cr_expect_eq(destroy(machine, second), -EBUSY);
	cr_expect_eq(detach(machine, 1), 0);
	cr_expect_eq(destroy(machine, second), -ENOENT, "it goes with its last device");
	machine_stop(machine);
}

Test(model_attach, a_vste_decides_what_the_stream_does)
{
	static const struct {
		uint64_t word0;
		bool vdevice;
		int expected;
		enum model_stream_mode mode;
	} cases[] = {
		{ 0, false, 0, MODEL_STREAM_BLOCKED },
		{ STE_V, false, 0, MODEL_STREAM_BLOCKED },
		{ STE_BYPASS, false, 0, MODEL_STREAM_STAGE2 },
		{ STE_S1, false, -ENOENT, MODEL_STREAM_BLOCKED },
		{ STE_S1, true, 0, MODEL_STREAM_NESTED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct guest guest;
		uint32_t vdevice;

		smmu_record = (struct smmu_record){ .writes = 0 };
		guest_start(&guest);
		if (cases[i].vdevice)
			cr_assert_eq(vdevice_alloc(&guest.machine, guest.viommu,
					     guest.machine.dev_ids[0], 5, &vdevice),
				0);
		cr_expect_eq(attach(&guest.machine, 0, nested_new(&guest, cases[i].word0)),
			cases[i].expected, "case %zu", i);
		cr_expect_eq(stream()->mode, cases[i].mode, "case %zu", i);
		machine_stop(&guest.machine);
	}
}

Test(model_attach, the_vdevice_must_be_of_the_same_viommu)
{
	struct guest guest;
	struct machine *machine = &guest.machine;
	uint32_t other, vdevice;

	guest_start(&guest);
	cr_assert_eq(viommu_alloc(machine, machine->dev_ids[0], guest.parent, &other), 0);
	cr_assert_eq(vdevice_alloc(machine, other, machine->dev_ids[0], 5, &vdevice), 0);
	cr_expect_eq(attach(machine, 0, nested_new(&guest, STE_S1)), -ENOENT);
	machine_stop(machine);
}

/* A cached CD stays until the guest invalidates it, or another STE comes. */
Test(model_attach, an_ste_that_stays_the_same_is_not_written)
{
	struct guest guest;
	struct machine *machine = &guest.machine;
	unsigned int writes;
	uint32_t vdevice;

	guest_start(&guest);
	cr_assert_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[0], 5, &vdevice), 0);
	cr_assert_eq(attach(machine, 0, nested_new(&guest, STE_S1)), 0);
	writes = smmu_record.writes;
	cr_assert_eq(attach(machine, 0, nested_new(&guest, STE_S1)), 0);
	cr_expect_eq(smmu_record.writes, writes);
	cr_assert_eq(attach(machine, 0, nested_new(&guest, STE_S1_OTHER)), 0);
	cr_expect_eq(smmu_record.writes, writes + 1);
	machine_stop(machine);
}

/* As in the kernel's driver: a VMID is dropped from the TLB once nothing uses it. */
Test(model_attach, the_tlb_keeps_a_vmid_while_a_stream_has_it)
{
	struct guest guest;
	struct machine *machine = &guest.machine;
	uint32_t vdevice;

	guest_start(&guest);
	cr_assert_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[0], 5, &vdevice), 0);
	cr_assert_eq(attach(machine, 0, guest.parent), 0);
	cr_assert_eq(attach(machine, 1, guest.parent), 0);
	cr_assert_eq(attach(machine, 0, nested_new(&guest, STE_S1)), 0);
	cr_assert_eq(attach(machine, 0, nested_new(&guest, STE_S1_OTHER)), 0);
	cr_assert_eq(detach(machine, 0), 0);
	cr_expect_eq(smmu_record.invalidated_count, 0);
	cr_assert_eq(detach(machine, 1), 0);
	cr_expect_eq(smmu_record.invalidated_count, 1);
	machine_stop(machine);
}

Test(model_attach, brings_the_msi_window_into_the_ioas)
{
	struct guest guest;
	struct machine *machine = &guest.machine;
	uint32_t other;

	guest_start(&guest);
	other = ioas_new(machine);
	cr_expect_eq(range_count(machine, guest.ioas), 1);
	cr_assert_eq(attach(machine, 0, guest.parent), 0);
	cr_expect_eq(range_count(machine, guest.ioas), 2);
	cr_assert_eq(attach(machine, 0, other), 0);
	cr_expect_eq(range_count(machine, guest.ioas), 1);
	cr_expect_eq(range_count(machine, other), 2);
	cr_assert_eq(detach(machine, 0), 0);
	cr_assert_eq(map(machine, guest.ioas, 0x8000000), 0);
	cr_expect_eq(attach(machine, 0, guest.parent), -EADDRINUSE);
	cr_expect_eq(attach(machine, 0, guest.ioas), -EADDRINUSE);
	machine_stop(machine);
}

/* Linux 7.3 does that: seen in the rig. */
Test(model_attach, a_failed_replace_in_one_ioas_takes_the_msi_window_from_it)
{
	struct guest guest;
	struct machine *machine = &guest.machine;

	guest_start(&guest);
	cr_assert_eq(attach(machine, 0, guest.parent), 0);
	cr_assert_eq(attach(machine, 0, nested_new(&guest, STE_S1)), -ENOENT);
	cr_expect_eq(range_count(machine, guest.ioas), 1);
	cr_expect_eq(stream()->mode, MODEL_STREAM_STAGE2, "what was attached still is");
	machine_stop(machine);
}

Test(model_attach, a_coherent_parent_is_for_coherent_devices)
{
	struct iommuctl_model_config config;
	struct machine machine;
	uint32_t ioas, parent, first, second;

	iommuctl_model_default_config(&config);
	config.devices[1].no_canwbs = true;
	machine_start(&machine, &config);
	machine_bind(&machine);
	ioas = first = second = ioas_new(&machine);
	parent = paging_new(&machine, machine.dev_ids[0], ioas, ABI_HWPT_ALLOC_NEST_PARENT);
	cr_expect_eq(attach(&machine, 1, parent), -EINVAL);
	cr_assert_eq(attach_pt(&machine, 0, &first), 0);
	cr_assert_eq(attach_pt(&machine, 1, &second), 0);
	cr_expect_neq(first, second, "the kernel makes another HWPT");
	machine_stop(&machine);
}

static const struct iommuctl_model_config one_group = {
	.smmu_count = 1,
	.device_count = 2,
	.devices = { { .pci = "0000:00:01.0", .group = 7 }, { .pci = "0000:00:02.0", .group = 7 } },
};

Test(model_attach, a_group_goes_one_way)
{
	const struct model_stream *other = &smmu_record.streams[DEVICE_2_SID];
	struct machine machine;
	uint32_t ioas, a, b;

	machine_start(&machine, &one_group);
	machine_bind(&machine);
	ioas = ioas_new(&machine);
	a = paging_new(&machine, machine.dev_ids[0], ioas, 0);
	b = paging_new(&machine, machine.dev_ids[0], ioas, 0);
	cr_assert_eq(attach(&machine, 0, a), 0);
	cr_expect_eq(other->mode, MODEL_STREAM_STAGE2, "the other is not attached, but streams");
	cr_expect_eq(attach(&machine, 1, b), -EINVAL);
	cr_expect_eq(attach(&machine, 1, a), 0);
	cr_expect_eq(attach(&machine, 0, b), 0, "a replace takes all along");
	cr_expect_eq(destroy(&machine, a), 0);
	cr_expect_eq(detach(&machine, 0), 0);
	cr_expect_eq(stream()->mode, MODEL_STREAM_STAGE2);
	cr_expect_eq(detach(&machine, 1), 0);
	cr_expect_eq(stream()->mode, MODEL_STREAM_BLOCKED);
	cr_expect_eq(destroy(&machine, b), 0);
	machine_stop(&machine);
}

/* Also with an unbound device in the group: its stream table entry is written too. */
Test(model_attach, a_stage_1_wants_a_vdevice_of_each_device_of_the_group)
{
	const struct model_stream *other = &smmu_record.streams[DEVICE_2_SID];
	struct guest guest;
	struct machine *machine = &guest.machine;
	uint32_t first, second, bypass, vdevice;

	guest_start_on(&guest, &one_group);
	first = nested_new(&guest, STE_S1);
	second = nested_new(&guest, STE_S1_OTHER);
	bypass = nested_new(&guest, STE_BYPASS);
	cr_assert_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[0], 5, &vdevice), 0);
	cr_expect_eq(attach(machine, 0, first), -ENOENT);
	cr_expect_eq(stream()->mode, MODEL_STREAM_BLOCKED);
	cr_expect_eq(attach(machine, 0, bypass), 0);
	cr_expect_eq(attach(machine, 0, first), -ENOENT);
	cr_expect_eq(stream()->mode, MODEL_STREAM_STAGE2);
	cr_expect_eq(other->mode, MODEL_STREAM_STAGE2);

	cr_assert_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[1], 6, &vdevice), 0);
	cr_expect_eq(attach(machine, 0, first), 0);
	cr_expect_eq(other->mode, MODEL_STREAM_NESTED);
	cr_expect_eq(attach(machine, 1, second), -EINVAL);
	cr_expect_eq(attach(machine, 1, first), 0);
	cr_expect_eq(attach(machine, 1, second), 0);
	cr_expect_eq(stream()->ste[0], STE_S1_OTHER);
	machine_stop(machine);
}

Test(model_attach, a_group_has_one_owner)
{
	struct machine machine;
	int other;

	machine_start(&machine, &one_group);
	other = machine_open_file(&machine, "/dev/iommu");
	cr_assert_eq(
		bind_device(&machine, machine.devices[0], machine.iommufd, &machine.dev_ids[0]), 0);
	cr_expect_eq(bind_device(&machine, machine.devices[1], other, &machine.dev_ids[1]), -EPERM);
	cr_assert_eq(machine_close(&machine, machine.devices[0]), 0);
	cr_expect_eq(bind_device(&machine, machine.devices[1], other, &machine.dev_ids[1]), 0);
	machine_stop(&machine);
}

/* The kernel also attaches PASIDs of devices that have none: seen in the rig. */
Test(model_attach, pasids_want_hwpts_that_are_made_for_them)
{
	struct guest guest;
	struct machine *machine = &guest.machine;
	uint32_t pasid, plain;

	guest_start(&guest);
	pasid = paging_new(machine, machine->dev_ids[0], guest.ioas, ABI_HWPT_ALLOC_PASID);
	plain = paging_new(machine, machine->dev_ids[0], guest.ioas, 0);
	cr_expect_eq(attach_pasid(machine, 0, 99, 1), -ENOENT);
	cr_expect_eq(attach_pasid(machine, 0, plain, 1), -EINVAL);
	cr_expect_eq(attach_pasid(machine, 0, guest.ioas, 1), -EINVAL);
	cr_expect_eq(attach_pasid(machine, 0, pasid, 0x80000000), -ENOSPC);
	cr_expect_eq(attach_pasid(machine, 0, pasid, 1), 0);
	cr_expect_eq(attach(machine, 0, plain), -EINVAL);
	cr_expect_eq(attach(machine, 0, pasid), 0);
	cr_expect_eq(attach_pasid(machine, 0, plain, 1), -EINVAL);
	cr_expect_eq(detach_pasid(machine, 0, ABI_VFIO_DEVICE_DETACH_PASID, 2), 0);
	cr_expect_eq(detach(machine, 0), 0);
	cr_expect_eq(destroy(machine, pasid), -EBUSY);
	cr_expect_eq(detach_pasid(machine, 0, ABI_VFIO_DEVICE_DETACH_PASID, 1), 0);
	cr_expect_eq(destroy(machine, pasid), 0);
	cr_expect_eq(attach(machine, 0, plain), 0);
	machine_stop(machine);
}

Test(model_attach, pasid_0_is_another_name_for_no_pasid)
{
	struct guest guest;
	struct machine *machine = &guest.machine;

	guest_start(&guest);
	cr_expect_eq(attach_pasid(machine, 0, guest.ioas, 0), 0);
	cr_expect_eq(stream()->mode, MODEL_STREAM_STAGE2);
	cr_expect_eq(attach(machine, 0, guest.ioas), -EBUSY);
	cr_expect_eq(detach(machine, 0), 0);
	cr_expect_eq(attach_pasid(machine, 0, guest.parent, 0), 0, "replaces it");
	cr_expect_eq(detach_pasid(machine, 0, ABI_VFIO_DEVICE_DETACH_PASID, 0), 0);
	cr_expect_eq(stream()->mode, MODEL_STREAM_BLOCKED);
	cr_expect_eq(attach(machine, 0, guest.ioas), 0);
	cr_expect_eq(attach_pasid(machine, 0, guest.ioas, 0), -EBUSY);
	machine_stop(machine);
}

Test(model_attach, closing_a_device_undoes_what_it_has)
{
	struct guest guest;
	struct machine *machine = &guest.machine;
	uint32_t vdevice, nested, pasid;

	guest_start(&guest);
	cr_assert_eq(vdevice_alloc(machine, guest.viommu, machine->dev_ids[0], 5, &vdevice), 0);
	nested = nested_new(&guest, STE_S1);
	pasid = paging_new(machine, machine->dev_ids[0], guest.ioas, ABI_HWPT_ALLOC_PASID);
	cr_assert_eq(attach_pasid(machine, 0, pasid, 3), 0);
	cr_assert_eq(attach(machine, 0, nested), -EINVAL);
	cr_assert_eq(detach_pasid(machine, 0, ABI_VFIO_DEVICE_DETACH_PASID, 3), 0);
	cr_assert_eq(attach(machine, 0, nested), 0);
	cr_expect_eq(destroy(machine, machine->dev_ids[0]), -EBUSY);
	cr_assert_eq(machine_close(machine, machine->devices[0]), 0);
	cr_expect_eq(stream()->mode, MODEL_STREAM_BLOCKED);
	cr_expect_eq(range_count(machine, guest.ioas), 1);
	cr_expect_eq(destroy(machine, nested), 0);
	cr_expect_eq(destroy(machine, guest.viommu), 0);
	cr_expect_eq(destroy(machine, guest.parent), 0);
	machine_stop(machine);
}
