// SPDX-License-Identifier: MIT
#include "look/walk_file.h"

#include <stdlib.h>

#include "look/route.h"
#include "output/text.h"

enum exit_status look_walk_file(const struct look_memory_file *file,
	const struct iommuctl_stream_table_shape *shape, const struct look_access *access,
	struct report *report)
{
	struct look_route *route = calloc(1, sizeof(*route));
	enum exit_status status;

	if (!route)
		return report_out_of_memory(report);
	text_append(route->subject, sizeof(route->subject), "StreamID 0x%x", access->sid);
	route->has_tables = true;
	route->path.access = *access;
	look_path_from_table(&route->path, &file->memory, shape);
	if (route->path.has_ipa && iommuctl_guest_memory_at(&file->memory, route->path.ipa, 1)) {
		text_append(route->memory, sizeof(route->memory), "%s", file->name);
		route->offset = route->path.ipa - file->range.ipa;
	}
	status = look_route_report(route, report);
	free(route);
	return status;
}
