// SPDX-License-Identifier: MIT
/* Guest tables: the memory that they need, and what is known of their contents. */
#include <errno.h>
#include <inttypes.h>

#include "array.h"
#include "document/value.h"
#include "job/actions/action.h"
#include "job/sequence/sequence.h"

static struct action_span span_of(const struct document_object *object)
{
	const struct job_stage1 *stage1 = (const struct job_stage1 *)object;
	const struct job_cd_table *table = (const struct job_cd_table *)object;
	struct action_span span = { 0 };

	if (object->doubtful)
		return span;
	if (object->collection == JOB_STAGE1)
		return (struct action_span){ stage1->at, stage1->size };
	if (!tables_cd_table_size(table, &span.size))
		span.ipa = table->at;
	return span;
}

void sequence_lose_tables(struct sequence *sequence, uint64_t ipa, uint64_t size, bool all)
{
	static const enum job_collection collections[] = { JOB_STAGE1, JOB_CD_TABLES };
	bool *const unknown[] = { sequence->unknown, sequence->unknown_cds };

	for (size_t c = 0; c < ARRAY_SIZE(collections); c++) {
		for (size_t i = 0; i < sequence->job->objects[collections[c]].count; i++) {
			const struct document_object *object =
				document_object_at(sequence->job->document, collections[c], i);
			const struct action_span span = span_of(object);

			if ((all || sequence_has(sequence, object)) && ipa < span.ipa + span.size &&
				span.ipa < ipa + size)
				unknown[c][i] = true;
		}
	}
}

int sequence_make_memory(struct sequence *sequence, const struct document_object *object)
{
	const struct job_memory *memory = (const struct job_memory *)object;

	if (sequence->step && !sequence->step->expect)
		sequence_lose_tables(sequence, memory->ipa, memory->size, false);
	return 0;
}

/* A session may have tables whose memory is gone. */
static int need_memory(struct sequence *sequence, const struct document_object *object)
{
	const struct action_span span = span_of(object);

	if (!sequence->step && sequence->job->goes_on)
		return 0;
	return sequence_need_memory(sequence, span.ipa, span.size);
}

const char *sequence_explain_edit(int error)
{
	switch (error) {
	case -EEXIST: return "part of it is already mapped";
	case -ENOENT: return "not all of it is mapped";
	case -ENOSPC: return "the tables need more than \"size\" bytes";
	case -ERANGE: return "an address does not fit va-bits or pa-bits";
	default:
		return "addresses and size must be multiples of the granule, and prot must have \"r\"";
	}
}

static int map_msi_window(struct sequence *sequence, const struct job_stage1 *stage1)
{
	const struct document_path path = { .parent = stage1->object.path, .key = "msi-window" };
	const struct document_path *const outer = sequence->path;
	struct platform_facts facts;
	char bytes[VALUE_TEXT_SIZE];
	int err;

	if (!sequence->step)
		sequence->path = &path;
	err = sequence_need_hardware(sequence, stage1->msi_window.target, "has no MSIs");
	if (err)
		goto out;
	if (!sequence_facts(sequence, stage1->msi_window.target, &facts)) {
		sequence->unknown[stage1->object.index] = true;
		goto out;
	}
	err = tables_map_msi_window(sequence->tables, stage1, &facts.msi_window);
	if (err)
		err = sequence_refuse(sequence, err,
			"the MSI window of devices.%s, %s at 0x%" PRIx64
			", cannot be identity-mapped: %s",
			stage1->msi_window.name, value_print_size(facts.msi_window.size, bytes),
			facts.msi_window.start, sequence_explain_edit(err));
out:
	sequence->path = outer;
	return err;
}

/* What the set-up makes has been laid out already, without MSI windows; a step starts afresh. */
int sequence_make_stage1(struct sequence *sequence, const struct document_object *object)
{
	const struct job_stage1 *stage1 = (const struct job_stage1 *)object;
	struct tables *tables = sequence->tables;
	const struct job_leaf *wrong;
	int err = need_memory(sequence, object);

	if (!err && sequence->step) {
		tables->memory = tables->stage1[object->index].memory;
		err = tables_build_stage1(tables, stage1, &wrong);
	}
	return err || !stage1->msi_window.target ? err : map_msi_window(sequence, stage1);
}

int sequence_make_cd_table(struct sequence *sequence, const struct document_object *object)
{
	struct tables *tables = sequence->tables;
	const struct job_context *wrong;
	int err = need_memory(sequence, object);

	if (err || !sequence->step)
		return err;
	tables->memory = tables->cd_tables[object->index].memory;
	return tables_build_cd_table(tables, (const struct job_cd_table *)object, &wrong);
}
