/* SPDX-License-Identifier: MIT */
/* The lines and objects of monitor. */
#ifndef CLI_COMMANDS_MONITOR_EVENT_H
#define CLI_COMMANDS_MONITOR_EVENT_H

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include <jansson.h>

#include "host/events.h"

/* An event, and what is looked up when it is reported. */
struct monitor_event {
	const struct device_event *event;
	bool inferred; /* not seen: it must have happened while events were lost */
	char physfn[PCI_ADDRESS_SIZE];
	struct timespec time;
};

/* Looks up the time, and what this host knows about the device now. @event outlives @told. */
void monitor_event_set(struct monitor_event *told, const struct device_event *event, bool inferred);

json_t *monitor_event_to_json(const struct monitor_event *told);

/* Writes a line of @data, a struct monitor_event. */
void monitor_print_event(FILE *out, const void *data);

/* Writes the line that events were lost, at the time @data, a struct timespec. */
void monitor_print_loss(FILE *out, const void *data);

/* "2026-01-01T00:00:00.000Z". */
json_t *monitor_time_to_json(const struct timespec *time);

#endif
