/* SPDX-License-Identifier: MIT */
/* One job in a process of its own: a crash is a failure of only this job. */
#ifndef CLI_SELFTEST_TRIAL_H
#define CLI_SELFTEST_TRIAL_H

#include "job/interrupt.h"
#include "output/report.h"
#include "selftest/result.h"

struct trial {
	const char *file;
	/* Carries out the job in @file; runs in the process of the job. */
	enum exit_status (*run)(void *data, const char *file, struct report *report);
	void *data;
	uint64_t timeout_ms; /* after which it is ended */
};

/*
 * Runs @trial and fills @result, which the caller frees. A signal in @interrupt ends it: true if
 * there was one. If its process cannot be started, that is a failure of the job.
 */
bool trial_run(const struct trial *trial, const struct interrupt *interrupt,
	struct selftest_result *result);

#endif
