// SPDX-License-Identifier: MIT
#include "commands/look_common.h"
#include "look/dump.h"
#include "look/memory_file.h"
#include "session/client/ask.h"

/* The tables bound to the devices of a session. */
static enum exit_status dump_in_session(struct invocation *invocation)
{
	struct ask question = { .kind = "dump" };
	enum exit_status status;
	uint64_t number;
	bool given;

	status = look_number_read(invocation, "ssid", LOOK_SSID_MAX, &given, &number);
	if (!status)
		status = look_number_read(invocation, "limit", INT64_MAX, &given, &number);
	if (status)
		return status;
	question.arguments = json_pack("{s:s*, s:s*, s:s*}", "device",
		invocation_option(invocation, "device"), "ssid",
		invocation_option(invocation, "ssid"), "limit",
		invocation_option(invocation, "limit"));
	return session_ask(invocation, &question);
}

static enum exit_status look(
	const struct look_memory_file *file, const void *data, struct report *report)
{
	struct look_dump_file_args args = *(const struct look_dump_file_args *)data;

	args.memory = &file->memory;
	return look_dump_file(&args, report);
}

/* The memory file stands for the guest. */
static enum exit_status dump_file(struct invocation *invocation)
{
	struct look_dump_file_args args;
	struct look_memory_file file;
	struct look_place place;
	uint64_t limit = 0;
	bool has_limit;
	enum exit_status status = look_place_read(invocation, &place);

	if (!status)
		status = look_number_read(invocation, "limit", INT64_MAX, &has_limit, &limit);
	if (status)
		return status;
	status = look_memory_file_open(&file, place.memory, invocation->report);
	if (status)
		return status;
	args = (struct look_dump_file_args){
		.shape = place.shape,
		.has_sid = place.has_sid,
		.sid = place.sid,
		.has_ssid = place.has_ssid,
		.ssid = place.ssid,
		.limit = limit,
	};
	status = look_memory_file_look(&file, look, &args, invocation->report);
	look_memory_file_close(&file);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	bool is_file;
	enum exit_status status = look_find_place(invocation, &is_file);

	if (status)
		return status;
	return is_file ? dump_file(invocation) : dump_in_session(invocation);
}

static const struct command_option options[] = {
	{ LOOK_OPTION_DEVICE },
	{ LOOK_OPTION_MEMORY },
	{ LOOK_OPTION_STRTAB },
	{ LOOK_OPTION_SID },
	{ LOOK_OPTION_SSID },
	{ "limit", "N", "Show at most N structures and ranges; by default, or with 0, 1000" },
	{ NULL },
};

const struct command command_dump = {
	.name = "dump",
	.group = COMMANDS_TOOLS,
	.arguments = "",
	.arguments_max = 0,
	.summary = "Show the tables of a guest's SMMU",
	.description =
		"Shows the valid STEs of a guest's stream table, or that of --sid; for each the valid "
		"CDs, or that of --ssid; and for each CD what stage 1 translates: adjacent leaves "
		"that continue in the same way are one range, with their number and size. u= and p= "
		"show the rights of unprivileged and privileged accesses.\n"
		"\n"
		"Pointers that lead out of guest memory are reported and skipped. Tables can be made "
		"endless: the last line says if there is more than was looked at.\n"
		"\n"
		"FILE is as for iommuctl walk. Without it, dump shows the tables bound to the devices "
		"of a session, or to that of --device.\n"
		"\n"
		"  iommuctl dump --memory /proc/4711/fd/12@0x40000000 \\\n"
		"    --strtab 0x44000000,16,8",
	.options = options,
	.takes = TAKES_SESSION,
	.run = run,
};
