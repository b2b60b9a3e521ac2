/* SPDX-License-Identifier: MIT */
/* The page tables of a device of a live job, and guest memory as its SMMU sees it. */
#ifndef CLI_LOOK_LIVE_TABLES_H
#define CLI_LOOK_LIVE_TABLES_H

#include "job/live/live.h"

/* Guest memory through the mappings of an IOAS: stage 2 translates each fetch of a table. */
struct look_tables {
	struct iommuctl_guest_memory memory;
	struct iommuctl_guest_range *ranges;
};

/* Returns 0 or -ENOMEM, which is noted. If @ioas is NULL, there is no memory. */
int look_tables_open(
	const struct live *live, const struct document_object *ioas, struct look_tables *tables);
void look_tables_close(struct look_tables *tables);

/* The IOAS of @table, an IOAS or a HWPT: for a nested HWPT, that of its parent. */
const struct document_object *look_ioas_of(const struct document_object *table);

/* @table if it is a nested HWPT, else NULL. */
const struct job_hwpt *look_nested_hwpt(const struct document_object *table);

/* The StreamID that the guest has for @device: that of a vDEVICE, or 0. */
uint32_t look_vsid_of(const struct live *live, const struct document_object *device);

#endif
