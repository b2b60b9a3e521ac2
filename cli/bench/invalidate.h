/* SPDX-License-Identifier: MIT */
/* Measures each way of invalidating, side by side. */
#ifndef CLI_BENCH_INVALIDATE_H
#define CLI_BENCH_INVALIDATE_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/context.h>
#include <iommuctl/smmuv3_idr.h>

#define BENCH_BATCH_MAX 4032

enum bench_way {
	BENCH_ONE_BY_ONE, /* a call for each command */
	BENCH_BY_HAND,	  /* a call for each batch */
	BENCH_RELAY,	  /* a batch through a relay */
	BENCH_QUEUE,	  /* a batch and a CMD_SYNC from a guest's command queue, through a relay */
	BENCH_FOLDED,	  /* a batch through a relay that folds it into ranges */
	BENCH_WAYS,
};

extern const char *const bench_way_names[BENCH_WAYS];

/* Where the commands go; all of it is borrowed. */
struct bench_target {
	struct iommuctl *ctx;
	int iommufd;
	uint32_t viommu_id;
	const struct iommuctl_smmuv3_idr *idr;
	bool repeat; /* as in struct iommuctl_relay_config */
};

/* A TLBI_NH_VA for each of @batch pages, side by side or far apart. */
struct bench_load {
	uint32_t batch; /* 1 to BENCH_BATCH_MAX */
	bool random;
};

struct bench_timing {
	double nanoseconds; /* for one command, in the fastest round; 0: not measured */
	double calls;	    /* HWPT_INVALIDATE for one batch */
};

struct bench_invalidate;

/* -ENOMEM, or as iommuctl_relay_new(). */
int bench_invalidate_new(const struct bench_target *target, struct bench_invalidate **bench);
void bench_invalidate_free(struct bench_invalidate *bench);

/*
 * Measures all ways in turn, @rounds times. Ranges are made only if the SMMU has RIL and the pages
 * are adjacent. Returns 0, -EINVAL for a @load out of range, or -errno of the way that failed.
 */
int bench_invalidate_measure(struct bench_invalidate *bench, const struct bench_load *load,
	unsigned int rounds, struct bench_timing timings[BENCH_WAYS]);

#endif
