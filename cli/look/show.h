/* SPDX-License-Identifier: MIT */
/* What run --show shows, before a job is undone. */
#ifndef CLI_LOOK_SHOW_H
#define CLI_LOOK_SHOW_H

#include <iommuctl/transport.h>

#include "job/live/live.h"

#define LOOK_SHOW_ARGUMENT "WHAT[,WHAT]..."
#define LOOK_SHOW_HELP                                                                             \
	"Show the objects once the steps have passed: tree, dot, stats, openmetrics, dump, "       \
	"or walk:DEVICE:IOVA (then optionally :r or :w)"

/*
 * Checks the items of @list, and refuses wrong ones as a usage error. NULL: nothing to show.
 */
enum exit_status look_show_check(const char *list, const struct job *job, struct report *report);

/* Shows the items of the checked @list, in order. @meter has counted the calls. */
enum exit_status look_show(const char *list, const struct live *live,
	const struct iommuctl_transport *meter, struct report *report);

#endif
