// SPDX-License-Identifier: MIT
#include "commands/look_common.h"

#include <stdio.h>
#include <string.h>

#include "array.h"
#include "document/value.h"
#include "session/client/ask.h"

enum exit_status look_number_read(const struct invocation *invocation, const char *name,
	uint64_t max, bool *given, uint64_t *number)
{
	const char *value = invocation_option(invocation, name);

	*given = value;
	if (!value)
		return STATUS_DONE;
	if (!value_parse_number(value, number) && *number <= max)
		return STATUS_DONE;
	return report_usage(invocation->report, "--%s %s: expected a number up to 0x%llx", name,
		value, (unsigned long long)max);
}

static const char *first_given(
	const struct invocation *invocation, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (invocation_option(invocation, names[i]))
			return names[i];
	}
	return NULL;
}

enum exit_status look_find_place(const struct invocation *invocation, bool *is_file)
{
	static const char *const of_files[] = { "memory", "strtab", "sid" };
	const char *of_file = first_given(invocation, of_files, ARRAY_SIZE(of_files));
	const bool has_device = invocation_option(invocation, "device");

	*is_file = of_file || (!has_device && !session_name_asked(invocation));
	if (of_file && (has_device || invocation->session))
		return report_exclusive(
			invocation->report, of_file, has_device ? "device" : "session");
	return STATUS_DONE;
}

/* Reads one part of a list, up to a comma. */
static bool read_part(const char **list, uint64_t *number)
{
	const size_t length = strcspn(*list, ",");
	char part[32];

	if (!length || length >= sizeof(part))
		return false;
	memcpy(part, *list, length);
	part[length] = '\0';
	*list += length + ((*list)[length] == ',');
	return !value_parse_number(part, number);
}

static bool is_split(uint64_t split)
{
	return split == 6 || split == 8 || split == 10;
}

static bool read_shape(const char *list, struct iommuctl_stream_table_shape *shape)
{
	uint64_t base, log2size, split = 0;

	if (!read_part(&list, &base) || !*list || !read_part(&list, &log2size) ||
		log2size > IOMMUCTL_STREAM_TABLE_LOG2SIZE_MAX)
		return false;
	if (*list && (!read_part(&list, &split) || !is_split(split) || *list))
		return false;
	*shape = (struct iommuctl_stream_table_shape){
		.base = base,
		.log2size = (uint8_t)log2size,
		.split = (uint8_t)split,
	};
	return true;
}

enum exit_status look_place_read(const struct invocation *invocation, struct look_place *place)
{
	const char *strtab = invocation_option(invocation, "strtab");
	uint64_t sid = 0, ssid = 0;
	enum exit_status status;

	*place = (struct look_place){ .memory = invocation_option(invocation, "memory") };
	if (!place->memory || !strtab)
		return report_usage(invocation->report,
			"--memory and --strtab are needed: they say where the guest's tables are");
	if (!read_shape(strtab, &place->shape))
		return report_usage(invocation->report,
			"--strtab %s: expected BASE,LOG2SIZE with LOG2SIZE up to %d, and after "
			"that optionally SPLIT, which is 6, 8 or 10",
			strtab, IOMMUCTL_STREAM_TABLE_LOG2SIZE_MAX);
	status = look_number_read(invocation, "sid", UINT32_MAX, &place->has_sid, &sid);
	if (!status)
		status = look_number_read(
			invocation, "ssid", LOOK_SSID_MAX, &place->has_ssid, &ssid);
	place->sid = (uint32_t)sid;
	place->ssid = (uint32_t)ssid;
	return status;
}
