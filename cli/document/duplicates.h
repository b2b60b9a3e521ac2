/* SPDX-License-Identifier: MIT */
/* Keys that come twice in one object. JSON does not say which counts, so both are refused. */
#ifndef CLI_DOCUMENT_DUPLICATES_H
#define CLI_DOCUMENT_DUPLICATES_H

#include "document/problem.h"

/* Adds each such key of the well-formed @document to @problem. Returns 0, -EINVAL or -ENOMEM. */
int duplicates_find(const struct document *document, struct document_problem *problem);

#endif
