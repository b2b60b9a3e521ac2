// SPDX-License-Identifier: MIT
/* What the kernel would refuse because of what exists at that point: found before anything is opened. */
#include "job_fixture.h"

#include "output/text.h"

/* The objects of a nest, on one line each; the tests add to them. */
#define HEAD                                                                                       \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},\n"                \
	"'devices': {'edu': {'pci': '00:01.0'}, 'e2': {'pci': '00:02.0'}, 'e3': {'pci': '00:03.0'}},\n"
#define IOAS "'ioas': {'guest': {'map': [{'memory': 'ram'}]}, 'other': {}},\n"
#define HWPTS                                                                                      \
	"'hwpts': {'s2': {'device': 'edu', 'ioas': 'guest', 'nest-parent': true},"                 \
	"'flat': {'device': 'edu', 'ioas': 'other'},"                                              \
	"'s1': {'device': 'edu', 'viommu': 'v', 'ste': {'config': 's1', 'cd-table': 'cds'}},"      \
	"'off': {'device': 'edu', 'viommu': 'v', 'ste': {'config': 'abort'}}},\n"
#define VIOMMUS "'viommus': {'v': {'device': 'edu', 'hwpt': 's2'}},\n"
#define TABLES                                                                                     \
	"'stage1': {'k': {'at': '0x40010000', 'size': '64K',"                                      \
	"'map': [{'iova': '4K', 'ipa': '0x40080000', 'size': '4K'}]}},"                            \
	"'cd-tables': {'cds': {'at': '0x40000000', 'contexts': [{'stage1': 'k'}]}},\n"
#define BASE HEAD IOAS HWPTS VIOMMUS TABLES

#define SETUP(more)  BASE more "}"
#define X	     "'vdevices': {'x': {'viommu': 'v', 'device': 'edu', 'vsid': '0x42'}},\n"
#define Q	     "'veventqs': {'q': {'viommu': 'v'}},\n"
#define STEPS(steps) BASE X Q "'attach': [{'device': 'edu', 'hwpt': 's1'}], 'steps': [\n" steps "]}"

static void expect_taken(const char *const *jobs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		job_free(job_checked(jobs[i]));
}

Test(job_sequence, stage_1_needs_a_vdevice)
{
	static const struct refused_job jobs[] = {
		{ SETUP("'attach': [{'device': 'edu', 'hwpt': 's1'}]"), "attach[0]", 7,
			"would fail with ENOENT: devices.edu has no vDEVICE in viommus.v at this point, but "
			"stage 1 needs one" },
		{ STEPS("{'destroy': {'object': 'vdevices.x'}},"
			"{'attach': {'device': 'edu', 'hwpt': 'off'}},\n"
			"{'attach': {'device': 'edu', 'hwpt': 's1'}}"),
			"steps[2].attach", 11,
			"would fail with ENOENT: devices.edu has no vDEVICE in viommus.v at this point, but "
			"stage 1 needs one" },
		{ BASE X
			"'attach': [{'device': 'edu', 'hwpt': 's1'},\n{'device': 'e2', 'hwpt': 's1'}]}",
			"attach[1]", 9,
			"would fail with ENOENT: devices.e2 has no vDEVICE in viommus.v at this point, but "
			"stage 1 needs one" },
	};
	static const char *const good[] = {
		SETUP("'attach': [{'device': 'edu', 'hwpt': 'off'}]"),
		SETUP("'attach': [{'device': 'edu', 'hwpt': 'flat'}]"),
		SETUP("'steps': [{'attach': {'device': 'edu', 'hwpt': 's1'},"
		      "'expect': {'errno': 'ENOENT'}}]"),
		/* Where it is already, nothing is looked at. */
		STEPS("{'destroy': {'object': 'vdevices.x'}},"
		      "{'attach': {'device': 'edu', 'hwpt': 's1'}}"),
		/* Its group may be there already. */
		BASE "'vdevices': {'x': {'viommu': 'v', 'device': 'edu', 'vsid': 1},"
		     "'y': {'viommu': 'v', 'device': 'e2', 'vsid': 2}},"
		     "'attach': [{'device': 'edu', 'hwpt': 's1'}],"
		     "'steps': [{'destroy': {'object': 'vdevices.y'}},"
		     "{'attach': {'device': 'e2', 'hwpt': 's1'}}]}",
		BASE X "'steps': [{'create': {'object': 'vdevices.x'}},"
		       "{'attach': {'device': 'edu', 'hwpt': 's1'}}]}",
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

Test(job_sequence, a_viommu_stands_on_a_nesting_parent)
{
	static const struct refused_job jobs[] = {
		{ HEAD IOAS "'viommus': {'v': {'device': 'edu', 'hwpt': 'p'}},\n"
			    "'hwpts': {'p': {'device': 'edu', 'ioas': 'other'}}}",
			"viommus.v", 4,
			"would fail with EINVAL: hwpts.p is not a nesting parent: it lacks \"nest-parent\": true" },
		{ HEAD IOAS "'viommus': {'v': {'device': 'edu', 'hwpt': 'p'}},\n"
			    "'hwpts': {'p': {'device': 'edu', 'ioas': 'other', 'nest-parent': true,"
			    "'dirty-tracking': true}}}",
			"hwpts.p", 5,
			"would fail with EOPNOTSUPP: a nesting parent of an SMMUv3 cannot track dirty pages" },
	};
	static const char *const good[] = {
		HEAD IOAS "'viommus': {'v': {'device': 'edu', 'hwpt': 'p'}},"
			  "'hwpts': {'p': {'device': 'edu', 'ioas': 'other'}}, 'steps': ["
			  "{'create': {'object': 'viommus.v'}, 'expect': {'errno': 'EINVAL'}}]}",
		HEAD IOAS "'hwpts': {'p': {'device': 'edu', 'ioas': 'other', 'nest-parent': true,"
			  "'dirty-tracking': true}}}",
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define VDEVICES(more)                                                                             \
	HEAD IOAS "'hwpts': {'s2': {'device': 'edu', 'ioas': 'guest',"                             \
		  "'nest-parent': true}}, 'viommus': {'v': {'device': 'edu', 'hwpt': 's2'},"       \
		  "'w': {'device': 'edu', 'hwpt': 's2'}}, 'vdevices': {\n" more "}}"

Test(job_sequence, a_device_has_one_vdevice_and_a_vsid_of_its_own)
{
	static const struct refused_job jobs[] = {
		{ VDEVICES("'a': {'viommu': 'v', 'device': 'edu', 'vsid': 1},\n"
			   "'b': {'viommu': 'w', 'device': 'edu', 'vsid': 2}"),
			"vdevices.b", 6,
			"would fail with EEXIST: devices.edu already has vdevices.a" },
		{ VDEVICES("'a': {'viommu': 'v', 'device': 'edu', 'vsid': 1},\n"
			   "'b': {'viommu': 'v', 'device': 'e2', 'vsid': 1}"),
			"vdevices.b", 6,
			"would fail with EEXIST: vdevices.a already has vsid 0x1" },
	};
	static const char *const good[] = {
		VDEVICES("'a': {'viommu': 'v', 'device': 'edu', 'vsid': 1},"
			 "'b': {'viommu': 'w', 'device': 'e2', 'vsid': 1}"),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

Test(job_sequence, a_viommu_has_one_event_queue)
{
	static const struct refused_job jobs[] = {
		{ SETUP("'veventqs': {'q': {'viommu': 'v'},\n'r': {'viommu': 'v'}}"), "veventqs.r",
			8,
			"would fail with EEXIST: viommus.v already has veventqs.q, the only one of "
			"its type" },
	};
	static const char *const good[] = {
		SETUP("'veventqs': {'q': {'viommu': 'v'}, 'r': {'viommu': 'v'}}, 'steps': ["
		      "{'create': {'object': 'veventqs.r'}, 'expect': {'errno': 'EEXIST'}},"
		      "{'destroy': {'object': 'veventqs.q'}}, {'create': {'object': 'veventqs.r'}}]"),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define IRQS(irqs) SETUP("'attach': [{'device': 'edu', 'hwpt': 'flat'}], 'irqs': {\n" irqs "}")

Test(job_sequence, interrupts_of_a_device_do_not_take_each_other_away)
{
	static const struct refused_job jobs[] = {
		{ IRQS("'a': {'device': 'edu'},\n'b': {'device': 'edu'}"), "irqs.b", 9,
			"irqs.a already has this vector of devices.edu: one of them would never fire" },
		{ IRQS("'a': {'device': 'edu'},\n'b': {'device': 'edu', 'index': 'intx'}"),
			"irqs.b", 9,
			"would fail with EINVAL: devices.edu already uses another kind of "
			"interrupt, in irqs.a: only one can be used at a time" },
		{ IRQS("'a': {'device': 'edu', 'index': 'msix'},\n'b': {'device': 'edu'}"),
			"irqs.b", 9,
			"would fail with EINVAL: devices.edu already uses another kind of "
			"interrupt, in irqs.a: only one can be used at a time" },
		{ IRQS("'a': {'device': 'edu', 'index': 'intx', 'vector': 1}"), "irqs.a", 8,
			"would fail with EINVAL: INTx has only vector 0" },
		{ SETUP("'irqs': {\n'a': {'device': 'e2'}}"), "irqs.a", 8,
			"would fail with ENOSPC: devices.e2 is not attached to anything that could "
			"map the doorbell" },
	};
	static const char *const good[] = {
		IRQS("'a': {'device': 'edu'}, 'b': {'device': 'edu', 'vector': 1}"),
		IRQS("'a': {'device': 'edu'}, 'b': {'device': 'e2', 'index': 'intx'}"),
		/* It may be of the group of a device that is attached. */
		IRQS("'a': {'device': 'e2'}"),
		/* Such a vIOMMU is in machines of all kinds. */
		"{'iommuctl': 1, 'devices': {'m': {'mock': {}}, 'edu': {'pci': '00:01.0'}},"
		"'ioas': {'i': {}}, 'hwpts': {'p': {'device': 'm', 'ioas': 'i', 'nest-parent': true}},"
		"'viommus': {'v': {'type': 'selftest', 'device': 'm', 'hwpt': 'p'}},"
		"'irqs': {'a': {'device': 'edu'}}}",
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define INVALIDATE(commands) STEPS("{'invalidate': {'viommu': 'v', 'commands': [" commands "]}}")

Test(job_sequence, invalidations_are_those_that_the_kernel_takes)
{
	static const struct refused_job jobs[] = {
		{ INVALIDATE(""), "steps[0].invalidate.commands", 10,
			"would fail with EINVAL: there are no commands" },
		{ INVALIDATE(
			  "{'opcode': 'TLBI_NH_ALL'},\n{'opcode': 'CFGI_CD', 'streamid': '0x43'}"),
			"steps[0].invalidate.commands[1]", 11,
			"would fail with EIO: no vDEVICE of viommus.v has the vSID 0x43 at this point" },
		{ INVALIDATE("{'words': ['0x4300000006', 0]}"), "steps[0].invalidate.commands[0]",
			10,
			"would fail with EIO: no vDEVICE of viommus.v has the vSID 0x43 at this point" },
		{ INVALIDATE("{'opcode': 'CFGI_STE', 'streamid': '0x42'}"),
			"steps[0].invalidate.commands[0]", 10,
			"would fail with EIO: the kernel does not take CFGI_STE from a guest; to "
			"change an STE, attach another nested HWPT" },
		{ INVALIDATE("{'opcode': 'SYNC'}"), "steps[0].invalidate.commands[0]", 10,
			"would fail with EIO: the kernel does not take SYNC from a guest" },
		{ INVALIDATE("{'words': [255, 0]}"), "steps[0].invalidate.commands[0]", 10,
			"would fail with EIO: the kernel does not take this opcode from a guest" },
		{ STEPS("{'invalidate': {'viommu': 'v', 'commands': [{'opcode': 'TLBI_NH_ALL'}],"
			"'done': 2}}"),
			"steps[0].invalidate", 10,
			"\"done\" is 2, but the number of commands is 1" },
		{ STEPS("{'invalidate': {'viommu': 'v', 'commands': [], 'done': 1},"
			"'expect': {'errno': 'EINVAL'}}"),
			"steps[0].invalidate", 10,
			"\"done\" is 1, but the number of commands is 0" },
	};
	static const char *const good[] = {
		STEPS("{'invalidate': {'viommu': 'v', 'commands': []}, 'expect': {'errno': 'EINVAL'}},"
		      "{'invalidate': {'viommu': 'v', 'commands': [{'opcode': 'CFGI_STE'}], 'done': 0},"
		      "'expect': {'errno': 'EIO'}},"
		      "{'invalidate': {'viommu': 'v', 'commands': ["
		      "{'opcode': 'CFGI_CD', 'streamid': '0x42'}]}}"),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define UNMAP(iova, size) "{'unmap': {'stage1': 'k', 'iova': '" iova "', 'size': '" size "'}}"
#define MAP(verb, iova, size)                                                                      \
	"{'" verb "': {'stage1': 'k', 'iova': '" iova "', 'ipa': '0x40080000', 'size': '" size "'}}"

Test(job_sequence, stage_1_is_edited_where_it_maps)
{
	static const struct refused_job jobs[] = {
		{ STEPS(UNMAP("4K", "5K")), "steps[0].unmap", 10,
			"would fail with EINVAL: stage1.k: addresses and size must be multiples of the "
			"granule, and prot must have \"r\"" },
		{ STEPS(UNMAP("0x1800", "4K")), "steps[0].unmap", 10,
			"would fail with EINVAL: stage1.k: addresses and size must be multiples of the "
			"granule, and prot must have \"r\"" },
		{ STEPS(UNMAP("4K", "8K")), "steps[0].unmap", 10,
			"would fail with ENOENT: stage1.k: not all of it is mapped" },
		{ STEPS(MAP("map", "4K", "4K")), "steps[0].map", 10,
			"would fail with EEXIST: stage1.k: part of it is already mapped" },
		{ STEPS(MAP("remap", "8K", "4K")), "steps[0].remap", 10,
			"would fail with ENOENT: stage1.k: not all of it is mapped" },
		{ STEPS(MAP("map", "8K", "512G")), "steps[0].map", 10,
			"would fail with ENOSPC: stage1.k: the tables need more than \"size\" bytes" },
		{ STEPS(UNMAP("4K", "4K") ",\n" MAP("remap", "4K", "4K")), "steps[1].remap", 11,
			"would fail with ENOENT: stage1.k: not all of it is mapped" },
	};
	static const char *const good[] = {
		STEPS(UNMAP("4K", "4K") "," MAP("map", "4K", "8K") "," MAP("remap", "8K", "4K")),
		/* What writes into the tables leaves nothing that could be known of them. */
		STEPS("{'write': {'ipa': '0x40010000', 'hex': '00'}}," UNMAP("64K", "4K")),
		STEPS("{'unmap': {'stage1': 'k', 'iova': '64K', 'size': '4K'},"
		      "'expect': {'errno': 'ENOENT'}}"),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define IOAS_MAP(more) "{'ioas-map': {'ioas': 'guest', 'map': {'memory': 'ram'" more "}}}"
#define IOAS_UNMAP(iova, size)                                                                     \
	"{'ioas-unmap': {'ioas': 'guest', 'iova': '" iova "', 'size': '" size "'}}"

#define IOAS_UNMAP_HELD(iova, size)                                                                \
	"{'ioas-unmap': {'ioas': 'guest', 'iova': '" iova "', 'size': '" size                      \
	"'}, 'expect': {'errno': 'EBUSY'}}"

Test(job_sequence, mappings_of_an_ioas_are_apart_and_undone_whole)
{
	static const struct refused_job jobs[] = {
		{ STEPS(IOAS_MAP("")), "steps[0].ioas-map", 10,
			"would fail with EEXIST: ioas.guest already has a mapping there" },
		{ STEPS(IOAS_UNMAP("0x40000000", "4K")), "steps[0].ioas-unmap", 10,
			"would fail with ENOENT: ioas.guest has no whole mapping in the range" },
		{ STEPS(IOAS_UNMAP("0", "1M")), "steps[0].ioas-unmap", 10,
			"would fail with ENOENT: ioas.guest has no whole mapping in the range" },
		{ STEPS(IOAS_MAP(", 'iova': '0x40100000'") ",\n" IOAS_UNMAP("0x40000000", "1028K")),
			"steps[1].ioas-unmap", 11,
			"would fail with ENOENT: a mapping of ioas.guest lies only partly in the "
			"range: only whole mappings can be unmapped" },
		{ STEPS(IOAS_UNMAP("0x40000000", "1M") ",\n" IOAS_UNMAP("0x40000000", "1M")),
			"steps[1].ioas-unmap", 11,
			"would fail with ENOENT: ioas.guest has no whole mapping in the range" },
		{ STEPS(IOAS_UNMAP("0xfffffffffffff000", "8K")), "steps[0].ioas-unmap", 10,
			"would fail with EOVERFLOW: it ends beyond the 64-bit address space" },
		/* What is held is still mapped. */
		{ STEPS(IOAS_UNMAP_HELD("0x40000000", "1M") ",\n" IOAS_MAP("")),
			"steps[1].ioas-map", 11,
			"would fail with EEXIST: ioas.guest already has a mapping there" },
	};
	static const char *const good[] = {
		STEPS(IOAS_UNMAP("0", "4G") "," IOAS_MAP("") "," IOAS_MAP(
			", 'iova': '0x40100000'") "," IOAS_UNMAP("0x40000000", "2M")),
		STEPS(IOAS_UNMAP_HELD("0x40000000", "1M") "," IOAS_UNMAP("0x40000000", "1M")),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

/* Mappings of 4K at 0x30000000, 0x40000000, which a HW queue reads, and 0x40004000. */
#define QUEUED(steps)                                                                              \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},\n"                \
	"'devices': {'mock': {'mock': {}}}, 'ioas': {'other': {}, 'guest': {'map': ["              \
	"{'memory': 'ram', 'iova': '0x30000000', 'offset': '32K', 'length': '4K'},"                \
	"{'memory': 'ram', 'length': '4K'},"                                                       \
	"{'memory': 'ram', 'iova': '0x40004000', 'length': '4K'}]}},\n"                            \
	"'hwpts': {'parent': {'device': 'mock', 'ioas': 'guest', 'nest-parent': true}},"           \
	"'viommus': {'v': {'type': 'selftest', 'device': 'mock', 'hwpt': 'parent'}},"              \
	"'hw-queues': {'q': {'viommu': 'v', 'ipa': '0x40000000', 'size': '2K'}},\n"                \
	"'steps': [" steps "]}"
#define IOAS_MAP_AT(iova) IOAS_MAP(", 'iova': '" iova "', 'length': '4K'")
#define HELD		  "hw-queues.q reads memory that ioas.guest maps there"
#define THERE		  "ioas.guest already has a mapping there"

Test(job_sequence, what_a_hw_queue_reads_stays_mapped_and_so_does_what_follows)
{
	static const struct refused_job jobs[] = {
		{ QUEUED(IOAS_UNMAP("0x40000000", "4K")), "steps[0].ioas-unmap", 4,
			"would fail with EBUSY: " HELD },
		{ QUEUED(IOAS_UNMAP("0x30000000", "0x10004000")), "steps[0].ioas-unmap", 4,
			"would fail with EBUSY: " HELD },
		/* It is held first, and cut after that. */
		{ QUEUED(IOAS_UNMAP("0x40000800", "4K")), "steps[0].ioas-unmap", 4,
			"would fail with EBUSY: " HELD },
		{ QUEUED(IOAS_UNMAP("0x30000800", "0x10004000")), "steps[0].ioas-unmap", 4,
			"would fail with ENOENT: ioas.guest has no whole mapping in the range" },
		{ QUEUED(IOAS_UNMAP_HELD("0x30000000", "0x10005000") ",\n" IOAS_MAP_AT(
			  "0x40000000")),
			"steps[1].ioas-map", 5, "would fail with EEXIST: " THERE },
		{ QUEUED(IOAS_UNMAP_HELD("0x30000000", "0x10005000") ",\n" IOAS_MAP_AT(
			  "0x40004000")),
			"steps[1].ioas-map", 5, "would fail with EEXIST: " THERE },
	};
	static const char *const good[] = {
		/* What lies before it is gone. */
		QUEUED(IOAS_UNMAP_HELD("0x30000000", "0x10005000") "," IOAS_MAP_AT("0x30000000")),
		QUEUED(IOAS_UNMAP("0x30000000", "4K") "," IOAS_UNMAP("0x40004000", "4K")),
		QUEUED("{'destroy': {'object': 'hw-queues.q'}}," IOAS_UNMAP("0", "2G")),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define DESTROY(object) "{'destroy': {'object': '" object "'}}"

Test(job_sequence, what_is_needed_is_not_destroyed)
{
	static const struct refused_job jobs[] = {
		{ STEPS(DESTROY("hwpts.s1")), "steps[0].destroy", 10,
			"would fail with EBUSY: devices.edu is attached to it" },
		{ STEPS(DESTROY("hwpts.s2")), "steps[0].destroy", 10,
			"would fail with EBUSY: viommus.v needs it, and still exists" },
		{ STEPS(DESTROY("viommus.v")), "steps[0].destroy", 10,
			"would fail with EBUSY: hwpts.s1 needs it, and still exists" },
		{ STEPS(DESTROY("ioas.guest")), "steps[0].destroy", 10,
			"would fail with EBUSY: hwpts.s2 needs it, and still exists" },
		{ STEPS("{'attach': {'device': 'edu', 'ioas': 'other'}}," DESTROY(
			  "hwpts.flat") ",\n" DESTROY("ioas.other")),
			"steps[2].destroy", 11,
			"would fail with EBUSY: devices.edu is attached to it" },
		{ STEPS("{'detach': {'device': 'edu'}},\n" DESTROY("devices.edu")),
			"steps[1].destroy", 11,
			"vdevices.x would be left without its device: destroy it first" },
		{ STEPS(DESTROY("hwpts.flat") ",\n" DESTROY("hwpts.flat")), "steps[1].destroy", 11,
			"would fail with ENODEV: hwpts.flat does not exist at this point" },
	};
	static const char *const good[] = {
		STEPS("{'destroy': {'object': 'hwpts.s1'}, 'expect': {'errno': 'EBUSY'}},"
		      "{'detach': {'device': 'edu'}}," DESTROY("hwpts.s1") "," DESTROY("hwpts.off") "," DESTROY("vdevices.x") "," DESTROY(
			      "veventqs.q") "," DESTROY("viommus.v") "," DESTROY("hwpts.s2") "," DESTROY("ioas.guest") "," DESTROY("devices.edu")),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define MOVES(devices, steps)                                                                      \
	"{'iommuctl': 1, 'devices': {" devices "}, 'ioas': {'i': {}, 'j': {}, 'k': {}},"           \
	"'attach': [{'device': 'a', 'ioas': 'i'}, {'device': 'b', 'ioas': 'i'}],\n"                \
	"'steps': [{'attach': {'device': 'a', 'ioas': 'j'}},\n" steps "]}"
#define PCIS  "'a': {'pci': '00:01.0'}, 'b': {'pci': '00:02.0'}"
#define MOCKS "'a': {'mock': {}}, 'b': {'mock': {}}"

/* What moves may take others along, unless it is a mock. */
Test(job_sequence, where_a_group_is_may_not_be_known)
{
	static const struct refused_job jobs[] = {
		{ MOVES(MOCKS, DESTROY("ioas.i")), "steps[1].destroy", 3,
			"would fail with EBUSY: devices.b is attached to it" },
		{ MOVES(PCIS, DESTROY("ioas.j")), "steps[1].destroy", 3,
			"would fail with EBUSY: devices.a is attached to it" },
		{ MOVES(PCIS, "{'attach': {'device': 'b', 'ioas': 'k'}},\n" DESTROY("ioas.k")),
			"steps[2].destroy", 4,
			"would fail with EBUSY: devices.b is attached to it" },
		{ MOVES(PCIS, DESTROY("devices.b") ",{'create': {'object': 'devices.b'}},\n"
						   "{'detach': {'device': 'b'}}"),
			"steps[3].detach", 4,
			"devices.b is not attached at this point: there is nothing to detach" },
	};
	static const char *const good[] = {
		MOVES(PCIS, DESTROY("ioas.i") ",{'detach': {'device': 'b'}}"),
		MOVES(PCIS, "{'attach': {'device': 'b', 'ioas': 'k'}}," DESTROY("ioas.j")),
		MOVES(MOCKS, "{'attach': {'device': 'b', 'ioas': 'k'}}," DESTROY("ioas.i")),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define PASID_HWPT "{'device': 'a', 'ioas': 'i', 'pasid': true}"
#define PASID_JOB(steps)                                                                           \
	"{'iommuctl': 1, 'devices': {" PCIS "}, 'ioas': {'i': {}}, 'hwpts': {'p': " PASID_HWPT     \
	", 'q': " PASID_HWPT ", 'n': {'device': 'a', 'ioas': 'i'}},"                               \
	"'attach': [{'device': 'a', 'hwpt': 'p', 'pasid': 1},"                                     \
	"{'device': 'b', 'hwpt': 'p', 'pasid': 1}],\n'steps': [" steps "]}"

Test(job_sequence, a_pasid_moves_with_that_of_its_group)
{
	static const struct refused_job jobs[] = {
		{ PASID_JOB("{'attach': {'device': 'a', 'hwpt': 'q', 'pasid': 1}}," DESTROY(
			  "hwpts.q")),
			"steps[1].destroy", 2,
			"would fail with EBUSY: PASID 1 of devices.a is attached to it" },
	};
	static const char *const good[] = {
		PASID_JOB("{'attach': {'device': 'a', 'hwpt': 'p', 'pasid': 1}}"),
		PASID_JOB("{'attach': {'device': 'a', 'hwpt': 'q', 'pasid': 1}}," DESTROY(
			"hwpts.p") ",{'detach': {'device': 'b', 'pasid': 1}}"),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define QUEUES(queues, steps)                                                                      \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},"                  \
	"'devices': {'d': {'pci': '00:01.0'}}, 'ioas': {'g': {'map': [{'memory': 'ram'},"          \
	"{'memory': 'ram', 'iova': '0x50000000', 'prot': 'w'}]}},"                                 \
	"'hwpts': {'s2': {'device': 'd', 'ioas': 'g', 'nest-parent': true}},"                      \
	"'viommus': {'v': {'type': 'tegra241-cmdqv', 'device': 'd', 'hwpt': 's2'}},"               \
	"'hw-queues': {\n" queues "},\n'steps': [" steps "]}"
#define QUEUE(name, index, ipa, size)                                                              \
	"'" name "': {'viommu': 'v', 'index': " index ", 'ipa': '" ipa "', 'size': '" size "'}"

Test(job_sequence, a_hw_queue_is_mapped_and_aligned)
{
	static const struct refused_job jobs[] = {
		{ QUEUES(QUEUE("q", "0", "0x400ff000", "8K"), ""), "hw-queues.q", 2,
			"would fail with ENOENT: ioas.g does not map all of 0x400ff000-0x40100fff, which "
			"the queue is in" },
		{ QUEUES(QUEUE("q", "0", "0x50000000", "4K"), ""), "hw-queues.q", 2,
			"would fail with EPERM: ioas.g does not map all of 0x50000000-0x50000fff to be "
			"read" },
		{ QUEUES(QUEUE("q", "0", "0x40000800", "4K"), ""), "hw-queues.q", 2,
			"would fail with EINVAL: ipa 0x40000800 is no multiple of its size, 4K" },
		/* What is not mapped is found before all else. */
		{ QUEUES(QUEUE("q", "1", "0x60000000", "3K"), ""), "hw-queues.q", 2,
			"would fail with ENOENT: ioas.g does not map all of 0x60000000-0x60000fff, which "
			"the queue is in" },
	};
	static const char *const good[] = {
		/* That depends on where its pages are. */
		QUEUES(QUEUE("q", "0", "0x40001000", "8K"), ""),
		QUEUES(QUEUE("q", "0", "0x40000800", "2K"), ""),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

Test(job_sequence, what_a_step_acts_on_exists)
{
	static const struct refused_job jobs[] = {
		{ STEPS("{'create': {'object': 'hwpts.late'}}"), "steps[0].create.object", 10,
			"\"hwpts.late\" names no object (COLLECTION.NAME)" },
		{ STEPS(DESTROY("hwpts.off") ",\n{'attach': {'device': 'edu', 'hwpt': 'off'}}"),
			"steps[1].attach", 11,
			"would fail with ENODEV: hwpts.off does not exist at this point" },
		{ STEPS(DESTROY("hwpts.off") ",{'create': {'object': 'hwpts.off'}},\n"
					     "{'create': {'object': 'hwpts.off'}}"),
			"steps[2].create", 11,
			"would fail with EEXIST: hwpts.off exists at this point" },
		{ STEPS(DESTROY("memory.ram") ",\n{'write': {'ipa': '0x40000000', 'text': 'a'}}"),
			"steps[1].write", 11,
			"would fail with EFAULT: memory.ram does not exist at this point" },
		{ STEPS(DESTROY("veventqs.q") ",\n{'no-event': {'veventq': 'q'}}"),
			"steps[1].no-event", 11,
			"would fail with ENODEV: veventqs.q does not exist at this point" },
		{ STEPS("{'detach': {'device': 'e2'}}"), "steps[0].detach", 10,
			"devices.e2 is not attached at this point: there is nothing to detach" },
		{ BASE Q "'steps': [\n{'event': {'veventq': 'q', 'type': 'F_ACCESS'}}]}",
			"steps[0].event", 9, "viommus.v has no vDEVICE, so no event can come" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

/* Tables in a memory of their own, which comes and goes. */
#define APART(more)                                                                                \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'},"                   \
	"'far': {'size': '1M', 'ipa': '0x50000000'}}, 'devices': {'edu': {'pci': '00:01.0'}},\n"   \
	"'stage1': {'k': {'at': '0x50000000', 'size': '64K',"                                      \
	"'map': [{'iova': '4K', 'ipa': '0x40080000', 'size': '4K'}]}},\n"                          \
	"'cd-tables': {'cds': {'at': '0x50010000', 'size': '8K', 's1cdmax': 8,"                    \
	"'s1fmt': '4k-l2', 'contexts': [{'stage1': 'k'}]}}, 'steps': [\n" more "]}"
#define CREATE(object) "{'create': {'object': '" object "'}}"
#define SET_CD(ssid)   "{'set-cd': {'cd-table': 'cds', 'ssid': " ssid ", 'stage1': 'k'}}"
#define DMA(size)                                                                                  \
	"{'dma': {'device': 'edu', 'from': 0, 'to': 0, 'size': " size                              \
	", 'expect': {'ipa': '0x500ffff8', 'text': 'a'}}}"

Test(job_sequence, guest_tables_need_their_memory)
{
	static const struct refused_job jobs[] = {
		{ APART(CREATE("memory.far")), "stage1.k", 2,
			"would fail with EFAULT: memory.far does not exist at this point" },
		{ "{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},\n"
		  "'cd-tables': {'cds': {'at': '0x40000000'}}, 'steps': [" CREATE(
			  "memory.ram") "]}",
			"cd-tables.cds", 2,
			"would fail with EFAULT: memory.ram does not exist at this point" },
		{ APART(DESTROY("cd-tables.cds") "," DESTROY("stage1.k") "," DESTROY(
			  "memory.far") ",\n" CREATE("stage1.k")),
			"steps[3].create", 5,
			"would fail with EFAULT: memory.far does not exist at this point" },
		{ APART(DESTROY("cd-tables.cds") "," DESTROY("memory.far") ",\n" CREATE(
			  "cd-tables.cds")),
			"steps[2].create", 5,
			"would fail with EFAULT: memory.far does not exist at this point" },
		/* Of a transfer that ends beyond it, only what is compared is looked for. */
		{ APART(DESTROY("memory.far") ",\n" DMA("64")), "steps[1].dma", 5,
			"would fail with EFAULT: memory.far does not exist at this point" },
	};
	static const char *const good[] = {
		APART(DESTROY("memory.far")),
		APART(DMA("64")),
		"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},"
		"'stage1': {'k': {'at': '0x40000000', 'size': '64K'}}, 'steps': [" CREATE(
			"memory.ram") "," CREATE("stage1.k") "]}",
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

Test(job_sequence, memory_made_again_has_lost_its_tables)
{
	static const struct refused_job jobs[] = {
		{ APART(SET_CD("64")), "steps[0].set-cd", 4,
			"would fail with ENOSPC: \"size\" of cd-tables.cds is too small for it" },
		/* Those that are made after it are known. */
		{ APART(DESTROY("stage1.k") "," DESTROY("memory.far") "," CREATE(
			  "memory.far") "," CREATE("stage1.k") ",\n" MAP("map", "4K", "4K")),
			"steps[4].map", 5,
			"would fail with EEXIST: stage1.k: part of it is already mapped" },
	};
	static const char *const good[] = {
		APART(DESTROY("memory.far") "," CREATE("memory.far") "," MAP("map", "4K", "4K")),
		APART(DESTROY("memory.far") "," CREATE("memory.far") "," SET_CD("64")),
		APART("{'write': {'ipa': '0x50010000', 'hex': '00'}}," SET_CD("64")),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define BIG                                                                                        \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},\n"                \
	"'stage1': {'k': {'at': '0x40010000', 'size': '64K'}},"                                    \
	"'cd-tables': {'cds': {'at': '0x40000000', 'size': '8K', 's1cdmax': 8,"                    \
	"'s1fmt': '4k-l2'}}, 'steps': [" SET_CD("0") ","

Test(job_sequence, a_cd_table_made_again_has_no_contexts_but_its_own)
{
	static const struct refused_job jobs[] = {
		{ BIG "\n" SET_CD("64") "]}", "steps[1].set-cd", 3,
			"would fail with ENOSPC: \"size\" of cd-tables.cds is too small for it" },
	};
	static const char *const good[] = {
		BIG DESTROY("cd-tables.cds") "," CREATE("cd-tables.cds") "," SET_CD("64") "]}",
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define MOCKED                                                                                     \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},"                  \
	"'devices': {'d': {'mock': {}}}, 'ioas': {'i': {}}, 'hwpts': {"                            \
	"'p': {'device': 'd', 'ioas': 'i', 'nest-parent': true},"                                  \
	"'n': {'device': 'd', 'viommu': 'v', 'mock': {'iotlb': 1}}}, 'viommus': {"                 \
	"'v': {'device': 'd', 'hwpt': 'p', 'type': 'selftest'}},\n"
#define OF_MOCK(step)  MOCKED "'steps': [\n{" step "}]}"
#define EXPECTED(step) MOCKED "'steps': [{" step ", 'expect': {'errno': 'ENOTTY'}}]}"
#define RESET	       "'reset': {'device': 'd'}"
#define SLEEP	       "'low-power': {'device': 'd'}"
#define UNPLUG	       "'unplug': {'device': 'd'}"
#define BAR	       "'ioas-map-bar': {'ioas': 'i', 'device': 'd', 'iova': 0, 'size': '4K'}"
#define MOCK_DMA       "'dma': {'device': 'd', 'from': 0, 'size': 4}"
#define TLBI	       "'invalidate': {'viommu': 'v', 'commands': [{'opcode': 'TLBI_NSNH_ALL'}]}"
#define TLBI_HWPT      "'invalidate-hwpt': {'hwpt': 'n', 'ranges': [{}]}"
#define MOCK_IS	       "devices.d is a mock device of the kernel, which "

Test(job_sequence, a_mock_device_has_no_hardware)
{
	static const struct refused_job jobs[] = {
		{ OF_MOCK(RESET), "steps[0].reset", 3, MOCK_IS "cannot be reset" },
		{ OF_MOCK(SLEEP), "steps[0].low-power", 3, MOCK_IS "has no power to manage" },
		{ OF_MOCK(UNPLUG), "steps[0].unplug", 3, MOCK_IS "no host asks to have back" },
		{ OF_MOCK(BAR), "steps[0].ioas-map-bar", 3, MOCK_IS "has no BARs" },
		{ OF_MOCK(MOCK_DMA), "steps[0].dma", 3, MOCK_IS "does no DMA" },
		{ MOCKED "'irqs': {'i': {'device': 'd'}}}", "irqs.i", 2,
			MOCK_IS "has no interrupts" },
		{ MOCKED "'stage1': {'k': {'at': '0x40000000', 'size': '64K', 'msi-window': 'd'}}}",
			"stage1.k.msi-window", 2, MOCK_IS "has no MSIs" },
		{ OF_MOCK(TLBI), "steps[0].invalidate", 3,
			"would fail with EINVAL: viommus.v is one of the kernel's mock, whose caches "
			"\"mock\": {\"invalidate\": …} invalidates" },
		{ OF_MOCK(TLBI_HWPT), "steps[0].invalidate-hwpt", 3,
			"would fail with EINVAL: hwpts.n is one of the kernel's mock, whose caches "
			"\"mock\": {\"invalidate\": …} invalidates" },
	};
	static const char *const good[] = {
		EXPECTED(RESET),
		EXPECTED(SLEEP),
		EXPECTED(UNPLUG),
		EXPECTED(BAR),
		EXPECTED(MOCK_DMA),
		EXPECTED(TLBI),
		EXPECTED(TLBI_HWPT),
		MOCKED "'irqs': {'i': {'device': 'd'}}, 'steps': [{'create': {'object': 'irqs.i'},"
		       "'expect': {'errno': 'ENOTTY'}}]}",
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define END	      "0xfffffffffffff000"
#define DMA_BUF(size) "'mock': {'dma-buf': {'ioas': 'i', 'iova': '" END "', 'size': '" size "'}}"
#define PIN(size)     "'mock': {'pin': {'ioas': 'i', 'iova': '" END "', 'size': '" size "'}}"
#define DIRTY(size)   "'mock': {'dirty': {'hwpt': 'p', 'iova': '" END "', 'size': '" size "'}}"
#define TRANSLATES(iova, size, ipa)                                                                \
	"'mock': {'translates': {'hwpt': 'p', 'iova': '" iova "', 'size': '" size                  \
	"', 'ipa': '" ipa "'}}"
#define ACCESS(hex)                                                                                \
	"'mock': {'access': {'ioas': 'i', 'iova': '0xfffffffffffffffe', 'hex': '" hex "'}}"
#define BEYOND "ends beyond the 64-bit address space"

Test(job_sequence, what_the_mock_is_to_reach_exists)
{
	static const struct refused_job jobs[] = {
		{ OF_MOCK(DMA_BUF("8K")), "steps[0].mock.dma-buf", 3, BEYOND },
		{ OF_MOCK(PIN("4097")), "steps[0].mock.pin", 3, BEYOND },
		{ OF_MOCK(DIRTY("8K")), "steps[0].mock.dirty", 3, BEYOND },
		{ OF_MOCK(TRANSLATES(END, "8K", "0x40000000")), "steps[0].mock.translates", 3,
			BEYOND },
		{ OF_MOCK(ACCESS("000000")), "steps[0].mock.access", 3, BEYOND },
		{ OF_MOCK(TRANSLATES("0", "8K", "0x400ff000")), "steps[0].mock.translates", 3,
			"no memory holds 8K at IPA 0x400ff000" },
	};
	static const char *const good[] = {
		OF_MOCK(DMA_BUF("4K")),
		OF_MOCK(PIN("4096")),
		OF_MOCK(DIRTY("4K")),
		OF_MOCK(TRANSLATES(END, "4K", "0x400ff000")),
		OF_MOCK(ACCESS("0000")),
		EXPECTED(DMA_BUF("8K")),
		EXPECTED(PIN("8K")),
		EXPECTED(ACCESS("000000")),
		EXPECTED(TRANSLATES("0", "8K", "0x400ff000")),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define UNBOUND(more)                                                                              \
	"{'iommuctl': 1, 'devices': {'nic': {'pci': '00:01.0', 'bind': false}},"                   \
	"'ioas': {'guest': {}}, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},\n" more    \
	"}"
#define NOT_BOUND "devices.nic is only opened (\"bind\": false): this needs a bound device"

Test(job_sequence, a_device_that_is_only_opened_is_for_others_to_use)
{
	static const struct refused_job jobs[] = {
		{ UNBOUND("'hwpts': {'h': {'device': 'nic', 'ioas': 'guest'}}"), "hwpts.h.device",
			2, NOT_BOUND },
		{ UNBOUND("'attach': [{'device': 'nic', 'ioas': 'guest'}]"), "attach[0].device", 2,
			NOT_BOUND },
		{ UNBOUND("'irqs': {'i': {'device': 'nic'}}"), "irqs.i.device", 2, NOT_BOUND },
		{ UNBOUND("'steps': [{'dma': {'device': 'nic', 'from': 0, 'size': 4}}]"),
			"steps[0].dma.device", 2, NOT_BOUND },
		{ UNBOUND("'steps': [{'reset': {'device': 'nic'}}]"), "steps[0].reset.device", 2,
			NOT_BOUND },
	};
	static const char *const good[] = {
		UNBOUND("'stage1': {'k': {'at': '0x40000000', 'msi-window': 'nic'}},"
			"'steps': [{'destroy': {'object': 'devices.nic'}}]"),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

/* A machine: edu and e2 share SMMU 0 and a group, e3 is behind SMMU 1. */
static int facts(const struct platform *platform, const struct job_device *device,
	struct platform_facts *facts)
{
	const bool far = strcmp(device->object.name, "e3") == 0;

	(void)platform;
	*facts = (struct platform_facts){
		.smmu = far,
		.group = far ? 8 : 7,
		.ssid_bits = far ? 0 : 4,
		.ipa_bits = 40,
		.vectors = { 1, 1, 0 },
		.cmdqv_queues = 2,
		.cmdqv_vsids = 16,
		.cmdqv_interfaces = 3,
		.msi_window = { 0x8000000, 0x100000 },
	};
	return 0;
}

static void expect_unfit(const struct refused_job *jobs, size_t count)
{
	static const struct platform platform = { .backend = "model", .facts = facts };

	for (size_t i = 0; i < count; i++) {
		struct document_problem problem = { .message = "" };
		struct job *job = job_parsed(jobs[i].text);

		cr_assert_eq(job_check_document(job, &problem), 0, "%s\n  %s", jobs[i].text,
			problem.message);
		cr_expect_eq(job_check_for(job, &platform, &problem), jobs[i].message ? -EINVAL : 0,
			"%s\n  %s", jobs[i].text, problem.message);
		if (jobs[i].message)
			expect_problem(&problem, &jobs[i]);
		document_problem_free(&problem);
		job_free(job);
	}
}

#define PASIDS(device, s1cdmax)                                                                      \
	HEAD IOAS                                                                                    \
		"'hwpts': {'s2': {'device': '" device "', 'ioas': 'guest',"                          \
		"'nest-parent': true},\n's1': {'device': '" device "', 'viommu': 'v',"               \
		"'ste': {'config': 's1', 'cd-table': 'cds'}}}, 'viommus': {'v': {'device': '" device \
		"',"                                                                                 \
		"'hwpt': 's2'}}, 'cd-tables': {'cds': {'at': '0x40000000', 's1cdmax': " s1cdmax      \
		"}}}"
#define TWO(more) BASE X "'attach': [{'device': 'edu', 'hwpt': 's1'},\n" more "]}"

Test(job_sequence, a_machine_that_is_known_is_asked)
{
	static const struct refused_job jobs[] = {
		{ PASIDS("edu", "4"), NULL, 0, NULL },
		{ PASIDS("edu", "5"), "hwpts.s1", 5,
			"s1cdmax is 5, but the SMMU of devices.edu on this machine has 4 SubstreamID "
			"bits: a C_BAD_STE; \"unchecked\": true allows it" },
		{ PASIDS("e3", "1"), "hwpts.s1", 5,
			"s1cdmax is 1, but the SMMU of devices.e3 on this machine has 0 SubstreamID "
			"bits: a C_BAD_STE; \"unchecked\": true allows it" },
		{ BASE "'vdevices': {'y': {'viommu': 'v', 'device': 'e2', 'vsid': 1}}, 'steps': [\n"
		       "{'invalidate': {'viommu': 'v', 'commands': [{'opcode': 'CFGI_CD', 'streamid': 1,"
		       "'substreamid': 15}, {'opcode': 'CFGI_CD', 'streamid': 1, 'substreamid': 16}]}}]}",
			"steps[0].invalidate.commands[1]", 8,
			"would fail with EIO: SubstreamID 16 is beyond "
			"the 4 bits of the SMMU of devices.edu on this machine" },
		{ TWO("{'device': 'e2', 'hwpt': 'flat'}"), "attach[0]", 8,
			"would fail with ENOENT: devices.e2 has no vDEVICE in viommus.v at this point, but "
			"stage 1 needs one" },
		{ BASE "'attach': [{'device': 'edu', 'hwpt': 'off'},\n{'device': 'e2', 'hwpt': 'flat'}]}",
			"attach[1]", 8,
			"would fail with EINVAL: devices.edu is in the same IOMMU group "
			"and attached to hwpts.off" },
		{ BASE "'attach': [{'device': 'edu', 'hwpt': 'off'}, {'device': 'e2', 'hwpt': 'off'}],"
		       "'steps': [{'attach': {'device': 'edu', 'hwpt': 'flat'}},"
		       "{'attach': {'device': 'e2', 'hwpt': 'flat'}}]}",
			NULL, 0, NULL },
		{ BASE "'attach': [\n{'device': 'e3', 'hwpt': 'flat'}]}", "attach[0]", 8,
			"would fail with EINVAL: hwpts.flat is on another SMMU than devices.e3" },
		{ BASE "'vdevices': {\n'y': {'viommu': 'v', 'device': 'e3', 'vsid': 1}}}",
			"vdevices.y", 8,
			"would fail with EINVAL: devices.e3 is behind another SMMU than viommus.v" },
		{ BASE "'irqs': {\n'i': {'device': 'edu', 'index': 'msi', 'vector': 1}},"
		       "'attach': [{'device': 'edu', 'hwpt': 'flat'}]}",
			"irqs.i", 8,
			"would fail with EINVAL: devices.edu on this machine has 1 vectors of this kind" },
		{ HEAD "'ioas': {'w': {'map': [{'memory': 'ram', 'iova': '0x8000000'}]}}, 'attach': [\n"
		       "{'device': 'edu', 'ioas': 'w'}]}",
			"attach[0]", 4,
			"would fail with EADDRINUSE: ioas.w has a mapping at 0x8000000, in this "
			"machine's MSI window" },
		{ HEAD "'ioas': {'w': {'map': [{'memory': 'ram', 'iova': '0x10000000000'}]}}, 'hwpts': {\n"
		       "'p': {'device': 'edu', 'ioas': 'w', 'nest-parent': true}}}",
			"hwpts.p", 4,
			"would fail with EADDRINUSE: ioas.w maps 0x100000fffff, beyond the 40 "
			"address bits of stage 2 here" },
	};

	expect_unfit(jobs, ARRAY_SIZE(jobs));
}

#define VINTF(name, device, parent)                                                                \
	"'" name "': {'device': '" device "', 'hwpt': '" parent "', 'type': 'tegra241-cmdqv'}"
#define VINTFS(viommus, steps)                                                                     \
	HEAD "'ioas': {'i': {}}, 'hwpts': {"                                                       \
	     "'p': {'device': 'edu', 'ioas': 'i', 'nest-parent': true},"                           \
	     "'q': {'device': 'e3', 'ioas': 'i', 'nest-parent': true}}, 'viommus': {\n" viommus    \
	     "},\n'steps': [" steps "]}"

Test(job_sequence, a_cmdqv_has_as_many_viommus_as_interfaces_but_one)
{
	static const struct refused_job jobs[] = {
		{ VINTFS(VINTF("a", "edu", "p") "," VINTF("b", "e2", "p"), ""), NULL, 0, NULL },
		{ VINTFS(VINTF("a", "edu", "p") "," VINTF("b", "e2", "p") "," VINTF("c", "e3", "q"),
			  ""),
			NULL, 0, NULL },
		{ VINTFS(VINTF("a", "edu", "p") "," VINTF("b", "e2", "p") ",\n" VINTF(
				 "c", "edu", "p"),
			  ""),
			"viommus.c", 5,
			"would fail with ENOSPC: the kernel and other vIOMMUs use all 3 interfaces of "
			"this machine's CMDQV" },
		{ VINTFS(VINTF("a", "edu", "p") "," VINTF("b", "e2", "p") "," VINTF(
				 "c", "edu", "p"),
			  DESTROY("viommus.a") "," CREATE("viommus.c")),
			NULL, 0, NULL },
	};

	expect_unfit(jobs, ARRAY_SIZE(jobs));
}

#define MSIS(size, leaf, steps)                                                                    \
	"{'iommuctl': 1, 'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},"                  \
	"'devices': {'edu': {'pci': '00:01.0'}}, 'stage1': {'k': {'at': '0x40010000',"             \
	"'size': '" size "', 'map': [" leaf "],\n'msi-window': 'edu'}}, 'steps': [\n" steps "]}"
#define LEAF(iova) "{'iova': '" iova "', 'ipa': '0x40080000', 'size': '4K'}"
#define AGAIN	   DESTROY("stage1.k") "," CREATE("stage1.k")

Test(job_sequence, an_msi_window_that_is_known_is_mapped)
{
	static const struct refused_job jobs[] = {
		{ MSIS("64K", "", UNMAP("0x8000000", "1M") "," AGAIN), NULL, 0, NULL },
		{ MSIS("64K", "", MAP("map", "0x80ff000", "4K")), "steps[0].map", 3,
			"would fail with EEXIST: stage1.k: part of it is already mapped" },
		{ MSIS("64K", "", AGAIN ",\n" MAP("map", "0x80ff000", "4K")), "steps[2].map", 4,
			"would fail with EEXIST: stage1.k: part of it is already mapped" },
		{ MSIS("64K", "", MAP("map", "0x8100000", "4K")), NULL, 0, NULL },
		{ MSIS("16K", LEAF("4K"), ""), "stage1.k.msi-window", 2,
			"would fail with ENOSPC: the MSI window of devices.edu, 1M at 0x8000000, "
			"cannot be identity-mapped: the tables need more than \"size\" bytes" },
		{ MSIS("64K", LEAF("0x8001000"), ""), "stage1.k.msi-window", 2,
			"would fail with EEXIST: the MSI window of devices.edu, 1M at 0x8000000, "
			"cannot be identity-mapped: part of it is already mapped" },
	};

	expect_unfit(jobs, ARRAY_SIZE(jobs));
}

Test(job_sequence, an_msi_window_may_be_anywhere)
{
	static const struct refused_job jobs[] = {
		{ MSIS("64K", "", MAP("map", "4K", "5K")), "steps[0].map", 3,
			"iova, ipa and size must be multiples of the granule" },
	};
	static const char *const good[] = {
		MSIS("64K", "", UNMAP("0x8000000", "1M")),
		MSIS("64K", LEAF("4K"), MAP("map", "4K", "4K")),
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
	expect_taken(good, ARRAY_SIZE(good));
}

#define Y                                                                                          \
	"'vdevices': {'x': {'viommu': 'v', 'device': 'edu', 'vsid': 1},"                           \
	"'y': {'viommu': 'v', 'device': 'e2', 'vsid': 2}},"

Test(job_sequence, a_known_group_moves_as_one)
{
	static const struct refused_job jobs[] = {
		{ BASE "'attach': [{'device': 'edu', 'hwpt': 'flat'}, {'device': 'e2', 'hwpt': 'flat'}],"
		       "'steps': [{'attach': {'device': 'edu', 'hwpt': 'off'}},"
		       "{'destroy': {'object': 'hwpts.flat'}}]}",
			NULL, 0, NULL },
		{ BASE "'attach': [{'device': 'edu', 'ioas': 'other'}, {'device': 'e3', 'ioas': 'other'}],"
		       "'steps': [{'attach': {'device': 'edu', 'hwpt': 'off'}},"
		       "{'destroy': {'object': 'hwpts.flat'}},\n{'destroy': {'object': 'ioas.other'}}]}",
			"steps[2].destroy", 8,
			"would fail with EBUSY: devices.e3 is attached to it" },
		/* The doorbell is mapped for all of it. */
		{ BASE "'attach': [{'device': 'edu', 'hwpt': 'flat'}],"
		       "'irqs': {'i': {'device': 'e2', 'index': 'msi'}}}",
			NULL, 0, NULL },
		{ BASE "'attach': [{'device': 'edu', 'hwpt': 'flat'}],"
		       "'irqs': {\n'i': {'device': 'e3', 'index': 'msi'}}}",
			"irqs.i", 8,
			"would fail with ENOSPC: devices.e3 is not attached to anything that could map "
			"the doorbell" },
		/* Who joins it needs no vDEVICE. */
		{ BASE Y "'attach': [{'device': 'edu', 'hwpt': 's1'}],"
			 "'steps': [{'destroy': {'object': 'vdevices.y'}},"
			 "{'attach': {'device': 'e2', 'hwpt': 's1'}}]}",
			NULL, 0, NULL },
		{ BASE Y "'steps': [{'destroy': {'object': 'vdevices.y'}},\n"
			 "{'attach': {'device': 'edu', 'hwpt': 's1'}}]}",
			"steps[1].attach", 8,
			"would fail with ENOENT: devices.e2 has no vDEVICE in viommus.v at this point, but "
			"stage 1 needs one" },
	};

	expect_unfit(jobs, ARRAY_SIZE(jobs));
}

Test(job_sequence, an_attachment_fails_for_what_the_kernel_finds_first)
{
	static const struct refused_job jobs[] = {
		{ BASE X "'attach': [\n{'device': 'e3', 'hwpt': 's1'}]}", "attach[0]", 9,
			"would fail with EINVAL: hwpts.s1 is on another SMMU than devices.e3" },
		{ BASE "'attach': [{'device': 'edu', 'hwpt': 'flat'},\n{'device': 'e2', 'hwpt': 's1'}]}",
			"attach[1]", 8,
			"would fail with EINVAL: devices.edu is in the same IOMMU group "
			"and attached to hwpts.flat" },
		{ HEAD "'ioas': {'guest': {'map': [{'memory': 'ram', 'iova': '0x8000000'}]}, 'other': {}},"
		       "\n" HWPTS VIOMMUS TABLES "'attach': [{'device': 'e3', 'hwpt': 's1'}]}",
			"attach[0]", 7,
			"would fail with EADDRINUSE: ioas.guest has a mapping at 0x8000000, in this "
			"machine's MSI window" },
	};

	expect_unfit(jobs, ARRAY_SIZE(jobs));
}

#define RESERVED(steps) BASE "'attach': [{'device': 'edu', 'hwpt': 'off'}], 'steps': [\n" steps "]}"
#define COPY(iova)                                                                                 \
	"{'ioas-copy': {'ioas': 'guest', 'source': 'guest', 'source-iova': '0x40000000', 'iova': " \
	"'" iova "', 'size': '4K'}}"
#define WINDOW                                                                                     \
	"would fail with EINVAL: it is in the MSI window of this machine, 0x8000000-0x80fffff, "   \
	"which devices.edu keeps free in ioas.guest"
#define STAGE_2(last)                                                                              \
	"would fail with EINVAL: it ends at " last                                                 \
	", but hwpts.s2, a stage 2 of this machine, has 40 address bits"

Test(job_sequence, what_is_reserved_is_not_mapped)
{
	static const struct refused_job jobs[] = {
		{ RESERVED(IOAS_MAP_AT("0x80ff000")), "steps[0].ioas-map", 8, WINDOW },
		{ RESERVED(IOAS_MAP(", 'iova': '0x7f01000'")), "steps[0].ioas-map", 8, WINDOW },
		{ RESERVED(COPY("0x8000000")), "steps[0].ioas-copy", 8, WINDOW },
		{ RESERVED("{'ioas-map-bar': {'ioas': 'guest', 'device': 'e2', 'iova': '0x8000000',"
			   "'size': '4K'}}"),
			"steps[0].ioas-map-bar", 8, WINDOW },
		{ RESERVED(IOAS_MAP_AT("0x10000000000")), "steps[0].ioas-map", 8,
			STAGE_2("0x10000000fff") },
		{ RESERVED(COPY("0x10000000000")), "steps[0].ioas-copy", 8,
			STAGE_2("0x10000000fff") },
		{ RESERVED("{'ioas-allow': {'ioas': 'guest', 'ranges': ["
			   "{'start': '0x40000000', 'last': '0x10000000fff'}]}}"),
			"steps[0].ioas-allow", 8,
			"would fail with EADDRINUSE: 0x40000000-0x10000000fff are not all in the 40 bits "
			"of address of hwpts.s2, a stage 2 of this machine" },
		{ HEAD "'ioas': {'w': {'allow': [{'start': 0, 'last': '0x10000000fff'}]}}, 'hwpts': {\n"
		       "'p': {'device': 'edu', 'ioas': 'w', 'nest-parent': true}}}",
			"hwpts.p", 4,
			"would fail with EADDRINUSE: ioas.w allows 0x10000000fff, beyond the 40 "
			"address bits of stage 2 here" },
		/* What is to be copied is looked for first. */
		{ RESERVED(
			  "{'ioas-copy': {'ioas': 'guest', 'source': 'other', 'source-iova': 0, 'iova': "
			  "'0x8000000', 'size': '4K'}}"),
			"steps[0].ioas-copy", 8,
			"would fail with ENOENT: ioas.other does not map all of it" },
		{ RESERVED(IOAS_MAP_AT("0x7fff000") "," IOAS_MAP_AT("0x8100000") "," IOAS_MAP_AT(
			  "0xfffffff000")),
			NULL, 0, NULL },
		{ RESERVED("{'detach': {'device': 'edu'}}," IOAS_MAP_AT("0x8000000")), NULL, 0,
			NULL },
		/* A move in the same IOAS that fails takes away what is reserved. */
		{ RESERVED(
			  "{'attach': {'device': 'edu', 'hwpt': 's1'}, 'expect': {'errno': 'ENOENT'}}," IOAS_MAP_AT(
				  "0x8000000")),
			NULL, 0, NULL },
		{ RESERVED(
			  "{'attach': {'device': 'edu', 'hwpt': 's1'}, 'expect': {'errno': 'ENOENT'}},"
			  "{'attach': {'device': 'edu', 'ioas': 'other'}},"
			  "{'attach': {'device': 'edu', 'hwpt': 'off'}},\n" IOAS_MAP_AT(
				  "0x8000000")),
			"steps[3].ioas-map", 9, WINDOW },
	};

	expect_unfit(jobs, ARRAY_SIZE(jobs));
}

#define BY_PASID(attach)                                                                           \
	HEAD IOAS "'hwpts': {'p': {'device': 'edu', 'ioas': 'other', 'pasid': true},"              \
		  "'q': {'device': 'edu', 'ioas': 'other', 'pasid': true},"                        \
		  "'far': {'device': 'e3', 'ioas': 'other', 'pasid': true}}, 'attach': [\n" attach \
		  "]}"

Test(job_sequence, pasids_are_those_of_the_smmu_and_of_the_group)
{
	static const struct refused_job jobs[] = {
		{ BY_PASID("{'device': 'edu', 'hwpt': 'p', 'pasid': 15}"), NULL, 0, NULL },
		{ BY_PASID("{'device': 'edu', 'hwpt': 'p', 'pasid': 16}"), "attach[0]", 5,
			"would fail with EINVAL: PASID 16 is beyond the 4 bits of the SMMU of devices.edu "
			"in this machine" },
		{ BY_PASID("{'device': 'edu', 'hwpt': 'far', 'pasid': 1}"), "attach[0]", 5,
			"would fail with EINVAL: hwpts.far is on another SMMU than devices.edu" },
		/* Without SubstreamIDs a PASID has no effect, and any is taken. */
		{ BY_PASID("{'device': 'e3', 'hwpt': 'p', 'pasid': 16}"), NULL, 0, NULL },
		{ BY_PASID("{'device': 'edu', 'hwpt': 'p', 'pasid': 1},\n"
			   "{'device': 'e2', 'hwpt': 'q', 'pasid': 1}"),
			"attach[1]", 6,
			"would fail with EINVAL: devices.edu is in the same IOMMU group and has this PASID "
			"attached to hwpts.p" },
		{ BY_PASID(
			  "{'device': 'edu', 'hwpt': 'p', 'pasid': 1},"
			  "{'device': 'e2', 'hwpt': 'p', 'pasid': 1},"
			  "{'device': 'e2', 'hwpt': 'q', 'pasid': 1}], 'steps': ["
			  "{'destroy': {'object': 'hwpts.p'}},\n{'destroy': {'object': 'hwpts.q'}}"),
			"steps[1].destroy", 6,
			"would fail with EBUSY: PASID 1 of devices.edu is attached to it" },
	};

	expect_unfit(jobs, ARRAY_SIZE(jobs));
}

/* The paths of all errors, in the order of the document. */
Test(job_sequence, each_operation_that_would_fail_is_reported_and_not_its_consequences)
{
	static const struct {
		const char *text;
		const char *paths;
	} jobs[] = {
		{ STEPS("{'unmap': {'stage1': 'k', 'iova': '1M', 'size': '4K'}},\n"
			"{'destroy': {'object': 'hwpts.s2'}},\n"
			"{'invalidate': {'viommu': 'v', 'commands': [{'opcode': 'CFGI_STE'}]}}"),
			"steps[0].unmap, steps[1].destroy, steps[2].invalidate.commands[0]" },
		{ STEPS("{'detach': {'device': 'e2'}},\n{'detach': {'device': 'e3'}}"),
			"steps[0].detach, steps[1].detach" },
		/* What hangs on a vIOMMU that cannot be made is not judged. */
		{ HEAD IOAS
			"'viommus': {'v': {'device': 'edu', 'hwpt': 'p'}},\n"
			"'hwpts': {'p': {'device': 'edu', 'ioas': 'other'},\n"
			"'off': {'device': 'edu', 'viommu': 'v', 'ste': {'config': 'abort'}}},\n" X
			"'steps': [{'destroy': {'object': 'vdevices.x'}}]}",
			"viommus.v" },
		/* Nor are the others of its kind by what cannot be made. */
		{ QUEUES(QUEUE("q", "0", "0x40000000", "4K") ",\n" QUEUE(
				 "r", "1", "0x40001000", "4K") ",\n" QUEUE("s", "1", "0x40002000",
				 "4K") ",\n" QUEUE("t", "3", "0x40003000", "4K"),
			  "{'destroy': {'object': 'hw-queues.r'}},"
			  "{'destroy': {'object': 'hw-queues.q'}}"),
			"hw-queues.s" },
		{ VDEVICES("'a': {'viommu': 'v', 'device': 'edu', 'vsid': 1},\n"
			   "'b': {'viommu': 'v', 'device': 'edu', 'vsid': 2},\n"
			   "'c': {'viommu': 'v', 'device': 'e2', 'vsid': 2}"),
			"vdevices.b" },
		{ BASE "'veventqs': {'q': {'viommu': 'v'},\n'r': {'viommu': 'v'}}, 'steps': ["
		       "{'destroy': {'object': 'veventqs.q'}}, {'create': {'object': 'veventqs.q'}}]}",
			"veventqs.r" },
		/* Nor is what is attached by a device whose attachment fails. */
		{ BASE "'attach': [{'device': 'edu', 'hwpt': 's1'}],\n"
		       "'steps': [{'detach': {'device': 'edu'}}]}",
			"attach[0]" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++) {
		struct document_problem problem = { .message = "" };
		struct job *job = job_parsed(jobs[i].text);
		char found[512] = "";

		cr_expect_eq(job_check(job, &problem), -EINVAL);
		for (struct document_problem *one = &problem; one; one = one->next)
			text_append(found, sizeof(found), "%s%s", *found ? ", " : "", one->path);
		cr_expect_str_eq(
			found, jobs[i].paths, "%s\n  has mistakes at %s", jobs[i].text, found);
		document_problem_free(&problem);
		job_free(job);
	}
}
