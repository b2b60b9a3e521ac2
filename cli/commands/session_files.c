// SPDX-License-Identifier: MIT
/* Jobs that a session takes in or gives out, and its counters. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document/document.h"
#include "document/node.h"
#include "document/syntax.h"
#include "invocation.h"
#include "job/load.h"
#include "output/memory.h"
#include "output/text.h"
#include "output/whole_file.h"
#include "session/client/ask.h"

/* Reads the job in @file and checks only its syntax: the session judges it. */
static enum exit_status read_tree(struct report *report, const char *file, json_t **tree)
{
	struct document_problem problem = { .message = "" };
	struct document *document = NULL;
	struct syntax_mistake mistake;
	enum exit_status status;
	int err = document_read(file, &document);

	if (!err && syntax_check(document->text, document->size, &mistake))
		err = document_problem_remark(&problem, document,
			&(struct document_remark){ .at = mistake.at, .hint = mistake.hint }, "%s",
			mistake.message);
	if (!err) {
		document->tree = document_tree(document);
		*tree = document->tree ? document_share(document->tree) : NULL;
		err = *tree ? 0 : -ENOMEM;
	}
	if (err)
		status = job_report_unread(report, file, "bad-job", err, &problem);
	else
		status = job_check_author(document, report);
	document_free(document);
	return status;
}

static enum exit_status run_apply(struct invocation *invocation)
{
	struct ask question = { .kind = "apply" };
	enum exit_status status;
	json_t *tree = NULL;

	status = read_tree(invocation->report, invocation->arguments[0], &tree);
	if (status) {
		json_decref(tree);
		return status;
	}
	question.arguments = json_pack("{s:o}", "document", tree);
	return session_ask(invocation, &question);
}

const struct command command_session_apply = {
	.name = "session apply",
	.group = COMMANDS_SESSIONS,
	.arguments = "JOB",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Add the objects of a job to a session",
	.description =
		"Makes the objects of JOB (- is standard input) in the session that -s or "
		"IOMMUCTL_SESSION names, attaches, and goes through the steps. JOB may refer to "
		"objects of the session, but must not reuse their names. If anything fails, JOB's "
		"objects and attachments are undone, but not what its steps did. A session on the "
		"kernel refuses a JOB for the model; a session on the model takes any.",
	.takes = TAKES_SESSION,
	.run = run_apply,
};

#define OUTPUT "output"

/* Takes the job out of an answer that has it as the result of a command, or as it is. */
static char *job_text(const struct report *report, const char *answer)
{
	json_t *line = report->json && answer ? json_loads(answer, 0, NULL) : NULL;
	char *text = line ? json_dumps(json_object_get(line, "job"), JSON_INDENT(2)) : NULL;
	char *with_end = NULL;

	if (line ? !!text : !!answer)
		with_end = memory_checked(malloc(strlen(line ? text : answer) + 2));
	if (with_end)
		sprintf(with_end, "%s%s", line ? text : answer, line ? "\n" : "");
	free(text);
	json_decref(line);
	return with_end;
}

static enum exit_status report_file(struct report *report, const char *file, int err)
{
	struct failure failure;

	if (err == -ENOMEM)
		return report_out_of_memory(report);
	if (!err)
		return STATUS_DONE;
	failure_set_file(&failure, err, "write", file);
	return report_failure(report, &failure);
}

static enum exit_status write_job(struct report *report, const char *file, const char *answer)
{
	char *text = job_text(report, answer);
	int err = text ? whole_file_write(file, text) : -ENOMEM;

	free(text);
	return report_file(report, file, err);
}

static enum exit_status run_save(struct invocation *invocation)
{
	const char *file = invocation_option(invocation, OUTPUT);
	struct ask question = {
		.kind = "save",
		.arguments = json_object(),
		.captures = file != NULL,
		.captures_kind = "job",
	};
	struct report *report = invocation->report;
	enum exit_status status;

	status = session_ask_argument(invocation, invocation->arguments[0], &question);
	if (!status && file)
		status = write_job(report, file, question.captured);
	free(question.captured);
	return status;
}

static const struct command_option save_options[] = {
	{ OUTPUT, "FILE",
		"Write the job to FILE instead of printing it; FILE is replaced as a whole or not at all" },
	{ NULL },
};

const struct command command_session_save = {
	.name = "session save",
	.group = COMMANDS_SESSIONS,
	.arguments = "[SESSION]",
	.arguments_max = 1,
	.summary = "Write the objects of a session as a job that makes them again",
	.description =
		"Prints a job that makes the same objects, mappings and attachments; 'session start' "
		"and run take it. Stage-1 tables are saved as they are, and steps write the CDs that "
		"were changed. Other contents of guest memory are not saved.\n"
		"\n"
		"What the job makes differently, or would fail to make, is reported on standard "
		"error, with --json as remarks after the job: objects that were made from one that "
		"has been made anew or is gone, a mapping of such memory or of a BAR. A device that "
		"has an MSI and is attached to nothing is attached by the job, and detached by a "
		"step.",
	.options = save_options,
	.takes = TAKES_SESSION,
	.run = run_save,
};

#define OPENMETRICS "openmetrics"

/* Takes the text out of an answer that has it as a result. The caller frees it. */
static char *metrics_text(const struct report *report, char *answer)
{
	json_t *line;
	char *text;

	if (!report->json || !answer)
		return answer;
	line = json_loads(answer, 0, NULL);
	text = memory_checked(strdup(json_string_value(json_object_get(line, OPENMETRICS)) ?: ""));
	json_decref(line);
	free(answer);
	return text;
}

/* The collector runs as another user: everyone may read the file. */
static enum exit_status write_metrics(struct report *report, const char *file, const char *text)
{
	return report_file(report, file, text ? whole_file_replace(file, text, 0644) : -ENOMEM);
}

static enum exit_status run_stats(struct invocation *invocation)
{
	const bool openmetrics = invocation_option(invocation, OPENMETRICS);
	const char *file = invocation_option(invocation, OUTPUT);
	struct ask question = {
		.kind = "stats",
		.captures = file != NULL,
		.arguments = json_pack("{s:s}", "as", openmetrics ? OPENMETRICS : "table"),
	};
	struct report *report = invocation->report;
	enum exit_status status;

	if (file && !openmetrics) {
		json_decref(question.arguments);
		return report_requires(report, OUTPUT, OPENMETRICS);
	}
	status = session_ask_argument(invocation, invocation->arguments[0], &question);
	question.captured = metrics_text(report, question.captured);
	if (!status && file)
		status = write_metrics(report, file, question.captured);
	free(question.captured);
	return status;
}

static const struct command_option stats_options[] = {
	{ OPENMETRICS, NULL, "Print them as OpenMetrics, for collectors" },
	{ OUTPUT, "FILE",
		"Write them to FILE, as a whole, instead of printing them: for the textfile directory "
		"of a node exporter" },
	{ NULL },
};

const struct command command_session_stats = {
	.name = "session stats",
	.group = COMMANDS_SESSIONS,
	.arguments = "[SESSION]",
	.arguments_max = 1,
	.summary = "Show the counters of a session",
	.description =
		"Shows how many calls the session made, how many failed and how long they took; its "
		"invalidation commands; events and how many of them were lost; page faults and their "
		"answers; and what is mapped and pinned. The kernel has no such counters. A session "
		"passes commands on unchanged: it does not fold them into ranges, as a relay of the "
		"library does.",
	.options = stats_options,
	.takes = TAKES_SESSION,
	.run = run_stats,
};
