/* SPDX-License-Identifier: MIT */
/* What the actions on the kernel's mock have in common. */
#ifndef CLI_JOB_ACTIONS_MOCK_H
#define CLI_JOB_ACTIONS_MOCK_H

#include "document/problem.h"
#include "job/job.h"

/* Returns 0 if the object that @ref names belongs to the mock, else -EINVAL with @problem set. */
int mock_check_device(const struct job *job, const struct document_ref *ref,
	const struct document_path *path, struct document_problem *problem);
int mock_check_viommu(const struct job *job, const struct document_ref *ref,
	const struct document_path *path, struct document_problem *problem);
int mock_check_nested(const struct job *job, const struct document_ref *ref,
	const struct document_path *path, struct document_problem *problem);

/* IOVAs of a step. */
struct mock_span {
	uint64_t iova;
	uint64_t size;
};

/* The same if @span ends within 64 bits, or @step expects to fail. */
int mock_check_end(const struct job *job, const struct job_step *step, struct mock_span span,
	const struct document_path *path, struct document_problem *problem);

#endif
