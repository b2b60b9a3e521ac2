/* SPDX-License-Identifier: MIT */
/*
 * Queues of iommufd for the page faults of devices, and their answers.
 *
 * Common: iommufd.h
 * Source: drivers/iommu/iommufd/eventq.c of Linux 7.3.
 */
#ifndef IOMMUCTL_FAULT_QUEUE_H
#define IOMMUCTL_FAULT_QUEUE_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Creates a queue of page faults for HWPTs.
 *
 * @fault_id: out: its id
 * @fd: out: the file descriptor to poll, to read and to write
 *
 * Ownership: the caller closes *@fd with iommuctl_close() before it destroys the queue.
 * Errors: none of its own.
 * Since: 0.1
 */
int iommuctl_fault_queue_alloc(struct iommuctl *ctx, int iommufd, uint32_t *fault_id, int *fd);

/*
 * Flags and permissions of a page fault.
 *
 * @IOMMUCTL_PGFAULT_FLAGS_PASID_VALID: pasid holds
 * @IOMMUCTL_PGFAULT_PERM_READ: the device wants to read
 * @IOMMUCTL_PGFAULT_PERM_WRITE: the device wants to write
 * @IOMMUCTL_PGFAULT_PERM_EXEC: the device wants to execute
 * @IOMMUCTL_PGFAULT_PERM_PRIV: the access is privileged
 *
 * Since: 0.1
 */
#define IOMMUCTL_PGFAULT_FLAGS_PASID_VALID (1 << 0)
#define IOMMUCTL_PGFAULT_FLAGS_LAST_PAGE   (1 << 1) /* ends a group: answer its cookie once */
#define IOMMUCTL_PGFAULT_PERM_READ	   (1 << 0)
#define IOMMUCTL_PGFAULT_PERM_WRITE	   (1 << 1)
#define IOMMUCTL_PGFAULT_PERM_EXEC	   (1 << 2)
#define IOMMUCTL_PGFAULT_PERM_PRIV	   (1 << 3)

/*
 * A page fault.
 *
 * @flags: IOMMUCTL_PGFAULT_FLAGS_…
 * @dev_id: the device
 * @pasid: its PASID, with PASID_VALID
 * @grpid: its group of page requests
 * @perm: IOMMUCTL_PGFAULT_PERM_…
 * @reserved: zero
 * @addr: the address
 * @length: a hint of how many bytes the device wants
 * @cookie: identifies the group in the answer
 *
 * Since: 0.1
 */
struct iommuctl_pgfault {
	uint32_t flags;
	uint32_t dev_id;
	uint32_t pasid;
	uint32_t grpid;
	uint32_t perm;
	uint32_t reserved;
	uint64_t addr;
	uint32_t length;
	uint32_t cookie;
};

/*
 * Reads the faults that wait, in whole groups, as many as fit.
 *
 * It never blocks: poll(2) first.
 *
 * @fd: the queue's file descriptor
 * @faults: out: the faults
 * @count: in: the room in @faults; out: the number read, 0 if none waits
 *
 * Errors:
 *   -EINVAL: the first group does not fit
 *   -EOVERFLOW: *@count is more than memory can hold
 * Since: 0.1
 */
int iommuctl_fault_queue_read(
	struct iommuctl *ctx, int fd, struct iommuctl_pgfault *faults, size_t *count);

/* Answers to page faults. Since: 0.1 */
#define IOMMUCTL_PAGE_RESP_SUCCESS 0 /* handled: the access is tried again */
#define IOMMUCTL_PAGE_RESP_INVALID 1 /* the access fails */

/*
 * The answer to a group of faults.
 *
 * @cookie: the cookie of its faults
 *
 * Since: 0.1
 */
struct iommuctl_page_response {
	uint32_t cookie;
	uint32_t code; /* IOMMUCTL_PAGE_RESP_… */
};

/*
 * Answers fault groups.
 *
 * It stops at the first response that the kernel refuses.
 *
 * @fd: the queue's file descriptor
 * @responses: the answers
 * @count: in: how many; out: how many the kernel took
 *
 * Errors:
 *   -EINVAL: the first response has an unknown cookie or code
 *   -EOVERFLOW: *@count is more than memory can hold
 * Since: 0.1
 */
int iommuctl_fault_queue_respond(struct iommuctl *ctx, int fd,
	const struct iommuctl_page_response *responses, size_t *count);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
