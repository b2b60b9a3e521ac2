// SPDX-License-Identifier: MIT
#include "job/ledger.h"

#include <inttypes.h>

static const char *const ledger_kinds[] = {
	[IOMMUCTL_LEDGER_FILE] = "file descriptor",
	[IOMMUCTL_LEDGER_OBJECT] = "object",
	[IOMMUCTL_LEDGER_ATTACH] = "attachment",
	[IOMMUCTL_LEDGER_MAPPING] = "mapping",
};

enum exit_status ledger_check(
	const struct cli_context *context, struct report *report, enum exit_status status)
{
	const struct iommuctl_ledger_entry *entries;
	struct failure failure;
	size_t count;

	entries = iommuctl_transport_ledger_get_entries(context->ledger, &count);
	if (!count)
		return status;
	failure_set(&failure, 0,
		"%zu left behind, the first of them the %s %" PRIu64 " that %s made", count,
		ledger_kinds[entries[0].kind], entries[0].id, entries[0].call);
	failure.code = "left-behind";
	failure.operation = "undo";
	report_failure(report, &failure);
	return status ? status : STATUS_FAILED;
}
