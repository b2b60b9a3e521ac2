// SPDX-License-Identifier: MIT
#include "session/holder/apply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "job/actions/action.h"
#include "job/check/check.h"
#include "job/load.h"
#include "job/machine.h"
#include "job/read.h"
#include "output/text.h"
#include "session/holder/carry_out.h"
#include "session/holder/destroyed_objects.h"
#include "session/holder/job_header.h"
#include "session/holder/merge.h"
#include "session/holder/reclaim.h"
#include "session/state/mapped_document.h"

/* Sets the mappings that the IOASes of @job have in @live, which its document omits. */
static bool note_mapped(struct job *job, const struct live *live)
{
	const size_t count = job->objects[JOB_IOAS].count;

	job->mapped = document_alloc(job->document, count, sizeof(*job->mapped));
	for (size_t i = 0; job->mapped && i < count; i++) {
		const struct document_object *there = document_find(live->job->document, JOB_IOAS,
			document_object_at(job->document, JOB_IOAS, i)->name);

		if (there)
			job->mapped[i] = &live->maps[there->index];
	}
	return job->mapped;
}

/* Steps of @job may answer page faults that steps of earlier requests have read. */
static void tell_taken(const struct session *session, struct job *job)
{
	struct job_fault_queue *queues = job->objects[JOB_FAULT_QUEUES].items;
	char label[160];

	for (size_t i = 0; session->job && i < job->objects[JOB_FAULT_QUEUES].count; i++) {
		const struct document_object *alive;

		document_object_label(&queues[i].object, label, sizeof(label));
		alive = session_find(session, label);
		if (alive)
			queues[i].taken = session->live.fault_queues[alive->index].taken;
	}
}

/* A step of @job that creates what exists is wrong, whatever else needs that. */
static void tell_existing(const struct session *session, struct job *job)
{
	struct job_step *steps = job->steps.items;

	for (size_t i = 0; session->job && i < job->steps.count; i++) {
		struct job_step_object *arguments = steps[i].arguments;

		if (steps[i].key && job_step_action(&steps[i])->effect == ACTION_MAKES &&
			arguments->object.name)
			arguments->exists = session_find(session, arguments->object.name);
	}
}

/* Where the mappings of a job's IOASes are: all in its document, or only in the live session. */
enum mappings { IN_DOCUMENT, IN_SESSION };

static int parse(const struct session *session, const json_t *document, enum mappings mappings,
	struct job **job, struct document_problem *problem)
{
	char *text = json_dumps(document, JSON_COMPACT);
	int err = text ? job_parse(text, strlen(text), job, problem) : -ENOMEM;

	free(text);
	if (!*job)
		return err;
	if (mappings == IN_SESSION && !note_mapped(*job, &session->live))
		return -ENOMEM;
	tell_taken(session, *job);
	tell_existing(session, *job);
	(*job)->goes_on = true;
	document_note_error(&err, job_check(*job, problem));
	(*job)->mapped = NULL;
	return err;
}

static bool go_on_as(struct session *session, struct job *job, enum mappings mappings)
{
	struct job *old = session->job;

	if (live_rebase(&session->live, job)) {
		job_free(job);
		return false;
	}
	session->job = job;
	session->is_short = mappings == IN_SESSION;
	job_free(old);
	return true;
}

static void refresh(struct session *session, const json_t *document, enum mappings mappings)
{
	struct document_problem problem = { .message = "" };
	struct job *job = NULL;
	int err = parse(session, document, mappings, &job, &problem);

	document_problem_free(&problem);
	if (job && err != -ENOMEM)
		session->is_stale &= !go_on_as(session, job, mappings);
	else
		job_free(job);
}

/* The job must not be replaced while one of its steps runs. */
void session_refresh(struct session *session)
{
	if (session->is_stale && !session->doing)
		refresh(session, session->document, IN_SESSION);
}

void session_refresh_whole(struct session *session)
{
	json_t *whole;

	if (session->doing || (!session->is_stale && !session->is_short))
		return;
	whole = session_whole(session);
	if (whole)
		refresh(session, whole, IN_DOCUMENT);
	json_decref(whole);
}

/* Leaves out the mistakes of what is there: what is alive may be what no job could make. */
static void leave_out_known(
	const struct session *session, const json_t *whole, struct document_problem *problem)
{
	struct document_problem known = { .message = "" };
	struct job *job = NULL;

	if (parse(session, whole, false, &job, &known) == -EINVAL && job)
		document_problem_leave_out(problem, &known);
	job_free(job);
	document_problem_free(&known);
}

/*
 * Checks and returns the job @merged, which is @base with an addition; @base is @whole without what
 * the addition makes again. Errors are located in the addition.
 */
static enum exit_status read_merged(const struct session *session, const json_t *whole,
	const json_t *base, const json_t *merged, struct report *report, struct job **job)
{
	struct document_problem problem = { .message = "" };
	struct job *read = NULL;
	int err = parse(session, merged, false, &read, &problem);

	if (err == -EINVAL)
		leave_out_known(session, whole, &problem);
	if (!err || (err == -EINVAL && read && !problem.count)) {
		document_problem_free(&problem);
		*job = read;
		return STATUS_DONE;
	}
	job_free(read);
	for (struct document_problem *one = &problem; one; one = one->next) {
		gone_explain(session, whole, one);
		merge_fit_path(base, one->path, sizeof(one->path));
	}
	return job_report_unread(report, NULL, "bad-job", err, &problem);
}

/* Whether a step makes an object; those that existed are made by the document. */
static bool has_makers(const struct job *job)
{
	const struct job_step *steps = job->steps.items;

	for (size_t i = 0; i < job->steps.count; i++) {
		if (job_step_action(&steps[i])->effect == ACTION_MAKES)
			return true;
	}
	return false;
}

/* The job without the mappings, if it has no errors; NULL: it must be read with them. */
static struct job *read_short(struct session *session, const json_t *merged)
{
	struct document_problem problem = { .message = "" };
	struct job *read = NULL;
	int err = parse(session, merged, IN_SESSION, &read, &problem);

	document_problem_free(&problem);
	if (!err && !has_makers(read))
		return read;
	job_free(read);
	return NULL;
}

enum exit_status session_read_whole(
	struct session *session, json_t *document, struct report *report, struct job **job)
{
	enum exit_status status = STATUS_DONE;
	json_t *whole = session_whole(session), *base = NULL, *merged = NULL;

	if (whole)
		base = gone_leave_out(session, whole, document);
	if (base)
		merged = merge_documents(base, document, report, &status);
	if (merged)
		status = read_merged(session, whole, base, merged, report, job);
	else if (!status)
		status = report_out_of_memory(report);
	json_decref(merged);
	json_decref(base);
	json_decref(whole);
	return status;
}

static enum exit_status read_addition(
	struct session *session, json_t *document, struct report *report, struct job **job)
{
	json_t *base = gone_leave_out(session, session->document, document), *merged = NULL;
	enum exit_status status = STATUS_DONE;

	if (base)
		merged = merge_documents(base, document, report, &status);
	json_decref(base);
	if (!merged)
		return status ? status : report_out_of_memory(report);
	*job = read_short(session, merged);
	json_decref(merged);
	return *job ? STATUS_DONE : session_read_whole(session, document, report, job);
}

/* A session has no machine: refuse devices of one before anything is made. */
enum exit_status session_read_addition(
	struct session *session, json_t *document, struct report *report, struct job **job)
{
	struct job *read = NULL;
	enum exit_status status = read_addition(session, document, report, &read);

	if (!status)
		status = machine_apply(NULL, read, report);
	if (!status)
		*job = read;
	else
		job_free(read);
	return status;
}

/* A request has failed: what was left out for it is what it was @before. */
static void put_back(
	struct session *session, json_t *before, const json_t *base, struct report *report)
{
	json_t *document = gone_put_back(session, before, base);

	if (!document)
		return;
	json_decref(session->document);
	session->document = document;
	session->is_stale = true;
	session_refresh(session);
	/* Some of it may be needed no longer; without memory to find out, it stays. */
	if (!session->is_stale && session->reserve)
		session_take_stock(session, report);
}

static enum exit_status carry_out(
	struct session *session, const json_t *base, struct report *report)
{
	json_t *before = json_incref(session->document);
	enum exit_status status = session_carry_out(session, base, report);

	if (status && !session->stopping && !json_equal(before, base))
		put_back(session, before, base, report);
	session->is_stale |= status || !json_equal(before, session->document);
	json_decref(before);
	return status;
}

/* Takes @job. */
static enum exit_status begin(
	struct session *session, const char *name, struct job *job, struct report *report)
{
	int err;

	session->name = name;
	session->job = job;
	err = live_open(
		&session->live, job, session->context.ctx, session->platform, session->adopted);
	session->live.maps_files = session->store;
	session->live.interrupt = session->interrupt;
	session->live.transport = session->context.top;
	session->live.watch = event_log_add;
	session->live.watch_data = &session->log;
	session->live.takes_requests = true;
	return err ? report_failure(report, &session->live.failure) : STATUS_DONE;
}

enum exit_status session_open_job(struct session *session, const char *name,
	const struct platform *platform, struct job *job, struct report *report)
{
	enum exit_status status;

	session->platform = platform;
	if (session->rlimit_mode)
		job->rlimit_mode = 1;
	status = begin(session, name, job, report);
	if (status)
		return status;
	session->document = json_pack("{s:i}", "iommuctl", 1);
	session->maps = json_object();
	return session->document && session->maps ? carry_out(session, session->document, report)
						  : report_out_of_memory(report);
}

enum exit_status session_open_document(
	struct session *session, const char *name, json_t *document, struct report *report)
{
	struct document_problem problem = { .message = "" };
	struct job *job = NULL;
	int err = document ? parse(session, document, IN_DOCUMENT, &job, &problem) : -EINVAL;

	document_problem_free(&problem);
	if (job && (!err || err == -EINVAL)) {
		if (session_take_whole(session, document))
			return begin(session, name, job, report);
		err = -ENOMEM;
	}
	job_free(job);
	return report_errno(report, "restore", "state", err);
}

enum exit_status session_open(struct session *session, const char *name,
	const struct platform *platform, struct report *report)
{
	struct document_problem problem = { .message = "" };
	json_t *empty = json_pack("{s:i}", "iommuctl", 1);
	struct job *job = NULL;
	int err = empty ? parse(session, empty, IN_DOCUMENT, &job, &problem) : -ENOMEM;

	json_decref(empty);
	document_problem_free(&problem);
	if (!err)
		return session_open_job(session, name, platform, job, report);
	job_free(job);
	return report_out_of_memory(report);
}

static enum exit_status add(
	struct session *session, const json_t *base, json_t *document, struct report *report)
{
	enum exit_status status;
	struct job *job = NULL;

	status = session_read_addition(session, document, report, &job);
	if (status)
		return status;
	if (!go_on_as(session, job, IN_SESSION))
		return report_failure(report, &session->live.failure);
	status = carry_out(session, base, report);
	reclaim_forget(session);
	return status;
}

enum exit_status session_apply(struct session *session, json_t *document, struct report *report)
{
	struct failure failure = { 0 };
	enum exit_status status;
	json_t *base;

	status = head_check(session, document, report);
	if (status)
		return status;
	if (reclaim_explain_job(session, document, &failure))
		return report_failure(report, &failure);
	base = gone_leave_out(session, session->document, document);
	if (!base)
		return report_out_of_memory(report);
	status = add(session, base, document, report);
	json_decref(base);
	return status;
}
