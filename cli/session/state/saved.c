// SPDX-License-Identifier: MIT
#include "session/state/saved.h"

#include <stdbool.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* With PASIDs, or by itself. */
static bool is_attached(const json_t *whole, const char *device, bool with_pasids)
{
	json_t *attach;
	size_t i;

	json_array_foreach(json_object_get(whole, "attach"), i, attach) {
		if (!strcmp(text_of(attach, "device"), device) &&
			with_pasids == (json_object_get(attach, "pasid") != NULL))
			return true;
	}
	return false;
}

/*
 * An attachment for @device: to a paging HWPT made for it, else to any IOAS; or NULL. If it has
 * PASIDs, the kernel only accepts a HWPT made for PASIDs.
 */
static json_t *find_table(const json_t *whole, const char *device)
{
	const bool has_pasids = is_attached(whole, device, true);
	const char *name;
	json_t *said;

	json_object_foreach(json_object_get(whole, "hwpts"), name, said) {
		if (json_object_get(said, "ioas") && !strcmp(text_of(said, "device"), device) &&
			(!has_pasids || json_is_true(json_object_get(said, "pasid"))))
			return json_pack("{s:s, s:s}", "device", device, "hwpt", name);
	}
	if (has_pasids)
		return NULL;
	json_object_foreach(json_object_get(whole, "ioas"), name, said) {
		return json_pack("{s:s, s:s}", "device", device, "ioas", name);
	}
	return NULL;
}

/* Appends @value to the array @key, or prepends it if @first. */
static void add(json_t *whole, const char *key, json_t *value, bool first)
{
	const json_t *old = json_object_get(whole, key);
	json_t *array = old ? json_copy((json_t *)old) : json_array();

	if (first)
		json_array_insert_new(array, 0, value);
	else
		json_array_append_new(array, value);
	json_object_set_new(whole, key, array);
}

void saved_add_detached(json_t *whole)
{
	const char *name;
	json_t *irq, *attach;

	json_object_foreach(json_object_get(whole, "irqs"), name, irq) {
		const char *device = text_of(irq, "device");

		if (!strcmp(text_of(irq, "index"), "intx") || is_attached(whole, device, false))
			continue;
		attach = find_table(whole, device);
		if (!attach)
			continue;
		add(whole, "attach", attach, false);
		add(whole, "steps", json_pack("{s:{s:s}}", "detach", "device", device), true);
	}
}
