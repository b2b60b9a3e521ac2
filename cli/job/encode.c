// SPDX-License-Identifier: MIT
#include "job/encode.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "output/text.h"

const struct document_field *fields_set(const struct document_list *fields, void *record)
{
	const struct document_field *field = fields->items;

	for (size_t i = 0; i < fields->count; i++, field++) {
		if (iommuctl_smmuv3_field_set(field->field, record, field->value))
			return field;
	}
	return NULL;
}

int fields_check(const struct job *job, const struct document_list *fields, void *record,
	const char *what, struct document_problem *problem)
{
	const struct document_field *wrong = fields_set(fields, record);

	if (!wrong)
		return 0;
	return document_problem_set(problem, job->document, wrong->path,
		"0x%" PRIx64 " does not fit %s of %s", wrong->value, wrong->name, what);
}

static int fail_name(const struct job *job, const struct document_path *path,
	const struct fields_kind *kind, const char *name, struct document_problem *problem)
{
	struct nearest nearest;
	char hint[NEAREST_HINT_SIZE];

	if (document_problem_is_full(problem))
		return document_problem_count(problem);
	nearest_start(&nearest, name);
	for (unsigned int number = 0; number <= UINT8_MAX; number++) {
		const char *known = kind->name_of((uint8_t)number);

		if (known)
			nearest_offer(&nearest, known, strlen(known));
	}
	return document_problem_remark(problem, job->document,
		&(struct document_remark){ .path = path, .hint = nearest_hint(&nearest, hint) },
		"no %s is named \"%s\"", kind->what, name);
}

int fields_check_kind(const struct job *job, const struct document_path *path,
	const struct fields_kind *kind, const struct job_named_fields *named, void *record,
	struct document_problem *problem)
{
	struct document_field *fields = named->fields.items;
	uint8_t *number = (uint8_t *)record + kind->number;

	if (kind->from_name(named->name, number))
		return fail_name(job, path, kind, named->name, problem);
	for (size_t i = 0; i < named->fields.count; i++) {
		/*
		 * Some fields share a name but not a width: only the number says which one is
		 * meant.
		 */
		fields[i].field = kind->find(*number, fields[i].key);
		if (!fields[i].field)
			return document_problem_set(problem, job->document, fields[i].path,
				"%s has no such field", named->name);
	}
	return fields_check(job, &named->fields, record, named->name, problem);
}

static int set_fields(
	const struct document_list *list, void *record, struct iommuctl_smmuv3_refusal *refusal)
{
	const struct document_field *wrong = fields_set(list, record);
	const struct iommuctl_smmuv3_field *field;

	if (!wrong)
		return 0;
	field = wrong->field;
	*refusal = (struct iommuctl_smmuv3_refusal){
		.field = field->name,
		.reason = "the value does not fit",
		.word = field->word,
		.msb = (uint8_t)(field->lsb + field->width - 1),
		.lsb = field->lsb,
	};
	return -ERANGE;
}

int encode_cd(struct job_context *context, const struct iommuctl_stage1_regime *regime,
	struct iommuctl_smmuv3_refusal *refusal)
{
	const struct job_stage1 *stage1 = (const struct job_stage1 *)context->stage1.target;
	struct iommuctl_smmuv3_cd cd;
	int err;

	if (context->words.count) {
		memcpy(context->encoded, context->words.items, sizeof(context->encoded));
		return 0;
	}
	cd = iommuctl_cd_for_stage1(regime, (uint16_t)stage1->asid);
	err = set_fields(&context->fields, &cd, refusal);
	return err ? err : iommuctl_smmuv3_cd_encode(&cd, context->encoded, refusal);
}

int encode_ste(struct job_ste *ste, struct iommuctl_smmuv3_refusal *refusal)
{
	const struct job_cd_table *cd_table = (const struct job_cd_table *)ste->cd_table.target;
	struct iommuctl_smmuv3_ste record = { .v = 1 };
	int err;

	if (ste->words.count) {
		memcpy(ste->encoded, ste->words.items, ste->words.count * sizeof(*ste->encoded));
		return 0;
	}
	if (cd_table) {
		record.s1contextptr = cd_table->at;
		record.s1fmt = (uint8_t)cd_table->s1fmt;
		record.s1cdmax = (uint8_t)cd_table->s1cdmax;
		record.s1dss = IOMMUCTL_SMMUV3_S1DSS_SSID0;
		record.s1cir = IOMMUCTL_SMMUV3_S1C_WB_RA;
		record.s1cor = IOMMUCTL_SMMUV3_S1C_WB_RA;
		record.s1csh = IOMMUCTL_SMMUV3_SH_ISH;
	}
	err = set_fields(&ste->fields, &record, refusal);
	return err ? err : iommuctl_smmuv3_ste_encode(&record, ste->encoded, refusal);
}

struct iommuctl_hwpt_vtd_s1 encode_vtd_s1(const struct job_vtd_s1 *data)
{
	return (struct iommuctl_hwpt_vtd_s1){
		.flags = (data->sre ? IOMMUCTL_VTD_S1_SRE : 0) |
			 (data->eafe ? IOMMUCTL_VTD_S1_EAFE : 0) |
			 (data->wpe ? IOMMUCTL_VTD_S1_WPE : 0),
		.pgtbl_addr = data->pgtbl_addr,
		.addr_width = (uint32_t)data->addr_width,
	};
}
