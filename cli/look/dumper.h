/* SPDX-License-Identifier: MIT */
/* The state of a dump: its subject, its bounds, and its counts. */
#ifndef CLI_LOOK_DUMPER_H
#define CLI_LOOK_DUMPER_H

#include <iommuctl/cd_table.h>

#include "look/route.h"
#include "output/report.h"

struct dumper {
	struct report *report;
	const struct iommuctl_guest_memory *memory;
	bool has_ssid; /* only the CD of @ssid */
	uint32_t ssid;
	uint64_t results_left; /* that may still be written */
	uint64_t looks_left;   /* at entries of tables */
	bool stopped;	       /* by one of the two */
	char subject[LOOK_LABEL_SIZE];
	uint64_t stes;
	uint64_t cds;
	uint64_t ranges;
	uint64_t leaves;
};

/* Takes one look; false: none is left. */
bool dumper_look(struct dumper *dumper);

/* Takes the room for one result; false: none is left. */
bool dumper_say(struct dumper *dumper);

/* Reports that the structure @what at @ipa is unreadable; @detail says why. */
void dumper_say_bad(struct dumper *dumper, const char *what, uint64_t ipa, const char *why);

/* Dumps the STE @words, found at @place, and the tables that it leads to. */
void dumper_ste(struct dumper *dumper, const uint64_t *words, size_t word_count, const char *place);

/* Dumps what the TTB0 half of @cd, or the TTB1 half, translates. */
void dumper_ranges(
	struct dumper *dumper, uint32_t ssid, const struct iommuctl_smmuv3_cd *cd, bool ttb1);

/* Says the summary. */
void dumper_finish(struct dumper *dumper);

#endif
