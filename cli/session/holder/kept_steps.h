/* SPDX-License-Identifier: MIT */
/*
 * Steps that a saved session keeps because no object's keys reflect their changes: the last of
 * those that change the same thing.
 */
#ifndef CLI_SESSION_HOLDER_KEPT_STEPS_H
#define CLI_SESSION_HOLDER_KEPT_STEPS_H

#include <stdbool.h>

#include <jansson.h>

/* Adds @step, whose reference it takes, to the array @kept if it must be kept. */
void kept_steps_add(json_t *kept, json_t *step);

/* Whether the document @root has the object that the kept @step changes. */
bool kept_step_is_alive(const json_t *step, const json_t *root);

#endif
