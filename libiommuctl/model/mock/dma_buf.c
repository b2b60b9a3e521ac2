// SPDX-License-Identifier: MIT
/* dma-bufs that a mock device exports and revokes. */
#include "model/mock/mock.h"
#include "model/ioas/ioas.h"
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

#define PAGE_SIZE UINT64_C(4096)
#define PAGES_MAX 512

/* Linux 7.3 does not return the fd: it is the first free one. */
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
	made->length = length;
	made->range_count = 1;
	made->memory = calloc(1, length);
	fd = made->memory ? model_dma_buf_open(iommufd->model, made) : -ENOMEM;
	if (fd >= 0)
		return 0;
	free(made->memory);
	free(made);
	return fd;
}

int model_mock_dma_buf_revoke(struct model_iommufd *iommufd, struct abi_test_cmd *command)
{
	const struct model_file *file =
		model_file_find(iommufd->model, command->dmabuf_revoke.dmabuf_fd);
	struct model_dma_buf *dma_buf;

	if (!file || file->kind != &model_dma_buf_file)
		return file ? -EINVAL : -EBADF;
	dma_buf = file->object;
	if (dma_buf->is_bar)
		return -EINVAL;
	model_dma_buf_move(iommufd->model, dma_buf, command->dmabuf_revoke.revoked);
	return 0;
}
