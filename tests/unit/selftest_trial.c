// SPDX-License-Identifier: MIT
/* Jobs that end their own process: a failure of theirs, with the reason, and of nobody else. */
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "array.h"
#include "selftest/trial.h"

static enum exit_status crash(void *data, const char *file, struct report *report)
{
	(void)file;
	(void)report;
	signal(*(int *)data, SIG_DFL);
	raise(*(int *)data);
	return STATUS_DONE;
}

static enum exit_status end_with(void *data, const char *file, struct report *report)
{
	(void)file;
	(void)report;
	_exit(*(int *)data);
}

static enum exit_status lack_device(void *data, const char *file, struct report *report)
{
	(void)data;
	(void)file;
	return report_failure(report,
		&(struct failure){ .error = -19, .message = "none is there", .no_device = true });
}

Test(selftest_trial, how_the_process_of_a_job_ends_is_how_the_job_ended)
{
	static const struct {
		enum exit_status (*run)(void *data, const char *file, struct report *report);
		int data;
		enum selftest_outcome outcome;
		const char *reason;
	} cases[] = {
		{ crash, SIGSEGV, SELFTEST_FAILED, "crashed: Segmentation fault (SIGSEGV)" },
		{ crash, SIGABRT, SELFTEST_FAILED, "crashed: Aborted (SIGABRT)" },
		{ end_with, 0, SELFTEST_PASSED, "" },
		{ end_with, STATUS_UNSUPPORTED, SELFTEST_SKIPPED, "ended with exit status 4" },
		{ end_with, STATUS_NO_PERMISSION, SELFTEST_FAILED, "ended with exit status 5" },
		{ end_with, 42, SELFTEST_FAILED, "ended with exit status 42" },
		{ lack_device, 0, SELFTEST_SKIPPED, "none is there" },
	};
	struct interrupt interrupt = { .fd = -1 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int data = cases[i].data;
		const struct trial trial = { "a/job.json", cases[i].run, &data, 600000 };
		struct selftest_result result;

		cr_expect_not(trial_run(&trial, &interrupt, &result));
		cr_expect_eq(result.outcome, cases[i].outcome, "case %zu", i);
		cr_expect_str_eq(result.reason, cases[i].reason, "case %zu: %s", i, result.reason);
		cr_expect_str_eq(result.name, "job");
		selftest_result_free(&result);
	}
}
