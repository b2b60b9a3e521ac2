// SPDX-License-Identifier: MIT
/* PASIDs that the host attaches, on an SMMUv3 that has SubstreamIDs. */
#include "model_fixture.h"

#include <sys/mman.h>

#define IOVA  UINT64_C(0x40000000)
#define SIZE  0x2000
#define PASID 3

static struct machine machine;
static uint64_t *ram;
/* The two pages of memory, in one order and in the other. */
static uint32_t first, second;

static uint32_t hwpt_of(void *low, void *high)
{
	const uint32_t ioas = ioas_new(&machine);

	cr_assert_eq(ioas_map(&machine, ioas, low, SIZE / 2, IOVA), 0);
	cr_assert_eq(ioas_map(&machine, ioas, high, SIZE / 2, IOVA + SIZE / 2), 0);
	return paging_new(&machine, machine.dev_ids[0], ioas, ABI_HWPT_ALLOC_PASID);
}

static void start(void)
{
	const unsigned char command[2] = { 6 };
	const int64_t offset = (int64_t)ABI_VFIO_PCI_CONFIG_REGION_INDEX << 40 | 4;
	struct iommuctl_model_config config;

	iommuctl_model_default_config(&config);
	config.smmus[0].ssid_bits = 4;
	config.devices[1].no_canwbs = true;
	machine_start(&machine, &config);
	machine_bind(&machine);
	machine.transport->write(machine.transport, machine.devices[0], command, 2, offset);
	ram = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	cr_assert_neq(ram, MAP_FAILED);
	ram[0] = 1;
	ram[SIZE / 2 / sizeof(*ram)] = 2;
	first = hwpt_of(ram, (char *)ram + SIZE / 2);
	second = hwpt_of((char *)ram + SIZE / 2, ram);
}

static void stop(void)
{
	machine_stop(&machine);
	munmap(ram, SIZE);
}

TestSuite(model_pasid, .init = start, .fini = stop);

/* What device 0 reads at IOVA, or -errno. */
static int64_t dma_read(int ssid)
{
	uint64_t value;
	int err = iommuctl_model_dma(machine.model,
		&(struct iommuctl_model_access){
			.ssid = ssid, .iova = IOVA, .buffer = &value, .size = sizeof(value) });

	return err ? err : (int64_t)value;
}

Test(model_pasid, has_tables_of_its_own)
{
	cr_expect_eq(dma_read(PASID), -EIO);
	cr_assert_eq(attach_pasid(&machine, 0, first, PASID), 0);
	cr_expect_eq(dma_read(PASID), 1);
	cr_expect_eq(dma_read(PASID + 1), -EIO, "another was not attached");
	cr_expect_eq(dma_read(-1), -EIO, "nor was the device itself");
	cr_assert_eq(attach(&machine, 0, second), 0);
	cr_expect_eq(dma_read(-1), 2);
	cr_expect_eq(dma_read(PASID), 1);
}

Test(model_pasid, goes_through_what_replaces_its_tables)
{
	cr_assert_eq(attach_pasid(&machine, 0, first, PASID), 0);
	cr_expect_eq(dma_read(PASID), 1);
	cr_assert_eq(attach_pasid(&machine, 0, second, PASID), 0);
	cr_expect_eq(dma_read(PASID), 2);
	cr_expect_eq(destroy(&machine, first), 0);
}

Test(model_pasid, is_blocked_once_it_is_detached)
{
	cr_assert_eq(attach_pasid(&machine, 0, first, PASID), 0);
	cr_assert_eq(detach_pasid(&machine, 0, ABI_VFIO_DEVICE_DETACH_PASID, PASID), 0);
	cr_expect_eq(dma_read(PASID), -EIO);
	cr_expect_eq(destroy(&machine, first), 0);
}

Test(model_pasid, has_no_more_bits_than_the_SMMU)
{
	cr_expect_eq(attach_pasid(&machine, 0, first, 16), -EINVAL);
	cr_expect_eq(attach_pasid(&machine, 0, first, 0x100000), -EINVAL);
	cr_expect_eq(attach_pasid(&machine, 0, first, 15), 0);
	cr_expect_eq(dma_read(15), 1);
}

Test(model_pasid, is_refused_tables_that_enforce_coherency_where_the_device_has_none)
{
	cr_expect_eq(attach_pasid(&machine, 1, first, PASID), -EINVAL);
	cr_expect_eq(attach_pasid(&machine, 0, first, PASID), 0);
}
