/* SPDX-License-Identifier: MIT */
/* What "decode" knows about the structures of each architecture. */
#ifndef CLI_COMMANDS_DECODE_H
#define CLI_COMMANDS_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/amd_guest.h>
#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_cmdqv.h>
#include <iommuctl/smmuv3_event.h>
#include <iommuctl/smmuv3_ste.h>
#include <iommuctl/vtd_inv.h>
#include <iommuctl/vtd_pasid.h>

#define WORDS_MAX    8
#define VERDICTS_MAX 2

/* Any of the structures, decoded; its table of fields knows where in it each field is. */
union record {
	struct iommuctl_smmuv3_ste ste;
	struct iommuctl_smmuv3_cd cd;
	struct iommuctl_smmuv3_cmd cmd;
	struct iommuctl_smmuv3_event event;
	struct iommuctl_smmuv3_idr idr;
	struct iommuctl_smmuv3_cmdqv cmdqv;
	struct iommuctl_smmuv3_cmdqv_event cmdqv_event;
	struct iommuctl_vtd_cap vtd_cap;
	struct iommuctl_vtd_pasid_entry vtd_pasid;
	struct iommuctl_vtd_inv vtd_inv;
	struct iommuctl_amd_efr amd_efr;
	struct iommuctl_amd_dte amd_dte;
	struct iommuctl_amd_cmd amd_cmd;
};

/* The verdict of one judge on the structure. */
struct verdict {
	const char *judge;
	bool accepted;
	char reason[160]; /* "" if there is nothing to say */
};

struct decoded {
	const struct structure *structure;
	uint64_t words[WORDS_MAX]; /* those not given are zero */
	size_t word_count;
	union record record;
	const char *name;    /* of a command or an event, NULL for others */
	uint64_t field_mask; /* which fields of the table it has */
	struct verdict verdicts[VERDICTS_MAX];
	size_t verdict_count;
};

struct structure {
	const char *name;
	size_t words_least; /* one of words_least and words_most is given */
	size_t words_most;
	size_t word_size; /* bytes */
	const struct iommuctl_smmuv3_field *(*fields)(size_t *count);
	void (*decode)(struct decoded *decoded);
};

/* Each ends with one that has no name. */
extern const struct structure decode_smmuv3[], decode_x86[];

/* The verdict of @judge; @refusal counts if @error is not 0. */
void decode_add_verdict(struct decoded *decoded, const char *judge, int error,
	const struct iommuctl_smmuv3_refusal *refusal);

/* Which kind of its structure it is, if there are several. */
void decode_set_kind(struct decoded *decoded, const char *name, uint64_t field_mask);

#endif
