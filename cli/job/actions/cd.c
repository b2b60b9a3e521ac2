// SPDX-License-Identifier: MIT
/* The action that writes a context descriptor. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "job/actions/action.h"
#include "job/encode.h"
#include "job/live/live.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

struct set_cd_arguments {
	struct document_ref cd_table;
	struct job_context context;
};

static const struct schema_key keys[] = {
	{ "cd-table", SCHEMA_REF, MEMBER(set_cd_arguments, cd_table), .required = true,
		.collection = JOB_CD_TABLES, .help = "The table to change." },
	{ "ssid", SCHEMA_NUMBER, MEMBER(set_cd_arguments, context.ssid), .max = (1 << 20) - 1,
		.help = "SubstreamID." },
	{ "stage1", SCHEMA_REF, MEMBER(set_cd_arguments, context.stage1), .group = 1,
		.collection = JOB_STAGE1, .help = "The tables of the context." },
	{ "words", SCHEMA_NUMBERS, MEMBER(set_cd_arguments, context.words), .group = 1, .min = 8,
		.max = IOMMUCTL_SMMUV3_CD_WORDS, .help = "The eight words of the CD instead." },
	{ NULL },
};

static const struct schema_fields fields = {
	&job_cd_structure,
	offsetof(struct set_cd_arguments, context.fields),
};

static const struct job_cd_table *table_of(const struct set_cd_arguments *set)
{
	return (const struct job_cd_table *)set->cd_table.target;
}

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct set_cd_arguments *set = step->arguments;
	const struct job_cd_table *table = table_of(set);
	struct iommuctl_smmuv3_cd cd;

	if (set->context.words.count && set->context.fields.count)
		return document_problem_set(
			problem, job->document, path, "\"words\" excludes fields");
	if (set->context.ssid >> table->s1cdmax)
		return document_problem_set(problem, job->document, path,
			"SSID %" PRIu64 " is beyond s1cdmax %" PRIu64 " of cd-tables.%s",
			set->context.ssid, table->s1cdmax, table->object.name);
	return fields_check(job, &set->context.fields, &cd, "a CD", problem);
}

/* The CD is encoded only now that the stage 1 is laid out; its fields are known to fit. */
static int go_through(struct sequence *sequence, const void *arguments)
{
	const struct job_cd_table *table = table_of(arguments);
	struct set_cd_arguments *set = sequence->step->arguments;
	const struct document_object *stage1 = set->context.stage1.target;
	struct iommuctl_smmuv3_refusal refusal;
	int err;

	encode_cd(&set->context, stage1 ? &sequence->tables->stage1[stage1->index].regime : NULL,
		&refusal);
	err = sequence_need_memory(sequence, table->at, 1);
	if (err || sequence->step->expect)
		return err;
	err = tables_set_cd(sequence->tables, table, &set->context);
	if (err == -ENOSPC && !sequence->unknown_cds[table->object.index])
		return sequence_refuse(sequence, err,
			"\"size\" of cd-tables.%s is too small for it", table->object.name);
	return 0;
}

static void describe(const void *arguments, char *text, size_t size)
{
	const struct set_cd_arguments *set = arguments;

	text_append(text, size, "cd-tables.%s: SSID %" PRIu64 " ← %s%s", set->cd_table.name,
		set->context.ssid, set->context.words.count ? "words" : "stage1.",
		set->context.words.count ? "" : set->context.stage1.name);
}

static int run(struct live *live, const struct job_step *step)
{
	const struct set_cd_arguments *set = step->arguments;
	int err = tables_set_cd(&live->tables, table_of(set), &set->context);

	return err ? live_fail_with(live, set->cd_table.target, err, "set-cd", "%s", strerror(-err))
		   : 0;
}

const struct job_action action_set_cd = {
	{ "set-cd", sizeof(struct set_cd_arguments), keys, &fields,
		.help = "Writes a context descriptor in guest memory. Invalidates nothing." },
	.check = check,
	.go_through = go_through,
	.describe = describe,
	.run = run,
};
