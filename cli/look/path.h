/* SPDX-License-Identifier: MIT */
/*
 * The path of one access through the tables of a guest, up to the IPA that stage 1 gives: every
 * structure that an SMMU would fetch, and where the path ends early. The contents of the SMMU's
 * caches are unknown here.
 */
#ifndef CLI_LOOK_PATH_H
#define CLI_LOOK_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/cd_table.h>
#include <iommuctl/smmuv3_event.h>
#include <iommuctl/stream_table.h>

struct look_access {
	uint32_t sid;
	bool has_ssid;
	uint32_t ssid; /* 0 without */
	uint64_t iova;
	uint32_t permissions; /* IOMMUCTL_STAGE1_* */
};

struct look_fetch {
	bool done;
	uint64_t ipa;
	uint64_t value;
};

/* Members about something missing are zero. */
struct look_path {
	struct look_access access;
	/* The tables are read through a stage 2, rather than directly from guest memory. */
	bool nested;

	bool has_ste;
	bool ste_is_fetched; /* from the stream table, at ste_ipa; else it was given */
	bool has_cd;
	bool has_stage1;
	bool ttb1; /* stage 1 is that of TTB1 */
	bool has_ipa;
	bool faulted; /* it ends before memory: see event and why */

	struct look_fetch l1std;
	uint64_t ste_ipa;
	uint64_t ste_words[IOMMUCTL_SMMUV3_STE_WORDS];
	struct iommuctl_smmuv3_ste ste;
	struct look_fetch l1cd;
	uint64_t cd_ipa;
	uint64_t cd_words[IOMMUCTL_SMMUV3_CD_WORDS];
	struct iommuctl_smmuv3_cd cd;
	struct iommuctl_stage1_walk stage1;
	uint64_t ipa;
	struct iommuctl_smmuv3_event event; /* of type 0 if there is none */
	char why[192];
};

/* Goes on from path->ste_words; of @path, only access and nested are set otherwise. */
void look_path_from_ste(struct look_path *path, const struct iommuctl_guest_memory *memory);

/* Begins at a stream table, whose shape is defined. */
void look_path_from_table(struct look_path *path, const struct iommuctl_guest_memory *memory,
	const struct iommuctl_stream_table_shape *shape);

/* Ends @path before any table, without an event. */
void look_path_end(struct look_path *path, const char *why);

/*
 * Ends @path, which has an IPA, at a stage 2 that refuses it: type is F_TRANSLATION or
 * F_PERMISSION.
 */
void look_path_end_in_stage2(struct look_path *path, uint8_t type, const char *why);

#endif
