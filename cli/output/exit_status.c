// SPDX-License-Identifier: MIT
#include "output/exit_status.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

const struct exit_status_row exit_statuses[] = {
	{ STATUS_DONE, "done", "Done." },
	{ STATUS_FAILED, "failed",
		"Failed. This is always the status when memory runs out (code ENOMEM): no incomplete "
		"result is printed, and a job is undone." },
	{ STATUS_USAGE, "usage", "The command line is wrong." },
	{ STATUS_BAD_JOB, "bad-job", "The job is wrong, or cannot be read." },
	{ STATUS_UNSUPPORTED, "unsupported", "This kernel or this hardware does not support it." },
	{ STATUS_NO_PERMISSION, "no-permission", "Permission is missing." },
	{ STATUS_UNMET, "unmet", "An expectation of a selftest was not met." },
	{ STATUS_SKIPPED, "skipped", "Skipped." },
	{ .name = NULL },
};

const char *exit_status_name(enum exit_status status)
{
	const struct exit_status_row *row = exit_statuses;

	while (row->name && row->status != status)
		row++;
	return row->name;
}

enum exit_status status_of_errno(int error)
{
	switch (abs(error)) {
	case EPERM:
	case EACCES: return STATUS_NO_PERMISSION;
	case ENOTTY:
	case ENOSYS:
	case EOPNOTSUPP: return STATUS_UNSUPPORTED;
	default: return STATUS_FAILED;
	}
}
