// SPDX-License-Identifier: MIT
/* What the driver of a Tegra241 CMDQV allows, and what it refuses. */
#include "model_fixture.h"

#include <sys/mman.h>

#include "abi/tegra241_cmdqv.h"

#define IPA	 UINT64_C(0x40000000)
#define MEMORY	 (UINT64_C(64) << 10)
#define PAGE	 UINT64_C(4096)
#define VINTF	 ABI_VIOMMU_TYPE_TEGRA241_CMDQV
#define QUEUE	 ABI_HW_QUEUE_TYPE_TEGRA241_CMDQV
#define LONGEST	 (UINT64_C(16) << 19) /* IDR1.CMDQS */
#define VSID_MAX UINT64_C(0xfffff)

TestSuite(model_cmdqv);

/* Memory is mapped at IPA, and beside it by a mapping of its own. */
static struct {
	struct machine machine;
	uint32_t ioas;
	uint32_t parent;
	uint32_t viommu;
	struct abi_viommu_tegra241_cmdqv data;
	unsigned char *memory;
} vmm;

static int vintf_alloc(uint32_t data_len, void *data, uint32_t *id)
{
	struct abi_viommu_alloc args = {
		.size = sizeof(args),
		.type = VINTF,
		.dev_id = vmm.machine.dev_ids[0],
		.hwpt_id = vmm.parent,
		.data_len = data_len,
		.data_uptr = (uintptr_t)data,
	};
	int err = call(&vmm.machine, vmm.machine.iommufd, ABI_VIOMMU_ALLOC, &args);

	*id = args.out_viommu_id;
	return err;
}

static void start(struct iommuctl_model_smmu smmu)
{
	struct iommuctl_model_config config;

	iommuctl_model_default_config(&config);
	config.smmus[0] = smmu;
	machine_start(&vmm.machine, &config);
	machine_bind(&vmm.machine);
	vmm.ioas = ioas_new(&vmm.machine);
	vmm.parent = paging_new(
		&vmm.machine, vmm.machine.dev_ids[0], vmm.ioas, ABI_HWPT_ALLOC_NEST_PARENT);
	vmm.memory =
		mmap(NULL, 3 * MEMORY, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(vmm.memory, MAP_FAILED);
	cr_assert_eq(ioas_map(&vmm.machine, vmm.ioas, vmm.memory, MEMORY, IPA), 0);
	/* Not adjacent in the host. */
	cr_assert_eq(
		ioas_map(&vmm.machine, vmm.ioas, vmm.memory + 2 * MEMORY, MEMORY, IPA + MEMORY), 0);
}

static void start_guest(struct iommuctl_model_smmu smmu)
{
	smmu.cmdqv = true;
	start(smmu);
	cr_assert_eq(vintf_alloc(sizeof(vmm.data), &vmm.data, &vmm.viommu), 0);
}

static void stop(void)
{
	machine_stop(&vmm.machine);
	munmap(vmm.memory, 3 * MEMORY);
}

static int queue_alloc(uint32_t index, uint64_t ipa, uint64_t length, uint32_t *id)
{
	struct abi_hw_queue_alloc args = {
		.size = sizeof(args),
		.viommu_id = vmm.viommu,
		.type = QUEUE,
		.index = index,
		.nesting_parent_iova = ipa,
		.length = length,
	};
	int err = call(&vmm.machine, vmm.machine.iommufd, ABI_HW_QUEUE_ALLOC, &args);

	*id = args.out_hw_queue_id;
	return err;
}

static int hw_info(uint32_t type, struct abi_hw_info_tegra241_cmdqv *data, uint32_t *got)
{
	struct abi_hw_info args = {
		.size = sizeof(args),
		.flags = ABI_HW_INFO_FLAG_INPUT_TYPE,
		.dev_id = vmm.machine.dev_ids[0],
		.data_len = sizeof(*data),
		.data_uptr = (uintptr_t)data,
		.in_data_type = type,
	};
	int err = call(&vmm.machine, vmm.machine.iommufd, ABI_GET_HW_INFO, &args);

	*got = args.out_data_type;
	return err;
}

Test(model_cmdqv, tells_of_itself_if_it_is_asked)
{
	struct abi_hw_info_tegra241_cmdqv data;
	uint32_t type;

	start((struct iommuctl_model_smmu){ .cmdqv = true, .cmdqv_queues = 128, .cmdqv_vsids = 8 });
	cr_assert_eq(hw_info(ABI_HW_INFO_TYPE_TEGRA241_CMDQV, &data, &type), 0);
	cr_expect_eq(type, ABI_HW_INFO_TYPE_TEGRA241_CMDQV);
	cr_expect_eq(data.flags, 0);
	cr_expect_eq(data.version, 1);
	cr_expect_eq(data.log2vcmdqs, 7);
	cr_expect_eq(data.log2vsids, 3);
	cr_expect_eq(hw_info(ABI_HW_INFO_TYPE_DEFAULT, &data, &type), 0);
	cr_expect_eq(type, ABI_HW_INFO_TYPE_ARM_SMMUV3);
	cr_expect_eq(hw_info(ABI_HW_INFO_TYPE_INTEL_VTD, &data, &type), -EOPNOTSUPP);
	stop();
}

Test(model_cmdqv, is_not_there_unless_the_machine_has_it)
{
	struct abi_hw_info_tegra241_cmdqv data;
	uint32_t id, type;

	start((struct iommuctl_model_smmu){ .s2fwb = true });
	cr_expect_eq(hw_info(ABI_HW_INFO_TYPE_TEGRA241_CMDQV, &data, &type), -EOPNOTSUPP);
	cr_expect_eq(vintf_alloc(sizeof(vmm.data), &vmm.data, &id), -EOPNOTSUPP);
	cr_assert_eq(
		viommu_alloc(&vmm.machine, vmm.machine.dev_ids[0], vmm.parent, &vmm.viommu), 0);
	cr_expect_eq(queue_alloc(0, IPA, PAGE, &id), -EOPNOTSUPP);
	stop();
}

Test(model_cmdqv, counts_are_powers_of_two_within_the_registers)
{
	static const struct iommuctl_model_smmu wrong[] = {
		{ .cmdqv = true, .cmdqv_queues = 3 },
		{ .cmdqv = true, .cmdqv_vsids = 32 },
		{ .cmdqv = true, .cmdqv_interfaces = 128 },
		{ .cmdqv = true, .kind = IOMMUCTL_MODEL_IOMMU_VTD },
	};
	struct iommuctl_model_config config;
	struct iommuctl_model *model;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		iommuctl_model_default_config(&config);
		config.smmus[0] = wrong[i];
		cr_expect_eq(iommuctl_model_new(&config, &model), -EINVAL, "%zu", i);
	}
}

Test(model_cmdqv, a_vintf_needs_room_for_what_it_tells)
{
	struct {
		struct abi_viommu_tegra241_cmdqv known;
		uint64_t more;
	} data = { .more = 0 };
	uint32_t id;

	start((struct iommuctl_model_smmu){ .cmdqv = true });
	cr_expect_eq(vintf_alloc(0, NULL, &id), -EINVAL);
	cr_expect_eq(vintf_alloc(8, &data, &id), -EINVAL);
	cr_expect_eq(vintf_alloc(sizeof(data.known), NULL, &id), -EFAULT);
	cr_expect_eq(vintf_alloc(sizeof(data), &data, &id), 0);
	cr_expect_eq(data.known.out_vintf_mmap_length, UINT64_C(64) << 10);
	cr_expect_eq(data.known.out_vintf_mmap_offset, PAGE);
	cr_expect_eq(destroy(&vmm.machine, id), 0);
	data.more = 1;
	cr_expect_eq(vintf_alloc(sizeof(data), &data, &id), -E2BIG);
	stop();
}

/* One is the kernel's. */
Test(model_cmdqv, vintfs_run_out)
{
	struct abi_viommu_tegra241_cmdqv data;
	uint32_t first, last, other;

	start((struct iommuctl_model_smmu){ .cmdqv = true, .cmdqv_interfaces = 4 });
	cr_assert_eq(vintf_alloc(sizeof(data), &data, &first), 0);
	cr_assert_eq(vintf_alloc(sizeof(data), &data, &other), 0);
	cr_assert_eq(vintf_alloc(sizeof(data), &data, &last), 0);
	cr_expect_eq(data.out_vintf_mmap_offset, PAGE + (UINT64_C(128) << 10));
	cr_expect_eq(vintf_alloc(sizeof(data), &data, &other), -ENOSPC);
	/* A failure takes none, and destroying one returns it. */
	cr_expect_eq(vintf_alloc(0, NULL, &other), -EINVAL);
	cr_expect_eq(destroy(&vmm.machine, first), 0);
	cr_expect_eq(vintf_alloc(sizeof(data), &data, &other), 0);
	cr_expect_eq(data.out_vintf_mmap_offset, PAGE);
	cr_expect_eq(vintf_alloc(sizeof(data), &data, &other), -ENOSPC);
	stop();
}

Test(model_cmdqv, page_0_is_mapped_whole_and_shared)
{
	struct iommuctl_transport *transport;
	void *page0, *other;

	start_guest((struct iommuctl_model_smmu){ 0 });
	transport = vmm.machine.transport;
#define MAP(offset, length, prot, flags, address)                                                  \
	transport->mmap(transport, vmm.machine.iommufd, offset, length, prot, flags, address)
	cr_expect_eq(MAP(PAGE, MEMORY, PROT_READ, MAP_PRIVATE, &other), -EINVAL);
	cr_expect_eq(MAP(PAGE, MEMORY, PROT_READ | PROT_EXEC, MAP_SHARED, &other), -EPERM);
	cr_expect_eq(MAP(PAGE, PAGE, PROT_READ, MAP_SHARED, &other), -ENXIO);
	cr_expect_eq(MAP(2 * PAGE, MEMORY, PROT_READ, MAP_SHARED, &other), -ENXIO);
	cr_assert_eq(MAP(PAGE, MEMORY, PROT_READ | PROT_WRITE, MAP_SHARED, &page0), 0);
#undef MAP
	cr_expect_eq(*(volatile uint32_t *)page0, 0);
	cr_expect_eq(destroy(&vmm.machine, vmm.viommu), -EBUSY);
	cr_expect_eq(transport->munmap(transport, page0, MEMORY), 0);
	cr_expect_eq(destroy(&vmm.machine, vmm.viommu), 0);
	stop();
}

Test(model_cmdqv, queues_come_in_order_and_go_in_reverse)
{
	uint32_t first, second, third, other;

	start_guest((struct iommuctl_model_smmu){ .cmdqv_queues = 4 });
	cr_expect_eq(queue_alloc(4, IPA, PAGE, &other), -EINVAL);
	cr_expect_eq(queue_alloc(1, IPA, PAGE, &other), -EIO);
	cr_assert_eq(queue_alloc(0, IPA, PAGE, &first), 0);
	cr_expect_eq(queue_alloc(0, IPA, PAGE, &other), -EEXIST);
	cr_expect_eq(queue_alloc(2, IPA, PAGE, &other), -EIO);
	cr_assert_eq(queue_alloc(1, IPA + PAGE, PAGE, &second), 0);
	cr_assert_eq(queue_alloc(2, IPA, 32, &third), 0);
	cr_expect_eq(destroy(&vmm.machine, first), -EBUSY);
	cr_expect_eq(destroy(&vmm.machine, second), -EBUSY);
	cr_expect_eq(destroy(&vmm.machine, vmm.viommu), -EBUSY);
	cr_expect_eq(destroy(&vmm.machine, third), 0);
	cr_expect_eq(destroy(&vmm.machine, second), 0);
	cr_assert_eq(queue_alloc(1, IPA, PAGE, &second), 0, "the first is there still");
	cr_expect_eq(destroy(&vmm.machine, second), 0);
	cr_expect_eq(destroy(&vmm.machine, first), 0);
	cr_expect_eq(destroy(&vmm.machine, vmm.viommu), 0);
	stop();
}

Test(model_cmdqv, a_queue_is_a_power_of_two_in_one_piece)
{
	static const struct {
		uint64_t ipa;
		uint64_t length;
		int expected;
	} cases[] = {
		{ IPA, 16, -EINVAL },
		{ IPA, 48, -EINVAL },
		{ IPA + 16, 32, -EINVAL },
		{ IPA + PAGE, 2 * PAGE, -EINVAL },
		{ IPA - PAGE, PAGE, -ENOENT },
		{ IPA + MEMORY, 2 * MEMORY, -ENOENT },
		{ IPA, 2 * MEMORY, -EFAULT },
		{ IPA + MEMORY - 16, 32, -EFAULT },
		{ 0, UINT64_MAX, -ERANGE },
		{ IPA + 32, 32, 0 },
	};
	uint32_t id;

	start_guest((struct iommuctl_model_smmu){ 0 });
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(queue_alloc(0, cases[i].ipa, cases[i].length, &id), cases[i].expected,
			"case %zu", i);
	cr_expect_eq(ioas_unmap(&vmm.machine, vmm.ioas, IPA, MEMORY), -EBUSY);
	cr_expect_eq(destroy(&vmm.machine, id), 0);
	cr_expect_eq(ioas_unmap(&vmm.machine, vmm.ioas, IPA, MEMORY), 0);
	stop();
}

Test(model_cmdqv, a_queue_is_no_longer_than_the_smmu_says)
{
	const uint64_t length = 2 * LONGEST;
	void *memory =
		mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint32_t id;

	cr_assert_neq(memory, MAP_FAILED);
	start_guest((struct iommuctl_model_smmu){ 0 });
	cr_assert_eq(ioas_map(&vmm.machine, vmm.ioas, memory, length, 2 * IPA), 0);
	cr_expect_eq(queue_alloc(0, 2 * IPA, length, &id), -EINVAL);
	cr_expect_eq(queue_alloc(0, 2 * IPA, LONGEST, &id), 0);
	stop();
	munmap(memory, length);
}

Test(model_cmdqv, vdevices_are_as_many_as_there_are_matches)
{
	struct machine *machine = &vmm.machine;
	uint32_t vdevice, other;

	start_guest((struct iommuctl_model_smmu){ .cmdqv_vsids = 1 });
	cr_expect_eq(
		vdevice_alloc(machine, vmm.viommu, machine->dev_ids[0], VSID_MAX + 1, &vdevice),
		-EINVAL);
	cr_assert_eq(
		vdevice_alloc(machine, vmm.viommu, machine->dev_ids[0], VSID_MAX, &vdevice), 0);
	cr_expect_eq(
		vdevice_alloc(machine, vmm.viommu, machine->dev_ids[1], VSID_MAX, &other), -EEXIST);
	cr_expect_eq(vdevice_alloc(machine, vmm.viommu, machine->dev_ids[1], 1, &other), -ENOSPC);
	cr_expect_eq(destroy(machine, vdevice), 0);
	cr_expect_eq(vdevice_alloc(machine, vmm.viommu, machine->dev_ids[1], 1, &other), 0);
	stop();
}

/* It nests and invalidates like any vIOMMU of an SMMUv3. */
Test(model_cmdqv, it_nests)
{
	struct guest guest;

	start_guest((struct iommuctl_model_smmu){ 0 });
	guest = (struct guest){ vmm.machine, vmm.ioas, vmm.parent, vmm.viommu };
	cr_expect_gt(nested_new(&guest, STE_BYPASS), 0);
	stop();
}
