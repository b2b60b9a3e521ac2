// SPDX-License-Identifier: MIT
#include "session/session.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "job/ledger.h"

const struct document_object *session_find(const struct session *session, const char *label)
{
	const struct document_object *object =
		document_find_labelled(session->job->document, label);

	return object && live_object(&session->live, object)->made ? object : NULL;
}

void session_end_doing(struct session *session, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(session->live.ended, sizeof(session->live.ended), format, arguments);
	va_end(arguments);
}

enum exit_status session_close(
	struct session *session, struct report *report, enum exit_status status)
{
	struct live *live = &session->live;

	if (!session->job)
		return status;
	if (live->job && live_close(live)) {
		live->failure.path = "undo";
		report_failure(report, &live->failure);
		status = status ? status : STATUS_FAILED;
	}
	json_decref(session->document);
	session->document = NULL;
	json_decref(session->taken);
	session->taken = NULL;
	json_decref(session->maps);
	session->maps = NULL;
	free(session->reserve);
	session->reserve = NULL;
	job_free(session->job);
	session->job = NULL;
	return ledger_check(&session->context, report, status);
}
