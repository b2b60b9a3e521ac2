// SPDX-License-Identifier: MIT
/* Hands files and ids of a session to a command, or to any client of a socket. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "invocation.h"
#include "job/handover/child.h"
#include "output/memory.h"
#include "output/text.h"
#include "session/client/ask.h"
#include "session/client/fd_offer.h"

#define USER   "user"
#define LISTEN "listen"
#define COUNT  "count"
#define MODE   "mode"
#define OWNER  "owner"
#define BARE   "bare"

/* The request, and the answer of the session. */
struct export_run {
	struct invocation *invocation;
	const char *session;	/* NULL: -s or the environment names it */
	char *const *command;	/* NULL: there is none */
	json_t *names;		/* of an array of objects with "name" */
	struct ask_files files; /* ours to close */
	char *answer;
	json_t *objects;  /* of it */
	struct user user; /* of the command, or of the socket */
};

static void add_name(struct export_run *run, const char *name, size_t length)
{
	json_t *object, *known;
	size_t i;

	json_array_foreach(run->names, i, object) {
		known = json_object_get(object, "name");
		if (json_string_length(known) == length &&
			!memcmp(json_string_value(known), name, length))
			return;
	}
	json_array_append_new(run->names, json_pack("{s:o}", "name", json_stringn(name, length)));
}

/* NAMEs are "iommufd" and "COLLECTION.NAME". */
static bool may_be_name(const char *word)
{
	return strchr(word, '.') || !strcmp(word, "iommufd");
}

/* From the arguments, and from the marks in the command. */
static enum exit_status collect_names(struct export_run *run)
{
	struct invocation *invocation = run->invocation;
	const char *session = session_name_asked(invocation);
	struct handover_mark mark;
	int first = 0;

	/*
	 * The first argument is SESSION if it cannot be a NAME, even where SESSION is not needed.
	 */
	if (invocation->separator && (!session || !may_be_name(invocation->arguments[0])))
		run->session = invocation->arguments[first++];
	else if (!session)
		return report_usage(invocation->report,
			"which session? Name it first, with -s, or in IOMMUCTL_SESSION");
	for (int i = first; i < invocation->separator; i++)
		add_name(run, invocation->arguments[i], strlen(invocation->arguments[i]));
	for (char *const *word = run->command; word && *word; word++) {
		const char *at = *word;

		for (; handover_find_mark(at, &mark); at = mark.end)
			add_name(run, mark.name, mark.length);
	}
	if (json_array_size(run->names))
		return STATUS_DONE;
	return report_usage(
		invocation->report, "NAME is missing: iommufd, devices.nic, hwpts.s2, ...");
}

/* If @looks, the session only describes the objects, and passes no files. */
static enum exit_status ask(struct export_run *run, bool looks)
{
	struct ask question = {
		.kind = "export",
		.arguments = json_pack("{s:O, s:b}", "objects", run->names, "look", looks),
		.captures = true,
		.files = &run->files,
	};
	struct report *report = run->invocation->report;
	enum exit_status status;
	json_t *line;

	status = session_ask_argument(run->invocation, run->session, &question);
	run->answer = question.captured;
	if (status)
		return status;
	line = json_loads(run->answer ? run->answer : "", 0, NULL);
	run->objects = json_incref(json_object_get(line, "export"));
	json_decref(line);
	return run->objects ? STATUS_DONE : report_errno(report, "export", NULL, EPROTO);
}

static int file_of(const struct export_run *run, const json_t *object)
{
	const json_t *fd = json_object_get(object, "fd");
	json_int_t index = json_integer_value(fd);

	return fd && index >= 0 && (size_t)index < run->files.count ? run->files.files[index] : -1;
}

/* Of the region that a vIOMMU offers for mmap(); 0: none. */
static uint64_t member_of(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(json_object_get(object, "mmap"), key));
}

static enum exit_status start_command(struct export_run *run)
{
	struct report *report = run->invocation->report;
	const struct child child = {
		.command = run->command,
		.user = invocation_option(run->invocation, USER) ? &run->user : NULL,
	};
	enum exit_status status = STATUS_DONE;
	struct handover handover = { 0 };
	struct interrupt interrupt;
	json_t *object;
	size_t i;
	int err = 0;

	json_array_foreach(run->objects, i, object) {
		int fd = file_of(run, object);

		if (err)
			break;
		err = handover_add(&handover,
			json_string_value(json_object_get(object, "object")) ?: "", fd,
			(uint32_t)json_integer_value(json_object_get(object, "id")));
		if (err)
			break;
		handover.items[i].passed = fd >= 0;
		handover_show(&handover, member_of(object, "offset"), member_of(object, "length"));
	}
	if (!err)
		err = interrupt_watch(&interrupt);
	if (!err) {
		status = child_run(&child, &handover, &interrupt, report);
		interrupt_unwatch(&interrupt);
	}
	handover_free(&handover);
	return err ? report_errno(report, "export", NULL, err) : status;
}

/* An octal mode, or a decimal number. */
static enum exit_status read_number(
	const struct export_run *run, const char *option, int base, uint64_t max, uint64_t *value)
{
	const char *text = invocation_option(run->invocation, option);
	char *end;

	if (!text)
		return STATUS_DONE;
	errno = 0;
	*value = strtoumax(text, &end, base);
	if (*text >= '0' && *text <= '9' && !*end && !errno && *value <= max)
		return STATUS_DONE;
	return report_usage(run->invocation->report, "--%s=%s: %s", option, text,
		base == 8 ? "a mode is an octal number such as 0660"
			  : "expected a number, 0 for all");
}

static enum exit_status offer_files(const struct export_run *run, uint64_t mode, uint64_t count)
{
	struct report *report = run->invocation->report;
	json_t *line = json_pack("{s:i, s:O}", "iommuctl", 1, "export", run->objects);
	char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
	const bool bare = invocation_option(run->invocation, BARE);
	const struct offer offer = {
		.path = invocation_option(run->invocation, LISTEN),
		.mode = (mode_t)mode,
		.owner = invocation_option(run->invocation, OWNER) ? &run->user : NULL,
		.count = count,
		.text = bare ? "" : text,
		.text_size = bare || !text ? 1 : strlen(text) + 1,
		.files = run->files.files,
		.file_count = run->files.count,
	};
	enum exit_status status = STATUS_DONE;
	struct interrupt interrupt;
	int err = text ? interrupt_watch(&interrupt) : -ENOMEM;

	if (!err) {
		/* The newline replaces the NUL at the end of the line. */
		if (!bare)
			text[strlen(text)] = '\n';
		status = offer_run(&offer, &interrupt, report);
		interrupt_unwatch(&interrupt);
	}
	free(text);
	json_decref(line);
	return err ? report_errno(report, "export", NULL, err) : status;
}

static enum exit_status listen_and_offer(struct export_run *run)
{
	uint64_t mode = 0600, count = 1;
	enum exit_status status = read_number(run, MODE, 8, 0777, &mode);

	if (!status)
		status = read_number(run, COUNT, 10, UINT64_MAX, &count);
	if (!status)
		status = ask(run, false);
	return status ? status : offer_files(run, mode, count);
}

static enum exit_status show(const struct export_run *run)
{
	struct report *report = run->invocation->report;
	struct memory_text text;
	FILE *stream = memory_text_open(&text);
	json_t *object;
	size_t i;
	char *said;

	json_array_foreach(run->objects, i, object) {
		const json_t *id = json_object_get(object, "id");
		const bool has_file = json_object_get(object, "file");

		json_object_set_new(object, "file", json_boolean(has_file));
		if (!stream)
			continue;
		text_print(stream, json_string_value(json_object_get(object, "object")) ?: "", 0);
		if (id)
			fprintf(stream, "  id %" JSON_INTEGER_FORMAT, json_integer_value(id));
		fprintf(stream, "%s%s", has_file ? "  file" : "",
			i + 1 < json_array_size(run->objects) ? "\n" : "");
	}
	said = memory_text_close(&text);
	if (!said)
		return report_out_of_memory(report);
	report_lines(report, "export", json_incref(run->objects), said);
	free(said);
	return STATUS_DONE;
}

/* Which options go together, and which user they name. */
static enum exit_status check(struct export_run *run)
{
	const struct invocation *invocation = run->invocation;
	struct report *report = invocation->report;
	const char *path = invocation_option(invocation, LISTEN);
	const char *user = invocation_option(invocation, path ? OWNER : USER);
	struct failure failure = { 0 };

	if (invocation->has_separator && !run->command)
		return report_requires(report, "'--'", "COMMAND");
	if (run->command && path)
		return report_exclusive(report, LISTEN, "COMMAND");
	if (!run->command && invocation_option(invocation, USER))
		return report_requires(report, USER, "COMMAND");
	for (const struct command_option *option = invocation->command->options; option->name;
		option++) {
		if (!path && strcmp(option->name, USER) != 0 &&
			invocation_option(invocation, option->name))
			return report_requires(report, option->name, LISTEN "=PATH");
	}
	if (user && user_find(user, &run->user, &failure))
		return report_failure(report, &failure);
	return STATUS_DONE;
}

static enum exit_status run_export(struct invocation *invocation)
{
	struct export_run run = { .invocation = invocation, .names = json_array() };
	enum exit_status status;

	if (invocation->separator < invocation->argument_count)
		run.command = invocation->arguments + invocation->separator;
	status = check(&run);
	if (!status)
		status = collect_names(&run);
	if (!status && invocation_option(invocation, LISTEN)) {
		status = listen_and_offer(&run);
	} else if (!status) {
		status = ask(&run, !run.command);
		if (!status)
			status = run.command ? start_command(&run) : show(&run);
	}
	while (run.files.count)
		close(run.files.files[--run.files.count]);
	user_free(&run.user);
	free(run.answer);
	json_decref(run.objects);
	json_decref(run.names);
	return status;
}

static const struct command_option options[] = {
	{ USER, "USER", "Start COMMAND as USER (a name, UID or UID:GID), without privileges" },
	{ LISTEN, "PATH", "Give the files to clients that connect to a UNIX socket at PATH" },
	{ COUNT, "N", "Stop after N clients, by default 1; 0: go on until a signal" },
	{ MODE, "MODE", "The mode of the socket, octal; by default 0600" },
	{ OWNER, "USER", "The owner of the socket (a name, UID or UID:GID)" },
	{ BARE, NULL, "Send one NUL byte with the files instead of a line that names them" },
	{ NULL },
};

const struct command command_session_export = {
	.name = "session export",
	.group = COMMANDS_SESSIONS,
	.arguments = "[SESSION] NAME... [-- COMMAND...]",
	.arguments_max = -1,
	.summary = "Hand files and ids of a session to a command, or to clients of a socket",
	.description =
		"NAME is iommufd, or the place of an object: devices.nic, hwpts.s2. SESSION may be "
		"left out if -s or IOMMUCTL_SESSION names it. Without COMMAND, export shows the ids, "
		"and which NAMEs have a file. The session keeps what it hands over.\n"
		"\n"
		"COMMAND, if given, is started with the files of all NAMEs. In its arguments, "
		"{fd:NAME} stands for the number of the file and {id:NAME} for the kernel's id; a "
		"NAME used this way need not be given before. Its environment has the same, as with "
		"run: IOMMUCTL_FD_DEVICES_NIC, IOMMUCTL_ID_HWPTS_S2, IOMMUCTL_MMAP_VIOMMUS_VSMMU; and "
		"LISTEN_FDS, LISTEN_FDNAMES and LISTEN_PID, following systemd's convention.\n"
		"\n"
		"  iommuctl session export vm -- \\\n"
		"    vmm --iommufd {fd:iommufd} --hwpt {id:hwpts.s2}\n"
		"\n"
		"COMMAND ends with iommuctl, and --user works, as with run. All NAMEs are looked "
		"up before COMMAND is started: one that the session does not have is an error.\n"
		"\n"
		"With --listen, each process that connects to the socket gets one message: the files "
		"(SCM_RIGHTS), in the order of the NAMEs that have one, and a line of JSON that names "
		"them:\n"
		"\n"
		"  {\"iommuctl\":1,\"export\":[{\"object\":\"devices.nic\",\"fd\":0,\"id\":1}]}\n"
		"\n"
		"fd is the place among the files. A client has taken them once it answers with a "
		"byte, or closes the connection after reading everything. A client that does neither "
		"within 10 seconds is dropped and does not count. The socket is removed at the end; "
		"one that nobody listens on is replaced.\n"
		"\n"
		"KubeVirt's virt-launcher takes an iommufd from /var/run/kubevirt/iommufd.sock this "
		"way, with a message that has no line, and wants locked memory to be counted per "
		"process:\n"
		"\n"
		"  iommuctl session start vm --rlimit-mode\n"
		"  iommuctl session export vm iommufd --listen=iommufd.sock --bare",
	.options = options,
	.takes = TAKES_SESSION,
	.run = run_export,
};
