/* SPDX-License-Identifier: MIT */
/* KEY=VALUE arguments as the JSON that a job would have. */
#ifndef CLI_SESSION_VERB_VALUE_H
#define CLI_SESSION_VERB_VALUE_H

#include <jansson.h>

#include "document/schema.h"

/*
 * Adds to @object, of @shape, what @argument says: "size=16M", "ste.config=s1",
 * "map.0.iova=0x1000", "commands=[...]". What a shape does not know becomes a string, for the
 * parser to refuse.
 *
 * Returns 0, -EINVAL where it is no KEY=VALUE, or a value that begins as JSON is none, with *@why
 * set; -ENOMEM.
 */
int verb_add_value(
	json_t *object, const struct schema_shape *shape, const char *argument, const char **why);

#endif
