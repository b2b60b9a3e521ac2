// SPDX-License-Identifier: MIT
#include "look/show.h"

#include <string.h>

#include "array.h"
#include "document/value.h"
#include "look/dump.h"
#include "look/stats.h"
#include "look/tree.h"
#include "look/walk.h"

#define ITEM_MAX 192
#define EXPECTED "expected tree, dot, stats, openmetrics, dump or walk:DEVICE:IOVA"

/* The context in which an item of the list is shown. */
struct shower {
	const struct job *job;
	const struct live *live; /* NULL: only checks */
	const struct iommuctl_transport *meter;
	struct report *report;
};

static const char *session_name(const struct shower *shower)
{
	return shower->job->name ? shower->job->name : "job";
}

static enum exit_status show_tree(const struct shower *shower)
{
	return look_tree(shower->live, shower->report);
}

static enum exit_status show_dot(const struct shower *shower)
{
	return look_dot(shower->live, shower->report);
}

static enum exit_status show_stats(const struct shower *shower)
{
	return look_stats(shower->live, shower->meter, session_name(shower), shower->report);
}

static enum exit_status show_openmetrics(const struct shower *shower)
{
	return look_openmetrics(shower->live, shower->meter, session_name(shower), shower->report);
}

static enum exit_status show_dump(const struct shower *shower)
{
	const struct look_dump_args args = { .device = NULL };

	return look_dump(shower->live, &args, shower->report);
}

struct row {
	const char *name;
	enum exit_status (*show)(const struct shower *shower);
};

static const struct row rows[] = {
	{ "tree", show_tree },
	{ "dot", show_dot },
	{ "stats", show_stats },
	{ "openmetrics", show_openmetrics },
	{ "dump", show_dump },
};

static enum exit_status refuse(const struct shower *shower, const char *item, const char *why)
{
	return report_usage(shower->report, "--show %s: %s", item, why);
}

/* "walk:DEVICE:IOVA[:r|:w]": split from the end, because names may have a colon. */
static enum exit_status show_walk(const struct shower *shower, char *item)
{
	struct look_walk_args args = { .permissions = IOMMUCTL_STAGE1_READ };
	char *name = item + strlen("walk:");
	char *last = strrchr(name, ':');

	if (last && (!strcmp(last, ":r") || !strcmp(last, ":w"))) {
		if (last[1] == 'w')
			args.permissions = IOMMUCTL_STAGE1_WRITE;
		*last = '\0';
		last = strrchr(name, ':');
	}
	if (!last || value_parse_number(last + 1, &args.iova))
		return refuse(shower, item, "expected walk:DEVICE:IOVA");
	*last = '\0';
	args.device = document_find(shower->job->document, JOB_DEVICES, name);
	if (!args.device)
		return refuse(shower, item, "the job has no such device");
	return shower->live ? look_walk(shower->live, &args, shower->report) : STATUS_DONE;
}

static enum exit_status show_item(const struct shower *shower, char *item)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (!strcmp(item, rows[i].name))
			return shower->live ? rows[i].show(shower) : STATUS_DONE;
	}
	if (!strncmp(item, "walk:", strlen("walk:")))
		return show_walk(shower, item);
	return refuse(shower, item, EXPECTED);
}

static enum exit_status show_list(const struct shower *shower, const char *whole)
{
	const char *list = whole;
	enum exit_status status = STATUS_DONE;

	while (!status && list) {
		const size_t length = strcspn(list, ",");
		char item[ITEM_MAX];

		if (!length)
			return refuse(shower, whole, "nothing before or after a comma: " EXPECTED);
		if (length >= sizeof(item))
			return refuse(shower, list, "one of these is too long");
		memcpy(item, list, length);
		item[length] = '\0';
		status = show_item(shower, item);
		list = list[length] ? list + length + 1 : NULL;
	}
	return status;
}

enum exit_status look_show_check(const char *list, const struct job *job, struct report *report)
{
	const struct shower shower = { .job = job, .report = report };

	return show_list(&shower, list);
}

enum exit_status look_show(const char *list, const struct live *live,
	const struct iommuctl_transport *meter, struct report *report)
{
	const struct shower shower = {
		.job = live->job, .live = live, .meter = meter, .report = report
	};

	return show_list(&shower, list);
}
