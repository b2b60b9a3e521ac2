// SPDX-License-Identifier: MIT
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "invocation.h"
#include "output/text.h"

/* Above all characters, so that argp makes no short options of them. */
#define FIRST_KEY 0x100

/*
 * argp reads the command line twice: first the global options up to the end of the command's words,
 * then the rest, now that the command and its options are known. The options are the command's own,
 * then the global ones; an option's key is FIRST_KEY plus its place among them.
 */
struct command_line {
	struct invocation *invocation;
	struct argp_option *options;
	size_t own_count; /* how many of them are the command's */
	size_t count;
	char *words[2]; /* the command's, as far as they have been read */
	int word_count;
	int next; /* the word that argp looks at next */
	int rest; /* the first word after the command's */
	enum exit_status status;
	bool help;
	bool version;
};

static bool has_value(const struct argp_option *option)
{
	return option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
}

/* Why argp took offence at @word. */
static enum exit_status report_bad_option(struct command_line *line, const char *word)
{
	struct report *report = line->invocation->report;
	const char *name = word + strspn(word, "-");
	size_t length = strcspn(name, "=");
	struct nearest nearest;
	char typed[64];

	snprintf(typed, sizeof(typed), "%.*s", (int)(length < 64 ? length : 63), name);
	nearest_start(&nearest, typed);
	for (size_t i = 0; i < line->count; i++) {
		const struct argp_option *option = &line->options[i];

		if (!strcmp(option->name, typed) && has_value(option))
			return report_usage(report, "option '--%s' needs a value: --%s=%s", typed,
				typed, option->arg);
		if (!strcmp(option->name, typed) && name[length])
			return report_usage(report, "option '--%s' takes no value", typed);
		nearest_offer(&nearest, option->name, strlen(option->name));
	}
	if (*nearest.name)
		return report_usage(report, "unknown option '%.*s'; did you mean '--%s'?",
			(int)strcspn(word, "="), word, nearest.name);
	return report_usage(report, "unknown option '%.*s'", (int)strcspn(word, "="), word);
}

static enum exit_status parse_fail_call(struct invocation *invocation, const char *value)
{
	char *end;

	errno = 0;
	invocation->fail_call = strtoumax(value, &end, 10);
	invocation->fail_errno = *end == ':' ? errno_from_name(end + 1) : ENOMEM;
	if (strspn(value, "0123456789") == 0 || errno || !invocation->fail_call)
		return report_usage(invocation->report,
			"--fail-call=%s: N is the number of a call, 1 for the first", value);
	if ((*end && *end != ':') || !invocation->fail_errno)
		return report_usage(invocation->report,
			"--fail-call=%s: ERRNO is a name such as ENOMEM", value);
	return STATUS_DONE;
}

static enum exit_status set_global(
	struct command_line *line, enum global_option option, const char *value)
{
	switch (option) {
	case GLOBAL_JSON: line->invocation->report->json = true; break;
	case GLOBAL_MODEL: line->invocation->model = value ? value : ""; break;
	case GLOBAL_TRACE: line->invocation->trace = value ? value : ""; break;
	case GLOBAL_FAIL_CALL: return parse_fail_call(line->invocation, value);
	case GLOBAL_VERSION: line->version = true; break;
	case GLOBAL_HELP: line->help = true; break;
	}
	return STATUS_DONE;
}

static enum exit_status set_option(struct command_line *line, size_t place, const char *value)
{
	if (place >= line->own_count)
		return set_global(line, (enum global_option)(place - line->own_count), value);
	line->invocation->option_values[place] = value ? value : "";
	return STATUS_DONE;
}

/* Adds a word to the command's; once the command is known, ends the first reading. */
static enum exit_status add_word(struct command_line *line, char *word, struct argp_state *state)
{
	struct invocation *invocation = line->invocation;
	char **words = line->words;

	words[line->word_count++] = word;
	invocation->command = command_find(words[0], words[1]);
	if (!invocation->command && line->word_count == 1 && command_is_group(words[0]))
		return STATUS_DONE;
	if (!invocation->command)
		return command_report_unknown(invocation->report, words[0], words[1]);
	line->rest = state->next;
	state->next = state->argc;
	return STATUS_DONE;
}

static enum exit_status add_argument(
	struct command_line *line, char *word, const struct argp_state *state)
{
	struct invocation *invocation = line->invocation;

	invocation->has_separator = state->quoted;
	invocation->arguments[invocation->argument_count++] = word;
	return STATUS_DONE;
}

static error_t parse_key(int key, char *value, struct argp_state *state)
{
	struct command_line *line = state->input;
	bool reading_words = !line->rest;

	if (key == ARGP_KEY_ERROR && line->status == STATUS_DONE)
		line->status = report_bad_option(line, state->argv[line->next]);
	else if (key == ARGP_KEY_ARG && reading_words)
		line->status = add_word(line, value, state);
	else if (key == ARGP_KEY_ARG)
		line->status = add_argument(line, value, state);
	else if (key >= FIRST_KEY && (size_t)key - FIRST_KEY < line->count)
		line->status = set_option(line, (size_t)key - FIRST_KEY, value);
	else
		return ARGP_ERR_UNKNOWN;
	line->next = state->next;
	return line->status == STATUS_DONE ? 0 : EINVAL;
}

static void add_options(struct command_line *line, const struct command_option *options)
{
	for (; options && options->name; options++) {
		line->options[line->count] = (struct argp_option){
			.name = options->name,
			.key = FIRST_KEY + (int)line->count,
			.arg = options->argument,
			.flags = options->argument_optional ? OPTION_ARG_OPTIONAL : 0,
		};
		line->count++;
	}
}

/* Reads @argv, whose first word is skipped, with the options of the command, if it is known. */
static enum exit_status read_words(struct command_line *line, int argc, char **argv)
{
	const struct command *command = line->invocation->command;
	const struct command_option *own = command ? command->options : NULL;
	struct argp argp = { .parser = parse_key };

	line->own_count = command_option_count(own);
	line->count = 0;
	line->next = 1;
	line->options = calloc(
		line->own_count + command_option_count(global_options) + 1, sizeof(*line->options));
	if (!line->options) {
		line->status = report_out_of_memory(line->invocation->report);
		return line->status;
	}
	add_options(line, own);
	add_options(line, global_options);
	argp.options = line->options;
	if (argp_parse(&argp, argc, argv, ARGP_SILENT | ARGP_IN_ORDER, NULL, line) == ENOMEM)
		line->status = report_out_of_memory(line->invocation->report);
	free(line->options);
	return line->status;
}

static enum exit_status check_arguments(const struct invocation *invocation)
{
	const struct command *command = invocation->command;
	int max = command->arguments_max;

	if (invocation->argument_count < command->arguments_min)
		return report_usage(invocation->report, "an argument is missing: iommuctl %s %s",
			command->name, command->arguments);
	if (max >= 0 && invocation->argument_count > max)
		return report_usage(
			invocation->report, "unexpected argument '%s'", invocation->arguments[max]);
	if (invocation->model && !command->takes_model)
		return report_usage(invocation->report, "--model is for jobs");
	return STATUS_DONE;
}

/* Makes @line an invocation of help on the words that there are. */
static enum exit_status ask_for_help(struct command_line *line)
{
	struct invocation *invocation = line->invocation;

	invocation->command = &command_help;
	invocation->argument_count = line->word_count;
	memcpy(invocation->arguments, line->words, sizeof(line->words));
	return STATUS_DONE;
}

static enum exit_status report_incomplete(struct command_line *line)
{
	struct report *report = line->invocation->report;

	if (!line->word_count)
		return report_usage(report, "a command is missing");
	report->command = line->words[0];
	return report_usage(report, "the second word of the command is missing");
}

/* Errors before --json is reached are to be JSON as well. */
static bool asks_for_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!strcmp(argv[i], "--json"))
			return true;
	}
	return false;
}

enum exit_status invocation_parse(
	struct invocation *invocation, struct report *report, int argc, char **argv)
{
	struct command_line line = { .invocation = invocation };

	*invocation = (struct invocation){ .report = report };
	report->json = asks_for_json(argc, argv);
	invocation->arguments = calloc((size_t)argc + 2, sizeof(*invocation->arguments));
	if (!invocation->arguments)
		return report_out_of_memory(report);
	if (read_words(&line, argc, argv) != STATUS_DONE)
		return line.status;
	if (line.rest) {
		report->command = invocation->command->name;
		invocation->option_values = calloc(
			command_option_count(invocation->command->options) + 1, sizeof(char *));
		if (!invocation->option_values)
			return report_out_of_memory(report);
		if (read_words(&line, argc - line.rest + 1, argv + line.rest - 1) != STATUS_DONE)
			return line.status;
	}
	if (line.help)
		return ask_for_help(&line);
	if (line.version) {
		invocation->command = &command_version;
		return STATUS_DONE;
	}
	return line.rest ? check_arguments(invocation) : report_incomplete(&line);
}

void invocation_release(struct invocation *invocation)
{
	free(invocation->option_values);
	free(invocation->arguments);
}

const char *invocation_option(const struct invocation *invocation, const char *name)
{
	const struct command_option *options = invocation->command->options;

	for (size_t i = 0; options && options[i].name; i++) {
		if (!strcmp(options[i].name, name))
			return invocation->option_values[i];
	}
	return NULL;
}
