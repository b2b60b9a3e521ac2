/* SPDX-License-Identifier: MIT */
/* The context that every call of the library takes, and the errors that it remembers. */
#ifndef IOMMUCTL_CONTEXT_H
#define IOMMUCTL_CONTEXT_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/transport.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct iommuctl;
struct iommuctl_error;

/*
 * Creates a context over @transport, or over the kernel transport if that is NULL.
 *
 * Ownership: takes @transport on success; the caller frees @ctx with iommuctl_free().
 * Thread rule: a context may be used by any number of threads at once, as far as its transport
 * and the objects allow.
 * Errors: -ENOMEM; -EAGAIN when the process has no thread-specific key left
 * (pthread_key_create(3)).
 * Since: 0.1
 */
int iommuctl_new(struct iommuctl_transport *transport, struct iommuctl **ctx);

/*
 * Frees @ctx, the transport with it. No other thread may use it any more, nor end while this runs
 * if it ever had a failure with @ctx. File descriptors stay open: they belong to whoever opened or
 * adopted them. NULL is allowed.
 *
 * Since: 0.1
 */
void iommuctl_free(struct iommuctl *ctx);

/* The transport of @ctx, which keeps owning it. Since: 0.1 */
struct iommuctl_transport *iommuctl_get_transport(struct iommuctl *ctx);

/*
 * Has every failure of @ctx reported to @log as it happens, in the thread where it happens;
 * NULL ends that. Call it before other threads use @ctx.
 *
 * Since: 0.1
 */
void iommuctl_set_log(struct iommuctl *ctx,
	void (*log)(const struct iommuctl_error *error, void *data), void *data);

/*
 * Tells @ctx that every object id it is given came from the kernel and still lives, so that
 * explanations leave out "no such object". Call it before other threads use @ctx.
 *
 * Since: 0.1
 */
void iommuctl_assume_live_ids(struct iommuctl *ctx);

/* One gate that can be the cause of a failure, and what to do about it. */
struct iommuctl_explanation {
	const char *cause;
	const char *remedy;
};

#define IOMMUCTL_EXPLANATIONS_MAX 8

/*
 * A failure. Where an errno has one cause, explanation[0] is it; where several causes share it and
 * nothing known tells them apart, all are there.
 */
struct iommuctl_error {
	const char *operation; /* "IOMMU_VIOMMU_ALLOC", "VFIO_DEVICE_BIND_IOMMUFD", "open", … */
	char object[96];       /* "device 1, HWPT 3" */
	int code;	       /* a positive errno */
	size_t explanation_count;
	struct iommuctl_explanation explanation[IOMMUCTL_EXPLANATIONS_MAX];
};

/*
 * The last failure that the calling thread had with @ctx, or NULL if it had none (or if there was no
 * memory to keep its first, which cannot be in the thread that called iommuctl_new()). It stays valid until the thread's next failure, its end, or the end
 * of @ctx. A success does not clear it.
 *
 * Since: 0.1
 */
const struct iommuctl_error *iommuctl_last_error(struct iommuctl *ctx);

/*
 * Writes @error as one sentence: operation, object, errno, and each cause with its remedy in
 * brackets. Returns the length that the whole text has, as snprintf(3) does.
 *
 * Since: 0.1
 */
int iommuctl_error_format(const struct iommuctl_error *error, char *text, size_t size);

/*
 * Closes @fd, which came from this library or was adopted. It is closed whatever this returns.
 *
 * Thread rule: any thread, unless the transport says otherwise; no other may still use @fd.
 * Errors: -EBADF @fd is not open; others are notices of the kernel about what was closed.
 * Since: 0.1
 */
int iommuctl_close(struct iommuctl *ctx, int fd);

/*
 * Unmaps the @length bytes at @address, as a call of this library mapped them.
 *
 * Thread rule: as for iommuctl_close().
 * Errors: -EINVAL @address is not at the start of a page, or @length is 0.
 * Since: 0.1
 */
int iommuctl_munmap(struct iommuctl *ctx, void *address, size_t length);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
