/* SPDX-License-Identifier: MIT */
/* Converts KEY=VALUE arguments to the JSON of a job. */
#ifndef CLI_SESSION_CLIENT_VERB_VALUE_H
#define CLI_SESSION_CLIENT_VERB_VALUE_H

#include <jansson.h>

#include "document/schema.h"

/*
 * Adds @argument to @object, of @shape: "size=16M", "ste.config=s1", "map.0.iova=0x1000",
 * "commands=[...]". A key unknown to the shape becomes a string, for the parser to refuse.
 *
 * Returns 0; -EINVAL with *@why set if it is not KEY=VALUE, or the value begins like JSON but is
 * invalid; -ENOMEM.
 */
int verb_add_value(
	json_t *object, const struct schema_shape *shape, const char *argument, const char **why);

#endif
