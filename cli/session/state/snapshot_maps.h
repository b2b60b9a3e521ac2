/* SPDX-License-Identifier: MIT */
/* Current mappings, in the form of a job. */
#ifndef CLI_SESSION_STATE_SNAPSHOT_MAPS_H
#define CLI_SESSION_STATE_SNAPSHOT_MAPS_H

#include <jansson.h>

#include "job/live/live.h"

/* The "map" of @ioas, or of @stage1 without its MSI window, which has its own key in a job. */
json_t *snapshot_ioas_map(const struct live *live, const struct job_ioas *ioas);
json_t *snapshot_stage1_map(struct live *live, const struct job_stage1 *stage1);

/* How many mappings of @ioas that lacks: those of a BAR, and of memory made again elsewhere. */
size_t snapshot_ioas_left_out(const struct live *live, const struct job_ioas *ioas);

#endif
