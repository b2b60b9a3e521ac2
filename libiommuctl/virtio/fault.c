// SPDX-License-Identifier: MIT
/* Converts faults for the event queue, and from an SMMU's events. */
#include "virtio/virtio_private.h"

#include <errno.h>
#include <string.h>

#include <iommuctl/virtio_iommu_fault.h>

#include "abi/virtio_iommu.h"
#include "generic/wire.h"

#define FLAGS                                                                                      \
	(ABI_VIRTIO_IOMMU_FAULT_F_READ | ABI_VIRTIO_IOMMU_FAULT_F_WRITE |                          \
		ABI_VIRTIO_IOMMU_FAULT_F_EXEC | ABI_VIRTIO_IOMMU_FAULT_F_ADDRESS)
#define AT(field) offsetof(struct abi_virtio_iommu_fault, field)

int iommuctl_virtio_iommu_fault_encode(
	const struct iommuctl_virtio_iommu_fault *fault, void *buffer, size_t size)
{
	unsigned char event[IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE] = { 0 };

	if (!fault || !buffer || fault->flags & ~(uint32_t)FLAGS ||
		fault->reason > ABI_VIRTIO_IOMMU_FAULT_R_MAPPING)
		return -EINVAL;
	if (fault->address && !(fault->flags & ABI_VIRTIO_IOMMU_FAULT_F_ADDRESS))
		return -EINVAL;
	if (size < sizeof(event))
		return -EMSGSIZE;
	wire_put(event, AT(reason), 1, fault->reason);
	wire_put(event, AT(flags), 4, fault->flags);
	wire_put(event, AT(endpoint), 4, fault->endpoint);
	wire_put(event, AT(address), 8, fault->address);
	memcpy(buffer, event, sizeof(event));
	return 0;
}

static const struct endpoint *find_stream(const struct iommuctl_virtio_iommu *iommu, uint32_t vsid)
{
	for (size_t i = 0; i < iommu->endpoint_count; i++)
		if (iommu->endpoints[i].nested && iommu->endpoints[i].vsid == vsid)
			return &iommu->endpoints[i];
	return NULL;
}

static uint8_t reason_of(const struct iommuctl_virtio_iommu *iommu, const struct endpoint *endpoint,
	const struct iommuctl_smmuv3_event *event)
{
	switch (event->type) {
	case IOMMUCTL_SMMUV3_F_TRANSLATION:
	case IOMMUCTL_SMMUV3_F_ADDR_SIZE:
	case IOMMUCTL_SMMUV3_F_ACCESS:
	case IOMMUCTL_SMMUV3_F_PERMISSION: return ABI_VIRTIO_IOMMU_FAULT_R_MAPPING;
	default: break;
	}
	return endpoint->domain || iommu->bypass ? ABI_VIRTIO_IOMMU_FAULT_R_UNKNOWN
						 : ABI_VIRTIO_IOMMU_FAULT_R_DOMAIN;
}

/* Which fields an event has depends on its type: some lack the address, or the kind of access. */
static uint32_t flags_of(const struct iommuctl_smmuv3_event *event)
{
	uint32_t flags = 0;

	if (iommuctl_smmuv3_event_field(event->type, "RnW"))
		flags |=
			event->rnw ? ABI_VIRTIO_IOMMU_FAULT_F_READ : ABI_VIRTIO_IOMMU_FAULT_F_WRITE;
	if (iommuctl_smmuv3_event_field(event->type, "InD") && event->ind)
		flags |= ABI_VIRTIO_IOMMU_FAULT_F_EXEC;
	if (iommuctl_smmuv3_event_field(event->type, "InputAddr"))
		flags |= ABI_VIRTIO_IOMMU_FAULT_F_ADDRESS;
	return flags;
}

static int refuse(const struct iommuctl_virtio_iommu *iommu,
	const struct iommuctl_smmuv3_event *event, int error,
	const struct iommuctl_explanation *why)
{
	const struct call_object what = { "StreamID", event ? event->streamid : 0, SHOW_HEX };

	return viommu_refuse(iommu, OP_VIRTIO_IOMMU_FAULT_FROM_EVENT, what, error, why);
}

int iommuctl_virtio_iommu_fault_from_event(const struct iommuctl_virtio_iommu *iommu,
	const struct iommuctl_smmuv3_event *event, struct iommuctl_virtio_iommu_fault *fault)
{
	static const struct iommuctl_explanation no_arguments = {
		"the event or the place for the fault is missing",
		"pass both",
	};
	static const struct iommuctl_explanation no_fault = {
		"the event is a page request, or of a type that is not architected",
		"pass events that report faults",
	};
	static const struct iommuctl_explanation no_stream = {
		"no nested endpoint has the StreamID as its vsid",
		"pass events of endpoints that were added and not removed since",
	};
	const struct endpoint *endpoint;

	if (!iommu)
		return -EINVAL;
	if (!event || !fault)
		return refuse(iommu, event, EINVAL, &no_arguments);
	if (event->type == IOMMUCTL_SMMUV3_E_PAGE_REQUEST ||
		!iommuctl_smmuv3_event_name(event->type))
		return refuse(iommu, event, EINVAL, &no_fault);
	endpoint = find_stream(iommu, event->streamid);
	if (!endpoint)
		return refuse(iommu, event, ENOENT, &no_stream);
	*fault = (struct iommuctl_virtio_iommu_fault){
		.endpoint = endpoint->id,
		.flags = flags_of(event),
		.reason = reason_of(iommu, endpoint, event),
	};
	if (fault->flags & ABI_VIRTIO_IOMMU_FAULT_F_ADDRESS)
		fault->address = event->inputaddr;
	return 0;
}
