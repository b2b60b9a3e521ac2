// SPDX-License-Identifier: MIT
/* Applies the guest's stream table, or without one GBPA, to the devices of a nest. */
#include "nest/nest_private.h"

static void read_ste(const struct iommuctl_nest *nest, struct nest_device *device)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS], fetch;

	if (!nest->table.memory) {
		device->illegal = (struct iommuctl_smmuv3_refusal){ .field = NULL };
		device->ste = nest->bypass ? nest_ste_bypass : nest_ste_abort;
		return;
	}
	if (stream_table_read(&nest->table, device->vsid, words, &fetch, &device->illegal))
		device->ste = nest_ste_abort;
	else
		device->ste = nest_ste_translate(&nest->features, words, &device->illegal);
}

int nest_device_load(struct iommuctl_nest *nest, struct nest_device *device)
{
	read_ste(nest, device);
	return nest_group_commit(nest, device->group);
}

/* Read all STEs first, so that a group whose devices change together does not abort in between. */
int nest_load_all(struct iommuctl_nest *nest)
{
	struct error_first first = { .err = 0 };

	nest_forget_reads(nest);
	for (struct nest_device *device = nest->devices; device; device = device->next)
		if (device->attached)
			read_ste(nest, device);
	for (struct nest_group *group = nest->groups; group; group = group->next)
		error_first_keep(nest->ctx, &first, nest_group_commit(nest, group));
	return error_first_tell(nest->ctx, &first);
}

int iommuctl_nest_set_stream_table(struct iommuctl_nest *nest,
	const struct iommuctl_guest_memory *memory, uint64_t strtab_base, uint32_t strtab_base_cfg)
{
	nest->table.memory = memory;
	stream_table_decode(&nest->features.guest, strtab_base, strtab_base_cfg, &nest->table);
	return nest_load_all(nest);
}

int iommuctl_nest_clear_stream_table(struct iommuctl_nest *nest)
{
	nest->table.memory = NULL;
	return nest_load_all(nest);
}

int iommuctl_nest_set_bypass(struct iommuctl_nest *nest, bool bypass)
{
	nest->bypass = bypass;
	return nest->table.memory ? 0 : nest_load_all(nest);
}
