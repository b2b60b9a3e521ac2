// SPDX-License-Identifier: MIT
/* What monitor says of an event; that events come is a case of the rig. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "commands/monitor_event.h"

static const struct {
	struct device_event event;
	const char *physfn;
	bool inferred;
	const char *text; /* after the time, which is the reader's own */
} rows[] = {
	{ .event = { .action = "add",
		  .subsystem = "pci",
		  .name = "0000:00:01.0",
		  .pci = "0000:00:01.0" },
		.text = "add     0000:00:01.0\n" },
	{ .event = { .action = "add",
		  .subsystem = "pci",
		  .name = "0000:03:10.0",
		  .pci = "0000:03:10.0" },
		.physfn = "0000:03:00.0",
		.text = "add     0000:03:10.0  VF of 0000:03:00.0\n" },
	{ .event = { .action = "bind",
		  .subsystem = "pci",
		  .name = "0000:00:01.0",
		  .pci = "0000:00:01.0",
		  .driver = "vfio-pci" },
		.text = "bind    0000:00:01.0  vfio-pci\n" },
	{ .event = { .action = "unbind",
		  .subsystem = "pci",
		  .name = "0000:00:01.0",
		  .pci = "0000:00:01.0",
		  .driver = "igb" },
		.inferred = true,
		.text = "unbind  0000:00:01.0  from igb, not seen: lost\n" },
	{ .event = { .action = "add",
		  .subsystem = "vfio-dev",
		  .name = "vfio0",
		  .pci = "0000:00:01.0",
		  .node = "/dev/vfio/devices/vfio0" },
		.text = "add     vfio0         0000:00:01.0, /dev/vfio/devices/vfio0\n" },
	{ .event = { .action = "move", .subsystem = "net", .name = "eth\n0", .old_name = "eth1" },
		.text = "move    eth\\n0        was eth1\n" },
};

static struct monitor_event event_of(size_t row)
{
	struct monitor_event told = {
		.event = &rows[row].event,
		.inferred = rows[row].inferred,
		.time = { .tv_sec = 1767225600, .tv_nsec = 12000000 },
	};

	snprintf(told.physfn, sizeof(told.physfn), "%s", rows[row].physfn ? rows[row].physfn : "");
	return told;
}

static char *print(void (*print_line)(FILE *out, const void *data), const void *data)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_not_null(out);
	print_line(out, data);
	fclose(out);
	return text;
}

Test(monitor_event, is_a_line_for_people)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct monitor_event told = event_of(i);
		char *text = print(monitor_print_event, &told);

		cr_expect_str_eq(text + strlen("00:00:00.012  "), rows[i].text);
		free(text);
	}
}

Test(monitor_event, is_an_object_in_JSON_that_says_null_of_what_is_not_known)
{
	const struct monitor_event told = event_of(4);
	json_t *json = monitor_event_to_json(&told);
	char *text = json_dumps(json, 0);

	cr_expect_str_eq(text,
		"{\"time\": \"2026-01-01T00:00:00.012Z\", \"action\": \"add\", \"subsystem\": "
		"\"vfio-dev\", \"name\": \"vfio0\", \"old-name\": null, \"pci\": \"0000:00:01.0\", "
		"\"driver\": null, \"node\": \"/dev/vfio/devices/vfio0\", \"physfn\": null, "
		"\"seqnum\": null, \"inferred\": false}");
	free(text);
	json_decref(json);
}

Test(monitor_event, a_loss_is_a_line_as_well)
{
	const struct timespec time = { .tv_sec = 1767225600 };
	char *text = print(monitor_print_loss, &time);

	cr_expect_not_null(strstr(text, ".000  lost    events that came too fast"));
	free(text);
}

/* This host's sysfs distinguishes a VF from a device of its own; it has no such device. */
Test(monitor_event, a_device_that_is_not_here_is_nobodys_VF)
{
	static const struct device_event event = {
		.action = "add",
		.subsystem = "pci",
		.name = "fffe:00:00.0",
	};
	struct monitor_event told;

	monitor_event_set(&told, &event, true);
	cr_expect_str_eq(told.physfn, "");
	cr_expect(told.inferred);
	cr_expect_gt(told.time.tv_sec, 0);
}
