// SPDX-License-Identifier: MIT
/* dma-bufs that a mock device shows, and takes back. */
#include "model/mock/mock.h"
#include "model/ioas/ioas.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

#define PAGE_SIZE UINT64_C(4096)
#define PAGES_MAX 512

static void dma_buf_close(void *object)
{
	model_dma_buf_put(object);
}

const struct model_file_kind model_dma_buf_file = { .close = dma_buf_close };

/* As of Linux 7.3, the file is not told: it is the first that was free. */
int model_mock_dma_buf_new(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const uint64_t length =
		((uint64_t)command->dmabuf_get.length + PAGE_SIZE - 1) / PAGE_SIZE * PAGE_SIZE;
	struct model_dma_buf *made;
	int fd;

	if (length == 0 || length > PAGES_MAX * PAGE_SIZE)
		return -EINVAL;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	made->users = 1;
	made->length = length;
	made->memory = calloc(1, length);
	fd = made->memory ? model_file_open(iommufd->model, &model_dma_buf_file, made) : -ENOMEM;
	if (fd >= 0)
		return 0;
	model_dma_buf_put(made);
	return fd;
}

/* Nothing leads to the pages of @area any more. */
static void take_back(struct model_ioas *ioas, const struct model_area *area)
{
	area->pages->revoked = true;
	for (size_t i = 0; i < ioas->hwpt_count; i++)
		if (ioas->hwpts[i]->dirty)
			model_dirty_forget(
				ioas->hwpts[i]->dirty, area->iova, area->iova + (area->length - 1));
}

int model_mock_dma_buf_revoke(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const struct model_file *file =
		model_file_find(iommufd->model, command->dmabuf_revoke.dmabuf_fd);
	struct model_dma_buf *dma_buf;

	if (!file || file->kind != &model_dma_buf_file)
		return file ? -EINVAL : -EBADF;
	dma_buf = file->object;
	dma_buf->revoked = command->dmabuf_revoke.revoked;
	for (uint32_t id = 0; id < iommufd->room; id++) {
		struct model_ioas *ioas = model_object_find(iommufd, id, &model_ioas_kind);

		for (size_t i = 0; ioas && i < ioas->area_count; i++)
			if (ioas->areas[i].pages->dma_buf == dma_buf)
				take_back(ioas, &ioas->areas[i]);
	}
	return 0;
}
