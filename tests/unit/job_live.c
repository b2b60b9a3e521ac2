// SPDX-License-Identifier: MIT
/* Carrying out: what is made in which order, and that nothing is left whatever fails. */
#include "job_fixture.h"

#include <dirent.h>
#include <inttypes.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "array.h"
#include "host_tree.h"
#include "job/handover/child.h"
#include "job/execute.h"
#include "job/handover/live.h"
#include "job_machine.h"

#define HEAD                                                                                       \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},"                  \
	"'devices': {'edu': {'pci': '" TREE_PCI                                                    \
	"'}}, 'ioas': {'guest': {'map': [{'memory': 'ram'}]}},"
#define NEST                                                                                       \
	HEAD "'hwpts': {'s2': {'device': 'edu', 'ioas': 'guest', 'nest-parent': true},"            \
	     "'s1': {'device': 'edu', 'viommu': 'v', 'ste': {'config': 's1', 'cd-table': 'cds'}}," \
	     "'off': {'device': 'edu', 'viommu': 'v', 'ste': {'config': 'abort'}}},"               \
	     "'viommus': {'v': {'device': 'edu', 'hwpt': 's2'}},"                                  \
	     "'vdevices': {'x': {'viommu': 'v', 'device': 'edu', 'vsid': '0x42'}},"                \
	     "'veventqs': {'q': {'viommu': 'v'}}, 'irqs': {'msi': {'device': 'edu'}},"             \
	     "'stage1': {'k': {'at': '0x40010000', 'size': '64K', 'msi-window': 'edu'}},"          \
	     "'cd-tables': {'cds': {'at': '0x40000000', 'contexts': [{'stage1': 'k'}]}},"          \
	     "'attach': [{'device': 'edu', 'hwpt': 's1'}], 'steps': ["

/* One job on one machine. */
struct run {
	struct machine machine;
	struct host_tree tree;
	enum exit_status status;
	bool fault_fired;
	size_t left_behind;
	char said[8192]; /* results and diagnostics */
};

static void run_open(struct run *run)
{
	*run = (struct run){ .status = STATUS_DONE };
	machine_init(&run->machine);
	tree_open(&run->tree);
	tree_detach(&run->tree);
	tree_attach(&run->tree, "vfio-pci");
	tree_file(&run->tree, "/sys/kernel/iommu_groups/3/reserved_regions",
		"0x0000000008000000 0x00000000080fffff msi\n");
}

/* Carries out @text; the call number @nth fails, if that is not 0. */
static void run_job(struct run *run, const char *text, uint64_t nth, char *const *command)
{
	struct iommuctl_transport *ledger, *top;
	struct cli_context context = { 0 };
	struct job *job = job_checked(text);
	FILE *stream = fmemopen(run->said, sizeof(run->said), "w");
	struct report report = { .out = stream, .err = stream };
	struct platform_host host;

	platform_host_init(&host, &run->tree.sysfs);
	cr_assert_eq(iommuctl_transport_ledger_new(&run->machine.base, &ledger), 0);
	top = ledger;
	if (nth)
		cr_assert_eq(iommuctl_transport_fault_new(ledger, nth, EIO, &top), 0);
	cr_assert_eq(iommuctl_new(top, &context.ctx), 0);
	context.ledger = ledger;
	run->status = job_execute(job, &context, &host.base, &report,
		command ? &(struct child){ .command = command } : NULL, NULL);
	run->fault_fired = nth && iommuctl_transport_fault_fired(top);
	iommuctl_transport_ledger_get_entries(ledger, &run->left_behind);
	iommuctl_free(context.ctx);
	fclose(stream);
	job_free(job);
}

static void expect_said(const struct run *run, const char *part)
{
	cr_expect_not_null(strstr(run->said, part), "\"%s\" is not in\n%s", part, run->said);
}

/* Runs @text once, with nothing that fails below it. */
static void expect_run(const char *text, enum exit_status status, const char *part)
{
	struct run run;

	run_open(&run);
	run_job(&run, text, 0, NULL);
	cr_expect_eq(run.status, status, "status %d:\n%s", run.status, run.said);
	cr_expect_eq(run.left_behind, 0);
	expect_said(&run, part);
	tree_close(&run.tree);
}

static void expect_diary(const char *text, const char *diary)
{
	struct run run;

	run_open(&run);
	run_job(&run, text, 0, NULL);
	cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
	cr_expect_str_eq(run.machine.diary, diary, "the diary:\n%s", run.machine.diary);
	tree_close(&run.tree);
}

#define MADE                                                                                       \
	"open iommu\nopen vfio7\nbind 1\nioas 2\nmap\nhwpt 3\nviommu 4\nhwpt 5\nhwpt 6\n"          \
	"vdevice 7\nveventq 8\nattach 5\nirqs on\n"
#define UNMADE                                                                                     \
	"close queue\ndestroy 8\ndestroy 7\ndestroy 6\ndestroy 5\ndestroy 4\ndestroy 3\n"          \
	"destroy 2\nclose device\nclose iommu\n"

Test(job_live, undoes_in_reverse)
{
	expect_diary(NEST "]}", MADE "irqs off\ndetach\n" UNMADE);
}

#define ISSUE(commands) "{'invalidate': {'viommu': 'v', 'commands': [" commands "]}}"
#define TLBI		"{'opcode': 'TLBI_NSNH_ALL'}"
#define ATC_INV		"{'opcode': 'ATC_INV', 'streamid': '0x42'}"

/* Of the commands that the erratum is about; those to a device stay as they are. */
Test(job_live, repeats_tlbi_and_cfgi_where_the_smmu_says_so)
{
	static const struct {
		const char *steps;
		const char *once, *twice;
	} rows[] = {
		{ ISSUE(TLBI), "invalidate\n", "invalidate\ninvalidate\n" },
		{ ISSUE(ATC_INV "," TLBI), "invalidate\n", "invalidate\ninvalidate\n" },
		{ ISSUE(ATC_INV "," ATC_INV), "invalidate\n", "invalidate\n" },
	};

	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		const bool repeats = i % 2;
		char text[4096], diary[1024];
		struct run run;

		snprintf(text, sizeof(text), NEST "%s]}", rows[i / 2].steps);
		snprintf(diary, sizeof(diary), MADE "%sirqs off\ndetach\n" UNMADE,
			repeats ? rows[i / 2].twice : rows[i / 2].once);
		run_open(&run);
		run.machine.repeats = repeats;
		run_job(&run, text, 0, NULL);
		cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
		cr_expect_str_eq(run.machine.diary, diary, "the diary:\n%s", run.machine.diary);
		tree_close(&run.tree);
	}
}

/* A call that the kernel refuses, the contents of sysfs, and the only cause reported for it. */
static void add_port(struct host_tree *tree)
{
	tree_add_peer(tree, "fffe:00:1c.0", "pcieport");
}

static void add_direct(struct host_tree *tree)
{
	tree_file(tree, "/sys/kernel/iommu_groups/3/reserved_regions",
		"0x0000000040000000 0x00000000400fffff direct\n");
}

static const struct {
	unsigned long request;
	int error;
	void (*change)(struct host_tree *tree);
	const char *told;
} refusals[] = {
	{ ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, ENOENT, add_port,
		"fffe:00:1c.0 (driver pcieport) of the same group has no vDEVICE" },
	{ ABI_VFIO_DEVICE_BIND_IOMMUFD, EINVAL, add_direct, "0x40000000-0x400fffff" },
	{ ABI_VIOMMU_ALLOC, EOPNOTSUPP, NULL, "CANWBS" },
	{ ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, EBUSY, NULL, "being reset" },
};

Test(job_live, tells_the_cause_that_sysfs_and_the_job_leave)
{
	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		struct run run;

		run_open(&run);
		run.machine.refused = refusals[i].request;
		run.machine.refused_error = refusals[i].error;
		if (refusals[i].change)
			refusals[i].change(&run.tree);
		run_job(&run, NEST "]}", 0, NULL);
		cr_expect_neq(run.status, STATUS_DONE);
		expect_said(&run, refusals[i].told);
		/* Of a busy device, and of a vIOMMU, sysfs and the job leave more than one. */
		if (refusals[i].error != EBUSY && refusals[i].error != EOPNOTSUPP)
			cr_expect_null(strstr(run.said, "possible cause"), "%s", run.said);
		tree_close(&run.tree);
	}
}

/* How far VFIO has come with a device that a job asks for. */
static void change_nothing(struct host_tree *tree)
{
	tree_attach(tree, "edu");
}

static void make_a_bridge(struct host_tree *tree)
{
	tree_file(tree, TREE_DEVICE "/class", "0x060400\n");
	tree_attach(tree, "pcieport");
}

static void give_no_cdev(struct host_tree *tree)
{
	tree->no_cdev = true;
	tree_attach(tree, "vfio-pci");
}

static void give_no_node(struct host_tree *tree)
{
	tree->no_node = true;
	tree_attach(tree, "vfio-pci");
}

static const struct {
	void (*change)(struct host_tree *tree);
	enum exit_status status;
	const char *told;
} obstacles[] = {
	{ change_nothing, STATUS_FAILED, "not to a VFIO driver" },
	{ make_a_bridge, STATUS_UNSUPPORTED, "is a bridge, which no VFIO driver takes" },
	{ give_no_cdev, STATUS_UNSUPPORTED, "CONFIG_VFIO_DEVICE_CDEV" },
	{ give_no_node, STATUS_FAILED, "vfio7 of PCI device" },
	{ tree_take_iommu_away, STATUS_UNSUPPORTED, "no-IOMMU mode" },
};

Test(job_live, tells_what_is_in_the_way_of_a_device_without_asking_the_kernel)
{
	for (size_t i = 0; i < ARRAY_SIZE(obstacles); i++) {
		struct run run;

		run_open(&run);
		tree_detach(&run.tree);
		obstacles[i].change(&run.tree);
		run_job(&run, NEST "]}", 0, NULL);
		cr_expect_eq(run.status, obstacles[i].status, "%s", run.said);
		expect_said(&run, obstacles[i].told);
		cr_expect_null(strstr(run.machine.diary, "open vfio"));
		tree_close(&run.tree);
	}
}

Test(job_live, undoes_a_replaced_attachment_once_and_first)
{
	expect_diary(NEST "{'attach': {'device': 'edu', 'hwpt': 'off'}},"
			  "{'attach': {'device': 'edu', 'ioas': 'guest'}}]}",
		MADE "attach 6\nattach 2\ndetach\nirqs off\n" UNMADE);
}

Test(job_live, does_not_undo_what_steps_have_undone)
{
	expect_diary(NEST "{'detach': {'device': 'edu'}}, {'destroy': {'object': 'irqs.msi'}},"
			  "{'destroy': {'object': 'hwpts.off'}}]}",
		MADE "detach\nirqs off\ndestroy 6\n"
		     "close queue\ndestroy 8\ndestroy 7\ndestroy 5\ndestroy 4\ndestroy 3\n"
		     "destroy 2\nclose device\nclose iommu\n");
}

Test(job_live, undoes_first_what_steps_have_made_last)
{
	expect_diary(NEST
		"{'destroy': {'object': 'hwpts.off'}}, {'create': {'object': 'hwpts.off'}},"
		"{'attach': {'device': 'edu', 'hwpt': 'off'}}]}",
		MADE "destroy 6\nhwpt 9\nattach 9\ndetach\ndestroy 9\nirqs off\n"
		     "close queue\ndestroy 8\ndestroy 7\ndestroy 5\ndestroy 4\ndestroy 3\n"
		     "destroy 2\nclose device\nclose iommu\n");
}

Test(job_live, a_device_takes_its_interrupts_and_its_attachment_along)
{
	expect_diary(NEST "{'destroy': {'object': 'vdevices.x'}},"
			  "{'destroy': {'object': 'devices.edu'}}]}",
		MADE "destroy 7\nirqs off\nclose device\nclose queue\ndestroy 8\ndestroy 6\n"
		     "destroy 5\ndestroy 4\ndestroy 3\ndestroy 2\nclose iommu\n");
}

/* The machine, like the most, adds no vectors to those that there are. */
Test(job_live, the_first_interrupt_brings_all_vectors_that_the_job_names)
{
	expect_diary(HEAD
		"'irqs': {'low': {'device': 'edu', 'index': 'msi'},"
		"'high': {'device': 'edu', 'index': 'msi', 'vector': 1}},"
		"'attach': [{'device': 'edu', 'ioas': 'guest'}], 'steps': ["
		"{'destroy': {'object': 'irqs.low'}},"
		"{'destroy': {'object': 'irqs.high'}}, {'create': {'object': 'irqs.high'}},"
		"{'create': {'object': 'irqs.low'}}]}",
		"open iommu\nopen vfio7\nbind 1\nioas 2\nmap\nattach 2\n"
		"irqs on 0+2\nirqs on 1+1\nirqs off\nirqs off\nirqs on 0+2\nirqs on\n"
		"irqs off\nirqs off\ndetach\ndestroy 2\nclose device\nclose iommu\n");
}

static size_t count_open_files(void)
{
	DIR *directory = opendir("/proc/self/fd");
	size_t count = 0;

	while (readdir(directory))
		count++;
	closedir(directory);
	return count;
}

Test(job_live, names_the_object_of_whichever_call_fails)
{
	static const char *const objects[] = {
		"iommuctl: /dev/iommu: open: ",
		"devices.edu (/dev/vfio/devices/vfio7): open: ",
		"devices.edu (",
		"ioas.guest (",
		"ioas.guest (",
		"hwpts.s2 (",
		"viommus.v (",
		"hwpts.s1 (",
		"hwpts.off (",
		"vdevices.x (",
		"veventqs.q (",
		"attach[0]: devices.edu (",
		"irqs.msi (",
		"undo: irqs.msi (",
		"undo: devices.edu (",
		"undo: veventqs.q (",
		"undo: veventqs.q (",
		"undo: vdevices.x (",
		"undo: hwpts.off (",
		"undo: hwpts.s1 (",
		"undo: viommus.v (",
		"undo: hwpts.s2 (",
		"undo: ioas.guest (",
		"undo: devices.edu (",
		"undo: file fd ",
	};
	size_t open_files = count_open_files();

	for (uint64_t nth = 1; nth <= ARRAY_SIZE(objects) + 1; nth++) {
		struct run run;

		run_open(&run);
		run_job(&run, NEST "]}", nth, NULL);
		tree_close(&run.tree);
		cr_expect_eq(run.left_behind, 0, "call %" PRIu64, nth);
		cr_expect_eq(count_open_files(), open_files, "call %" PRIu64, nth);
		cr_expect_eq(run.fault_fired, nth <= ARRAY_SIZE(objects), "call %" PRIu64, nth);
		cr_expect_eq(run.status, run.fault_fired ? STATUS_FAILED : STATUS_DONE);
		if (run.fault_fired)
			expect_said(&run, objects[nth - 1]);
	}
}

#define MANY_STEPS                                                                                                \
	NEST "{'write': {'ipa': '0x40080000', 'text': 'a'}}, {'check': {'ipa': '0x40080000', 'hex': '61'}},"      \
	     "{'map': {'stage1': 'k', 'iova': 0, 'ipa': '0x40080000', 'size': '4K'}},"                            \
	     "{'remap': {'stage1': 'k', 'iova': 0, 'ipa': '0x40081000', 'size': '4K', 'prot': 'r'}},"             \
	     "{'unmap': {'stage1': 'k', 'iova': 0, 'size': '4K'}},"                                               \
	     "{'set-cd': {'cd-table': 'cds', 'stage1': 'k', 'v': 0}},"                                            \
	     "{'invalidate': {'viommu': 'v', 'commands': [{'opcode': 'TLBI_NSNH_ALL'}], 'done': 1}},"             \
	     "{'event': {'veventq': 'q', 'type': 'F_TRANSLATION', 'streamid': '0x42'}},"                          \
	     "{'no-event': {'veventq': 'q', 'timeout-ms': 0}},"                                                   \
	     "{'trigger-msi': {'irq': 'msi'}},"                                                                   \
	     "{'ioas-unmap': {'ioas': 'guest', 'iova': '0x40000000', 'size': '1M'}},"                             \
	     "{'ioas-map': {'ioas': 'guest', 'map': {'memory': 'ram', 'iova': 0}}},"                              \
	     "{'ioas-copy': {'ioas': 'guest', 'source': 'guest', 'source-iova': 0, 'size': '4K', 'iova': '1G'}}," \
	     "{'ioas-allow': {'ioas': 'guest', 'ranges': [{'start': 0, 'last': 1}]}},"                            \
	     "{'attach': {'device': 'edu', 'hwpt': 'off'}}, {'detach': {'device': 'edu'}},"                       \
	     "{'destroy': {'object': 'irqs.msi'}}, {'reset': {'device': 'edu'}},"                                 \
	     "{'attach': {'device': 'edu', 'ioas': 'guest'}},"                                                    \
	     "{'dma': {'device': 'edu', 'from': 0, 'size': 4}},"                                                  \
	     "{'create': {'object': 'irqs.msi'}}, {'trigger-msi': {'irq': 'msi'}}]}"

Test(job_live, leaves_nothing_whichever_call_of_any_step_fails)
{
	size_t open_files = count_open_files();
	uint64_t nth = 0;
	struct run run;

	do {
		run_open(&run);
		machine_add_event(&run.machine, 0);
		run_job(&run, MANY_STEPS, ++nth, NULL);
		tree_close(&run.tree);
		cr_expect_eq(run.left_behind, 0, "call %" PRIu64, nth);
		cr_expect_eq(count_open_files(), open_files, "call %" PRIu64, nth);
		cr_expect_eq(run.status, run.fault_fired ? STATUS_FAILED : STATUS_DONE,
			"call %" PRIu64 ": status %d:\n%s", nth, run.status, run.said);
	} while (run.fault_fired);
	cr_expect_gt(nth, 40);
}

Test(job_live, reads_and_writes_by_dma)
{
	expect_run(NEST
		"{'dma': {'device': 'edu', 'from': '0x1000', 'to': '0x2000', 'size': 16}}]}",
		STATUS_DONE, "16 bytes from IOVA 0x1000 to IOVA 0x2000");
}

#define DMA(keys)	"{'dma': {'device': 'edu', " keys "}}"
#define EXPECT(outcome) ", 'expect': '" outcome "'"
#define READ		"'from': '0x5000', 'size': 8"
#define BLOCKED		"the read of IOVA 0x5000 was blocked: F_TRANSLATION StreamID=0x42"

/* The kernel is a stand-in that moves no data; of what is refused, it makes an event. */
Test(job_live, an_event_tells_that_a_transfer_is_blocked)
{
	static const struct {
		const char *steps;
		enum exit_status status;
		const char *message;
	} cases[] = {
		{ DMA(READ), STATUS_FAILED, "steps[0]: devices.edu: dma: " BLOCKED },
		{ DMA(READ EXPECT("done")), STATUS_UNMET,
			"steps[0]: devices.edu: expect: " BLOCKED },
		{ DMA(READ EXPECT("blocked")), STATUS_DONE, "8 bytes from IOVA 0x5000; blocked" },
		{ "{'dma': {'device': 'edu', " READ "}, 'expect': {'errno': 'EIO'}}", STATUS_DONE,
			"8 bytes from IOVA 0x5000, which fails with EIO" },
		{ "{'dma': {'device': 'edu', " READ
		  "}, 'expect': {'errno': 'EIO', 'cause': 'F_TRANS'}}",
			STATUS_DONE, "which fails with EIO" },
		{ "{'dma': {'device': 'edu', " READ
		  "}, 'expect': {'errno': 'EIO', 'cause': 'C_BAD'}}",
			STATUS_UNMET, "EIO came, but none of its causes contains \"C_BAD\"" },
		{ "{'dma': {'device': 'edu', " READ "}, 'expect': {'errno': 'EINVAL'}}",
			STATUS_FAILED, BLOCKED },
		{ "{'dma': {'device': 'edu', 'from': '0x5000', 'to': 0,"
		  "'expect': {'ipa': '0x40080000', 'hex': '0000'}}}",
			STATUS_UNMET, BLOCKED },
		{ DMA(READ) ", {'event': {'veventq': 'q', 'type': 'F_TRANSLATION'}}", STATUS_DONE,
			"8 bytes from IOVA 0x5000; blocked" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;
		char text[2048];

		snprintf(text, sizeof(text), NEST "%s]}", cases[i].steps);
		run_open(&run);
		run.machine.blocks_dma = true;
		run_job(&run, text, 0, NULL);
		cr_expect_eq(run.status, cases[i].status, "%s\n%s", cases[i].steps, run.said);
		expect_said(&run, cases[i].message);
		tree_close(&run.tree);
	}
}

#define FLAT "{'attach': {'device': 'edu', 'ioas': 'guest'}}, "

Test(job_live, what_a_device_is_attached_to_tells_that_a_transfer_is_blocked)
{
	static const struct {
		const char *steps;
		enum exit_status status;
		const char *message;
	} cases[] = {
		{ "{'detach': {'device': 'edu'}}, " DMA(READ), STATUS_FAILED,
			"the read of IOVA 0x5000 was blocked: devices.edu is not attached (EIO)" },
		{ "{'detach': {'device': 'edu'}}, " DMA(READ EXPECT("blocked")), STATUS_DONE,
			"blocked" },
		{ "{'attach': {'device': 'edu', 'hwpt': 'off'}}, " DMA(READ), STATUS_FAILED,
			"was blocked: the STE of hwpts.off aborts (EIO)" },
		{ FLAT DMA(READ), STATUS_FAILED,
			"was blocked: ioas.guest does not map all of it for that (EIO)" },
		{ FLAT DMA("'from': '0x400ffffc', 'size': 8"), STATUS_FAILED, "was blocked" },
		{ FLAT "{'ioas-unmap': {'ioas': 'guest', 'iova': '0x40000000', 'size': '1M'}},"
		       "{'ioas-map': {'ioas': 'guest', 'map': {'memory': 'ram', 'iova': 0,"
		       "'prot': 'r'}}}, " DMA("'to': 0, 'size': 8"),
			STATUS_FAILED,
			"the write to IOVA 0x0 was blocked: ioas.guest does not map all of it" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[2048];

		snprintf(text, sizeof(text), NEST "%s]}", cases[i].steps);
		expect_run(text, cases[i].status, cases[i].message);
	}
}

Test(job_live, an_address_that_the_device_does_not_have_is_reported)
{
	expect_run(NEST FLAT DMA("'from': '0xfffffffffffffffc', 'size': 8") "]}",
		STATUS_UNSUPPORTED,
		"steps[1]: devices.edu: stimulus: the edu device has 32 bits of address (EOPNOTSUPP)");
}

/* The stand-in has changed nothing where the device was to write. */
Test(job_live, guest_memory_tells_that_nothing_was_written)
{
	expect_run(NEST FLAT DMA("'to': '0x40080000', 'size': 8") "]}", STATUS_FAILED,
		"steps[1]: devices.edu: dma: the write to IOVA 0x40080000 was blocked (EIO)");
	expect_run(NEST FLAT
		"{'write': {'ipa': '0x40080000', 'text': 'intact'}}, " DMA(
			"'to': '0x40080000', 'size': 8" EXPECT(
				"blocked")) ", {'check': {'ipa': '0x40080000', 'text': 'intact'}}]}",
		STATUS_DONE, "passed");
}

Test(job_live, what_nothing_shows_is_not_claimed)
{
	static const char *const steps[] = {
		DMA(READ),
		DMA(READ EXPECT("done")),
		DMA(READ EXPECT("blocked")),
		"{'dma': {'device': 'edu', " READ "}, 'expect': {'errno': 'EIO'}}",
		FLAT DMA("'from': '0x40080000', 'size': 8"),
		FLAT DMA("'to': '0x40080000', 'size': 3"),
		/* It goes to what was there before. */
		FLAT
		"{'destroy': {'object': 'memory.ram'}}, {'create': {'object': 'memory.ram'}}, " DMA(
			"'to': '0x40080000', 'size': 8"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		char text[2048];

		snprintf(text, sizeof(text), NEST "%s]}", steps[i]);
		expect_run(text, STATUS_DONE, "whether it got through is unknown");
	}
}

Test(job_live, bytes_that_were_there_before_are_not_those_of_a_transfer)
{
	expect_run(NEST "{'dma': {'device': 'edu', 'to': '0x5000',"
			"'expect': {'ipa': '0x40080000', 'hex': '00410000'}}}]}",
		STATUS_UNMET, "IPA 0x40080000 holds ff00ffff; 00410000 was expected");
}

Test(job_live, a_failed_step_shows_the_events_that_wait)
{
	struct run run;

	run_open(&run);
	machine_add_event(&run.machine, 0);
	machine_add_event(&run.machine, 3);
	run_job(&run, NEST "{'check': {'ipa': '0x40080000', 'text': 'a'}}]}", 0, NULL);
	cr_expect_eq(run.status, STATUS_UNMET, "%s", run.said);
	cr_expect_eq(run.left_behind, 0);
	expect_said(&run, "steps[0]: expect: IPA 0x40080000 holds 00; \"a\" was expected\n"
			  "  event: veventqs.q: F_TRANSLATION StreamID=0x42");
	expect_said(&run, "\n  event: veventqs.q: 2 events are missing before the next\n"
			  "  event: veventqs.q: F_TRANSLATION StreamID=0x42");
	tree_close(&run.tree);
}

#define EVENT "{'event': {'veventq': 'q', 'type': 'F_TRANSLATION'}"

Test(job_live, the_event_behind_a_gap_is_left_for_the_next_step)
{
	struct run run;

	run_open(&run);
	machine_add_event(&run.machine, 0);
	machine_add_event(&run.machine, 3);
	run_job(&run,
		NEST EVENT "}, " EVENT ", 'expect': {'errno': 'ENOBUFS'}}, " EVENT
			   "}, {'no-event': {'veventq': 'q', 'timeout-ms': 0}}]}",
		0, NULL);
	cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
	tree_close(&run.tree);
}

Test(job_live, an_unmapped_part_of_a_range_is_not_claimed)
{
	expect_run(NEST "{'ioas-unmap': {'ioas': 'guest', 'iova': 0, 'size': '2G'}}]}", STATUS_DONE,
		"ioas.guest: IOVA 0x0, 2G, of which 1M were mapped");
}

Test(job_live, a_device_that_is_not_to_be_bound_is_opened)
{
	expect_diary("{'iommuctl': 1, 'devices': {'edu': {'pci': '" TREE_PCI "', 'bind': false}}}",
		"open iommu\nopen vfio7\nclose device\nclose iommu\n");
}

Test(job_live, maps_the_msi_window_onto_itself)
{
	/* The first page of level 3: valid, AttrIndx 1, unprivileged, inner shareable, AF, nG, XN. */
	expect_run(NEST "{'check': {'ipa': '0x40013000', 'hex': '470f000800006000'}}]}",
		STATUS_DONE, "passed");
}

Test(job_live, an_expectation_that_is_not_met_is_reported)
{
	static const struct {
		const char *steps;
		const char *message;
	} cases[] = {
		{ "{'check': {'ipa': '0x40080000', 'text': 'a'}}]}",
			"steps[0]: expect: IPA 0x40080000 holds 00; \"a\" was expected" },
		{ "{'event': {'veventq': 'q', 'type': 'F_ACCESS', 'timeout-ms': 0}}]}",
			"steps[0]: veventqs.q: expect: no event came within 0 ms; F_ACCESS was expected" },
		{ "{'trigger-msi': {'irq': 'msi', 'delivered': false}}]}",
			"steps[0]: irqs.msi: expect: the interrupt arrived; it was expected not to" },
		{ "{'reset': {'device': 'edu'}, 'expect': {'errno': 'EBUSY'}}]}",
			"steps[0]: expect: succeeded; EBUSY was expected" },
		{ "{'invalidate': {'viommu': 'v', 'commands': [{'opcode': 'TLBI_NH_ALL'}], 'done': 0}}]}",
			"steps[0]: viommus.v: expect: the kernel handled 1 of 1 commands; 0 were expected" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[2048];

		snprintf(text, sizeof(text), NEST "%s", cases[i].steps);
		expect_run(text, STATUS_UNMET, cases[i].message);
	}
}

Test(job_live, others_before_an_event_do_not_give_it_more_time)
{
	struct run run;

	run_open(&run);
	run.machine.floods = true;
	machine_add_event(&run.machine, run.machine.dmas++);
	run_job(&run,
		NEST "{'event': {'veventq': 'q', 'type': 'F_ACCESS', 'among-others': true,"
		     "'timeout-ms': 20}}]}",
		0, NULL);
	cr_expect_eq(run.status, STATUS_UNMET, "%s", run.said);
	expect_said(&run, "F_ACCESS was expected");
	tree_close(&run.tree);
}

Test(job_live, an_event_of_another_kind_is_reported)
{
	static const struct {
		const char *event;
		uint32_t sequences[2];
		enum exit_status status;
		const char *message;
	} cases[] = {
		{ "'type': 'F_TRANSLATION', 'streamid': '0x42', 'rnw': 'write'", { 0, 1 },
			STATUS_DONE, "F_TRANSLATION StreamID=0x42" },
		{ "'type': 'F_ACCESS'", { 0, 1 }, STATUS_UNMET, "F_ACCESS was expected" },
		{ "'type': 'F_TRANSLATION', 'inputaddr': 1", { 0, 1 }, STATUS_UNMET,
			"InputAddr=0x1 was expected" },
		{ "'type': 'F_TRANSLATION'", { INT32_MAX, 0 }, STATUS_FAILED,
			"the data in the queue is not an event" },
		{ "'type': 'F_TRANSLATION'", { 0, 2 }, STATUS_FAILED, "the queue has lost events" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;
		char text[2048];

		snprintf(text, sizeof(text),
			NEST "{'event': {'veventq': 'q', %s}},"
			     "{'event': {'veventq': 'q', %s}}]}",
			cases[i].event, cases[i].event);
		run_open(&run);
		machine_add_event(&run.machine, cases[i].sequences[0]);
		machine_add_event(&run.machine, cases[i].sequences[1]);
		run_job(&run, text, 0, NULL);
		cr_expect_eq(run.status, cases[i].status, "%s", run.said);
		expect_said(&run, cases[i].message);
		tree_close(&run.tree);
	}
}

#define INVALIDATE                                                                                 \
	"{'invalidate': {'viommu': 'v', 'commands': [{'opcode': 'TLBI_NH_ALL'}]}, 'expect': "

Test(job_live, an_action_may_be_expected_to_fail)
{
	static const struct {
		const char *expect;
		enum exit_status status;
		const char *message;
	} cases[] = {
		{ "{'errno': 'EIO'}", STATUS_DONE, "passed" },
		{ "{'errno': 'EIO', 'cause': 'vSID'}", STATUS_DONE, "passed" },
		{ "{'errno': 'EIO', 'cause': 'moon'}", STATUS_UNMET,
			"EIO came, but none of its causes contains \"moon\"" },
		{ "{'errno': 'ENOENT'}", STATUS_FAILED, "steps[0]: viommus.v (" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;
		char text[2048];

		snprintf(text, sizeof(text), NEST INVALIDATE "%s}]}", cases[i].expect);
		run_open(&run);
		run.machine.refused = ABI_HWPT_INVALIDATE;
		run.machine.refused_error = EIO;
		run_job(&run, text, 0, NULL);
		cr_expect_eq(run.status, cases[i].status, "%s:\n%s", cases[i].expect, run.said);
		cr_expect_eq(run.left_behind, 0);
		expect_said(&run, cases[i].message);
		tree_close(&run.tree);
	}
}

/* validate reports it without an expectation; run checks the expectation. */
Test(job_live, a_step_needs_what_it_acts_on)
{
	static const char *const steps[] = {
		"{'destroy': {'object': 'hwpts.off'}}, {'create': {'object': 'hwpts.off'}},"
		"{'create': {'object': 'hwpts.off'}, 'expect': {'errno': 'EEXIST'}}",
		"{'destroy': {'object': 'hwpts.off'}},"
		"{'attach': {'device': 'edu', 'hwpt': 'off'}, 'expect': {'errno': 'ENODEV'}}",
		"{'detach': {'device': 'edu'}}, {'destroy': {'object': 'hwpts.s1'}},"
		"{'destroy': {'object': 'hwpts.off'}}, {'destroy': {'object': 'veventqs.q'}},"
		"{'destroy': {'object': 'vdevices.x'}}, {'destroy': {'object': 'viommus.v'}},"
		"{'create': {'object': 'vdevices.x'}, 'expect': {'errno': 'ENODEV'}}",
		"{'destroy': {'object': 'memory.ram'}}, {'write': {'ipa': '0x40000000', 'text': 'a'},"
		"'expect': {'errno': 'EFAULT'}}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		char text[2048];

		snprintf(text, sizeof(text), NEST "%s]}", steps[i]);
		expect_run(text, STATUS_DONE, "passed");
	}
}

Test(job_live, a_device_that_is_not_on_vfio_is_not_opened)
{
	struct run run;

	run_open(&run);
	tree_detach(&run.tree);
	tree_attach(&run.tree, "edu");
	run_job(&run, NEST "]}", 0, NULL);
	cr_expect_eq(run.status, STATUS_FAILED);
	expect_said(&run, "devices.edu: look-up: PCI device " TREE_PCI
			  " is bound to edu, not to a VFIO driver; "
			  "\"iommuctl device bind " TREE_PCI "\" binds it to vfio-pci");
	cr_expect_str_eq(run.machine.diary, "open iommu\nclose iommu\n");
	tree_close(&run.tree);
}

Test(job_live, a_device_that_no_stimulus_driver_can_use_is_reported)
{
	static const struct {
		uint32_t pci_ids;
		uint32_t edu_id;
		enum exit_status status;
		const char *message;
	} cases[] = {
		{ 0x10008086, 0x010000ed, STATUS_UNSUPPORTED,
			"steps[0]: devices.edu: stimulus: no stimulus driver knows "
			"PCI device 8086:1000; DMA and interrupt steps need one" },
		{ 0x11e81234, UINT32_MAX, STATUS_FAILED,
			"steps[0]: devices.edu: stimulus: does not respond as the edu device does "
			"(ENODEV)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;

		run_open(&run);
		run.machine.pci_ids = cases[i].pci_ids;
		run.machine.edu_id = cases[i].edu_id;
		run_job(&run, NEST "{'trigger-msi': {'irq': 'msi'}}]}", 0, NULL);
		cr_expect_eq(run.status, cases[i].status);
		expect_said(&run, cases[i].message);
		tree_close(&run.tree);
	}
}

Test(job_live, a_vector_that_the_device_does_not_have_is_reported)
{
	expect_run(HEAD
		"'irqs': {'second': {'device': 'edu', 'vector': 1}},"
		"'attach': [{'device': 'edu', 'ioas': 'guest'}], 'steps': [{'trigger-msi': {'irq': 'second'}}]}",
		STATUS_UNSUPPORTED,
		"steps[0]: irqs.second: trigger-msi: the edu driver raises 1 vector (EOPNOTSUPP)");
}

Test(job_live, an_interrupt_that_was_not_raised_is_not_one_that_was_kept_back)
{
	struct run run;

	run_open(&run);
	run.machine.is_mute = true;
	run_job(&run, NEST "{'trigger-msi': {'irq': 'msi', 'delivered': false, 'timeout-ms': 0}}]}",
		0, NULL);
	cr_expect_eq(run.status, STATUS_FAILED);
	expect_said(&run,
		"steps[0]: devices.edu: trigger-msi: the edu device does not raise the interrupt");
	tree_close(&run.tree);
}

Test(job_live, a_kernel_without_iommufd_is_unsupported)
{
	struct run run;

	run_open(&run);
	run.machine.no_iommu = true;
	run_job(&run, NEST "]}", 0, NULL);
	cr_expect_eq(run.status, STATUS_UNSUPPORTED);
	expect_said(&run, "/dev/iommu: open: No such file or directory (ENOENT)");
	cr_expect_str_empty(run.machine.diary);
	tree_close(&run.tree);
}

/* Runs @text with @signal pending. */
static void run_interrupted(struct run *run, const char *text, int signal)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, signal);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	raise(signal);
	run_open(run);
	run_job(run, text, 0, NULL);
	tree_close(&run->tree);
}

Test(job_live, a_signal_ends_the_job_and_all_is_undone)
{
	struct run run;

	run_interrupted(&run, NEST "]}", SIGTERM);
	cr_expect_eq(run.status, STATUS_FAILED);
	cr_expect_str_eq(run.machine.diary, "open iommu\nclose iommu\n");
	expect_said(&run, "memory.ram: interrupted by SIGTERM");
	expect_said(&run,
		"failed and undone, 0 of 0 steps passed; 2 calls to the kernel, 0 left behind");
}

Test(job_live, a_signal_that_is_ignored_stays_so)
{
	struct run run;

	signal(SIGINT, SIG_IGN);
	run_interrupted(&run, NEST "]}", SIGINT);
	cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
}

static char state_of(pid_t process)
{
	char path[64], state = '?';
	FILE *stat;

	snprintf(path, sizeof(path), "/proc/%d/stat", process);
	stat = fopen(path, "re");
	if (!stat || fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
		state = '?';
	if (stat)
		fclose(stat);
	return state;
}

/* Until @process has slept for a while, as in no part of a job but a wait. */
static void await_sleep(pid_t process)
{
	for (unsigned int seen = 0; seen < 10; usleep(10000))
		seen = state_of(process) == 'S' ? seen + 1 : 0;
}

Test(job_live, a_signal_ends_a_wait)
{
	struct run run;
	pid_t child;

	run_open(&run);
	child = fork();
	if (!child) {
		await_sleep(getppid());
		_exit(kill(getppid(), SIGINT));
	}
	run_job(&run, NEST "{'no-event': {'veventq': 'q', 'timeout-ms': 600000}}]}", 0, NULL);
	waitpid(child, NULL, 0);
	tree_close(&run.tree);
	cr_expect_eq(run.status, STATUS_FAILED);
	cr_expect_eq(run.left_behind, 0);
	expect_said(&run, "steps[0]: interrupted by SIGINT");
}

Test(job_live, a_command_finds_the_files_that_it_names)
{
	static const char script[] =
		"[ -e /proc/self/fd/{fd:iommufd} ] && "
		"[ -e /proc/self/fd/{fd:devices.edu} ] && [ -e /proc/self/fd/{fd:memory.ram} ]";
	char *const command[] = { "sh", "-c", (char *)script, NULL };
	struct run run;

	run_open(&run);
	run_job(&run, NEST "]}", 0, command);
	cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
	tree_close(&run.tree);
}

Test(job_live, a_command_finds_ids_in_its_arguments_and_its_environment)
{
	static const char script[] =
		"[ {id:hwpts.s2} = $IOMMUCTL_ID_HWPTS_S2 ] && [ {id:hwpts.s2} -gt 0 ] && "
		"[ {fd:iommufd} = $IOMMUCTL_FD_IOMMUFD ] && [ -z \"$IOMMUCTL_FD_DEVICES_EDU\" ]";
	char *const command[] = { "sh", "-c", (char *)script, NULL };
	struct run run;

	run_open(&run);
	run_job(&run, NEST "]}", 0, command);
	cr_expect_eq(run.status, STATUS_DONE, "%s", run.said);
	tree_close(&run.tree);
}

/* How many files a shell has that was given @mark in its arguments. */
static int count_files_of_command(const char *mark)
{
	char script[128];
	char *const command[] = { "sh", "-c", script, NULL };
	const char *status;
	struct run run;

	snprintf(script, sizeof(script), ": %s; exit $(ls /proc/self/fd | wc -w)", mark);
	run_open(&run);
	run_job(&run, NEST "]}", 0, command);
	tree_close(&run.tree);
	status = strstr(run.said, "exited with status ");
	cr_assert_not_null(status, "%s", run.said);
	return atoi(status + strlen("exited with status "));
}

Test(job_live, a_command_gets_no_file_that_it_does_not_name)
{
	int none = count_files_of_command("");

	cr_expect_eq(count_files_of_command("{fd:iommufd}"), none + 1);
	cr_expect_eq(count_files_of_command("{fd:devices.edu} {fd:devices.edu}"), none + 1);
	cr_expect_eq(count_files_of_command("{fd:iommufd},{fd:veventqs.q}"), none + 2);
}

Test(job_live, a_command_that_fails_fails_the_job_and_all_is_undone)
{
	static const struct {
		char *const command[4];
		const char *message;
	} cases[] = {
		{ { "false" }, "false: command: exited with status 1" },
		{ { "sh", "-c", "kill -9 $$" }, "sh: command: was killed by signal 9" },
		{ { "/nonexistent/command" }, "No such file or directory (ENOENT)" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct run run;

		run_open(&run);
		run_job(&run, NEST "]}", 0, cases[i].command);
		cr_expect_eq(run.status, STATUS_FAILED);
		cr_expect_eq(run.left_behind, 0);
		expect_said(&run, cases[i].message);
		tree_close(&run.tree);
	}
}

Test(job_live, a_command_is_waited_for_where_children_are_ignored)
{
	char *const command[] = { "sh", "-c", "exit 3", NULL };
	struct run run;

	signal(SIGCHLD, SIG_IGN);
	run_open(&run);
	run_job(&run, NEST "]}", 0, command);
	signal(SIGCHLD, SIG_DFL);
	expect_said(&run, "sh: command: exited with status 3");
	tree_close(&run.tree);
}

Test(job_live, a_command_may_name_only_files_of_the_job)
{
	struct job *job = job_checked(NEST "]}");
	static const struct {
		const char *argument;
		const char *unknown;
	} cases[] = {
		{ "{fd:iommufd},{fd:devices.edu},{fd:memory.ram},{fd:veventqs.q},{fd:irqs.msi}",
			NULL },
		{ "{fd:", NULL },
		{ "{fd:iommufd}{fd:}", "" },
		{ "{fd:hwpts.s1}", "hwpts.s1" },
		{ "x{fd:devices.Edu}", "devices.Edu" },
		{ "{fd:devices.edu.}", "devices.edu." },
		{ "{id:devices.edu}{id:ioas.guest}{id:hwpts.s1}{id:veventqs.q}", NULL },
		{ "{id:memory.ram}", "memory.ram" },
		{ "{id:irqs.msi}", "irqs.msi" },
		{ "{id:iommufd}", "iommufd" },
		{ "{id:hwpts.s3}", "hwpts.s3" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *const command[] = { "x", (char *)cases[i].argument, NULL };
		struct handover_mark mark;
		bool unknown = handover_find_unknown(job, command, &mark);

		cr_expect_eq(unknown, cases[i].unknown != NULL, "%s", cases[i].argument);
		if (unknown && cases[i].unknown) {
			cr_expect_eq(mark.length, strlen(cases[i].unknown));
			cr_expect_eq(strncmp(mark.name, cases[i].unknown, mark.length), 0);
		}
	}
	job_free(job);
}
