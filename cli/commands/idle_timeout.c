// SPDX-License-Identifier: MIT
#include "commands/idle_timeout.h"

#include <errno.h>

#include "document/value.h"

enum exit_status idle_timeout_read(const struct invocation *invocation, uint64_t *ms)
{
	const char *text = invocation_option(invocation, "idle-timeout");
	int err;

	*ms = 0;
	if (!text)
		return STATUS_DONE;
	err = value_parse_duration(text, ms);
	if (!err)
		return STATUS_DONE;
	/* Commands used to differ in the unit, milliseconds or seconds: neither is guessed. */
	if (err == -EDOM)
		return report_usage(invocation->report,
			"--idle-timeout=%s: the unit is missing: %sms, or %ss for seconds", text,
			text, text);
	if (err == -ERANGE)
		return report_usage(
			invocation->report, "--idle-timeout=%s: more than seven days", text);
	return report_usage(invocation->report,
		"--idle-timeout=%s: expected a time with its unit, such as 500ms, 0.5s or 10s",
		text);
}
