// SPDX-License-Identifier: MIT
/* A virtio-iommu: what it refuses, and what the kernel does. */
#include "errors_table.h"

#include "virtio_fixture.h"

#include <iommuctl/virtio_iommu_fault.h>

#include "abi/iommufd.h"
#include "abi/vfio.h"

static struct bench bench;
static struct iommuctl_virtio_iommu_config config;
static struct iommuctl_virtio_iommu_endpoint endpoint;
static unsigned char byte = 1;

static int make(void *data)
{
	struct iommuctl_virtio_iommu *made;

	(void)data;
	return iommuctl_virtio_iommu_new(bench.ctx, &config, &made);
}

static int make_of_nothing(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_new(bench.ctx, NULL, NULL);
}

static int make_without_memory(void *data)
{
	config.memory_ioas_id = 0;
	return make(data);
}

static int make_backwards(void *data)
{
	config.domain_start = 2;
	config.domain_end = 1;
	return make(data);
}

static int make_odd_probe(void *data)
{
	config.probe_size = 7;
	return make(data);
}

static int make_no_drafts(void *data)
{
	config.drafts = &(struct iommuctl_virtio_iommu_drafts){ .granule = 4096 };
	return make(data);
}

static int make_hidden_bypass(void *data)
{
	config.bypass_config = false;
	config.bypass = true;
	return make(data);
}

static int add(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_add_endpoint(bench.viommu, &endpoint);
}

static int add_nothing(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_add_endpoint(bench.viommu, NULL);
}

static int add_many_regions(void *data)
{
	endpoint.regions = regions;
	endpoint.region_count = 1000;
	return add(data);
}

static int add_two_regions(void *data)
{
	endpoint.regions = (struct iommuctl_virtio_iommu_region[]){ { 0, 9 }, { 9, 20 } };
	endpoint.region_count = 2;
	return add(data);
}

static int add_nested(void *data)
{
	endpoint.nested = true;
	return add(data);
}

static int add_twice(void *data)
{
	endpoint.id = EP0;
	return add(data);
}

static int say_nothing(uint32_t vsid, const uint64_t ste[IOMMUCTL_SMMUV3_STE_WORDS], void *data)
{
	(void)vsid;
	(void)ste;
	(void)data;
	return -ENXIO;
}

static int issue_nothing(
	const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, void *data)
{
	(void)commands;
	(void)count;
	(void)data;
	return 0;
}

static int add_to_silent_drafts(void *data)
{
	static const struct iommuctl_smmuv3_idr idr;
	const struct iommuctl_virtio_iommu_drafts drafts = {
		.idr = &idr, .granule = 4096, .set_ste = say_nothing, .issue = issue_nothing
	};
	struct iommuctl_virtio_iommu *made;
	int err;

	(void)data;
	config.drafts = &drafts;
	endpoint.nested = true;
	cr_assert_eq(iommuctl_virtio_iommu_new(bench.ctx, &config, &made), 0);
	err = iommuctl_virtio_iommu_add_endpoint(made, &endpoint);
	iommuctl_virtio_iommu_free(made);
	return err;
}

static int add_both_kinds(void *data)
{
	endpoint.emulated = true;
	return add_nested(data);
}

static int translate(uint32_t id, uint64_t address, uint32_t flags)
{
	const struct iommuctl_virtio_iommu_access access = { address, id, flags };
	struct iommuctl_virtio_iommu_translation translation;
	struct iommuctl_virtio_iommu_fault fault;

	return iommuctl_virtio_iommu_translate(bench.viommu, &access, &translation, &fault);
}

static int translate_nothing(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_translate(bench.viommu, NULL, NULL, NULL);
}

static int translate_no_access(void *data)
{
	(void)data;
	return translate(EP0, RAM, 0);
}

static int translate_for_none(void *data)
{
	(void)data;
	return translate(99, RAM, READ);
}

static int translate_without_domain(void *data)
{
	(void)data;
	return translate(EP0, RAM, READ);
}

static int make_fault(uint8_t type)
{
	const struct iommuctl_smmuv3_event event = { .type = type, .streamid = 0x42 };
	struct iommuctl_virtio_iommu_fault fault;

	return iommuctl_virtio_iommu_fault_from_event(bench.viommu, &event, &fault);
}

static int make_fault_of_nothing(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_fault_from_event(bench.viommu, NULL, NULL);
}

static int make_fault_of_page_request(void *data)
{
	(void)data;
	return make_fault(IOMMUCTL_SMMUV3_E_PAGE_REQUEST);
}

static int make_fault_of_none(void *data)
{
	(void)data;
	return make_fault(IOMMUCTL_SMMUV3_F_TRANSLATION);
}

static int remove_none(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_remove_endpoint(bench.viommu, 99);
}

static int remove_fails(void *data)
{
	(void)data;
	cr_assert_eq(attach(&bench, 7, EP1, 0), OK);
	errors_refuse(bench.vmm.script, ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT);
	return iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1);
}

static int reset_fails(void *data)
{
	(void)data;
	errors_refuse(bench.vmm.script, ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT);
	return iommuctl_virtio_iommu_reset(bench.viommu);
}

static int accept(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_accept(bench.viommu, UINT64_C(1) << 20);
}

static int read_config(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_read_config(bench.viommu, 41, &byte, 1);
}

static int write_config(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_write_config(bench.viommu, 0, &byte, 1);
}

static int write_config_fails(void *data)
{
	(void)data;
	errors_refuse(bench.vmm.script, ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT);
	return iommuctl_virtio_iommu_write_config(bench.viommu, 36, &byte, 1);
}

static int add_memory(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_add_memory(bench.viommu, RAM, 0);
}

static int add_memory_fails(void *data)
{
	(void)data;
	cr_assert_eq(map(&bench, 7, RAM, RAM + PAGE - 1, RAM, READ), OK);
	errors_refuse(bench.vmm.script, ABI_IOAS_COPY);
	return iommuctl_virtio_iommu_add_memory(bench.viommu, RAM, RAM + PAGE - 1);
}

static int add_memory_twice(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_add_memory(bench.viommu, RAM, RAM + PAGE - 1);
}

static int remove_memory(void *data)
{
	(void)data;
	return iommuctl_virtio_iommu_remove_memory(bench.viommu, RAM, 0);
}

static int remove_memory_fails(void *data)
{
	(void)data;
	errors_refuse(bench.vmm.script, ABI_IOAS_UNMAP);
	return iommuctl_virtio_iommu_remove_memory(bench.viommu, RAM, RAM + PAGE - 1);
}

static const struct errors_row rows[] = {
	{ "virtio_iommu_new", make_of_nothing, EINVAL, "virtio_iommu_new" },
	{ "virtio_iommu_new", make_without_memory, EINVAL, "virtio_iommu_new" },
	{ "virtio_iommu_new", make_backwards, EINVAL, "virtio_iommu_new" },
	{ "virtio_iommu_new", make_odd_probe, EINVAL, "virtio_iommu_new" },
	{ "virtio_iommu_new", make_no_drafts, EINVAL, "virtio_iommu_new" },
	{ "virtio_iommu_new", make_hidden_bypass, EINVAL, "virtio_iommu_new" },
	{ "virtio_iommu_add_endpoint", add_nothing, EINVAL, "virtio_iommu_add_endpoint" },
	{ "virtio_iommu_add_endpoint", add_many_regions, EMSGSIZE, "virtio_iommu_add_endpoint",
		"endpoint 77" },
	{ "virtio_iommu_add_endpoint", add_two_regions, EINVAL, "virtio_iommu_add_endpoint",
		"endpoint 77" },
	{ "virtio_iommu_add_endpoint", add_nested, EINVAL, "virtio_iommu_add_endpoint",
		"endpoint 77" },
	{ "virtio_iommu_add_endpoint", add_both_kinds, EINVAL, "virtio_iommu_add_endpoint",
		"endpoint 77" },
	{ "virtio_iommu_translate", translate_nothing, EINVAL, "virtio_iommu_translate",
		"endpoint 0" },
	{ "virtio_iommu_translate", translate_no_access, EINVAL, "virtio_iommu_translate",
		"endpoint 8" },
	{ "virtio_iommu_translate", translate_for_none, ENOENT, "virtio_iommu_translate",
		"endpoint 99" },
	{ "virtio_iommu_translate", translate_without_domain, EFAULT },
	{ "virtio_iommu_fault_from_event", make_fault_of_nothing, EINVAL,
		"virtio_iommu_fault_from_event", "StreamID 0x0" },
	{ "virtio_iommu_fault_from_event", make_fault_of_page_request, EINVAL,
		"virtio_iommu_fault_from_event", "StreamID 0x42" },
	{ "virtio_iommu_fault_from_event", make_fault_of_none, ENOENT,
		"virtio_iommu_fault_from_event", "StreamID 0x42" },
	{ "virtio_iommu_add_endpoint", add_twice, EEXIST, "virtio_iommu_add_endpoint" },
	{ "virtio_iommu_add_endpoint", add, ENOSPC, "virtio_iommu_add_endpoint", "endpoint 77" },
	{ "virtio_iommu_add_endpoint", add_to_silent_drafts, ENXIO, "virtio_iommu_drafts" },
	{ "virtio_iommu_accept", accept, EINVAL, "virtio_iommu_accept", "features 0x100000" },
	{ "virtio_iommu_read_config", read_config, EINVAL, "virtio_iommu_read_config",
		"offset 0x29" },
	{ "virtio_iommu_write_config", write_config, EINVAL, "virtio_iommu_write_config",
		"offset 0x0" },
	{ "virtio_iommu_write_config", write_config_fails, ENOMEM,
		"VFIO_DEVICE_ATTACH_IOMMUFD_PT" },
	{ "virtio_iommu_remove_endpoint", remove_none, ENOENT, "virtio_iommu_remove_endpoint",
		"endpoint 99" },
	{ "virtio_iommu_remove_endpoint", remove_fails, ENOMEM, "VFIO_DEVICE_DETACH_IOMMUFD_PT" },
	{ "virtio_iommu_add_memory", add_memory, EINVAL, "virtio_iommu_add_memory",
		"IPA 0x40000000" },
	{ "virtio_iommu_add_memory", add_memory_fails, ENOMEM, "IOMMU_IOAS_COPY" },
	{ "virtio_iommu_add_memory", add_memory_twice, EEXIST, "IOMMU_IOAS_COPY" },
	{ "virtio_iommu_remove_memory", remove_memory, EINVAL, "virtio_iommu_remove_memory",
		"IPA 0x40000000" },
	{ "virtio_iommu_remove_memory", remove_memory_fails, ENOMEM, "IOMMU_IOAS_UNMAP" },
	{ "virtio_iommu_reset", reset_fails, ENOMEM, "VFIO_DEVICE_DETACH_IOMMUFD_PT" },
};

const struct errors_table errors_of_virtio = { rows, ARRAY_SIZE(rows) };

Test(errors_virtio, each_failure_has_a_record_of_its_own)
{
	struct iommuctl_virtio_iommu_config two;

	bench_open(&bench);
	two = config_of(&bench);
	two.endpoints_max = 2;
	bench_start(&bench, &two);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int err;

		config = config_of(&bench);
		endpoint = (struct iommuctl_virtio_iommu_endpoint){ .id = 77 };
		errors_make_stale(bench.ctx);
		err = rows[i].run(NULL);
		errors_refuse(bench.vmm.script, 0);
		errors_expect(bench.ctx, &rows[i], err);
	}
	bench_close(&bench);
}
