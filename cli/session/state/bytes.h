/* SPDX-License-Identifier: MIT */
/* A structure of this build as a JSON string. */
#ifndef CLI_SESSION_STATE_BYTES_H
#define CLI_SESSION_STATE_BYTES_H

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

/* The bytes of @data in hexadecimal digits. */
json_t *state_bytes_write(const void *data, size_t size);

/* False: @text is not such a string of @size bytes. */
bool state_bytes_read(const json_t *text, void *data, size_t size);

#endif
