// SPDX-License-Identifier: MIT
#include "job/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A job's "attr" chooses from what the library has in MAIR. */
_Static_assert(JOB_ATTR_NORMAL == IOMMUCTL_CD_MAIR_NORMAL &&
		       JOB_ATTR_DEVICE_NGNRE == IOMMUCTL_CD_MAIR_DEVICE,
	"");

int tables_init(struct tables *tables, const struct job *job,
	const struct iommuctl_guest_memory *memory)
{
	*tables = (struct tables){
		.job = job,
		.memory = memory,
		.stage1 = calloc(job->objects[JOB_STAGE1].count + 1, sizeof(*tables->stage1)),
		.cd_tables = calloc(job->objects[JOB_CD_TABLES].count + 1, sizeof(*tables->cd_tables)),
	};
	if (tables->stage1 && tables->cd_tables)
		return 0;
	tables_free(tables);
	return -ENOMEM;
}

void tables_free(struct tables *tables)
{
	free(tables->stage1);
	free(tables->cd_tables);
	*tables = (struct tables){ 0 };
}

static struct iommuctl_stage1_attributes leaf_attributes(const struct job_leaf *leaf)
{
	uint8_t permissions = 0;

	if (leaf->prot & JOB_PROT_READ)
		permissions |= IOMMUCTL_STAGE1_READ;
	if (leaf->prot & JOB_PROT_WRITE)
		permissions |= IOMMUCTL_STAGE1_WRITE;
	if (leaf->prot & JOB_PROT_EXEC)
		permissions |= IOMMUCTL_STAGE1_EXEC;
	if (leaf->privileged)
		permissions |= IOMMUCTL_STAGE1_PRIVILEGED;
	return (struct iommuctl_stage1_attributes){
		.permissions = permissions,
		.attr_index = (uint8_t)leaf->attr,
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
		.access_flag = leaf->access_flag,
		.not_global = true,
	};
}

int tables_map_leaf(struct iommuctl_stage1 *stage1, const struct job_leaf *leaf)
{
	const struct iommuctl_stage1_attributes attributes = leaf_attributes(leaf);

	return iommuctl_stage1_map(stage1, leaf->iova, leaf->ipa, leaf->size, &attributes, 0);
}

int tables_remap_leaf(struct iommuctl_stage1 *stage1, const struct job_leaf *leaf)
{
	const struct iommuctl_stage1_attributes attributes = leaf_attributes(leaf);
	int err;

	err = iommuctl_stage1_remap(stage1, leaf->iova, leaf->ipa, leaf->size);
	if (err)
		return err;
	return iommuctl_stage1_protect(stage1, leaf->iova, leaf->size, &attributes);
}

int tables_build_stage1(
	struct tables *tables, const struct job_stage1 *stage1, const struct job_leaf **wrong)
{
	struct iommuctl_stage1 *state = &tables->stage1[stage1->object.index];
	const struct job_leaf *leaves = stage1->map.items;
	const struct iommuctl_stage1_config config = {
		.granule = (uint32_t)stage1->granule,
		.input_bits = (uint8_t)stage1->va_bits,
		.output_bits = (uint8_t)stage1->pa_bits,
		.table_ipa = stage1->at,
		.table_size = stage1->size,
	};
	int err;

	*wrong = NULL;
	err = iommuctl_stage1_init(state, tables->memory, &config);
	for (size_t i = 0; !err && i < stage1->map.count; i++) {
		*wrong = &leaves[i];
		err = tables_map_leaf(state, &leaves[i]);
	}
	return err;
}

static int set_fields(const struct document_list *list, void *record,
	struct iommuctl_smmuv3_refusal *refusal)
{
	const struct document_field *fields = list->items;

	for (size_t i = 0; i < list->count; i++) {
		const struct iommuctl_smmuv3_field *field = fields[i].field;

		if (iommuctl_smmuv3_field_set(field, record, fields[i].value)) {
			*refusal = (struct iommuctl_smmuv3_refusal){
				.field = field->name,
				.reason = "the value does not fit",
				.word = field->word,
				.msb = (uint8_t)(field->lsb + field->width - 1),
				.lsb = field->lsb,
			};
			return -ERANGE;
		}
	}
	return 0;
}

static int encode_cd(const struct iommuctl_stage1_regime *regime, const struct job_context *context,
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	const struct job_stage1 *stage1 = (const struct job_stage1 *)context->stage1.target;
	struct iommuctl_smmuv3_cd cd = iommuctl_cd_for_stage1(regime, (uint16_t)stage1->asid);
	int err;

	err = set_fields(&context->fields, &cd, refusal);
	return err ? err : iommuctl_smmuv3_cd_encode(&cd, words, refusal);
}

int tables_set_cd(struct tables *tables, const struct job_cd_table *cd_table,
	const struct job_context *context, const struct document_list *words,
	struct iommuctl_smmuv3_refusal *refusal)
{
	struct iommuctl_cd_table *state = &tables->cd_tables[cd_table->object.index];
	uint64_t cd[IOMMUCTL_SMMUV3_CD_WORDS];
	int err;

	if (words && words->count) {
		memcpy(cd, words->items, sizeof(cd));
	} else {
		err = encode_cd(&tables->stage1[context->stage1.target->index].regime, context, cd,
			refusal);
		if (err)
			return err;
	}
	return iommuctl_cd_table_set(state, (uint32_t)context->ssid, cd);
}

static struct iommuctl_cd_table_shape table_shape(const struct job_cd_table *cd_table)
{
	return (struct iommuctl_cd_table_shape){
		.s1contextptr = cd_table->at,
		.s1cdmax = (uint8_t)cd_table->s1cdmax,
		.s1fmt = (uint8_t)cd_table->s1fmt,
	};
}

int tables_cd_table_size(const struct job_cd_table *cd_table, uint64_t *size)
{
	const struct iommuctl_cd_table_shape shape = table_shape(cd_table);
	const struct job_context *contexts = cd_table->contexts.items;
	unsigned int leaf_shift = cd_table->s1fmt == IOMMUCTL_SMMUV3_S1FMT_64K_L2 ? 10 : 6;
	bool counted[1 << (20 - 6)] = { false }; /* enough leaves for all SSIDs */
	uint64_t alignment;
	uint32_t leaves = 0;

	if (cd_table->size) {
		*size = cd_table->size;
		return 0;
	}
	/* The first context of a leaf counts it. */
	for (size_t i = 0; i < cd_table->contexts.count; i++) {
		bool *leaf = &counted[contexts[i].ssid >> leaf_shift];

		leaves += !*leaf;
		*leaf = true;
	}
	return iommuctl_cd_table_needs(&shape, leaves, size, &alignment);
}

int tables_build_cd_table(struct tables *tables, const struct job_cd_table *cd_table,
	const struct job_context **wrong, struct iommuctl_smmuv3_refusal *refusal)
{
	struct iommuctl_cd_table *state = &tables->cd_tables[cd_table->object.index];
	const struct iommuctl_cd_table_shape shape = table_shape(cd_table);
	const struct job_context *contexts = cd_table->contexts.items;
	uint64_t size;
	int err;

	*wrong = NULL;
	err = tables_cd_table_size(cd_table, &size);
	if (!err)
		err = iommuctl_cd_table_init(state, tables->memory, &shape, size);
	for (size_t i = 0; !err && i < cd_table->contexts.count; i++) {
		*wrong = &contexts[i];
		err = tables_set_cd(tables, cd_table, &contexts[i], NULL, refusal);
	}
	return err;
}

int tables_encode_ste(const struct job_ste *ste, uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS],
	struct iommuctl_smmuv3_refusal *refusal)
{
	const struct job_cd_table *cd_table = (const struct job_cd_table *)ste->cd_table.target;
	struct iommuctl_smmuv3_ste record = { .v = 1 };
	int err;

	if (ste->words.count) {
		memset(words, 0, IOMMUCTL_SMMUV3_STE_WORDS * sizeof(*words));
		memcpy(words, ste->words.items, ste->words.count * sizeof(*words));
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
	return err ? err : iommuctl_smmuv3_ste_encode(&record, words, refusal);
}

int tables_encode_command(const struct job_command *command,
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS], struct iommuctl_smmuv3_refusal *refusal)
{
	struct iommuctl_smmuv3_cmd cmd = { 0 };
	int err;

	if (!command->opcode) {
		memcpy(words, command->words.items, IOMMUCTL_SMMUV3_CMD_WORDS * sizeof(*words));
		return 0;
	}
	err = iommuctl_smmuv3_cmd_from_name(command->opcode, &cmd.opcode);
	if (!err)
		err = set_fields(&command->fields, &cmd, refusal);
	return err ? err : iommuctl_smmuv3_cmd_encode(&cmd, words, refusal);
}
