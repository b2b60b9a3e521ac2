/* SPDX-License-Identifier: MIT */
/* The findings of gates that ask the kernel, in the record of a host. */
#ifndef CLI_HOST_GATE_ANSWER_H
#define CLI_HOST_GATE_ANSWER_H

#include "host/gate.h"

/* "pass", "fail" or "unknown". */
const char *gate_outcome_name(enum gate_outcome outcome);

json_t *gate_answer_to_json(const struct gate *gate, const struct gate_result *result);

/*
 * Finds the answer for @gate in @answers, an untrusted list; its strings are borrowed. False: none
 * that makes sense.
 */
bool gate_answer_find(const json_t *answers, const struct gate *gate, struct gate_result *result);

#endif
