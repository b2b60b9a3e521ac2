/* SPDX-License-Identifier: MIT */
/* The objects of a live job, as a tree or a graph. */
#ifndef CLI_LOOK_TREE_H
#define CLI_LOOK_TREE_H

#include "job/live/live.h"

/*
 * Writes the objects as a tree that fits 80 columns: devices, and below each what it is attached
 * to, what that depends on, and what belongs to it; then objects that no device leads to. As
 * JSON, a list of objects with their ids and dependencies.
 */
enum exit_status look_tree(const struct live *live, struct report *report);

/* Writes the same as a graph in the language of Graphviz; in JSON mode, as that text. */
enum exit_status look_dot(const struct live *live, struct report *report);

#endif
