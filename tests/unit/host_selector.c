// SPDX-License-Identifier: MIT
/* How devices are named, and which they are. */
#include "array.h"
#include "host_tree.h"

#include "host/selector.h"

static const struct {
	const char *text;
	enum selector_kind kind;
	const char *name;
	int vf; /* -1: the device itself */
} forms[] = {
	{ "0000:00:01.0", SELECTOR_PCI, "0000:00:01.0", -1 },
	{ "00:1f.7", SELECTOR_PCI, "0000:00:1f.7", -1 },
	{ "pci:0000:AB:01.0", SELECTOR_PCI, "0000:ab:01.0", -1 },
	{ "pci:00:01.0/vf/3", SELECTOR_PCI, "0000:00:01.0", 3 },
	{ "00:01.0/vf/65535", SELECTOR_PCI, "0000:00:01.0", 65535 },
	{ "vfio0", SELECTOR_VFIO, "vfio0", -1 },
	{ "vfio123", SELECTOR_VFIO, "vfio123", -1 },
	{ "netdev:eth0", SELECTOR_NETDEV, "eth0", -1 },
	{ "netdev:enp3s0f0np0/vf/0", SELECTOR_NETDEV, "enp3s0f0np0", 0 },
	{ "netdev:vfio0", SELECTOR_NETDEV, "vfio0", -1 },
	{ "netdev:00:01.0", SELECTOR_NETDEV, "00:01.0", -1 },
};

Test(host_selector, takes_each_form)
{
	struct selector selector;

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		cr_assert_eq(selector_parse(forms[i].text, &selector), 0, "%s", forms[i].text);
		cr_expect_eq(selector.kind, forms[i].kind, "%s", forms[i].text);
		cr_expect_str_eq(selector.name, forms[i].name);
		cr_expect_eq(
			selector.has_vf ? (int)selector.vf : -1, forms[i].vf, "%s", forms[i].text);
	}
}

static const char *const wrong[] = { "", "eth0", "0000:00:01", "0000:00:01.8", "00:20.0",
	"pci:", "pci:eth0", "pci:vfio0", "vfio", "vfio-1", "vfio1x", "vfioo1", "vfvf1", "VFIO1",
	"vfio1234567890", "netdev:", "netdev:../x", "netdev:.", "netdev:eth0/", "netdev:eth0/vf",
	"netdev:eth0/vf/", "netdev:eth0/vf/x", "netdev:eth0/vf/-1", "netdev:eth0/vf/1x",
	"netdev:eth0/vf/123456", "netdev:eth0/vf/1/vf/2", "netdev:/vf/1", "/vf/1",
	"netdev:a-name-that-is-longer-than-the-kernel-allows",
	"0000:00:01.0 and a tail that is longer than any name of a device ever was" };

Test(host_selector, refuses_all_else_and_leaves_the_selector_alone)
{
	struct selector selector = { .name = "as before" };

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		cr_expect_eq(selector_parse(wrong[i], &selector), -EINVAL, "%s", wrong[i]);
	cr_expect_str_eq(selector.name, "as before");
}

static const struct {
	const char *one, *other;
	bool same;
} pairs[] = {
	{ "00:01.0", "pci:0000:00:01.0", true },
	{ "00:01.0", "00:01.0/vf/0", false },
	{ "netdev:eth0/vf/0", "netdev:eth0/vf/1", false },
	{ "netdev:vfio0", "vfio0", false },
};

Test(host_selector, knows_two_names_of_one_device)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		struct selector one, other;

		cr_assert_eq(selector_parse(pairs[i].one, &one), 0);
		cr_assert_eq(selector_parse(pairs[i].other, &other), 0);
		cr_expect_eq(selector_is_same(&one, &other), pairs[i].same, "%s and %s",
			pairs[i].one, pairs[i].other);
	}
}

static struct host_tree tree;

static void open_tree(void)
{
	tree_open(&tree);
	tree_file(&tree, TREE_DEVICE "/sriov_totalvfs", "7\n");
	tree_file(&tree, TREE_DEVICE "/sriov_numvfs", "2\n");
	tree_link(&tree, TREE_DEVICE "/virtfn1", "../fffe:00:10.1");
	tree_link(&tree, "/sys/class/vfio-dev/vfio7/device", "../../../bus/pci/devices/" TREE_PCI);
	tree_link(&tree, "/sys/class/net/eth7/device", "../../../bus/pci/devices/" TREE_PCI);
	tree_file(&tree, "/sys/class/net/lo7/flags", "0x9\n");
}

static void close_tree(void)
{
	tree_close(&tree);
}

TestSuite(host_selector_find, .init = open_tree, .fini = close_tree);

static const struct {
	const char *text;
	const char *pci;     /* NULL: it is not found, */
	const char *message; /* and this says why */
} searches[] = {
	{ TREE_PCI, TREE_PCI, NULL },
	{ "vfio7", TREE_PCI, NULL },
	{ "netdev:eth7", TREE_PCI, NULL },
	{ "netdev:eth7/vf/1", "fffe:00:10.1", NULL },
	{ "vfio7/vf/1", "fffe:00:10.1", NULL },
	{ "pci:" TREE_PCI "/vf/1", "fffe:00:10.1", NULL },
	{ "pci:" TREE_PCI "/vf/2", NULL, "has no virtual function 2: 2 of 7 exist" },
	{ "pci:fffe:00:02.0/vf/0", NULL, "no such PCI device" },
	{ "vfio8", NULL, "no such VFIO device" },
	{ "netdev:eth8", NULL, "no such network interface" },
	{ "netdev:lo7", NULL, "no PCI device below this interface" },
};

Test(host_selector_find, finds_the_address_or_says_why_not)
{
	for (size_t i = 0; i < ARRAY_SIZE(searches); i++) {
		char pci[PCI_ADDRESS_SIZE] = "as before";
		struct selector selector;
		struct failure failure;
		int err;

		cr_assert_eq(selector_parse(searches[i].text, &selector), 0);
		err = selector_find(&tree.sysfs, &selector, pci, &failure);
		cr_expect_eq(err, searches[i].pci ? 0 : -ENODEV, "%s", searches[i].text);
		cr_expect_str_eq(pci, searches[i].pci ? searches[i].pci : "as before");
		if (searches[i].message)
			cr_expect_not_null(strstr(failure.message, searches[i].message), "%s: %s",
				searches[i].text, failure.message);
	}
}
