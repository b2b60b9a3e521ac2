// SPDX-License-Identifier: MIT
#include <string.h>

#include "array.h"
#include "command.h"
#include "output/text.h"

static const struct command *const commands[] = {
	&command_run,
	&command_plan,
	&command_validate,
	&command_selftest,
	&command_schema,
	&command_device_list,
	&command_device_show,
	&command_device_group,
	&command_device_bind,
	&command_device_unbind,
	&command_device_vf_create,
	&command_device_vf_destroy,
	&command_device_persistent,
	&command_device_cdi,
	&command_monitor,
	&command_doctor,
	&command_decode,
	&command_events,
	&command_walk,
	&command_dump,
	&command_bench_invalidate,
	&command_session_start,
	&command_session_list,
	&command_session_show,
	&command_session_apply,
	&command_session_save,
	&command_session_export,
	&command_session_stats,
	&command_session_stop,
	&command_completion,
	&command_help,
};

const char *const command_group_titles[COMMAND_GROUPS] = {
	[COMMANDS_JOBS] = "Jobs",
	[COMMANDS_HOST] = "Host and devices",
	[COMMANDS_SESSIONS] = "Sessions",
	[COMMANDS_OBJECTS] = "Objects in a session",
	[COMMANDS_STEPS] = "Steps of a selftest, in a session",
	[COMMANDS_TOOLS] = "Tools",
};

const struct command_option global_options[] = {
	[GLOBAL_JSON] = { "json", NULL, "Give results and errors as JSON, one object a line" },
	[GLOBAL_MODEL] = { "model", "FILE",
		"Use the model machine, in this process, instead of the kernel; FILE describes a machine "
		"other than the default",
		true },
	[GLOBAL_TRACE] = { "trace", "FILE",
		"Show every call to the kernel, decoded, on standard error or in FILE", true },
	[GLOBAL_FAIL_CALL] = { "fail-call", "N[:ERRNO]",
		"For tests: make the Nth call to the kernel fail, with ENOMEM unless ERRNO is given; the "
		"command fails if there are fewer calls" },
	[GLOBAL_SESSION] = { "session", "SESSION",
		"The session to act in; by default $IOMMUCTL_SESSION", .letter = 's' },
	[GLOBAL_VERSION] = { "version", NULL, "Print the version", .letter = 'V' },
	[GLOBAL_HELP] = { "help", NULL, "Explain the command", .letter = 'h' },
	{ NULL },
};

const struct command *command_at(size_t index)
{
	if (index < ARRAY_SIZE(commands))
		return commands[index];
	index -= ARRAY_SIZE(commands);
	return index < verb_command_count ? &verb_commands[index] : NULL;
}

size_t command_option_count(const struct command_option *options)
{
	size_t count = 0;

	while (options && options[count].name)
		count++;
	return count;
}

bool command_takes(const struct command *command, enum global_option option)
{
	return (TAKES_ALWAYS | command->takes) & 1u << option;
}

const char *command_list_takers(enum global_option option, char *text, size_t size)
{
	const struct command *command;

	if (TAKES_ALWAYS & 1u << option)
		return NULL;
	*text = '\0';
	/* Too many to list. */
	if (option == GLOBAL_SESSION) {
		text_append(text, size, "those that act in a session");
		return text;
	}
	for (size_t i = 0; (command = command_at(i)); i++) {
		if (command_takes(command, option))
			text_append(text, size, "%s%s", *text ? ", " : "", command->name);
	}
	return text;
}

/* The rest of @name after the first @count of @words; "" if none; NULL: it begins otherwise. */
static const char *after_words(const char *name, char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t length = strcspn(name, " ");

		if (strlen(words[i]) != length || memcmp(name, words[i], length) != 0)
			return NULL;
		name += length + (name[length] == ' ');
	}
	return name;
}

const struct command *command_find(char *const *words, size_t count)
{
	const struct command *command;

	for (size_t i = 0; count && (command = command_at(i)); i++) {
		const char *rest = after_words(command->name, words, count);

		if (rest && !*rest)
			return command;
	}
	return NULL;
}

bool command_is_group(char *const *words, size_t count)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++) {
		const char *rest = after_words(command->name, words, count);

		if (rest && *rest)
			return true;
	}
	return false;
}

void command_join_words(char *const *words, size_t count, char *text, size_t size)
{
	*text = '\0';
	for (size_t i = 0; i < count; i++)
		text_append(text, size, "%s%s", i ? " " : "", words[i]);
}

enum exit_status command_report_unknown(struct report *report, char *const *words, size_t count)
{
	const char *gap = count > 1 ? " " : "";
	const struct command *command;
	char known[128], typed[512];
	struct nearest nearest;

	while (count > 1 && !command_is_group(words, count - 1) && !command_find(words, count - 1))
		count--;
	command_join_words(words, count, typed, sizeof(typed));
	command_join_words(words, count - 1, known, sizeof(known));
	nearest_start(&nearest, words[count - 1]);
	for (size_t i = 0; (command = command_at(i)); i++) {
		const char *rest = after_words(command->name, words, count - 1);

		if (rest)
			nearest_offer(&nearest, rest, strcspn(rest, " "));
	}
	if (!*nearest.name)
		return report_usage(report, "unknown command '%s'", typed);
	return report_usage(report, "unknown command '%s'; did you mean '%s%s%s'?", typed, known,
		gap, nearest.name);
}
