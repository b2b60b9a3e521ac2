// SPDX-License-Identifier: MIT
/* The machine's configuration, its files, and the ids and lifetimes of its objects. */
#include "model_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include "model/ioas/ioas.h"
#include "model/machine.h"

static struct machine machine;

static void start(void)
{
	machine_start(&machine, NULL);
	machine_bind_first(&machine);
}

static void stop(void)
{
	machine_stop(&machine);
}

TestSuite(model_objects, .init = start, .fini = stop);

#define ONE_SMMU .smmu_count = 1

static const struct {
	const char *what;
	struct iommuctl_model_config config;
} contradictions[] = {
	{ "an SMMU that is not there",
		{ ONE_SMMU, .device_count = 1,
			.devices = { { .pci = "0000:00:01.0", .smmu = 1 } } } },
	{ "a PCI address twice", { ONE_SMMU, .device_count = 2,
					 .devices = { { .pci = "0000:00:0a.0", .stream_id = 1 },
						 { .pci = "0000:00:0A.0", .stream_id = 2 } } } },
	{ "a StreamID twice behind one SMMU",
		{ ONE_SMMU, .device_count = 2,
			.devices = { { .pci = "0000:00:01.0" },
				{ .pci = "0000:00:02.0", .stream_id = 8 } } } },
	{ "a group behind two SMMUs",
		{ .smmu_count = 2,
			.device_count = 2,
			.devices = { { .pci = "0000:00:01.0", .group = 1 },
				{ .pci = "0000:00:02.0", .group = 1, .smmu = 1 } } } },
	{ "no PCI address", { ONE_SMMU, .device_count = 1 } },
	{ "a PCI address without domain",
		{ ONE_SMMU, .device_count = 1, .devices = { { .pci = "00:01.0" } } } },
	{ "a function above 7",
		{ ONE_SMMU, .device_count = 1, .devices = { { .pci = "0000:00:01.8" } } } },
	{ "a device above 31",
		{ ONE_SMMU, .device_count = 1, .devices = { { .pci = "0000:00:20.0" } } } },
	{ "a StreamID of 17 bits",
		{ ONE_SMMU, .device_count = 1,
			.devices = { { .pci = "0000:00:01.0", .stream_id = 0x10000 } } } },
	{ "a negative group", { ONE_SMMU, .device_count = 1,
				      .devices = { { .pci = "0000:00:01.0", .group = -1 } } } },
	{ "a region beyond the last address", { ONE_SMMU, .device_count = 1,
						      .devices = { { .pci = "0000:00:01.0",
							      .direct_start = UINT64_MAX,
							      .direct_size = 2 } } } },
	{ "an address size that does not exist", { ONE_SMMU, .smmus = { { .oas_bits = 43 } } } },
	{ "too wide a PASID", { ONE_SMMU, .smmus = { { .ssid_bits = 21 } } } },
	{ "a TLB that is no power of two", { ONE_SMMU, .smmus = { { .tlb_entries = 3 } } } },
	{ "too many SMMUs", { .smmu_count = IOMMUCTL_MODEL_SMMUS_MAX + 1 } },
	{ "too many devices", { ONE_SMMU, .device_count = IOMMUCTL_MODEL_DEVICES_MAX + 1 } },
};

Test(model_objects_config, a_machine_that_contradicts_itself_is_refused)
{
	for (size_t i = 0; i < ARRAY_SIZE(contradictions); i++) {
		struct iommuctl_model *model = NULL;

		cr_expect_eq(iommuctl_model_new(&contradictions[i].config, &model), -EINVAL, "%s",
			contradictions[i].what);
		cr_expect_null(model);
	}
}

Test(model_objects_config, each_smmu_has_its_own_streamids)
{
	const struct iommuctl_model_config config = {
		.smmu_count = 2,
		.device_count = 2,
		.devices = { { .pci = "0000:00:01.0" }, { .pci = "0001:00:01.0", .smmu = 1 } },
	};
	struct iommuctl_model *model;

	cr_assert_eq(iommuctl_model_new(&config, &model), 0);
	iommuctl_model_free(model);
}

/* PCI addresses of one bus after another. */
static void fill_devices(struct iommuctl_model_config *config)
{
	for (unsigned int i = 0; i < config->device_count; i++)
		snprintf(config->devices[i].pci, sizeof(config->devices[i].pci), "0000:%02x:%02x.0",
			i >> 5 & 0xff, i & 31);
}

Test(model_objects_config, as_many_devices_as_the_header_says_are_there)
{
	struct iommuctl_model_config *config = calloc(1, sizeof(*config));
	struct iommuctl_transport *transport;
	struct iommuctl_model *model;

	cr_assert_not_null(config);
	config->smmu_count = 1;
	config->device_count = IOMMUCTL_MODEL_DEVICES_MAX;
	cr_assert_geq(config->device_count, 1024);
	fill_devices(config);
	cr_assert_eq(iommuctl_model_new(config, &model), 0);
	cr_assert_eq(iommuctl_model_transport_new(model, &transport), 0);
	cr_expect_geq(transport->open(transport, "/dev/vfio/devices/vfio1023", O_RDWR), 0);
	cr_expect_eq(transport->open(transport, "/dev/vfio/devices/vfio1024", O_RDWR), -ENOENT);
	iommuctl_transport_free(transport);
	iommuctl_model_free(model);
	free(config);
}

Test(model_objects, only_the_files_of_its_devices_are_there)
{
	static const char *const missing[] = { "/dev/vfio/devices/vfio2", "/dev/vfio/devices/vfio",
		"/dev/vfio/devices/vfio00", "/dev/vfio/devices/vfio1x", "/dev/vfio/devices/vfio-1",
		"/dev/vfio/vfio", "/dev/null", "" };

	for (size_t i = 0; i < ARRAY_SIZE(missing); i++)
		cr_expect_eq(machine.transport->open(machine.transport, missing[i], O_RDWR),
			-ENOENT, "%s", missing[i]);
}

Test(model_objects, a_file_that_is_not_the_models_does_nothing_but_close)
{
	int fd = eventfd(0, EFD_CLOEXEC);
	char byte;

	cr_assert_eq(
		machine.transport->ioctl(machine.transport, fd, ABI_IOAS_ALLOC, &byte), -EBADF);
	cr_assert_eq(machine.transport->read(machine.transport, fd, &byte, 1, -1), -EBADF);
	cr_assert_eq(machine_close(&machine, fd), 0);
	cr_assert_eq(fcntl(fd, F_GETFD), -1);
}

Test(model_objects, a_closed_file_is_gone)
{
	cr_assert_eq(machine_close(&machine, machine.devices[0]), 0);
	cr_assert_eq(machine_close(&machine, machine.devices[0]), -EBADF);
	cr_assert_eq(attach(&machine, 0, 1), -EBADF);
}

Test(model_objects, an_iommufd_can_neither_be_read_nor_written)
{
	char byte = 0;

	cr_assert_eq(
		machine.transport->read(machine.transport, machine.iommufd, &byte, 1, -1), -EINVAL);
	cr_assert_eq(machine.transport->write(machine.transport, machine.iommufd, &byte, 1, -1),
		-EINVAL);
}

Test(model_objects, every_call_is_counted)
{
	struct iommuctl_model_counters before, after;

	iommuctl_model_get_counters(machine.model, &before);
	ioas_new(&machine);
	destroy(&machine, 99);
	iommuctl_model_get_counters(machine.model, &after);
	cr_assert_eq(after.calls, before.calls + 2);
}

Test(model_objects, an_id_is_the_lowest_free_one)
{
	cr_assert_eq(machine.dev_ids[0], 1);
	cr_assert_eq(ioas_new(&machine), 2);
	cr_assert_eq(ioas_new(&machine), 3);
	cr_assert_eq(destroy(&machine, 2), 0);
	cr_assert_eq(ioas_new(&machine), 2);
	cr_assert_eq(ioas_new(&machine), 4);
}

Test(model_objects, an_unknown_id_cannot_be_destroyed)
{
	cr_assert_eq(destroy(&machine, 0), -ENOENT);
	cr_assert_eq(destroy(&machine, 2), -ENOENT);
	cr_assert_eq(destroy(&machine, UINT32_MAX), -ENOENT);
}

Test(model_objects, a_bound_device_goes_only_with_its_file)
{
	cr_assert_eq(destroy(&machine, machine.dev_ids[0]), -EBUSY);
	cr_assert_eq(machine_close(&machine, machine.devices[0]), 0);
	cr_assert_eq(destroy(&machine, machine.dev_ids[0]), -ENOENT);
}

Test(model_objects, what_is_in_use_cannot_be_destroyed)
{
	uint32_t ioas = ioas_new(&machine);
	int hwpt = paging_alloc(&machine, ioas, 0);

	cr_assert_eq(attach(&machine, 0, (uint32_t)hwpt), 0);
	cr_assert_eq(destroy(&machine, ioas), -EBUSY);
	cr_assert_eq(destroy(&machine, (uint32_t)hwpt), -EBUSY);
	cr_assert_eq(detach(&machine, 0), 0);
	cr_assert_eq(destroy(&machine, ioas), -EBUSY);
	cr_assert_eq(destroy(&machine, (uint32_t)hwpt), 0);
	cr_assert_eq(destroy(&machine, ioas), 0);
}

Test(model_objects, a_hwpt_made_by_attaching_an_ioas_goes_with_its_last_device)
{
	uint32_t ioas = ioas_new(&machine);

	cr_assert_eq(
		bind_device(&machine, machine.devices[1], machine.iommufd, &machine.dev_ids[1]), 0);
	cr_assert_eq(attach(&machine, 0, ioas), 0);
	cr_assert_eq(attach(&machine, 1, ioas), 0);
	cr_assert_eq(detach(&machine, 0), 0);
	cr_assert_eq(destroy(&machine, ioas), -EBUSY);
	cr_assert_eq(detach(&machine, 1), 0);
	cr_assert_eq(destroy(&machine, ioas), 0);
}

Test(model_objects, objects_live_on_after_the_iommufd_while_a_device_is_bound)
{
	int hwpt = paging_alloc(&machine, ioas_new(&machine), 0);

	cr_assert_eq(machine_close(&machine, machine.iommufd), 0);
	cr_assert_eq(attach(&machine, 0, (uint32_t)hwpt), 0);
	cr_assert_eq(machine_close(&machine, machine.devices[0]), 0);
}

Test(model_objects, each_iommufd_has_its_own_objects)
{
	struct machine other = machine;

	other.iommufd = machine_open_file(&machine, "/dev/iommu");
	cr_assert_eq(ioas_new(&other), 1);
	cr_assert_eq(ioas_new(&machine), 2);
	cr_assert_eq(destroy(&other, 2), -ENOENT);
}

Test(model_objects, a_buried_id_is_neither_found_nor_given_again)
{
	struct model_iommufd *iommufd = model_file_find(machine.model, machine.iommufd)->object;
	struct model_object *object = model_object_any(iommufd, ioas_new(&machine));

	model_object_bury(iommufd, object);
	object->kind->free(iommufd, object);
	cr_assert_eq(destroy(&machine, 2), -ENOENT);
	cr_assert_eq(ioas_new(&machine), 3);
}

Test(model_objects, many_objects_fit)
{
	for (uint32_t id = 2; id < 1000; id++)
		cr_assert_eq(ioas_new(&machine), id);
	for (uint32_t id = 2; id < 1000; id += 7)
		cr_assert_eq(destroy(&machine, id), 0);
	for (uint32_t id = 2; id < 1000; id += 7)
		cr_assert_eq(ioas_new(&machine), id);
}
