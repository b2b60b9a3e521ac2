/* SPDX-License-Identifier: MIT */
/*
 * A guest's tables as they lie in its memory: STEs, CDs, and what stage 1 translates, with adjacent
 * leaves that continue in the same way as one range. Each is a result of its own. Guest memory can
 * say anything: both the work and the output are bounded.
 */
#ifndef CLI_LOOK_DUMP_H
#define CLI_LOOK_DUMP_H

#include <iommuctl/stream_table.h>

#include "job/live/live.h"

#define LOOK_DUMP_LIMIT 1000

struct look_dump_args {
	const struct document_object *device; /* NULL: all that have a nested HWPT */
	bool has_ssid;			      /* only the CD of @ssid */
	uint32_t ssid;
	uint64_t limit; /* of results; 0: LOOK_DUMP_LIMIT */
};

/* Dumps the tables bound to the devices of a live job. */
enum exit_status look_dump(
	const struct live *live, const struct look_dump_args *args, struct report *report);

struct look_dump_file_args {
	const struct iommuctl_guest_memory *memory;
	struct iommuctl_stream_table_shape shape;
	bool has_sid; /* only the STE of @sid */
	uint32_t sid;
	bool has_ssid;
	uint32_t ssid;
	uint64_t limit;
};

/* Dumps a stream table and the tables that it leads to. */
enum exit_status look_dump_file(const struct look_dump_file_args *args, struct report *report);

#endif
