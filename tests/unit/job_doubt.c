// SPDX-License-Identifier: MIT
/* Several errors in one document: each is reported once, without its consequences. */
#include "job_fixture.h"

#include "output/text.h"

#define HEAD "{'iommuctl': 1,\n"
#define GUEST                                                                                      \
	"'memory': {'ram': {'size': '1M', 'ipa': '0x40000000'}},\n"                                \
	"'devices': {'edu': {'pci': '0000:00:01.0'}},\n"

/* All errors of a document: in the syntax of values, then in their meaning. */
static void find_mistakes(const char *text, struct document_problem *problem)
{
	struct job *job = NULL;
	int err = job_try(text, strlen(text), &job, problem);

	cr_assert(err == 0 || err == -EINVAL, "%s", text);
	if (job)
		job_check(job, problem);
	job_free(job);
}

struct places {
	const char *text;
	const char *at; /* "line:column path" of each error, in order */
};

static void expect_places(const struct places *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct document_problem problem = { .message = "" };
		char found[512] = "";

		find_mistakes(cases[i].text, &problem);
		for (struct document_problem *one = problem.count ? &problem : NULL; one;
			one = one->next)
			text_append(found, sizeof(found), "%s%d:%d %s", *found ? ", " : "",
				one->line, one->column, one->path);
		cr_expect_str_eq(
			found, cases[i].at, "%s\n  has mistakes at %s", cases[i].text, found);
		document_problem_free(&problem);
	}
}

Test(job_doubt, independent_errors_come_in_document_order)
{
	static const struct places cases[] = {
		{ HEAD "'name': 1, 'backend': 'x',\n'colour': 'red'}",
			"2:9 name, 2:23 backend, 3:1 colour" },
		{ "{'devices': {'d': {}},\n'memory': {'m': {}}}",
			"1:1 , 1:19 devices.d, 2:17 memory.m, 2:17 memory.m" },
		{ HEAD "'attach': [{'device': 'a', 'ioas': 'b'}, 7, {'device': 'c', 'ioas': 'd'}]}",
			"2:23 attach[0].device, 2:36 attach[0].ioas, 2:42 attach[1], "
			"2:56 attach[2].device, 2:69 attach[2].ioas" },
		/* The second is of the meaning, and goes before the first, which is of a type. */
		{ HEAD GUEST
			"'ioas': {'i': {'map': [{'memory': 'ram', 'offset': 1}]}},\n'name': 1}",
			"4:24 ioas.i.map[0], 5:9 name" },
		{ HEAD GUEST "'steps': [{'write': {'ipa': 0, 'text': 'a'}},\n"
			     "{'write': {'ipa': 1, 'text': 'a'}, 'expect': {'errno': 'EWHAT'}}]}",
			"4:21 steps[0].write, 5:11 steps[1].write, 5:46 steps[1].expect" },
		{ HEAD "'stage1': {'a': {'at': 0}, 'b': {'at': 0}}}",
			"2:17 stage1.a, 2:33 stage1.b" },
		{ HEAD "'devices': {'a': {'pci': 'x'}, 'b': {'pci': 'y'}}}",
			"2:18 devices.a, 2:37 devices.b" },
		/* What is wrong with a list does not hide what is wrong in it. */
		{ HEAD GUEST "'stage1': {'k': {'at': '0x40080000'}},\n"
			     "'cd-tables': {'c': {'at': '0x40000000', 's1cdmax': 2, 'contexts': [\n"
			     "{'stage1': 'k', 't0sz': 99}, {'stage1': 'k'},\n"
			     "{'ssid': 1, 'stage1': 'k', 't0sz': 99}]}}}",
			"6:1 cd-tables.c.contexts[0], 6:30 cd-tables.c.contexts[1], "
			"7:1 cd-tables.c.contexts[2]" },
		{ HEAD GUEST
			"'ioas': {'i': {}},\n'hwpts': {'p': {'device': 'edu', 'ioas': 'i',"
			"'nest-parent': true}}, 'viommus': {'v': {'device': 'edu', 'hwpt': 'p'}},\n"
			"'steps': [{'invalidate': {'viommu': 'v', 'done': 2, 'commands': [\n"
			"{'opcode': 'TLBI_X'}]}}]}",
			"6:26 steps[0].invalidate, 7:1 steps[0].invalidate.commands[0]" },
		/* Characters, not bytes. */
		{ HEAD "'description': 'äöü€', 'name': 1}", "2:32 name" },
	};

	expect_places(cases, ARRAY_SIZE(cases));
}

Test(job_doubt, an_error_does_not_lead_to_others)
{
	static const struct places cases[] = {
		/* A key in the wrong spelling is not missed under the right one. */
		{ HEAD "'memory': {'m': {'sise': '4K', 'ipa': 0}}}", "2:18 memory.m.sise" },
		{ HEAD "'devices': {'d': {'pcie': 'x'}}}", "2:19 devices.d.pcie" },
		/* Nor are the names of a collection. */
		{ HEAD "'device': {'d': {'pci': '0000:00:01.0'}}, 'ioas': {'i': {}},\n"
		       "'attach': [{'device': 'd', 'ioas': 'i'}]}",
			"2:1 device" },
		{ HEAD "'memory': [], 'ioas': {'i': {'map': [{'memory': 'm'}]}}}", "2:11 memory" },
		{ HEAD "'ioa': {'i': {}}, 'steps': [{'destroy': {'object': 'ioas.i'}}]}",
			"2:1 ioa" },
		/* What is laid out in a memory of no size, what is mapped of it, what is written to it. */
		{ HEAD "'memory': {'ram': {'size': 'x', 'ipa': 0}}, 'stage1': {'s': {'at': 0}},\n"
		       "'ioas': {'i': {'map': [{'memory': 'ram', 'offset': 1}]}},\n"
		       "'steps': [{'write': {'ipa': 0, 'text': 'a'}}]}",
			"2:28 memory.ram.size" },
		/* What needs an object that is not there, at any distance. */
		{ HEAD GUEST "'hwpts': {'h': {'device': 'edu', 'ioas': 'none'}},\n"
			     "'viommus': {'v': {'device': 'edu', 'hwpt': 'h'}},\n"
			     "'veventqs': {'q': {'viommu': 'v'}}}",
			"4:42 hwpts.h.ioas" },
		{ HEAD GUEST "'viommus': {'v': {'device': 'edu', 'hwpt': 'none'}},\n"
			     "'vdevices': {'a': {'viommu': 'v', 'device': 'edu', 'vsid': 1},\n"
			     "'b': {'viommu': 'none', 'device': 'edu', 'vsid': 1}}}",
			"4:44 viommus.v.hwpt, 6:17 vdevices.b.viommu" },
		/* What goes round in a circle needs nothing else to be wrong. */
		{ HEAD GUEST "'hwpts': {'h': {'device': 'edu', 'viommu': 'v', 'ste': {}}},\n"
			     "'viommus': {'v': {'device': 'edu', 'hwpt': 'h'}}}",
			"4:16 hwpts.h" },
		/* A table whose stage 1 cannot be laid out. */
		{ HEAD GUEST
			"'stage1': {'s': {'at': '0x40000000', 'pa-bits': 33}},\n"
			"'cd-tables': {'c': {'at': '0x40080000', 'contexts': [{'stage1': 's'}]}}}",
			"4:17 stage1.s" },
		{ HEAD "'steps': [{'destroy': {'object': 'ioas.i'}}, {'create': 7}]}",
			"2:34 steps[0].destroy.object, 2:57 steps[1].create" },
		/* An object with an error, made by a step. */
		{ HEAD GUEST
			"'ioas': {'i': {}}, 'hwpts': {'p': {'device': 'edu', 'ioas': 'i', 'nest-parent': true},\n"
			"'h': {'viommu': 'v', 'ste': {}}}, 'viommus': {'v': {'device': 'edu', 'hwpt': 'p'}},\n"
			"'steps': [{'create': {'object': 'hwpts.h'}}]}",
			"5:6 hwpts.h" },
		/* What something doubtful was attached to, or made with, may be free by then. */
		{ HEAD GUEST
			"'ioas': {'i': {}, 'j': {'map': 1}}, 'attach': [{'device': 'edu', 'ioas': 'i'}],\n"
			"'steps': [{'attach': {'device': 'edu', 'ioas': 'j'}},\n"
			"{'destroy': {'object': 'ioas.i'}}]}",
			"4:32 ioas.j.map" },
		/* The same of what may have moved along. */
		{ HEAD "'devices': {'a': {'pci': '00:01.0'}, 'b': {'pci': '00:02.0'}},\n"
		       "'ioas': {'i': {}, 'j': {'map': 1}}, 'attach': [{'device': 'a', 'ioas': 'i'},"
		       "{'device': 'b', 'ioas': 'i'}],\n"
		       "'steps': [{'attach': {'device': 'a', 'ioas': 'j'}}, {'destroy': {'object': 'devices.a'}},\n"
		       "{'destroy': {'object': 'ioas.i'}}]}",
			"3:32 ioas.j.map" },
		{ HEAD GUEST
			"'ioas': {'i': {}}, 'hwpts': {'h': {'device': 'edu', 'ioas': 'i', 'nest-parent': 7}},\n"
			"'steps': [{'destroy': {'object': 'hwpts.h'}}, {'destroy': {'object': 'ioas.i'}}]}",
			"4:81 hwpts.h.nest-parent" },
	};

	expect_places(cases, ARRAY_SIZE(cases));
}

#define MAP "{'ioas-map': {'ioas': 'guest', 'map': {'memory': 'ram'}}}"

Test(job_doubt, operations_are_checked_as_far_as_they_are_known)
{
	static const struct places cases[] = {
		/* An error in a value does not hide what the kernel would refuse elsewhere. */
		{ HEAD GUEST "'name': 1, 'ioas': {'guest': {}, 'other': {}},\n'steps': [" MAP
			     ",\n" MAP "]}",
			"4:9 name, 6:14 steps[1].ioas-map" },
		{ HEAD GUEST "'ioas': {'guest': {}, 'other': {'map': 1}},\n'steps': [" MAP "," MAP
			     ",\n{'ioas-unmap': {'ioas': 'other', 'iova': 0, 'size': '4K'}}]}",
			"4:40 ioas.other.map, 5:82 steps[1].ioas-map" },
		/* After a step with an error, what it would have changed is not judged, ... */
		{ HEAD GUEST "'ioas': {'guest': {}, 'other': {}},\n'steps': [" MAP
			     ",\n{'ioas-unmap': {'ioas': 'guest', 'iova': 0}}, " MAP
			     ",\n{'ioas-unmap': {'ioas': 'other', 'iova': 0, 'size': '4K'}}]}",
			"6:16 steps[1].ioas-unmap, 7:16 steps[3].ioas-unmap" },
		/* ... which is any object of a kind if it names none, ... */
		{ HEAD GUEST
			"'ioas': {'guest': {}},\n'steps': [" MAP
			",\n{'ioas-unmap': {'ioas': 'gest', 'iova': 0, 'size': '4K'}}, " MAP "]}",
			"6:25 steps[1].ioas-unmap.ioas" },
		{ HEAD GUEST
			"'ioas': {'guest': {}},\n'attach': [{'device': 'ed', 'ioas': 'guest'}],\n"
			"'steps': [{'detach': {'device': 'edu'}}]}",
			"5:23 attach[0].device" },
		/* ... and may be anything if it is not known what it does. */
		{ HEAD GUEST "'ioas': {'guest': {}},\n'steps': [" MAP "," MAP ",\n"
			     "{'ioas-unmpa': {'ioas': 'guest'}}, " MAP "]}",
			"5:82 steps[1].ioas-map, 6:2 steps[2].ioas-unmpa" },
		{ HEAD GUEST "'ioas': {'guest': {}},\n'attach': 7,\n"
			     "'steps': [{'detach': {'device': 'edu'}}]}",
			"5:11 attach" },
		/* A step that is wrong in itself may write to tables. */
		{ HEAD GUEST "'stage1': {'s': {'at': '0x40000000'}},\n'steps': ["
			     "{'write': {'ipa': '0x40000000', 'hex': 'x'}},\n"
			     "{'unmap': {'stage1': 's', 'iova': 0, 'size': '4K'}}]}",
			"5:50 steps[0].write.hex" },
	};

	expect_places(cases, ARRAY_SIZE(cases));
}

Test(job_doubt, an_unknown_key_keeps_nothing_else_from_being_judged)
{
	static const struct places cases[] = {
		{ HEAD "'memory': {'m': {'size': 5000, 'ipa': 0, 'colour': 'red'}}}",
			"2:17 memory.m, 2:42 memory.m.colour" },
		{ HEAD "'memory': {'1st': {'size': 5000, 'ipa': 0}}}",
			"2:12 memory.1st, 2:19 memory.1st" },
		{ HEAD "'memory': {'m': {'size': '4K', 'size': 5000, 'ipa': 0}}}",
			"2:17 memory.m, 2:32 memory.m.size" },
	};

	expect_places(cases, ARRAY_SIZE(cases));
}

Test(job_doubt, the_first_of_many_errors_are_kept_and_all_are_counted)
{
	struct document_problem problem = { .message = "" };
	char text[4096] = HEAD "'attach': [";
	size_t kept = 0;

	for (int i = 0; i < 100; i++)
		text_append(text, sizeof(text), "%d,", i);
	text_append(text, sizeof(text), "100]}");
	find_mistakes(text, &problem);
	cr_expect_eq(problem.count, 101);
	for (struct document_problem *one = &problem; one; one = one->next) {
		char path[32];

		snprintf(path, sizeof(path), "attach[%zu]", kept++);
		cr_expect_str_eq(one->path, path);
	}
	cr_expect_eq(kept, DOCUMENT_PROBLEMS_MAX);
	document_problem_free(&problem);
}

Test(job_doubt, what_comes_to_mind_is_offered_as_a_hint)
{
	static const struct {
		const char *text, *hint;
	} cases[] = {
		{ HEAD "'Memory': {}}", "did you mean \"memory\"?" },
		{ HEAD "'ioas': {'guest': {}}, 'steps': [{'destroy': {'object': 'ioas.gust'}}]}",
			"did you mean \"ioas.guest\"?" },
		{ HEAD GUEST "'attach': [{'device': 'edo', 'ioas': 'x'}]}",
			"did you mean \"edu\"?" },
		{ HEAD "'zzzzzzzz': 1}", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct document_problem problem = { .message = "" };

		find_mistakes(cases[i].text, &problem);
		cr_expect_str_eq(problem.hint, cases[i].hint, "%s\n  has the hint %s",
			cases[i].text, problem.hint);
		document_problem_free(&problem);
	}
}
