// SPDX-License-Identifier: MIT
#include "commands/look_common.h"
#include "look/dump.h"
#include "look/memory_file.h"
#include "session/ask.h"

/* The tables are those that devices of a session have bound. */
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

/* The file of memory stands for the guest. */
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
	{ "limit", "N", "Say no more than N structures and ranges; 1000 if not given, or 0" },
	{ NULL },
};

const struct command command_dump = {
	.name = "dump",
	.arguments = "",
	.arguments_max = 0,
	.summary = "Show the tables of a guest's SMMU",
	.description =
		"Shows the valid STEs of a guest's stream table, or the one of --sid; of each the valid "
		"CDs, or the one of --ssid; and of each CD what stage 1 translates: neighbours that go on "
		"in the same way are one range, with how many leaves of which size it has. u= and p= are "
		"what unprivileged and privileged accesses may do.\n\n"
		"What leads out of guest memory is said and passed over. Tables can be made so that they "
		"have no end: the last line says if there is more than was looked at.\n\n"
		"FILE is as for iommuctl walk. Without it, the tables are those that the devices of a "
		"session have bound, or the one of --device.\n\n"
		"  iommuctl dump --memory /proc/4711/fd/12@0x40000000 \\\n"
		"    --strtab 0x44000000,16,8",
	.options = options,
	.takes = TAKES_SESSION,
	.run = run,
};
