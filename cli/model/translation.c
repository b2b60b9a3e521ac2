// SPDX-License-Identifier: MIT
#include "model/translation.h"

#include <inttypes.h>

#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_event.h>
#include <iommuctl/smmuv3_ste.h>

#include "document/value.h"
#include "output/text.h"

static const char *const kinds[] = {
	[IOMMUCTL_MODEL_LOOKUP_STE] = "STE",
	[IOMMUCTL_MODEL_LOOKUP_CD] = "CD",
	[IOMMUCTL_MODEL_LOOKUP_TLB] = "TLB",
	[IOMMUCTL_MODEL_LOOKUP_STAGE1] = "stage 1",
	[IOMMUCTL_MODEL_LOOKUP_STAGE2] = "stage 2",
	[IOMMUCTL_MODEL_LOOKUP_MEMORY] = "memory",
	[IOMMUCTL_MODEL_LOOKUP_EVENT] = "event",
	[IOMMUCTL_MODEL_LOOKUP_ABORT] = "abort",
};

static const char *const descriptor_kinds[] = {
	[IOMMUCTL_STAGE1_TABLE] = "table",
	[IOMMUCTL_STAGE1_BLOCK] = "block",
	[IOMMUCTL_STAGE1_PAGE] = "page",
};

static void describe_descriptor(const struct iommuctl_model_lookup *lookup, char *text, size_t size)
{
	text_append(text, size, "level %u descriptor at IPA 0x%" PRIx64 ": 0x%016" PRIx64,
		lookup->level, lookup->address, lookup->value);
	if (lookup->descriptor_kind == IOMMUCTL_STAGE1_INVALID)
		text_append(text, size, " → nothing");
	else
		text_append(text, size, " → %s at IPA 0x%" PRIx64,
			descriptor_kinds[lookup->descriptor_kind], lookup->output);
}

static void describe_ste(const struct iommuctl_model_lookup *lookup, char *text, size_t size)
{
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { lookup->value };
	struct iommuctl_smmuv3_ste ste;

	iommuctl_smmuv3_ste_decode(words, &ste);
	text_append(text, size, "of StreamID 0x%" PRIx64 ": 0x%016" PRIx64 " ...", lookup->address,
		lookup->value);
	if (ste.v && ste.config == IOMMUCTL_SMMUV3_CONFIG_S1)
		text_append(text, size, " → CDs at IPA 0x%" PRIx64, ste.s1contextptr);
}

static void describe_cd(const struct iommuctl_model_lookup *lookup, char *text, size_t size)
{
	const uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS] = { lookup->value };
	struct iommuctl_smmuv3_cd cd;

	iommuctl_smmuv3_cd_decode(words, &cd);
	text_append(text, size, "at IPA 0x%" PRIx64 ": 0x%016" PRIx64 " ... → ASID %u",
		lookup->address, lookup->value, cd.asid);
}

static const char *const aborts[] = {
	[IOMMUCTL_MODEL_ABORT_NO_MASTER] = "the device is not a bus master",
	[IOMMUCTL_MODEL_ABORT_STREAM] = "nothing is attached, or the STE says abort",
	[IOMMUCTL_MODEL_ABORT_UNRECORDED] =
		"a fault without an event, as the CD asks (R and S are 0)",
	[IOMMUCTL_MODEL_ABORT_GONE] = "a TLB entry leads to memory that the IOAS no longer maps",
};

/* The result of the lookup. */
static void describe(const struct iommuctl_model_lookup *lookup, char *text, size_t size)
{
	const uint64_t address = lookup->address, value = lookup->value;
	const char *name = iommuctl_smmuv3_event_name((uint8_t)value);
	char bytes[VALUE_TEXT_SIZE];

	switch (lookup->kind) {
	case IOMMUCTL_MODEL_LOOKUP_STE: describe_ste(lookup, text, size); break;
	case IOMMUCTL_MODEL_LOOKUP_CD: describe_cd(lookup, text, size); break;
	case IOMMUCTL_MODEL_LOOKUP_TLB:
		text_append(text, size,
			"hit: IOVA 0x%" PRIx64 " → IPA 0x%" PRIx64 ", without looking at a table",
			address, value);
		break;
	case IOMMUCTL_MODEL_LOOKUP_STAGE1: describe_descriptor(lookup, text, size); break;
	case IOMMUCTL_MODEL_LOOKUP_STAGE2:
		text_append(text, size, "IPA 0x%" PRIx64 " is mapped in the IOAS, %s from there on",
			address, value_print_size(value, bytes));
		break;
	case IOMMUCTL_MODEL_LOOKUP_MEMORY:
		text_append(text, size, "%s at IPA 0x%" PRIx64, value_print_size(value, bytes),
			address);
		break;
	case IOMMUCTL_MODEL_LOOKUP_EVENT:
		text_append(text, size, "%s (0x%02" PRIx64 ")", name ? name : "unknown", value);
		break;
	case IOMMUCTL_MODEL_LOOKUP_ABORT: text_append(text, size, "%s", aborts[value]); break;
	}
}

static bool goes_on(
	const struct translation_printer *printer, const struct iommuctl_model_lookup *lookup)
{
	const struct iommuctl_model_lookup *last = &printer->last;

	return printer->under_way && last->stream_id == lookup->stream_id &&
	       last->iova == lookup->iova && last->write == lookup->write;
}

static json_t *to_json(const struct iommuctl_model_lookup *lookup, const char *detail)
{
	return json_pack("{s:s, s:I, s:s, s:o, s:i, s:o, s:o, s:s}", "lookup", kinds[lookup->kind],
		"streamid", (json_int_t)lookup->stream_id, "access",
		lookup->write ? "write" : "read", "iova", hex_to_json(lookup->iova), "level",
		lookup->level, "address", hex_to_json(lookup->address), "value",
		hex_to_json(lookup->value), "detail", detail);
}

static void receive(const struct iommuctl_model_lookup *lookup, void *data)
{
	struct translation_printer *printer = data;
	struct report *report = printer->report;
	char detail[160] = "", text[256] = "";

	if (!goes_on(printer, lookup))
		text_append(text, sizeof(text),
			"     %s of IOVA 0x%" PRIx64 " by StreamID 0x%" PRIx32 "\n",
			lookup->write ? "write" : "read", lookup->iova, lookup->stream_id);
	describe(lookup, detail, sizeof(detail));
	text_append(text, sizeof(text), "       %-8s %s", kinds[lookup->kind], detail);
	report_lines(report, "translation", to_json(lookup, detail), text);
	printer->last = *lookup;
	printer->under_way = lookup->kind != IOMMUCTL_MODEL_LOOKUP_MEMORY &&
			     lookup->kind != IOMMUCTL_MODEL_LOOKUP_EVENT &&
			     lookup->kind != IOMMUCTL_MODEL_LOOKUP_ABORT;
}

void translation_printer_start(
	struct translation_printer *printer, struct report *report, struct iommuctl_model *model)
{
	*printer = (struct translation_printer){ .report = report };
	iommuctl_model_watch(model, receive, printer);
}
