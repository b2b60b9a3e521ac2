// SPDX-License-Identifier: MIT
/* STEs and CDs, each with the tables that it leads to. */
#include "look/dumper.h"

#include <errno.h>
#include <inttypes.h>

#include "output/json.h"
#include "output/text.h"

bool dumper_look(struct dumper *dumper)
{
	if (dumper->stopped || !dumper->looks_left) {
		dumper->stopped = true;
		return false;
	}
	dumper->looks_left--;
	return true;
}

bool dumper_say(struct dumper *dumper)
{
	if (!dumper->results_left) {
		dumper->stopped = true;
		return false;
	}
	dumper->results_left--;
	return true;
}

void dumper_say_bad(struct dumper *dumper, const char *what, uint64_t ipa, const char *why)
{
	if (!dumper_say(dumper))
		return;
	report_result(dumper->report, "bad",
		json_pack("{s:o, s:s, s:o, s:s}", "subject", text_to_json(dumper->subject), "what",
			what, "ipa", hex_to_json(ipa), "why", why),
		"  bad      %s at 0x%" PRIx64 ": %s", what, ipa, why);
}

/* An STE or a CD to write. */
struct entry {
	const char *heading; /* "": none */
	const struct look_structure *structure;
};

static void write_entry(FILE *out, const void *data)
{
	const struct entry *entry = data;

	if (*entry->heading) {
		text_print(out, entry->heading, 0);
		fputc('\n', out);
	}
	look_structure_print(out, entry->structure);
}

static void say_entry(struct dumper *dumper, const char *kind, const struct entry *entry,
	const char *key, json_t *value)
{
	json_t *json = look_structure_to_json(entry->structure);

	json_object_set_new(json, "subject", text_to_json(dumper->subject));
	json_object_set_new(json, "place", text_to_json(entry->structure->place));
	if (key)
		json_object_set_new(json, key, value);
	report_written(dumper->report, kind, json, write_entry, entry);
}

static void dump_cd(
	struct dumper *dumper, uint32_t ssid, const uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS])
{
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_smmuv3_cd cd;
	struct look_structure structure;
	char place[48] = "", why[160];

	iommuctl_smmuv3_cd_decode(words, &cd);
	if (!cd.v || !dumper_say(dumper))
		return;
	text_append(place, sizeof(place), "of SubstreamID 0x%x", ssid);
	structure = look_structure_of_cd(words, &cd, place);
	dumper->cds++;
	say_entry(dumper, "cd", &(struct entry){ "", &structure }, "ssid", hex_to_json(ssid));
	if (iommuctl_smmuv3_cd_validate(&cd, NULL, NULL, &refusal)) {
		iommuctl_smmuv3_refusal_print(&refusal, why, sizeof(why));
		dumper_say_bad(dumper, "CD.TTB0", cd.ttb0, why);
		return;
	}
	for (unsigned int half = 0; half < 2; half++) {
		if (!(half ? cd.epd1 : cd.epd0))
			dumper_ranges(dumper, ssid, &cd, half);
	}
}

static bool is_linear(const struct iommuctl_cd_table_shape *shape)
{
	return !shape->s1cdmax || shape->s1fmt == IOMMUCTL_SMMUV3_S1FMT_LINEAR;
}

/* The first SSID after those that are unreadable together with @ssid. */
static uint64_t next_leaf(const struct iommuctl_cd_table_shape *shape, uint64_t ssid)
{
	const unsigned int bits = shape->s1fmt == IOMMUCTL_SMMUV3_S1FMT_64K_L2 ? 10 : 6;

	return is_linear(shape) ? UINT64_MAX : ((ssid >> bits) + 1) << bits;
}

/* Returns the next SSID. */
static uint64_t dump_ssid(
	struct dumper *dumper, const struct iommuctl_cd_table_shape *shape, uint64_t ssid)
{
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS], ipa;
	int err = iommuctl_cd_table_get(dumper->memory, shape, (uint32_t)ssid, words);

	if (!err) {
		dump_cd(dumper, (uint32_t)ssid, words);
		return ssid + 1;
	}
	if (err == -EFAULT) {
		if (iommuctl_cd_table_find(dumper->memory, shape, (uint32_t)ssid, &ipa))
			ipa = shape->s1contextptr;
		dumper_say_bad(dumper, "CD table", ipa, "it is not in guest memory");
	}
	return next_leaf(shape, ssid);
}

static void dump_cds(struct dumper *dumper, const struct iommuctl_smmuv3_ste *ste)
{
	const struct iommuctl_cd_table_shape shape = { ste->s1contextptr, ste->s1cdmax,
		ste->s1fmt };
	const uint64_t end = UINT64_C(1) << ste->s1cdmax;

	if (dumper->has_ssid) {
		if (dumper->ssid < end)
			dump_ssid(dumper, &shape, dumper->ssid);
		return;
	}
	for (uint64_t ssid = 0; ssid < end && dumper_look(dumper);)
		ssid = dump_ssid(dumper, &shape, ssid);
}

void dumper_ste(struct dumper *dumper, const uint64_t *words, size_t word_count, const char *place)
{
	uint64_t whole[IOMMUCTL_SMMUV3_STE_WORDS] = { 0 };
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_smmuv3_ste ste;
	struct look_structure structure;
	char why[160];

	for (size_t i = 0; i < word_count; i++)
		whole[i] = words[i];
	iommuctl_smmuv3_ste_decode(whole, &ste);
	if (!ste.v || !dumper_say(dumper))
		return;
	dumper->stes++;
	structure = look_structure_of_ste(whole, word_count, &ste, place);
	say_entry(dumper, "ste", &(struct entry){ dumper->subject, &structure }, NULL, NULL);
	if (iommuctl_smmuv3_ste_validate(&ste, NULL, &refusal)) {
		iommuctl_smmuv3_refusal_print(&refusal, why, sizeof(why));
		dumper_say_bad(dumper, "STE.S1ContextPtr", ste.s1contextptr, why);
	} else if (ste.config == IOMMUCTL_SMMUV3_CONFIG_S1) {
		dump_cds(dumper, &ste);
	}
}

void dumper_finish(struct dumper *dumper)
{
	report_result(dumper->report, "dump",
		json_pack("{s:I, s:I, s:I, s:I, s:b}", "stes", (json_int_t)dumper->stes, "cds",
			(json_int_t)dumper->cds, "ranges", (json_int_t)dumper->ranges, "leaves",
			(json_int_t)dumper->leaves, "complete", (int)!dumper->stopped),
		"STEs: %" PRIu64 ", CDs: %" PRIu64 ", ranges: %" PRIu64 ", leaves: %" PRIu64 "%s",
		dumper->stes, dumper->cds, dumper->ranges, dumper->leaves,
		dumper->stopped ? "; there is more, not looked at" : "");
}
