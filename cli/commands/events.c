// SPDX-License-Identifier: MIT
#include "array.h"
#include "commands/events_from.h"
#include "commands/idle_timeout.h"
#include "commands/look_common.h"
#include "session/ask.h"
#include "session/follow.h"

/* The options, by the keys of the request. */
static json_t *arguments_of(const struct invocation *invocation, uint64_t idle_ms)
{
	return json_pack("{s:s*, s:b, s:s*, s:I, s:s*}", "queue",
		invocation_option(invocation, "queue"), "follow",
		invocation_option(invocation, "follow") != NULL, "count",
		invocation_option(invocation, "count"), "idle-timeout", (json_int_t)idle_ms,
		"since", invocation_option(invocation, "since"));
}

static enum exit_status run(struct invocation *invocation)
{
	struct ask question = { .kind = "events", .watches = true };
	enum exit_status status = STATUS_DONE;
	static const struct {
		const char *name;
		uint64_t max;
	} numbers[] = {
		{ "count", FOLLOW_COUNT_MAX },
		{ "since", INT64_MAX },
	};
	uint64_t number, idle_ms;
	bool given;

	if (invocation_option(invocation, "from"))
		return events_from(invocation);
	for (size_t i = 0; !status && i < ARRAY_SIZE(numbers); i++)
		status = look_number_read(
			invocation, numbers[i].name, numbers[i].max, &given, &number);
	if (!status)
		status = idle_timeout_read(invocation, &idle_ms);
	if (status)
		return status;
	if (invocation_option(invocation, "idle-timeout") &&
		!invocation_option(invocation, "follow"))
		return report_usage(invocation->report,
			"--idle-timeout goes with --follow: without it nothing is waited for");
	question.arguments = arguments_of(invocation, idle_ms);
	return session_ask(invocation, &question);
}

static const struct command_option options[] = {
	{ "follow", NULL, "Go on with events as they come, until a signal ends it" },
	{ "queue", "NAME", "Those of the queue NAME alone; COLLECTION.NAME if two have the name" },
	{ "count", "N", "End after N events" },
	{ IDLE_TIMEOUT_OPTION },
	{ "since", "N", "Begin with the event number N" },
	{ "from", "PATH",
		"With --follow: what the VMM that listens at PATH has read, rather than a session" },
	{ NULL },
};

const struct command command_events = {
	.name = "events",
	.arguments = "",
	.summary = "Show the events and page faults of a session",
	.description =
		"Shows the events and page faults that the session has read of its queues, each with the "
		"time, its number, and what it says; with --follow, also those that come, from now on. "
		"Those that steps take are shown as well. The last 1024 are kept. Where a queue has lost "
		"events, or more have come than are kept, it says how many; the last line counts both. "
		"That the kernel wants a device back is an event as well (device-request), with what has "
		"become of it. Who asks for one --queue is told as well, and neither --count nor "
		"--idle-timeout takes that for an event of the queue. Of a vIOMMU without vEVENTQ it says "
		"first that nothing can come (unheard).\n\n"
		"  iommuctl -s vm events --follow --count 10 --idle-timeout 5s\n\n"
		"If fewer than N events have come when --idle-timeout ends it, the exit status is 6 "
		"(unmet). " IDLE_TIMEOUT_HELP "\n\n"
		"A page fault has a line: the device, what it wants to do (of rwxp), the address, the "
		"PASID if it has one, the group, and its place in it. The kernel gives whole groups, and "
		"loses none: the device waits. To watch takes nothing: a group waits until page-fault "
		"takes it and page-response answers it. What nobody answers is answered as invalid when "
		"its device is detached, or the session ends. 64 groups of a queue are read ahead; more "
		"wait in the kernel, and are shown once some have been answered.\n\n"
		"A queue has one reader. Where a VMM reads it, --from PATH follows what the VMM gives on "
		"by a UNIX socket, if it does: no session is needed, and the guest misses nothing.\n\n"
		"  iommuctl events --follow --from vm.events\n\n"
		"They are as the kernel gave them to the VMM, and numbered from 1 as they come. What the "
		"VMM had to drop, as they were not taken in time, is counted as lost. It ends when the "
		"VMM does, and with SIGINT or SIGTERM. Programs have libiommuctl for both ends: "
		"iommuctl_event_tap.h(3).\n\n"
		"With --json, each of them is a line of its own (event), as is the summary (watched).",
	.options = options,
	.takes = TAKES_SESSION,
	.run = run,
};
