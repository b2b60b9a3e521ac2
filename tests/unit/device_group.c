// SPDX-License-Identifier: MIT
/* The IOMMU group of a device: as sysfs shows it, through decorators, and by the thin call. */
#include <sys/resource.h>

#include <iommuctl/model.h>
#include <iommuctl/vfio.h>

#include "array.h"
#include "core/device_group.h"
#include "transport.h"
#include "host_tree.h"

#define LINK "/sys/dev/char/510:7/device"

static struct host_tree tree;

static void set_up(void)
{
	tree_open(&tree);
	tree_link(&tree, LINK, "../../../bus/pci/devices/" TREE_PCI);
}

static void tear_down(void)
{
	tree_close(&tree);
}

TestSuite(device_group_sysfs, .init = set_up, .fini = tear_down);

static int read_tree(struct iommuctl_device_group *group)
{
	char *path = tree_path(&tree, LINK);
	int ret = device_group_read(path, group);

	free(path);
	return ret;
}

static const struct iommuctl_group_member *find(
	const struct iommuctl_device_group *group, const char *name)
{
	for (size_t i = 0; i < group->member_count && i < IOMMUCTL_GROUP_MEMBERS_MAX; i++)
		if (strcmp(group->members[i].name, name) == 0)
			return &group->members[i];
	return NULL;
}

Test(device_group_sysfs, a_group_has_a_number_and_its_devices)
{
	struct iommuctl_device_group group;

	tree_add_peer(&tree, "fffe:00:01.1", "vfio-pci");
	cr_assert_eq(read_tree(&group), 0);
	cr_expect_eq(group.id, TREE_GROUP);
	cr_expect_str_eq(group.device, TREE_PCI);
	cr_expect_eq(group.member_count, 2);
	cr_expect_not_null(find(&group, TREE_PCI));
	cr_expect_not_null(find(&group, "fffe:00:01.1"));
}

Test(device_group_sysfs, bridges_are_recognised_by_their_class)
{
	static const struct {
		const char *class;
		bool bridge;
	} cases[] = {
		{ "0x060400\n", true },
		{ "0x060401\n", true },
		{ "0x060940\n", true },
		{ "0x060000\n", false }, /* of a host */
		{ "0x020000\n", false },
		{ "", false },
		{ "nothing\n", false },
	};

	tree_add_peer(&tree, "fffe:00:1c.0", "pcieport");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_device_group group;

		tree_file(&tree, "/sys/bus/pci/devices/fffe:00:1c.0/class", cases[i].class);
		cr_assert_eq(read_tree(&group), 0);
		cr_assert_not_null(find(&group, "fffe:00:1c.0"));
		cr_expect_eq(find(&group, "fffe:00:1c.0")->bridge, cases[i].bridge, "%s",
			cases[i].class);
		cr_expect_eq(find(&group, TREE_PCI)->bridge, false);
	}
}

Test(device_group_sysfs, a_large_group_is_counted_to_its_end)
{
	struct iommuctl_device_group group;
	char name[16];

	for (unsigned int i = 0; i < 99; i++) {
		snprintf(name, sizeof(name), "fffe:01:%02x.%u", i / 8, i % 8);
		tree_add_peer(&tree, name, "vfio-pci");
	}
	cr_assert_eq(read_tree(&group), 0);
	cr_expect_eq(group.member_count, 100);
}

Test(device_group_sysfs, what_sysfs_does_not_show_is_not_known)
{
	static const struct {
		const char *gone, *link, *target;
	} cases[] = {
		{ LINK, NULL, NULL },
		{ TREE_DEVICE "/iommu_group", NULL, NULL },
		{ TREE_DEVICE "/iommu_group", TREE_DEVICE "/iommu_group", "../vfio-noiommu" },
		{ TREE_DEVICE "/iommu_group", TREE_DEVICE "/iommu_group", "../99999999999" },
		{ TREE_DEVICE "/iommu_group", TREE_DEVICE "/iommu_group", "../4" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct iommuctl_device_group group = { .id = 77 };

		tree_remove(&tree, cases[i].gone);
		if (cases[i].link)
			tree_link(&tree, cases[i].link, cases[i].target);
		cr_expect_eq(read_tree(&group), -EOPNOTSUPP, "case %zu", i);
		cr_expect_eq(group.id, 77, "case %zu", i);
		tree_link(&tree, LINK, "../../../bus/pci/devices/" TREE_PCI);
	}
}

#define FILES 64

/* Of the numbers below FILES the last @free are. */
static void limit_files(struct rlimit limit, int free)
{
	limit.rlim_cur = FILES;
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (dup(STDERR_FILENO) >= 0)
		;
	for (int i = 0; i < free; i++)
		close(FILES - 1 - i);
}

Test(device_group_sysfs, running_out_of_files_is_not_reported_as_unknown_group)
{
	struct iommuctl_device_group group = { .id = 77 };
	struct rlimit limit;

	cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int free = 0; free <= 3; free++) {
		limit_files(limit, free);
		cr_expect_eq(read_tree(&group), free < 3 ? -EMFILE : 0, "%d free", free);
		cr_expect_eq(group.id, free < 3 ? 77 : TREE_GROUP);
	}
	cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* A class that cannot be read: only a missing one means that it is not a PCI device. */
Test(device_group_sysfs, a_class_that_cannot_be_read_is_no_answer)
{
	struct iommuctl_device_group group = { .id = 77 };

	tree_add_peer(&tree, "fffe:00:1c.0", "pcieport");
	cr_expect_eq(read_tree(&group), 0);
	cr_expect_eq(group.member_count, 2);
	tree_file(&tree, "/sys/bus/pci/devices/fffe:00:1c.0/class/nothing", "");
	cr_expect_eq(read_tree(&group), -EOPNOTSUPP);
}

Test(device_group, the_kernel_knows_no_group_of_other_files)
{
	struct iommuctl_transport *kernel;
	struct iommuctl_device_group group;
	FILE *file = tmpfile();
	int null;

	cr_assert_eq(iommuctl_transport_kernel_new(&kernel), 0);
	null = kernel->open(kernel, "/dev/null", 0);
	cr_assert_geq(null, 0);
	cr_expect_eq(kernel->device_group(kernel, null, &group), -EOPNOTSUPP);
	cr_expect_eq(kernel->device_group(kernel, fileno(file), &group), -EOPNOTSUPP);
	cr_expect_eq(kernel->device_group(kernel, -1, &group), -EBADF);
	kernel->close(kernel, null);
	fclose(file);
	iommuctl_transport_free(kernel);
}

static int answer(struct iommuctl_transport *transport, int fd, struct iommuctl_device_group *group)
{
	(void)transport;
	if (fd != 9)
		return -EBADF;
	*group = (struct iommuctl_device_group){
		.id = 7,
		.device = "0000:00:01.0",
		.member_count = 10,
		.members = { { "0000:00:01.0", false }, { "0000:00:1c.0", true } },
	};
	return 0;
}

static char line[2048];

static void keep_line(const struct iommuctl_trace_record *record, void *data)
{
	(void)data;
	iommuctl_trace_format(record, line, sizeof(line));
}

static struct iommuctl_transport *decorate(struct script *script, uint64_t failing)
{
	struct iommuctl_transport *transport;

	cr_assert_eq(iommuctl_transport_ledger_new(&script->base, &transport), 0);
	cr_assert_eq(iommuctl_transport_fault_new(transport, failing, ENOSPC, &transport), 0);
	cr_assert_eq(iommuctl_transport_trace_new(transport, keep_line, NULL, &transport), 0);
	return transport;
}

Test(device_group, decorators_pass_the_question_on_and_count_it)
{
	struct script *script = script_new(NULL);
	struct iommuctl_transport *transport;
	struct iommuctl_device_group group;

	script->base.device_group = answer;
	transport = decorate(script, 2);
	cr_assert_eq(transport->device_group(transport, 9, &group), 0);
	cr_expect_eq(group.id, 7);
	cr_expect_not_null(
		strstr(line,
			"device_group(9) = 0 → id=7, device=\"0000:00:01.0\", member=\"0000:00:01.0\", "
			"member=\"0000:00:1c.0\""),
		"%s", line);
	cr_expect_not_null(strstr(line, "more=2"), "%s", line);
	cr_expect_eq(transport->device_group(transport, 9, &group), -ENOSPC);
	cr_expect_not_null(strstr(line, "device_group(9) = -1 ENOSPC"), "%s", line);
	cr_expect_eq(transport->device_group(transport, 8, &group), -EBADF);
	iommuctl_transport_free(transport);
}

/* One that was written before there was the question. */
Test(device_group, a_transport_without_the_operation_is_not_asked)
{
	struct iommuctl_device_group group;
	struct iommuctl *ctx;

	line[0] = '\0';
	cr_assert_eq(iommuctl_new(decorate(script_new(NULL), 1), &ctx), 0);
	cr_expect_eq(iommuctl_vfio_device_get_group(ctx, 9, &group), -EOPNOTSUPP);
	cr_expect_str_eq(iommuctl_last_error(ctx)->operation, "device_group");
	cr_expect_eq(iommuctl_last_error(ctx)->explanation_count, 3);
	cr_expect_str_empty(line);
	iommuctl_free(ctx);
}

static void ask_model(struct iommuctl *ctx, int device, struct iommuctl_device_group *group)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/dev/vfio/devices/vfio%d", device);
	cr_assert_eq(iommuctl_vfio_device_open(ctx, path, &fd), 0);
	cr_assert_eq(iommuctl_vfio_device_get_group(ctx, fd, group), 0);
	iommuctl_close(ctx, fd);
}

Test(device_group, the_model_reports_the_groups_of_its_machine)
{
	struct iommuctl_model_config config;
	struct iommuctl_transport *transport;
	struct iommuctl_device_group groups[3];
	struct iommuctl_model *model;
	struct iommuctl *ctx;

	iommuctl_model_default_config(&config);
	config.devices[0].group = 7;
	config.devices[2] = (struct iommuctl_model_device){ .pci = "0000:00:03.0", .group = 7 };
	config.device_count = 3;
	cr_assert_eq(iommuctl_model_new(&config, &model), 0);
	cr_assert_eq(iommuctl_model_transport_new(model, &transport), 0);
	cr_assert_eq(iommuctl_new(transport, &ctx), 0);
	for (int i = 0; i < 3; i++)
		ask_model(ctx, i, &groups[i]);
	cr_expect_eq(groups[0].id, 7);
	cr_expect_eq(groups[0].member_count, 2);
	cr_expect_not_null(find(&groups[0], "0000:00:03.0"));
	cr_expect_str_eq(groups[2].device, "0000:00:03.0");
	cr_expect_eq(groups[2].id, 7);
	cr_expect_eq(groups[1].member_count, 1);
	cr_expect_neq(groups[1].id, 7);
	iommuctl_free(ctx);
	iommuctl_model_free(model);
}
