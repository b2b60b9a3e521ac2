/* SPDX-License-Identifier: MIT */
/* Mappings of the model's files, and what they keep alive. */
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
	bool is_bar;		   /* it cannot be mapped into an IOAS as process memory */
	void (*end)(void *object); /* it was unmapped */
	void *object;
};

struct model_mapping_source {
	int fd; /* a real one */
	uint64_t offset;
	int prot;
};

/* Maps what->length bytes for the caller. -ENOMEM, or the -errno of mmap(). */
int model_mapping_new(struct iommuctl_model *model, const struct model_mapping *what,
	const struct model_mapping_source *source, void **address);
/* Forgets the mapping at @address, if there is one. */
void model_mapping_end(struct iommuctl_model *model, const void *address);
/* Forgets all that are left, with the model: they stay mapped. */
void model_mappings_free(struct iommuctl_model *model);
/* Whether a BAR is mapped anywhere in the range. */
bool model_mapping_of_bar(const struct iommuctl_model *model, uint64_t address, uint64_t length);

#endif
