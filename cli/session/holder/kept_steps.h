/* SPDX-License-Identifier: MIT */
/*
 * Steps that a saved session keeps because no object's keys reflect their changes: the last of
 * those that change the same thing.
 */
#ifndef CLI_SESSION_HOLDER_KEPT_STEPS_H
#define CLI_SESSION_HOLDER_KEPT_STEPS_H

#include <stdbool.h>

#include <jansson.h>

/*
 * Adds @step, whose reference it takes, to the array @kept if it must be kept. If it makes an
 * object, those that changed its predecessor are removed.
 */
void kept_steps_add(json_t *kept, json_t *step);

/* The stage 1 whose CD the kept @step has written, and the table; NULL: none, or memory ran out. */
const char *kept_step_stage1(const json_t *step, const char **cd_table);

/* Whether the HWPT of this name tracks dirty pages after the steps @kept. */
bool kept_steps_track(const json_t *kept, const char *hwpt);

/* Whether the document @root has the object that the kept @step changes. */
bool kept_step_is_alive(const json_t *step, const json_t *root);

#endif
