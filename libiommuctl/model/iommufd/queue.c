// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"

#include <unistd.h>

int model_queue_open(struct model_queue *queue, struct model_iommufd *iommufd,
	const struct model_kind *kind, const struct model_file_kind *file)
{
	int err = model_object_add(iommufd, &queue->object, kind);

	if (err)
		return err;
	err = model_file_open(iommufd->model, file, queue);
	if (err < 0) {
		model_object_remove(iommufd, &queue->object);
		return err;
	}
	queue->fd = err;
	queue->iommufd = iommufd;
	queue->object.users++;
	iommufd->references++;
	return 0;
}

/* The last reference to the iommufd takes the queue with it. */
void model_queue_close(void *object)
{
	struct model_queue *queue = object;

	queue->fd = -1;
	queue->object.users--;
	model_iommufd_put(queue->iommufd);
}

void model_queue_show(const struct model_queue *queue, bool was_pending, bool is_pending)
{
	uint64_t value = 1;
	ssize_t done;

	if (queue->fd < 0 || is_pending == was_pending)
		return;
	if (was_pending)
		done = read(queue->fd, &value, sizeof(value));
	else
		done = write(queue->fd, &value, sizeof(value));
	(void)done; /* neither fails on an eventfd that only this function reads and writes */
}
