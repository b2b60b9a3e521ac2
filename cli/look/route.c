// SPDX-License-Identifier: MIT
#include "look/route.h"

#include "array.h"
#include "job/job.h"
#include "output/json.h"
#include "output/text.h"

const char *look_shareability(uint8_t shareability)
{
	static const char *const names[] = {
		[IOMMUCTL_STAGE1_NON_SHAREABLE] = "NSH",
		[IOMMUCTL_STAGE1_OUTER_SHAREABLE] = "OSH",
		[IOMMUCTL_STAGE1_INNER_SHAREABLE] = "ISH",
	};
	const char *name = shareability < ARRAY_SIZE(names) ? names[shareability] : NULL;

	return name ? name : "reserved";
}

const char *look_prot(uint64_t prot)
{
	static const char *const names[] = { "none", "r", "w", "rw" };

	return names[prot & (JOB_PROT_READ | JOB_PROT_WRITE)];
}

size_t look_ste_word_count(const struct look_path *path)
{
	return path->ste_is_fetched ? IOMMUCTL_SMMUV3_STE_WORDS : IOMMUCTL_SMMUV3_NESTED_WORDS;
}

bool look_has_span(const struct look_route *route)
{
	return route->span.last || route->span.prot;
}

const char *look_host_event(const struct look_path *path)
{
	return path->event.stall ? "it is stalled: the fault queue of the device gets it"
				 : "the host's log has it, no vEVENTQ";
}

static json_t *fetch_to_json(const struct look_fetch *fetch)
{
	if (!fetch->done)
		return json_null();
	return json_pack(
		"{s:o, s:o}", "ipa", hex_to_json(fetch->ipa), "value", hex_to_json(fetch->value));
}

static json_t *ste_to_json(const struct look_path *path)
{
	const struct look_structure structure =
		look_structure_of_ste(path->ste_words, look_ste_word_count(path), &path->ste, "");
	json_t *json;

	if (!path->has_ste)
		return json_null();
	json = look_structure_to_json(&structure);
	json_object_set_new(
		json, "ipa", path->ste_is_fetched ? hex_to_json(path->ste_ipa) : json_null());
	return json;
}

static json_t *cd_to_json(const struct look_path *path)
{
	const struct look_structure structure = look_structure_of_cd(path->cd_words, &path->cd, "");
	json_t *json;

	if (!path->has_cd)
		return json_null();
	json = look_structure_to_json(&structure);
	json_object_set_new(json, "ipa", hex_to_json(path->cd_ipa));
	return json;
}

static json_t *levels_to_json(const struct iommuctl_stage1_walk *walk)
{
	static const char *const kinds[] = {
		[IOMMUCTL_STAGE1_INVALID] = "invalid",
		[IOMMUCTL_STAGE1_TABLE] = "table",
		[IOMMUCTL_STAGE1_BLOCK] = "block",
		[IOMMUCTL_STAGE1_PAGE] = "page",
	};
	json_t *levels = json_array();

	for (size_t i = 0; i < walk->step_count; i++) {
		const struct iommuctl_stage1_step *step = &walk->steps[i];
		const bool unread = walk->fault == IOMMUCTL_STAGE1_FAULT_TABLE_ABORT &&
				    i + 1U == walk->step_count;
		const bool leads = step->kind != IOMMUCTL_STAGE1_INVALID;

		json_array_append_new(levels,
			json_pack("{s:i, s:i, s:o, s:o, s:s?, s:o}", "level", step->level, "index",
				(int)step->index, "ipa", hex_to_json(step->descriptor_ipa), "value",
				unread ? json_null() : hex_to_json(step->descriptor), "kind",
				unread ? NULL : kinds[step->kind], "output",
				leads ? hex_to_json(step->output) : json_null()));
	}
	return levels;
}

static json_t *rights_to_json(uint8_t rights)
{
	return json_sprintf("%s%s%s", rights & IOMMUCTL_STAGE1_READ ? "r" : "",
		rights & IOMMUCTL_STAGE1_WRITE ? "w" : "",
		rights & IOMMUCTL_STAGE1_EXEC ? "x" : "");
}

json_t *look_leaf_to_json(const struct iommuctl_stage1_walk *walk)
{
	return json_pack("{s:o, s:o, s:o, s:i, s:s, s:b, s:b}", "leaf-size",
		hex_to_json(walk->leaf_size), "unprivileged", rights_to_json(walk->unprivileged),
		"privileged", rights_to_json(walk->privileged), "attr-index", walk->attr_index,
		"shareability", look_shareability(walk->shareability), "access-flag",
		(int)walk->access_flag, "not-global", (int)walk->not_global);
}

static json_t *stage2_to_json(const struct look_route *route)
{
	static const char *const results[] = {
		[LOOK_STAGE2_UNMAPPED] = "refused",
		[LOOK_STAGE2_MAPPED] = "mapped",
		[LOOK_STAGE2_DOORBELL] = "doorbell",
	};
	json_t *json;

	if (route->stage2 == LOOK_STAGE2_NONE)
		return json_null();
	json = json_pack(
		"{s:o, s:s}", "ioas", text_to_json(route->ioas), "result", results[route->stage2]);
	if (look_has_span(route)) {
		json_object_set_new(json, "first", hex_to_json(route->span.first));
		json_object_set_new(json, "last", hex_to_json(route->span.last));
		json_object_set_new(json, "prot", json_string(look_prot(route->span.prot)));
	}
	return json;
}

static json_t *end_to_json(const struct look_route *route)
{
	const struct look_path *path = &route->path;
	json_t *event = json_null();

	if (!path->faulted)
		return json_null();
	if (path->event.type)
		event = event_to_json(route->subject, &path->event);
	return json_pack("{s:o, s:o}", "why", text_to_json(path->why), "event", event);
}

static json_t *memory_to_json(const struct look_route *route)
{
	if (route->path.faulted || !*route->memory)
		return json_null();
	return json_pack("{s:o, s:o}", "name", text_to_json(route->memory), "offset",
		hex_to_json(route->offset));
}

static json_t *route_to_json(const struct look_route *route)
{
	const struct look_path *path = &route->path;
	const struct look_access *access = &path->access;
	json_t *json = json_pack("{s:o, s:o, s:s, s:o, s:o}", "subject",
		text_to_json(route->subject), "iova", hex_to_json(access->iova), "access",
		access->permissions & IOMMUCTL_STAGE1_WRITE ? "write" : "read", "ssid",
		access->has_ssid ? hex_to_json(access->ssid) : json_null(), "attached-to",
		text_to_json(*route->table ? route->table : NULL));

	json_object_set_new(json, "l1std", fetch_to_json(&path->l1std));
	json_object_set_new(json, "ste", ste_to_json(path));
	json_object_set_new(json, "l1cd", fetch_to_json(&path->l1cd));
	json_object_set_new(json, "cd", cd_to_json(path));
	json_object_set_new(json, "levels", levels_to_json(&path->stage1));
	json_object_set_new(json, "leaf",
		path->stage1.leaf_size ? look_leaf_to_json(&path->stage1) : json_null());
	json_object_set_new(json, "ipa", path->has_ipa ? hex_to_json(path->ipa) : json_null());
	json_object_set_new(json, "stage2", stage2_to_json(route));
	json_object_set_new(json, "memory", memory_to_json(route));
	json_object_set_new(json, "fault", end_to_json(route));
	return json;
}

enum exit_status look_route_report(const struct look_route *route, struct report *report)
{
	return report_written(report, "walk", route_to_json(route), look_route_write, route);
}
