// SPDX-License-Identifier: MIT
/* Configurations of a virtio-iommu and its endpoints, and its configuration space. */
#include "abi/iommufd.h"
#include "abi/vfio.h"
#include "failures.h"
#include "transport.h"
#include "virtio_fixture.h"

static struct bench bench;

Test(virtio_configs, without_a_probe_size_there_is_no_probe)
{
	struct iommuctl_virtio_iommu_config config;
	unsigned char out[PROBE_SIZE + 8];

	bench_open(&bench);
	config = config_of(&bench);
	config.probe_size = 0;
	bench_start(&bench, &config);
	cr_expect_eq(probe(&bench, EP0, out, PROBE_SIZE + 4), 0);
	cr_expect_eq(out[0], 0xee);
	cr_expect_not(iommuctl_virtio_iommu_get_features(bench.viommu) & 1 << 4);
	bench_close(&bench);
}

Test(virtio_configs, mmio_is_a_flag_where_it_is_offered)
{
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	config.mmio = true;
	bench_start(&bench, &config);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_expect_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ | MMIO), OK);
	cr_expect_eq(map(&bench, 1, 0x2000, 0x2fff, RAM, MMIO), INVAL);
	bench_close(&bench);
}

Test(virtio_configs, domains_are_capped)
{
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	config.domains_max = 1;
	bench_start(&bench, &config);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_expect_eq(attach(&bench, 2, EP1, 0), NOMEM);
	cr_assert_eq(detach(&bench, 1, EP0), OK);
	cr_expect_eq(attach(&bench, 2, EP1, 0), OK);
	bench_close(&bench);
}

Test(virtio_configs, a_domain_that_ends_makes_room_for_the_next)
{
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	config.domains_max = 2;
	bench_start(&bench, &config);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 2, EP1, 0), OK);
	for (uint32_t id = 3; id < 8; id++)
		cr_expect_eq(attach(&bench, id, EP0, id % 2 ? BYPASS : 0), OK);
	cr_expect_eq(attach(&bench, 7, EP1, BYPASS), OK);
	cr_expect_eq(attach(&bench, 8, EP0, 0), OK);
	cr_expect_eq(attach(&bench, 8, EP1, 0), OK);
	cr_expect_eq(attach(&bench, 9, EP1, 0), OK);
	cr_expect_eq(reads(&bench, 1, RAM), 0);
	bench_close(&bench);
}

Test(virtio_configs, an_endpoint_that_leaves_others_takes_room)
{
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	config.domains_max = 1;
	bench_start(&bench, &config);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(attach(&bench, 1, EP1, 0), OK);
	cr_expect_eq(attach(&bench, 2, EP0, 0), NOMEM);
	cr_assert_eq(detach(&bench, 1, EP1), OK);
	cr_expect_eq(attach(&bench, 2, EP0, 0), OK);
	bench_close(&bench);
}

static uint64_t config_field(unsigned int offset)
{
	unsigned char space[IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE];

	cr_assert_eq(iommuctl_virtio_iommu_read_config(bench.viommu, 0, space, sizeof(space)), 0);
	return wire_get(space, offset, 8);
}

Test(virtio_configs, by_default_the_input_range_is_what_the_iommu_takes)
{
	static const bool bypasses[] = { false, true };

	for (size_t i = 0; i < ARRAY_SIZE(bypasses); i++) {
		struct iommuctl_virtio_iommu_config config;

		bench_open(&bench);
		config = config_of(&bench);
		config.bypass = bypasses[i];
		bench_start(&bench, &config);
		cr_expect_eq(config_field(8), 0);
		cr_expect_eq(config_field(16), IOVA_LAST);
		cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
		cr_expect_eq(map(&bench, 1, IOVA_LAST + 1, IOVA_LAST + PAGE, RAM, READ), RANGE);
		cr_expect_eq(map(&bench, 1, IOVA_LAST - PAGE + 1, IOVA_LAST, RAM, READ), OK);
		cr_expect_eq(unmap(&bench, 1, IOVA_LAST - PAGE + 1, UINT64_MAX), OK);
		bench_close(&bench);
	}
}

#define FAR UINT64_C(0x1000000000000000)

/* A new device's IOMMU takes 64K pages, at addresses that the others do not support. */
static int be_far(struct script *script, int fd, unsigned long request, void *arg)
{
	const int result = script_pass(script, fd, request, arg);
	struct abi_ioas_iova_ranges *ranges = arg;

	if (result == 0 && request == ABI_IOAS_IOVA_RANGES) {
		*(struct iommuctl_iova_range *)(uintptr_t)ranges->allowed_iovas =
			(struct iommuctl_iova_range){ FAR, FAR + 0xffff };
		ranges->num_iovas = 1;
		ranges->out_iova_alignment = 0x10000;
	}
	return result;
}

/* The same, but it stays attached to where it was tried, and takes only 64K pages. */
static int be_stuck(struct script *script, int fd, unsigned long request, void *arg)
{
	const int result = request == ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT
				   ? -EIO
				   : script_pass(script, fd, request, arg);

	if (result == 0 && request == ABI_IOAS_IOVA_RANGES)
		((struct abi_ioas_iova_ranges *)arg)->out_iova_alignment = 0x10000;
	return result;
}

Test(virtio_configs, an_endpoint_that_is_refused_narrows_nothing)
{
	static const struct {
		int (*ioctl)(struct script *script, int fd, unsigned long request, void *arg);
		int error;
	} rows[] = { { be_far, ERANGE }, { be_stuck, EIO } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iommuctl_virtio_iommu_config config;

		bench_open(&bench);
		config = config_of(&bench);
		bench_start(&bench, &config);
		cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), 0);
		bench.vmm.script->ioctl = rows[i].ioctl;
		cr_expect_eq(bench_add(&bench, 1, EP1), -rows[i].error, "row %zu", i);
		bench.vmm.script->ioctl = NULL;
		cr_expect_eq(config_field(0), ~UINT64_C(0xfff), "row %zu", i);
		cr_expect_eq(config_field(8), 0, "row %zu", i);
		cr_expect_eq(config_field(16), IOVA_LAST, "row %zu", i);
		cr_expect_eq(bench_add(&bench, 1, EP1), 0, "row %zu", i);
		bench_close(&bench);
	}
}

#define MANY 17

/* A new device's IOMMU supports more address ranges than the first query asks for. */
static int be_torn(struct script *script, int fd, unsigned long request, void *arg)
{
	struct abi_ioas_iova_ranges *ranges = arg;
	struct iommuctl_iova_range *range;

	if (request != ABI_IOAS_IOVA_RANGES)
		return script_pass(script, fd, request, arg);
	range = (struct iommuctl_iova_range *)(uintptr_t)ranges->allowed_iovas;
	for (uint32_t i = 0; i < MANY && i < ranges->num_iovas; i++)
		range[i] = (struct iommuctl_iova_range){ i * PAGE, i * PAGE + 1 };
	ranges->num_iovas = MANY;
	return ++*(unsigned int *)script->data > 1 ? 0 : -EMSGSIZE;
}

Test(virtio_configs, an_iommu_with_many_ranges_is_no_failure)
{
	struct iommuctl_virtio_iommu_config config;
	unsigned int failures, questions = 0;

	bench_open(&bench);
	config = config_of(&bench);
	bench_start(&bench, &config);
	cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), 0);
	failures_count(bench.ctx, &failures);
	bench.vmm.script->ioctl = be_torn;
	bench.vmm.script->data = &questions;
	cr_expect_eq(bench_add(&bench, 1, EP1), 0);
	bench.vmm.script->ioctl = NULL;
	cr_expect_eq(questions, 2);
	cr_expect_eq(failures, 0);
	cr_expect_eq(config_field(16), (MANY - 1) * PAGE + 1);
	bench_close(&bench);
}

Test(virtio_configs, an_input_range_beyond_the_iommu_is_no_promise)
{
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	config.input_end = UINT64_MAX;
	bench_start(&bench, &config);
	cr_expect_eq(config_field(16), UINT64_MAX);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_expect_eq(map(&bench, 1, IOVA_LAST + 1, IOVA_LAST + PAGE, RAM, READ), RANGE);
	bench_close(&bench);
}

Test(virtio_configs, a_domain_with_mappings_over_a_region_is_not_for_the_endpoint)
{
	static const struct iommuctl_virtio_iommu_region region = { 0x1000, 0x1fff, false };
	struct iommuctl_virtio_iommu_endpoint endpoint = {
		.id = EP1,
		.regions = &region,
		.region_count = 1,
	};
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	bench_start(&bench, &config);
	endpoint.device = bench.vmm.devices[1];
	cr_assert_eq(iommuctl_virtio_iommu_remove_endpoint(bench.viommu, EP1), 0);
	cr_assert_eq(iommuctl_virtio_iommu_add_endpoint(bench.viommu, &endpoint), 0);
	cr_assert_eq(attach(&bench, 1, EP0, 0), OK);
	cr_assert_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), OK);
	cr_expect_eq(attach(&bench, 1, EP1, 0), UNSUPP);
	cr_assert_eq(unmap(&bench, 1, 0x1000, 0x1fff), OK);
	cr_expect_eq(attach(&bench, 1, EP1, 0), OK);
	cr_expect_eq(map(&bench, 1, 0x1000, 0x1fff, RAM, READ), INVAL);
	bench_close(&bench);
}

Test(virtio_configs, the_configuration_space_is_what_the_standard_has)
{
	struct iommuctl_virtio_iommu_config config;
	unsigned char space[IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE + 1];
	struct iommuctl_virtio_iommu *viommu;

	bench_open(&bench);
	config = config_of(&bench);
	config.page_size_mask = 0x40201000;
	config.input_start = 0x1000;
	config.input_end = 0xffffffffff;
	config.domain_start = 3;
	config.domain_end = 9;
	config.bypass = true;
	bench_context(&bench, 0, 0);
	cr_assert_eq(iommuctl_virtio_iommu_new(bench.ctx, &config, &viommu), 0);
	bench.viommu = viommu;
	cr_expect_eq(iommuctl_virtio_iommu_get_features(viommu), 0x57);
	cr_assert_eq(iommuctl_virtio_iommu_read_config(viommu, 0, space, 40), 0);
	cr_expect_eq(wire_get(space, 0, 8), 0x40201000);
	cr_expect_eq(wire_get(space, 8, 8), 0x1000);
	cr_expect_eq(wire_get(space, 16, 8), 0xffffffffff);
	cr_expect_eq(wire_get(space, 24, 4), 3);
	cr_expect_eq(wire_get(space, 28, 4), 9);
	cr_expect_eq(wire_get(space, 32, 4), PROBE_SIZE);
	cr_expect_eq(wire_get(space, 36, 4), 1);
	cr_expect_eq(iommuctl_virtio_iommu_read_config(viommu, 36, space, 1), 0);
	cr_expect_eq(space[0], 1);
	cr_expect_eq(iommuctl_virtio_iommu_read_config(viommu, 40, space, 0), 0);
	cr_expect_eq(iommuctl_virtio_iommu_read_config(viommu, 40, space, 1), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_read_config(viommu, 0, space, 41), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_read_config(viommu, SIZE_MAX, space, 2), -EINVAL);

	cr_expect_eq(iommuctl_virtio_iommu_write_config(viommu, 36, "", 1), -EINVAL);
	cr_assert_eq(iommuctl_virtio_iommu_accept(viommu, 1 << 6 | UINT64_C(1) << 32), 0);
	cr_expect_eq(iommuctl_virtio_iommu_write_config(viommu, 36, "\2", 1), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_write_config(viommu, 35, "", 1), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_write_config(viommu, 36, "\0\0", 2), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_write_config(viommu, 36, "", 1), 0);
	cr_assert_eq(iommuctl_virtio_iommu_read_config(viommu, 36, space, 1), 0);
	cr_expect_eq(space[0], 0);
	cr_expect_eq(iommuctl_virtio_iommu_accept(viommu, 1 << 3), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_accept(viommu, 1 << 5), -EINVAL);
	bench_close(&bench);
}

Test(virtio_configs, a_configuration_that_contradicts_itself_is_refused)
{
	static const struct iommuctl_virtio_iommu_drafts empty = { .granule = 4096 };
	static const struct iommuctl_virtio_iommu_config bad[] = {
		{ .memory_ioas_id = 0 },
		{ .memory_ioas_id = 1, .input_start = 1 },
		{ .memory_ioas_id = 1, .domain_start = 1 },
		{ .memory_ioas_id = 1, .probe_size = 12 },
		{ .memory_ioas_id = 1, .bypass = true },
		{ .memory_ioas_id = 1, .drafts = &empty },
	};
	static const struct iommuctl_virtio_iommu_config good = { .memory_ioas_id = 1 };
	struct iommuctl_virtio_iommu *viommu;

	bench_open(&bench);
	bench_context(&bench, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		cr_expect_eq(
			iommuctl_virtio_iommu_new(bench.ctx, &bad[i], &viommu), -EINVAL, "%zu", i);
	cr_expect_eq(iommuctl_virtio_iommu_new(NULL, &good, &viommu), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_new(bench.ctx, NULL, &viommu), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_new(bench.ctx, &good, &bench.viommu), 0);
	bench_close(&bench);
}

#if SIZE_MAX == UINT32_MAX
Test(virtio_configs, more_domains_than_can_be_counted_are_refused)
{
	static const struct iommuctl_virtio_iommu_config config = {
		.memory_ioas_id = 1,
		.domains_max = UINT32_MAX,
	};
	struct iommuctl_virtio_iommu *viommu;

	bench_open(&bench);
	bench_context(&bench, 0, 0);
	cr_expect_eq(iommuctl_virtio_iommu_new(bench.ctx, &config, &viommu), -ENOMEM);
	bench_close(&bench);
}
#endif

Test(virtio_configs, without_a_device_everything_is_refused)
{
	const unsigned char request[20] = { ABI_VIRTIO_IOMMU_T_ATTACH };
	unsigned char out[4];

	iommuctl_virtio_iommu_free(NULL);
	cr_expect_eq(iommuctl_virtio_iommu_request(NULL, request, sizeof(request), out, 4), 0);
	cr_expect_eq(iommuctl_virtio_iommu_get_features(NULL), 0);
	cr_expect_eq(iommuctl_virtio_iommu_accept(NULL, 0), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_read_config(NULL, 0, out, 1), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_write_config(NULL, 36, "", 1), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_reset(NULL), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_add_endpoint(NULL, NULL), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_remove_endpoint(NULL, EP0), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_add_memory(NULL, 0, 1), -EINVAL);
	cr_expect_eq(iommuctl_virtio_iommu_remove_memory(NULL, 0, 1), -EINVAL);
}

Test(virtio_configs, endpoints_are_checked)
{
	static const struct iommuctl_virtio_iommu_region backwards = { 2, 1, false };
	static const struct iommuctl_virtio_iommu_region overlapping[] = { { 0, 9 }, { 9, 10 } };
	static const struct iommuctl_virtio_iommu_region msis[] = { { 0, 1, true },
		{ 2, 3, true } };
	static const struct iommuctl_virtio_iommu_region many[] = { { 0, 1 }, { 2, 3 }, { 4, 5 } };
	const struct {
		struct iommuctl_virtio_iommu_endpoint endpoint;
		int result;
	} rows[] = {
		{ { .id = EP0 }, -EEXIST },
		{ { .id = 1, .regions = &backwards, .region_count = 1 }, -EINVAL },
		{ { .id = 1, .regions = overlapping, .region_count = 2 }, -EINVAL },
		{ { .id = 1, .regions = msis, .region_count = 2 }, -EINVAL },
		{ { .id = 1, .regions = many, .region_count = 3 }, -EMSGSIZE },
		{ { .id = 1, .region_count = 1 }, -EINVAL },
		{ { .id = 1, .nested = true }, -EINVAL },
		{ { .id = 1, .device = -1 }, -ENOSPC },
	};
	struct iommuctl_virtio_iommu_config config;

	bench_open(&bench);
	config = config_of(&bench);
	config.endpoints_max = 2;
	bench_start(&bench, &config);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		cr_expect_eq(iommuctl_virtio_iommu_add_endpoint(bench.viommu, &rows[i].endpoint),
			rows[i].result, "row %zu", i);
	bench_close(&bench);
}
