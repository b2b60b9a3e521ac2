// SPDX-License-Identifier: MIT
/* No device here waits for an answer to its page faults, so that a fault queue stays empty. */
#include "model/iommufd/iommufd.h"
#include "model/user.h"

#include <errno.h>
#include <stdlib.h>

#include "abi/iommufd.h"

static void fault_queue_free(struct model_iommufd *iommufd, struct model_object *object)
{
	(void)iommufd;
	free(object);
}

const struct model_kind model_fault_queue_kind = { .free = fault_queue_free };

static ssize_t fault_queue_read(void *queue, void *buffer, size_t size, int64_t offset)
{
	(void)queue;
	(void)buffer;
	return offset > 0 || size % sizeof(struct abi_hwpt_pgfault) ? -ESPIPE : 0;
}

/* No fault was read, so that no cookie is one. */
static ssize_t fault_queue_write(void *queue, const void *buffer, size_t size, int64_t offset)
{
	struct abi_hwpt_page_response response;

	(void)queue;
	if (offset > 0 || size % sizeof(response))
		return -ESPIPE;
	if (size == 0)
		return 0;
	return model_copy_in(&response, (uintptr_t)buffer, sizeof(response)) ? -EFAULT : -EINVAL;
}

static const struct model_file_kind fault_queue_file = {
	.read = fault_queue_read,
	.write = fault_queue_write,
	.close = model_queue_close,
};

/* IOMMU_FAULT_QUEUE_ALLOC */
int model_fault_queue_alloc(struct model_iommufd *iommufd, void *arg)
{
	struct abi_fault_alloc *args = arg;
	struct model_fault_queue *made;
	int err;

	if (args->flags)
		return -EOPNOTSUPP;
	made = calloc(1, sizeof(*made));
	if (!made)
		return -ENOMEM;
	err = model_queue_open(&made->queue, iommufd, &model_fault_queue_kind, &fault_queue_file);
	if (err) {
		free(made);
		return err;
	}
	args->out_fault_id = made->queue.object.id;
	args->out_fault_fd = (uint32_t)made->queue.fd;
	/* cppcheck-suppress memleak ; the table of objects has it */
	return 0;
}
