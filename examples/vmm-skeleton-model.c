// SPDX-License-Identifier: MIT
/* The machine of vmm-skeleton.c for --model, which needs libiommuctl-model: for tests alone. */
#include "vmm-skeleton.h"

#include <iommuctl/model.h>

int vmm_model_new(struct iommuctl_model **model, struct iommuctl_transport **transport)
{
	struct iommuctl_model *made;
	int err = iommuctl_model_new(NULL, &made);

	if (err)
		return err;
	err = iommuctl_model_transport_new(made, transport);
	if (err)
		iommuctl_model_free(made);
	else
		*model = made;
	return err;
}

void vmm_model_free(struct iommuctl_model *model)
{
	iommuctl_model_free(model);
}
