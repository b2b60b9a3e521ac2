// SPDX-License-Identifier: MIT
/* Extended capabilities, from configuration spaces good and bad. */
#include "host_tree.h"

#include <fcntl.h>
#include <stdint.h>

#include "array.h"
#include "host/pci_features.h"

static struct host_tree tree;

static void open_tree(void)
{
	tree_open(&tree);
}

static void close_tree(void)
{
	tree_close(&tree);
}

TestSuite(host_pci_features, .init = open_tree, .fini = close_tree);

/* A header at @at in a space, as "id | version | where the next is". */
struct header {
	uint16_t at;
	uint32_t value;
};

#define HEADER(place, id, next)                                                                    \
	{                                                                                          \
		place, (id) | 1u << 16 | (uint32_t)(next) << 20                                    \
	}

static void write_space(size_t size, const struct header *headers, size_t count)
{
	char *path = tree_path(&tree, TREE_DEVICE "/config");
	uint8_t space[4096] = { 0 };
	FILE *file;

	for (size_t i = 0; i < count; i++) {
		for (int byte = 0; byte < 4; byte++)
			space[headers[i].at + byte] = (uint8_t)(headers[i].value >> 8 * byte);
	}
	file = fopen(path, "w");
	cr_assert_not_null(file);
	cr_assert_eq(fwrite(space, 1, size, file), size);
	fclose(file);
	free(path);
}

static const struct {
	const char *what;
	size_t size;
	struct header headers[4];
	bool known, ats, pasid, pri;
} cases[] = {
	{ "a list of all", 4096,
		{ HEADER(0x100, 0x0f, 0x200), HEADER(0x200, 0x1b, 0xff8), HEADER(0xff8, 0x13, 0) },
		true, true, true, true },
	{ "one without them", 4096, { HEADER(0x100, 0x01, 0x200), HEADER(0x200, 0x03, 0) }, true,
		false, false, false },
	{ "an empty list", 4096, { HEADER(0x100, 0, 0) }, true, false, false, false },
	{ "a device that does not answer", 4096, { { 0x100, UINT32_MAX } }, true, false, false,
		false },
	{ "a list that goes in a circle", 4096,
		{ HEADER(0x100, 0x0f, 0x200), HEADER(0x200, 0x03, 0x100) }, true, true, false,
		false },
	{ "a list that leads out of the space", 4096, { HEADER(0x100, 0x13, 0x40) }, true, false,
		false, true },
	{ "conventional PCI", 256, { { 0, 0 } }, true, false, false, false },
	{ "what a user may read", 64, { { 0, 0 } }, false, false, false, false },
	{ "no byte", 0, { { 0, 0 } }, false, false, false, false },
};

Test(host_pci_features, are_those_of_the_extended_capabilities)
{
	struct pci_features features;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_space(cases[i].size, cases[i].headers, 4);
		pci_features_read(&tree.sysfs, TREE_PCI, &features);
		cr_expect_eq(features.known, cases[i].known, "%s", cases[i].what);
		cr_expect_eq(features.has[PCI_FEATURE_ATS], cases[i].ats, "%s", cases[i].what);
		cr_expect_eq(features.has[PCI_FEATURE_PASID], cases[i].pasid, "%s", cases[i].what);
		cr_expect_eq(features.has[PCI_FEATURE_PRI], cases[i].pri, "%s", cases[i].what);
	}
}

Test(host_pci_features, features_without_configuration_space_are_unknown)
{
	struct pci_features features = { .known = true };

	pci_features_read(&tree.sysfs, "fffe:00:1f.0", &features);
	cr_expect_not(features.known);
}

Test(host_pci_features, a_virtual_function_has_its_own_ATS_and_shares_the_rest)
{
	static const struct header own[] = { HEADER(0x100, 0x0f, 0) };
	static const struct header none[] = { HEADER(0x100, 0x03, 0) };
	const struct pci_features physical = { true, { true, true, true } };
	const struct pci_features without = { true, { false, true, false } };
	struct pci_features features;

	write_space(4096, own, 1);
	pci_features_read_virtual(&tree.sysfs, TREE_PCI, &physical, &features);
	cr_expect(features.known && features.has[PCI_FEATURE_ATS]);
	cr_expect(features.has[PCI_FEATURE_PASID] && features.has[PCI_FEATURE_PRI]);
	pci_features_read_virtual(&tree.sysfs, TREE_PCI, &without, &features);
	cr_expect_not(features.has[PCI_FEATURE_ATS], "none where the physical function has none");
	write_space(4096, none, 1);
	pci_features_read_virtual(&tree.sysfs, TREE_PCI, &physical, &features);
	cr_expect(features.known && features.has[PCI_FEATURE_PASID]);
	cr_expect_not(features.has[PCI_FEATURE_ATS]);
}
