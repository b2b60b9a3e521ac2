// SPDX-License-Identifier: MIT
#include "invocation.h"

static enum exit_status run_version(struct invocation *invocation)
{
	report_result(invocation->report, "version", json_string(IOMMUCTL_VERSION), "iommuctl %s",
		IOMMUCTL_VERSION);
	return STATUS_DONE;
}

const struct command command_version = {
	.name = "version",
	.arguments = "",
	.summary = "Print the version",
	.description = "",
	.run = run_version,
};
