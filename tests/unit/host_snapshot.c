// SPDX-License-Identifier: MIT
/* What became of devices while nobody could tell. */
#include "host_tree.h"

#include "host/snapshot.h"
#include "output/text.h"

static struct host_tree tree;
static struct snapshot before;
static char told[1024];

static void open_tree(void)
{
	tree_open(&tree);
	cr_assert_eq(snapshot_take(&tree.sysfs, &before), 0);
	*told = '\0';
}

static void close_tree(void)
{
	snapshot_free(&before);
	tree_close(&tree);
}

TestSuite(host_snapshot, .init = open_tree, .fini = close_tree);

static void note(const struct device_event *event, void *data)
{
	(void)data;
	text_append(told, sizeof(told), "%s %s %s %s", event->action, event->subsystem, event->name,
		event->driver);
	if (strcmp(event->pci, event->name) != 0)
		text_append(told, sizeof(told), "[%s %s]", event->pci, event->node);
	text_append(told, sizeof(told), ";");
}

static struct device_event event_of(const char *action, const char *subsystem, const char *name)
{
	struct device_event event = { .seqnum = 1 };

	snprintf(event.action, sizeof(event.action), "%s", action);
	snprintf(event.subsystem, sizeof(event.subsystem), "%s", subsystem);
	snprintf(event.name, sizeof(event.name), "%s", name);
	return event;
}

/* The VFIO device in its class, and what the kernel says of its node. */
static void show_vfio_device(void)
{
	tree_link(&tree, "/sys/class/vfio-dev/vfio7",
		"../../bus/pci/devices/" TREE_PCI "/vfio-dev/vfio7");
	tree_file(&tree, TREE_DEVICE "/vfio-dev/vfio7/uevent",
		"MAJOR=510\nDEVNAME=vfio/devices/vfio7\nX=1\n");
}

static void compare_with_now(void)
{
	struct snapshot now;

	cr_assert_eq(snapshot_take(&tree.sysfs, &now), 0);
	*told = '\0';
	snapshot_compare(&before, &now, note, NULL);
	snapshot_free(&now);
}

Test(host_snapshot, an_unchanged_host_has_nothing_to_report)
{
	compare_with_now();
	cr_expect_str_eq(told, "");
}

Test(host_snapshot, tells_of_another_driver_and_of_what_came_with_it)
{
	tree_detach(&tree);
	tree_attach(&tree, "vfio-pci");
	show_vfio_device();
	compare_with_now();
	cr_expect_str_eq(told,
		"unbind pci " TREE_PCI " edu;bind pci " TREE_PCI
		" vfio-pci;add vfio-dev vfio7 [" TREE_PCI " /dev/vfio/devices/vfio7];");
}

Test(host_snapshot, knows_the_device_above_one_that_went)
{
	tree_detach(&tree);
	tree_attach(&tree, "vfio-pci");
	show_vfio_device();
	snapshot_free(&before);
	cr_assert_eq(snapshot_take(&tree.sysfs, &before), 0);
	tree_remove(&tree, "/sys/class/vfio-dev/vfio7");
	compare_with_now();
	cr_expect_str_eq(told, "remove vfio-dev vfio7 [" TREE_PCI " /dev/vfio/devices/vfio7];");
}

Test(host_snapshot, knows_the_device_above_one_that_events_brought)
{
	struct device_event event = event_of("add", "vfio-dev", "vfio7");

	snprintf(event.pci, sizeof(event.pci), "%s", TREE_PCI);
	snprintf(event.node, sizeof(event.node), "/dev/vfio/devices/vfio7");
	cr_assert_eq(snapshot_apply(&before, &event), 0);
	compare_with_now();
	cr_expect_str_eq(told, "remove vfio-dev vfio7 [" TREE_PCI " /dev/vfio/devices/vfio7];");
}

Test(host_snapshot, tells_of_devices_that_came_and_went)
{
	tree_file(&tree, "/sys/bus/pci/devices/fffe:00:02.0/vendor", "0x1\n");
	tree_link(&tree, "/sys/bus/pci/devices/fffe:00:02.0/driver", "../../drivers/edu");
	tree_remove(&tree, TREE_DEVICE "/driver");
	compare_with_now();
	cr_expect_str_eq(told, "unbind pci " TREE_PCI " edu;add pci fffe:00:02.0 ;bind pci "
			       "fffe:00:02.0 edu;");
}

static void apply(const char *action, const char *subsystem, const char *name, const char *driver)
{
	struct device_event event = event_of(action, subsystem, name);

	snprintf(event.driver, sizeof(event.driver), "%s", driver);
	cr_assert_eq(snapshot_apply(&before, &event), 0);
}

Test(host_snapshot, has_what_events_said_by_then)
{
	apply("unbind", "pci", TREE_PCI, "");
	apply("bind", "pci", TREE_PCI, "vfio-pci");
	apply("add", "vfio-dev", "vfio7", "");
	apply("add", "pci", "fffe:00:09.0", "");
	apply("remove", "pci", "fffe:00:09.0", "");
	apply("add", "block", "sda", "");
	tree_detach(&tree);
	tree_attach(&tree, "vfio-pci");
	show_vfio_device();
	compare_with_now();
	cr_expect_str_eq(told, "");
}

Test(host_snapshot, has_devices_under_their_new_names)
{
	struct device_event event = event_of("move", "net", "lan0");

	apply("add", "net", "eth7", "");
	snprintf(event.old_name, sizeof(event.old_name), "eth7");
	cr_assert_eq(snapshot_apply(&before, &event), 0);
	compare_with_now();
	cr_expect_str_eq(told, "remove net lan0 [ ];");
}

Test(host_snapshot, knows_which_driver_let_go)
{
	struct device_event event = event_of("unbind", "pci", TREE_PCI);

	cr_assert_eq(snapshot_apply(&before, &event), 0);
	cr_expect_str_eq(event.driver, "edu");
}
