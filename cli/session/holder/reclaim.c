// SPDX-License-Identifier: MIT
#include "session/holder/reclaim.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "output/text.h"
#include "session/holder/carry_out.h"
#include "job/live/request.h"

static const struct document_object *device_at(const struct session *session, size_t index)
{
	return document_object_at(session->live.job->document, JOB_DEVICES, index);
}

/* Its state, if the kernel can ask for it back; else NULL. */
static struct live_device *asked_for(const struct session *session, size_t index)
{
	const struct live *live = &session->live;
	struct live_device *device = &live->devices[index];

	return live->objects[JOB_DEVICES][index].made && device->takes_requests ? device : NULL;
}

size_t reclaim_list(const struct session *session, struct pollfd *files)
{
	size_t count = 0;

	for (size_t i = 0; i < session->live.job->objects[JOB_DEVICES].count; i++) {
		const struct live_device *device = asked_for(session, i);

		if (device)
			files[count++] = (struct pollfd){ .fd = device->request, .events = POLLIN };
	}
	return count;
}

static bool has_fired(const struct live_device *device)
{
	struct pollfd file = { .fd = device->request, .events = POLLIN };

	return poll(&file, 1, 0) == 1;
}

/* Another process has it open and must give it back: we cannot take it away from a guest. */
static bool is_kept(const struct session *session, const struct live_device *device)
{
	return session->keeps_devices || device->handed_over;
}

static void tell(
	struct session *session, struct report *report, const char *label, const char *text)
{
	event_log_add_request(&session->log, label, text);
	report_note(report, "%s: the kernel wants it back: %s", label, text);
}

static void tell_kept(struct session *session, struct live_device *device, const char *label,
	struct report *report)
{
	/* The kernel asks repeatedly. */
	if (device->is_wanted)
		return;
	device->is_wanted = true;
	tell(session, report, label,
		device->handed_over
			? "kept, because another process has it open: close it there first, then "
			  "here"
			: "kept until it is closed, or the session stopped");
}

/* Whether @object cannot exist without @device. */
static bool goes_with(const struct document_object *object, const struct document_object *device)
{
	switch (object->collection) {
	case JOB_VDEVICES: return ((const struct job_vdevice *)object)->device.target == device;
	case JOB_IRQS: return ((const struct job_irq *)object)->device.target == device;
	default: return false;
	}
}

/* The names of the objects that go with @device. */
static json_t *list_with(const struct session *session, const struct document_object *device)
{
	const struct live *live = &session->live;
	json_t *list = json_array();
	char label[160];

	for (size_t i = 0; i < live->entry_count; i++) {
		const struct live_entry *entry = &live->entries[i];

		if (entry->is_attachment || !goes_with(entry->object, device))
			continue;
		document_object_label(entry->object, label, sizeof(label));
		json_array_append_new(list, json_string(label));
	}
	return list;
}

static const char *describe(const json_t *with, char *text, size_t size)
{
	json_t *label;
	size_t i;

	text_append(text, size, "released, with its attachments");
	json_array_foreach(with, i, label) {
		text_append(text, size, ", %s", json_string_value(label));
	}
	return text;
}

static void give_back(struct session *session, const struct document_object *device,
	const char *label, struct report *report)
{
	const struct live_device *state = &session->live.devices[device->index];
	json_t *with = list_with(session, device);
	json_t *taken = json_pack("{s:s, s:s, s:I, s:o}", "device", label, "pci", state->found.pci,
		"time", (json_int_t)time(NULL), "with", with);
	char text[256] = "";

	describe(with, text, sizeof(text));
	if (live_give_back(&session->live, device)) {
		session->live.failure.path = "undo";
		report_failure(report, &session->live.failure);
		session->live.failure.path = NULL;
	}
	if (!session->taken)
		session->taken = json_object();
	json_object_set_new(session->taken, device->name, taken);
	tell(session, report, label, text);
	session_take_stock(session, report);
}

static void serve(struct session *session, size_t index, struct report *report)
{
	struct live_device *device = asked_for(session, index);
	char label[160];

	if (!device || !has_fired(device))
		return;
	document_object_label(device_at(session, index), label, sizeof(label));
	if (is_kept(session, device)) {
		live_poll_device_request(device);
		tell_kept(session, device, label, report);
	} else if (session->wait) {
		session_end_doing(session, "the kernel wants %s back", label);
	} else {
		live_poll_device_request(device);
		give_back(session, device_at(session, index), label, report);
	}
}

void reclaim_serve(struct session *session, struct report *report)
{
	for (size_t i = 0; i < session->live.job->objects[JOB_DEVICES].count; i++)
		serve(session, i, report);
}

static const char *time_of(const json_t *taken, char *text, size_t size)
{
	const time_t when = (time_t)json_integer_value(json_object_get(taken, "time"));
	struct tm parts;

	if (!localtime_r(&when, &parts) || !strftime(text, size, "%H:%M:%S", &parts))
		*text = '\0';
	return text;
}

bool reclaim_explain(const struct session *session, const char *name, struct failure *failure)
{
	const json_t *taken = json_object_get(session->taken, name);
	const char *pci = json_string_value(json_object_get(taken, "pci"));
	char time[32];

	if (!taken)
		return false;
	failure_set(failure, -ENODEV,
		"the kernel took it back, at %s\n'iommuctl device bind %s', and then 'iommuctl -s "
		"%s device open %s pci=%s'",
		time_of(taken, time, sizeof(time)), pci, session->name, name, pci);
	failure_explain(failure, "it was unbound from its driver or removed", NULL);
	failure->code = "device-taken";
	failure->operation = "look-up";
	failure->object = failure_print(failure, "devices.%s", name);
	return true;
}

/* The device that @value, the value of @key, names; NULL: none. */
static const char *device_named(const char *key, const json_t *value)
{
	static const char prefix[] = "devices.";
	const char *name = json_string_value(value);

	if (!name)
		return NULL;
	if (strcmp(key, "device") == 0 || strcmp(key, "msi-window") == 0)
		return name;
	return strcmp(key, "object") == 0 && strncmp(name, prefix, strlen(prefix)) == 0
		       ? name + strlen(prefix)
		       : NULL;
}

/* Searches all of @value, to any depth, except for @made. */
static bool explain_inside(const struct session *session, const json_t *value, const json_t *made,
	struct failure *failure)
{
	const char *key;
	json_t *inside;
	size_t i;

	json_array_foreach(value, i, inside) {
		if (explain_inside(session, inside, made, failure))
			return true;
	}
	json_object_foreach((json_t *)value, key, inside) {
		const char *name = device_named(key, inside);

		if (name && !json_object_get(made, name) && reclaim_explain(session, name, failure))
			return true;
		if (explain_inside(session, inside, made, failure))
			return true;
	}
	return false;
}

bool reclaim_explain_job(
	const struct session *session, const json_t *document, struct failure *failure)
{
	return session->taken &&
	       explain_inside(session, document, json_object_get(document, "devices"), failure);
}

void reclaim_forget(struct session *session)
{
	for (size_t i = 0; i < session->live.job->objects[JOB_DEVICES].count; i++) {
		if (session->live.objects[JOB_DEVICES][i].made)
			json_object_del(session->taken, device_at(session, i)->name);
	}
}

void reclaim_show(const struct session *session, json_t *value, FILE *table)
{
	json_t *taken, *list = json_array(), *wanted = json_array();
	const char *name;
	char label[160], time[32];

	for (size_t i = 0; i < session->live.job->objects[JOB_DEVICES].count; i++) {
		const struct live_device *device = asked_for(session, i);

		if (!device || !device->is_wanted)
			continue;
		document_object_label(device_at(session, i), label, sizeof(label));
		fprintf(table, "  %s is wanted back by the kernel\n", label);
		json_array_append_new(wanted, json_string(label));
	}
	json_object_foreach(session->taken, name, taken) {
		fprintf(table, "  devices.%s was taken back by the kernel at %s\n", name,
			time_of(taken, time, sizeof(time)));
		json_array_append(list, taken);
	}
	if (json_array_size(list))
		json_object_set(value, "taken", list);
	if (json_array_size(wanted))
		json_object_set(value, "wanted", wanted);
	json_decref(list);
	json_decref(wanted);
}
