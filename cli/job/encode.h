/* SPDX-License-Identifier: MIT */
/*
 * From the fields of STEs, CDs, commands and events, which a job gives by name, to the words that
 * hardware reads. The checks do it once: all that describes or executes takes the words.
 */
#ifndef CLI_JOB_ENCODE_H
#define CLI_JOB_ENCODE_H

#include "document/problem.h"
#include "job/job.h"

/* Structures that have a number with a name, which tells which fields they have. */
struct fields_kind {
	const char *what; /* "command" */
	size_t number;	  /* where in the structure, a uint8_t */
	int (*from_name)(const char *name, uint8_t *number);
	const char *(*name_of)(uint8_t number);
	const struct iommuctl_smmuv3_field *(*find)(uint8_t number, const char *name);
};

/*
 * Sets @fields in @record, the structure that they are of. Returns the first that does not fit, or
 * NULL.
 */
const struct document_field *fields_set(const struct document_list *fields, void *record);

/*
 * The same; says of the one that does not fit @what it is of. Returns 0, or what is to be returned.
 */
int fields_check(const struct job *job, const struct document_list *fields, void *record,
	const char *what, struct document_problem *problem);

/*
 * The same for a structure of @kind at @path: finds its number first, which is set in @record as
 * well, and which fields are meant.
 */
int fields_check_kind(const struct job *job, const struct document_path *path,
	const struct fields_kind *kind, const struct job_named_fields *named, void *record,
	struct document_problem *problem);

/*
 * The words of an STE, and of a CD for tables of @regime (which words need not), go to where they
 * are kept. -ERANGE with @refusal: a field is out of range.
 */
int encode_ste(struct job_ste *ste, struct iommuctl_smmuv3_refusal *refusal);
int encode_cd(struct job_context *context, const struct iommuctl_stage1_regime *regime,
	struct iommuctl_smmuv3_refusal *refusal);

/* As the kernel takes it. */
struct iommuctl_hwpt_vtd_s1 encode_vtd_s1(const struct job_vtd_s1 *data);

#endif
