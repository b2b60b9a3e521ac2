/* SPDX-License-Identifier: MIT */
/* Information that ends in a chain of capabilities whose length only the kernel knows. */
#ifndef LIBIOMMUCTL_VFIO_INFO_H
#define LIBIOMMUCTL_VFIO_INFO_H

#include <stddef.h>
#include <stdint.h>

#include "abi/vfio.h"
#include "core/call.h"

/*
 * Fills in @call->arg, a structure of @fixed bytes that starts with its argsz, and asks again with
 * as much room as the kernel needs. *@info is the answer, at least @fixed bytes, which the caller
 * frees; *@size is its length.
 */
int info_get(struct iommuctl *ctx, struct call *call, size_t fixed, void **info, size_t *size);

/* One capability, inside the information that it came from. */
struct info_cap {
	const void *at;
	size_t size; /* to the end of the information */
};

/*
 * Finds the capability @id in the chain that starts at @offset of @info; @cap->at is NULL if there
 * is none. -EPROTO if the chain leaves the information or does not end, or if less than @min bytes
 * of the capability are there.
 */
int info_cap_find(const void *info, size_t size, uint32_t offset, uint16_t id, size_t min,
	struct info_cap *cap);

#endif
