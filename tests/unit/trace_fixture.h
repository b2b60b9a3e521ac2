/* SPDX-License-Identifier: MIT */
/* A trace over a scripted transport; each call leaves its line, without sequence and time. */
#ifndef IOMMUCTL_TESTS_TRACE_FIXTURE_H
#define IOMMUCTL_TESTS_TRACE_FIXTURE_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include <iommuctl/transport.h>

#include "transport.h"

struct traced {
	struct script *script;
	struct iommuctl_transport *transport;
	unsigned int received;
	uint64_t sequence;
	uint64_t nanoseconds;
	char line[4096];
};

static struct traced traced;

static void trace_receive(const struct iommuctl_trace_record *record, void *data)
{
	struct traced *to = data;
	char line[4096];
	char *start, *end;

	to->received++;
	to->sequence = record->sequence;
	to->nanoseconds = record->nanoseconds;
	cr_assert_lt(iommuctl_trace_format(record, line, sizeof(line)), (int)sizeof(line));
	start = line + strspn(line, " 0123456789");
	end = strrchr(line, '<');
	cr_assert_not_null(end);
	snprintf(to->line, sizeof(to->line), "%.*s", (int)(end - 1 - start), start);
}

static void trace_setup(void)
{
	traced.script = script_new(NULL);
	cr_assert_eq(iommuctl_transport_trace_new(
			     &traced.script->base, trace_receive, &traced, &traced.transport),
		0);
}

static void trace_teardown(void)
{
	iommuctl_transport_free(traced.transport);
}

#endif
