// SPDX-License-Identifier: MIT
#include "model/iommufd/iommufd.h"
#include "model/machine.h"

#include <errno.h>
#include <string.h>

#define MSI_DATA      0 /* of the only vector that a device has */
#define DOORBELL_SIZE 4

/* What is written to the doorbell interrupts by the device that it came from. */
static void ring(uint32_t stream_id, uint32_t value, void *data)
{
	(void)stream_id;
	if (value == MSI_DATA)
		model_irqs_deliver(data);
}

int model_device_dma(
	struct model_device *device, int ssid, uint64_t iova, void *buffer, size_t size, bool write)
{
	const struct model_hwpt_paging *paging = model_paging_of(device->streaming);
	const struct model_doorbell doorbell = {
		.ipa = MODEL_MSI_DOORBELL,
		.size = DOORBELL_SIZE,
		.ring = ring,
		.data = device,
	};
	struct model_smmu *smmu = device->model->smmus[device->config.smmu];
	const struct model_transaction transaction = {
		.stream_id = device->config.stream_id,
		.ssid = ssid,
		.iova = iova,
		.buffer = buffer,
		.size = size,
		.write = write,
		.doorbell = paging && paging->msi_mapped ? &doorbell : NULL,
	};

	if (!model_edu_is_bus_master(&device->edu)) {
		model_smmu_show_abort(smmu, &transaction, IOMMUCTL_MODEL_ABORT_NO_MASTER);
		if (!write)
			memset(buffer, 0, size);
		return -EACCES;
	}
	return model_smmu_access(smmu, &transaction);
}
