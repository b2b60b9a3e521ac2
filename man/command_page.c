// SPDX-License-Identifier: MIT
#include <string.h>

#include "command.h"
#include "pages.h"
#include "roff.h"

struct term {
	const char *name;
	const char *text;
};

static const struct term exit_statuses[] = {
	{ "0", "Done." },
	{ "1", "Failed. So it is, whatever else there is to say, when memory runs out (code ENOMEM): no result is "
		"said that is not whole, and a job is undone." },
	{ "2", "The command line is wrong." },
	{ "3", "The job is wrong, or cannot be read." },
	{ "4", "This kernel or this hardware does not support it." },
	{ "5", "Permission is missing." },
	{ "6", "An expectation of a selftest was not met." },
	{ "77", "Skipped." },
	{ NULL },
};

static const struct term environment[] = {
	{ "NO_COLOR", "If set and not empty, terminals get no colours." },
	{ NULL },
};

static const struct term files[] = {
	{ "/dev/iommu", "The iommufd of the kernel." },
	{ "/dev/vfio/devices/vfioN", "A device that is bound to a VFIO driver." },
	{ "/sys/bus/pci/devices", "The PCI devices of this host." },
	{ NULL },
};

static void write_terms(FILE *stream, const char *title, const struct term *terms)
{
	roff_section(stream, title);
	for (; terms->name; terms++)
		roff_term(stream, terms->name, terms->text);
}

static void write_options(FILE *stream, const struct command_option *options)
{
	for (; options && options->name; options++) {
		roff_tag(stream);
		roff_synopsis(stream, "--");
		roff_synopsis(stream, options->name);
		fputs(options->argument_optional ? "[" : "", stream);
		fputs(options->argument ? "=" : "", stream);
		roff_synopsis(stream, options->argument ? options->argument : "");
		fputs(options->argument_optional ? "]\n" : "\n", stream);
		roff_text(stream, options->help);
		fputs(".\n", stream);
	}
}

static void write_commands(FILE *stream)
{
	roff_section(stream, "COMMANDS");
	for (size_t i = 0; commands[i]; i++) {
		const struct command *command = commands[i];

		roff_subsection(stream, command->name);
		roff_synopsis(stream, "iommuctl ");
		roff_synopsis(stream, command->name);
		fputs(command->options ? " [\\fIOPTION\\fR...] " : " ", stream);
		roff_synopsis(stream, command->arguments);
		fputs("\n.PP\n", stream);
		roff_text(stream, command->summary);
		fputs(".\n", stream);
		roff_paragraphs(stream, command->description);
		write_options(stream, command->options);
	}
}

void write_command_page(FILE *stream)
{
	roff_page(stream, "iommuctl", 1, "control nested IOMMU translation");
	roff_section(stream, "SYNOPSIS");
	roff_synopsis(stream, "iommuctl [OPTION...] COMMAND [ARGUMENT...]");
	fputc('\n', stream);
	roff_section(stream, "DESCRIPTION");
	roff_paragraphs(stream,
		"iommuctl sets up nested translation, in which a guest owns stage 1 and the "
		"host stage 2, through the kernel's iommufd and VFIO interfaces, from a job, "
		"that is a JSON document. It also finds and binds devices, and says why nested "
		"translation does not work on a host.\n\n"
		"Standard output carries results, standard error diagnostics. What the kernel "
		"keeps for a job ends with the process.");
	roff_section(stream, "OPTIONS");
	roff_paragraphs(stream,
		"These may stand before or after the words of any command; after an "
		"argument '--' everything is an argument.");
	write_options(stream, global_options);
	roff_paragraphs(stream,
		"With --json a result is {\"iommuctl\":1,\"KIND\":...}, where KIND depends on "
		"the command, and an error is {\"iommuctl\":1,\"error\":{...}} with the keys "
		"code, operation, object, message and hint, and where a job is concerned path and "
		"line. "
		"Both go to standard output, one object a line.");
	write_commands(stream);
	write_terms(stream, "EXIT STATUS", exit_statuses);
	write_terms(stream, "ENVIRONMENT", environment);
	write_terms(stream, "FILES", files);
	roff_section(stream, "EXAMPLES");
	roff_paragraphs(stream, "What stands in the way of nested translation on this host:\n\n"
				"  iommuctl doctor\n\n"
				"Hand a device to VFIO, and see what its IOMMU can do:\n\n"
				"  iommuctl device bind 0000:00:01.0\n"
				"  iommuctl device show 0000:00:01.0\n\n"
				"Look at a job before it runs, then run it and see every call:\n\n"
				"  iommuctl plan job.json\n"
				"  iommuctl run --trace job.json");
	roff_section(stream, "SEE ALSO");
	fputs(".BR iommuctl\\-job (5)\n", stream);
}
