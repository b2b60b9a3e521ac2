// SPDX-License-Identifier: MIT
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "commands/device_common.h"
#include "commands/idle_timeout.h"
#include "commands/monitor_event.h"
#include "host/snapshot.h"
#include "job/interrupt.h"
#include "monotonic.h"
#include "output/text.h"

struct monitor {
	const struct invocation *invocation;
	unsigned int subsystems;	   /* wanted ones: a bit for each of snapshot_subsystems */
	char (*devices)[PCI_ADDRESS_SIZE]; /* wanted ones; NULL: all */
	size_t device_count;
	unsigned long count; /* ends after so many events; 0: never */
	int idle_ms;	     /* ends after so long without one; -1: never */
	struct device_events *events;
	struct interrupt interrupt;
	struct snapshot snapshot;
	unsigned long told;
	unsigned long losses;
	const char *ended_by; /* NULL: it goes on */
};

static unsigned int bit_of(const char *subsystem, size_t length)
{
	for (unsigned int i = 0; snapshot_subsystems[i]; i++) {
		if (strlen(snapshot_subsystems[i]) == length &&
			strncmp(snapshot_subsystems[i], subsystem, length) == 0)
			return 1u << i;
	}
	return 0;
}

static bool is_wanted(const struct monitor *monitor, const struct device_event *event)
{
	if (!(monitor->subsystems & bit_of(event->subsystem, strlen(event->subsystem))))
		return false;
	for (size_t i = 0; i < monitor->device_count; i++) {
		if (strcmp(monitor->devices[i], event->pci) == 0)
			return true;
	}
	return !monitor->devices;
}

static void tell(struct monitor *monitor, const struct device_event *event, bool inferred)
{
	struct report *report = monitor->invocation->report;
	struct monitor_event told;

	if (monitor->ended_by || !is_wanted(monitor, event))
		return;
	monitor_event_set(&told, event, inferred);
	report_written(report, "device-event",
		report->json ? monitor_event_to_json(&told) : json_null(), monitor_print_event,
		&told);
	monitor->told++;
	if (monitor->told == monitor->count)
		monitor->ended_by = "--count";
}

static void tell_inferred(const struct device_event *event, void *data)
{
	tell(data, event, true);
}

/* Events still in the queue when it overflowed are reported by now; a new look finds the rest. */
static int resynchronise(struct monitor *monitor)
{
	struct snapshot now;
	int err = snapshot_take(&sysfs_of_host, &now);

	if (err)
		return err;
	snapshot_compare(&monitor->snapshot, &now, tell_inferred, monitor);
	snapshot_free(&monitor->snapshot);
	monitor->snapshot = now;
	return 0;
}

static void tell_loss(struct monitor *monitor)
{
	struct timespec now;

	monitor->losses++;
	clock_gettime(CLOCK_REALTIME, &now);
	report_written(monitor->invocation->report, "events-lost",
		json_pack("{s:o, s:I}", "time", monitor_time_to_json(&now), "losses",
			(json_int_t)monitor->losses),
		monitor_print_loss, &now);
}

/* Takes all waiting events. *@seen: there was one, wanted or not. */
static int take_events(struct monitor *monitor, bool *seen)
{
	struct device_event event;
	bool lost = false;
	int err = 0;

	while (!err && !monitor->ended_by) {
		const unsigned long told = monitor->told;

		err = device_events_next(monitor->events, &event);
		if (err == -ENOBUFS) {
			lost = true;
			tell_loss(monitor);
			err = 0;
			continue;
		}
		if (!err)
			err = snapshot_apply(&monitor->snapshot, &event);
		if (!err)
			tell(monitor, &event, false);
		*seen |= monitor->told != told;
	}
	if (err == -EAGAIN)
		err = 0;
	return err || !lost || monitor->ended_by ? err : resynchronise(monitor);
}

/* How long poll() may wait until @end; -1: forever. */
static int time_left(const struct monitor *monitor, int64_t end)
{
	int64_t left = end - monotonic_ms();

	if (monitor->idle_ms < 0)
		return -1;
	return left > 0 ? (int)left : 0;
}

static int follow(struct monitor *monitor)
{
	struct pollfd ready[] = {
		{ .fd = device_events_fd(monitor->events), .events = POLLIN },
		{ .fd = monitor->interrupt.fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO }, /* polled for the error of a reader that has gone */
	};
	int64_t end = monotonic_ms() + monitor->idle_ms;
	int err = 0;

	while (!err && !monitor->ended_by) {
		int count = poll(ready, 3, time_left(monitor, end)), signal;
		bool seen = false;

		if (count < 0 && errno != EINTR)
			return -errno;
		if (count > 0 && ready[0].revents)
			err = take_events(monitor, &seen);
		if (seen)
			end = monotonic_ms() + monitor->idle_ms;
		signal = interrupt_take(&monitor->interrupt);
		if (signal)
			monitor->ended_by = interrupt_name(signal);
		else if (!monitor->ended_by && count > 0 && ready[2].revents & (POLLERR | POLLNVAL))
			monitor->ended_by = "its reader";
		else if (!monitor->ended_by && !seen && !time_left(monitor, end))
			monitor->ended_by = "--idle-timeout";
	}
	return err;
}

static enum exit_status report_end(const struct monitor *monitor)
{
	struct report *report = monitor->invocation->report;
	struct failure failure;

	if (report->json)
		report_json(report, "monitor",
			json_pack("{s:I, s:I, s:s}", "events", (json_int_t)monitor->told, "losses",
				(json_int_t)monitor->losses, "ended-by", monitor->ended_by));
	else
		report_note(report, "iommuctl: %lu event%s, %lu loss%s; ended by %s", monitor->told,
			monitor->told == 1 ? "" : "s", monitor->losses,
			monitor->losses == 1 ? "" : "es", monitor->ended_by);
	if (!monitor->count || monitor->told == monitor->count ||
		strcmp(monitor->ended_by, "--idle-timeout") != 0)
		return STATUS_DONE;
	failure_set(&failure, 0, "%lu of %lu events came", monitor->told, monitor->count);
	failure.status = STATUS_UNMET;
	failure.code = "unmet";
	failure.operation = "monitor";
	return report_failure(report, &failure);
}

/* Listens before the first look, so that nothing is missed between the two. */
static int start(struct monitor *monitor)
{
	int err = interrupt_watch(&monitor->interrupt);

	if (err)
		return err;
	err = device_events_open(&monitor->events, NULL);
	if (!err)
		err = snapshot_take(&sysfs_of_host, &monitor->snapshot);
	if (!err)
		report_note(monitor->invocation->report, "iommuctl: listening to %s",
			device_events_source(monitor->events));
	return err;
}

static enum exit_status monitor_devices(struct monitor *monitor)
{
	enum exit_status status;
	int err = start(monitor);

	if (!err)
		err = follow(monitor);
	if (err)
		status = report_errno(monitor->invocation->report, "monitor", NULL, err);
	else
		status = report_end(monitor);
	snapshot_free(&monitor->snapshot);
	device_events_close(monitor->events);
	interrupt_unwatch(&monitor->interrupt);
	return status;
}

static enum exit_status report_subsystem(const struct invocation *invocation, const char *word)
{
	struct nearest nearest;
	char typed[32], names[64] = "";

	snprintf(typed, sizeof(typed), "%.*s", (int)strcspn(word, ","), word);
	nearest_start(&nearest, typed);
	for (size_t i = 0; snapshot_subsystems[i]; i++) {
		nearest_offer(&nearest, snapshot_subsystems[i], strlen(snapshot_subsystems[i]));
		text_append(names, sizeof(names), "%s%s", i ? ", " : "", snapshot_subsystems[i]);
	}
	if (*nearest.name)
		return report_usage(invocation->report,
			"--subsystem: '%s' is not one of %s; did you mean '%s'?", typed, names,
			nearest.name);
	return report_usage(invocation->report, "--subsystem: '%s' is not one of %s", typed, names);
}

static enum exit_status read_subsystems(const struct invocation *invocation, unsigned int *set)
{
	const char *word = invocation_option(invocation, "subsystem");

	*set = word ? 0 : ~0u;
	while (word) {
		const size_t length = strcspn(word, ",");
		const unsigned int bit = bit_of(word, length);

		if (!bit)
			return report_subsystem(invocation, word);
		*set |= bit;
		word = word[length] ? word + length + 1 : NULL;
	}
	return STATUS_DONE;
}

static enum exit_status read_limits(const struct invocation *invocation, struct monitor *monitor)
{
	const char *count = invocation_option(invocation, "count");
	enum exit_status status;
	uint64_t idle_ms;

	if (count) {
		monitor->count = strtoul(count, NULL, 10);
		if (!monitor->count || strlen(count) > 9 || count[strspn(count, "0123456789")])
			return report_usage(invocation->report,
				"--count=%s: expected a number of events, at least 1", count);
	}
	status = idle_timeout_read(invocation, &idle_ms);
	if (!status)
		monitor->idle_ms = idle_ms ? (int)idle_ms : -1;
	return status;
}

static enum exit_status select_devices(struct monitor *monitor)
{
	const struct invocation *invocation = monitor->invocation;
	enum exit_status status = STATUS_DONE;

	if (!invocation->argument_count)
		return STATUS_DONE;
	monitor->devices = calloc((size_t)invocation->argument_count, sizeof(*monitor->devices));
	if (!monitor->devices)
		return report_out_of_memory(invocation->report);
	for (int i = 0; status == STATUS_DONE && i < invocation->argument_count; i++)
		status = device_select(invocation, &sysfs_of_host, invocation->arguments[i],
			monitor->devices[monitor->device_count++]);
	return status;
}

static enum exit_status run(struct invocation *invocation)
{
	struct monitor monitor = { .invocation = invocation, .interrupt = { .fd = -1 } };
	enum exit_status status = read_subsystems(invocation, &monitor.subsystems);

	if (status == STATUS_DONE)
		status = read_limits(invocation, &monitor);
	if (status == STATUS_DONE)
		status = select_devices(&monitor);
	if (status == STATUS_DONE)
		status = monitor_devices(&monitor);
	free(monitor.devices);
	return status;
}

static const struct command_option options[] = {
	{ "subsystem", "NAME[,NAME]...", "Only devices of these: pci, vfio-dev, iommu, net" },
	{ "count", "N", "End after N events" },
	{ IDLE_TIMEOUT_OPTION },
	{ NULL },
};

const struct command command_monitor = {
	.name = "monitor",
	.group = COMMANDS_HOST,
	.arguments = "[DEVICE]...",
	.arguments_max = -1,
	.summary = "Report devices, drivers and character devices as they come and go",
	.description =
		"Reports, one a line, when PCI devices and virtual functions, VFIO devices with their "
		"nodes, IOMMUs and network interfaces appear (add), disappear (remove) or are renamed "
		"(move), and when PCI devices get a driver (bind) or lose it (unbind). Where udevd "
		"runs, it listens to udevd, so that by the time of the report rules have been applied "
		"and a node exists; else to the kernel, and to nobody else. It says which on standard "
		"error, once it can no longer miss an event. A virtual function is reported with its "
		"PF (VF of) in add, or in the change after it if the kernel links the two later.\n"
		"\n"
		"If events come faster than it takes them and some are lost, it says so and looks up "
		"the state of the devices: changes that must have happened are reported with the mark "
		"\"not seen\" (\"inferred\" in JSON). Changes during that lookup may be reported twice.\n"
		"\n"
		"It ends with status 0 after SIGINT or SIGTERM, when its reader has gone, and as "
		"--count and --idle-timeout say; with status 6 if --idle-timeout ends it before "
		"--count events have come. " IDLE_TIMEOUT_HELP
		" At the end it says how many there were: on standard "
		"error, or with --json in a last object (monitor).\n"
		"\n"
		"With devices, it reports only these and what is below them.\n\n" DEVICE_FORMS,
	.options = options,
	.run = run,
};
