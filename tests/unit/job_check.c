// SPDX-License-Identifier: MIT
/* What parses but makes no sense: found before anything is opened. */
#include "job_fixture.h"

#define HEAD "{'iommuctl': 1,\n"
#define RAM  "'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},\n"
#define EDU  "'devices': {'edu': {'pci': '00:01.0'}},\n"
#define NEST                                                                                       \
	EDU "'ioas': {'guest': {}},\n"                                                             \
	    "'viommus': {'v': {'device': 'edu', 'hwpt': 's2'}},\n"
#define S2 "'s2': {'device': 'edu', 'ioas': 'guest', 'nest-parent': true}"

Test(job_check, memories_are_whole_pages_in_52_bits_and_apart)
{
	static const struct refused_job jobs[] = {
		{ HEAD "'memory': {'a': {'size': 4097, 'ipa': 0}}}", "memory.a", 2,
			"size and ipa must be multiples of 4K" },
		{ HEAD "'memory': {'a': {'size': '4K', 'ipa': 1}}}", "memory.a", 2,
			"size and ipa must be multiples of 4K" },
		{ HEAD "'memory': {'a': {'size': '8K', 'ipa': '0xffffffffff000'}}}", "memory.a", 2,
			"ends beyond the 52-bit address space" },
		{ HEAD "'memory': {'a': {'size': '8K', 'ipa': '4K'},\n"
		       "'b': {'size': '4K', 'ipa': '8K'}}}",
			"memory.b", 3, "overlaps memory.a" },
		{ HEAD "'memory': {'b': {'size': '4K', 'ipa': '8K'},\n"
		       "'a': {'size': '1M', 'ipa': 0}}}",
			"memory.a", 3, "overlaps memory.b" },
		{ HEAD "'memory': {'a': {'size': '1M', 'ipa': 0}, 'c': {'size': '4K', 'ipa': '1M'},\n"
		       "'b': {'size': '4K', 'ipa': 0}}}",
			"memory.b", 3, "overlaps memory.a" },
	};
	struct job *job = job_checked(HEAD
		"'memory': {'b': {'size': '4K', 'ipa': '8K'},"
		"'a': {'size': '4K', 'ipa': '4K'}, 'c': {'size': '4K', 'ipa': '0xffffffffff000'}}}");

	job_free(job);
	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

Test(job_check, devices_have_an_address_each)
{
	static const struct refused_job jobs[] = {
		{ HEAD "'devices': {'a': {'pci': '1.0'}}}", "devices.a", 2,
			"\"1.0\" is not a PCI address such as 0000:00:01.0" },
		{ HEAD "'devices': {'a': {'pci': '0000:0A:01.0'},\n'n': {'netdev': 'x', 'vf': 0},\n"
		       "'b': {'pci': '0a:01.0'}}}",
			"devices.b", 4, "is the same device as devices.a" },
		{ HEAD "'devices': {'a': {'netdev': 'eth0'}}}", "devices.a", 2,
			"\"netdev\" needs \"vf\" and the reverse: the interface itself is in use by its driver" },
		{ HEAD "'devices': {'a': {'netdev': 'e', 'vf': 0},\n'b': {'netdev': 'e', 'vf': 1},\n"
		       "'c': {'netdev': 'e', 'vf': 0}}}",
			"devices.c", 4, "is the same device as devices.a" },
		{ HEAD "'devices': {'a': {'pci': '00:01.0'}, 'b': {'select': 'pci:0000:00:01.0'}}}",
			"devices.b", 2, "is the same device as devices.a" },
		{ HEAD "'devices': {'a': {'netdev': 'e', 'vf': 1}, 'b': {'select': 'netdev:e/vf/1'}}}",
			"devices.b", 2, "is the same device as devices.a" },
		{ HEAD "'devices': {'d': {'select': 'netdev:eth0'}}}", "devices.d", 2,
			"\"netdev:eth0\" is in use by its driver: name one of its virtual "
			"functions, netdev:eth0/vf/N" },
		{ HEAD "'devices': {'d': {'select': 'eth0'}}}", "devices.d", 2,
			"\"eth0\" does not name a device: an address (0000:00:01.0), vfioN, netdev:NAME, "
			"netdev:NAME/vf/N or pci:ADDRESS/vf/N was expected" },
		{ HEAD "'devices': {'d': {'select': 'vfio0', 'vf': 1}}}", "devices.d", 2,
			"\"netdev\" needs \"vf\" and the reverse: the interface itself is in use by its driver" },
		{ HEAD "'devices': {'a': {'pci': '00:01.0', 'vf': 1}}}", "devices.a", 2,
			"\"netdev\" needs \"vf\" and the reverse: the interface itself is in use by its driver" },
	};
	struct job *job = job_checked(HEAD
		"'devices': {'a': {'netdev': 'e', 'vf': 0},"
		"'b': {'netdev': 'e', 'vf': 1}, 'c': {'pci': '00:01.0'}, 'd': {'pci': '00:01.1'}}}");

	job_free(job);
	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

#define MAPS(maps) HEAD RAM "'ioas': {'i': {'map': [\n" maps "]}}}"

Test(job_check, mappings_of_an_ioas_are_pages_of_a_memory_and_apart)
{
	static const struct refused_job jobs[] = {
		{ MAPS("{'memory': 'ram', 'offset': '1M'}"), "ioas.i.map[0]", 4,
			"offset and length reach beyond the end of memory.ram, which has 1M" },
		{ MAPS("{'memory': 'ram', 'offset': '4K', 'length': '1M'}"), "ioas.i.map[0]", 4,
			"offset and length reach beyond the end of memory.ram, which has 1M" },
		{ MAPS("{'memory': 'ram', 'offset': '4K', 'length': '0xfffffffffffff000'}"),
			"ioas.i.map[0]", 4,
			"offset and length reach beyond the end of memory.ram, which has 1M" },
		{ MAPS("{'memory': 'ram', 'offset': 1}"), "ioas.i.map[0]", 4,
			"offset and length must be multiples of 4K" },
		{ MAPS("{'memory': 'ram', 'length': 100}"), "ioas.i.map[0]", 4,
			"offset and length must be multiples of 4K" },
		{ MAPS("{'memory': 'ram', 'iova': 1}"), "ioas.i.map[0]", 4,
			"iova must be a multiple of 4K" },
		{ MAPS("{'memory': 'ram', 'iova': '0xfffffffffff01000'}"), "ioas.i.map[0]", 4,
			"ends beyond the 64-bit address space" },
		{ MAPS("{'memory': 'ram'},\n{'memory': 'ram', 'iova': '0x400ff000'}"),
			"ioas.i.map[1]", 5, "overlaps map[0]" },
		{ MAPS("{'memory': 'ram', 'iova': '0xfffffffffff00000'},\n{'memory': 'ram'},\n"
		       "{'memory': 'ram', 'iova': '0xfffffffffffff000', 'length': '4K'}"),
			"ioas.i.map[2]", 6, "overlaps map[0]" },
	};
	struct job *job = job_checked(
		MAPS("{'memory': 'ram', 'iova': '0xfffffffffff00000'},"
		     "{'memory': 'ram', 'iova': 0}, {'memory': 'ram', 'iova': '1M', 'prot': 'w'}"));

	job_free(job);
	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

#define HWPTS(hwpts) HEAD NEST "'hwpts': {" S2 ",\n" hwpts "}}"
#define STE(ste)     HWPTS("'s1': {'device': 'edu', 'viommu': 'v', 'ste': {" ste "}}")
#define KERNEL_EIO(field)                                                                          \
	"IOMMU_HWPT_ALLOC would fail with EIO: STE word " field                                    \
	"; \"unchecked\": true leaves that to the kernel"

Test(job_check, an_hwpt_is_paging_or_nested)
{
	static const struct refused_job jobs[] = {
		{ HWPTS("'p': {'device': 'edu', 'ioas': 'guest', 'ste': {}}"), "hwpts.p", 6,
			"a paging HWPT has no ste; a nested one needs \"viommu\"" },
		{ HWPTS("'p': {'device': 'edu', 'viommu': 'v'}"), "hwpts.p", 6,
			"\"ste\" is missing" },
		{ HWPTS("'p': {'device': 'edu', 'viommu': 'v', 'ste': {}, 'dirty-tracking': true}"),
			"hwpts.p", 6, "nest-parent and dirty-tracking are for paging HWPTs" },
		{ HWPTS("'p': {'device': 'edu', 'viommu': 'v', 'ste': {}, 'pasid': true}"),
			"hwpts.p", 6,
			"a HWPT with an ste has no pasid: there, a PASID is a CD in the guest's table" },
		{ HWPTS("'p': {'device': 'edu', 'ioas': 'guest', 'mock': {'iotlb': 1}}"), "hwpts.p",
			6, "a paging HWPT has no mock; a nested one needs \"viommu\"" },
		{ HWPTS("'p': {'device': 'edu', 'viommu': 'v', 'mock': {'iotlb': 1}}"), "hwpts.p",
			6,
			"a HWPT nested in a vIOMMU of an SMMUv3 has an \"ste\", not a \"mock\"" },
		{ HWPTS("'p': {'device': 'edu', 'parent': 's2', 'vtd-s1': {'pgtbl-addr': 0}, "
			"'mock': {'iotlb': 1}}"),
			"hwpts.p", 6, "a HWPT with an ste or a mock needs \"viommu\"" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

Test(job_check, an_ste_that_the_kernel_refuses_is_explained)
{
	static const struct refused_job jobs[] = {
		{ STE("'config': 'bypass', 'eats': 2"), "hwpts.s1.ste", 6,
			KERNEL_EIO("1 bits 29:28 (EATS): a nested HWPT takes abort or full ATS") },
		{ STE("'config': 's2'"), "hwpts.s1.ste", 6,
			KERNEL_EIO(
				"0 bits 3:1 (Config): a nested HWPT is abort, bypass or S1; stage 2 is its "
				"parent's") },
		{ STE("'config': 'bypass', 'shcfg': 1"), "hwpts.s1.ste", 6,
			KERNEL_EIO("1 bits 45:44 (SHCFG): a nested HWPT does not take this") },
		{ STE("'words': ['0x9', '0x100000000000']"), "hwpts.s1.ste", 6,
			KERNEL_EIO("1 bits 45:44 (SHCFG): a nested HWPT does not take this") },
		{ STE("'words': [9, 0], 'config': 4"), "hwpts.s1.ste", 6,
			"words exclude cd-table and fields" },
		{ STE("'config': 8"), "hwpts.s1.ste", 6,
			"STE: word 0 bits 3:1 (Config): the value does not fit" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

Test(job_check, an_ste_is_the_kernels_to_judge_when_unchecked_says_so)
{
	static const char *const jobs[] = {
		STE("'config': 's2', 'unchecked': true"),
		STE("'words': ['0x9', '0xffffffffffffffff'], 'unchecked': true"),
		STE("'v': 0, 'config': 's2'"),
	};

	for (size_t i = 0; i < ARRAY_SIZE(jobs); i++)
		job_free(job_checked(jobs[i]));
}

#define TABLES(stage1, cd_tables)                                                                  \
	HEAD RAM "'stage1': {\n" stage1 "},\n'cd-tables': {\n" cd_tables "}}"
#define NOT_ONE_MEMORY(size, ipa) "no memory holds " size " at IPA " ipa

Test(job_check, tables_are_in_guest_memory_and_apart)
{
	static const struct refused_job jobs[] = {
		{ TABLES("'k': {'at': '0x400c0000'}", ""), "stage1.k", 4,
			NOT_ONE_MEMORY("512K", "0x400c0000") },
		{ TABLES("'k': {'at': '0xfffffffffffff000'}", ""), "stage1.k", 4,
			NOT_ONE_MEMORY("512K", "0xfffffffffffff000") },
		{ TABLES("'k': {'at': '0x40000000', 'size': '8K'},\n"
			 "'l': {'at': '0x40001000', 'size': '8K'}",
			  ""),
			"stage1.l", 5, "overlaps stage1.k in guest memory" },
		{ TABLES("'k': {'at': '0x40000000', 'size': '8K'}", "'c': {'at': '0x40001fc0'}"),
			"cd-tables.c", 6, "overlaps stage1.k in guest memory" },
		{ TABLES("", "'c': {'at': '0x40000000', 's1cdmax': 20}"), "cd-tables.c", 6,
			NOT_ONE_MEMORY("64M", "0x40000000") },
		{ TABLES("", "'c': {'at': '0x40000000', 'size': 32}"), "cd-tables.c", 6,
			"\"size\" is too small for the table" },
		{ TABLES("", "'c': {'at': '0x40000020'}"), "cd-tables.c", 6,
			"\"at\" is not aligned to the size of the table" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

#define STAGE1(more) TABLES("'k': {'at': '0x40000000', 'size': '64K'" more "}", "")
#define LEAF(leaf)   STAGE1(", 'map': [\n{'iova': 0, 'ipa': 0, 'size': '4K'},\n{" leaf "}]")
#define GRANULE	     "iova, ipa and size must be multiples of the granule, and prot must have \"r\""

Test(job_check, mappings_of_stage_1_can_be_laid_out)
{
	static const struct refused_job jobs[] = {
		{ STAGE1(", 'pa-bits': 33"), "stage1.k", 4,
			"at and size must be multiples of the granule, and pa-bits one of 32, 36, 40, 42, "
			"44, 48" },
		{ LEAF("'iova': 4096, 'ipa': 1, 'size': '4K'"), "stage1.k.map[1]", 6, GRANULE },
		{ LEAF("'iova': 4096, 'ipa': 0, 'size': 4097"), "stage1.k.map[1]", 6, GRANULE },
		{ LEAF("'iova': 4096, 'ipa': 0, 'size': '4K', 'prot': 'w'"), "stage1.k.map[1]", 6,
			GRANULE },
		{ LEAF("'iova': '0x1000000000000', 'ipa': 0, 'size': '4K'"), "stage1.k.map[1]", 6,
			"an address does not fit va-bits or pa-bits" },
		{ LEAF("'iova': 4096, 'ipa': '0xfffffffffffff000', 'size': '8K'"),
			"stage1.k.map[1]", 6, "an address does not fit va-bits or pa-bits" },
		{ LEAF("'iova': 0, 'ipa': '4K', 'size': '4K'"), "stage1.k.map[1]", 6,
			"overlaps an earlier mapping" },
		{ LEAF("'iova': '4K', 'ipa': 0, 'size': '128T'"), "stage1.k.map[1]", 6,
			"an address does not fit va-bits or pa-bits" },
		{ LEAF("'iova': '4K', 'ipa': '8K', 'size': '512G'"), "stage1.k.map[1]", 6,
			"the tables need more than \"size\" bytes" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

#define CONTEXTS(more, contexts)                                                                   \
	TABLES("'k': {'at': '0x40080000'}",                                                        \
		"'c': {'at': '0x40000000'" more ", 'contexts': [\n" contexts "]}")

Test(job_check, contexts_have_an_ssid_each_and_fields_that_fit)
{
	static const struct refused_job jobs[] = {
		{ CONTEXTS("", "{'ssid': 1, 'stage1': 'k'}"), "cd-tables.c.contexts[0]", 7,
			"s1cdmax does not allow the SSID" },
		{ CONTEXTS(", 's1cdmax': 2", "{'stage1': 'k'},\n{'ssid': 3, 'stage1': 'k'},\n"
					     "{'ssid': 3, 'stage1': 'k'}"),
			"cd-tables.c.contexts[2]", 9, "SSID 3 already has contexts[1]" },
		{ CONTEXTS("", "{'stage1': 'k', 't0sz': 64}"), "cd-tables.c.contexts[0]", 7,
			"CD: word 0 bits 5:0 (T0SZ): the value does not fit" },
		{ CONTEXTS(", 's1cdmax': 7, 's1fmt': '4k-l2', 'size': '8K'",
			  "{'ssid': 0, 'stage1': 'k'},\n{'ssid': 64, 'stage1': 'k'}"),
			"cd-tables.c.contexts[1]", 8, "\"size\" is too small for the table" },
		{ CONTEXTS(", 's1cdmax': 6, 's1fmt': '4k-l2'",
			  "{'ssid': 0, 'stage1': 'k'},\n{'ssid': 64, 'stage1': 'k'}"),
			"cd-tables.c", 6, "has more contexts than s1cdmax 6 allows" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

#define STEP(step)                                                                                               \
	HEAD RAM NEST                                                                                            \
		"'hwpts': {" S2 "},\n'veventqs': {'q': {'viommu': 'v'}},"                                        \
		"'stage1': {'k': {'at': '0x40080000'}}, 'cd-tables': {'c': {'at': '0x40000000', 's1cdmax': 2}}," \
		"'steps': [\n" step "]}"
#define INVALIDATE(command) STEP("{'invalidate': {'viommu': 'v', 'commands': [\n" command "]}}")

Test(job_check, steps_stay_in_guest_memory)
{
	static const struct refused_job jobs[] = {
		{ STEP("{'write': {'ipa': '0x400fffff', 'text': 'ab'}}"), "steps[0].write", 8,
			NOT_ONE_MEMORY("2 bytes", "0x400fffff") },
		{ STEP("{'check': {'ipa': '0x3fffffff', 'hex': '00 00'}}"), "steps[0].check", 8,
			NOT_ONE_MEMORY("2 bytes", "0x3fffffff") },
		{ STEP("{'write': {'ipa': '0xfffffffffffffffe', 'text': 'abc'}}"), "steps[0].write",
			8, NOT_ONE_MEMORY("3 bytes", "0xfffffffffffffffe") },
		{ STEP("{'dma': {'device': 'edu', 'to': 0, 'expect': {'ipa': 0, 'text': 'a'}}}"),
			"steps[0].dma", 8, NOT_ONE_MEMORY("1 byte", "0x0") },
		{ STEP("{'ioas-map': {'ioas': 'guest', 'map': {'memory': 'ram', 'iova': 1}}}"),
			"steps[0].ioas-map.map", 8, "iova must be a multiple of 4K" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

Test(job_check, a_step_maps_what_its_stage_1_can_translate)
{
	static const struct refused_job jobs[] = {
		{ STEP("{'map': {'stage1': 'k', 'iova': 0, 'ipa': 0, 'size': '4K', 'prot': 'wx'}}"),
			"steps[0].map", 8, "prot must have \"r\"" },
		{ STEP("{'remap': {'stage1': 'k', 'iova': 0, 'ipa': 1, 'size': '4K'}}"),
			"steps[0].remap", 8,
			"iova, ipa and size must be multiples of the granule" },
		{ STEP("{'map': {'stage1': 'k', 'iova': '256T', 'ipa': 0, 'size': '4K'}}"),
			"steps[0].map", 8, "an address does not fit va-bits or pa-bits" },
		{ STEP("{'map': {'stage1': 'k', 'iova': 0, 'ipa': '1T', 'size': '4K'}}"),
			"steps[0].map", 8, "an address does not fit va-bits or pa-bits" },
		{ STEP("{'map': {'stage1': 'k', 'iova': '0xfffffffffffff000', 'ipa': 0,"
		       "'size': '8K'}}"),
			"steps[0].map", 8, "an address does not fit va-bits or pa-bits" },
	};

	job_free(job_checked(STEP("{'map': {'stage1': 'k', 'iova': '0xfffffffff000',"
				  "'ipa': '0xfffffff000', 'size': '4K'}}")));
	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

Test(job_check, a_transfer_has_an_end_and_a_size)
{
	static const struct refused_job jobs[] = {
		{ STEP("{'dma': {'device': 'edu', 'size': 4}}"), "steps[0].dma", 8,
			"\"from\" or \"to\" is missing" },
		{ STEP("{'dma': {'device': 'edu', 'from': 0}}"), "steps[0].dma", 8,
			"\"size\" is missing" },
		{ STEP("{'dma': {'device': 'edu', 'from': 0,"
		       "'expect': {'ipa': '0x40000000', 'text': 'a'}}}"),
			"steps[0].dma", 8,
			"\"expect\" needs \"to\": the device's own buffer cannot be examined" },
		{ STEP("{'dma': {'device': 'edu', 'to': 0, 'size': 1,"
		       "'expect': {'ipa': '0x40000000', 'text': 'ab'}}}"),
			"steps[0].dma", 8, "\"size\" is less than what is expected" },
		{ STEP("{'dma': {'device': 'edu', 'to': 0, 'size': 1, 'expect': 'blocked'},"
		       "'expect': {'errno': 'EIO'}}"),
			"steps[0].dma", 8,
			"the outcome is given twice: the step has an \"expect\" as well" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

Test(job_check, commands_events_and_contexts_have_the_fields_of_their_type)
{
	static const struct refused_job jobs[] = {
		{ INVALIDATE("{'opcode': 'TLBI'}"), "steps[0].invalidate.commands[0]", 9,
			"no command is named \"TLBI\"" },
		{ INVALIDATE("{'opcode': 'TLBI_NH_ALL'},\n{'opcode': 'TLBI_NH_ALL',\n'leaf': 1}"),
			"steps[0].invalidate.commands[1].leaf", 11,
			"TLBI_NH_ALL has no such field" },
		{ INVALIDATE("{'opcode': 'TLBI_NH_ASID', 'asid': 65536}"),
			"steps[0].invalidate.commands[0].asid", 9,
			"0x10000 does not fit ASID of TLBI_NH_ASID" },
		{ INVALIDATE("{'opcode': 'TLBI_NH_VA', 'address': 1}"),
			"steps[0].invalidate.commands[0].address", 9,
			"0x1 does not fit Address of TLBI_NH_VA" },
		{ INVALIDATE("{'words': [0, 0], 'asid': 0}"), "steps[0].invalidate.commands[0]", 9,
			"\"words\" excludes fields" },
		{ STEP("{'event': {'veventq': 'q', 'type': 'F_NOTHING'}}"), "steps[0].event", 8,
			"no event is named \"F_NOTHING\"" },
		{ STEP("{'event': {'veventq': 'q', 'type': 'C_BAD_STE', 'inputaddr': 0}}"),
			"steps[0].event.inputaddr", 8, "C_BAD_STE has no such field" },
		{ STEP("{'event': {'veventq': 'q', 'type': 'F_ACCESS',\n'streamid': '4G'}}"),
			"steps[0].event.streamid", 9,
			"0x100000000 does not fit StreamID of F_ACCESS" },
		{ STEP("{'set-cd': {'cd-table': 'c', 'ssid': 4, 'stage1': 'k'}}"),
			"steps[0].set-cd", 8, "SSID 4 is beyond s1cdmax 2 of cd-tables.c" },
		{ STEP("{'set-cd': {'cd-table': 'c', 'words': [0,0,0,0,0,0,0,0], 'asid': 1}}"),
			"steps[0].set-cd", 8, "\"words\" excludes fields" },
		{ STEP("{'set-cd': {'cd-table': 'c', 'stage1': 'k', 'asid': 65536}}"),
			"steps[0].set-cd.asid", 8, "0x10000 does not fit ASID of a CD" },
		{ STEP("{'reset': {'device': 'edu'}, 'expect': {'errno': 'EWHAT'}}"),
			"steps[0].expect", 8, "\"EWHAT\" is not an errno" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

/* Two commands call a field Size, of 5 and of 6 bits. */
Test(job_check, a_field_is_as_wide_as_its_command_has_it)
{
	static const struct refused_job jobs[] = {
		{ INVALIDATE("{'opcode': 'ATC_INV', 'size': 64}"),
			"steps[0].invalidate.commands[0].size", 9,
			"0x40 does not fit Size of ATC_INV" },
		{ INVALIDATE("{'opcode': 'PREFETCH_ADDR', 'size': 52}"),
			"steps[0].invalidate.commands[0].size", 9,
			"0x34 does not fit Size of PREFETCH_ADDR" },
	};

	job_free(job_checked(STEP(
		"{'invalidate': {'viommu': 'v',"
		"'commands': [{'opcode': 'ATC_INV', 'size': 52}]}, 'expect': {'errno': 'EIO'}}")));
	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}
