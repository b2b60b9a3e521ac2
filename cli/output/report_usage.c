// SPDX-License-Identifier: MIT
/* What is wrong with a command line. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "output/report.h"

enum exit_status report_usage(struct report *report, const char *format, ...)
{
	const char *command = report->command ? report->command : "";
	enum exit_status status;
	char *message;
	struct failure failure = {
		.status = STATUS_USAGE,
		.code = "usage",
		.operation = report->command,
	};
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&message, format, arguments);
	va_end(arguments);
	if (length < 0)
		return report_out_of_memory(report);
	failure.message = message;
	failure_explain(&failure, NULL,
		failure_print(&failure, "see 'iommuctl %s%s--help'", command, *command ? " " : ""));
	status = report_failure(report, &failure);
	free(message);
	return status;
}

static const char *dashes_of(const char *name)
{
	return islower((unsigned char)*name) ? "--" : "";
}

enum exit_status report_exclusive(struct report *report, const char *one, const char *other)
{
	return report_usage(report, "%s%s and %s%s are mutually exclusive", dashes_of(one), one,
		dashes_of(other), other);
}

enum exit_status report_requires(struct report *report, const char *one, const char *other)
{
	return report_usage(
		report, "%s%s requires %s%s", dashes_of(one), one, dashes_of(other), other);
}
