/* SPDX-License-Identifier: MIT */
/*
 * How ioctls are decoded: tables of their members, and functions for the data that they point to.
 */
#ifndef LIBIOMMUCTL_DECORATORS_TRACE_H
#define LIBIOMMUCTL_DECORATORS_TRACE_H

#include "decorators/trace_fields.h"
#include "explain/operation.h"

enum trace_when {
	TRACE_IN = 1 << 0,
	TRACE_OUT = 1 << 1,
	TRACE_FAILED = 1 << 2, /* the kernel writes it even when the call fails */
};

enum trace_show {
	TRACE_NUMBER,
	TRACE_SIGNED,
	TRACE_HEX,
	TRACE_FLAGS,
	TRACE_ENUM,
};

/* Where a value lies in the argument; a @mask of 0 takes all of it. */
struct trace_place {
	uint16_t offset;
	uint8_t width; /* bytes: 1, 2, 4 or 8 */
	uint32_t mask;
};

/* A member is valid only if the value at @place is @value. */
struct trace_condition {
	struct trace_place place;
	uint32_t value;
};

struct trace_member {
	const char *name;
	struct trace_place place;
	uint8_t when; /* enum trace_when */
	enum trace_show show;
	const struct trace_name *names; /* for TRACE_FLAGS and TRACE_ENUM */
	const struct trace_condition *only;
};

#define TRACE_PLACE(type, member)                                                                  \
	{                                                                                          \
		.offset = offsetof(struct type, member),                                           \
		.width = sizeof(((struct type *)NULL)->member)                                     \
	}
#define TRACE_MEMBER(type, member) .name = #member, .place = TRACE_PLACE(type, member)

enum trace_argument_kind {
	TRACE_ARGUMENT_STRUCT, /* pointer to a structure that starts with its size */
	TRACE_ARGUMENT_NONE,
	TRACE_ARGUMENT_VALUE, /* an int in place of the pointer */
	TRACE_ARGUMENT_INT,   /* pointer to an int */
	TRACE_ARGUMENT_STRING,
};

#define TRACE_ARGUMENT_MAX 64

/* The argument before or after the call. */
struct trace_argument {
	const void *user;
	size_t size;  /* bytes at @user, as the caller says */
	size_t known; /* bytes of @copy that were read; the others are 0 */
	_Alignas(8) uint8_t copy[TRACE_ARGUMENT_MAX];
};

struct trace_ioctl {
	enum operation operation;
	enum trace_argument_kind kind;
	size_t size;			    /* of the structure */
	const struct trace_member *members; /* up to one without a name */
	/* Shows the data that the argument points to, or that follows it. */
	void (*payload_in)(const struct trace_argument *before, struct trace_fields *in);
	void (*payload_out)(const struct trace_argument *before, const struct trace_argument *after,
		struct trace_fields *out);
};

/* NULL if no table knows @request. */
const struct trace_ioctl *trace_ioctl_find(unsigned long request);
extern const struct trace_ioctl trace_iommufd_ioctls[];
extern const struct trace_ioctl trace_vfio_ioctls[];
extern const struct trace_ioctl trace_test_ioctls[];
extern const struct trace_member trace_vfio_feature[];

void trace_argument_read(
	struct trace_argument *argument, const struct trace_ioctl *ioctl, const void *user);
/* The same argument once the call has returned. */
void trace_argument_reread(struct trace_argument *after, const struct trace_argument *before);
void trace_argument_in(const struct trace_ioctl *ioctl, const struct trace_argument *before,
	struct trace_fields *in);
void trace_argument_out(const struct trace_ioctl *ioctl, const struct trace_argument *before,
	const struct trace_argument *after, bool failed, struct trace_fields *out);

/* Payloads of the ioctls of /dev/iommu. */
void trace_hwpt_data(const struct trace_argument *before, struct trace_fields *in);
void trace_invalidations(const struct trace_argument *before, struct trace_fields *in);
void trace_hw_info(const struct trace_argument *before, const struct trace_argument *after,
	struct trace_fields *out);
void trace_viommu_data(const struct trace_argument *before, const struct trace_argument *after,
	struct trace_fields *out);
void trace_allowed_iovas(const struct trace_argument *before, struct trace_fields *in);
void trace_iova_ranges(const struct trace_argument *before, const struct trace_argument *after,
	struct trace_fields *out);

/* Shows the result of VFIO_DEVICE_FEATURE if it makes a dma-buf. */
void trace_dma_buf(const struct trace_argument *before, struct trace_fields *in);

#endif
