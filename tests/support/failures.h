/* SPDX-License-Identifier: MIT */
/* Counts the failures that a context reports. */
#ifndef TESTS_SUPPORT_FAILURES_H
#define TESTS_SUPPORT_FAILURES_H

#include <iommuctl/context.h>

static inline void failures_count_one(const struct iommuctl_error *error, void *data)
{
	unsigned int *count = data;

	(void)error;
	(*count)++;
}

/* From now on, @count counts each failure, from 0. */
static inline void failures_count(struct iommuctl *ctx, unsigned int *count)
{
	*count = 0;
	iommuctl_set_log(ctx, failures_count_one, count);
}

#endif
