/* SPDX-License-Identifier: MIT */
/*
 * The choke point: every call that leaves the library goes through here, and every failure, the
 * kernel's or the library's own, is explained, remembered and reported here.
 */
#ifndef LIBIOMMUCTL_CORE_CALL_H
#define LIBIOMMUCTL_CORE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/context.h"
#include "explain/explain.h"

/* How an object shows in an error: "HWPT 1", "IOVA 0x1000", "iommufd fd -1", "/dev/iommu". */
enum call_show {
	SHOW_ID,
	SHOW_HEX,
	SHOW_FD,
	SHOW_NAME,
};

struct call_object {
	const char *name;
	uint64_t value;
	enum call_show show;
};

#define CALL_OBJECTS_MAX 4
#define CALL_ANSWERS_MAX 2

struct call {
	enum operation operation;
	int fd;
	void *arg;
	uint64_t facts; /* enum fact */
	/* Finds more facts once the kernel has refused with @error; NULL: there are none. */
	uint64_t (*look)(const struct call *call, int error);
	struct call_object objects[CALL_OBJECTS_MAX];
	/* Errors that answer a question: they are no failures, and are not reported. */
	int answers[CALL_ANSWERS_MAX];
};

/* Fails @call with the positive @error, records it unless it is an answer, and returns -@error. */
int call_fail(struct iommuctl *ctx, const struct call *call, int error);

/*
 * The same if the library itself finds an error, in the arguments or in the kernel's answer: @why
 * is the only cause, and its texts outlive the context. NULL: the causes come from the tables.
 */
int call_refuse(struct iommuctl *ctx, const struct call *call, int error,
	const struct iommuctl_explanation *why);

/* For ioctls that return 0 or an error; a positive result is -EPROTO. */
int call_ioctl(struct iommuctl *ctx, const struct call *call);

/* For an ioctl that asks a question: an error is an answer, and is not reported. */
int call_ask(struct iommuctl *ctx, int fd, unsigned long request, void *arg);

/* For ioctls whose result is a value. */
int call_ioctl_value(struct iommuctl *ctx, const struct call *call, int *value);

int call_open(struct iommuctl *ctx, const struct call *call, const char *path, int *fd);
int call_read(struct iommuctl *ctx, const struct call *call, void *buffer, size_t size,
	int64_t offset, size_t *done);
int call_write(struct iommuctl *ctx, const struct call *call, const void *buffer, size_t size,
	int64_t offset, size_t *done);

int call_device_group(
	struct iommuctl *ctx, const struct call *call, struct iommuctl_device_group *group);

struct call_mapping {
	uint64_t offset;
	size_t length;
	int prot;
};

/* Maps shared. */
int call_mmap(struct iommuctl *ctx, const struct call *call, const struct call_mapping *mapping,
	void **address);

#endif
