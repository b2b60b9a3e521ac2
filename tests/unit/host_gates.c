// SPDX-License-Identifier: MIT
#include "host_tree.h"

#include "host/gate.h"

static struct host_tree tree;
static struct examination examination;

static void open_tree(void)
{
	tree_open(&tree);
	examination = (struct examination){ .sysfs = &tree.sysfs, .pci = TREE_PCI };
}

static void close_tree(void)
{
	tree_close(&tree);
}

TestSuite(host_gates, .init = open_tree, .fini = close_tree);

/* The result of the gate @name, once all before it ran. */
static struct gate_result run_up_to(const struct gate *gates, const char *name)
{
	const struct gate *gate = gates;
	struct gate_result result;

	while (gate->name && strcmp(gate->name, name))
		gate_run(gate++, &examination, &result);
	cr_assert_not_null(gate->name, "there is no gate %s", name);
	gate_run(gate, &examination, &result);
	return result;
}

static void expect_gate(const struct gate *gates, const char *name, enum gate_outcome outcome,
	enum exit_status status, const char *finding)
{
	struct gate_result result;

	examination.facts = 0;
	result = run_up_to(gates, name);
	cr_expect_eq(result.outcome, outcome, "%s: %s", name, result.finding);
	cr_expect_eq(result.status, status, "%s: %s", name, result.finding);
	cr_expect_not_null(strstr(result.finding, finding), "%s: %s", name, result.finding);
	if (result.outcome == GATE_FAIL)
		cr_expect_neq(*result.remedy, '\0', "%s", name);
}

static void expect_device_gate(const char *name, enum gate_outcome outcome, enum exit_status status,
	const char *finding)
{
	expect_gate(device_gates, name, outcome, status, finding);
}

static void expect_host_gate(const char *name, enum gate_outcome outcome, enum exit_status status,
	const char *finding)
{
	expect_gate(host_gates, name, outcome, status, finding);
}

Test(host_gates, of_a_device_that_is_ready_are_all_passed)
{
	struct gate_result result;

	tree_detach(&tree);
	tree_attach(&tree, "vfio-pci");
	for (const struct gate *gate = device_gates; gate->name; gate++) {
		gate_run(gate, &examination, &result);
		cr_expect_eq(result.outcome, GATE_PASS, "%s: %s", gate->name, result.finding);
	}
	cr_expect(examination.facts & GATE_FACT_ACCESS);
}

Test(host_gates, of_a_device_that_is_not_there_are_unknown_behind_the_first)
{
	examination.pci = "fffe:00:02.0";
	expect_device_gate("device", GATE_FAIL, STATUS_FAILED, "fffe:00:02.0");
	for (const struct gate *gate = device_gates + 1; gate->name; gate++)
		expect_device_gate(gate->name, GATE_UNKNOWN, STATUS_DONE, "gates above");
}

Test(host_gates, that_need_what_was_not_proved_do_not_touch_the_kernel)
{
	for (const struct gate *gate = live_gates; gate->name; gate++)
		expect_gate(live_gates, gate->name, GATE_UNKNOWN, STATUS_DONE, "gates above");
}

Test(host_gates, fail_as_unsupported_without_an_iommu_group)
{
	tree_remove(&tree, TREE_DEVICE "/iommu_group");
	expect_device_gate("iommu-group", GATE_FAIL, STATUS_UNSUPPORTED, "no IOMMU group");
}

Test(host_gates, name_the_peer_and_the_driver_that_are_in_the_way)
{
	tree_add_peer(&tree, "fffe:00:01.1", "e1000e");
	expect_device_gate("group-peers", GATE_FAIL, STATUS_FAILED, "fffe:00:01.1");
	expect_device_gate("driver", GATE_FAIL, STATUS_FAILED, "host driver edu");
	expect_device_gate("cdev", GATE_UNKNOWN, STATUS_DONE, "VFIO driver");
	tree_detach(&tree);
	expect_device_gate("driver", GATE_FAIL, STATUS_FAILED, "no driver");
}

Test(host_gates, tell_a_kernel_without_cdevs_from_a_dev_without_nodes)
{
	tree_detach(&tree);
	tree.no_cdev = true;
	tree_attach(&tree, "vfio-pci");
	expect_device_gate("cdev", GATE_FAIL, STATUS_UNSUPPORTED, "vfio-dev/vfio7");
	expect_device_gate("cdev-access", GATE_UNKNOWN, STATUS_DONE, "gates above");
	tree_detach(&tree);
	tree.no_cdev = false;
	tree.no_node = true;
	tree_attach(&tree, "vfio-pci");
	expect_device_gate("cdev", GATE_FAIL, STATUS_FAILED, "/dev/vfio/devices/vfio7 is missing");
}

Test(host_gates, tell_a_kernel_without_iommufd_from_a_dev_without_the_node)
{
	expect_host_gate("iommufd", GATE_FAIL, STATUS_UNSUPPORTED, "no iommufd");
	tree_file(&tree, "/sys/class/misc/iommu/dev", "10:126\n");
	expect_host_gate("iommufd", GATE_FAIL, STATUS_FAILED, "/dev/iommu is missing");
	tree_file(&tree, "/dev/iommu", "");
	expect_host_gate("iommufd", GATE_PASS, STATUS_DONE, "opens");
}

Test(host_gates, tell_whether_vfio_has_character_devices_by_their_major_number)
{
	expect_host_gate("vfio-cdev", GATE_UNKNOWN, STATUS_DONE, "VFIO");
	tree_file(&tree, "/sys/class/vfio-dev/vfio7", "");
	tree_file(&tree, "/proc/devices", "235 vfio\n236 vfio-dev-not\n237 not-vfio-dev\n");
	expect_host_gate("vfio-cdev", GATE_FAIL, STATUS_UNSUPPORTED, "character devices");
	tree_file(&tree, "/proc/devices", "Character devices:\n235 vfio\n510 vfio-dev\n");
	expect_host_gate("vfio-cdev", GATE_PASS, STATUS_DONE, "character device");
}

Test(host_gates, know_the_iommus_by_the_names_that_their_drivers_give)
{
	static const struct {
		const char *name;
		enum gate_outcome outcome;
		const char *finding;
	} cases[] = {
		{ "/sys/class/iommu/smmu3.0x0000000009050000", GATE_PASS, "SMMUv3" },
		{ "/sys/class/iommu/dmar0", GATE_PASS, "VT-d" },
		{ "/sys/class/iommu/ivhd0", GATE_PASS, "AMD" },
		{ "/sys/class/iommu/smmu.0", GATE_UNKNOWN, "smmu.0" },
	};

	expect_host_gate("iommu", GATE_FAIL, STATUS_UNSUPPORTED, "no IOMMU");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		tree_file(&tree, cases[i].name, "");
		expect_host_gate("iommu", cases[i].outcome, STATUS_DONE, cases[i].finding);
		tree_remove(&tree, cases[i].name);
	}
}

Test(host_gates, count_CAP_IPC_LOCK_in_the_initial_user_namespace_only)
{
	tree_file(&tree, "/proc/self/status", "Name:\tx\nCapEff:\t0000000000004000\n");
	expect_host_gate("memlock", GATE_PASS, STATUS_DONE, "CAP_IPC_LOCK");
	tree_file(&tree, "/proc/self/uid_map", "         0          0 4294967295\n");
	expect_host_gate("memlock", GATE_PASS, STATUS_DONE, "CAP_IPC_LOCK");
	tree_file(&tree, "/proc/self/uid_map", "         0       1000          1\n");
	cr_expect_null(strstr(run_up_to(host_gates, "memlock").finding, "CAP_IPC_LOCK:"));
}

Test(host_gates, find_the_options_that_a_kernel_was_built_without)
{
	static char config[] = "# CONFIG_VFIO_DEVICE_CDEV is not set\n"
			       "CONFIG_IOMMUFD=m\n"
			       "CONFIG_VFIO_PCI_CORE=y\n"
			       "CONFIG_ARM_SMMU_V3=n\n"
			       "CONFIG_VFIO=y";
	static const char *const options[] = { "CONFIG_IOMMUFD", "CONFIG_VFIO_PCI", "CONFIG_VFIO",
		"CONFIG_VFIO_DEVICE_CDEV", "CONFIG_ARM_SMMU_V3", NULL };
	FILE *file = fmemopen(config, sizeof(config) - 1, "r");
	char missing[256];

	cr_assert_not_null(file);
	kernel_config_missing(file, options, missing, sizeof(missing));
	fclose(file);
	cr_expect_str_eq(missing, "CONFIG_VFIO_PCI CONFIG_VFIO_DEVICE_CDEV CONFIG_ARM_SMMU_V3");
}
