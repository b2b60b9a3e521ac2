/* SPDX-License-Identifier: MIT */
/* A job's stage-1 and CD tables, in guest memory. */
#ifndef CLI_JOB_LIVE_TABLES_H
#define CLI_JOB_LIVE_TABLES_H

#include "job/platform.h"

/* The state of the guest's tables, parallel to the objects of the job. */
struct tables {
	const struct job *job;
	const struct iommuctl_guest_memory *memory;
	struct iommuctl_stage1 *stage1;
	struct iommuctl_cd_table *cd_tables;
};

/* -ENOMEM. Borrows @memory. Freed with tables_free(), which also accepts a zeroed struct. */
int tables_init(
	struct tables *tables, const struct job *job, const struct iommuctl_guest_memory *memory);
void tables_free(struct tables *tables);

/*
 * Lays out the tables of @stage1, without the MSI window. Errors: those of iommuctl_stage1_init(),
 * with @wrong NULL, and of iommuctl_stage1_map(), with @wrong the entry that fails.
 */
int tables_build_stage1(
	struct tables *tables, const struct job_stage1 *stage1, const struct job_leaf **wrong);

/* Adds the identity mapping of @window, for MSIs, to @stage1. Errors: as tables_map_leaf(). */
int tables_map_msi_window(struct tables *tables, const struct job_stage1 *stage1,
	const struct platform_window *window);

/* Adds, or changes, the mapping @leaf. Errors: those of the iommuctl_stage1 calls. */
int tables_map_leaf(struct iommuctl_stage1 *stage1, const struct job_leaf *leaf);
int tables_remap_leaf(struct iommuctl_stage1 *stage1, const struct job_leaf *leaf);

/*
 * Lays out @cd_table, whose contexts are already encoded. On failure @wrong is the context that
 * fails, or NULL for the table itself.
 */
int tables_build_cd_table(struct tables *tables, const struct job_cd_table *cd_table,
	const struct job_context **wrong);

/* Writes the CD of @context, which is already encoded. Errors: those of iommuctl_cd_table_set(). */
int tables_set_cd(const struct tables *tables, const struct job_cd_table *cd_table,
	const struct job_context *context);

/* Bytes of guest memory that @cd_table takes. -EINVAL: shape or contexts make no sense. */
int tables_cd_table_size(const struct job_cd_table *cd_table, uint64_t *size);

#endif
