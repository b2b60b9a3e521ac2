// SPDX-License-Identifier: MIT
/* The order in which objects are made, and who makes them. */
#include "job_fixture.h"

#include <stdio.h>

#include "job/order.h"
#include "job/plan.h"

#define DEVICE "'devices': {'d': {'pci': '00:01.0'}}"
#define NESTED "{'device': 'd', 'viommu': 'v', 'ste': {'config': 'bypass'}}"
#define PARENT "{'device': 'd', 'ioas': 'i', 'nest-parent': true}"

/* The subjects of the plan of @text, each followed by a space. */
static void expect_plan(const char *text, const char *expected)
{
	struct job *job = job_checked(text);
	char subjects[512] = "";
	struct plan plan;

	cr_assert_eq(plan_make(job, &plan), 0);
	for (size_t i = 0; i < plan.count; i++) {
		struct plan_description description;

		plan_describe(&plan.operations[i], &description);
		strcat(strcat(subjects, description.subject), " ");
	}
	cr_expect_str_eq(subjects, expected, "%s\n  has the plan %s", text, subjects);
	plan_free(&plan);
	job_free(job);
}

Test(job_order, is_that_of_the_collections_where_nothing_depends)
{
	expect_plan("{'iommuctl': 1, 'attach': [{'device': 'b', 'ioas': 'i2'}],"
		    "'ioas': {'i2': {}, 'i1': {}},"
		    "'devices': {'b': {'pci': '00:02.0'}, 'a': {'pci': '00:01.0'}},"
		    "'memory': {'m': {'size': '4K', 'ipa': 0}}}",
		"memory.m devices.b devices.a ioas.i2 ioas.i1 attach[0] ");
}

Test(job_order, follows_the_references_wherever_the_document_has_them)
{
	static const char *const documents[] = {
		"{'iommuctl': 1," DEVICE ", 'ioas': {'i': {}},"
		"'hwpts': {'s2': " PARENT ", 's1': " NESTED "},"
		"'viommus': {'v': {'device': 'd', 'hwpt': 's2'}}}",
		"{'viommus': {'v': {'hwpt': 's2', 'device': 'd'}},"
		"'hwpts': {'s1': " NESTED ", 's2': " PARENT "},"
		"'ioas': {'i': {}}," DEVICE ", 'iommuctl': 1}",
	};

	for (size_t i = 0; i < ARRAY_SIZE(documents); i++)
		expect_plan(documents[i], "devices.d ioas.i hwpts.s2 viommus.v hwpts.s1 ");
}

Test(job_order, makes_tables_before_the_ste_that_points_at_them)
{
	expect_plan("{'iommuctl': 1, 'memory': {'m': {'size': '2M', 'ipa': 0}}," DEVICE ","
		    "'ioas': {'i': {}},"
		    "'hwpts': {'s1': {'device': 'd', 'viommu': 'v',"
		    "'ste': {'config': 's1', 'cd-table': 'c'}}, 's2': " PARENT "},"
		    "'viommus': {'v': {'device': 'd', 'hwpt': 's2'}},"
		    "'cd-tables': {'c': {'at': '1M', 'contexts': [{'stage1': 't'}]}},"
		    "'stage1': {'t': {'at': 0}}}",
		"memory.m devices.d ioas.i hwpts.s2 viommus.v stage1.t cd-tables.c hwpts.s1 ");
}

Test(job_order, puts_interrupts_after_attachments_and_steps_last)
{
	expect_plan("{'iommuctl': 1," DEVICE ", 'irqs': {'q': {'device': 'd'}},"
		    "'ioas': {'i': {}}, 'steps': [{'reset': {'device': 'd'}}],"
		    "'attach': [{'device': 'd', 'ioas': 'i'}]}",
		"devices.d ioas.i attach[0] irqs.q steps[0] ");
}

Test(job_order, leaves_out_what_steps_make)
{
	expect_plan("{'iommuctl': 1," DEVICE ", 'ioas': {'i': {}, 'j': {}}, 'steps': ["
		    "{'create': {'object': 'ioas.j'}}, {'destroy': {'object': 'ioas.j'}}]}",
		"devices.d ioas.i steps[0] steps[1] ");
}

Test(job_order, has_what_is_destroyed_first_and_then_created)
{
	expect_plan("{'iommuctl': 1, 'ioas': {'i': {}}, 'steps': ["
		    "{'destroy': {'object': 'ioas.i'}}, {'create': {'object': 'ioas.i'}},"
		    "{'destroy': {'object': 'ioas.i'}}]}",
		"ioas.i steps[0] steps[1] steps[2] ");
}

Test(job_order, tells_a_cycle_with_the_way_round)
{
	static const struct refused_job jobs[] = {
		{ "{'iommuctl': 1," DEVICE ",\n'hwpts': {'h': " NESTED "},\n"
		  "'viommus': {'v': {'device': 'd', 'hwpt': 'h'}}}",
			"hwpts.h", 2, "needs itself: hwpts.h → viommus.v → hwpts.h" },
		/* What leads to a cycle is not part of it. */
		{ "{'iommuctl': 1," DEVICE ",\n'hwpts': {\n"
		  "'top': {'device': 'd', 'viommu': 'w', 'ste': {}},\n'h': " NESTED "},\n"
		  "'viommus': {'v': {'device': 'd', 'hwpt': 'h'}, 'w': {'device': 'd', 'hwpt': 'h'}}}",
			"hwpts.h", 4, "needs itself: hwpts.h → viommus.v → hwpts.h" },
		/* A cycle of what steps make is one all the same. */
		{ "{'iommuctl': 1," DEVICE ",\n'hwpts': {'h': " NESTED "},\n"
		  "'viommus': {'v': {'device': 'd', 'hwpt': 'h'}},"
		  "'steps': [{'create': {'object': 'hwpts.h'}}]}",
			"hwpts.h", 2, "needs itself: hwpts.h → viommus.v → hwpts.h" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

/* h0 → v0 → h1 → v1 → … → h0 */
static char *ring(unsigned int length)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	fputs("{'iommuctl': 1," DEVICE ", 'hwpts': {", stream);
	for (unsigned int i = 0; i < length; i++)
		fprintf(stream, "%s'h%u': {'device': 'd', 'viommu': 'v%u', 'ste': {}}",
			i ? "," : "", i, i);
	fputs("}, 'viommus': {", stream);
	for (unsigned int i = 0; i < length; i++)
		fprintf(stream, "%s'v%u': {'device': 'd', 'hwpt': 'h%u'}", i ? "," : "", i,
			(i + 1) % length);
	fputs("}}", stream);
	fclose(stream);
	return text;
}

Test(job_order, cuts_the_way_round_a_long_cycle)
{
	char *text = ring(1024);
	struct job *job = job_parsed(text);
	struct document_problem problem = { .message = "" };
	const char *end;

	cr_assert_eq(job_check(job, &problem), -EINVAL);
	cr_expect_str_eq(problem.path, "hwpts.h0");
	end = problem.message + strlen(problem.message) - strlen("viommus.v7 → …");
	cr_expect_str_eq(end, "viommus.v7 → …", "%s", problem.message);
	job_free(job);
	free(text);
}

#define MADE_BY_STEP(name) "\"" name "\" is made by a step, but needed before the steps begin"

Test(job_order, refuses_a_setup_that_needs_what_only_steps_make)
{
	static const struct refused_job jobs[] = {
		{ "{'iommuctl': 1," DEVICE ", 'ioas': {'i': {}},\n"
		  "'attach': [{'device': 'd', 'ioas': 'i'}],\n"
		  "'steps': [{'create': {'object': 'ioas.i'}}]}",
			"attach[0].ioas", 2, MADE_BY_STEP("i") },
		{ "{'iommuctl': 1," DEVICE ", 'ioas': {'i': {}},\n'hwpts': {'h': {'device': 'd',\n"
		  "'ioas': 'i'}}, 'steps': [{'create': {'object': 'ioas.i'}}]}",
			"hwpts.h.ioas", 3, MADE_BY_STEP("i") },
	};
	/* Steps may use it, and so may what steps make. */
	struct job *job = job_checked(
		"{'iommuctl': 1," DEVICE ", 'ioas': {'i': {}},"
		"'hwpts': {'h': {'device': 'd', 'ioas': 'i'}}, 'steps': ["
		"{'create': {'object': 'ioas.i'}}, {'create': {'object': 'hwpts.h'}},"
		"{'attach': {'device': 'd', 'ioas': 'i'}}]}");

	job_free(job);
	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}

Test(job_order, refuses_a_step_on_an_object_that_is_not_there)
{
	static const struct refused_job jobs[] = {
		{ "{'iommuctl': 1, 'ioas': {'i': {}},\n'steps': [\n{'create': {'object': 'i'}}]}",
			"steps[0].create.object", 3, "\"i\" names no object (COLLECTION.NAME)" },
		{ "{'iommuctl': 1, 'ioas': {'i': {}},\n'steps': [{'destroy': {'object': 'hwpts.i'}}]}",
			"steps[0].destroy.object", 2,
			"\"hwpts.i\" names no object (COLLECTION.NAME)" },
	};

	expect_unchecked(jobs, ARRAY_SIZE(jobs));
}
