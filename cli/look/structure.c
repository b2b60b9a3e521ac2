// SPDX-License-Identifier: MIT
/* An STE or a CD, as its words and as its fields. */
#include <inttypes.h>

#include "look/route.h"
#include "output/json.h"
#include "output/text.h"
#include "output/wrap.h"

#define MARGIN	       11
#define WORDS_A_LINE   3
#define STRUCTURE_TEXT 1024

static size_t print_cd(const void *record, char *text, size_t size)
{
	return iommuctl_smmuv3_cd_print(record, text, size);
}

static size_t print_ste(const void *record, char *text, size_t size)
{
	return iommuctl_smmuv3_ste_print(record, text, size);
}

struct look_structure look_structure_of_cd(
	const uint64_t *words, const struct iommuctl_smmuv3_cd *cd, const char *place)
{
	struct look_structure structure = {
		.label = "CD",
		.place = place,
		.words = words,
		.word_count = IOMMUCTL_SMMUV3_CD_WORDS,
		.record = cd,
		.print = print_cd,
	};

	structure.fields = iommuctl_smmuv3_cd_fields(&structure.field_count);
	return structure;
}

struct look_structure look_structure_of_ste(const uint64_t *words, size_t word_count,
	const struct iommuctl_smmuv3_ste *ste, const char *place)
{
	struct look_structure structure = {
		.label = "STE",
		.place = place,
		.words = words,
		.word_count = word_count,
		.record = ste,
		.print = print_ste,
	};

	structure.fields = iommuctl_smmuv3_ste_fields(&structure.field_count);
	return structure;
}

/* Trailing zero words say nothing and are left out. */
static size_t count_words(const struct look_structure *structure)
{
	size_t count = structure->word_count;

	while (count > 1 && !structure->words[count - 1])
		count--;
	return count;
}

void look_structure_print(FILE *out, const struct look_structure *structure)
{
	const size_t count = count_words(structure);
	char text[STRUCTURE_TEXT];

	fprintf(out, "  %-*s", MARGIN - 2, structure->label);
	text_print(out, structure->place, 0);
	for (size_t i = 0; i < count; i++) {
		if (i % WORDS_A_LINE == 0)
			fprintf(out, "\n%*s", MARGIN - 1, "");
		fprintf(out, " 0x%016" PRIx64, structure->words[i]);
	}
	fputc('\n', out);
	structure->print(structure->record, text, sizeof(text));
	wrap_print_at(out, MARGIN, "", text);
}

json_t *look_structure_to_json(const struct look_structure *structure)
{
	json_t *words = json_array();

	for (size_t i = 0; i < structure->word_count; i++)
		json_array_append_new(words, hex_to_json(structure->words[i]));
	return json_pack("{s:o, s:o}", "words", words, "fields",
		fields_to_json(
			structure->fields, structure->field_count, UINT64_MAX, structure->record));
}
