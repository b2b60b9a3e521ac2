// SPDX-License-Identifier: MIT
#include "session/holder/job_header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "job/load.h"
#include "job/read.h"
#include "output/memory.h"

/* A job with only these keys of @document, as text; NULL: out of memory. */
static char *copy_head(const json_t *document)
{
	static const char *const keys[] = { "iommuctl", "name", "description", "backend" };
	json_t *head = json_object();
	char *text;

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		json_t *value = json_object_get(document, keys[i]);

		if (value)
			json_object_set(head, keys[i], value);
	}
	text = memory_take_failure() ? NULL : json_dumps(head, JSON_COMPACT);
	json_decref(head);
	return text;
}

static enum exit_status refuse_model(struct report *report)
{
	struct failure failure;

	failure_set(&failure, -EBUSY,
		"the session is on the kernel, but the job is for the model\nstart a session with "
		"--model for it");
	failure.operation = "apply";
	failure.object = "backend";
	return report_failure(report, &failure);
}

enum exit_status head_check(
	const struct session *session, const json_t *document, struct report *report)
{
	const bool on_model = !strcmp(session->platform->backend, "model");
	struct document_problem problem = { .message = "" };
	enum exit_status status = STATUS_DONE;
	char *text = copy_head(document);
	struct job *job = NULL;
	int err = text ? job_parse(text, strlen(text), &job, &problem) : -ENOMEM;

	if (err)
		status = job_report_unread(report, NULL, "bad-job", err, &problem);
	else if (job->backend == JOB_BACKEND_MODEL && !on_model)
		status = refuse_model(report);
	job_free(job);
	free(text);
	return status;
}
