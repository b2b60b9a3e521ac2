/* SPDX-License-Identifier: MIT */
/* What the parts of generic_requests have in common: a guest, and what it has the kernel invalidate. */
#ifndef RIG_GENERIC_REQUESTS_H
#define RIG_GENERIC_REQUESTS_H

#include <iommuctl/generic.h>

#include "array.h"
#include "nest_guest.h"

#define VSID	  0x42
#define ASID	  9
#define ASID_NEXT 10
#define CD	  CDS(2)
#define SENT_MAX  4096

struct sent {
	unsigned char bytes[SENT_MAX];
	size_t size;
};

struct generic_test {
	struct nest_guest guest;
	struct iommuctl_stage1 stage1[DEVICES]; /* of the CD, and of the one that it changes to */
	struct sent sent;			/* by HWPT_INVALIDATE, since it was looked at */
};

const struct iommuctl_smmuv3_idr *generic_idr(struct generic_test *test);

void generic_expect(struct generic_test *test, const char *name, const char *what, uint64_t wanted,
	uint64_t got);

/* Gives commands to the relay, or ends the test. */
void generic_issue(struct generic_test *test, const uint64_t (*words)[IOMMUCTL_SMMUV3_CMD_WORDS],
	size_t count);
void generic_issue_native(struct generic_test *test, const struct iommuctl_smmuv3_cmd *cmd);

/* IOVA 0 leads to DATA(1), and the SMMU holds nothing of what was before. */
void generic_prime(struct generic_test *test, const char *name);

void generic_check_stages(struct generic_test *test);
void generic_check_invalidations(struct generic_test *test);
void generic_check_msis(struct generic_test *test);

#endif
