// SPDX-License-Identifier: MIT
/* The results of a device's DMA, and what observers see of a refusal without an event. */
#include "model_fixture.h"

#include <errno.h>
#include <string.h>

#define IOVA   UINT64_C(0x40000000)
#define MASTER 4

static struct machine machine;
static struct iommuctl_model_lookup last;
static unsigned int lookups;

static void see(const struct iommuctl_model_lookup *lookup, void *data)
{
	(void)data;
	last = *lookup;
	lookups++;
}

static void start(void)
{
	machine_start(&machine, NULL);
	iommuctl_model_watch(machine.model, see, NULL);
	lookups = 0;
}

static void stop(void)
{
	machine_stop(&machine);
}

TestSuite(model_dma, .init = start, .fini = stop);

static void make_master(void)
{
	const unsigned char command[2] = { MASTER | 2 };
	const int64_t offset = (int64_t)ABI_VFIO_PCI_CONFIG_REGION_INDEX << 40 | 4;

	machine_bind(&machine);
	cr_assert_eq(machine.transport->write(machine.transport, machine.devices[0], command,
			     sizeof(command), offset),
		2);
}

/* Reads 4 bytes by device 0 into a buffer that is not 0 before. */
static int read4(uint64_t iova, uint32_t *value)
{
	*value = UINT32_MAX;
	return iommuctl_model_dma(machine.model,
		&(struct iommuctl_model_access){
			.ssid = -1, .iova = iova, .buffer = value, .size = sizeof(*value) });
}

static void expect_abort(enum iommuctl_model_abort reason)
{
	cr_expect_eq(last.kind, IOMMUCTL_MODEL_LOOKUP_ABORT);
	cr_expect_eq(last.value, reason);
	cr_expect_eq(last.stream_id, 8);
	cr_expect_eq(last.iova, IOVA);
	cr_expect_not(last.write);
}

Test(model_dma, an_unbound_device_has_no_access)
{
	uint32_t value;

	cr_assert_eq(read4(IOVA, &value), -EACCES);
	cr_expect_eq(value, 0);
	cr_expect_eq(lookups, 1);
	expect_abort(IOMMUCTL_MODEL_ABORT_NO_MASTER);
}

Test(model_dma, a_bound_device_has_no_access_before_bus_mastering)
{
	uint32_t value;

	machine_bind(&machine);
	cr_assert_eq(read4(IOVA, &value), -EACCES);
	expect_abort(IOMMUCTL_MODEL_ABORT_NO_MASTER);
}

Test(model_dma, an_access_of_an_unattached_device_is_refused_without_an_event)
{
	uint32_t value;

	make_master();
	cr_assert_eq(read4(IOVA, &value), -EIO);
	cr_expect_eq(value, 0);
	cr_expect_eq(lookups, 1);
	expect_abort(IOMMUCTL_MODEL_ABORT_STREAM);
}

Test(model_dma, an_access_to_unmapped_memory_is_refused_with_an_event)
{
	static unsigned char page[4096] __attribute__((aligned(4096))) = { 1, 2, 3, 4 };
	uint32_t ioas, value;

	make_master();
	ioas = ioas_new(&machine);
	cr_assert_eq(ioas_map(&machine, ioas, page, sizeof(page), IOVA), 0);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_assert_eq(read4(IOVA, &value), 0);
	cr_expect_eq(memcmp(&value, page, sizeof(value)), 0);
	cr_assert_eq(ioas_unmap(&machine, ioas, IOVA, sizeof(page)), 0);
	cr_assert_eq(read4(IOVA, &value), -EIO);
	cr_expect_eq(last.kind, IOMMUCTL_MODEL_LOOKUP_EVENT);
}

Test(model_dma, an_access_by_no_device_or_with_a_PASID_too_wide_is_invalid)
{
	uint32_t value = 0;

	cr_expect_eq(iommuctl_model_dma(machine.model,
			     &(struct iommuctl_model_access){ .device = 2,
				     .ssid = -1,
				     .iova = IOVA,
				     .buffer = &value,
				     .size = 4 }),
		-EINVAL);
	cr_expect_eq(iommuctl_model_dma(machine.model,
			     &(struct iommuctl_model_access){
				     .ssid = 1, .iova = IOVA, .buffer = &value, .size = 4 }),
		-EINVAL);
	cr_expect_eq(lookups, 0);
}
