/* SPDX-License-Identifier: MIT */
/* What run --show looks at, before a job is undone. */
#ifndef CLI_LOOK_SHOW_H
#define CLI_LOOK_SHOW_H

#include <iommuctl/transport.h>

#include "job/live.h"

#define LOOK_SHOW_ARGUMENT "WHAT[,WHAT]..."
#define LOOK_SHOW_HELP                                                                             \
	"Look at what there is once the steps have passed: tree, dot, stats, openmetrics, dump, "  \
	"or walk:DEVICE:IOVA (behind a further colon: r, w)"

/*
 * Refuses what is not in @list, as a wrong command line. @list is NULL: nothing is to be shown.
 */
enum exit_status look_show_check(const char *list, const struct job *job, struct report *report);

/* Shows what @list, which has been checked, has, in its order. @meter has counted the calls. */
enum exit_status look_show(const char *list, const struct live *live,
	const struct iommuctl_transport *meter, struct report *report);

#endif
