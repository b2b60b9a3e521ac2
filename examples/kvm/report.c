// SPDX-License-Identifier: MIT
/* Reports what went wrong to whoever started the VMM. */
#include "report.h"

#include <errno.h>
#include <iommuctl/context.h>
#include <stdio.h>
#include <string.h>

#define LONGEST_FAILURE 1024

int report_error(const char *object, int error, const char *remedy)
{
	fprintf(stderr, "kvm-vmm: %s: %s%s%s\n", object, strerror(error), remedy ? ": " : "",
		remedy ? remedy : "");
	return -error;
}

int report_problem(const char *object, const char *problem)
{
	fprintf(stderr, "kvm-vmm: %s: %s\n", object, problem);
	return -EINVAL;
}

int report_library(struct iommuctl *ctx, const char *object, int error)
{
	const struct iommuctl_error *failure = iommuctl_last_error(ctx);
	char text[LONGEST_FAILURE];

	if (!failure || failure->code != error)
		return report_error(object, error, NULL);
	iommuctl_error_format(failure, text, sizeof(text));
	fprintf(stderr, "kvm-vmm: %s: %s\n", object, text);
	return -error;
}
