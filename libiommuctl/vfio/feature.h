/* SPDX-License-Identifier: MIT */
/* One feature of a device, read or written: the header around its data is made here. */
#ifndef LIBIOMMUCTL_VFIO_FEATURE_H
#define LIBIOMMUCTL_VFIO_FEATURE_H

#include <stddef.h>
#include <stdint.h>

#include "core/call.h"

struct feature_call {
	enum operation operation;
	int device;
	uint16_t feature;
	uint32_t flags; /* ABI_VFIO_DEVICE_FEATURE_GET or SET */
	uint64_t facts;
};

/*
 * Passes @size bytes of @in, and copies the kernel's result to @out once the call has succeeded;
 * NULL: they are only written.
 */
int feature_exchange(struct iommuctl *ctx, const struct feature_call *feature, const void *in,
	void *out, size_t size);

#endif
