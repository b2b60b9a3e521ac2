// SPDX-License-Identifier: MIT
/* The model machine for vmm-skeleton --model. It needs libiommuctl-model, and is only for tests. */
#include "vmm-skeleton.h"

#include <iommuctl/model.h>

int vmm_model_new(struct iommuctl_model **model, struct iommuctl_transport **transport)
{
	struct iommuctl_model *made;
	int err = iommuctl_model_new(NULL, &made);

	if (err)
		return err;
	err = iommuctl_model_transport_new(made, transport);
	if (err) {
		iommuctl_model_free(made);
		return err;
	}
	*model = made;
	return 0;
}

void vmm_model_free(struct iommuctl_model *model)
{
	iommuctl_model_free(model);
}
