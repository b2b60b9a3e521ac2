// SPDX-License-Identifier: MIT
#include "invocation_check.h"

#include <string.h>

#include "output/text.h"

const char *invocation_bare_hint(const struct invocation *invocation, char *text, size_t size)
{
	const char *option = invocation->bare_option, *word = invocation->bare_word;

	*text = '\0';
	if (option && word)
		text_append(text, size, "; if '%s' is meant for --%s: --%s=%s", word, option,
			option, word);
	return text;
}

enum exit_status invocation_report_unexpected(
	const struct invocation *invocation, const char *word, const char *why)
{
	char hint[512];

	return report_usage(invocation->report, "unexpected argument '%s'%s%s", word, why,
		invocation_bare_hint(invocation, hint, sizeof(hint)));
}

/* "; if 'x' is meant for --model: --model=x" where @word is that x, else nothing. */
static const char *hint_about(
	const struct invocation *invocation, const char *word, char *text, size_t size)
{
	return word == invocation->bare_word ? invocation_bare_hint(invocation, text, size) : "";
}

enum exit_status invocation_report_wrong(
	const struct invocation *invocation, const char *word, const char *message)
{
	char hint[512];

	return report_usage(invocation->report, "%s%s", message,
		hint_about(invocation, word, hint, sizeof(hint)));
}

void invocation_note_bare_word(const struct invocation *invocation, const char *word)
{
	char hint[512];

	if (word == invocation->bare_word)
		report_note(invocation->report, "  hint: %s",
			invocation_bare_hint(invocation, hint, sizeof(hint)) + strlen("; "));
}

static enum exit_status check_arguments(const struct invocation *invocation)
{
	const struct command *command = invocation->command;
	int max = command->arguments_max;

	if (invocation->argument_count < command->arguments_min)
		return report_usage(invocation->report, "an argument is missing: iommuctl %s %s",
			command->name, command->arguments);
	if (max >= 0 && invocation->argument_count > max)
		return invocation_report_unexpected(invocation, invocation->arguments[max], "");
	return STATUS_DONE;
}

/* Refuses a global option that the command would ignore, wherever it stands. */
static enum exit_status check_globals(const struct invocation *invocation)
{
	char takers[256];

	for (int option = 0; global_options[option].name; option++) {
		if (!(invocation->given & 1u << option) ||
			command_takes(invocation->command, (enum global_option)option))
			continue;
		return report_usage(invocation->report,
			"option '--%s' is not for this command, only for: %s",
			global_options[option].name,
			command_list_takers((enum global_option)option, takers, sizeof(takers)));
	}
	return STATUS_DONE;
}

enum exit_status invocation_expect_no_calls(const struct invocation *invocation, const char *other)
{
	if (!invocation->trace && !invocation->fail_call)
		return STATUS_DONE;
	return report_usage(invocation->report, "option '--%s' requires %s",
		global_options[invocation->trace ? GLOBAL_TRACE : GLOBAL_FAIL_CALL].name, other);
}

enum exit_status invocation_check_stdin(const struct invocation *invocation, int count)
{
	const char *machine = invocation_option(invocation, "machine");
	int uses = (invocation->model && !strcmp(invocation->model, "-")) +
		   (machine && !strcmp(machine, "-"));

	for (int i = 0; i < count && i < invocation->argument_count; i++)
		uses += !strcmp(invocation->arguments[i], "-");
	if (uses < 2)
		return STATUS_DONE;
	return report_usage(invocation->report, "standard input can be read as only one document");
}

enum exit_status invocation_check(const struct invocation *invocation)
{
	enum exit_status status = check_globals(invocation);

	return status == STATUS_DONE ? check_arguments(invocation) : status;
}
