// SPDX-License-Identifier: MIT
#include "commands/look_common.h"

#include <stdio.h>
#include <string.h>

#include "document/value.h"
#include "session/ask.h"

enum exit_status look_number_read(const struct invocation *invocation, const char *name,
	uint64_t max, bool *given, uint64_t *number)
{
	const char *value = invocation_option(invocation, name);

	*given = value;
	if (!value)
		return STATUS_DONE;
	if (!value_parse_number(value, number) && *number <= max)
		return STATUS_DONE;
	return report_usage(invocation->report, "--%s %s: a number up to 0x%llx was expected", name,
		value, (unsigned long long)max);
}

bool look_is_about_file(const struct invocation *invocation)
{
	return invocation_option(invocation, "memory") || invocation_option(invocation, "strtab") ||
	       (!invocation_option(invocation, "device") && !session_name_asked(invocation));
}

/* One of the parts of a list, which ends at a comma. */
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
			"--strtab %s: BASE,LOG2SIZE with LOG2SIZE up to %d was expected, and behind "
			"that SPLIT, which is 6, 8 or 10",
			strtab, IOMMUCTL_STREAM_TABLE_LOG2SIZE_MAX);
	status = look_number_read(invocation, "sid", UINT32_MAX, &place->has_sid, &sid);
	if (!status)
		status = look_number_read(
			invocation, "ssid", LOOK_SSID_MAX, &place->has_ssid, &ssid);
	place->sid = (uint32_t)sid;
	place->ssid = (uint32_t)ssid;
	return status;
}
