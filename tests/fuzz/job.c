// SPDX-License-Identifier: MIT
/*
 * A job of any text: it is refused with places that are in the text, in their order; or all its operations can be printed,
 * and it is also checked against the model machine.
 */
#include <errno.h>

#include "input.h"
#include "job/check/check.h"
#include "job/plan.h"
#include "job/read.h"
#include "model/platform.h"
#include "output/memory.h"

static void check_problem(const struct document_problem *problem, int err, size_t size)
{
	const size_t kept =
		problem->count < DOCUMENT_PROBLEMS_MAX ? problem->count : DOCUMENT_PROBLEMS_MAX;
	size_t last = 0;

	require((err == -EINVAL) == (problem->count > 0));
	for (size_t i = 0; i < kept; i++, problem = problem->next) {
		require(problem && *problem->message);
		require(problem->offset >= last && problem->offset <= size);
		last = problem->offset;
	}
}

static void check_plan(const struct job *job)
{
	struct plan_description description;
	struct plan plan;

	require(!plan_make(job, &plan));
	for (size_t i = 0; i < plan.count; i++) {
		plan_describe(&plan.operations[i], &description);
		require(*description.subject && *description.operation);
	}
	plan_free(&plan);
}

static void check_on_machine(const struct job *job, const struct platform *platform, size_t size)
{
	struct document_problem problem = { .message = "" };
	const int err = job_check_for(job, platform, &problem);

	require(!err || err == -EINVAL);
	check_problem(&problem, err, size);
	document_problem_free(&problem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct report report;
	static struct platform_model machine;
	struct document_problem problem = { .message = "" };
	struct job *job = NULL;
	int err;

	if (!machine.model) {
		report = (struct report){ .out = stdout, .err = stderr };
		memory_watch_json();
		require(!platform_model_open(&machine, "", &report));
	}
	err = job_parse((const char *)data, size, &job, &problem);
	if (job)
		document_note_error(&err, job_check(job, &problem));
	require(!err || err == -EINVAL);
	check_problem(&problem, err, size);
	if (!err) {
		check_plan(job);
		check_on_machine(job, &machine.base, size);
	}
	document_problem_free(&problem);
	job_free(job);
	return 0;
}
