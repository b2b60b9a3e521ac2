/* SPDX-License-Identifier: MIT */
/* What a job says of STEs, CDs, commands and tables, in the words that the hardware reads. */
#ifndef CLI_JOB_TABLES_H
#define CLI_JOB_TABLES_H

#include "job/job.h"

/* The state of the guest's tables, parallel to the objects of the job. */
struct tables {
	const struct job *job;
	const struct iommuctl_guest_memory *memory;
	struct iommuctl_stage1 *stage1;
	struct iommuctl_cd_table *cd_tables;
};

/* -ENOMEM. @memory is borrowed. Freed with tables_free(), which takes a zeroed struct as well. */
int tables_init(struct tables *tables, const struct job *job,
	const struct iommuctl_guest_memory *memory);
void tables_free(struct tables *tables);

/*
 * Lays out the tables of @stage1, without the MSI window. Errors: those of iommuctl_stage1_init(),
 * then @wrong is NULL, and of iommuctl_stage1_map(), then @wrong is the entry that fails.
 */
int tables_build_stage1(
	struct tables *tables, const struct job_stage1 *stage1, const struct job_leaf **wrong);

/* Adds, or changes, what @leaf says. Errors: those of the calls of iommuctl_stage1. */
int tables_map_leaf(struct iommuctl_stage1 *stage1, const struct job_leaf *leaf);
int tables_remap_leaf(struct iommuctl_stage1 *stage1, const struct job_leaf *leaf);

/*
 * Lays out @cd_table, whose stage 1 are built already. On failure @wrong is the context that fails,
 * NULL if it is the table itself. With -ERANGE and @refusal->field set, a field of a CD is out of
 * range.
 */
int tables_build_cd_table(struct tables *tables, const struct job_cd_table *cd_table,
	const struct job_context **wrong, struct iommuctl_smmuv3_refusal *refusal);

/* Writes one CD. Errors as above. */
int tables_set_cd(struct tables *tables, const struct job_cd_table *cd_table,
	const struct job_context *context, const struct document_list *words,
	struct iommuctl_smmuv3_refusal *refusal);

/* Bytes of guest memory that @cd_table takes. -EINVAL: shape or contexts make no sense. */
int tables_cd_table_size(const struct job_cd_table *cd_table, uint64_t *size);

/* -ERANGE with @refusal: a field is out of range. */
int tables_encode_ste(const struct job_ste *ste, uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS],
	struct iommuctl_smmuv3_refusal *refusal);

/*
 * -ENOENT: no command is called so, -EINVAL: the command has no such field, -ERANGE: a field is out
 * of range. With the last two, @refusal says which.
 */
int tables_encode_command(const struct job_command *command,
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS], struct iommuctl_smmuv3_refusal *refusal);

#endif
