// SPDX-License-Identifier: MIT
/*
 * Queues of page faults. An access that the SMMU stalls becomes one, in its own group, and the
 * device waits for the response.
 */
#include "model/iommufd/iommufd.h"
#include "model/user.h"
#include "model/vfio/vfio.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "abi/iommufd.h"

/* The oldest unread fault; NULL: none. */
static struct model_page_fault *next_unread(const struct model_fault_queue *queue)
{
	struct model_page_fault *fault = queue->faults;

	while (fault && fault->read)
		fault = fault->next;
	return fault;
}

static struct model_page_fault **link_of(struct model_fault_queue *queue, uint32_t cookie)
{
	struct model_page_fault **link = &queue->faults;

	while (*link && !((*link)->read && (*link)->fault.cookie == cookie))
		link = &(*link)->next;
	return link;
}

/* The lowest cookie that no unanswered fault has. */
static uint32_t free_cookie(struct model_fault_queue *queue)
{
	uint32_t cookie = queue->gives_zero ? 0 : 1;

	while (*link_of(queue, cookie))
		cookie++;
	return cookie;
}

/*
 * Removes the fault from its queue and lets its device go on: the engine retries its access. Other
 * accesses are retried by whoever made them.
 */
static void answer(struct model_page_fault **link, bool again)
{
	struct model_page_fault *fault = *link;

	*link = fault->next;
	if (!fault->device->is_mock && fault->device->engine_grpid == fault->fault.grpid)
		model_edu_resume(&fault->device->edu, again);
	free(fault);
}

static void fault_queue_free(struct model_iommufd *iommufd, struct model_object *object)
{
	struct model_fault_queue *queue = (void *)object;

	(void)iommufd;
	while (queue->faults)
		answer(&queue->faults, false);
	free(queue);
}

const struct model_kind model_fault_queue_kind = { .free = fault_queue_free };

/* The device whose attachment the fault came by: an attached device of the group. */
static const struct model_device *attached_of(const struct model_device *device)
{
	const struct model_device *at = NULL;

	if (device->attached)
		return device;
	while ((at = model_group_next(device, at)))
		if (at->attached)
			return at;
	return NULL;
}

static struct abi_hwpt_pgfault describe(
	const struct model_device *attached, const struct iommuctl_smmuv3_event *event)
{
	struct abi_hwpt_pgfault fault = {
		.flags = ABI_PGFAULT_FLAGS_LAST_PAGE,
		.dev_id = attached->object.id,
		.grpid = event->stag,
		.perm = event->rnw ? ABI_PGFAULT_PERM_READ : ABI_PGFAULT_PERM_WRITE,
		.addr = event->inputaddr,
	};

	if (event->ind)
		fault.perm |= ABI_PGFAULT_PERM_EXEC;
	if (event->pnu)
		fault.perm |= ABI_PGFAULT_PERM_PRIV;
	if (event->ssv) {
		fault.flags |= ABI_PGFAULT_FLAGS_PASID_VALID;
		fault.pasid = event->substreamid;
	}
	return fault;
}

static bool add(struct model_fault_queue *queue, const struct model_page_fault *fault)
{
	struct model_page_fault *made = calloc(1, sizeof(*made)), **link;

	if (!made)
		return false;
	*made = *fault;
	for (link = &queue->faults; *link; link = &(*link)->next)
		;
	*link = made;
	model_queue_set_pending(&queue->queue, true);
	return true;
}

bool model_fault_report(struct model_device *device, const struct iommuctl_smmuv3_event *event)
{
	struct model_fault_queue *queue = device->streaming ? device->streaming->fault : NULL;
	const struct model_device *attached = attached_of(device);
	struct model_page_fault fault = { .device = device };

	if (!queue || !attached)
		return false;
	fault.fault = describe(attached, event);
	device->last_grpid = event->stag;
	return add(queue, &fault);
}

static bool is_nested(const struct model_hwpt *hwpt)
{
	return hwpt && hwpt != &hwpt->paging->hwpt;
}

/* An unattached PASID may be an entry of the guest's own tables. */
void model_fault_add(struct model_device *device, const struct abi_hwpt_pgfault *described)
{
	struct model_page_fault fault = {
		.device = device,
		.pasid = described->pasid,
		.fault = *described,
	};
	const struct model_hwpt *hwpt = model_pasid_hwpt(device, fault.pasid);

	if (!hwpt) {
		if (fault.pasid && !is_nested(device->attached))
			return;
		hwpt = device->attached;
		fault.pasid = 0;
	}
	if (hwpt && hwpt->fault)
		add(hwpt->fault, &fault);
}

void model_faults_end(struct model_device *device, uint32_t pasid, const struct model_hwpt *hwpt)
{
	struct model_fault_queue *queue = hwpt->fault;
	struct model_page_fault **link;

	if (!queue)
		return;
	link = &queue->faults;
	while (*link) {
		if ((*link)->device == device && (*link)->pasid == pasid)
			answer(link, false);
		else
			link = &(*link)->next;
	}
	model_queue_set_pending(&queue->queue, next_unread(queue));
}

static ssize_t fault_queue_read(void *object, void *buffer, size_t size, int64_t offset)
{
	struct model_fault_queue *queue = object;
	const bool was_pending = next_unread(queue);
	struct model_page_fault *fault;
	size_t done = 0;

	if (offset > 0 || size % sizeof(fault->fault))
		return -ESPIPE;
	if (was_pending && size && !buffer)
		return -EFAULT;
	while (done < size && (fault = next_unread(queue))) {
		fault->fault.cookie = free_cookie(queue);
		fault->read = true;
		memcpy((unsigned char *)buffer + done, &fault->fault, sizeof(fault->fault));
		done += sizeof(fault->fault);
	}
	model_queue_set_pending(&queue->queue, next_unread(queue));
	return was_pending && !done ? -EINVAL : (ssize_t)done;
}

static bool has_read(const struct model_fault_queue *queue)
{
	const struct model_page_fault *fault = queue->faults;

	while (fault && !fault->read)
		fault = fault->next;
	return fault;
}

/*
 * A response to cookie 0, which no fault has, is refused; but if other faults wait, Linux treats 0
 * as free from then on, and hands it out.
 */
static int respond(struct model_fault_queue *queue, const struct abi_hwpt_page_response *response)
{
	struct model_page_fault **link;

	if (response->code != ABI_PAGE_RESP_SUCCESS && response->code != ABI_PAGE_RESP_INVALID)
		return -EINVAL;
	link = link_of(queue, response->cookie);
	if (!*link) {
		queue->gives_zero |= !response->cookie && has_read(queue);
		return -EINVAL;
	}
	answer(link, response->code == ABI_PAGE_RESP_SUCCESS);
	return 0;
}

static ssize_t fault_queue_write(void *object, const void *buffer, size_t size, int64_t offset)
{
	struct model_fault_queue *queue = object;
	struct abi_hwpt_page_response response;
	size_t done = 0;
	int err = 0;

	if (offset > 0 || size % sizeof(response))
		return -ESPIPE;
	for (; done < size; done += sizeof(response)) {
		err = model_copy_in(&response, (uintptr_t)buffer + done, sizeof(response));
		if (err)
			break;
		err = respond(queue, &response);
		if (err)
			break;
	}
	return done ? (ssize_t)done : err;
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
