// SPDX-License-Identifier: MIT
/* The actions on IOASes, HWPTs, PASIDs and page faults: what cannot be, and what becomes of them. */
#include "job_fixture.h"

#include "host_tree.h"
#include "job/execute.h"
#include "job_machine.h"

#define HEAD                                                                                       \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'},"                   \
	"'rom': {'size': '64K', 'ipa': '0x50000000'}},\n"                                          \
	"'devices': {'edu': {'pci': '" TREE_PCI "'}},\n"                                           \
	"'ioas': {'all': {'map': [{'memory': 'ram'}, {'memory': 'rom', 'prot': 'r'}]},"            \
	"'some': {'map': [{'memory': 'ram', 'length': '4K'}]}},\n"                                 \
	"'fault-queues': {'q': {}},\n"                                                             \
	"'hwpts': {'flat': {'device': 'edu', 'ioas': 'all'},"                                      \
	"'own': {'device': 'edu', 'ioas': 'all', 'pasid': true},"                                  \
	"'other': {'device': 'edu', 'ioas': 'all', 'pasid': true},"                                \
	"'s2': {'device': 'edu', 'ioas': 'all', 'nest-parent': true},"                             \
	"'off': {'device': 'edu', 'viommu': 'v', 'ste': {'config': 'abort'}},"                     \
	"'tracks': {'device': 'edu', 'ioas': 'all', 'dirty-tracking': true,"                       \
	"'fault-queue': 'q'}},\n"                                                                  \
	"'viommus': {'v': {'device': 'edu', 'hwpt': 's2'}},\n"
#define STEPS(steps)  HEAD "'steps': [\n" steps "]}"
#define FAILING(code) "'expect': {'errno': '" code "'}"

static void expect_taken(const char *const *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		job_free(job_checked(jobs[i]));
}

#define COPY(more) "{'ioas-copy': {'ioas': 'some', 'source': 'all', " more "}}"

Test(job_actions, what_is_copied_is_mapped_only_in_the_source)
{
	static const struct refused_job jobs[] = {
		{ STEPS(COPY("'source-iova': '0x40000000', 'size': '4K'")), "steps[0].ioas-copy", 8,
			"would fail with EEXIST: ioas.some already has a mapping there" },
		{ STEPS(COPY("'source-iova': '0x400ff000', 'size': '8K'")), "steps[0].ioas-copy", 8,
			"would fail with ENOENT: ioas.all does not map all of it" },
		{ STEPS(COPY("'source-iova': '0x50000000', 'size': '4K'")), "steps[0].ioas-copy", 8,
			"would fail with EPERM: ioas.all has memory there that was mapped "
			"read-only" },
		{ STEPS(COPY("'source-iova': '0x40000000', 'size': '8K',"
			     "'iova': '0xfffffffffffff000'")),
			"steps[0].ioas-copy", 8,
			"would fail with EOVERFLOW: ioas.all ends at the 64-bit address limit" },
		{ STEPS(COPY("'source-iova': '0x40000800', 'size': '4K'")), "steps[0].ioas-copy", 8,
			"source-iova, iova and size must be multiples of 4K" },
		{ STEPS(COPY(
			  "'source-iova': '0x40001000', 'size': '8K'") ",\n"
								       "{'ioas-unmap': {'ioas': 'some', 'iova': '0x40001000', 'size': '4K'}}"),
			"steps[1].ioas-unmap", 9,
			"would fail with ENOENT: ioas.some has no whole mapping in the range" },
	};
	static const char *const good[] = {
		STEPS(COPY("'source-iova': '0x50000000', 'size': '4K', 'prot': 'r'") "," COPY(
			"'source-iova': '0x40001000', 'size': '8K'")),
		STEPS("{'ioas-copy': {'ioas': 'all', 'source': 'all', 'source-iova': '0x40000000',"
		      "'size': '1M', 'iova': 0}},"
		      "{'ioas-copy': {'ioas': 'some', 'source': 'all', 'source-iova': 0,"
		      "'size': '1M', 'iova': '1M'}},"
		      "{'ioas-unmap': {'ioas': 'some', 'iova': '1M', 'size': '1M'}}"),
		STEPS("{'ioas-copy': {'ioas': 'some', 'source': 'all', 'source-iova': 0,"
		      "'size': '4K'}, " FAILING("ENOENT") "}"),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define ALLOW(ranges) "{'ioas-allow': {'ioas': 'all', 'ranges': [" ranges "]}}"

Test(job_actions, allowed_ranges_ascend_and_are_apart)
{
	static const struct refused_job jobs[] = {
		{ STEPS(ALLOW("{'start': '4K', 'last': '4K'}")), "steps[0].ioas-allow", 8,
			"would fail with EINVAL: the range from 0x1000 to 0x1000 must end above its start" },
		{ STEPS(ALLOW("{'start': 0, 'last': 10}, {'start': 10, 'last': 20}")),
			"steps[0].ioas-allow", 8,
			"would fail with EINVAL: the range from 0xa to 0x14 overlaps an earlier one" },
		{ "{'iommuctl': 1,\n'ioas': {'i': {'allow': [{'start': 2, 'last': 1}]}}}", "ioas.i",
			2,
			"would fail with EINVAL: the range from 0x2 to 0x1 must end above its start" },
	};
	static const char *const good[] = {
		STEPS(ALLOW(
			"{'start': 0, 'last': 9}, {'start': 10, 'last': '0xffffffffffffffff'}")),
		STEPS(ALLOW("")),
		STEPS("{'ioas-allow': {'ioas': 'all', 'ranges': [{'start': 2, 'last': 1}]}, " FAILING(
			"EINVAL") "}"),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define BITMAP(more) "{'hwpt-dirty-bitmap': {'hwpt': 'tracks', " more "}}"

Test(job_actions, a_bitmap_is_of_a_hwpt_that_tracks)
{
	static const struct refused_job jobs[] = {
		{ STEPS("{'hwpt-dirty-tracking': {'hwpt': 'flat', 'on': true}}"),
			"steps[0].hwpt-dirty-tracking", 8,
			"would fail with EOPNOTSUPP: hwpts.flat lacks \"dirty-tracking\": true" },
		{ STEPS("{'hwpt-dirty-tracking': {'hwpt': 'off', 'on': true}}"),
			"steps[0].hwpt-dirty-tracking", 8,
			"would fail with ENOENT: hwpts.off is nested: the nesting parent tracks "
			"dirty pages" },
		{ STEPS(BITMAP("'iova': '0x40000000', 'size': '4K', 'page-size': '12K'")),
			"steps[0].hwpt-dirty-bitmap", 8, "page-size must be a power of 2" },
		{ STEPS(BITMAP("'iova': '0x40000000', 'size': '4K', 'page-size': '8K'")),
			"steps[0].hwpt-dirty-bitmap", 8,
			"iova and size must be multiples of page-size" },
		{ STEPS(BITMAP("'iova': '0xfffffffffffff000', 'size': '8K'")),
			"steps[0].hwpt-dirty-bitmap", 8, "ends beyond the 64-bit address space" },
		{ STEPS(BITMAP("'iova': 0, 'size': '128G'")), "steps[0].hwpt-dirty-bitmap", 8,
			"covers more than 16777216 pages" },
		{ STEPS(BITMAP("'iova': '0x40000000', 'size': '8K',\n"
			       "'dirty': [{'iova': '0x40001000', 'size': '8K'}]")),
			"steps[0].hwpt-dirty-bitmap.dirty[0]", 9,
			"is outside the range to look at" },
		{ STEPS(BITMAP("'iova': '0x40000000', 'size': '8K',\n"
			       "'dirty': [{'iova': '0x40001000', 'size': 8}]")),
			"steps[0].hwpt-dirty-bitmap.dirty[0]", 9,
			"iova and size must be multiples of page-size" },
	};
	static const char *const good[] = {
		STEPS(BITMAP("'iova': '0x40000000', 'size': '1M', 'dirty': []")),
		/* Not all of it is mapped. */
		STEPS(BITMAP("'iova': '0x400ff000', 'size': '8K'")),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define ATTACH(more) "{'attach': {'device': 'edu', " more "}}"

Test(job_actions, hwpts_of_pasids_are_made_for_them)
{
	static const struct refused_job jobs[] = {
		{ STEPS(ATTACH("'hwpt': 'flat', 'pasid': 1")), "steps[0].attach", 8,
			"would fail with EINVAL: hwpts.flat lacks \"pasid\": true" },
		{ STEPS(ATTACH("'hwpt': 'off', 'pasid': 1")), "steps[0].attach", 8,
			"would fail with EINVAL: hwpts.off is nested: its PASIDs are CDs in the "
			"guest's table" },
		{ STEPS(ATTACH("'ioas': 'all', 'pasid': 1")), "steps[0].attach", 8,
			"would fail with EINVAL: a HWPT that the kernel makes for an IOAS cannot "
			"have PASIDs: name a HWPT with \"pasid\": true" },
		{ STEPS(ATTACH("'hwpt': 'flat'") ",\n" ATTACH("'hwpt': 'own', 'pasid': 1")),
			"steps[1].attach", 9,
			"would fail with EINVAL: devices.edu itself is attached to hwpts.flat, which "
			"lacks \"pasid\": true" },
		{ STEPS(ATTACH("'hwpt': 'own', 'pasid': 1") ",\n" ATTACH("'hwpt': 'flat'")),
			"steps[1].attach", 9,
			"would fail with EINVAL: PASID 1 of devices.edu is attached, but "
			"hwpts.flat lacks \"pasid\": true" },
		{ STEPS(ATTACH(
			  "'hwpt': 'own', 'pasid': 1") ",\n{'destroy': {'object': 'hwpts.own'}}"),
			"steps[1].destroy", 9,
			"would fail with EBUSY: PASID 1 of devices.edu is attached to it" },
		{ STEPS("{'detach': {'device': 'edu', 'pasid': 1}}"), "steps[0].detach", 8,
			"PASID 1 of devices.edu is not attached at this point: there is nothing to detach" },
		{ HEAD "'steps': [" ATTACH("'hwpt': 'own',\n'pasid': 0") "]}",
			"steps[0].attach.pasid", 8, "is 0; must be from 1 to 0xfffff" },
	};
	static const char *const good[] = {
		STEPS(ATTACH("'hwpt': 'own'") "," ATTACH("'hwpt': 'other', 'pasid': 1") "," ATTACH(
			"'hwpt': 'own', 'pasid': 1") ",{'destroy': {'object': 'hwpts.other'}},"
						     "{'detach': {'device': 'edu', 'pasid': 1}},"
						     "{'detach': {'device': 'edu'}}," ATTACH(
							     "'hwpt': 'flat'")),
	};

	expect_unparsed(&jobs[ARRAY_SIZE(jobs) - 1], 1);
	expect_unchecked(jobs, ARRAY_SIZE(jobs) - 1);
	expect_taken(good, ARRAY_SIZE(good));
}

#define ANSWER "{'page-response': {'fault-queue': 'q'}}"
#define FAULT  "{'page-fault': {'fault-queue': 'q'}}"
#define ONE_OF(more, attach, steps)                                                                \
	"{'iommuctl': 1, 'devices': {'d': {'pci': '0000:00:01.0'}" more "},"                       \
	"'ioas': {'i': {}, 'j': {}}, 'fault-queues': {'q': {}}, 'hwpts': {"                        \
	"'h': {'device': 'd', 'ioas': 'i', 'pasid': true, 'fault-queue': 'q'}},"                   \
	"'attach': [{'device': 'd', 'hwpt': 'h'}" attach "],\n'steps': [" steps "]}"
#define DETACH "{'detach': {'device': 'd'}}"
#define MOVE   "{'attach': {'device': 'd', 'ioas': 'j'}}"
#define UNANSWERABLE                                                                               \
	"would fail with ENOENT: no page-fault step has read a group from "                        \
	"fault-queues.q that still waits for a response"

Test(job_actions, only_page_faults_that_were_taken_are_answered)
{
	static const struct refused_job jobs[] = {
		{ STEPS(FAULT "," ANSWER ",\n" ANSWER), "steps[2].page-response", 9,
			"would fail with ENOENT: no page-fault step has read a group from "
			"fault-queues.q that still waits for a response" },
		{ ONE_OF("", "", FAULT "," DETACH ",\n" ANSWER), "steps[2].page-response", 3,
			UNANSWERABLE },
		{ ONE_OF("", "", FAULT "," MOVE ",\n" ANSWER), "steps[2].page-response", 3,
			UNANSWERABLE },
		{ STEPS("{'destroy': {'object': 'fault-queues.q'}}"), "steps[0].destroy", 8,
			"would fail with EBUSY: hwpts.tracks needs it, and still exists" },
		{ "{'iommuctl': 1, 'devices': {'d': {'pci': '0000:00:01.0'}}, 'ioas': {'i': {}},\n"
		  "'fault-queues': {'q': {}},\n"
		  "'hwpts': {'h': {'device': 'd', 'ioas': 'i', 'nest-parent': true,"
		  "'fault-queue': 'q'}}}",
			"hwpts.h", 3,
			"would fail with EOPNOTSUPP: a nesting parent cannot report page faults" },
	};
	static const char *const good[] = {
		STEPS(FAULT "," FAULT "," ANSWER "," ANSWER),
		ONE_OF("", "", FAULT "," DETACH "," MOVE "," FAULT "," ANSWER),
		ONE_OF("", "", FAULT ",{'detach': {'device': 'd'}, " FAILING("EINVAL") "}," ANSWER),
		/* Those may be of the other device, or of the PASID. */
		ONE_OF(", 'e': {'pci': '0000:00:02.0'}", "", FAULT "," DETACH "," ANSWER),
		ONE_OF("", ", {'device': 'd', 'hwpt': 'h', 'pasid': 1}",
			FAULT "," DETACH "," ANSWER),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

/* A machine with a window for MSIs and four bits of SubstreamID. */
static int facts(const struct platform *platform, const struct job_device *device,
	struct platform_facts *facts)
{
	(void)platform;
	(void)device;
	*facts = (struct platform_facts){
		.group = 7,
		.ssid_bits = 4,
		.ipa_bits = 40,
		.msi_window = { 0x8000000, 0x100000 },
	};
	return 0;
}

Test(job_actions, a_machine_that_is_known_is_asked)
{
	static const struct platform platform = { .backend = "model", .facts = facts };
	static const struct refused_job jobs[] = {
		{ STEPS(ATTACH("'ioas': 'all'") ",\n" ALLOW("{'start': 0, 'last': '0x8000000'}")),
			"steps[1].ioas-allow", 9,
			"would fail with EADDRINUSE: ioas.all allows IOVAs in this machine's MSI "
			"window, 0x8000000-0x80fffff" },
		{ STEPS(ALLOW("{'start': 0, 'last': '0x8000000'}") ",\n" ATTACH("'ioas': 'all'")),
			"steps[1].attach", 9,
			"would fail with EADDRINUSE: ioas.all allows IOVAs in this machine's MSI "
			"window, 0x8000000-0x80fffff" },
		{ STEPS("{'dma': {'device': 'edu', 'from': 0, 'size': 8, 'ssid': 16}}"),
			"steps[0].dma", 8,
			"would fail with EINVAL: SSID 16 is beyond the 4 bits of the SMMU of "
			"devices.edu on this machine" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		struct document_problem problem = { .message = "" };
		struct job *job = job_checked(jobs[i].text);

		cr_expect_eq(job_check_for(job, &platform, &problem), -EINVAL);
		expect_problem(&problem, &jobs[i]);
		job_free(job);
	}
}

/* Carries out @text on a stand-in kernel that has @machine's page faults to tell. */
static enum exit_status carry_out(
	struct machine *machine, const char *text, char *said, size_t size)
{
	struct iommuctl_transport *ledger;
	struct cli_context context = { 0 };
	struct job *job = job_checked(text);
	FILE *stream = fmemopen(said, size, "w");
	struct report report = { .out = stream, .err = stream };
	struct platform_host host;
	struct host_tree tree;
	enum exit_status status;
	size_t left;

	tree_open(&tree);
	tree_detach(&tree);
	tree_attach(&tree, "vfio-pci");
	platform_host_init(&host, &tree.sysfs);
	cr_assert_eq(iommuctl_transport_ledger_new(&machine->base, &ledger), 0);
	cr_assert_eq(iommuctl_new(ledger, &context.ctx), 0);
	context.ledger = ledger;
	status = job_execute(job, &context, &host.base, &report, NULL, NULL);
	iommuctl_transport_ledger_get_entries(ledger, &left);
	cr_expect_eq(left, 0);
	iommuctl_free(context.ctx);
	fclose(stream);
	job_free(job);
	tree_close(&tree);
	return status;
}

Test(job_actions, undoes_attachments_of_pasids_with_what_came_after_them)
{
	struct machine machine;
	char said[8192];

	machine_init(&machine);
	cr_expect_eq(carry_out(&machine,
			     "{'iommuctl': 1, 'devices': {'edu': {'pci': '" TREE_PCI "'}},"
			     "'rlimit-mode': 'process', 'ioas': {'i': {'huge-pages': false,"
			     "'allow': [{'start': 0, 'last': 1}]}},"
			     "'hwpts': {'a': {'device': 'edu', 'ioas': 'i', 'pasid': true},"
			     "'b': {'device': 'edu', 'ioas': 'i', 'pasid': true}},"
			     "'attach': [{'device': 'edu', 'hwpt': 'a'},"
			     "{'device': 'edu', 'hwpt': 'a', 'pasid': 1}],"
			     "'steps': [{'attach': {'device': 'edu', 'hwpt': 'b', 'pasid': 2}},"
			     "{'attach': {'device': 'edu', 'hwpt': 'b', 'pasid': 1}},"
			     "{'detach': {'device': 'edu', 'pasid': 2}}]}",
			     said, sizeof(said)),
		STATUS_DONE, "%s", said);
	cr_expect_str_eq(machine.diary,
		"open iommu\noption 0\nopen vfio7\nbind 1\nioas 2\noption 1\nallow 1\nhwpt 3\n"
		"hwpt 4\nattach 3\nattach 3 PASID 1\nattach 4 PASID 2\nattach 4 PASID 1\n"
		"detach PASID 2\ndetach PASID 1\ndetach\ndestroy 4\ndestroy 3\ndestroy 2\n"
		"close device\nclose iommu\n",
		"%s", machine.diary);
}

#define FAULTS(steps)                                                                              \
	"{'iommuctl': 1, 'devices': {'edu': {'pci': '" TREE_PCI "'}}, 'ioas': {'i': {}},"          \
	"'fault-queues': {'q': {}}, 'hwpts': {'h': {'device': 'edu', 'ioas': 'i',"                 \
	"'fault-queue': 'q'}}, 'steps': [" steps "]}"
#define GROUP ", 'device': 'edu', 'pasid': 3, 'iova': '0x5000', 'perm': 'rw', 'count': 2"

Test(job_actions, page_faults_are_compared_and_answered)
{
	static const struct {
		const char *steps;
		enum exit_status status;
		const char *told;
	} cases[] = {
		{ "{'page-fault': {'fault-queue': 'q'" GROUP "}}," ANSWER "," FAULT
		  ",{'page-response': {'fault-queue': 'q', 'code': 'invalid'}},"
		  "{'no-page-fault': {'fault-queue': 'q', 'timeout-ms': 0}}",
			STATUS_DONE,
			"fault-queues.q: 2 page faults of devices.edu, PASID 3 at IOVA 0x5000 (rw)" },
		{ FAULT ",{'page-fault': {'fault-queue': 'q', 'perm': 'w'}}", STATUS_UNMET,
			"1 page fault of devices.edu at IOVA 0x9000 (x) came; page faults (w) was "
			"expected" },
		{ FAULT "," FAULT ",{'page-fault': {'fault-queue': 'q', 'timeout-ms': 0}}",
			STATUS_UNMET, "nothing came within 0 ms; page faults was expected" },
		{ "{'no-page-fault': {'fault-queue': 'q', 'timeout-ms': 0}}", STATUS_UNMET,
			"2 page faults of devices.edu, PASID 3 at IOVA 0x5000 (rw) came; none was "
			"expected" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char text[2048], said[8192];
		struct machine machine;

		machine_init(&machine);
		machine.faults[0] = (struct abi_hwpt_pgfault){
			.flags = ABI_PGFAULT_FLAGS_PASID_VALID,
			.dev_id = 1,
			.pasid = 3,
			.grpid = 5,
			.perm = ABI_PGFAULT_PERM_READ | ABI_PGFAULT_PERM_WRITE,
			.addr = 0x5000,
			.cookie = 7,
		};
		machine.faults[1] = machine.faults[0];
		machine.faults[1].flags |= ABI_PGFAULT_FLAGS_LAST_PAGE;
		machine.faults[2] = (struct abi_hwpt_pgfault){
			.flags = ABI_PGFAULT_FLAGS_LAST_PAGE,
			.dev_id = 1,
			.perm = ABI_PGFAULT_PERM_EXEC,
			.addr = 0x9000,
			.cookie = 8,
		};
		machine.fault_count = 3;
		snprintf(text, sizeof(text), FAULTS("%s"), cases[i].steps);
		cr_expect_eq(
			carry_out(&machine, text, said, sizeof(said)), cases[i].status, "%s", said);
		cr_expect_not_null(
			strstr(said, cases[i].told), "\"%s\" is not in\n%s", cases[i].told, said);
		if (cases[i].status == STATUS_DONE)
			cr_expect_not_null(strstr(machine.diary, "answer 7 0\nanswer 8 1\n"), "%s",
				machine.diary);
	}
}
