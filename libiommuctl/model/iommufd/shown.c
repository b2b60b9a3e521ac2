// SPDX-License-Identifier: MIT
/* Pages of vIOMMUs that userspace maps. */
#include "model/iommufd/iommufd.h"
#include "model/ioas/ioas.h"
#include "model/machine.h"
#include "model/mapping.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define PAGE_SIZE    4096
#define FIRST_OFFSET PAGE_SIZE

/* The vIOMMU pages that overlap @length bytes at @offset, or NULL. */
static struct model_viommu *shown_in(
	const struct model_iommufd *iommufd, uint64_t offset, uint64_t length)
{
	for (uint32_t id = 0; id < iommufd->room; id++) {
		struct model_viommu *viommu = model_object_find(iommufd, id, &model_viommu_kind);

		if (viommu && viommu->shown && viommu->shown->offset < offset + length &&
			offset < viommu->shown->offset + viommu->shown->length)
			return viommu;
	}
	return NULL;
}

static uint64_t choose_offset(const struct model_iommufd *iommufd, uint64_t length)
{
	const struct model_viommu *other;
	uint64_t offset = FIRST_OFFSET;

	while ((other = shown_in(iommufd, offset, length)))
		offset = other->shown->offset + other->shown->length;
	return offset;
}

int model_shown_new(
	const struct model_iommufd *iommufd, uint64_t length, struct model_shown **shown)
{
	struct model_shown *made = malloc(sizeof(*made));

	if (!made)
		return -ENOMEM;
	made->length = length;
	made->offset = choose_offset(iommufd, length);
	made->fd = memfd_create("model-viommu", MFD_CLOEXEC);
	if (made->fd < 0 || ftruncate(made->fd, (off_t)length)) {
		if (made->fd >= 0)
			close(made->fd);
		free(made);
		return -ENOMEM;
	}
	*shown = made;
	return 0;
}

void model_shown_free(struct model_shown *shown)
{
	if (shown)
		close(shown->fd);
	free(shown);
}

/* The mapping kept its vIOMMU from being destroyed, and its iommufd open. */
static void unmapped(void *object)
{
	struct model_viommu *viommu = object;

	viommu->object.users--;
	model_iommufd_put(viommu->parent->ioas->iommufd);
}

int model_shown_mmap(
	struct model_iommufd *iommufd, uint64_t offset, size_t length, int prot, void **address)
{
	struct model_viommu *viommu = shown_in(iommufd, offset, 1);
	const struct model_mapping what = { .length = length, .end = unmapped, .object = viommu };
	const uint64_t pages = (length + (uint64_t)PAGE_SIZE - 1) / PAGE_SIZE;
	int err;

	if (!viommu || viommu->shown->offset != offset ||
		viommu->shown->length != pages * PAGE_SIZE)
		return -ENXIO;
	err = model_mapping_new(iommufd->model, &what,
		&(struct model_mapping_source){ .fd = viommu->shown->fd, .prot = prot }, address);
	if (err)
		return err;
	viommu->object.users++;
	iommufd->references++;
	return 0;
}
