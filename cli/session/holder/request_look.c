// SPDX-License-Identifier: MIT
/* The requests that inspect a session in more detail than show. */
#include <errno.h>

#include "document/value.h"
#include "look/dump.h"
#include "look/stats.h"
#include "look/walk.h"
#include "output/text.h"
#include "session/holder/reclaim.h"
#include "session/holder/request.h"

static enum exit_status refuse_device(
	const struct session *session, struct report *report, const char *name)
{
	struct failure failure = { 0 };

	if (reclaim_explain(session, name, &failure))
		return report_failure(report, &failure);
	return report_failure(report,
		&(struct failure){ .error = -ENODEV,
			.operation = "look-up",
			.object = name,
			.message = "the session has no device of this name",
			.explanations = { { .remedy =
						    "'iommuctl session show --names' lists what it "
						    "has" } },
			.explanation_count = 1 });
}

/* The device @name; NULL if there is none, which has been reported. */
static const struct document_object *find_device(
	const struct session *session, const char *name, struct report *report)
{
	const struct document_object *object;
	char label[160] = "";

	text_append(label, sizeof(label), "devices.%s", name);
	object = session_find(session, label);
	if (!object)
		refuse_device(session, report, name);
	return object;
}

struct walk_arguments {
	const char *device;
	uint64_t iova;
	uint64_t ssid;
	bool write;
	bool privileged;
};

static const struct schema_key walk_keys[] = {
	{ "device", SCHEMA_STRING, MEMBER(walk_arguments, device), .required = true,
		.help = "The device that accesses memory." },
	{ "iova", SCHEMA_NUMBER, MEMBER(walk_arguments, iova), .required = true, .max = UINT64_MAX,
		.help = "The address." },
	{ "ssid", SCHEMA_NUMBER, MEMBER(walk_arguments, ssid), .max = (1 << 20) - 1,
		.fallback = DOCUMENT_UNSET, .help = "SubstreamID; none if not given." },
	{ "write", SCHEMA_BOOL, MEMBER(walk_arguments, write),
		.help = "The access is a write rather than a read." },
	{ "privileged", SCHEMA_BOOL, MEMBER(walk_arguments, privileged),
		.help = "The access is privileged." },
	{ NULL },
};

static uint32_t permissions_of(const struct walk_arguments *walk)
{
	uint32_t permissions = walk->write ? IOMMUCTL_STAGE1_WRITE : IOMMUCTL_STAGE1_READ;

	return walk->privileged ? permissions | IOMMUCTL_STAGE1_PRIVILEGED : permissions;
}

static enum exit_status run_walk(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	const struct walk_arguments *walk = arguments;
	const struct document_object *device = find_device(session, walk->device, report);
	const bool has_ssid = walk->ssid != DOCUMENT_UNSET;

	(void)peer;
	if (!device)
		return STATUS_FAILED;
	return look_walk(&session->live,
		&(struct look_walk_args){ .device = device,
			.has_ssid = has_ssid,
			.ssid = has_ssid ? (uint32_t)walk->ssid : 0,
			.iova = walk->iova,
			.permissions = permissions_of(walk) },
		report);
}

const struct request_kind request_walk = {
	{ "walk", sizeof(struct walk_arguments), walk_keys,
		.help = "Shows what the SMMU fetches for an access, and the resulting address." },
	run_walk,
	.looks = true,
};

struct dump_arguments {
	const char *device;
	uint64_t ssid;
	uint64_t limit;
};

static const struct schema_key dump_keys[] = {
	{ "device", SCHEMA_STRING, MEMBER(dump_arguments, device), .help = "Only this device." },
	{ "ssid", SCHEMA_NUMBER, MEMBER(dump_arguments, ssid), .max = (1 << 20) - 1,
		.fallback = DOCUMENT_UNSET, .help = "Only the CD of this SubstreamID." },
	{ "limit", SCHEMA_NUMBER, MEMBER(dump_arguments, limit),
		.help = "Maximum number of results; 0: 1000." },
	{ NULL },
};

static enum exit_status run_dump(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	const struct dump_arguments *dump = arguments;
	const struct document_object *device = NULL;
	const bool has_ssid = dump->ssid != DOCUMENT_UNSET;

	(void)peer;
	if (dump->device) {
		device = find_device(session, dump->device, report);
		if (!device)
			return STATUS_FAILED;
	}
	return look_dump(&session->live,
		&(struct look_dump_args){ .device = device,
			.has_ssid = has_ssid,
			.ssid = has_ssid ? (uint32_t)dump->ssid : 0,
			.limit = dump->limit },
		report);
}

const struct request_kind request_dump = {
	{ "dump", sizeof(struct dump_arguments), dump_keys,
		.help = "Shows the STEs, CDs and stage-1 tables that devices use." },
	run_dump,
	.looks = true,
};

enum { STATS_TABLE, STATS_OPENMETRICS };

struct stats_arguments {
	uint64_t as;
};

static const struct schema_choice stats_choices[] = {
	{ "table", STATS_TABLE },
	{ "openmetrics", STATS_OPENMETRICS },
	{ NULL },
};

static const struct schema_key stats_keys[] = {
	{ "as", SCHEMA_CHOICE, MEMBER(stats_arguments, as), .choices = stats_choices,
		.fallback = STATS_TABLE, .help = "The format." },
	{ NULL },
};

static enum exit_status run_stats(
	struct session *session, struct peer *peer, const void *arguments, struct report *report)
{
	const struct stats_arguments *stats = arguments;

	(void)peer;
	if (stats->as == STATS_OPENMETRICS)
		return look_openmetrics(
			&session->live, session->context.meter, session->name, report);
	return look_stats(&session->live, session->context.meter, session->name, report);
}

const struct request_kind request_stats = {
	{ "stats", sizeof(struct stats_arguments), stats_keys,
		.help = "Shows the session's counters: calls, commands, events, mapped bytes." },
	run_stats,
	.looks = true,
};
