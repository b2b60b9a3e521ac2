// SPDX-License-Identifier: MIT
/* What completion offers for each kind of word that the synopsis of a command names. */
#include "host_tree.h"

#include "array.h"
#include "commands/completion_offer.h"
#include "job/schema/schema.h"
#include "output/memory.h"

#define PROGRAM "/bin/asked"

static struct host_tree tree;

/* A program that knows one session, and says nothing to any other question. */
static void add_program(void)
{
	char *path;

	tree_file(&tree, PROGRAM,
		"#!/bin/sh\n"
		"[ \"$*\" = '-s vm1 session show --names' ] || exit 1\n"
		"printf 'memory.ram\\nioas.guest\\nhwpts.s2\\n'\n");
	path = tree_path(&tree, PROGRAM);
	cr_assert_eq(chmod(path, 0700), 0);
	free(path);
}

static void open_tree(void)
{
	tree_open(&tree);
	add_program();
	tree_file(&tree, "/run/vm1.sock", "");
	tree_file(&tree, "/run/vm1.sock.lock", "");
	tree_file(&tree, "/run/.sock", "");
	tree_link(&tree, "/sys/class/net/eth7/device", "../../../bus/pci/devices/" TREE_PCI);
	tree_link(&tree, "/sys/class/net/usb0/device", "../../../bus/usb/devices/1-1");
	tree_file(&tree, "/sys/class/net/lo/mtu", "65536\n");
	tree_link(&tree, TREE_DEVICE "/virtfn0", "../fffe:00:01.1");
	tree_file(&tree, "/dev/vfio/devices/vfio7", "");
}

static void close_tree(void)
{
	tree_close(&tree);
}

TestSuite(completion, .init = open_tree, .fini = close_tree);

/* The offers for @kind, with the rest from @completion; the caller frees them. */
static char *offered(struct completion completion, const char *kind)
{
	char *program = tree_path(&tree, PROGRAM), *runtime = tree_path(&tree, "/run");
	struct memory_text text;

	completion.out = memory_text_open(&text);
	completion.sysfs = &tree.sysfs;
	completion.program = program;
	completion.runtime = runtime;
	completion.behind = completion.behind ? completion.behind : "";
	completion.current = completion.current ? completion.current : "";
	completion_offer_kind(&completion, kind);
	free(program);
	free(runtime);
	return memory_text_close(&text);
}

static const struct command with_shape = { .shape = &schema_ioas_map };
static char *const given[] = { "iova=0", "memory=ram", "offset=0", "prot=r" };

static const struct {
	const char *kind;
	struct completion asked;
	const char *lines;
} cases[] = {
	{ "bash|zsh", {}, "bash\nzsh\n" },
	{ "WORD", {}, "" },
	{ "FILE", {}, ":files\n" },
	{ "FILE", { .behind = "--trace=" }, ":behind --trace=\n:files\n" },
	{ "JOB|FOLDER", {}, ":jobs\n:folders\n" },
	{ "COMMAND", {}, ":programs\n" },
	{ "PCI-ADDRESS", {}, TREE_PCI "\tedu\n" },
	{ "DEVICE", {},
		TREE_PCI
		"\tedu\nvfio7\nnetdev:eth7\t" TREE_PCI "\nnetdev:eth7/vf/0\tfffe:00:01.1\n" },
	{ "DEVICE", { .behind = "--device=" },
		"--device=" TREE_PCI "\tedu\n--device=vfio7\n--device=netdev:eth7\t" TREE_PCI
		"\n--device=netdev:eth7/vf/0\tfffe:00:01.1\n" },
	{ "SESSION", {}, "vm1\n" },
	{ "OBJECT", {}, "" },
	{ "OBJECT", { .session = "" }, "" },
	{ "OBJECT", { .session = "vm2" }, "" },
	{ "OBJECT", { .session = "vm1" }, "memory.ram\nioas.guest\nhwpts.s2\n" },
	{ "KEY=VALUE", {}, "" },
	{ "KEY=VALUE", { .command = &with_shape, .given = given, .given_count = 4 },
		"length=\tBytes to map, a multiple of 4K; by default up to the end of the memory.\n" },
	{ "KEY=VALUE", { .command = &with_shape, .session = "vm1", .current = "memory=" },
		"memory=ram\n" },
	{ "KEY=VALUE", { .command = &with_shape, .current = "length=4" }, "" },
	{ "KEY=VALUE", { .command = &with_shape, .current = "nonsense=" }, "" },
};

Test(completion, each_kind_of_word_has_its_own_candidates)
{
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *lines = offered(cases[i].asked, cases[i].kind);

		cr_expect_str_eq(lines, cases[i].lines, "%s: %s", cases[i].kind, lines);
		free(lines);
	}
}
