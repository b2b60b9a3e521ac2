// SPDX-License-Identifier: MIT
#include "job/check.h"

int job_check(struct job *job, struct job_problem *problem)
{
	int err;

	err = job_check_order(job, problem);
	if (!err)
		err = job_check_objects(job, problem);
	if (!err)
		err = job_check_steps(job, problem);
	if (!err)
		err = job_check_tables(job, NULL, problem);
	return err;
}

int job_check_for(
	const struct job *job, const struct platform *platform, struct job_problem *problem)
{
	return job_check_tables(job, platform, problem);
}
