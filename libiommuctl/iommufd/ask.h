/* SPDX-License-Identifier: MIT */
/* Thin calls as questions: errors that are answers leave no failure, and are not logged. */
#ifndef LIBIOMMUCTL_IOMMUFD_ASK_H
#define LIBIOMMUCTL_IOMMUFD_ASK_H

#include <iommuctl/iommufd.h>

/* -ENOENT: there is a hole in the source range; -EPERM: some of it cannot be written. */
int ioas_ask_copy(struct iommuctl *ctx, int iommufd, const struct iommuctl_ioas_copy_args *args,
	uint64_t *iova);

/* -ENOENT: nothing is mapped there. */
int ioas_ask_unmap(
	struct iommuctl *ctx, int iommufd, uint32_t ioas_id, uint64_t iova, uint64_t length);

/* -EMSGSIZE: there are more. */
int ioas_ask_iova_ranges(struct iommuctl *ctx, int iommufd, uint32_t ioas_id,
	struct iommuctl_iova_range *ranges, uint32_t *count, uint64_t *alignment);

/* -EAGAIN: no event waits. */
int veventq_ask_read(struct iommuctl *ctx, int fd, void *buffer, size_t size, size_t *length);

/* Any error: it cannot be destroyed now; try again later. */
int iommufd_ask_destroy(struct iommuctl *ctx, int iommufd, uint32_t id);

#endif
