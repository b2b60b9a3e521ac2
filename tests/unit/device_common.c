// SPDX-License-Identifier: MIT
/* What the commands about devices say of one. */
#include "host_tree.h"

#include "commands/device_common.h"
#include "host/group.h"

static struct host_tree tree;
static struct host_device device;

static void open_tree(void)
{
	tree_open(&tree);
}

static void close_tree(void)
{
	tree_close(&tree);
}

TestSuite(device_common, .init = open_tree, .fini = close_tree);

static json_t *read_json(void)
{
	json_t *json;

	cr_assert_eq(host_device_read(&tree.sysfs, TREE_PCI, &device), 0);
	json = device_to_json(&device);
	cr_assert_not_null(json);
	return json;
}

Test(device_common, a_device_behind_an_IOMMU_names_it)
{
	json_t *json = read_json();

	cr_expect(json_is_false(json_object_get(json, "no-iommu")));
	cr_expect_str_eq(json_string_value(json_object_get(json, "iommu")),
		"smmu3.0x0000000009050000");
	cr_expect_eq(json_integer_value(json_object_get(json, "iommu-group")), TREE_GROUP);
	json_decref(json);
}

Test(device_common, a_device_in_no_IOMMU_mode_says_so_and_blames_no_kernel_option)
{
	char cdev[128];
	json_t *json;

	tree_take_iommu_away(&tree);
	json = read_json();
	cr_expect(json_is_true(json_object_get(json, "no-iommu")));
	cr_expect(json_is_null(json_object_get(json, "iommu")));
	cr_expect(json_is_null(json_object_get(json, "cdev")));
	cr_expect_str_eq(
		device_cdev_text(&device, cdev, sizeof(cdev)), "the device has no IOMMU");
	json_decref(json);
}
