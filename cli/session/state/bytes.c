// SPDX-License-Identifier: MIT
#include "session/state/bytes.h"

#include <stdio.h>
#include <string.h>

/* Larger than any structure whose bytes are kept. */
#define SIZE_LIMIT 512

json_t *state_bytes_write(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	char text[2 * SIZE_LIMIT + 1] = "";

	for (size_t i = 0; i < size && i < SIZE_LIMIT; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
	return json_string(text);
}

bool state_bytes_read(const json_t *text, void *data, size_t size)
{
	const char *digits = json_string_value(text);
	unsigned char *bytes = data;

	if (!digits || strlen(digits) != 2 * size || strspn(digits, "0123456789abcdef") != 2 * size)
		return false;
	for (size_t i = 0; i < size; i++) {
		unsigned int byte;

		sscanf(digits + 2 * i, "%2x", &byte);
		bytes[i] = (unsigned char)byte;
	}
	return true;
}
