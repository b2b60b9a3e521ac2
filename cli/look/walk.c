// SPDX-License-Identifier: MIT
#include "look/walk.h"

#include <stdlib.h>

#include "job/encode.h"
#include "look/live_tables.h"
#include "look/route.h"
#include "output/text.h"

static bool is_doorbell(const struct live *live, const struct document_object *device, uint64_t ipa)
{
	const struct platform_device *found = &live->devices[device->index].found;
	struct platform_window window;
	struct failure failure = { .error = 0 };

	return live->platform->find_msi_window &&
	       !live->platform->find_msi_window(live->platform, found, &window, &failure) &&
	       ipa - window.start < window.size;
}

/* The name of the guest memory at @ipa, by the job. */
static void name_memory(const struct live *live, struct look_route *route, uint64_t ipa)
{
	const struct job_memory *memory = job_memory_at(live->job, ipa, 1);

	if (!memory)
		return;
	document_object_label(&memory->object, route->memory, sizeof(route->memory));
	route->offset = ipa - memory->ipa;
}

/* A write-only mapping can be read as well, except under a nesting parent. */
static bool is_allowed(const struct look_path *path, uint64_t prot)
{
	if (path->access.permissions & IOMMUCTL_STAGE1_WRITE)
		return prot & JOB_PROT_WRITE;
	return (prot & JOB_PROT_READ) || !path->nested;
}

/* Without a guest's tables above it, a fault of the IOAS is no event for a guest. */
static void refuse(struct look_path *path, uint8_t type, const char *what)
{
	char why[96] = "";

	text_append(why, sizeof(why), "%s %s%s", path->nested ? "stage 2" : "the IOAS", what,
		path->nested ? "" : ": the host's log has that");
	if (path->nested)
		look_path_end_in_stage2(path, type, why);
	else
		look_path_end(path, why);
}

static void pass_stage2(const struct live *live, const struct look_walk_args *args,
	const struct document_object *ioas, struct look_route *route)
{
	const struct iova_map *map = &live->maps[ioas->index];
	struct look_path *path = &route->path;
	const size_t at = iova_map_at(map, path->ipa);

	document_object_label(ioas, route->ioas, sizeof(route->ioas));
	route->stage2 = LOOK_STAGE2_UNMAPPED;
	if (at == map->count || map->spans[at].first > path->ipa) {
		if (is_doorbell(live, args->device, path->ipa))
			route->stage2 = LOOK_STAGE2_DOORBELL;
		else
			refuse(path, IOMMUCTL_SMMUV3_F_TRANSLATION, "does not map it");
		return;
	}
	route->span = map->spans[at];
	if (!is_allowed(path, route->span.prot)) {
		refuse(path, IOMMUCTL_SMMUV3_F_PERMISSION, "does not allow it");
		return;
	}
	route->stage2 = LOOK_STAGE2_MAPPED;
	name_memory(live, route, route->span.ipa + (path->ipa - route->span.first));
}

static void walk_tables(
	const struct live *live, const struct job_hwpt *hwpt, struct look_path *path)
{
	struct look_tables tables;

	if (look_tables_open(live, look_ioas_of(&hwpt->object), &tables))
		return; /* memory ran out, which is noted */
	path->nested = true;
	for (size_t i = 0; i < IOMMUCTL_SMMUV3_NESTED_WORDS; i++)
		path->ste_words[i] = live_object(live, &hwpt->object)->ste[i];
	look_path_from_ste(path, &tables.memory);
	look_tables_close(&tables);
}

static const char *const vtd_faults[] = {
	[IOMMUCTL_VTD_STAGE1_FAULT_NOT_CANONICAL] = "the address is not canonical",
	[IOMMUCTL_VTD_STAGE1_FAULT_NOT_PRESENT] = "an entry of the VT-d tables is not present",
	[IOMMUCTL_VTD_STAGE1_FAULT_RESERVED] = "an entry of the VT-d tables has a reserved bit set",
	[IOMMUCTL_VTD_STAGE1_FAULT_PERMISSION] = "the VT-d tables do not allow it",
	[IOMMUCTL_VTD_STAGE1_FAULT_TABLE_ABORT] = "a table of VT-d is not in guest memory",
};

static void walk_vtd(const struct live *live, const struct look_walk_args *args,
	const struct job_hwpt *hwpt, struct look_path *path)
{
	const struct iommuctl_hwpt_vtd_s1 data = encode_vtd_s1(hwpt->vtd_s1);
	const bool write = args->permissions & IOMMUCTL_STAGE1_WRITE;
	struct iommuctl_vtd_stage1_walk walk;
	struct look_tables tables;
	int err;

	if (look_tables_open(live, look_ioas_of(&hwpt->object), &tables))
		return; /* memory ran out, which is noted */
	err = iommuctl_vtd_stage1_walk(&tables.memory, &data, args->iova, write, &walk);
	look_tables_close(&tables);
	if (err) {
		look_path_end(path, "the tables have neither 48 nor 57 bits");
	} else if (walk.fault) {
		look_path_end(path, vtd_faults[walk.fault]);
	} else {
		path->has_ipa = true;
		path->ipa = walk.ipa;
	}
}

static void walk_table(const struct live *live, const struct look_walk_args *args,
	const struct document_object *table, struct look_route *route)
{
	const struct document_object *ioas = look_ioas_of(table);
	const struct job_hwpt *hwpt = look_nested_hwpt(table);
	const bool is_vtd =
		table->collection == JOB_HWPTS && ((const struct job_hwpt *)table)->vtd_s1;

	document_object_label(table, route->table, sizeof(route->table));
	if (hwpt) {
		route->has_tables = true;
		walk_tables(live, hwpt, &route->path);
	} else if (is_vtd && !args->has_ssid) {
		walk_vtd(live, args, (const struct job_hwpt *)table, &route->path);
	} else if (args->has_ssid) {
		look_path_end(&route->path, "nothing is attached to this PASID of the device");
	} else {
		route->path.has_ipa = true;
		route->path.ipa = args->iova;
	}
	if (route->path.has_ipa && ioas)
		pass_stage2(live, args, ioas, route);
}

enum exit_status look_walk(
	const struct live *live, const struct look_walk_args *args, struct report *report)
{
	const struct document_object *table = live->devices[args->device->index].table;
	struct look_route *route = calloc(1, sizeof(*route));
	enum exit_status status;

	if (!route)
		return report_out_of_memory(report);
	document_object_label(args->device, route->subject, sizeof(route->subject));
	route->path.access = (struct look_access){
		.sid = look_vsid_of(live, args->device),
		.has_ssid = args->has_ssid,
		.ssid = args->has_ssid ? args->ssid : 0,
		.iova = args->iova,
		.permissions = args->permissions,
	};
	if (table) {
		walk_table(live, args, table, route);
	} else {
		look_path_end(
			&route->path, "the device is attached to nothing: the kernel blocks it");
	}
	status = look_route_report(route, report);
	free(route);
	return status;
}
