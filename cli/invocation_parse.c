// SPDX-License-Identifier: MIT
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "invocation.h"
#include "invocation_check.h"
#include "output/text.h"

/* Above all characters, so that argp makes no short options out of them. */
#define FIRST_KEY 0x100

/*
 * argp reads the command line twice: first the global options up to the end of the command's words,
 * then the rest, now that the command and its options are known. The options are the command's own,
 * then the global ones; an option's key is its letter, or FIRST_KEY plus its place among them.
 */
struct command_line {
	struct invocation *invocation;
	struct argp_option *options;
	size_t own_count; /* how many of them are the command's */
	size_t count;
	char *words[COMMAND_WORDS_MAX]; /* the command's, as far as they have been read */
	size_t word_count;
	int next;      /* the word that argp looks at next */
	int rest;      /* the first word after the command's */
	int bare_next; /* the word after an option that could have had a value */
	enum exit_status status;
};

static bool has_value(const struct argp_option *option)
{
	return option->arg && !(option->flags & OPTION_ARG_OPTIONAL);
}

/* Lists the options that begin with the @length letters of @typed. */
static size_t list_completions(
	const struct command_line *line, const char *typed, size_t length, char *list, size_t size)
{
	size_t count = 0;

	*list = '\0';
	for (size_t i = 0; length && i < line->count; i++) {
		const char *name = line->options[i].name;

		if (strncmp(name, typed, length) == 0)
			text_append(list, size, "%s--%s", count++ ? ", " : "", name);
	}
	return count;
}

/* "-s" of --session, without the value that has to follow. */
static bool is_its_letter(const struct argp_option *option, const char *word)
{
	return word[0] == '-' && word[1] == option->key && !word[2];
}

/* Why argp refused @word. */
static enum exit_status report_bad_option(struct command_line *line, const char *word)
{
	struct report *report = line->invocation->report;
	const char *name = word + strspn(word, "-");
	size_t length = strcspn(name, "=");
	struct nearest nearest;
	char typed[64], list[256];

	snprintf(typed, sizeof(typed), "%.*s", (int)(length < 64 ? length : 63), name);
	nearest_start(&nearest, typed);
	for (size_t i = 0; i < line->count; i++) {
		const struct argp_option *option = &line->options[i];

		if (!strcmp(option->name, typed) && has_value(option))
			return report_usage(report, "option '--%s' needs a value: --%s=%s", typed,
				typed, option->arg);
		if (is_its_letter(option, word) && has_value(option))
			return report_usage(report, "option '%s' needs a value: %s %s", word, word,
				option->arg);
		if (!strcmp(option->name, typed) && name[length])
			return report_usage(report, "option '--%s' takes no value", typed);
		nearest_offer(&nearest, option->name, strlen(option->name));
	}
	if (list_completions(line, name, length, list, sizeof(list)) > 1)
		return report_usage(
			report, "option '--%s' is short for more than one: %s", typed, list);
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
	const char *text = value ? value : "";

	line->invocation->given |= 1u << option;
	switch (option) {
	case GLOBAL_JSON: line->invocation->report->json = true; break;
	case GLOBAL_MODEL: line->invocation->model = text; break;
	case GLOBAL_TRACE: line->invocation->trace = text; break;
	case GLOBAL_SESSION: line->invocation->session = text; break;
	case GLOBAL_FAIL_CALL: return parse_fail_call(line->invocation, text);
	case GLOBAL_VERSION:
	case GLOBAL_HELP: break;
	}
	return STATUS_DONE;
}

static bool is_given(const struct command_line *line, size_t place)
{
	if (place >= line->own_count)
		return line->invocation->given & 1u << (place - line->own_count);
	return line->invocation->option_values[place] != NULL;
}

/* A second value would override the first silently; a flag only says the same twice. */
static enum exit_status set_option(struct command_line *line, size_t place, const char *value)
{
	const struct argp_option *option = &line->options[place];
	struct report *report = line->invocation->report;

	if (value && !*value)
		return report_usage(report, "option '--%s' has an empty value: --%s=%s",
			option->name, option->name, option->arg);
	if (option->arg && is_given(line, place))
		return report_usage(report, "option '--%s' is given twice", option->name);
	if (place >= line->own_count)
		return set_global(line, (enum global_option)(place - line->own_count), value);
	line->invocation->option_values[place] = value ? value : "";
	return STATUS_DONE;
}

/* Remembers an option whose value is optional and has to follow a '='. */
static void notice_bare_option(struct command_line *line, size_t place, const char *value, int next)
{
	const struct argp_option *option = &line->options[place];

	if (value || !option->arg)
		return;
	line->invocation->bare_option = option->name;
	line->invocation->bare_word = NULL;
	line->bare_next = next;
}

static void notice_bare_word(struct command_line *line, const char *word, int place)
{
	if (line->invocation->bare_option && place == line->bare_next)
		line->invocation->bare_word = word;
}

/* Adds a word to the command's; ends the first reading once the command is known. */
static enum exit_status add_word(struct command_line *line, char *word, struct argp_state *state)
{
	struct invocation *invocation = line->invocation;
	char **words = line->words;
	char hint[512];

	if (state->quoted)
		return report_usage(invocation->report, "'--' must follow the words of a command");
	notice_bare_word(line, word, state->next - 1);
	words[line->word_count++] = word;
	invocation->command = command_find(words, line->word_count);
	if (!invocation->command && command_is_group(words, line->word_count))
		return STATUS_DONE;
	if (!invocation->command && invocation->bare_word == word)
		return report_usage(invocation->report, "unknown command '%s'%s", word,
			invocation_bare_hint(invocation, hint, sizeof(hint)));
	if (!invocation->command)
		return command_report_unknown(invocation->report, words, line->word_count);
	invocation->bare_word = NULL; /* it was meant as a word of the command */
	line->rest = state->next;
	state->next = state->argc;
	return STATUS_DONE;
}

static enum exit_status add_argument(
	struct command_line *line, char *word, const struct argp_state *state)
{
	struct invocation *invocation = line->invocation;

	invocation->arguments[invocation->argument_count++] = word;
	if (!state->quoted) {
		notice_bare_word(line, word, state->next - 1);
		invocation->separator = invocation->argument_count;
	}
	return STATUS_DONE;
}

/* The index of the option that argp calls @key; the number of options if it is not one. */
static size_t place_of(const struct command_line *line, int key)
{
	size_t place = 0;

	while (place < line->count && line->options[place].key != key)
		place++;
	return place;
}

static error_t parse_key(int key, char *value, struct argp_state *state)
{
	struct command_line *line = state->input;
	size_t place = place_of(line, key);

	if (key == ARGP_KEY_ERROR && line->status == STATUS_DONE)
		line->status = report_bad_option(line, state->argv[line->next]);
	else if (key == ARGP_KEY_ARG && !line->rest)
		line->status = add_word(line, value, state);
	else if (key == ARGP_KEY_ARG)
		line->status = add_argument(line, value, state);
	else if (key == ARGP_KEY_END && line->rest)
		line->invocation->has_separator = state->quoted;
	else if (place < line->count)
		line->status = set_option(line, place, value);
	else
		return ARGP_ERR_UNKNOWN;
	if (place < line->count)
		notice_bare_option(line, place, value, state->next);
	line->next = state->next;
	return line->status == STATUS_DONE ? 0 : EINVAL;
}

static void add_options(struct command_line *line, const struct command_option *options)
{
	for (; options && options->name; options++) {
		line->options[line->count] = (struct argp_option){
			.name = options->name,
			.key = options->letter ? options->letter : FIRST_KEY + (int)line->count,
			.arg = options->argument,
			.flags = options->argument_optional ? OPTION_ARG_OPTIONAL : 0,
		};
		line->count++;
	}
}

/* Reads @argv after its first word, with the options of the command if that is known. */
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

/* Turns @line into an invocation of help about the words that it has. */
static enum exit_status ask_for_help(struct command_line *line)
{
	struct invocation *invocation = line->invocation;

	invocation->command = &command_help;
	invocation->argument_count = (int)line->word_count;
	memcpy(invocation->arguments, line->words, sizeof(line->words));
	return STATUS_DONE;
}

static enum exit_status report_incomplete(struct command_line *line)
{
	struct report *report = line->invocation->report;
	enum exit_status status;
	char words[64];

	if (!line->word_count)
		return report_usage(report, "a command is missing");
	command_join_words(line->words, line->word_count, words, sizeof(words));
	report->command = words;
	status = report_usage(report, "the %s word of the command is missing",
		line->word_count == 1 ? "second" : "third");
	report->command = NULL;
	return status;
}

/* Errors before --json are JSON as well. argp accepts the beginning of a name for it. */
static bool asks_for_json(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strlen(argv[i]) > strlen("--") && !strncmp("--json", argv[i], strlen(argv[i])))
			return true;
	}
	return false;
}

/* The rest after the command's words. */
static enum exit_status read_rest(struct command_line *line, int argc, char **argv)
{
	struct invocation *invocation = line->invocation;
	const int first = line->rest - 1;

	invocation->report->command = invocation->command->name;
	invocation->option_values =
		calloc(command_option_count(invocation->command->options) + 1, sizeof(char *));
	if (!invocation->option_values)
		return report_out_of_memory(invocation->report);
	line->bare_next -= first;
	return read_words(line, argc - first, argv + first);
}

enum exit_status invocation_parse(
	struct invocation *invocation, struct report *report, int argc, char **argv)
{
	struct command_line line = { .invocation = invocation };
	enum exit_status status;

	*invocation = (struct invocation){ .report = report };
	report->json = asks_for_json(argc, argv);
	invocation->arguments = calloc((size_t)argc + 2, sizeof(*invocation->arguments));
	if (!invocation->arguments)
		return report_out_of_memory(report);
	status = read_words(&line, argc, argv);
	if (status == STATUS_DONE && line.rest)
		status = read_rest(&line, argc, argv);
	if (status != STATUS_DONE)
		return status;
	report->json = invocation->given & 1u << GLOBAL_JSON;
	if (invocation->given & 1u << GLOBAL_HELP)
		return ask_for_help(&line);
	if (invocation->given & 1u << GLOBAL_VERSION) {
		invocation->command = &command_version;
		return STATUS_DONE;
	}
	if (!line.rest)
		return report_incomplete(&line);
	return invocation_check(invocation);
}
