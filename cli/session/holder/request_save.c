// SPDX-License-Identifier: MIT
/* The request that returns a session as a job. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/check/check.h"
#include "job/read.h"
#include "output/text.h"
#include "session/holder/destroyed_objects.h"
#include "session/holder/request.h"
#include "session/state/saved.h"
#include "session/state/mapped_document.h"

static void say(struct report *report, const char *path, const char *message, const char *hint)
{
	if (report->json)
		report_json(report, "remark",
			json_pack("{s:o, s:o, s:o}", "path", text_to_json(path), "message",
				text_to_json(message), "hint",
				*hint ? text_to_json(hint) : json_null()));
	else
		report_note(report, "iommuctl: session save: %s: %s%s%s", path, message,
			*hint ? "; " : "", hint);
}

/*
 * No job may be able to make the session's state: warn whoever saves it while it can still be
 * changed.
 */
static enum exit_status say_mistakes(
	const struct session *session, struct report *report, const char *text)
{
	struct document_problem problem = { .message = "" };
	const struct document_problem *mistake = &problem;
	struct job *job = NULL;
	int err = job_parse(text, strlen(text), &job, &problem);

	if (job)
		document_note_error(&err, job_check(job, &problem));
	if (!err)
		err = job_check_for(job, session->platform, &problem);
	for (; err == -EINVAL && mistake; mistake = mistake->next)
		say(report, mistake->path, mistake->message, mistake->hint);
	document_problem_free(&problem);
	job_free(job);
	return err == -ENOMEM ? report_out_of_memory(report) : STATUS_DONE;
}

static void say_gone(struct report *report, json_t *remarks)
{
	json_t *remark;
	size_t i;

	json_array_foreach(remarks, i, remark) {
		say(report, json_string_value(json_object_get(remark, "path")),
			json_string_value(json_object_get(remark, "message")), "");
	}
	json_decref(remarks);
}

static enum exit_status run(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	json_t *whole = session_whole(session), *remarks;
	enum exit_status status;
	char *text;

	(void)peer;
	(void)arguments;
	saved_add_detached(whole);
	text = whole ? json_dumps(whole, JSON_INDENT(2)) : NULL;
	if (!text) {
		json_decref(whole);
		return report_out_of_memory(report);
	}
	/* What is alive is of the waiting request already. */
	remarks = session->wait ? NULL : gone_remark(session, whole);
	report_lines(report, "job", whole, text);
	say_gone(report, remarks);
	status = say_mistakes(session, report, text);
	free(text);
	return status;
}

const struct request_kind request_save = {
	{ "save", sizeof(struct request_no_arguments), request_no_keys,
		.help = "Returns the session as a job. It omits the contents of guest memory, "
			"except stage-1 tables and CDs that were made by their own actions. "
			"Remarks after it list what the job would make differently, or not at "
			"all." },
	run,
	.looks = true,
};
