// SPDX-License-Identifier: MIT
#include <string.h>

#include "command.h"
#include "pages.h"
#include "roff.h"

struct term {
	const char *name;
	const char *text;
};

static const struct term environment[] = {
	{ "NO_COLOR", "If set and not empty, terminals get neither colours nor bold text." },
	{ "TERM", "If this names a terminal without colours, the same applies: it is not set, "
		  "dumb, unknown, vt100 or the like, or ends in -m or -mono." },
	{ "IOMMUCTL_SESSION", "The session to act in, if --session is not given." },
	{ "IOMMUCTL_RUNTIME_DIRECTORY",
		"The directory of the sessions' sockets, in place of /run/iommuctl and "
		"$XDG_RUNTIME_DIR/iommuctl." },
	{ "PATH", "Searched for the COMMAND of run, and for no other program." },
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

static void write_global_options(FILE *stream)
{
	for (int i = 0; global_options[i].name; i++) {
		char text[2048];
		const char *takers = command_list_takers((enum global_option)i, text, sizeof(text));

		write_command_option(stream, &global_options[i]);
		if (!takers)
			continue;
		fputs("For: ", stream);
		roff_text(stream, takers);
		fputs(".\n", stream);
	}
}

static void write_group(FILE *stream, enum command_group group)
{
	const struct command *command;

	roff_subsection(stream, command_group_titles[group]);
	for (size_t i = 0; (command = command_at(i)); i++) {
		if (command->group != group)
			continue;
		roff_tag(stream);
		write_command_synopsis(stream, command);
		roff_text(stream, command->summary);
		fputs(".\n", stream);
	}
}

static void write_commands(FILE *stream)
{
	roff_section(stream, "COMMANDS");
	roff_paragraphs(
		stream, "Each has a page of its own: iommuctl-device-list(1) for device list.");
	for (int group = 0; group < COMMAND_GROUPS; group++)
		write_group(stream, (enum command_group)group);
}

static void write_json(FILE *stream)
{
	roff_paragraphs(stream,
		"With --json a result is {\"iommuctl\":1,\"KIND\":...}, where KIND depends on "
		"the command, and an error is {\"iommuctl\":1,\"error\":{...}} with the keys "
		"code, status, operation, object, message and hint. status is the name of its "
		"exit status, as below. causes and hints are the parts of message and hint, as "
		"arrays; explanations pairs them, each an object of cause and remedy, either of "
		"which may be null. Both go to standard output, one object per line.\n\n"
		"If a job is concerned, path is the place in it, and line and column are the "
		"place in its file; both count from 1, columns in characters. For a wrong "
		"document, problems has every error in the order of the file, up to 50, each an "
		"object of path, line, column, message and hint; the first one is also given at "
		"the top level. more is the number of further errors. For a job that was being "
		"carried out, file is the file; place and id are the object's name in the job "
		"and its number in the kernel; step is an object of index and name; expected is "
		"the result that the step expects; command is the index of the refused "
		"invalidation command; event is the event that came in place of the expected "
		"one; events are those that were waiting. An event is an object of object (its "
		"queue), type, event (a line of text) and fields, which has an object of value "
		"and name for each field, as decode has; if events are missing, type is missing "
		"or lost, and lost is their number; if more wait, type is more. A key without a "
		"value is left out.\n\n"
		"Control characters, characters that reorder text, and bytes that are not UTF-8 "
		"are shown as escapes such as \\n and \\x1b wherever they come from, so that "
		"each line of text is this program's own.");
}

void write_program_page(FILE *stream)
{
	const struct command *command;

	roff_page(stream, "iommuctl", 1, "control nested IOMMU translation");
	roff_section(stream, "SYNOPSIS");
	roff_synopsis(stream, "iommuctl [OPTION...] COMMAND [ARGUMENT...]");
	fputc('\n', stream);
	roff_section(stream, "DESCRIPTION");
	roff_paragraphs(stream,
		"iommuctl sets up nested translation, in which a guest owns stage 1 and the host "
		"stage 2, through the kernel's iommufd and VFIO interfaces, from a job: a JSON "
		"document. It also finds and binds devices, and says why nested translation does "
		"not work on a host.\n\n"
		"Standard output carries results, standard error diagnostics. A reader of "
		"standard output may stop at any time: the command continues without a message, "
		"and the exit status says how the command itself ended. Any other write error is "
		"a failure. Objects that the kernel keeps for a job end with the process.");
	roff_section(stream, "OPTIONS");
	roff_paragraphs(stream,
		"These may come before or after the words of a command; after '--' everything is "
		"an argument. An option that a command does not take, that has an empty value, "
		"or whose value is given twice, is refused. With --help and --version, nothing "
		"else is done. An optional value follows a '=', never in a word of its own.");
	write_global_options(stream);
	write_json(stream);
	write_commands(stream);
	write_exit_statuses(stream);
	write_terms(stream, "ENVIRONMENT", environment);
	write_terms(stream, "FILES", files);
	roff_section(stream, "EXAMPLES");
	roff_paragraphs(stream,
		"Find what prevents nested translation on this host:\n\n"
		"  iommuctl doctor\n\n"
		"Hand a device to VFIO, and see what its IOMMU can do:\n\n"
		"  iommuctl device bind 0000:00:01.0\n"
		"  iommuctl device show 0000:00:01.0\n\n"
		"Show the plan of a job, then run it and see every call:\n\n"
		"  iommuctl plan job.json\n"
		"  iommuctl run --trace job.json");
	roff_section(stream, "SEE ALSO");
	for (size_t i = 0; (command = command_at(i)); i++)
		write_command_reference(stream, command, ",");
	fputs(".BR iommuctl\\-job (5),\n.BR iommuctl\\-session (7),\n.BR iommuctl\\-ioctls (7),\n.BR iommuctl.h (3)\n",
		stream);
}
