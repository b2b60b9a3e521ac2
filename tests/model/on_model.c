// SPDX-License-Identifier: MIT
/* A model context for a rig program, which is built to ask for one here. */
#include <errno.h>

#include <iommuctl/iommuctl.h>
#include <iommuctl/model.h>

/* Replaces iommuctl_new() in the program. */
int on_model_new(struct iommuctl_transport *transport, struct iommuctl **ctx);

int on_model_new(struct iommuctl_transport *transport, struct iommuctl **ctx)
{
	static struct iommuctl_model *model; /* lives as long as the program */
	int err = model || transport ? -EBUSY : iommuctl_model_new(NULL, &model);

	if (!err)
		err = iommuctl_model_transport_new(model, &transport);
	return err ? err : iommuctl_new(transport, ctx);
}
