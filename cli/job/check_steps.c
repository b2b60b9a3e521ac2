// SPDX-License-Identifier: MIT
/* What steps say, as far as it can be known before the first of them runs. */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "job/check.h"
#include "job/tables.h"
#include "document/value.h"
#include "output/report.h"

static int check_span(const struct job *job, const struct document_path *path, uint64_t ipa,
	uint64_t size, struct document_problem *problem)
{
	char bytes[VALUE_TEXT_SIZE];

	/* A memory that is doubtful might be the one. */
	if (job_memory_at(job, ipa, size) || job_memory_is_doubtful(job))
		return 0;
	return document_problem_set(problem, job->document, path, "no memory holds %s at IPA 0x%" PRIx64,
		value_print_size(size, bytes), ipa);
}

static int check_dma(const struct job *job, const struct job_step *step, const struct document_path *path,
	struct document_problem *problem)
{
	const struct job_step_dma *dma = step->dma;
	const struct job_dma_expect *data = job_dma_data(dma);
	size_t expected = data ? data->text.size + data->hex.size : 0;

	if (dma->from == DOCUMENT_UNSET && dma->to == DOCUMENT_UNSET)
		return document_problem_set(problem, job->document, path, "one of \"from\", \"to\" is missing");
	if (!dma->size && !expected)
		return document_problem_set(problem, job->document, path, "\"size\" is missing");
	if (dma->expect && !data && step->expect)
		return document_problem_set(problem, job->document, path,
			"how it ends is said twice: in \"expect\" of the step as well");
	if (!data)
		return 0;
	if (dma->to == DOCUMENT_UNSET)
		return document_problem_set(problem, job->document, path,
			"\"expect\" needs \"to\": the device's own buffer cannot be looked into");
	if (dma->size && dma->size < expected)
		return document_problem_set(problem, job->document, path, "\"size\" is less than what is expected");
	return check_span(job, path, data->ipa, expected, problem);
}

static int check_write(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct job_step_write *write = step->write ? step->write : step->check;

	return check_span(job, path, write->ipa, write->text.size + write->hex.size, problem);
}

/* No @what is called @name; @name_of has the names of all numbers that 8 bits hold. */
static int fail_code_name(const struct job *job, const struct document_path *path, const char *name,
	const char *(*name_of)(uint8_t number), const char *what, struct document_problem *problem)
{
	struct nearest nearest;
	char hint[NEAREST_HINT_SIZE];

	if (document_problem_is_full(problem))
		return document_problem_count(problem);
	nearest_start(&nearest, name);
	for (unsigned int number = 0; number <= UINT8_MAX; number++) {
		const char *known = name_of((uint8_t)number);

		if (known)
			nearest_offer(&nearest, known, strlen(known));
	}
	return document_problem_remark(problem, job->document,
		&(struct document_remark){ .path = path, .hint = nearest_hint(&nearest, hint) },
		"no %s is called \"%s\"", what, name);
}

/* Whether the fields in @list are there and take their values; @find knows those of @type. */
static int check_fields(const struct job *job, const struct document_list *list, uint8_t type,
	const struct iommuctl_smmuv3_field *(*find)(uint8_t type, const char *name),
	const char *type_name, struct document_problem *problem)
{
	struct document_field *fields = list->items;
	union {
		struct iommuctl_smmuv3_cmd cmd;
		struct iommuctl_smmuv3_event event;
	} record;

	for (size_t i = 0; i < list->count; i++) {
		/* Some share a name but not a width: only the type tells which is meant. */
		fields[i].field = find(type, fields[i].key);
		if (!fields[i].field)
			return document_problem_set(
				problem, job->document, fields[i].path, "%s has no such field", type_name);
		if (iommuctl_smmuv3_field_set(fields[i].field, &record, fields[i].value))
			return document_problem_set(problem, job->document, fields[i].path,
				"0x%" PRIx64 " does not fit %s of %s", fields[i].value,
				fields[i].name, type_name);
	}
	return 0;
}

static int check_command(const struct job *job, const struct job_command *command,
	const struct document_path *path, struct document_problem *problem)
{
	uint8_t opcode;

	if (!command->opcode) {
		if (command->fields.count)
			return document_problem_set(problem, job->document, path, "\"words\" excludes fields");
		return 0;
	}
	if (iommuctl_smmuv3_cmd_from_name(command->opcode, &opcode))
		return fail_code_name(job, path, command->opcode, iommuctl_smmuv3_cmd_name, "command",
			problem);
	return check_fields(job, &command->fields, opcode, iommuctl_smmuv3_cmd_field,
		command->opcode, problem);
}

static int check_invalidate(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct document_path list = { .parent = path, .key = "commands" };
	const struct job_command *commands = step->invalidate->commands.items;
	const size_t count = step->invalidate->commands.count;
	int err = 0;

	if (step->invalidate->done != DOCUMENT_UNSET && step->invalidate->done > count)
		return document_problem_set(problem, job->document, path,
			"\"done\" is %" PRIu64 ", and there are %zu commands", step->invalidate->done,
			count);

	for (size_t i = 0; i < count; i++) {
		const struct document_path place = { .parent = &list, .index = i };

		if (!document_goes_on(&err, check_command(job, &commands[i], &place, problem)))
			break;
	}
	return err;
}

static int check_event(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	uint8_t type;

	if (iommuctl_smmuv3_event_from_name(step->event->type, &type))
		return fail_code_name(job, path, step->event->type, iommuctl_smmuv3_event_name, "event",
			problem);
	return check_fields(job, &step->event->fields, type, iommuctl_smmuv3_event_field,
		step->event->type, problem);
}

static int check_set_cd(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct job_step_set_cd *set = step->set_cd;
	const struct job_cd_table *table = (const struct job_cd_table *)set->cd_table.target;
	const struct document_field *fields = set->context.fields.items;
	struct iommuctl_smmuv3_cd cd;

	if (set->words.count && set->context.fields.count)
		return document_problem_set(problem, job->document, path, "\"words\" excludes fields");
	if (set->context.ssid >> table->s1cdmax)
		return document_problem_set(problem, job->document, path,
			"ssid %" PRIu64 " is beyond s1cdmax %" PRIu64 " of cd-tables.%s",
			set->context.ssid, table->s1cdmax, table->object.name);
	for (size_t i = 0; i < set->context.fields.count; i++) {
		if (iommuctl_smmuv3_field_set(fields[i].field, &cd, fields[i].value))
			return document_problem_set(problem, job->document, fields[i].path,
				"0x%" PRIx64 " does not fit %s of a CD", fields[i].value,
				fields[i].name);
	}
	return 0;
}

static bool fits_bits(uint64_t start, uint64_t size, uint64_t bits)
{
	uint64_t last;

	return !__builtin_add_overflow(start, size - 1, &last) && last >> bits == 0;
}

/* As far as it does not depend on what is mapped by then. */
static int check_map(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct job_step_map *map = step->map ? step->map : step->remap;
	const struct job_stage1 *stage1 = (const struct job_stage1 *)map->stage1.target;
	const struct job_leaf *leaf = &map->leaf;

	if (!(leaf->prot & JOB_PROT_READ))
		return document_problem_set(problem, job->document, path, "prot must have \"r\"");
	if ((leaf->iova | leaf->ipa | leaf->size) % stage1->granule)
		return document_problem_set(problem, job->document, path,
			"iova, ipa and size must be multiples of the granule");
	if (!fits_bits(leaf->iova, leaf->size, stage1->va_bits) ||
		!fits_bits(leaf->ipa, leaf->size, stage1->pa_bits))
		return document_problem_set(problem, job->document, path,
			"an address does not fit va-bits or pa-bits");
	return 0;
}

static int check_ioas_map(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct document_path place = { .parent = path, .key = "map" };

	return job_check_ioas_map(job, step->ioas_map->map, &place, problem);
}

static int check_expect(const struct job *job, const struct job_step *step,
	struct document_problem *problem)
{
	const struct document_path path = { .parent = step->path, .key = "expect" };
	char hint[NEAREST_HINT_SIZE];
	struct nearest nearest;

	if (!step->expect || errno_from_name(step->expect->errno_name))
		return 0;
	if (document_problem_is_full(problem))
		return document_problem_count(problem);
	errno_nearest(step->expect->errno_name, &nearest);
	return document_problem_remark(problem, job->document,
		&(struct document_remark){ .path = &path, .hint = nearest_hint(&nearest, hint) },
		"\"%s\" is no errno", step->expect->errno_name);
}

/* The actions about which more can be said than that their keys are right. */
static const struct {
	const char *key;
	size_t member;
	int (*check)(const struct job *job, const struct job_step *step, const struct document_path *path,
		struct document_problem *problem);
} actions[] = {
	{ "write", offsetof(struct job_step, write), check_write },
	{ "check", offsetof(struct job_step, check), check_write },
	{ "dma", offsetof(struct job_step, dma), check_dma },
	{ "map", offsetof(struct job_step, map), check_map },
	{ "remap", offsetof(struct job_step, remap), check_map },
	{ "ioas-map", offsetof(struct job_step, ioas_map), check_ioas_map },
	{ "set-cd", offsetof(struct job_step, set_cd), check_set_cd },
	{ "invalidate", offsetof(struct job_step, invalidate), check_invalidate },
	{ "event", offsetof(struct job_step, event), check_event },
};

static int check_step(const struct job *job, const struct job_step *step,
	struct document_problem *problem)
{
	int err = check_expect(job, step, problem);

	for (size_t i = 0; i < sizeof(actions) / sizeof(*actions); i++) {
		const struct document_path path = { .parent = step->path, .key = actions[i].key };

		if (job_step_takes(step, actions[i].member) &&
			!document_goes_on(&err, actions[i].check(job, step, &path, problem)))
			break;
	}
	return err;
}

int job_check_steps(const struct job *job, struct document_problem *problem)
{
	const struct job_step *steps = job->steps.items;
	int err = 0;

	for (size_t i = 0; i < job->steps.count; i++) {
		if (!steps[i].doubtful && !document_goes_on(&err, check_step(job, &steps[i], problem)))
			break;
	}
	return err;
}
