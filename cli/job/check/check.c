// SPDX-License-Identifier: MIT
#include "job/check/check.h"

int job_check_document(struct job *job, struct document_problem *problem)
{
	int err = 0;

	/* Later checks skip whatever depends on something already found wrong. */
	job_spread_doubt(job);
	if (!document_note_error(&err, job_check_order(job, problem)))
		return err;
	job_spread_doubt(job);
	if (!document_note_error(&err, job_check_objects(job, problem)))
		return err;
	job_spread_doubt(job);
	document_note_error(&err, job_check_steps(job, problem));
	job_spread_doubt(job);
	return err;
}

int job_check(struct job *job, struct document_problem *problem)
{
	int err = 0;

	if (document_note_error(&err, job_check_document(job, problem)))
		document_note_error(&err, job_check_for(job, NULL, problem));
	return err;
}
