// SPDX-License-Identifier: MIT
#include "array.h"
#include "host_tree.h"

#include "host/nesting.h"

#define SEGMENT 0xfffe

static unsigned char table[TREE_IORT_SIZE];

/* One byte of the table changed, the table cut, and what comes of it. */
static const struct {
	size_t at;
	unsigned char byte;
	size_t size;
	int says;
} changes[] = {
	{ 71, 1 << 2, 80, 1 },
	{ 71, 0xff, 80, 1 },
	{ 71, 0x3, 80, 0 },
	{ 0, 'X', 80, -EINVAL },
	{ 0, 'I', 0, -EINVAL },
	{ 0, 'I', 39, -EINVAL },
	{ 0, 'I', 43, -EINVAL },
	{ 0, 'I', 63, -EINVAL },
	{ 0, 'I', 79, -EINVAL },
	{ 36, 0, 80, -ENOENT },
	{ 36, 2, 80, 1 },
	{ 40, 72, 80, -EINVAL },
	{ 43, 0xff, 80, -EINVAL },
	{ 48, 1, 80, -ENOENT },
	{ 49, 0, 80, -EINVAL },
	{ 49, 15, 80, -EINVAL },
	{ 49, 33, 80, -EINVAL },
	{ 50, 1, 80, -EINVAL },
	{ 76, 0, 80, -ENOENT },
};

Test(host_nesting, an_IORT_is_read_within_its_bounds)
{
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		unsigned char *exact = malloc(changes[i].size + 1);

		tree_fill_iort(table, 1 << 2);
		table[changes[i].at] = changes[i].byte;
		cr_assert_not_null(exact);
		memcpy(exact, table, changes[i].size);
		cr_expect_eq(iort_says_canwbs(exact, changes[i].size, SEGMENT), changes[i].says,
			"change %zu", i);
		free(exact);
	}
}

/* What is known of the device's IOMMU, and what the gate makes of it. */
static const struct {
	const char *iommu;
	const char *ecap; /* NULL: sysfs does not tell */
	enum gate_outcome outcome;
	enum exit_status status;
	const char *finding;
} iommus[] = {
	{ "dmar0", "ee9e86f050df", GATE_PASS, STATUS_DONE, "dmar0 can do nested translation" },
	{ "dmar0", "80002000000", GATE_FAIL, STATUS_UNSUPPORTED,
		"dmar0 has no nested translation (ECAP.NEST)" },
	{ "dmar0", "6f050df", GATE_FAIL, STATUS_UNSUPPORTED,
		"dmar0 has no scalable mode (ECAP.SMTS)" },
	{ "dmar0", NULL, GATE_UNKNOWN, STATUS_DONE, "does not show its ECAP" },
	{ "ivhd0", NULL, GATE_FAIL, STATUS_UNSUPPORTED, "AMD" },
	{ "riscv-iommu.0", NULL, GATE_UNKNOWN, STATUS_DONE, "riscv-iommu.0 is not of a kind" },
};

#define DEFAULT_ON "CONFIG_INTEL_IOMMU_SCALABLE_MODE_DEFAULT_ON"

/* Of the kernel; NULL: nowhere to be read. */
static const char *config;

static void expect(struct host_tree *tree, enum gate_outcome outcome, enum exit_status status,
	const char *finding)
{
	const struct host_record record = { .config = config };
	struct examination examination = {
		.sysfs = &tree->sysfs,
		.recorded = &record,
		.pci = TREE_PCI,
	};
	struct gate_result result;

	cr_assert_eq(host_device_read(&tree->sysfs, TREE_PCI, &examination.device), 0);
	nesting_check(&examination, &result);
	cr_expect_eq(result.outcome, outcome, "%s", result.found.message);
	cr_expect_eq(result.found.status, status, "%s", result.found.message);
	cr_expect_not_null(strstr(result.found.message, finding), "%s", result.found.message);
}

Test(host_nesting, an_IOMMU_is_judged_by_its_kind)
{
	struct host_tree tree;
	char path[128];

	tree_open(&tree);
	tree_file(&tree, "/proc/cmdline", "intel_iommu=on,sm_on\n");
	for (size_t i = 0; i < ARRAY_SIZE(iommus); i++) {
		snprintf(path, sizeof(path), "../../../../class/iommu/%s", iommus[i].iommu);
		tree_link(&tree, TREE_DEVICE "/iommu", path);
		tree_remove(&tree, "/sys/class/iommu/dmar0/intel-iommu/ecap");
		if (iommus[i].ecap)
			tree_file(&tree, "/sys/class/iommu/dmar0/intel-iommu/ecap", iommus[i].ecap);
		expect(&tree, iommus[i].outcome, iommus[i].status, iommus[i].finding);
	}
	tree_close(&tree);
}

/* The command line, the configuration, and what comes of VT-d that could nest. */
static const struct {
	const char *cmdline;
	const char *config;
	enum gate_outcome outcome;
	const char *finding;
} modes[] = {
	{ "intel_iommu=on,sm_on\n", NULL, GATE_PASS, "can do nested translation" },
	{ "intel_iommu=sm_off\n", DEFAULT_ON "=y\n", GATE_FAIL, "switched off" },
	{ "intel_iommu=on,sm_off intel_iommu=sm_on\n", NULL, GATE_PASS, "can do" },
	{ "intel_iommu=sm_on,sm_off\n", NULL, GATE_FAIL, "switched off" },
	{ "intel_iommu=sm_on -- intel_iommu=sm_off\n", NULL, GATE_PASS, "can do" },
	{ "intel-iommu=on,sm_on\n", NULL, GATE_PASS, "can do" },
	{ "intel_iommu=\"on,sm_off\"\n", NULL, GATE_FAIL, "switched off" },
	{ "\"intel_iommu=on,sm_on\"\n", NULL, GATE_PASS, "can do" },
	{ "intel_iommus=sm_on\n", NULL, GATE_UNKNOWN, "neither the kernel" },
	{ "intel_iommu=on\n", DEFAULT_ON "=y\n", GATE_PASS, "can do" },
	{ "intel_iommu=on\n", "CONFIG_INTEL_IOMMU=y\n# " DEFAULT_ON " is not set\n", GATE_FAIL,
		"off: that is the default of a kernel without " DEFAULT_ON },
	{ "intel_iommu=on\n", NULL, GATE_UNKNOWN, "neither the kernel" },
	{ "intel_iommu=on -- intel_iommu=sm_on\n", "CONFIG_INTEL_IOMMU=y\n", GATE_FAIL,
		"the default" },
};

Test(host_nesting, VT_d_nests_where_its_scalable_mode_is_on)
{
	struct host_tree tree;

	tree_open(&tree);
	tree_link(&tree, TREE_DEVICE "/iommu", "../../../../class/iommu/dmar0");
	tree_file(&tree, "/sys/class/iommu/dmar0/intel-iommu/ecap", "ee9e86f050df");
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		tree_file(&tree, "/proc/cmdline", modes[i].cmdline);
		config = modes[i].config;
		expect(&tree, modes[i].outcome,
			modes[i].outcome == GATE_FAIL ? STATUS_UNSUPPORTED : STATUS_DONE,
			modes[i].finding);
	}
	tree_close(&tree);
}

Test(host_nesting, an_SMMUv3_is_judged_by_what_firmware_says)
{
	struct host_tree tree;

	tree_open(&tree);
	expect(&tree, GATE_UNKNOWN, STATUS_DONE, "no IORT describes");
	tree_iort(&tree, 0);
	expect(&tree, GATE_UNKNOWN, STATUS_DONE, "does not set CANWBS");
	tree_iort(&tree, 1 << 2);
	expect(&tree, GATE_PASS, STATUS_DONE, "sets CANWBS");
	tree_file(&tree, TREE_IORT, "nonsense");
	expect(&tree, GATE_UNKNOWN, STATUS_DONE, "no IORT describes");
	tree_close(&tree);
}
