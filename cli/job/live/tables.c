// SPDX-License-Identifier: MIT
#include "job/live/tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A job's "attr" selects one of the library's MAIR attributes. */
_Static_assert(JOB_ATTR_NORMAL == IOMMUCTL_CD_MAIR_NORMAL &&
		       JOB_ATTR_DEVICE_NGNRE == IOMMUCTL_CD_MAIR_DEVICE,
	"");

int tables_init(
	struct tables *tables, const struct job *job, const struct iommuctl_guest_memory *memory)
{
	*tables = (struct tables){
		.job = job,
		.memory = memory,
		.stage1 = calloc(job->objects[JOB_STAGE1].count + 1, sizeof(*tables->stage1)),
		.cd_tables =
			calloc(job->objects[JOB_CD_TABLES].count + 1, sizeof(*tables->cd_tables)),
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

int tables_map_msi_window(struct tables *tables, const struct job_stage1 *stage1,
	const struct platform_window *window)
{
	const struct job_leaf leaf = {
		.iova = window->start,
		.ipa = window->start,
		.size = window->size,
		.prot = JOB_PROT_READ | JOB_PROT_WRITE,
		.attr = JOB_ATTR_DEVICE_NGNRE,
		.access_flag = true,
	};

	return tables_map_leaf(&tables->stage1[stage1->object.index], &leaf);
}

int tables_set_cd(const struct tables *tables, const struct job_cd_table *cd_table,
	const struct job_context *context)
{
	return iommuctl_cd_table_set(&tables->cd_tables[cd_table->object.index],
		(uint32_t)context->ssid, context->encoded);
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
	/* Count a leaf at its first context. */
	for (size_t i = 0; i < cd_table->contexts.count; i++) {
		bool *leaf = &counted[contexts[i].ssid >> leaf_shift];

		leaves += !*leaf;
		*leaf = true;
	}
	return iommuctl_cd_table_needs(&shape, leaves, size, &alignment);
}

int tables_build_cd_table(struct tables *tables, const struct job_cd_table *cd_table,
	const struct job_context **wrong)
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
		err = tables_set_cd(tables, cd_table, &contexts[i]);
	}
	return err;
}
