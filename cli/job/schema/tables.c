// SPDX-License-Identifier: MIT
/* The keys of tables in guest memory. */
#include "job/schema/schema.h"

static const struct schema_choice granule_choices[] = {
	{ "4K", 4096 },
	{ "16K", 16384 },
	{ "64K", 65536 },
	{ NULL },
};

static const struct schema_choice s1fmt_choices[] = {
	{ "linear", IOMMUCTL_SMMUV3_S1FMT_LINEAR },
	{ "4k-l2", IOMMUCTL_SMMUV3_S1FMT_4K_L2 },
	{ "64k-l2", IOMMUCTL_SMMUV3_S1FMT_64K_L2 },
	{ NULL },
};

static const struct schema_key leaf_keys[] = {
	LEAF_KEYS(job_leaf, ),
	{ NULL },
};

static const struct schema_shape leaf_shape = {
	"stage1-map",
	sizeof(struct job_leaf),
	leaf_keys,
	.help = "A range that stage 1 translates.",
};

const struct schema_key schema_stage1_keys[] = {
	{ "at", SCHEMA_NUMBER, MEMBER(job_stage1, at), .required = true,
		.help = "IPA of the region for the tables; the root is first." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_stage1, size), .bytes = true, .min = 4096,
		.max = JOB_TABLES_SIZE_MAX, .fallback = UINT64_C(8) << 16,
		.help = "Bytes available for the tables." },
	{ "granule", SCHEMA_CHOICE, MEMBER(job_stage1, granule), .choices = granule_choices,
		.fallback = 4096, .help = "Translation granule." },
	{ "va-bits", SCHEMA_NUMBER, MEMBER(job_stage1, va_bits), .min = 25, .max = 48,
		.fallback = 48, .help = "Input address bits: 64 - T0SZ." },
	{ "pa-bits", SCHEMA_NUMBER, MEMBER(job_stage1, pa_bits), .min = 32, .max = 48,
		.fallback = 40,
		.help = "Output address bits that IPS can encode: 32, 36, 40, 42, 44, 48." },
	{ "asid", SCHEMA_NUMBER, MEMBER(job_stage1, asid), .max = UINT16_MAX,
		.help = "The ASID of the context that uses these tables." },
	{ "map", SCHEMA_ARRAY, MEMBER(job_stage1, map), .max = 65536, .shape = &leaf_shape,
		.help = "Initial mappings." },
	{ "msi-window", SCHEMA_REF, MEMBER(job_stage1, msi_window), .collection = JOB_DEVICES,
		.help = "The device whose MSI window is identity-mapped, so that its MSIs "
			"arrive." },
	{ NULL },
};

static const struct schema_key context_keys[] = {
	{ "ssid", SCHEMA_NUMBER, MEMBER(job_context, ssid), .max = (1 << 20) - 1,
		.help = "SubstreamID." },
	{ "stage1", SCHEMA_REF, MEMBER(job_context, stage1), .required = true,
		.collection = JOB_STAGE1, .help = "The tables of the context." },
	{ NULL },
};

static const struct schema_fields context_fields = {
	&job_cd_structure,
	offsetof(struct job_context, fields),
};

static const struct schema_shape context_shape = {
	"context",
	sizeof(struct job_context),
	context_keys,
	&context_fields,
	.help = "A context descriptor: the fields implied by a stage1, and fields that override "
		"them.",
};

const struct schema_key schema_cd_table_keys[] = {
	{ "at", SCHEMA_NUMBER, MEMBER(job_cd_table, at), .required = true,
		.help = "S1ContextPtr: the IPA of the table." },
	{ "size", SCHEMA_NUMBER, MEMBER(job_cd_table, size), .bytes = true, .min = 1,
		.max = JOB_TABLES_SIZE_MAX,
		.help = "Bytes available for the table and its leaves; by default what the "
			"contexts need." },
	{ "s1fmt", SCHEMA_CHOICE, MEMBER(job_cd_table, s1fmt), .choices = s1fmt_choices,
		.fallback = IOMMUCTL_SMMUV3_S1FMT_LINEAR, .help = "Shape of the table." },
	{ "s1cdmax", SCHEMA_NUMBER, MEMBER(job_cd_table, s1cdmax), .max = 20,
		.help = "Log2 of the number of SubstreamIDs that the table covers." },
	{ "contexts", SCHEMA_ARRAY, MEMBER(job_cd_table, contexts), .max = 4096,
		.shape = &context_shape, .help = "Initial context descriptors." },
	{ NULL },
};
