// SPDX-License-Identifier: MIT
/* dma-bufs: their files, and how they are revoked. */
#include "model/ioas/ioas.h"
#include "model/iommufd/iommufd.h"
#include "model/machine.h"

#include <stdlib.h>

static void unlink_from_device(struct model_dma_buf *dma_buf)
{
	struct model_dma_buf **link = &dma_buf->device->dma_bufs;

	while (*link != dma_buf)
		link = &(*link)->next;
	*link = dma_buf->next;
}

void model_dma_buf_put(struct model_dma_buf *dma_buf)
{
	if (--dma_buf->users > 0)
		return;
	if (dma_buf->device)
		unlink_from_device(dma_buf);
	if (!dma_buf->is_bar)
		free(dma_buf->memory);
	free(dma_buf);
}

static void dma_buf_close(void *object)
{
	model_dma_buf_put(object);
}

const struct model_file_kind model_dma_buf_file = { .close = dma_buf_close };

int model_dma_buf_open(struct iommuctl_model *model, struct model_dma_buf *dma_buf)
{
	dma_buf->users = 1;
	return model_file_open(model, &model_dma_buf_file, dma_buf);
}

/* Nothing translates to the pages of @area any longer. */
static void take_back(const struct model_ioas *ioas, const struct model_area *area)
{
	const struct model_range gone = { area->iova, area->iova + (area->length - 1) };

	area->pages->revoked = true;
	model_ioas_invalidate(ioas, &gone);
}

static void take_back_from(const struct model_iommufd *iommufd, const struct model_dma_buf *dma_buf)
{
	for (uint32_t id = 0; id < iommufd->room; id++) {
		const struct model_ioas *ioas = model_object_find(iommufd, id, &model_ioas_kind);

		for (size_t i = 0; ioas && i < ioas->area_count; i++)
			if (ioas->areas[i].pages->dma_buf == dma_buf)
				take_back(ioas, &ioas->areas[i]);
	}
}

void model_dma_buf_move(struct iommuctl_model *model, struct model_dma_buf *dma_buf, bool revoked)
{
	dma_buf->revoked = revoked;
	for (struct model_iommufd *at = model->iommufds; at; at = at->next)
		take_back_from(at, dma_buf);
}
