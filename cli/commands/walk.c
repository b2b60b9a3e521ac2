// SPDX-License-Identifier: MIT
#include "commands/look_common.h"
#include "document/value.h"
#include "look/walk_file.h"
#include "session/client/ask.h"

/* The tables of a device of a session. */
static enum exit_status walk_in_session(struct invocation *invocation)
{
	const char *device = invocation_option(invocation, "device");
	struct ask question = { .kind = "walk" };
	enum exit_status status;
	uint64_t ssid;
	bool has_ssid;

	if (!device)
		return report_usage(invocation->report,
			"either --device, for a session, or --memory, for a guest, is needed");
	status = look_number_read(invocation, "ssid", LOOK_SSID_MAX, &has_ssid, &ssid);
	if (status)
		return status;
	question.arguments = json_pack("{s:s, s:s, s:s*, s:b, s:b}", "device", device, "iova",
		invocation->arguments[0], "ssid", invocation_option(invocation, "ssid"), "write",
		invocation_option(invocation, "write") != NULL, "privileged",
		invocation_option(invocation, "privileged") != NULL);
	return session_ask(invocation, &question);
}

/* What to look up in the file. */
struct target {
	struct iommuctl_stream_table_shape shape;
	struct look_access access;
};

static enum exit_status look(
	const struct look_memory_file *file, const void *data, struct report *report)
{
	const struct target *target = data;

	return look_walk_file(file, &target->shape, &target->access, report);
}

/* The memory file stands for the guest. */
static enum exit_status walk_file(
	const struct invocation *invocation, const struct look_access *access)
{
	struct target target = { .access = *access };
	struct look_memory_file file;
	struct look_place place;
	enum exit_status status = look_place_read(invocation, &place);

	if (status)
		return status;
	if (!place.has_sid)
		return report_usage(
			invocation->report, "--sid is needed: it names the device of the guest");
	target.shape = place.shape;
	target.access.sid = place.sid;
	target.access.has_ssid = place.has_ssid;
	target.access.ssid = place.ssid;
	status = look_memory_file_open(&file, place.memory, invocation->report);
	if (status)
		return status;
	status = look_memory_file_look(&file, look, &target, invocation->report);
	look_memory_file_close(&file);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	struct look_access access = { .permissions = IOMMUCTL_STAGE1_READ };
	enum exit_status status;
	bool is_file;

	if (value_parse_number(invocation->arguments[0], &access.iova))
		return report_usage(invocation->report, "'%s': expected an IOVA, which is a number",
			invocation->arguments[0]);
	if (invocation_option(invocation, "write"))
		access.permissions = IOMMUCTL_STAGE1_WRITE;
	if (invocation_option(invocation, "privileged"))
		access.permissions |= IOMMUCTL_STAGE1_PRIVILEGED;
	status = look_find_place(invocation, &is_file);
	if (status)
		return status;
	return is_file ? walk_file(invocation, &access) : walk_in_session(invocation);
}

static const struct command_option options[] = {
	{ LOOK_OPTION_DEVICE },
	{ LOOK_OPTION_MEMORY },
	{ LOOK_OPTION_STRTAB },
	{ LOOK_OPTION_SID },
	{ LOOK_OPTION_SSID },
	{ "write", NULL, "Walk for a write rather than a read" },
	{ "privileged", NULL, "Walk for a privileged access" },
	{ NULL },
};

const struct command command_walk = {
	.name = "walk",
	.group = COMMANDS_TOOLS,
	.arguments = "IOVA",
	.arguments_min = 1,
	.arguments_max = 1,
	.summary = "Show how an SMMU translates an address",
	.description =
		"Walks IOVA as the SMMU does for an access by a device: the stream table, the STE, "
		"the CD, and each descriptor of stage 1, with its place, its value and its meaning; "
		"then the resulting address. If the walk ends before that, it says why, and which "
		"event the SMMU would record; that is a result, not a failure.\n"
		"\n"
		"FILE is the memory of a guest, as a VMM has saved it, or of a running guest: its "
		"memfd as /proc/PID/fd/N. It is only read; if it shrinks meanwhile, that is a "
		"failure. The caches of an SMMU are not in memory: after a missing invalidation the "
		"SMMU translates differently.\n"
		"\n"
		"  iommuctl walk --memory ram@0x40000000 --strtab 0x44000000,8 \\\n"
		"    --sid 66 0x1000\n"
		"\n"
		"With --device, it is a device of the session that -s or IOMMUCTL_SESSION names, and "
		"the walk goes on through stage 2, as far as the memory of the session:\n"
		"\n"
		"  iommuctl -s vm walk --device nic 0x1000\n"
		"\n"
		"Memory that was destroyed is not read, although devices reach it while it is "
		"mapped; if it was made again, the new memory is read instead.\n"
		"\n"
		"Numbers are decimal, hexadecimal with 0x, or have a suffix, as in 16M.",
	.options = options,
	.takes = TAKES_SESSION,
	.run = run,
};
