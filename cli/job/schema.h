/* SPDX-License-Identifier: MIT */
/* What jobs may say, as tables: of the objects (schema*.c), of the steps, and what both share. */
#ifndef CLI_JOB_SCHEMA_H
#define CLI_JOB_SCHEMA_H

#include "document/schema.h"
#include "job/job.h"

extern const struct schema_shape schema_job;

/* The structures of which jobs give fields; a source is a struct iommuctl_smmuv3_field. */
extern const struct schema_structure job_ste_structure; /* the words that a nested HWPT takes */
extern const struct schema_structure job_cd_structure;
extern const struct schema_structure job_cmd_structure;
extern const struct schema_structure job_event_structure;

extern const struct schema_choice schema_prot_choices[];
extern const struct schema_choice schema_attr_choices[];
extern const struct schema_choice schema_ioas_prot_choices[];
extern const struct schema_choice schema_perm_choices[]; /* of page faults */

/* Of the objects that are tables in guest memory. */
extern const struct schema_key schema_stage1_keys[];
extern const struct schema_key schema_cd_table_keys[];

/* Of a named object, by its collection. */
extern const struct schema_shape schema_objects[JOB_COLLECTIONS];

extern const struct schema_shape schema_ioas_map;
extern const struct schema_shape schema_mock, schema_mock_hwpt, schema_mock_viommu;
extern const struct schema_shape schema_device;
extern const struct schema_shape schema_ste;
extern const struct schema_shape schema_range;
extern const struct schema_shape schema_step, schema_mock_step;

/* The keys of a struct job_leaf that is the member @leaf (with its dot) of struct @type. */
#define LEAF_KEYS(type, leaf)                                                                      \
	{ "iova", SCHEMA_NUMBER, MEMBER(type, leaf iova), .required = true,                        \
		.help = "Input address." },                                                        \
		{ "ipa", SCHEMA_NUMBER, MEMBER(type, leaf ipa), .required = true,                  \
			.help = "Output address of stage 1." },                                    \
		{ "size", SCHEMA_NUMBER, MEMBER(type, leaf size), .required = true, .bytes = true, \
			.min = 4096, .help = "Bytes, a multiple of the granule." },                \
		{ "prot", SCHEMA_SET, MEMBER(type, leaf prot), .choices = schema_prot_choices,     \
			.fallback = JOB_PROT_READ | JOB_PROT_WRITE,                                \
			.help = "What is allowed: letters of \"rwx\"." },                          \
		{ "attr", SCHEMA_CHOICE, MEMBER(type, leaf attr), .choices = schema_attr_choices,  \
			.fallback = JOB_ATTR_NORMAL, .help = "Memory type." },                     \
		{ "access-flag", SCHEMA_BOOL, MEMBER(type, leaf access_flag), .fallback = true,    \
			.help = "AF; without it an access is an F_ACCESS event." },                \
	{                                                                                          \
		"privileged", SCHEMA_BOOL, MEMBER(type, leaf privileged),                          \
			.help = "Leave unprivileged accesses out."                                 \
	}

#endif
