// SPDX-License-Identifier: MIT
/* Reads a command line as far as it is typed, by the table of commands. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "commands/completion_offer.h"
#include "output/memory.h"
#include "output/text.h"

struct line {
	struct completion *completion;
	char *words[COMMAND_WORDS_MAX]; /* of the command */
	size_t word_count;
	bool ended;			       /* by -- */
	const struct command_option *awaiting; /* its value is the next word */
};

/* The options of the command, then the global ones that it takes; all of these if it is unknown. */
static const struct command_option *option_at(const struct command *command, size_t index)
{
	const size_t own = command ? command_option_count(command->options) : 0;

	if (index < own)
		return &command->options[index];
	for (size_t i = index - own, option = 0; global_options[option].name; option++) {
		if (command && !command_takes(command, (enum global_option)option))
			continue;
		if (!i--)
			return &global_options[option];
	}
	return NULL;
}

/* The option whose name is the first @length of @text, or whose letter is its first. */
static const struct command_option *find_option(
	const struct command *command, const char *text, size_t length, bool is_letter)
{
	const struct command_option *option;

	for (size_t i = 0; (option = option_at(command, i)); i++) {
		if (is_letter ? *text && *text == option->letter
			      : strlen(option->name) == length &&
					!strncmp(option->name, text, length))
			return option;
	}
	return NULL;
}

static void take_value(
	struct completion *completion, const struct command_option *option, const char *value)
{
	if (!strcmp(option->name, "session"))
		completion->session = value;
}

/* "-sNAME", "-s" with the name in the next word, or flags. */
static void take_letters(struct line *line, const char *letters)
{
	for (; *letters; letters++) {
		const struct command_option *option =
			find_option(line->completion->command, letters, 1, true);

		if (!option || !option->argument)
			continue;
		if (letters[1])
			take_value(line->completion, option, letters + 1);
		else if (!option->argument_optional)
			line->awaiting = option;
		return;
	}
}

static void take_option(struct line *line, const char *word)
{
	const char *name = word + strlen("--");
	const size_t length = strcspn(name, "=");
	const struct command_option *option;

	if (word[1] != '-') {
		take_letters(line, word + 1);
		return;
	}
	option = find_option(line->completion->command, name, length, false);
	if (!option || !option->argument)
		return;
	if (name[length])
		take_value(line->completion, option, name + length + 1);
	else if (!option->argument_optional)
		line->awaiting = option;
}

static void take_command_word(struct line *line, char *word)
{
	if (line->word_count == COMMAND_WORDS_MAX)
		return;
	line->words[line->word_count++] = word;
	line->completion->command = command_find(line->words, line->word_count);
}

/* Goes through the words before the last; arguments are kept in @given. */
static void take_words(struct line *line, char *const *words, size_t count, char **given)
{
	struct completion *completion = line->completion;

	for (size_t i = 0; i < count; i++) {
		if (line->awaiting) {
			take_value(completion, line->awaiting, words[i]);
			line->awaiting = NULL;
		} else if (!line->ended && !strcmp(words[i], "--")) {
			line->ended = true;
		} else if (!line->ended && words[i][0] == '-' && words[i][1]) {
			take_option(line, words[i]);
		} else if (!completion->command) {
			take_command_word(line, words[i]);
		} else {
			given[completion->given_count++] = words[i];
		}
	}
}

/* With '=' where a value follows. */
static void offer_options(const struct completion *completion)
{
	const struct command_option *option;
	char name[64];

	for (size_t i = 0; (option = option_at(completion->command, i)); i++) {
		snprintf(name, sizeof(name), "--%s", option->name);
		if (!option->argument || option->argument_optional)
			completion_offer(completion, name, option->help);
		text_append(name, sizeof(name), "=");
		if (option->argument)
			completion_offer(completion, name, option->help);
	}
}

/* Describes a word that begins several commands by the words that may follow. */
static void describe_group(const char *word, size_t length, char *text, size_t size)
{
	const struct command *command;

	*text = '\0';
	for (size_t i = 0; (command = command_at(i)); i++) {
		const char *name = command->name;

		if (!strncmp(name, word, length) && name[length] == ' ')
			text_append(text, size, "%s%s", *text ? ", " : "", name + length + 1);
	}
}

static bool is_first_of_its_word(size_t command, size_t length)
{
	const char *name = command_at(command)->name;

	for (size_t i = 0; i < command; i++) {
		const char *other = command_at(i)->name;

		if (!strncmp(other, name, length) && other[length] == ' ')
			return false;
	}
	return true;
}

static void offer_first_words(const struct completion *completion)
{
	const struct command *command;

	for (size_t i = 0; (command = command_at(i)); i++) {
		const char *name = command->name;
		const size_t length = strcspn(name, " ");
		char word[64], description[256];

		if (!name[length]) {
			completion_offer(completion, name, command->summary);
		} else if (is_first_of_its_word(i, length)) {
			snprintf(word, sizeof(word), "%.*s", (int)length, name);
			describe_group(name, length, description, sizeof(description));
			completion_offer(completion, word, description);
		}
	}
}

/* Skips the @count words at @words in @name; NULL: they are not its first, or it has no more. */
static const char *skip_words(const char *name, char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const size_t length = strlen(words[i]);

		if (strncmp(name, words[i], length) != 0 || name[length] != ' ')
			return NULL;
		name += length + 1;
	}
	return name;
}

/* Commands that continue with the same word are neighbours in the table. */
void completion_offer_commands(
	const struct completion *completion, char *const *words, size_t count)
{
	const struct command *command;
	char last[64] = "", word[64];

	if (!count) {
		offer_first_words(completion);
		return;
	}
	for (size_t i = 0; (command = command_at(i)); i++) {
		const char *rest = skip_words(command->name, words, count);

		if (!rest)
			continue;
		snprintf(word, sizeof(word), "%.*s", (int)strcspn(rest, " "), rest);
		if (strcmp(word, last) != 0)
			completion_offer(
				completion, word, strchr(rest, ' ') ? NULL : command->summary);
		memcpy(last, word, sizeof(last));
	}
}

/*
 * Copies the kind of the argument at @index from a synopsis such as "JOB [-- COMMAND
 * [ARGUMENT]...]". A kind before "..." is that of all further arguments.
 */
static void find_kind(const struct line *line, size_t index, char *kind, size_t size)
{
	const char *synopsis = line->completion->command->arguments;
	const bool goes_on = strstr(synopsis, "...");

	*kind = '\0';
	for (size_t i = 0; *synopsis; synopsis += strspn(synopsis, " ")) {
		size_t length, used = 0;
		char token[64];

		length = strcspn(synopsis, " ");
		for (size_t at = 0; at < length && used + 1 < sizeof(token); at++) {
			if (!strchr("[].", synopsis[at]))
				token[used++] = synopsis[at];
		}
		token[used] = '\0';
		synopsis += length;
		if (line->ended && !strcmp(token, "--"))
			continue;
		if (i == index || (goes_on && !*synopsis)) {
			snprintf(kind, size, "%s", token);
			return;
		}
		i++;
	}
}

static void offer_argument(const struct line *line)
{
	const struct completion *completion = line->completion;
	char kind[64];

	find_kind(line, completion->given_count, kind, sizeof(kind));
	if (!strcmp(kind, "COMMAND") && !line->ended)
		completion_offer_commands(completion, completion->given, completion->given_count);
	else
		completion_offer_kind(completion, kind);
}

static void offer_value(struct completion *completion, const struct command_option *option)
{
	if (option && option->argument)
		completion_offer_kind(completion, option->argument);
}

static void offer_last(struct line *line)
{
	struct completion *completion = line->completion;
	const char *current = completion->current;
	const bool is_option = !line->ended && *current == '-';
	const size_t length = strcspn(current, "=");
	char behind[64];

	if (line->awaiting) {
		offer_value(completion, line->awaiting);
	} else if (is_option && current[1] == '-' && current[length]) {
		snprintf(behind, sizeof(behind), "%.*s", (int)length + 1, current);
		completion->behind = behind;
		offer_value(completion,
			find_option(completion->command, current + 2, length - 2, false));
		completion->behind = "";
	} else if (is_option) {
		offer_options(completion);
	} else if (completion->command) {
		offer_argument(line);
	} else {
		completion_offer_commands(completion, line->words, line->word_count);
	}
}

void completion_offer_next(struct completion *completion, char *const *words, size_t count)
{
	struct line line = { .completion = completion };
	char **given;

	if (count < 2)
		return;
	given = memory_checked(calloc(count, sizeof(*given)));
	if (!given)
		return;
	completion->behind = "";
	completion->given = given;
	completion->current = words[count - 1];
	take_words(&line, words + 1, count - 2, given);
	offer_last(&line);
	completion->given = NULL;
	free(given);
}
