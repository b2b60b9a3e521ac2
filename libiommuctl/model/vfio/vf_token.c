// SPDX-License-Identifier: MIT
/* vfio_pci_core.c: the PF's driver and its VFs' drivers have to share a token. */
#include "model/machine.h"
#include "model/user.h"

#include <errno.h>
#include <string.h>

#include "model/vfio/vfio.h"

/* The VFs of @device: the first after @after, or NULL. */
static const struct model_device *next_vf(
	const struct model_device *device, const struct model_device *after)
{
	const struct iommuctl_model *model = device->model;

	for (size_t i = after ? after->index + 1 : 0; i < model->config.device_count; i++) {
		if (model->devices[i].config.pf == device->index + 1)
			return &model->devices[i];
	}
	return NULL;
}

bool model_has_vfs(const struct model_device *device)
{
	return !device->is_mock && next_vf(device, NULL);
}

static bool has_vf_in_use(const struct model_device *device)
{
	const struct model_device *vf = NULL;

	while ((vf = next_vf(device, vf))) {
		if (vf->bound)
			return true;
	}
	return false;
}

static int compare(const struct model_vf_token *token, const unsigned char uuid[16])
{
	return uuid && token->known && !memcmp(token->uuid, uuid, sizeof(token->uuid))
		       ? 0
		       : -EACCES;
}

static void set(struct model_vf_token *token, const unsigned char uuid[16])
{
	token->known = true;
	memcpy(token->uuid, uuid, sizeof(token->uuid));
}

int model_vf_token_check(struct model_device *device, const unsigned char uuid[16])
{
	if (device->config.pf)
		return compare(&device->model->devices[device->config.pf - 1].vf_token, uuid);
	if (!model_has_vfs(device))
		return uuid ? -EINVAL : 0;
	if (has_vf_in_use(device))
		return compare(&device->vf_token, uuid);
	if (uuid)
		set(&device->vf_token, uuid);
	return 0;
}

int model_vf_token_set(struct model_device *device, uint64_t data)
{
	unsigned char uuid[16];

	if (model_copy_in(uuid, data, sizeof(uuid)))
		return -EFAULT;
	set(&device->vf_token, uuid);
	return 0;
}
