// SPDX-License-Identifier: MIT
/* Maps the model's files for the caller, and keeps track of it. */
#include "model/mapping.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

int model_mapping_new(struct iommuctl_model *model, const struct model_mapping *what,
	const struct model_mapping_source *source, void **address)
{
	struct model_mapping *made = malloc(sizeof(*made));
	void *mapped;

	if (!made)
		return -ENOMEM;
	mapped = mmap(
		NULL, what->length, source->prot, MAP_SHARED, source->fd, (off_t)source->offset);
	if (mapped == MAP_FAILED) {
		free(made);
		return -errno;
	}
	*made = *what;
	made->address = mapped;
	made->next = model->mappings;
	model->mappings = made;
	*address = mapped;
	return 0;
}

static void end(struct model_mapping **link)
{
	struct model_mapping *mapping = *link;

	*link = mapping->next;
	mapping->end(mapping->object);
	free(mapping);
}

void model_mapping_end(struct iommuctl_model *model, const void *address)
{
	struct model_mapping **link = &model->mappings;

	while (*link && (*link)->address != address)
		link = &(*link)->next;
	if (*link)
		end(link);
}

void model_mappings_free(struct iommuctl_model *model)
{
	while (model->mappings)
		end(&model->mappings);
}

bool model_mapping_of_bar(const struct iommuctl_model *model, uint64_t address, uint64_t length)
{
	for (const struct model_mapping *at = model->mappings; at; at = at->next) {
		const uint64_t start = (uintptr_t)at->address;

		if (at->is_bar && address < start + at->length && start < address + length)
			return true;
	}
	return false;
}
