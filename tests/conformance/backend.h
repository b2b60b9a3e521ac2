/* SPDX-License-Identifier: MIT */
/* What the sequences run on: the running kernel, or the model machine. */
#ifndef CONFORMANCE_BACKEND_H
#define CONFORMANCE_BACKEND_H

#include <stdbool.h>

#include <iommuctl/iommuctl.h>
#include <iommuctl/model.h>

struct backend {
	struct iommuctl_model *model; /* NULL: the running kernel */
	struct iommuctl *ctx;
};

/* 0 or -errno. */
int backend_open(struct backend *backend, bool model);
void backend_close(struct backend *backend);

#endif
