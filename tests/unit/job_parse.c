// SPDX-License-Identifier: MIT
/* What a document may look like, whatever it means. */
#include "job_fixture.h"

Test(job_parse, an_empty_job_is_a_job)
{
	struct job *job = job_parsed("{'iommuctl': 1}");

	cr_expect_eq(job->version, 1);
	cr_expect_null(job->name);
	cr_expect_eq(job->steps.count, 0);
	cr_expect_eq(job->document->use_count, 0);
	job_free(job);
}

Test(job_parse, a_number_may_be_a_string_or_a_whole_real)
{
	static const char *const forms[] = { "4096", "'4096'", "'0x1000'", "'4K'", "4096.0",
		"4.096e3" };

	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		char text[128];
		struct job *job = NULL;

		snprintf(text, sizeof(text),
			"{'iommuctl': 1, 'memory': {'ram': {'size': %s, 'ipa': 0}}}", forms[i]);
		job = job_parsed(text);
		cr_expect_eq(((struct job_memory *)job->objects[JOB_MEMORY].items)->size, 4096,
			"%s", forms[i]);
		job_free(job);
	}
}

Test(job_parse, what_is_not_given_has_its_fallback)
{
	struct job *job = job_parsed(
		"{'iommuctl': 1,"
		"'memory': {'ram': {'size': '1M', 'ipa': '0x1000'}},"
		"'ioas': {'guest': {'map': [{'memory': 'ram'}]}},"
		"'stage1': {'kernel': {'at': 0, 'map': [{'iova': 0, 'ipa': 0, 'size': '4K'}]}}}");
	const struct job_ioas *ioas = job->objects[JOB_IOAS].items;
	const struct job_ioas_map *map = ioas->map.items;
	const struct job_stage1 *stage1 = job->objects[JOB_STAGE1].items;
	const struct job_leaf *leaf = stage1->map.items;

	cr_expect_eq(map->iova, DOCUMENT_UNSET);
	cr_expect_eq(job_ioas_map_iova(map), 0x1000);
	cr_expect_eq(job_ioas_map_length(map), 1 << 20);
	cr_expect_eq(map->prot, JOB_PROT_READ | JOB_PROT_WRITE);
	cr_expect_eq(stage1->granule, 4096);
	cr_expect_eq(stage1->va_bits, 48);
	cr_expect(leaf->access_flag);
	cr_expect_not(leaf->privileged);
	cr_expect_eq(leaf->attr, JOB_ATTR_NORMAL);
	job_free(job);
}

Test(job_parse, a_reference_finds_its_object_before_or_after_it)
{
	struct job *job = job_parsed(
		"{'iommuctl': 1,"
		"'hwpts': {'b': {'device': 'y', 'ioas': 'i'}, 'a': {'device': 'x', 'ioas': 'i'}},"
		"'ioas': {'j': {}, 'i': {}},"
		"'devices': {'y': {'pci': '00:02.0'}, 'x': {'pci': '00:01.0'}}}");
	const struct job_hwpt *hwpts = job->objects[JOB_HWPTS].items;

	cr_assert_eq(job->objects[JOB_HWPTS].count, 2);
	cr_expect_str_eq(hwpts[0].object.name, "b");
	cr_expect_eq(hwpts[0].device.target, document_object_at(job->document, JOB_DEVICES, 0));
	cr_expect_eq(hwpts[1].device.target, document_object_at(job->document, JOB_DEVICES, 1));
	cr_expect_eq(hwpts[1].ioas.target, document_object_at(job->document, JOB_IOAS, 1));
	cr_expect_null(hwpts[1].viommu.target);
	job_free(job);
}

Test(job_parse, an_object_is_found_by_its_name_or_its_label)
{
	struct job *job = job_parsed(
		"{'iommuctl': 1, 'ioas': {'c': {}, 'a': {}, 'b-1': {}}, 'cd-tables': {}}");

	cr_expect_eq(document_find(job->document, JOB_IOAS, "a"),
		document_object_at(job->document, JOB_IOAS, 1));
	cr_expect_eq(document_find_labelled(job->document, "ioas.b-1"),
		document_object_at(job->document, JOB_IOAS, 2));
	cr_expect_null(document_find(job->document, JOB_IOAS, "b"));
	cr_expect_null(document_find(job->document, JOB_CD_TABLES, "a"));
	cr_expect_null(document_find_labelled(job->document, "ioas"));
	cr_expect_null(document_find_labelled(job->document, "ioas."));
	cr_expect_null(document_find_labelled(job->document, ".a"));
	cr_expect_null(document_find_labelled(job->document, "cd-tables.a"));
	cr_expect_null(document_find_labelled(job->document, "ioas.a.b"));
	job_free(job);
}

Test(job_parse, the_uses_of_an_object_are_neighbours)
{
	struct job *job = job_parsed(
		"{'iommuctl': 1,"
		"'devices': {'d': {'pci': '00:01.0'}}, 'ioas': {'i': {}},"
		"'hwpts': {'a': {'device': 'd', 'ioas': 'i'}, 'b': {'ioas': 'i', 'device': 'd'}},"
		"'attach': [{'device': 'd', 'hwpt': 'a'}]}");
	const struct document_object *b = document_object_at(job->document, JOB_HWPTS, 1);

	cr_assert_eq(b->use_count, 2);
	for (size_t i = 0; i < b->use_count; i++)
		cr_expect_eq(job->document->uses[b->first_use + i].user, b);
	cr_expect_eq(job->document->use_count, 6);
	cr_expect_null(job->document->uses[5].user);
	job_free(job);
}

Test(job_parse, a_field_is_a_number_a_name_or_if_it_is_one_bit_a_boolean)
{
	struct job *job = job_parsed(
		"{'iommuctl': 1, 'devices': {'d': {'pci': '00:01.0'}},"
		"'hwpts': {'h': {'device': 'd', 'viommu': 'v',"
		"'ste': {'config': 's1', 's1dss': '0x2', 'eats': 1, 's1stalld': true}}},"
		"'viommus': {'v': {'device': 'd', 'hwpt': 'h'}}}");
	const struct job_hwpt *hwpt = job->objects[JOB_HWPTS].items;
	const struct document_field *fields = hwpt->ste->fields.items;
	static const struct {
		const char *name;
		uint64_t value;
	} expected[] = { { "Config", 5 }, { "S1DSS", 2 }, { "EATS", 1 }, { "S1STALLD", 1 } };

	cr_assert_eq(hwpt->ste->fields.count, ARRAY_SIZE(expected));
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		cr_expect_str_eq(fields[i].name, expected[i].name);
		cr_expect_eq(fields[i].value, expected[i].value, "%s", expected[i].name);
	}
	job_free(job);
}

#define HEAD "{'iommuctl': 1,\n"

Test(job_parse, a_value_of_the_wrong_type_is_refused)
{
	static const struct refused_job jobs[] = {
		{ "[]", "", 1, "must be an object, not an array" },
		{ "{'iommuctl': null}", "iommuctl", 1,
			"must be a number, or a string such as \"0x1000\" or \"16M\", not null" },
		{ "{'iommuctl': 1.5}", "iommuctl", 1, "is 1.5; must be a whole number" },
		{ "{'iommuctl': '1 '}", "iommuctl", 1,
			"\"1 \": a number has nothing between its digits, nor around them" },
		{ HEAD "'name': 1}", "name", 2, "must be a string, not a number" },
		{ HEAD "'memory': []}", "memory", 2,
			"must be an object whose keys are names, not an array" },
		{ HEAD "'memory': {'ram': 'big'}}", "memory.ram", 2,
			"must be an object, not a string" },
		{ HEAD "'steps': {}}", "steps", 2, "must be an array, not an object" },
		{ HEAD "'steps': [\n1]}", "steps[0]", 3, "must be an object, not a number" },
		{ HEAD "'steps': [{'write': [1]}]}", "steps[0].write", 2,
			"must be an object, not an array" },
		{ HEAD "'steps': [{'write': {'ipa': 0, 'text': 7}}]}", "steps[0].write.text", 2,
			"must be a string, not a number" },
		{ HEAD "'steps': [{'write': {'ipa': 0, 'hex': '0'}}]}", "steps[0].write.hex", 2,
			"must be pairs of hexadecimal digits" },
		{ HEAD "'ioas': {'i': {'map': [{'memory': 7}]}}}", "ioas.i.map[0].memory", 2,
			"must be a string, not a number" },
		{ HEAD "'ioas': {'i': {'map': [{'memory': 'm', 'prot': 'rr'}]}}}",
			"ioas.i.map[0].prot", 2, "must be letters of \"rw\", each once" },
		{ HEAD "'ioas': {'i': {'map': [{'memory': 'm', 'prot': 'x'}]}}}",
			"ioas.i.map[0].prot", 2, "must be letters of \"rw\", each once" },
		{ HEAD "'ioas': {'i': {'map': [{'memory': 'm', 'prot': ''}]}}}",
			"ioas.i.map[0].prot", 2, "must be letters of \"rw\", each once" },
		{ HEAD "'ioas': {'i': {'map': [{'memory': 'm', 'prot': 3}]}}}",
			"ioas.i.map[0].prot", 2, "must be letters of \"rw\", each once" },
		{ HEAD "'stage1': {'s': {'at': 0, 'granule': 4096}}}", "stage1.s.granule", 2,
			"must be one of \"4K\", \"16K\", \"64K\", not a number" },
		{ HEAD "'hwpts': {'h': {'nest-parent': 1}}}", "hwpts.h.nest-parent", 2,
			"must be true or false, not a number" },
		{ HEAD "'hwpts': {'h': {'ste': {'words': [1]}}}}", "hwpts.h.ste.words", 2,
			"must be an array of 2 numbers; it has 1" },
		{ HEAD "'hwpts': {'h': {'ste': {'words': [1,\n\ntrue]}}}}", "hwpts.h.ste.words[1]",
			4,
			"must be a number, or a string such as \"0x1000\" or \"16M\", not true" },
		{ HEAD "'hwpts': {'h': {'ste': {'config': 'S1'}}}}", "hwpts.h.ste.config", 2,
			"must be a number or one of \"abort\", \"bypass\", \"s1\", \"s2\", \"s1s2\"" },
		{ HEAD "'hwpts': {'h': {'ste': {'config': true}}}}", "hwpts.h.ste.config", 2,
			"must be a number, or a string such as \"0x1000\" or \"16M\", not true" },
	};

	expect_unparsed(jobs, ARRAY_SIZE(jobs));
}

Test(job_parse, a_number_outside_of_its_range_is_refused)
{
	static const struct refused_job jobs[] = {
		{ "{'iommuctl': 2}", "iommuctl", 1, "is 2; must be 1" },
		{ "{'iommuctl': -1}", "iommuctl", 1, "is -1; must not be negative" },
		{ "{'iommuctl': '16777216T'}", "iommuctl", 1, "is too large for 64 bits" },
		{ HEAD "'memory': {'ram': {'size': 4095, 'ipa': 0}}}", "memory.ram.size", 2,
			"is 4095; must be from 4K to 1T" },
		{ HEAD "'stage1': {'k': {'at': 0, 'size': '65M'}}}", "stage1.k.size", 2,
			"is 65M; must be from 4K to 64M" },
		{ HEAD "'cd-tables': {'c': {'at': 0, 'size': '65M'}}}", "cd-tables.c.size", 2,
			"is 65M; must be from 1 to 64M" },
		{ HEAD "'memory': {'ram': {'size': '4K', 'ipa': '0x10000000000000'}}}",
			"memory.ram.ipa", 2,
			"is 0x10000000000000; must be from 0 to 0xfffffffffffff" },
		{ HEAD "'ioas': {'i': {'map': [{'memory': 'm', 'iova': '0xffffffffffffffff'}]}}}",
			"ioas.i.map[0].iova", 2,
			"is 0xffffffffffffffff; must be from 0 to 0xfffffffffffffffe" },
		{ HEAD "'steps': [{'write': {'ipa': 0, 'text': ''}}]}", "steps[0].write.text", 2,
			"holds 0 bytes; must be 1 to 4096" },
		{ HEAD "'steps': [{'write': {'ipa': 0, 'hex': '  '}}]}", "steps[0].write.hex", 2,
			"holds 0 bytes; must be 1 to 4096" },
	};

	expect_unparsed(jobs, ARRAY_SIZE(jobs));
}

Test(job_parse, keys_are_known_complete_and_exclusive)
{
	static const struct refused_job jobs[] = {
		{ "{}", "", 1, "\"iommuctl\" is missing" },
		{ HEAD "'Memory': {}}", "Memory", 2,
			"unknown key; a job has iommuctl, name, description, backend, rlimit-mode, memory, devices, ioas, "
			"fault-queues, hwpts, viommus, vdevices, veventqs, hw-queues, stage1, cd-tables, irqs, "
			"attach, steps, $schema" },
		{ HEAD "'memory': {'ram': {\n'size': '4K', 'ipa': 0,\n'at': 1}}}", "memory.ram.at",
			4, "unknown key; a memory has size, ipa" },
		{ HEAD "'memory': {\n'ram': {'size': '4K'}}}", "memory.ram", 3,
			"\"ipa\" is missing" },
		{ HEAD "'hwpts': {'h': {'ste': {'s2vmid': 1}}}}", "hwpts.h.ste.s2vmid", 2,
			"unknown key; an ste has cd-table, words, unchecked, and the fields of an STE in "
			"lower case" },
		{ HEAD "'hwpts': {'h': {'ste': {'CONFIG': 1}}}}", "hwpts.h.ste.CONFIG", 2,
			"unknown key; an ste has cd-table, words, unchecked, and the fields of an STE in "
			"lower case" },
		{ HEAD "'devices': {'d': {}}}", "devices.d", 2,
			"one of \"pci\", \"select\", \"netdev\", \"mock\", \"machine\" is missing" },
		{ HEAD "'devices': {'d': {'pci': 'a', 'netdev': 'b'}}}", "devices.d", 2,
			"\"pci\" and \"netdev\" are mutually exclusive" },
		{ HEAD "'steps': [{'name': 'idle'}]}", "steps[0]", 2,
			"one of \"write\", \"check\", \"dma\", \"map\", \"remap\", \"unmap\", \"ioas-map\", "
			"\"ioas-map-bar\", \"ioas-unmap\", \"ioas-copy\", \"ioas-allow\", \"ioas-ranges\", "
			"\"hwpt-dirty-tracking\", \"hwpt-dirty-bitmap\", \"set-cd\", \"invalidate\", "
			"\"invalidate-hwpt\", \"attach\", \"detach\", \"reset\", \"low-power\", \"unplug\", \"event\", "
			"\"no-event\", \"page-fault\", "
			"\"no-page-fault\", \"page-response\", \"trigger-msi\", \"create\", \"destroy\", \"mock\" is "
			"missing" },
		{ HEAD "'steps': [{'create': {'object': 'a'}, 'destroy': {'object': 'b'}}]}",
			"steps[0]", 2, "\"create\" and \"destroy\" are mutually exclusive" },
		{ HEAD "'name': 'a',\n'name': 'b'}", "name", 3,
			"this key is given twice: first on line 2, column 1" },
	};

	expect_unparsed(jobs, ARRAY_SIZE(jobs));
}

#define BAD_NAME                                                                                   \
	"is not a name: letters, digits, \"-\" and \"_\", 64 at most, not beginning with a digit or \"-\""
#define SIXTEEN	   "sixteen_letters_"
#define SIXTY_FOUR SIXTEEN SIXTEEN SIXTEEN SIXTEEN

Test(job_parse, a_name_is_short_and_plain)
{
	static const struct refused_job jobs[] = {
		{ HEAD "'ioas': {'': {}}}", "ioas.\"\"", 2, BAD_NAME },
		{ HEAD "'ioas': {'1a': {}}}", "ioas.1a", 2, BAD_NAME },
		{ HEAD "'ioas': {'-a': {}}}", "ioas.-a", 2, BAD_NAME },
		{ HEAD "'ioas': {'a.b': {}}}", "ioas.\"a.b\"", 2, BAD_NAME },
		{ HEAD "'ioas': {'a b': {}}}", "ioas.\"a b\"", 2, BAD_NAME },
		{ HEAD "'ioas': {'é': {}}}", "ioas.\"é\"", 2, BAD_NAME },
		{ HEAD "'ioas': {'" SIXTY_FOUR "5': {}}}", "ioas." SIXTY_FOUR "5", 2, BAD_NAME },
	};
	struct job *job = job_parsed(HEAD "'ioas': {'" SIXTY_FOUR "': {}, '_': {}, 'A-9_': {}}}");

	cr_expect_eq(job->objects[JOB_IOAS].count, 3);
	job_free(job);
	expect_unparsed(jobs, ARRAY_SIZE(jobs));
}

Test(job_parse, a_reference_to_nothing_is_refused)
{
	static const struct refused_job jobs[] = {
		{ HEAD "'ioas': {'i': {'map': [{\n'memory': 'ram'}]}}}", "ioas.i.map[0].memory", 3,
			"\"ram\" is not one of memory" },
		{ HEAD "'ioas': {'ram': {}},\n'attach': [{'device':\n\n'ram', 'ioas': 'ram'}]}",
			"attach[0].device", 5, "\"ram\" is not one of devices" },
		{ HEAD "'ioas': {'ram': {}},\n'steps': [{'ioas-unmap': {'ioas': 'Ram', 'iova': 0, "
		       "'size': 1}}]}",
			"steps[0].ioas-unmap.ioas", 3, "\"Ram\" is not one of ioas" },
	};

	expect_unparsed(jobs, ARRAY_SIZE(jobs));
}

Test(job_parse, what_is_no_json_is_refused_with_its_line)
{
	static const struct refused_job jobs[] = {
		{ "", "", 1, "the document is empty; a JSON object was expected" },
		{ "{\n'iommuctl': 1,\n}", "", 2, "a comma after the last key" },
		{ "{'iommuctl': 1,\n'name': 'a\\u0000b'}", "", 2,
			"\\u0000: no string here can hold NUL" },
		{ "{'iommuctl': 1,\n'name': 'a\xff'}", "", 2, "byte 0xff is not UTF-8" },
		{ "{'iommuctl': 1}\n\n1", "", 3, "'1' after the end of the document" },
	};

	expect_unparsed(jobs, ARRAY_SIZE(jobs));
}

Test(job_parse, a_number_that_json_cannot_hold_is_an_error_like_others)
{
	static const struct refused_job jobs[] = {
		{ "{\n'iommuctl': 18446744073709551616}", "iommuctl", 2,
			"is too large for 64 bits" },
		{ "{\n'iommuctl': 1e999}", "iommuctl", 2, "is too large for 64 bits" },
		{ "{\n'iommuctl': -9223372036854775809}", "iommuctl", 2,
			"is -9223372036854775809; must not be negative" },
		{ "{\n'iommuctl': 9223372036854775808}", "iommuctl", 2,
			"is 9223372036854775808; a number that is not a string is 9223372036854775807 at "
			"most" },
		{ HEAD "'name': 18446744073709551616}", "name", 2,
			"must be a string, not a number" },
	};

	expect_unparsed(jobs, ARRAY_SIZE(jobs));
}

Test(job_parse, a_nul_byte_ends_nothing)
{
	static const char text[] = "{'iommuctl': 1}\0{}";
	struct document_problem problem = { .message = "" };
	struct job *job;

	cr_expect_eq(job_try(text, sizeof(text) - 1, &job, &problem), -EINVAL);
	cr_expect_eq(problem.line, 1);
}

Test(job_parse, ten_megabytes_of_brackets_are_refused)
{
	static const char *const openings[] = { "[", "{'a':", "{'memory':{'m':[", "[[],", "'" };

	for (size_t i = 0; i < ARRAY_SIZE(openings); i++) {
		size_t length = strlen(openings[i]), size = (10u << 20) / length * length;
		char *text = malloc(size);
		struct document_problem problem = { .message = "" };
		struct job *job = NULL;

		for (size_t at = 0; at < size; at += length)
			memcpy(text + at, openings[i], length);
		cr_expect_eq(job_try(text, size, &job, &problem), -EINVAL, "%s", openings[i]);
		cr_expect_eq(problem.line, 1, "%s", openings[i]);
		cr_expect_neq(problem.message[0], '\0', "%s", openings[i]);
		document_problem_free(&problem);
		job_free(job);
		free(text);
	}
}

Test(job_parse, too_many_of_anything_are_refused)
{
	static const struct {
		const char *head, *element, *tail, *path, *message;
		size_t count;
	} cases[] = {
		{ HEAD "'attach': [", "1,", "1]}", "attach",
			"holds 1025 elements; at most 1024 are allowed", 1024 },
		{ HEAD "'steps': [", "1,", "1]}", "steps",
			"holds 65537 elements; at most 65536 are allowed", 65536 },
		{ HEAD "'ioas': {'a': {'map': [", "1,", "1]}}}", "ioas.a.map",
			"holds 65537 elements; at most 65536 are allowed", 65536 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = malloc(strlen(cases[i].head) + 2 * cases[i].count + 8);
		struct document_problem problem = { .message = "" };
		struct job *job = NULL;
		char *at = stpcpy(text, cases[i].head);

		for (size_t n = 0; n < cases[i].count; n++)
			at = stpcpy(at, cases[i].element);
		strcpy(at, cases[i].tail);
		cr_expect_eq(job_try(text, strlen(text), &job, &problem), -EINVAL);
		cr_expect_str_eq(problem.path, cases[i].path);
		cr_expect_str_eq(problem.message, cases[i].message);
		document_problem_free(&problem);
		job_free(job);
		free(text);
	}
}

Test(job_parse, a_file_that_cannot_be_read_is_no_wrong_document)
{
	struct document_problem problem = { .message = "" };
	struct job *job;

	cr_expect_eq(job_read("/nonexistent/job.json", &job, &problem), -ENOENT);
	cr_expect_eq(job_read("/", &job, &problem), -EISDIR);
	cr_expect_str_empty(problem.message);
}
