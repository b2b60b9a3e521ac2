// SPDX-License-Identifier: MIT
/* The page of one command, and the parts that iommuctl(1) shares with it. */
#include <string.h>

#include "command.h"
#include "job_keys.h"
#include "pages.h"
#include "roff.h"
#include "session/client/verb.h"

void write_exit_statuses(FILE *stream)
{
	char term[32];

	roff_section(stream, "EXIT STATUS");
	for (const struct exit_status_row *row = exit_statuses; row->name; row++) {
		snprintf(term, sizeof(term), "%d (%s)", row->status, row->name);
		roff_term(stream, term, row->meaning);
	}
}

void write_command_option(FILE *stream, const struct command_option *option)
{
	roff_tag(stream);
	roff_synopsis(stream, "--");
	roff_synopsis(stream, option->name);
	fputs(option->argument_optional ? "[" : "", stream);
	fputs(option->argument ? "=" : "", stream);
	roff_synopsis(stream, option->argument ? option->argument : "");
	fputs(option->argument_optional ? "]" : "", stream);
	if (option->letter)
		fprintf(stream, ", \\fB\\-%c\\fR", option->letter);
	fputc('\n', stream);
	roff_text(stream, option->help);
	fputs(".\n", stream);
}

void write_command_synopsis(FILE *stream, const struct command *command)
{
	roff_synopsis(stream, "iommuctl ");
	roff_synopsis(stream, command->name);
	fputs(" [\\fIOPTION\\fR...]", stream);
	fputs(*command->arguments ? " " : "", stream);
	roff_synopsis(stream, command->arguments);
	fputc('\n', stream);
}

/* "iommuctl-device-list" */
static const char *page_name(const struct command *command, char name[PAGE_NAME_SIZE])
{
	snprintf(name, PAGE_NAME_SIZE, "iommuctl-%s", command->name);
	for (char *space = name; (space = strchr(space, ' '));)
		*space = '-';
	return name;
}

void write_command_reference(FILE *stream, const struct command *command, const char *after)
{
	char name[PAGE_NAME_SIZE];

	fputs(".BR ", stream);
	roff_text(stream, page_name(command, name));
	fprintf(stream, " (1)%s\n", after);
}

const struct command *command_of_page(const char *page)
{
	const struct command *command;
	char name[PAGE_NAME_SIZE];

	for (size_t i = 0; (command = command_at(i)); i++) {
		const size_t length = strlen(page_name(command, name));

		if (!strncmp(page, name, length) && !strcmp(page + length, ".1"))
			return command;
	}
	return NULL;
}

/* The command's own options, then the global ones that it takes. */
static void write_options(FILE *stream, const struct command *command)
{
	roff_section(stream, "OPTIONS");
	for (const struct command_option *option = command->options; option && option->name;
		option++)
		write_command_option(stream, option);
	for (int i = 0; global_options[i].name; i++) {
		if (command_takes(command, (enum global_option)i))
			write_command_option(stream, &global_options[i]);
	}
}

/* The commands that begin with the same word. */
static void write_sisters(FILE *stream, const struct command *command)
{
	const size_t length = strcspn(command->name, " ");
	const struct command *other;

	for (size_t i = 0; command->name[length] && (other = command_at(i)); i++) {
		if (other != command && !strncmp(other->name, command->name, length + 1))
			write_command_reference(stream, other, ",");
	}
}

void write_command_page(FILE *stream, const struct command *command)
{
	char name[PAGE_NAME_SIZE];

	roff_page(stream, page_name(command, name), 1, command->summary);
	roff_section(stream, "SYNOPSIS");
	write_command_synopsis(stream, command);
	roff_section(stream, "DESCRIPTION");
	roff_paragraphs(stream, command->description);
	if (command->shape) {
		roff_section(stream, "KEYS");
		write_shapes(stream, command->shape, verb_said_key(&command->verb));
	}
	write_options(stream, command);
	write_exit_statuses(stream);
	roff_section(stream, "SEE ALSO");
	write_sisters(stream, command);
	fputs(".BR iommuctl (1)", stream);
	if (command_takes(command, GLOBAL_SESSION))
		fputs(",\n.BR iommuctl\\-session (7)", stream);
	fputs(command->shape || strstr(command->arguments, "JOB") ? ",\n.BR iommuctl\\-job (5)\n"
								  : "\n",
		stream);
}
