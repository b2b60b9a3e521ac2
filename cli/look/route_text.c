// SPDX-License-Identifier: MIT
/* A route as text: a line or a few for each step, in the order of the walk. */
#include <inttypes.h>

#include "document/value.h"
#include "look/route.h"
#include "output/text.h"
#include "output/wrap.h"

#define MARGIN 11

static const char *const kinds[] = {
	[IOMMUCTL_STAGE1_INVALID] = "nothing",
	[IOMMUCTL_STAGE1_TABLE] = "table at",
	[IOMMUCTL_STAGE1_BLOCK] = "block at",
	[IOMMUCTL_STAGE1_PAGE] = "page at",
};

static void write_rights(char *text, size_t size, uint8_t rights)
{
	text_append(text, size, "%c%c%c", rights & IOMMUCTL_STAGE1_READ ? 'r' : '-',
		rights & IOMMUCTL_STAGE1_WRITE ? 'w' : '-',
		rights & IOMMUCTL_STAGE1_EXEC ? 'x' : '-');
}

const char *look_leaf_print(const struct iommuctl_stage1_walk *walk, char text[LOOK_LEAF_SIZE])
{
	text[0] = '\0';
	text_append(text, LOOK_LEAF_SIZE, "u=");
	write_rights(text, LOOK_LEAF_SIZE, walk->unprivileged);
	text_append(text, LOOK_LEAF_SIZE, " p=");
	write_rights(text, LOOK_LEAF_SIZE, walk->privileged);
	text_append(text, LOOK_LEAF_SIZE, " attr%u %s%s%s", walk->attr_index,
		look_shareability(walk->shareability), walk->access_flag ? " AF" : "",
		walk->not_global ? " nG" : "");
	return text;
}

static void write_subject(FILE *out, const struct look_route *route)
{
	const struct look_access *access = &route->path.access;

	fprintf(out, "IOVA 0x%" PRIx64 " of ", access->iova);
	text_print(out, route->subject, 0);
	if (access->has_ssid)
		fprintf(out, ", SubstreamID 0x%x", access->ssid);
	fprintf(out, ", %s%s\n", access->permissions & IOMMUCTL_STAGE1_WRITE ? "write" : "read",
		access->permissions & IOMMUCTL_STAGE1_PRIVILEGED ? ", privileged" : "");
}

static void write_fetch(FILE *out, const char *label, const struct look_fetch *fetch)
{
	if (fetch->done)
		fprintf(out, "  %-*sat 0x%" PRIx64 ": 0x%016" PRIx64 "\n", MARGIN - 2, label,
			fetch->ipa, fetch->value);
}

static void write_configuration(FILE *out, const struct look_route *route)
{
	const struct look_path *path = &route->path;
	struct look_structure structure;
	char place[LOOK_LABEL_SIZE + 32] = "";

	write_fetch(out, "L1STD", &path->l1std);
	if (path->ste_is_fetched)
		text_append(place, sizeof(place), "at 0x%" PRIx64, path->ste_ipa);
	else
		text_append(place, sizeof(place), "of %s", route->table);
	structure = look_structure_of_ste(
		path->ste_words, look_ste_word_count(path), &path->ste, place);
	if (path->has_ste)
		look_structure_print(out, &structure);
	write_fetch(out, "L1CD", &path->l1cd);
	place[0] = '\0';
	text_append(place, sizeof(place), "at 0x%" PRIx64, path->cd_ipa);
	structure = look_structure_of_cd(path->cd_words, &path->cd, place);
	if (path->has_cd)
		look_structure_print(out, &structure);
}

static void write_step(FILE *out, const struct iommuctl_stage1_step *step, bool unread)
{
	fprintf(out, "  level %u  at 0x%" PRIx64, step->level, step->descriptor_ipa);
	if (!unread)
		fprintf(out, ": 0x%016" PRIx64 " %s", step->descriptor, kinds[step->kind]);
	if (step->kind != IOMMUCTL_STAGE1_INVALID)
		fprintf(out, " 0x%" PRIx64, step->output);
	fputc('\n', out);
}

static void write_stage1(FILE *out, const struct look_path *path)
{
	const struct iommuctl_stage1_walk *walk = &path->stage1;
	char leaf[LOOK_LEAF_SIZE], bytes[VALUE_TEXT_SIZE];
	const bool unread = walk->fault == IOMMUCTL_STAGE1_FAULT_TABLE_ABORT;

	for (size_t i = 0; i < walk->step_count; i++)
		write_step(out, &walk->steps[i], unread && i + 1U == walk->step_count);
	if (walk->leaf_size)
		fprintf(out, "  stage 1  IPA 0x%" PRIx64 ", leaf of %s, %s\n", walk->ipa,
			value_print_size(walk->leaf_size, bytes), look_leaf_print(walk, leaf));
}

static void write_stage2(FILE *out, const struct look_route *route)
{
	const struct iova_span *span = &route->span;
	char text[LOOK_LABEL_SIZE + 128] = "";

	if (route->stage2 == LOOK_STAGE2_NONE)
		return;
	if (route->stage2 == LOOK_STAGE2_DOORBELL)
		text_append(text, sizeof(text),
			"0x%" PRIx64 " is in the MSI window, where the kernel has a doorbell",
			route->path.ipa);
	else if (!look_has_span(route))
		text_append(text, sizeof(text), "%s maps nothing at 0x%" PRIx64, route->ioas,
			route->path.ipa);
	else
		text_append(text, sizeof(text), "%s maps 0x%" PRIx64 "-0x%" PRIx64 " %s",
			route->ioas, span->first, span->last, look_prot(span->prot));
	wrap_print_at(out, MARGIN, route->has_tables ? "stage 2" : "IOAS", text);
}

static void write_end(FILE *out, const struct look_route *route)
{
	const struct look_path *path = &route->path;
	char text[LOOK_LABEL_SIZE + 320] = "";

	if (!path->faulted && *route->memory) {
		text_append(text, sizeof(text), "%s + 0x%" PRIx64, route->memory, route->offset);
		wrap_print_at(out, MARGIN, "memory", text);
	}
	if (!path->faulted)
		return;
	wrap_print_at(out, MARGIN, path->event.type ? "fault" : "abort", path->why);
	if (!path->event.type)
		return;
	iommuctl_smmuv3_event_print(&path->event, text, sizeof(text));
	wrap_print_at(out, MARGIN, "event", text);
	if (path->nested && !iommuctl_smmuv3_event_reaches_veventq(&path->event))
		wrap_print_at(out, MARGIN, "", look_host_event(path));
}

void look_route_write(FILE *out, const void *data)
{
	const struct look_route *route = data;

	write_subject(out, route);
	if (route->has_tables)
		write_configuration(out, route);
	else if (*route->table)
		fprintf(out, "  %-*sattached to %s\n", MARGIN - 2, "device", route->table);
	if (route->path.has_stage1)
		write_stage1(out, &route->path);
	write_stage2(out, route);
	write_end(out, route);
}
