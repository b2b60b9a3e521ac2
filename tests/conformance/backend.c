// SPDX-License-Identifier: MIT
#include "backend.h"

int backend_open(struct backend *backend, bool model)
{
	struct iommuctl_transport *transport = NULL;
	int err = 0;

	*backend = (struct backend){ 0 };
	if (model)
		err = iommuctl_model_new(NULL, &backend->model);
	if (!err && model)
		err = iommuctl_model_transport_new(backend->model, &transport);
	if (!err)
		err = iommuctl_new(transport, &backend->ctx);
	if (!err)
		return 0;
	iommuctl_transport_free(transport);
	backend_close(backend);
	return err;
}

void backend_close(struct backend *backend)
{
	iommuctl_free(backend->ctx);
	iommuctl_model_free(backend->model);
}
