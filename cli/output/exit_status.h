/* SPDX-License-Identifier: MIT */
/* The exit status of the process, for text as for JSON: one table, which the manual prints. */
#ifndef CLI_OUTPUT_EXIT_STATUS_H
#define CLI_OUTPUT_EXIT_STATUS_H

enum exit_status {
	STATUS_DONE = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,
	STATUS_BAD_JOB = 3,
	STATUS_UNSUPPORTED = 4,
	STATUS_NO_PERMISSION = 5,
	STATUS_UNMET = 6, /* an expectation of a selftest failed */
	STATUS_SKIPPED = 77,
};

struct exit_status_row {
	enum exit_status status;
	const char *name; /* "bad-job"; NULL ends the table */
	const char *meaning;
};

extern const struct exit_status_row exit_statuses[];

const char *exit_status_name(enum exit_status status);

/* The status that fits an errno or -errno: unsupported, no permission, or failed. */
enum exit_status status_of_errno(int error);

#endif
