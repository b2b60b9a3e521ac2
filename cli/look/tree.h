/* SPDX-License-Identifier: MIT */
/* The objects of a live job, as a picture. */
#ifndef CLI_LOOK_TREE_H
#define CLI_LOOK_TREE_H

#include "job/live.h"

/*
 * Says the objects as a tree that fits 80 columns: devices, and below each what it is attached to,
 * what that stands on, and what belongs to it; then what no device leads to. As JSON, a list of
 * objects with their ids and of what each hangs on.
 */
enum exit_status look_tree(const struct live *live, struct report *report);

/* Says the same as a graph in the language of Graphviz; as JSON, that text. */
enum exit_status look_dot(const struct live *live, struct report *report);

#endif
