// SPDX-License-Identifier: MIT
#include "model/machine.h"
#include "array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model/config.h"
#include "model/mapping.h"

void iommuctl_model_default_config(struct iommuctl_model_config *config)
{
	*config = (struct iommuctl_model_config){
		.smmu_count = 1,
		.device_count = 2,
		.devices = { { .pci = "0000:00:01.0" }, { .pci = "0000:00:02.0" } },
	};
}

static int smmus_new(struct iommuctl_model *model)
{
	for (size_t i = 0; i < model->config.smmu_count; i++) {
		int err =
			model_smmu_new(&model->config.smmus[i], &model->counters, &model->smmus[i]);

		if (err)
			return err;
	}
	return 0;
}

int iommuctl_model_new(const struct iommuctl_model_config *config, struct iommuctl_model **model)
{
	struct iommuctl_model *made = calloc(1, sizeof(*made));
	int err;

	if (!made)
		return -ENOMEM;
	if (config)
		made->config = *config;
	else
		iommuctl_model_default_config(&made->config);
	err = model_config_complete(&made->config);
	if (err == 0)
		err = smmus_new(made);
	for (unsigned int i = 0; !err && i < made->config.device_count; i++)
		err = model_device_init(made, i, &made->config.devices[i]);
	if (err) {
		iommuctl_model_free(made);
		return err;
	}
	*model = made;
	return 0;
}

void iommuctl_model_free(struct iommuctl_model *model)
{
	if (!model)
		return;
	for (size_t fd = 0; fd < model->file_room; fd++)
		model_file_close(model, (int)fd);
	model_mappings_free(model);
	for (size_t i = 0; i < ARRAY_SIZE(model->devices); i++)
		model_bars_free(&model->devices[i]);
	for (size_t i = 0; i < model->config.smmu_count && model->smmus[i]; i++)
		model_smmu_free(model->smmus[i]);
	free(model->files);
	free(model);
}

void iommuctl_model_get_counters(
	const struct iommuctl_model *model, struct iommuctl_model_counters *counters)
{
	*counters = model->counters;
}

int iommuctl_model_get_tlb(const struct iommuctl_model *model, unsigned int smmu,
	struct iommuctl_model_tlb_entry *entries, size_t *count)
{
	if (smmu >= model->config.smmu_count)
		return -EINVAL;
	*count = model_smmu_get_tlb(model->smmus[smmu], entries, *count);
	return 0;
}

void iommuctl_model_watch(struct iommuctl_model *model,
	void (*receive)(const struct iommuctl_model_lookup *lookup, void *data), void *data)
{
	for (size_t i = 0; i < model->config.smmu_count; i++)
		model_smmu_watch(model->smmus[i], receive, data);
}

int iommuctl_model_dma(struct iommuctl_model *model, const struct iommuctl_model_access *access)
{
	const struct iommuctl_model_smmu *smmu;
	const int ssid = access->ssid;

	if (access->device >= model->config.device_count)
		return -EINVAL;
	smmu = &model->config.smmus[model->config.devices[access->device].smmu];
	if (ssid < -1 || (ssid >= 0 && (smmu->ssid_bits == 0 || ssid >> smmu->ssid_bits)))
		return -EINVAL;
	model_ioeventfds_follow(model);
	return model_device_dma(&model->devices[access->device], ssid, access->iova, access->buffer,
		access->size, access->write);
}

int iommuctl_model_unplug(struct iommuctl_model *model, unsigned int device, bool returns)
{
	if (device >= model->config.device_count)
		return -EINVAL;
	model_device_unplug(&model->devices[device], returns);
	return 0;
}
