// SPDX-License-Identifier: MIT
#include <string.h>

#include "invocation.h"
#include "output/wrap.h"

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

/* Those that @command takes, or all. */
static void write_global_options(FILE *stream, const struct command *command)
{
	fputs("\nGlobal options:\n", stream);
	for (int i = 0; global_options[i].name; i++) {
		if (!command || command_takes(command, (enum global_option)i))
			write_option(stream, &global_options[i]);
	}
}

static void write_command_help(FILE *stream, const void *data)
{
	const struct command *command = data;

	fprintf(stream, "Usage: iommuctl %s [OPTION...]%s%s\n\n%s.\n\n", command->name,
		*command->arguments ? " " : "", command->arguments, command->summary);
	wrap_print_paragraphs(stream, command->description);
	if (command_option_count(command->options))
		fputs("\nOptions:\n", stream);
	for (const struct command_option *option = command->options; option && option->name; option++)
		write_option(stream, option);
	write_global_options(stream, command);
}

/* The commands as a list, or those alone whose first word is @group. */
static void write_list_help(FILE *stream, const void *data)
{
	const char *group = data;
	size_t length = group ? strlen(group) : 0;

	fprintf(stream, "Usage: iommuctl %s%s[OPTION...] COMMAND [ARGUMENT...]\n\n",
		group ? group : "", group ? " " : "");
	wrap_print(stream, NULL,
		"Controls nested IOMMU translation through iommufd and VFIO. "
		"'iommuctl help COMMAND' explains a command.");
	fputs("\nCommands:\n", stream);
	for (size_t i = 0; commands[i]; i++) {
		const char *name = commands[i]->name;

		if (!group || (!strncmp(name, group, length) && name[length] == ' '))
			wrap_print(stream, name, commands[i]->summary);
	}
	write_global_options(stream, NULL);
}

static enum exit_status run_help(struct invocation *invocation)
{
	const char *first = invocation->arguments[0];
	const char *second = first ? invocation->arguments[1] : NULL;
	const struct command *command = first ? command_find(first, second) : NULL;

	if (first && !command && (second || !command_is_group(first)))
		return command_report_unknown(invocation->report, first, second);
	if (command)
		return report_written(
			invocation->report, "help", NULL, write_command_help, command);
	return report_written(invocation->report, "help", NULL, write_list_help, first);
}

const struct command command_help = {
	.name = "help",
	.arguments = "[COMMAND]...",
	.arguments_max = 2,
	.summary = "Explain a command, or list them all",
	.description = "COMMAND may have two words: 'iommuctl help device list'.",
	.run = run_help,
};
