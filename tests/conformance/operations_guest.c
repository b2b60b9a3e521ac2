// SPDX-License-Identifier: MIT
#include <inttypes.h>

#include "operations.h"

static uint8_t pick_permissions(struct dice *dice)
{
	static const uint64_t permissions[] = { IOMMUCTL_STAGE1_READ, IOMMUCTL_STAGE1_READ,
		IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE | IOMMUCTL_STAGE1_PRIVILEGED };

	return dice_one_of(dice, permissions, 5);
}

void operation_tables_edit(struct subject *subject, struct dice *dice)
{
	static const char *const verbs[] = { "remap", "remap", "unmap", "map", "map", "protect",
		"protect", "af-clear", "af-set", "af-set" };
	const unsigned int set = guest_pick(dice, GUEST_TABLE_SETS);
	struct iommuctl_stage1 *tables = &subject->guest.sets[set];
	const uint64_t iova = guest_window_iova(set, dice), ipa = guest_data_ipa(set, dice);
	const uint64_t granule = guest_granule(set);
	const uint64_t verb = dice_below(dice, 10);
	const struct iommuctl_stage1_attributes attributes = {
		.permissions = pick_permissions(dice),
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
		.access_flag = !dice_odd(dice, 5),
		.not_global = !dice_odd(dice, 10),
	};
	int err;

	transcript_say(&subject->transcript,
		" %s set=%u iova=%#" PRIx64 " ipa=%#" PRIx64 " permissions=%#x%s%s", verbs[verb],
		set, iova, ipa, attributes.permissions, attributes.access_flag ? "" : " no-af",
		attributes.not_global ? "" : " global");
	switch (verb) {
	case 0:
	case 1: err = iommuctl_stage1_remap(tables, iova, ipa, granule); break;
	case 2: err = iommuctl_stage1_unmap(tables, iova, granule); break;
	case 3:
	case 4: err = iommuctl_stage1_map(tables, iova, ipa, granule, &attributes, 0); break;
	case 5:
	case 6: err = iommuctl_stage1_protect(tables, iova, granule, &attributes); break;
	default: err = iommuctl_stage1_set_access_flag(tables, iova, granule, verb >= 8);
	}
	guest_bound_walk(&subject->guest, set, iova);
	guest_keep_tables(&subject->guest);
	transcript_say_result(&subject->transcript, err);
}

void operation_tables_build(struct subject *subject, struct dice *dice)
{
	const unsigned int set = guest_pick(dice, GUEST_TABLE_SETS);

	transcript_say(&subject->transcript, " set=%u", set);
	guest_build_tables(&subject->guest, set);
	guest_keep_tables(&subject->guest);
}

/* Flips up to three bits of a descriptor on the way of a page of the window. */
void operation_tables_corrupt(struct subject *subject, struct dice *dice)
{
	const unsigned int set = guest_pick(dice, GUEST_TABLE_SETS);
	const uint64_t iova = guest_window_iova(set, dice);
	const uint64_t depth = dice_below(dice, 2 * IOMMUCTL_STAGE1_MAX_STEPS);
	const uint64_t flips =
		UINT64_C(1) << dice_below(dice, 64) | UINT64_C(1) << dice_below(dice, 12) |
		UINT64_C(1) << dice_below(dice, 48);
	const uint64_t flip = (dice_chance(dice, 60) ? flips & -flips : flips) & GUEST_EDIT_MASK;
	const struct iommuctl_stage1_step *step;
	struct iommuctl_stage1_walk walk;
	uint64_t descriptor;
	void *place;
	int err;

	transcript_say(
		&subject->transcript, " set=%u iova=%#" PRIx64 " flip=%#" PRIx64, set, iova, flip);
	err = iommuctl_stage1_walk(
		&subject->guest.memory, &subject->guest.sets[set].regime, iova, 0, &walk);
	transcript_say_result(&subject->transcript, err);
	if (err || !walk.step_count)
		return;
	/* Half of the time a leaf, as most tables are above many of them. */
	step = &walk.steps[depth < walk.step_count ? depth : walk.step_count - 1u];
	place = iommuctl_guest_memory_at(
		&subject->guest.memory, step->descriptor_ipa, sizeof(descriptor));
	if (!place)
		return;
	transcript_say(&subject->transcript, " level=%u", step->level);
	descriptor = guest_bound_descriptor(set, step->level, step->descriptor ^ flip);
	iommuctl_smmuv3_words_to_le(place, &descriptor, 1);
	guest_keep_tables(&subject->guest);
}

void operation_cd_write(struct subject *subject, struct dice *dice)
{
	const unsigned int index = guest_pick(dice, GUEST_CD_COUNT);
	const struct iommuctl_smmuv3_field *fields, *field;
	struct iommuctl_smmuv3_cd cd;
	size_t count;
	uint64_t value;

	guest_default_cd(&subject->guest, index, &cd);
	fields = iommuctl_smmuv3_cd_fields(&count);
	field = &fields[dice_below(dice, count)];
	value = dice_next(dice) & (UINT64_MAX >> (64 - field->width));
	transcript_say(&subject->transcript, " cd=%u %s=%#" PRIx64, index, field->name, value);
	/* A value that the field cannot hold leaves the CD as it was. */
	iommuctl_smmuv3_field_set(field, &cd, value);
	transcript_say_result(&subject->transcript, guest_write_cd(&subject->guest, index, &cd));
}

/* Has a CD stand for a set of tables, its own or another, under its own ASID or another. */
void operation_cd_restore(struct subject *subject, struct dice *dice)
{
	const unsigned int index = guest_pick(dice, GUEST_CD_COUNT);
	const unsigned int set = dice_below(dice, 2 * GUEST_TABLE_SETS);
	struct iommuctl_smmuv3_cd cd;

	guest_default_cd(&subject->guest, set < GUEST_TABLE_SETS ? index : set, &cd);
	transcript_say(&subject->transcript, " cd=%u asid=%u tg=%u", index, cd.asid, cd.tg0);
	transcript_say_result(&subject->transcript, guest_write_cd(&subject->guest, index, &cd));
}

void operation_cd_corrupt(struct subject *subject, struct dice *dice)
{
	const unsigned int index = guest_pick(dice, GUEST_CD_COUNT);
	const uint64_t word = dice_below(dice, 2) * sizeof(uint64_t);
	const uint64_t flip =
		UINT64_C(1) << dice_below(dice, 64) & (word ? GUEST_TTB_MASK : GUEST_EDIT_MASK);
	void *place = iommuctl_guest_memory_at(
		&subject->guest.memory, guest_cd_ipa(index) + word, sizeof(flip));
	uint64_t value;

	transcript_say(
		&subject->transcript, " cd=%u byte=%" PRIu64 " flip=%#" PRIx64, index, word, flip);
	iommuctl_smmuv3_words_from_le(&value, place, 1);
	value ^= flip;
	iommuctl_smmuv3_words_to_le(place, &value, 1);
}

void operation_data_write(struct subject *subject, struct dice *dice)
{
	const uint64_t ipa = guest_data_ipa(0, dice);
	const uint64_t value = dice_next(dice);
	void *place = iommuctl_guest_memory_at(&subject->guest.memory, ipa, sizeof(value));

	transcript_say(&subject->transcript, " ipa=%#" PRIx64 " value=%#" PRIx64, ipa, value);
	iommuctl_smmuv3_words_to_le(place, &value, 1);
	guest_bound_memory(&subject->guest);
}
