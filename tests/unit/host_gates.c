// SPDX-License-Identifier: MIT
#include "array.h"
#include "host_tree.h"

#include "host/gate.h"
#include "host/kernel_config.h"

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
static void run_up_to(const struct gate *gates, const char *name, struct gate_result *result)
{
	const struct gate *gate = gates;

	while (gate->name && strcmp(gate->name, name))
		gate_run(gate++, &examination, result);
	cr_assert_not_null(gate->name, "there is no gate %s", name);
	gate_run(gate, &examination, result);
}

static void expect_gate(const struct gate *gates, const char *name, enum gate_outcome outcome,
	enum exit_status status, const char *finding)
{
	struct gate_result result;

	examination.facts = 0;
	run_up_to(gates, name, &result);
	cr_expect_eq(result.outcome, outcome, "%s: %s", name, result.found.message);
	cr_expect_eq(result.found.status, status, "%s: %s", name, result.found.message);
	cr_expect_not_null(
		strstr(result.found.message, finding), "%s: %s", name, result.found.message);
	if (result.outcome == GATE_FAIL)
		cr_expect_gt(result.found.explanation_count, 0, "%s", name);
}

static void expect_device_gate(
	const char *name, enum gate_outcome outcome, enum exit_status status, const char *finding)
{
	expect_gate(device_gates, name, outcome, status, finding);
}

static void expect_host_gate(
	const char *name, enum gate_outcome outcome, enum exit_status status, const char *finding)
{
	expect_gate(host_gates, name, outcome, status, finding);
}

Test(host_gates, a_device_that_is_ready_passes_all)
{
	struct gate_result result;

	tree_detach(&tree);
	tree_attach(&tree, "vfio-pci");
	tree_iort(&tree, 1 << 2);
	for (const struct gate *gate = device_gates; gate->name; gate++) {
		if (!gate_run(gate, &examination, &result))
			continue;
		cr_expect_eq(result.outcome, GATE_PASS, "%s: %s", gate->name, result.found.message);
	}
	cr_expect(examination.facts & GATE_FACT_ACCESS);
}

Test(host_gates, a_missing_device_leaves_all_after_the_first_unknown)
{
	examination.pci = "fffe:00:02.0";
	expect_device_gate("device", GATE_FAIL, STATUS_FAILED, "fffe:00:02.0");
	for (const struct gate *gate = device_gates + 1; gate->name; gate++)
		expect_device_gate(gate->name, GATE_UNKNOWN, STATUS_DONE, "gates above");
}

Test(host_gates, gates_that_need_what_was_not_proved_do_not_touch_the_kernel)
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

Test(host_gates, advise_no_VFIO_driver_for_a_bridge)
{
	struct gate_result result;

	tree_file(&tree, TREE_DEVICE "/class", "0x060400\n");
	expect_device_gate("driver", GATE_FAIL, STATUS_UNSUPPORTED, "it is a bridge");
	tree_add_peer(&tree, "fffe:00:01.1", "shpchp");
	tree_set_peer_class(&tree, "fffe:00:01.1", "0x060400\n");
	examination.facts = 0;
	run_up_to(device_gates, "group-peers", &result);
	cr_expect_eq(result.outcome, GATE_FAIL);
	cr_expect_not_null(strstr(result.found.explanations[0].remedy,
				   "echo fffe:00:01.1 > /sys/bus/pci/drivers/shpchp/unbind"),
		"%s", result.found.explanations[0].remedy);
}

Test(host_gates, name_no_command_for_a_peer_that_is_no_PCI_device)
{
	struct gate_result result;

	tree_add_peer(&tree, "9050000.dma", "pl330");
	run_up_to(device_gates, "nested-group", &result);
	cr_expect_eq(result.outcome, GATE_FAIL);
	cr_expect_str_eq(
		result.found.explanations[0].remedy, "Bind it by hand: it is not a PCI device");
}

#define PEER "fffe:00:01.1"

/* A peer, and what it means for a stage 1 of the device's group. */
static const struct {
	const char *driver;
	const char *class;
	bool is_vfio;
	enum gate_outcome outcome;
	enum exit_status status;
	const char *finding;
} peers[] = {
	{ "pcieport", "0x060400\n", false, GATE_FAIL, STATUS_UNSUPPORTED,
		PEER " (a bridge, driver pcieport)" },
	{ "pci-stub", "0x020000\n", false, GATE_FAIL, STATUS_FAILED, PEER " (driver pci-stub)" },
	{ "e1000e", "0x020000\n", false, GATE_FAIL, STATUS_FAILED, PEER " (driver e1000e)" },
	{ "vfio-pci", "0x020000\n", true, GATE_UNKNOWN, STATUS_DONE, PEER " (driver vfio-pci)" },
};

Test(host_gates, name_the_members_of_a_group_that_takes_no_stage_1)
{
	expect_device_gate("nested-group", GATE_PASS, STATUS_DONE, "alone");
	for (size_t i = 0; i < ARRAY_SIZE(peers); i++) {
		tree_add_peer(&tree, PEER, peers[i].driver);
		tree_set_peer_class(&tree, PEER, peers[i].class);
		if (peers[i].is_vfio)
			tree_file(&tree, "/sys/bus/pci/devices/" PEER "/vfio-dev/vfio8/dev",
				"510:8\n");
		expect_device_gate(
			"nested-group", peers[i].outcome, peers[i].status, peers[i].finding);
	}
}

Test(host_gates, ask_nothing_of_peers_where_stage_1_needs_no_vDEVICE)
{
	tree_link(&tree, TREE_DEVICE "/iommu", "../../../../class/iommu/dmar0");
	tree_add_peer(&tree, PEER, "pcieport");
	tree_set_peer_class(&tree, PEER, "0x060400\n");
	expect_device_gate("nested-group", GATE_UNKNOWN, STATUS_DONE, PEER);
}

/* Lines of reserved_regions beside the MSI window. */
static const struct {
	const char *text;
	enum gate_outcome outcome;
	enum exit_status status;
	const char *finding;
} regions[] = {
	{ "", GATE_PASS, STATUS_DONE, "no 1:1" },
	{ "0x0000000040000000 0x00000000400fffff direct-relaxable\n", GATE_PASS, STATUS_DONE,
		"no 1:1" },
	{ "0x0000000040000000 0x00000000400fffff reserved\n", GATE_PASS, STATUS_DONE, "no 1:1" },
	{ "0x0000000040000000 0x00000000400fffff direct\n", GATE_FAIL, STATUS_UNSUPPORTED,
		"0x40000000-0x400fffff" },
	/* The MSI window of a guest of QEMU, by an RMR. */
	{ "0x0000000008000000 0x00000000080fffff direct\n", GATE_FAIL, STATUS_UNSUPPORTED,
		"0x8000000-0x80fffff (\"direct\" in reserved_regions of IOMMU group 3)" },
	{ "0x0000000040000000 0x00000000400fffff direct\n"
	  "0x0000000050000000 0x00000000500fffff direct-relaxable\n"
	  "0x0000000060000000 0x00000000600fffff direct\n",
		GATE_FAIL, STATUS_UNSUPPORTED, "0x40000000-0x400fffff, 0x60000000-0x600fffff (" },
	{ "nonsense\n", GATE_UNKNOWN, STATUS_DONE, "cannot be read" },
};

Test(host_gates, fail_for_a_device_that_firmware_wants_mapped_one_to_one)
{
	char text[256];

	for (size_t i = 0; i < ARRAY_SIZE(regions); i++) {
		snprintf(text, sizeof(text), "%s0x0000000008000000 0x00000000080fffff msi\n",
			regions[i].text);
		tree_file(&tree, "/sys/kernel/iommu_groups/3/reserved_regions", text);
		expect_device_gate("reserved-regions", regions[i].outcome, regions[i].status,
			regions[i].finding);
	}
}

Test(host_gates, name_those_a_one_to_one_mapping_may_be_for_and_who_can_drop_it)
{
	struct gate_result result;

	tree_file(&tree, "/sys/kernel/iommu_groups/3/reserved_regions",
		"0x0000000008000000 0x00000000080fffff direct\n");
	tree_add_peer(&tree, PEER, "vfio-pci");
	expect_device_gate("reserved-regions", GATE_FAIL, STATUS_UNSUPPORTED,
		"of IOMMU group 3; it may be for " PEER " (driver vfio-pci)): the kernel keeps");
	cr_expect(examination.known & IOMMUCTL_KNOWN_DIRECT_REGION);
	examination.facts = 0;
	run_up_to(device_gates, "reserved-regions", &result);
	cr_assert_eq(result.found.explanation_count, 1);
	cr_expect_not_null(strstr(result.found.explanations[0].remedy, "RMR node of the IORT"));
	cr_expect_not_null(strstr(result.found.explanations[0].remedy, "in a guest, its VMM"));
	cr_expect_not_null(strstr(result.found.explanations[0].remedy, "no option of the kernel"));
}

Test(host_gates, know_a_device_without_IOMMU_by_the_name_of_its_group)
{
	tree_take_iommu_away(&tree);
	expect_device_gate("iommu-group", GATE_FAIL, STATUS_UNSUPPORTED, "no-IOMMU mode");
	expect_device_gate("nested-group", GATE_UNKNOWN, STATUS_DONE, "gates above");
	expect_device_gate("cdev", GATE_UNKNOWN, STATUS_DONE, "without an IOMMU");
}

Test(host_gates, know_a_device_without_IOMMU_by_the_name_of_its_cdev)
{
	tree_remove(&tree, TREE_DEVICE "/iommu_group");
	tree_remove(&tree, TREE_DEVICE "/iommu");
	tree_file(&tree, TREE_DEVICE "/vfio-dev/noiommu-vfio7/dev", "510:7\n");
	expect_device_gate("iommu-group", GATE_FAIL, STATUS_UNSUPPORTED, "no-IOMMU mode");
}

/* What a process has open. */
static const char *const open_files[] = { "/dev/vfio/devices/vfio7", "/dev/vfio/3" };

Test(host_gates, name_the_process_that_has_the_device_or_its_group_open)
{
	tree_detach(&tree);
	tree_attach(&tree, "vfio-pci");
	expect_device_gate("use", GATE_PASS, STATUS_DONE, "no process");
	tree_file(&tree, "/proc/4711/comm", "qemu-system-aar\n");
	tree_link(&tree, "/proc/4711/fd/9", "/dev/vfio/33");
	expect_device_gate("use", GATE_PASS, STATUS_DONE, "no process");
	for (size_t i = 0; i < ARRAY_SIZE(open_files); i++) {
		tree_link(&tree, "/proc/4711/fd/9", open_files[i]);
		expect_device_gate("use", GATE_FAIL, STATUS_FAILED, "4711 (qemu-system-aar)");
	}
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
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		tree_file(&tree, cases[i].name, "");
		expect_host_gate("iommu", cases[i].outcome, STATUS_DONE, cases[i].finding);
		tree_remove(&tree, cases[i].name);
	}
}

Test(host_gates, count_CAP_IPC_LOCK_in_the_initial_user_namespace_only)
{
	struct gate_result result;

	tree_file(&tree, "/proc/self/status", "Name:\tx\nCapEff:\t0000000000004000\n");
	expect_host_gate("memlock", GATE_PASS, STATUS_DONE, "CAP_IPC_LOCK");
	tree_file(&tree, "/proc/self/uid_map", "         0          0 4294967295\n");
	expect_host_gate("memlock", GATE_PASS, STATUS_DONE, "CAP_IPC_LOCK");
	tree_file(&tree, "/proc/self/uid_map", "         0       1000          1\n");
	run_up_to(host_gates, "memlock", &result);
	cr_expect_null(strstr(result.found.message, "CAP_IPC_LOCK:"));
}

Test(host_gates, find_the_options_that_a_kernel_was_built_without)
{
	static char config[] =
		"# CONFIG_VFIO_DEVICE_CDEV is not set\n"
		"CONFIG_IOMMUFD=m\n"
		"CONFIG_VFIO_PCI_CORE=y\n"
		"CONFIG_ARM_SMMU_V3=n\n"
		"CONFIG_VFIO=y";
	static const char *const options[] = { "CONFIG_IOMMUFD", "CONFIG_VFIO_PCI", "CONFIG_VFIO",
		"CONFIG_VFIO_DEVICE_CDEV", "CONFIG_ARM_SMMU_V3", NULL };
	FILE *file = fmemopen(config, sizeof(config) - 1, "r");
	char missing[256];

	cr_assert_not_null(file);
	cr_expect(kernel_config_search(file, options, missing, sizeof(missing)));
	fclose(file);
	cr_expect_str_eq(missing, "CONFIG_VFIO_PCI CONFIG_VFIO_DEVICE_CDEV CONFIG_ARM_SMMU_V3");
}

/* What a record has of the configuration, and what the gate makes of it. */
static const struct {
	const char *config;
	enum gate_outcome outcome;
	const char *finding;
} configs[] = {
	{ NULL, GATE_UNKNOWN, "cannot be found" },
	{ "", GATE_UNKNOWN, "cannot be found" },
	{ "# Linux/arm64 6.18 Kernel Configuration\n# CONFIG_IOMMUFD is not set\n", GATE_UNKNOWN,
		"cannot be found" },
	{ "CONFIG_IOMMUFD=m\n", GATE_FAIL, "without: CONFIG_VFIO_PCI CONFIG_VFIO_DEVICE_CDEV" },
	{ "CONFIG_IOMMUFD=m\nCONFIG_VFIO_PCI=y\nCONFIG_VFIO_DEVICE_CDEV=y\n", GATE_PASS,
		"has the" },
};

Test(host_gates, judge_no_kernel_by_a_configuration_without_an_option)
{
	struct host_record record = { .release = "6.18.0", .machine = "riscv64" };

	examination.recorded = &record;
	for (size_t i = 0; i < ARRAY_SIZE(configs); i++) {
		record.config = configs[i].config;
		expect_host_gate("kernel-config", configs[i].outcome,
			configs[i].outcome == GATE_FAIL ? STATUS_UNSUPPORTED : STATUS_DONE,
			configs[i].finding);
	}
}

#define REMAPPED " 0:  92  IR-IO-APIC  2-edge  timer\n"
#define PLAIN	 " 0:  92  IO-APIC  2-edge  timer\n"

/* The IOMMU, its ECAP, the kernel's command line, /proc/interrupts, and what comes of that. */
static const struct {
	const char *iommu;
	const char *ecap; /* NULL: sysfs does not tell */
	const char *cmdline;
	const char *interrupts;
	enum gate_outcome outcome;
	enum exit_status status;
	const char *finding;
} remapping[] = {
	{ "dmar0", "6f050df", "", PLAIN REMAPPED, GATE_PASS, STATUS_DONE, "remaps interrupts" },
	{ "dmar0", "6f050df", "", PLAIN, GATE_FAIL, STATUS_UNSUPPORTED, "does not remap" },
	{ "dmar0", "6f050d7", "", PLAIN, GATE_FAIL, STATUS_UNSUPPORTED,
		"dmar0 does not remap interrupts (ECAP.IR)" },
	{ "dmar0", NULL, "", "", GATE_UNKNOWN, STATUS_DONE, "/proc/interrupts does not show" },
	{ "dmar0", "6f050df", "quiet intremap=off\n", PLAIN, GATE_FAIL, STATUS_UNSUPPORTED,
		"switched off (intremap=off)" },
	{ "dmar0", "6f050df", "intremap=on,nosid xintremap=off\n", REMAPPED, GATE_PASS, STATUS_DONE,
		"remaps interrupts" },
	{ "ivhd0", NULL, "", REMAPPED, GATE_PASS, STATUS_DONE, "remaps interrupts" },
	{ "ivhd0", NULL, "", PLAIN, GATE_FAIL, STATUS_UNSUPPORTED, "does not remap" },
	{ "dmar0", "6f050df", "intremap=off intremap=on\n", REMAPPED, GATE_PASS, STATUS_DONE,
		"remaps interrupts" },
	{ "dmar0", "6f050df", "intremap=off intremap=on\n", PLAIN, GATE_FAIL, STATUS_UNSUPPORTED,
		"the kernel does not remap" },
	{ "dmar0", "6f050df", "intremap=on,off\n", PLAIN, GATE_FAIL, STATUS_UNSUPPORTED,
		"switched off" },
	{ "dmar0", "6f050df", "quiet -- intremap=off\n", PLAIN, GATE_FAIL, STATUS_UNSUPPORTED,
		"the kernel does not remap" },
	{ "dmar0", "6f050df", "intremap=off\n", REMAPPED, GATE_PASS, STATUS_DONE,
		"remaps interrupts" },
	{ "ivhd0", NULL, "intremap=nosid,off", PLAIN, GATE_FAIL, STATUS_UNSUPPORTED,
		"switched off" },
};

Test(host_gates, say_whether_interrupts_are_remapped_where_an_IOMMU_of_x86_does_that)
{
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(remapping); i++) {
		snprintf(path, sizeof(path), "../../../../class/iommu/%s", remapping[i].iommu);
		tree_link(&tree, TREE_DEVICE "/iommu", path);
		tree_remove(&tree, "/sys/class/iommu/dmar0/intel-iommu/ecap");
		if (remapping[i].ecap)
			tree_file(&tree, "/sys/class/iommu/dmar0/intel-iommu/ecap",
				remapping[i].ecap);
		tree_file(&tree, "/proc/cmdline", remapping[i].cmdline);
		tree_file(&tree, "/proc/interrupts", remapping[i].interrupts);
		expect_device_gate("irq-remapping", remapping[i].outcome, remapping[i].status,
			remapping[i].finding);
	}
}

/* The tables of firmware on a host without IOMMU, and what it lacks then. */
static const struct {
	const char *table; /* NULL: none */
	const char *finding;
	const char *remedy;
} unused[] = {
	{ NULL, "the kernel uses no IOMMU", "Enable it in the firmware" },
	{ "DMAR", "firmware describes VT-d (DMAR)", "intel_iommu=on" },
	{ "IVRS", "firmware describes an AMD IOMMU (IVRS)", "amd_iommu=off" },
};

Test(host_gates, say_how_the_kernel_is_made_to_use_what_firmware_describes)
{
	struct gate_result result;
	char path[128];

	for (size_t i = 0; i < ARRAY_SIZE(unused); i++) {
		snprintf(path, sizeof(path), "/sys/firmware/acpi/tables/%s",
			unused[i].table ? unused[i].table : "FACP");
		tree_file(&tree, path, "");
		run_up_to(host_gates, "iommu", &result);
		cr_expect_eq(result.outcome, GATE_FAIL);
		cr_expect_eq(result.found.status, STATUS_UNSUPPORTED);
		cr_expect_not_null(strstr(result.found.message, unused[i].finding), "%s",
			result.found.message);
		cr_expect_not_null(strstr(result.found.explanations[0].remedy, unused[i].remedy),
			"%s", result.found.explanations[0].remedy);
		tree_remove(&tree, path);
	}
}
