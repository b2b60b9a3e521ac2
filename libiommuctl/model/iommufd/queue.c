// SPDX-License-Identifier: MIT
/* What vEVENTQs and fault queues share: an id, and a file that can be polled. */
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

/* Dropping the last reference to the iommufd frees the queue. */
void model_queue_close(void *object)
{
	struct model_queue *queue = object;

	queue->fd = -1;
	queue->object.users--;
	model_iommufd_put(queue->iommufd);
}

void model_queue_set_pending(struct model_queue *queue, bool pending)
{
	uint64_t value = 1;
	ssize_t done;

	if (queue->fd < 0 || queue->pending == pending)
		return;
	queue->pending = pending;
	if (pending)
		done = write(queue->fd, &value, sizeof(value));
	else
		done = read(queue->fd, &value, sizeof(value));
	(void)done; /* neither fails on an eventfd that only this function uses */
}
