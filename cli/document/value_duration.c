// SPDX-License-Identifier: MIT
/* Durations, as command lines write them. */
#include <errno.h>
#include <string.h>

#include "array.h"
#include "document/value.h"

#define DIGITS_MAX 9 /* so that nothing below overflows */

static const struct {
	const char *name;
	uint64_t ms;
} units[] = {
	{ "ms", 1 },
	{ "s", 1000 },
	{ "m", 60000 },
	{ "h", 3600000 },
};

/* Reads digits; *@scale is 10 for one, 100 for two, and so on. False: there are too many. */
static bool read_digits(const char **at, uint64_t *value, uint64_t *scale)
{
	const char *first = *at;

	*value = 0;
	*scale = 1;
	for (; **at >= '0' && **at <= '9'; (*at)++) {
		if (*at - first == DIGITS_MAX)
			return false;
		*value = *value * 10 + (uint64_t)(**at - '0');
		*scale *= 10;
	}
	return true;
}

static int find_unit(const char *name, uint64_t *unit_ms)
{
	if (!*name)
		return -EDOM;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		*unit_ms = units[i].ms;
		if (!strcmp(name, units[i].name))
			return 0;
	}
	return -EINVAL;
}

int value_parse_duration(const char *text, uint64_t *ms)
{
	uint64_t whole, part = 0, scale = 1, unit_ms, total;
	const char *at = text;
	int err;

	if (!read_digits(&at, &whole, &scale))
		return -ERANGE;
	if (at == text)
		return -EINVAL;
	scale = 1;
	if (*at == '.') {
		at++;
		if (!read_digits(&at, &part, &scale) || scale == 1)
			return -EINVAL;
	}
	err = find_unit(at, &unit_ms);
	/* Zero is the same in all units. */
	if (err == -EDOM && !whole && !part)
		unit_ms = 1;
	else if (err)
		return err;
	total = whole * unit_ms + (part * unit_ms + scale - 1) / scale;
	if (total > VALUE_DURATION_MAX_MS)
		return -ERANGE;
	*ms = total;
	return 0;
}
