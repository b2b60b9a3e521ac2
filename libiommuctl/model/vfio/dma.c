// SPDX-License-Identifier: MIT
/* A device's accesses, with and without its IOMMU, and its MSIs. */
#include "model/iommufd/iommufd.h"
#include "model/machine.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#define MSI_DATA      0 /* of the device's only vector */
#define DOORBELL_SIZE 4

/* A write to the doorbell interrupts on behalf of the device that it came from. */
static void ring(uint32_t stream_id, uint32_t value, void *data)
{
	(void)stream_id;
	if (value == MSI_DATA)
		model_irqs_deliver(data);
}

struct model_msi_window model_msi_window(const struct model_device *device)
{
	if (device->model->config.smmus[device->config.smmu].kind == IOMMUCTL_MODEL_IOMMU_SMMUV3)
		return (struct model_msi_window){
			.start = IOMMUCTL_MSI_WINDOW_START,
			.size = IOMMUCTL_MSI_WINDOW_SIZE,
			.doorbell = IOMMUCTL_MSI_WINDOW_START + 0x40,
			.translated = true,
		};
	return (struct model_msi_window){
		.start = IOMMUCTL_MSI_X86_START,
		.size = IOMMUCTL_MSI_X86_SIZE,
		.doorbell = IOMMUCTL_MSI_X86_START,
	};
}

/* A write there is an interrupt, whatever the device is attached to. */
static bool is_untranslated(const struct model_msi_window *msi, uint64_t iova)
{
	return !msi->translated && iova >= msi->start && iova - msi->start < msi->size;
}

static int interrupt(struct model_device *device, uint64_t doorbell, uint64_t iova,
	const void *buffer, size_t size)
{
	uint32_t value;

	if (iova != doorbell || size != sizeof(value))
		return -EIO;
	memcpy(&value, buffer, sizeof(value));
	ring(device->config.stream_id, le32toh(value), device);
	return 0;
}

int model_device_dma(
	struct model_device *device, int ssid, uint64_t iova, void *buffer, size_t size, bool write)
{
	const struct model_hwpt_paging *paging = model_paging_of(device->streaming);
	const struct model_msi_window msi = model_msi_window(device);
	const struct model_doorbell doorbell = {
		.ipa = msi.doorbell,
		.size = DOORBELL_SIZE,
		.ring = ring,
		.data = device,
	};
	struct model_smmu *smmu = device->model->smmus[device->config.smmu];
	const bool by_host = ssid >= 0 && model_stream_is_by_host(device, (uint32_t)ssid);
	/* The kernel maps it where a device is attached without a PASID. */
	const bool has_doorbell = !by_host && paging && paging->msi_mapped;
	const struct model_transaction transaction = {
		.stream_id = device->config.stream_id,
		.ssid = ssid,
		.by_host = by_host,
		.iova = iova,
		.buffer = buffer,
		.size = size,
		.write = write,
		.doorbell = has_doorbell ? &doorbell : NULL,
	};

	if (!model_edu_is_bus_master(&device->edu)) {
		model_smmu_show_abort(smmu, &transaction, IOMMUCTL_MODEL_ABORT_NO_MASTER);
		if (!write)
			memset(buffer, 0, size);
		return -EACCES;
	}
	if (write && is_untranslated(&msi, iova))
		return interrupt(device, msi.doorbell, iova, buffer, size);
	return model_smmu_access(smmu, &transaction);
}
