// SPDX-License-Identifier: MIT
#include "job/fields.h"

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

int fields_check(const struct job *job, const struct document_list *fields, void *record, const char *what,
	struct document_problem *problem)
{
	const struct document_field *wrong = fields_set(fields, record);

	if (!wrong)
		return 0;
	return document_problem_set(problem, job->document, wrong->path, "0x%" PRIx64 " does not fit %s of %s",
		wrong->value, wrong->name, what);
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
		"no %s is called \"%s\"", kind->what, name);
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
		/* Some share a name but not a width: only the number tells which is meant. */
		fields[i].field = kind->find(*number, fields[i].key);
		if (!fields[i].field)
			return document_problem_set(
				problem, job->document, fields[i].path, "%s has no such field", named->name);
	}
	return fields_check(job, &named->fields, record, named->name, problem);
}
