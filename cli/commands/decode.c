// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "array.h"
#include "commands/decode.h"
#include "invocation.h"
#include "output/json.h"
#include "output/text.h"

void decode_add_verdict(struct decoded *decoded, const char *judge, int error,
	const struct iommuctl_smmuv3_refusal *refusal)
{
	struct verdict *verdict = &decoded->verdicts[decoded->verdict_count++];

	*verdict = (struct verdict){ .judge = judge, .accepted = !error };
	if (error)
		iommuctl_smmuv3_refusal_print(refusal, verdict->reason, sizeof(verdict->reason));
}

void decode_set_kind(struct decoded *decoded, const char *name, uint64_t field_mask)
{
	decoded->name = name;
	decoded->field_mask = field_mask;
}

static const struct structure *find_structure(const char *name)
{
	static const struct structure *const tables[] = { decode_smmuv3, decode_x86 };

	for (size_t i = 0; i < ARRAY_SIZE(tables); i++) {
		for (const struct structure *at = tables[i]; at->name; at++) {
			if (!strcmp(at->name, name))
				return at;
		}
	}
	return NULL;
}

static enum exit_status check_count(
	struct report *report, const struct structure *structure, size_t count)
{
	if (count == structure->words_least || count == structure->words_most)
		return STATUS_DONE;
	if (structure->words_least == structure->words_most)
		return report_usage(report, "%s: expected %zu words, not %zu", structure->name,
			structure->words_most, count);
	return report_usage(report, "%s: expected %zu or %zu words, not %zu", structure->name,
		structure->words_least, structure->words_most, count);
}

static enum exit_status read_arguments(struct decoded *decoded, struct invocation *invocation)
{
	const struct structure *structure = decoded->structure;
	size_t count = (size_t)invocation->argument_count - 1;
	enum exit_status status = check_count(invocation->report, structure, count);

	if (status != STATUS_DONE)
		return status;
	for (size_t i = 0; i < count; i++) {
		const char *word = invocation->arguments[i + 1];
		const char *digits = word + (strncmp(word, "0x", 2) ? 0 : 2);
		size_t length = strspn(digits, "0123456789abcdefABCDEF");

		if (!length || digits[length] || length > structure->word_size * 2)
			return report_usage(invocation->report,
				"'%s': expected a hexadecimal number of %zu bits%s", word,
				structure->word_size * 8,
				strcmp(word, "-") ? "" : "; '-' stands for all words together");
		decoded->words[i] = strtoull(digits, NULL, 16);
	}
	decoded->word_count = count;
	return STATUS_DONE;
}

/* @size is one too many where there is more than that. */
static enum exit_status report_size(
	struct report *report, const struct structure *structure, size_t size)
{
	const size_t least = structure->words_least * structure->word_size;
	const size_t most = structure->words_most * structure->word_size;
	char message[128] = "";

	text_append(message, sizeof(message), "%s has ", structure->name);
	if (least < most)
		text_append(message, sizeof(message), "%zu or ", least);
	text_append(message, sizeof(message), "%zu bytes; ", most);
	if (!size)
		text_append(message, sizeof(message), "nothing came");
	else
		text_append(message, sizeof(message), "%s%zu came", size > most ? "more than " : "",
			size > most ? most : size);
	return report_failure(report,
		&(struct failure){
			.error = -EINVAL,
			.operation = report->command,
			.object = text_file_name("-"),
			.message = message,
			.explanations = { { .remedy =
						    "standard input is the structure as it lies in memory, "
						    "not its digits" } },
			.explanation_count = 1,
		});
}

static enum exit_status read_stdin(struct decoded *decoded, struct report *report)
{
	const struct structure *structure = decoded->structure;
	uint8_t bytes[WORDS_MAX * 8 + 1]; /* one more than any structure has */
	size_t size = fread(bytes, 1, sizeof(bytes), stdin);
	size_t count = size / structure->word_size;

	if (ferror(stdin))
		return report_errno(report, "read", text_file_name("-"), errno);
	if (size % structure->word_size ||
		(count != structure->words_least && count != structure->words_most))
		return report_size(report, structure, size);
	for (size_t i = 0; i < size; i++)
		decoded->words[i / structure->word_size] |=
			(uint64_t)bytes[i] << i % structure->word_size * 8;
	decoded->word_count = count;
	return STATUS_DONE;
}

/* The bits of a word that are set but belong to no field. */
static uint64_t stray_bits(const struct decoded *decoded, size_t word)
{
	uint64_t bits = decoded->words[word];
	size_t count;
	const struct iommuctl_smmuv3_field *fields = decoded->structure->fields(&count);

	for (size_t i = 0; i < count; i++) {
		if (fields[i].word == word && json_has_field(decoded->field_mask, i))
			bits &= ~iommuctl_smmuv3_field_mask(&fields[i]);
	}
	return bits;
}

static json_t *decoded_to_json(const struct decoded *decoded)
{
	json_t *words = json_array();
	json_t *stray = json_array();
	json_t *verdicts = json_array();
	size_t count;
	const struct iommuctl_smmuv3_field *fields = decoded->structure->fields(&count);

	for (size_t i = 0; i < decoded->word_count; i++) {
		json_array_append_new(words, hex_to_json(decoded->words[i]));
		json_array_append_new(stray, hex_to_json(stray_bits(decoded, i)));
	}
	for (size_t i = 0; i < decoded->verdict_count; i++) {
		const struct verdict *verdict = &decoded->verdicts[i];

		json_array_append_new(verdicts,
			json_pack("{s:s, s:b, s:s?}", "judge", verdict->judge, "accepted",
				(int)verdict->accepted, "reason",
				*verdict->reason ? verdict->reason : NULL));
	}
	return json_pack("{s:s, s:s?, s:o, s:o, s:o, s:o}", "structure", decoded->structure->name,
		"name", decoded->name, "words", words, "fields",
		fields_to_json(fields, count, decoded->field_mask, &decoded->record),
		"bits-of-no-field", stray, "verdicts", verdicts);
}

/* The fields that are shown even when zero, and all that are not zero. */
static void write_fields(FILE *stream, const struct decoded *decoded)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = decoded->structure->fields(&count);

	for (size_t i = 0; i < count; i++) {
		uint64_t value = iommuctl_smmuv3_field_get(&fields[i], &decoded->record);
		const char *name = iommuctl_smmuv3_field_value_name(&fields[i], value);

		if (!json_has_field(decoded->field_mask, i) || (!value && !fields[i].always))
			continue;
		fprintf(stream, "\n  %-14s 0x%" PRIx64, fields[i].name, value);
		if (name)
			fprintf(stream, " (%s)", name);
	}
	for (size_t i = 0; i < decoded->word_count; i++) {
		uint64_t bits = stray_bits(decoded, i);

		if (bits)
			fprintf(stream, "\n  word %zu, bits of no field: 0x%" PRIx64, i, bits);
	}
}

static void write_text(FILE *stream, const void *data)
{
	const struct decoded *decoded = data;

	fputs(decoded->structure->name, stream);
	if (decoded->name)
		fprintf(stream, " %s", decoded->name);
	write_fields(stream, decoded);
	for (size_t i = 0; i < decoded->verdict_count; i++) {
		const struct verdict *verdict = &decoded->verdicts[i];

		fprintf(stream, "\n%s: %s%s%s", verdict->judge,
			verdict->accepted ? "accepted" : "refused", *verdict->reason ? ": " : "",
			verdict->reason);
	}
}

static enum exit_status run_decode(struct invocation *invocation)
{
	bool from_stdin = invocation->argument_count == 2 && !strcmp(invocation->arguments[1], "-");
	struct decoded decoded = {
		.structure = find_structure(invocation->arguments[0]),
		.field_mask = UINT64_MAX,
	};
	enum exit_status status;

	if (!decoded.structure)
		return report_usage(invocation->report,
			"'%s': ste, cd, cmd, event, idr, cmdqv, cmdqv-event, vtd-cap, vtd-pasid, vtd-inv, amd-efr, amd-dte "
			"or amd-cmd was expected",
			invocation->arguments[0]);
	status = from_stdin ? read_stdin(&decoded, invocation->report)
			    : read_arguments(&decoded, invocation);
	if (status != STATUS_DONE)
		return status;
	decoded.structure->decode(&decoded);
	return report_written(
		invocation->report, "decode", decoded_to_json(&decoded), write_text, &decoded);
}

const struct command command_decode = {
	.name = "decode",
	.group = COMMANDS_TOOLS,
	.arguments = "STRUCTURE WORD...",
	.arguments_min = 2,
	.arguments_max = -1,
	.summary = "Explain a structure of an IOMMU",
	.description =
		"Shows the fields of a structure. Of an SMMUv3: ste, a stream table entry (8 words, "
		"or the 2 that the kernel takes); cd, a context descriptor (8); cmd, a command (2); "
		"event, an event record (4); idr, the ID registers IDR0 to IDR5, optionally with IIDR "
		"and AIDR (6 or 8 words of 32 bits); of its CMDQV: cmdqv, the hw-info (1); "
		"cmdqv-event, an event (2). Of VT-d: vtd-cap, the capability register and the "
		"extended one (2); vtd-pasid, a PASID table entry (8); vtd-inv, an invalidation "
		"descriptor (2). Of an AMD IOMMU: amd-efr, the two extended feature registers (2); "
		"amd-dte, a device table entry (4); amd-cmd, a command (2). Text output omits fields "
		"that are zero and seldom matter.\n"
		"\n"
		"WORD is a hexadecimal number of 64 bits. A single '-' stands for standard input: the "
		"structure as it lies in memory, little-endian.\n"
		"\n"
		"Then come verdicts: whether hardware accepts the structure (for an SMMUv3 that of a "
		"guest, with stage 1 only; the host's may accept more); whether the kernel accepts it "
		"(IOMMU_HWPT_ALLOC for what a nested HWPT is made of, IOMMU_HWPT_INVALIDATE for a "
		"command), or whether the VMM has to carry the command out itself; and for an event, "
		"whether the kernel delivers it to a vEVENTQ.\n"
		"\n"
		"  iommuctl decode ste 0x4010000b 0xd6\n"
		"  iommuctl decode cmd 0x7000000000012 0x1001\n"
		"  iommuctl decode vtd-inv 0x10036 0x7000",
	.run = run_decode,
};
