// SPDX-License-Identifier: MIT
#include "commands/monitor_event.h"

#include <stdio.h>
#include <string.h>

#include "commands/device_common.h"
#include "output/text.h"

/* The width of a PCI address, which most names are. */
#define NAME_WIDTH 12

json_t *monitor_time_to_json(const struct timespec *time)
{
	char text[sizeof("2026-01-01T00:00:00")];
	struct tm parts;

	gmtime_r(&time->tv_sec, &parts);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	return json_sprintf("%s.%03ldZ", text, time->tv_nsec / 1000000);
}

json_t *monitor_event_to_json(const struct monitor_event *told)
{
	const struct device_event *event = told->event;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:b}", "time",
		monitor_time_to_json(&told->time), "action", text_to_json(event->action),
		"subsystem", text_to_json(event->subsystem), "name", text_to_json(event->name),
		"old-name", device_name_to_json(event->old_name), "pci",
		device_name_to_json(event->pci), "driver", device_name_to_json(event->driver),
		"node", device_name_to_json(event->node), "physfn",
		device_name_to_json(told->physfn), "seqnum",
		event->seqnum ? json_integer((json_int_t)event->seqnum) : json_null(), "inferred",
		told->inferred);
}

static void print_time(FILE *out, const struct timespec *time)
{
	char text[sizeof("00:00:00")];
	struct tm parts;

	localtime_r(&time->tv_sec, &parts);
	strftime(text, sizeof(text), "%H:%M:%S", &parts);
	fprintf(out, "%s.%03ld  ", text, time->tv_nsec / 1000000);
}

static void print_part(FILE *out, const char **gap, const char *label, const char *text)
{
	if (!*text)
		return;
	fprintf(out, "%s%s", *gap, label);
	text_print(out, text, 0);
	*gap = ", ";
}

void monitor_print_event(FILE *out, const void *data)
{
	const struct monitor_event *told = data;
	const struct device_event *event = told->event;
	const bool is_unbind = strcmp(event->action, "unbind") == 0;
	char name[HOST_NAME_SIZE * 4], action[sizeof(event->action) * 4];
	char gap_first[NAME_WIDTH + 3];
	const char *gap = gap_first;

	print_time(out, &told->time);
	fprintf(out, "%-6s  %s", text_escape(event->action, action, sizeof(action)),
		text_escape(event->name, name, sizeof(name)));
	snprintf(gap_first, sizeof(gap_first), "  %*s",
		strlen(name) < NAME_WIDTH ? NAME_WIDTH - (int)strlen(name) : 0, "");
	if (strcmp(event->pci, event->name) != 0)
		print_part(out, &gap, "", event->pci);
	print_part(out, &gap, is_unbind ? "from " : "", event->driver);
	print_part(out, &gap, "VF of ", told->physfn);
	print_part(out, &gap, "", event->node);
	print_part(out, &gap, "was ", event->old_name);
	if (told->inferred)
		print_part(out, &gap, "", "not seen: lost");
	fputc('\n', out);
}

/* The kernel links a VF to its PF after "add", and reports that as a change. */
static void read_physfn(const struct device_event *event, char physfn[PCI_ADDRESS_SIZE])
{
	const bool is_new =
		strcmp(event->action, "add") == 0 || strcmp(event->action, "change") == 0;
	char directory[sizeof("/sys/bus/pci/devices/") + HOST_NAME_SIZE];

	snprintf(directory, sizeof(directory), "/sys/bus/pci/devices/%s", event->name);
	if (strcmp(event->subsystem, "pci") != 0 || !is_new ||
		sysfs_read_link_name(&sysfs_of_host, directory, "physfn", physfn, PCI_ADDRESS_SIZE))
		*physfn = '\0';
}

void monitor_event_set(struct monitor_event *told, const struct device_event *event, bool inferred)
{
	*told = (struct monitor_event){ .event = event, .inferred = inferred };
	clock_gettime(CLOCK_REALTIME, &told->time);
	read_physfn(event, told->physfn);
}

void monitor_print_loss(FILE *out, const void *data)
{
	print_time(out, data);
	fputs("lost    events that came too fast; what became of devices follows\n", out);
}
