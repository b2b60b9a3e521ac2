// SPDX-License-Identifier: MIT
/*
 * What stage 1 translates. The tables are walked at one IOVA after another, each just after what
 * the walk before has covered: a leaf, an entry that leads nowhere, or a whole missing table.
 */
#include <inttypes.h>
#include <string.h>

#include "document/value.h"
#include "look/dumper.h"
#include "output/json.h"
#include "output/text.h"

#define ADDRESS_BITS  64
#define LAST_LEVEL    3
#define LINE_MAX_SIZE 79

/* Adjacent leaves that continue in the same way; without leaves there is no run. */
struct run {
	uint64_t first;
	uint64_t size;
	uint64_t leaves;
	struct iommuctl_stage1_walk walk; /* of the first */
};

struct half {
	struct dumper *dumper;
	uint32_t ssid;
	bool ttb1;
	struct iommuctl_stage1_regime regime;
	unsigned int granule_bits;
	struct run run;
};

static unsigned int granule_bits_of(const struct iommuctl_stage1_regime *regime, bool ttb1)
{
	static const uint8_t tg0[4] = { 12, 16, 14, 0 };
	static const uint8_t tg1[4] = { 0, 14, 12, 16 };

	return (ttb1 ? tg1 : tg0)[regime->tg & 3];
}

static unsigned int span_bits(const struct half *half, unsigned int level)
{
	return half->granule_bits + (LAST_LEVEL - level) * (half->granule_bits - 3);
}

static bool is_leaf(const struct iommuctl_stage1_walk *walk)
{
	return walk->leaf_size != 0;
}

static const char *fault_text(enum iommuctl_stage1_fault fault)
{
	return fault == IOMMUCTL_STAGE1_FAULT_TABLE_ABORT ? "its table is not in guest memory"
							  : "it leads beyond CD.IPS";
}

/* "512x4K": the number of leaves and their size. */
static void print_leaves(const struct run *run, char *text, size_t size)
{
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "%" PRIu64 "x%s", run->leaves,
		value_print_size(run->walk.leaf_size, bytes));
}

/* In one line if it fits, else in two. */
static void say_range(struct half *half)
{
	const struct run *run = &half->run;
	const uint64_t last = run->first + (run->size - 1);
	char where[192] = "", what[96] = "", leaf[LOOK_LEAF_SIZE], bytes[VALUE_TEXT_SIZE];
	json_t *json = look_leaf_to_json(&run->walk);

	text_append(where, sizeof(where), "    0x%" PRIx64 "..0x%" PRIx64 " -> 0x%" PRIx64,
		run->first, last, run->walk.ipa);
	text_append(what, sizeof(what), "%s ", value_print_size(run->size, bytes));
	print_leaves(run, what, sizeof(what));
	text_append(what, sizeof(what), " %s", look_leaf_print(&run->walk, leaf));
	json_object_set_new(json, "subject", text_to_json(half->dumper->subject));
	json_object_set_new(json, "ssid", hex_to_json(half->ssid));
	json_object_set_new(json, "table", json_string(half->ttb1 ? "TTB1" : "TTB0"));
	json_object_set_new(json, "first", hex_to_json(run->first));
	json_object_set_new(json, "last", hex_to_json(last));
	json_object_set_new(json, "ipa", hex_to_json(run->walk.ipa));
	json_object_set_new(json, "leaves", json_integer((json_int_t)run->leaves));
	half->dumper->ranges++;
	half->dumper->leaves += run->leaves;
	text_append(where, sizeof(where), "%s%s",
		strlen(where) + 2 + strlen(what) > LINE_MAX_SIZE ? "\n      " : "  ", what);
	report_lines(half->dumper->report, "range", json, where);
}

static void say_bad_range(struct half *half)
{
	const struct run *run = &half->run;
	const uint64_t last = run->first + (run->size - 1);
	const char *why = fault_text(run->walk.fault);

	report_result(half->dumper->report, "bad-range",
		json_pack("{s:o, s:o, s:o, s:o, s:s}", "subject",
			text_to_json(half->dumper->subject), "ssid", hex_to_json(half->ssid),
			"first", hex_to_json(run->first), "last", hex_to_json(last), "why", why),
		"    0x%" PRIx64 "..0x%" PRIx64 " %s", run->first, last, why);
}

static void end_run(struct half *half)
{
	if (half->run.size && dumper_say(half->dumper)) {
		if (is_leaf(&half->run.walk))
			say_range(half);
		else
			say_bad_range(half);
	}
	half->run.size = 0;
}

static bool goes_on(const struct run *run, uint64_t iova, const struct iommuctl_stage1_walk *walk)
{
	const struct iommuctl_stage1_walk *first = &run->walk;

	if (!run->size || iova - run->first != run->size || first->leaf_size != walk->leaf_size)
		return false;
	if (!is_leaf(walk))
		return first->fault == walk->fault;
	return walk->ipa - first->ipa == run->size && first->privileged == walk->privileged &&
	       first->unprivileged == walk->unprivileged && first->attr_index == walk->attr_index &&
	       first->shareability == walk->shareability &&
	       first->access_flag == walk->access_flag && first->not_global == walk->not_global;
}

static void add_run(
	struct half *half, uint64_t iova, uint64_t size, const struct iommuctl_stage1_walk *walk)
{
	struct run *run = &half->run;

	if (!goes_on(run, iova, walk)) {
		end_run(half);
		*run = (struct run){ .first = iova, .walk = *walk };
	}
	run->size += size;
	run->leaves += is_leaf(walk);
}

/* How many bits of address @walk covers. */
static unsigned int told_bits(const struct half *half, const struct iommuctl_stage1_walk *walk)
{
	const unsigned int input_bits = ADDRESS_BITS - half->regime.t0sz;
	unsigned int bits;

	if (!walk->step_count)
		return input_bits;
	/* If a descriptor is not in guest memory, its whole table is taken to be missing. */
	if (walk->fault == IOMMUCTL_STAGE1_FAULT_TABLE_ABORT)
		bits = walk->step_count == 1 ? input_bits : span_bits(half, walk->level - 1u);
	else
		bits = span_bits(half, walk->level);
	return bits < input_bits ? bits : input_bits;
}

static void walk_half(struct half *half)
{
	const unsigned int input_bits = ADDRESS_BITS - half->regime.t0sz;
	const uint64_t base = half->ttb1 ? UINT64_MAX << input_bits : 0;
	const uint64_t end = UINT64_C(1) << input_bits;
	uint64_t offset = 0;

	while (offset < end && dumper_look(half->dumper)) {
		struct iommuctl_stage1_walk walk;
		uint64_t size;

		if (iommuctl_stage1_walk(
			    half->dumper->memory, &half->regime, base + offset, 0, &walk)) {
			dumper_say_bad(half->dumper, "stage 1", half->regime.ttb,
				"tables of this form are not walked here");
			return;
		}
		size = UINT64_C(1) << told_bits(half, &walk);
		size -= offset & (size - 1);
		if (is_leaf(&walk) || walk.fault != IOMMUCTL_STAGE1_FAULT_TRANSLATION)
			add_run(half, base + offset, size, &walk);
		offset += size;
	}
	end_run(half);
}

void dumper_ranges(
	struct dumper *dumper, uint32_t ssid, const struct iommuctl_smmuv3_cd *cd, bool ttb1)
{
	struct half half = {
		.dumper = dumper,
		.ssid = ssid,
		.ttb1 = ttb1,
		.regime = iommuctl_cd_get_regime(cd, ttb1),
	};

	half.granule_bits = granule_bits_of(&half.regime, ttb1);
	walk_half(&half);
}
