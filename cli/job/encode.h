/* SPDX-License-Identifier: MIT */
/*
 * Encodes the named fields of STEs, CDs, commands and events as the words that hardware reads. The
 * checks do this once; everything that describes or executes uses the words.
 */
#ifndef CLI_JOB_ENCODE_H
#define CLI_JOB_ENCODE_H

#include "document/problem.h"
#include "job/job.h"

/* Structures with a named number that determines their fields. */
struct fields_kind {
	const char *what; /* "command" */
	size_t number;	  /* offset of a uint8_t in the structure */
	int (*from_name)(const char *name, uint8_t *number);
	const char *(*name_of)(uint8_t number);
	const struct iommuctl_smmuv3_field *(*find)(uint8_t number, const char *name);
};

/* Sets @fields in @record, their structure. Returns the first that does not fit, or NULL. */
const struct document_field *fields_set(const struct document_list *fields, void *record);

/*
 * The same, but reports the field that does not fit, which is one of @what. Returns 0, or the error
 * to return.
 */
int fields_check(const struct job *job, const struct document_list *fields, void *record,
	const char *what, struct document_problem *problem);

/*
 * The same for a structure of @kind at @path: first finds its number, which is set in @record too,
 * and so the fields that are meant.
 */
int fields_check_kind(const struct job *job, const struct document_path *path,
	const struct fields_kind *kind, const struct job_named_fields *named, void *record,
	struct document_problem *problem);

/*
 * Encode an STE, or a CD for tables of @regime (not needed if it has words), in place. -ERANGE with
 * @refusal: a field is out of range.
 */
int encode_ste(struct job_ste *ste, struct iommuctl_smmuv3_refusal *refusal);
int encode_cd(struct job_context *context, const struct iommuctl_stage1_regime *regime,
	struct iommuctl_smmuv3_refusal *refusal);

/* In the kernel's format. */
struct iommuctl_hwpt_vtd_s1 encode_vtd_s1(const struct job_vtd_s1 *data);

#endif
