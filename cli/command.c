// SPDX-License-Identifier: MIT
#include <string.h>

#include "command.h"
#include "output/text.h"

const struct command *const commands[] = {
	&command_run,
	&command_plan,
	&command_validate,
	&command_schema,
	&command_device_list,
	&command_device_show,
	&command_device_bind,
	&command_device_unbind,
	&command_doctor,
	&command_decode,
	&command_bench_invalidate,
	&command_completion,
	&command_help,
	NULL,
};

const struct command_option global_options[] = {
	[GLOBAL_JSON] = { "json", NULL, "Give results and errors as JSON, one object a line" },
	[GLOBAL_MODEL] = { "model", "FILE",
		"Take the model machine, in this process, rather than the kernel; FILE describes another "
		"machine than the usual one",
		true },
	[GLOBAL_TRACE] = { "trace", "FILE",
		"Show every call to the kernel, decoded, on standard error or in FILE", true },
	[GLOBAL_FAIL_CALL] = { "fail-call", "N[:ERRNO]",
		"For tests: make the Nth call to the kernel fail, with ENOMEM if none is named; fails if "
		"there are fewer calls" },
	[GLOBAL_VERSION] = { "version", NULL, "Say which version this is", .letter = 'V' },
	[GLOBAL_HELP] = { "help", NULL, "Explain the command", .letter = 'h' },
	{ NULL },
};

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
	if (TAKES_ALWAYS & 1u << option)
		return NULL;
	*text = '\0';
	for (size_t i = 0; commands[i]; i++) {
		if (command_takes(commands[i], option))
			text_append(text, size, "%s%s", *text ? ", " : "", commands[i]->name);
	}
	return text;
}

static size_t first_word_length(const char *name)
{
	return strcspn(name, " ");
}

static bool first_word_is(const char *name, const char *word)
{
	size_t length = first_word_length(name);

	return strlen(word) == length && !memcmp(name, word, length);
}

const struct command *command_find(const char *first, const char *second)
{
	for (size_t i = 0; commands[i]; i++) {
		const char *name = commands[i]->name;
		const char *rest = name + first_word_length(name);

		if (!first_word_is(name, first))
			continue;
		if (second ? *rest && !strcmp(rest + 1, second) : !*rest)
			return commands[i];
	}
	return NULL;
}

bool command_is_group(const char *word)
{
	for (size_t i = 0; commands[i]; i++) {
		if (strchr(commands[i]->name, ' ') && first_word_is(commands[i]->name, word))
			return true;
	}
	return false;
}

enum exit_status command_report_unknown(
	struct report *report, const char *first, const char *second)
{
	const char *gap = second ? " " : "";
	struct nearest nearest;

	nearest_start(&nearest, second ? second : first);
	for (size_t i = 0; commands[i]; i++) {
		const char *name = commands[i]->name;
		size_t length = first_word_length(name);

		if (!second)
			nearest_offer(&nearest, name, length);
		else if (name[length] && first_word_is(name, first))
			nearest_offer(&nearest, name + length + 1, strlen(name + length + 1));
	}
	second = second ? second : "";
	if (!*nearest.name)
		return report_usage(report, "unknown command '%s%s%s'", first, gap, second);
	return report_usage(report, "unknown command '%s%s%s'; did you mean '%s%s%s'?", first, gap,
		second, *gap ? first : "", gap, nearest.name);
}
