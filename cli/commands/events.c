// SPDX-License-Identifier: MIT
#include "array.h"
#include "commands/events_from.h"
#include "commands/idle_timeout.h"
#include "commands/look_common.h"
#include "session/client/ask.h"
#include "session/holder/follow.h"

/* The options as the keys of the request. */
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
		return report_requires(invocation->report, "idle-timeout", "follow");
	question.arguments = arguments_of(invocation, idle_ms);
	return session_ask(invocation, &question);
}

static const struct command_option options[] = {
	{ "follow", NULL, "Go on with events as they come, until a signal" },
	{ "queue", "NAME", "Only those of queue NAME; COLLECTION.NAME if two have the name" },
	{ "count", "N", "End after N events" },
	{ IDLE_TIMEOUT_OPTION },
	{ "since", "N", "Begin with event number N" },
	{ "from", "PATH",
		"With --follow: the events that the VMM listening at PATH has read, not a session" },
	{ NULL },
};

const struct command command_events = {
	.name = "events",
	.group = COMMANDS_TOOLS,
	.arguments = "",
	.summary = "Show the events and page faults of a session",
	.description =
		"Shows the events and page faults that the session has read from its queues, each "
		"with its time, number and content; with --follow, also those that come from now on. "
		"Events that steps take are shown as well. The last 1024 are kept. If a queue has "
		"lost events, or more have come than are kept, events says how many; the last line "
		"counts both. A request of the kernel for a device is an event as well "
		"(device-request), with what has become of it. With --queue such requests are still "
		"shown, but neither --count nor --idle-timeout counts them as events of the queue. "
		"For a vIOMMU without vEVENTQ, it first says that nothing can come (unheard).\n"
		"\n"
		"  iommuctl -s vm events --follow --count 10 --idle-timeout 5s\n"
		"\n"
		"If --idle-timeout ends it before N events have come, the exit status is 6 (unmet). " IDLE_TIMEOUT_HELP
		"\n"
		"\n"
		"Each page fault is a line: the device, the access it wants (of rwxp), the address, "
		"the PASID if it has one, the group, and its place in it. The kernel delivers whole "
		"groups, and loses none: the device waits. Watching takes nothing: a group waits "
		"until page-fault takes it and page-response answers it. Faults that nobody answers "
		"are answered as invalid when their device is detached, or the session ends. 64 "
		"groups of a queue are read ahead; more wait in the kernel, and are shown once some "
		"have been answered.\n"
		"\n"
		"A queue has one reader. If that is a VMM that forwards events to a UNIX socket, "
		"--from PATH follows them: no session is needed, and the guest misses nothing.\n"
		"\n"
		"  iommuctl events --follow --from vm.events\n"
		"\n"
		"The events are as the kernel gave them to the VMM, and numbered from 1 as they come. "
		"Events that the VMM had to drop, because they were not taken in time, are counted as "
		"lost. Following ends when the VMM does, and with SIGINT or SIGTERM. libiommuctl has "
		"functions for both ends: iommuctl_event_tap.h(3).\n"
		"\n"
		"With --json, each event is a line of its own (event), as is the summary (watched).",
	.options = options,
	.takes = TAKES_SESSION,
	.run = run,
};
