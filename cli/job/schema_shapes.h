/* SPDX-License-Identifier: MIT */
/* What the tables of the objects and those of the steps share. */
#ifndef CLI_JOB_SCHEMA_SHAPES_H
#define CLI_JOB_SCHEMA_SHAPES_H

#include "document/schema.h"

#define MEMBER(type, member) .offset = offsetof(struct type, member)

extern const struct schema_choice schema_prot_choices[];
extern const struct schema_choice schema_attr_choices[];

extern const struct schema_shape schema_ioas_map;
extern const struct schema_shape schema_step;

/* The keys of a struct job_leaf that is the member @leaf (with its dot) of struct @type. */
#define LEAF_KEYS(type, leaf) \
	{ "iova", SCHEMA_NUMBER, MEMBER(type, leaf iova), .required = true, \
		.help = "Input address." }, \
	{ "ipa", SCHEMA_NUMBER, MEMBER(type, leaf ipa), .required = true, \
		.help = "Output address of stage 1." }, \
	{ "size", SCHEMA_NUMBER, MEMBER(type, leaf size), .required = true, .bytes = true, .min = 4096, \
		.help = "Bytes, a multiple of the granule." }, \
	{ "prot", SCHEMA_SET, MEMBER(type, leaf prot), .choices = schema_prot_choices, \
		.fallback = JOB_PROT_READ | JOB_PROT_WRITE, \
		.help = "What is allowed: letters of \"rwx\"." }, \
	{ "attr", SCHEMA_CHOICE, MEMBER(type, leaf attr), .choices = schema_attr_choices, \
		.fallback = JOB_ATTR_NORMAL, .help = "Memory type." }, \
	{ "access-flag", SCHEMA_BOOL, MEMBER(type, leaf access_flag), .fallback = true, \
		.help = "AF; without it an access is an F_ACCESS event." }, \
	{ "privileged", SCHEMA_BOOL, MEMBER(type, leaf privileged), \
		.help = "Leave unprivileged accesses out." }

#endif
