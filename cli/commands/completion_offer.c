// SPDX-License-Identifier: MIT
/* The kinds of words that synopses name. */
#include "commands/completion_offer.h"

#include <string.h>

#include "array.h"
#include "commands/decode.h"

static const char upper_case[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

void completion_offer(
	const struct completion *completion, const char *word, const char *description)
{
	fprintf(completion->out, "%s%s%s%s\n", completion->behind, word, description ? "\t" : "",
		description ? description : "");
}

void completion_offer_shells_own(const struct completion *completion, const char *what)
{
	if (*completion->behind)
		fprintf(completion->out, ":behind %s\n", completion->behind);
	fprintf(completion->out, ":%s\n", what);
}

static void offer_files(const struct completion *completion)
{
	completion_offer_shells_own(completion, "files");
}

static void offer_jobs(const struct completion *completion)
{
	completion_offer_shells_own(completion, "jobs");
}

static void offer_folders(const struct completion *completion)
{
	completion_offer_shells_own(completion, "folders");
}

static void offer_programs(const struct completion *completion)
{
	completion_offer_shells_own(completion, "programs");
}

static void offer_structures(const struct completion *completion)
{
	for (const struct structure *at = decode_smmuv3; at->name; at++)
		completion_offer(completion, at->name, NULL);
	for (const struct structure *at = decode_x86; at->name; at++)
		completion_offer(completion, at->name, NULL);
}

static const struct {
	const char *kind;
	void (*offer)(const struct completion *completion);
} kinds[] = {
	{ "ARGUMENT", offer_files },
	{ "COMMAND", offer_programs },
	{ "DEVICE", completion_offer_devices },
	{ "FILE", offer_files },
	{ "FOLDER", offer_folders },
	{ "JOB", offer_jobs },
	{ "KEY=VALUE", completion_offer_keys },
	{ "OBJECT", completion_offer_objects },
	{ "PCI-ADDRESS", completion_offer_pci_addresses },
	{ "SESSION", completion_offer_sessions },
	{ "STRUCTURE", offer_structures },
};

static void offer_alternative(const struct completion *completion, const char *kind)
{
	if (!kind[strcspn(kind, upper_case)]) {
		completion_offer(completion, kind, NULL);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (!strcmp(kind, kinds[i].kind))
			kinds[i].offer(completion);
	}
}

void completion_offer_kind(const struct completion *completion, const char *kind)
{
	while (*kind) {
		size_t length = strcspn(kind, "|");
		char alternative[64];

		if (length && length < sizeof(alternative)) {
			snprintf(alternative, sizeof(alternative), "%.*s", (int)length, kind);
			offer_alternative(completion, alternative);
		}
		kind += length;
		kind += *kind == '|';
	}
}
