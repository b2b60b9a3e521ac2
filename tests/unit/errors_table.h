/* SPDX-License-Identifier: MIT */
/* Public functions that take a context, or an object that has one: each fails, and says so. */
#ifndef TEST_ERRORS_TABLE_H
#define TEST_ERRORS_TABLE_H

#include <criterion/criterion.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "transport.h"

/* One way to fail: what it returns, and the record that it leaves. */
struct errors_row {
	const char *function; /* without "iommuctl_" */
	int (*run)(void *data);
	int error;
	const char *operation; /* NULL: the errno is no failure, and leaves no record */
	const char *object;    /* NULL: some */
};

struct errors_table {
	const struct errors_row *rows;
	size_t count;
};

extern const struct errors_table errors_of_iommufd;
extern const struct errors_table errors_of_vfio;
extern const struct errors_table errors_of_vfio_features;
extern const struct errors_table errors_of_objects;
extern const struct errors_table errors_of_virtio;
extern const struct errors_table errors_of_vsmmuv3;
extern const struct errors_table errors_of_vtd;

/* Has the kernel refuse the ioctl @request with -ENOMEM from now on; 0: none. */
static inline void errors_refuse(struct script *script, unsigned long request)
{
	script_fail(script, request, request ? 1 : 0, SCRIPT_NEVER, ENOMEM);
}

/* Leaves a failure that no row has, for the next one to be taken for. */
void errors_make_stale(struct iommuctl *ctx);

/* Expects that the last failure of this thread is that of @row. */
void errors_expect(struct iommuctl *ctx, const struct errors_row *row, int err);

#endif
