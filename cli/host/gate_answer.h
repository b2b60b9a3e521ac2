/* SPDX-License-Identifier: MIT */
/* What a gate has found, in the record of a host: for gates that only the kernel could tell. */
#ifndef CLI_HOST_GATE_ANSWER_H
#define CLI_HOST_GATE_ANSWER_H

#include "host/gate.h"

/* "pass", "fail" or "unknown". */
const char *gate_outcome_name(enum gate_outcome outcome);

json_t *gate_answer_to_json(const struct gate *gate, const struct gate_result *result);

/*
 * Finds what @answers, a list that anybody may have written, says of @gate; its strings are
 * borrowed. False: nothing that makes sense.
 */
bool gate_answer_find(const json_t *answers, const struct gate *gate, struct gate_result *result);

#endif
