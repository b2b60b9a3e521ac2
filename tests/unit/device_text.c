// SPDX-License-Identifier: MIT
/* What the commands about devices say: the same numbers as text and as JSON. */
#include <criterion/criterion.h>

#include "array.h"
#include "commands/device_common.h"

Test(device_text, ids_and_class_have_all_their_digits)
{
	static const struct {
		struct host_device device;
		const char *id, *vendor, *number, *class;
	} cases[] = {
		{ { .vendor = 0x1234, .device = 0x11e8, .class = 0x00ff00 }, "1234:11e8", "0x1234",
			"0x11e8", "0x00ff00" },
		{ { .vendor = 0x1a, .device = 0, .class = 0x20000 }, "001a:0000", "0x001a",
			"0x0000", "0x020000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_t *json = device_to_json(&cases[i].device);
		char id[DEVICE_ID_SIZE];

		device_id_text(&cases[i].device, id);
		cr_expect_str_eq(id, cases[i].id);
		cr_expect_str_eq(json_string_value(json_object_get(json, "id")), cases[i].id);
		cr_expect_str_eq(
			json_string_value(json_object_get(json, "vendor")), cases[i].vendor);
		cr_expect_str_eq(
			json_string_value(json_object_get(json, "device")), cases[i].number);
		cr_expect_str_eq(json_string_value(json_object_get(json, "class")), cases[i].class);
		json_decref(json);
	}
}
