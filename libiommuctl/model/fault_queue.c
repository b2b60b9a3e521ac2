// SPDX-License-Identifier: MIT
/* No device here waits for an answer to its page faults, so that a fault queue stays empty. */
#include "model/machine.h"

#include <errno.h>
#include <stdlib.h>

#include "abi/iommufd.h"

/* IOMMU_FAULT_QUEUE_ALLOC */
int model_fault_queue_alloc(struct model_iommufd *iommufd, void *arg)
{
	struct abi_fault_alloc *args = arg;
	struct model_fault_queue *made;
	int ret;

	if (args->flags)
		return -EOPNOTSUPP;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	ret = model_queue_open(&made->queue, iommufd, MODEL_FAULT_QUEUE, MODEL_FILE_FAULT_QUEUE);
	if (ret) {
		free(made);
		return ret;
	}
	args->out_fault_id = made->queue.object.id;
	args->out_fault_fd = (uint32_t)made->queue.fd;
	/* cppcheck-suppress memleak ; the table of objects has it */
	return 0;
}

void model_fault_queue_free(struct model_iommufd *iommufd, struct model_fault_queue *queue)
{
	(void)iommufd;
	free(queue);
}

void model_fault_queue_close(struct model_fault_queue *queue)
{
	model_queue_close(&queue->queue);
}

ssize_t model_fault_queue_read(struct model_fault_queue *queue, void *buffer, size_t size)
{
	(void)queue;
	(void)buffer;
	return size % sizeof(struct abi_hwpt_pgfault) ? -ESPIPE : 0;
}

/* No fault was read, so that no cookie is one. */
ssize_t model_fault_queue_write(struct model_fault_queue *queue, const void *buffer, size_t size)
{
	struct abi_hwpt_page_response response;

	(void)queue;
	if (size % sizeof(response))
		return -ESPIPE;
	if (size == 0)
		return 0;
	return model_copy_in(&response, (uintptr_t)buffer, sizeof(response)) ? -EFAULT : -EINVAL;
}
