// SPDX-License-Identifier: MIT
#include "job/check.h"

int job_check(struct job *job, struct job_problem *problem)
{
	int err;

	err = job_check_order(job, problem);
	if (!err)
		err = job_check_objects(job, problem);
	if (!err)
		err = job_check_tables(job, problem);
	if (!err)
		err = job_check_steps(job, problem);
	return err;
}
