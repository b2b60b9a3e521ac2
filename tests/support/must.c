// SPDX-License-Identifier: MIT
#include "must.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/context.h>

void must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	abort();
}

void must_in(struct iommuctl *ctx, int err, const char *what)
{
	const struct iommuctl_error *error = iommuctl_last_error(ctx);
	char text[1024];

	if (err && error) {
		iommuctl_error_format(error, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
	must(err, what);
}
