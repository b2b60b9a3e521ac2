// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/machine.h"

#include <errno.h>

#define MSI_DATA      0 /* of the only vector that a device has */
#define DOORBELL_SIZE 4

/* What is written to the doorbell interrupts by the StreamID it came from, whoever wrote it. */
static void ring(uint32_t stream_id, uint32_t value, void *data)
{
	struct iommuctl_model *model = data;

	for (size_t i = 0; value == MSI_DATA && i < model->config.device_count; i++)
		if (model->devices[i].config.stream_id == stream_id)
			model_irqs_deliver(&model->devices[i]);
}

int model_device_dma(
	struct model_device *device, int ssid, uint64_t iova, void *buffer, size_t size, bool write)
{
	const struct model_hwpt_paging *paging = model_paging_of(device->streaming);
	const struct model_doorbell doorbell = {
		.ipa = MODEL_MSI_DOORBELL,
		.size = DOORBELL_SIZE,
		.ring = ring,
		.data = device->model,
	};
	const struct model_transaction transaction = {
		.stream_id = device->config.stream_id,
		.ssid = ssid,
		.iova = iova,
		.buffer = buffer,
		.size = size,
		.write = write,
		.doorbell = paging && paging->msi_mapped ? &doorbell : NULL,
	};

	if (!model_edu_is_bus_master(&device->edu))
		return -EIO;
	return model_smmu_access(device->model->smmus[device->config.smmu], &transaction);
}
