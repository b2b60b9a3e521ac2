/* SPDX-License-Identifier: MIT */
/*
 * Steps that a saved session has, since what they change is said by no object: of those that change
 * the same, the last.
 */
#ifndef CLI_SESSION_KEPT_STEPS_H
#define CLI_SESSION_KEPT_STEPS_H

#include <stdbool.h>

#include <jansson.h>

/* Adds @step, whose reference it takes, to the array @kept, if it is one to keep. */
void kept_steps_add(json_t *kept, json_t *step);

/* Whether @root, a document, has what the kept @step is about. */
bool kept_step_is_alive(const json_t *step, const json_t *root);

#endif
