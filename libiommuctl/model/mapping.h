/* SPDX-License-Identifier: MIT */
/* What files of the model have been mapped, and what keeps from going by that. */
#ifndef LIBIOMMUCTL_MODEL_MAPPING_H
#define LIBIOMMUCTL_MODEL_MAPPING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct iommuctl_model;

struct model_mapping {
	struct model_mapping *next;
	const unsigned char *address;
	size_t length;
	bool is_bar;		   /* no device may be given it as memory of the process */
	void (*end)(void *object); /* it is no longer mapped */
	void *object;
};

struct model_mapping_source {
	int fd; /* a real one */
	uint64_t offset;
	int prot;
};

/* Maps what->length bytes for the caller. -ENOMEM, -errno. */
int model_mapping_new(struct iommuctl_model *model, const struct model_mapping *what,
	const struct model_mapping_source *source, void **address);
/* What was mapped at @address, if it was, is no longer. */
void model_mapping_end(struct iommuctl_model *model, const void *address);
/* All that is left, with the model: it stays mapped, and nobody knows of it any more. */
void model_mappings_free(struct iommuctl_model *model);
/* Whether a BAR is mapped anywhere in there. */
bool model_mapping_of_bar(const struct iommuctl_model *model, uint64_t address, uint64_t length);

#endif
