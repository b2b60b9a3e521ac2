// SPDX-License-Identifier: MIT
#include "job/read.h"

#include <errno.h>

#include "document/parse.h"
#include "job/actions/action.h"
#include "job/schema/schema.h"

/* Takes ownership of @document, and frees it unless it becomes a job. */
static int read_document(
	struct document *document, struct job **job, struct document_problem *problem)
{
	struct job *new = document_alloc(document, 1, sizeof(*new));
	int err = -ENOMEM;

	if (!new)
		goto fail;
	new->document = document;
	err = document_parse(document, &schema_job, new, problem);
	if (err == -ENOMEM || !document->tree)
		goto fail;
	job_unfold_steps(new);
	for (int i = 0; i < JOB_COLLECTIONS; i++) {
		new->made_by_step[i] =
			document_alloc(document, new->objects[i].count, sizeof(bool));
		if (!new->made_by_step[i]) {
			err = -ENOMEM;
			goto fail;
		}
	}
	*job = new;
	return err;
fail:
	document_free(document);
	return err;
}

int job_read(const char *file_name, struct job **job, struct document_problem *problem)
{
	struct document *document;
	int err = document_read(file_name, &document);

	return err ? err : read_document(document, job, problem);
}

int job_parse(const char *text, size_t size, struct job **job, struct document_problem *problem)
{
	struct document *document = document_new(text, size);

	return document ? read_document(document, job, problem) : -ENOMEM;
}
