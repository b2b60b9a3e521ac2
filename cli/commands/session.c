// SPDX-License-Identifier: MIT
/* The commands about sessions as a whole. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "invocation.h"
#include "output/text.h"
#include "session/client/ask.h"
#include "session/client/runtime.h"

static int add_name(const char *name, void *data)
{
	json_array_append_new(data, json_string(name));
	return 0;
}

/* One name a line; nothing if there is none. */
static void report_names(struct report *report, json_t *names)
{
	const size_t size = json_array_size(names) * (SESSION_NAME_MAX + 1) + 1;
	char *text = calloc(size, 1);
	json_t *name;
	size_t i;

	if (!text) {
		json_decref(names);
		report_out_of_memory(report);
		return;
	}
	json_array_foreach(names, i, name) {
		text_append(text, size, "%s%s", i ? "\n" : "", json_string_value(name));
	}
	if (*text || report->json)
		report_lines(report, "sessions", names, text);
	else
		json_decref(names);
	free(text);
}

static enum exit_status run_list(struct invocation *invocation)
{
	struct failure failure = { 0 };
	json_t *names = json_array();
	int directory = runtime_open(false, &failure), err = 0;

	if (directory < 0 && failure.error != -ENOENT) {
		json_decref(names);
		return report_failure(invocation->report, &failure);
	}
	if (directory >= 0) {
		err = runtime_each(directory, add_name, names);
		close(directory);
	}
	if (err) {
		json_decref(names);
		return report_errno(invocation->report, "session list", NULL, err);
	}
	report_names(invocation->report, names);
	return STATUS_DONE;
}

const struct command command_session_list = {
	.name = "session list",
	.group = COMMANDS_SESSIONS,
	.arguments = "",
	.summary = "List the running sessions of this user",
	.description =
		"Prints the name of each session that a process of this user holds, one a line.",
	.run = run_list,
};

/* An option for each form except the list. */
static const struct command_option show_options[] = {
	{ "tree", NULL, "Show devices, and below each the objects that its attachment stands on" },
	{ "dot", NULL, "Print the objects as a graph for Graphviz" },
	{ "names", NULL, "Print only the names of the objects, one a line" },
	{ NULL },
};

static enum exit_status run_show(struct invocation *invocation)
{
	struct ask question = { .kind = "show" };
	const char *form = NULL;

	for (const struct command_option *option = show_options; option->name; option++) {
		if (!invocation_option(invocation, option->name))
			continue;
		if (form)
			return report_exclusive(invocation->report, form, option->name);
		form = option->name;
	}
	question.arguments = json_pack("{s:s}", "as", form ? form : "list");
	return session_ask_argument(invocation, invocation->arguments[0], &question);
}

const struct command command_session_show = {
	.name = "session show",
	.group = COMMANDS_SESSIONS,
	.arguments = "[SESSION]",
	.arguments_max = 1,
	.summary = "Show the objects of a session",
	.description =
		"Shows each object of the session with its kernel id, in the order in which they were "
		"made, and what each device is attached to.",
	.options = show_options,
	.takes = TAKES_SESSION,
	.run = run_show,
};

static enum exit_status run_stop(struct invocation *invocation)
{
	struct ask question = { .kind = "stop", .arguments = json_object() };

	return session_ask_argument(invocation, invocation->arguments[0], &question);
}

const struct command command_session_stop = {
	.name = "session stop",
	.group = COMMANDS_SESSIONS,
	.arguments = "[SESSION]",
	.arguments_max = 1,
	.summary = "End a session: undo everything that it holds, in reverse",
	.description =
		"Undoes everything in reverse and ends the process. Anything that cannot be undone is "
		"reported, and the exit status is then 1 (failed).",
	.takes = TAKES_SESSION,
	.run = run_stop,
};
