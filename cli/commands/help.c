// SPDX-License-Identifier: MIT
#include <string.h>

#include "document/schema.h"
#include "invocation.h"
#include "output/wrap.h"
#include "session/client/verb.h"

static void write_option(FILE *stream, const struct command_option *option)
{
	char letter[] = { option->letter, '\0' };
	char term[64];

	snprintf(term, sizeof(term), "--%s%s%s%s%s%s%s", option->name,
		option->argument_optional ? "[" : "", option->argument ? "=" : "",
		option->argument ? option->argument : "", option->argument_optional ? "]" : "",
		*letter ? ", -" : "", letter);
	wrap_print(stream, term, option->help);
}

/* Those that @command takes, or all if it is NULL. */
static void write_global_options(FILE *stream, const struct command *command)
{
	fputs("\nGlobal options:\n", stream);
	for (int i = 0; global_options[i].name; i++) {
		if (!command || command_takes(command, (enum global_option)i))
			write_option(stream, &global_options[i]);
	}
}

/* The keys that KEY=VALUE arguments may have. */
static void write_keys(FILE *stream, const struct command *command)
{
	const char *said = verb_said_key(&command->verb);
	const struct schema_shape *shape = command->shape;
	struct schema_field field;
	char lower[32];

	fputs("\nKeys:\n", stream);
	for (const struct schema_key *key = shape->keys; key->name; key++) {
		if (!said || strcmp(key->name, said) != 0)
			wrap_print(stream, key->name, key->help);
	}
	for (size_t i = 0; shape->fields && shape->fields->structure->field(i, &field); i++) {
		if (schema_has_own_field(shape, i, &field))
			wrap_print(stream, schema_lower_case(field.name, lower, sizeof(lower)),
				"Field of the structure.");
	}
}

static void write_command_help(FILE *stream, const void *data)
{
	const struct command *command = data;

	fprintf(stream, "Usage: iommuctl %s [OPTION...]%s%s\n\n%s.\n\n", command->name,
		*command->arguments ? " " : "", command->arguments, command->summary);
	wrap_print_paragraphs(stream, command->description);
	if (command->shape)
		write_keys(stream, command);
	if (command_option_count(command->options))
		fputs("\nOptions:\n", stream);
	for (const struct command_option *option = command->options; option && option->name;
		option++)
		write_option(stream, option);
	write_global_options(stream, command);
}

/* The commands of @group that begin with @words, which may be "". */
static void write_group(FILE *stream, enum command_group group, const char *words)
{
	const size_t length = strlen(words);
	const struct command *command;
	bool has_title = false;

	for (size_t i = 0; (command = command_at(i)); i++) {
		const char *name = command->name;

		if (command->group != group ||
			(*words && (strncmp(name, words, length) != 0 || name[length] != ' ')))
			continue;
		if (!has_title)
			fprintf(stream, "\n%s:\n", command_group_titles[group]);
		has_title = true;
		wrap_print(stream, name, command->summary);
	}
}

/* The commands as a list, or only those that begin with @data, which may be "". */
static void write_list_help(FILE *stream, const void *data)
{
	const char *words = data;

	fprintf(stream, "Usage: iommuctl %s%s[OPTION...] COMMAND [ARGUMENT...]\n\n", words,
		*words ? " " : "");
	wrap_print(stream, NULL,
		"Controls nested IOMMU translation through iommufd and VFIO. "
		"'iommuctl help COMMAND' explains a command.");
	for (int i = 0; i < COMMAND_GROUPS; i++)
		write_group(stream, (enum command_group)i, words);
	write_global_options(stream, NULL);
}

static enum exit_status run_help(struct invocation *invocation)
{
	char **words = invocation->arguments;
	const size_t count = (size_t)invocation->argument_count;
	const struct command *command = command_find(words, count);
	char group[64];

	if (command)
		return report_written(
			invocation->report, "help", NULL, write_command_help, command);
	if (!command_is_group(words, count))
		return command_report_unknown(invocation->report, words, count);
	command_join_words(words, count, group, sizeof(group));
	return report_written(invocation->report, "help", NULL, write_list_help, group);
}

const struct command command_help = {
	.name = "help",
	.group = COMMANDS_TOOLS,
	.arguments = "[COMMAND]...",
	.arguments_max = COMMAND_WORDS_MAX,
	.summary = "Explain a command, or list all commands",
	.description = "COMMAND may have up to three words: 'iommuctl help device list'.",
	.run = run_help,
};
