// SPDX-License-Identifier: MIT
/* A virtio-iommu: requests go from one virtqueue to the library, faults into the other. */
#include "virtio_iommu.h"

#include <errno.h>
#include <string.h>

#include <iommuctl/msi.h>
#include <iommuctl/virtio_iommu_fault.h>

#include "array.h"
#include "report.h"

#define DEVICE_ID 23u

#define REQUEST_QUEUE 0u
#define EVENT_QUEUE   1u

/* Requests have up to 72 bytes, and answers 4 more than PROBE's properties. */
#define LONGEST_REQUEST 128
#define PROBE_SIZE	64
#define LONGEST_ANSWER	(PROBE_SIZE + 4)

/*
 * The host's mapping for a function's MSIs is there, and nothing else can be mapped over it. The
 * doorbell that the guest knows is that of its own ITS: KVM handles writes to it, and it needs no
 * mapping.
 */
static const struct iommuctl_virtio_iommu_region regions[] = {
	{
		.start = IOMMUCTL_MSI_WINDOW_START,
		.last = IOMMUCTL_MSI_WINDOW_START + IOMMUCTL_MSI_WINDOW_SIZE - 1,
	},
	{
		.start = GIC_ITS_DOORBELL_PAGE,
		.last = GIC_ITS_DOORBELL_PAGE + GIC_ITS_DOORBELL_SIZE - 1,
		.msi = true,
	},
};

static uint64_t get_features(const void *device)
{
	const struct virtio_iommu *viommu = device;

	return iommuctl_virtio_iommu_get_features(viommu->iommu);
}

static int accept_features(void *device, uint64_t features)
{
	struct virtio_iommu *viommu = device;

	return iommuctl_virtio_iommu_accept(viommu->iommu, features);
}

static int reset(void *device)
{
	struct virtio_iommu *viommu = device;
	int err = iommuctl_virtio_iommu_reset(viommu->iommu);

	return err ? report_library(viommu->ctx, "the reset of the virtio-iommu", -err) : 0;
}

static int read_config(const void *device, uint64_t offset, void *bytes, size_t size)
{
	const struct virtio_iommu *viommu = device;

	return iommuctl_virtio_iommu_read_config(viommu->iommu, offset, bytes, size);
}

/* A write that the guest must not make is its own error. */
static int write_config(void *device, uint64_t offset, const void *bytes, size_t size)
{
	struct virtio_iommu *viommu = device;
	int err = iommuctl_virtio_iommu_write_config(viommu->iommu, offset, bytes, size);

	if (err && err != -EINVAL)
		report_library(viommu->ctx, "bypass of the virtio-iommu", -err);
	return err;
}

static void answer(
	struct virtio_iommu *viommu, struct virtqueue *queue, const struct virtqueue_chain *chain)
{
	const size_t room = virtqueue_get_room(chain);
	uint8_t request[LONGEST_REQUEST];
	uint8_t out[LONGEST_ANSWER] = { 0 };
	const size_t size = virtqueue_gather(chain, request, sizeof(request));
	const size_t written = iommuctl_virtio_iommu_request(
		viommu->iommu, request, size, out, room < sizeof(out) ? room : sizeof(out));

	virtqueue_give(viommu->mmio.vm, queue, chain, out, written);
}

/* Takes what waits now, and no more: what is added meanwhile comes with its own notification. */
static int serve(struct virtio_iommu *viommu, struct virtqueue *queue)
{
	const struct vm *vm = viommu->mmio.vm;
	const int waiting = virtqueue_get_waiting(vm, queue);
	struct virtqueue_chain chain;

	if (waiting < 0)
		return waiting;
	for (int i = 0; i < waiting; i++) {
		int err = virtqueue_take(vm, queue, &chain);

		if (err)
			return err;
		answer(viommu, queue, &chain);
	}
	if (waiting)
		virtio_mmio_used(&viommu->mmio, REQUEST_QUEUE);
	return 0;
}

/* Event buffers stay unused until there is an event. */
static void notify(void *device, unsigned int number)
{
	struct virtio_iommu *viommu = device;
	struct virtqueue *queue = virtio_mmio_get_queue(&viommu->mmio, number);

	if (queue && number == REQUEST_QUEUE && serve(viommu, queue))
		virtio_mmio_needs_reset(&viommu->mmio);
}

static const struct virtio_mmio_kind kind = {
	.device_id = DEVICE_ID,
	.get_features = get_features,
	.accept = accept_features,
	.reset = reset,
	.read_config = read_config,
	.write_config = write_config,
	.notify = notify,
};

int virtio_iommu_create(
	struct virtio_iommu *viommu, const struct vm *vm, const struct passthrough *passthrough)
{
	const struct iommuctl_virtio_iommu_config config = {
		.iommufd = passthrough->iommufd,
		.memory_ioas_id = passthrough->ioas_id,
		.probe_size = PROBE_SIZE,
		.bypass_config = true,
	};
	int err;

	*viommu = (struct virtio_iommu){
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.ctx = passthrough->ctx,
	};
	virtio_mmio_init(&viommu->mmio, vm, &kind, viommu, VIRTIO_IOMMU_SPI);
	err = iommuctl_virtio_iommu_new(viommu->ctx, &config, &viommu->iommu);
	return err ? report_library(viommu->ctx, "the virtio-iommu", -err) : 0;
}

void virtio_iommu_destroy(struct virtio_iommu *viommu)
{
	iommuctl_virtio_iommu_free(viommu->iommu);
	viommu->iommu = NULL;
}

/* A function whose IOMMU takes less narrows what may be mapped: then the guest is notified. */
static int add(struct virtio_iommu *viommu, const struct iommuctl_virtio_iommu_endpoint *endpoint,
	const char *name)
{
	uint8_t before[IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE] = { 0 };
	uint8_t after[IOMMUCTL_VIRTIO_IOMMU_CONFIG_SIZE] = { 0 };
	int err;

	pthread_mutex_lock(&viommu->lock);
	(void)read_config(viommu, 0, before, sizeof(before));
	err = iommuctl_virtio_iommu_add_endpoint(viommu->iommu, endpoint);
	(void)read_config(viommu, 0, after, sizeof(after));
	if (memcmp(before, after, sizeof(after)) != 0)
		virtio_mmio_config_changed(&viommu->mmio);
	pthread_mutex_unlock(&viommu->lock);
	return err ? report_library(viommu->ctx, name, -err) : 0;
}

static int attach(void *data, const struct function *function)
{
	const struct iommuctl_virtio_iommu_endpoint endpoint = {
		.id = function->requester_id,
		.device = function->device,
		.regions = regions,
		.region_count = ARRAY_SIZE(regions),
	};

	return add(data, &endpoint, function->address);
}

int virtio_iommu_add_emulated(struct virtio_iommu *viommu, uint16_t requester_id)
{
	const struct iommuctl_virtio_iommu_endpoint endpoint = {
		.id = requester_id,
		.regions = regions,
		.region_count = ARRAY_SIZE(regions),
		.emulated = true,
	};

	return add(viommu, &endpoint, "an emulated function");
}

static void detach(void *data, const struct function *function)
{
	struct virtio_iommu *viommu = data;
	int err;

	pthread_mutex_lock(&viommu->lock);
	err = iommuctl_virtio_iommu_remove_endpoint(viommu->iommu, function->requester_id);
	pthread_mutex_unlock(&viommu->lock);
	if (err)
		report_library(viommu->ctx, function->address, -err);
}

struct function_iommu virtio_iommu_get_functions(struct virtio_iommu *viommu)
{
	return (struct function_iommu){ .data = viommu, .attach = attach, .detach = detach };
}

/* If the guest has supplied no buffer, the fault is lost. */
static void tell(struct virtio_iommu *viommu, const struct iommuctl_virtio_iommu_fault *fault)
{
	const struct vm *vm = viommu->mmio.vm;
	struct virtqueue *queue = virtio_mmio_get_queue(&viommu->mmio, EVENT_QUEUE);
	uint8_t bytes[IOMMUCTL_VIRTIO_IOMMU_FAULT_SIZE];
	struct virtqueue_chain chain;
	int err;

	if (!queue || iommuctl_virtio_iommu_fault_encode(fault, bytes, sizeof(bytes)))
		return;
	err = virtqueue_get_waiting(vm, queue);
	if (!err)
		return;
	if (err > 0)
		err = virtqueue_take(vm, queue, &chain);
	if (err) {
		virtio_mmio_needs_reset(&viommu->mmio);
		return;
	}
	virtqueue_give(vm, queue, &chain, bytes, sizeof(bytes));
	virtio_mmio_used(&viommu->mmio, EVENT_QUEUE);
}

static bool translate(void *data, const struct dma *dma, struct dma_place *place)
{
	struct virtio_iommu *viommu = data;
	const struct iommuctl_virtio_iommu_access access = {
		.address = dma->address,
		.endpoint = dma->requester_id,
		.flags = dma->is_write ? IOMMUCTL_VIRTIO_IOMMU_WRITE : IOMMUCTL_VIRTIO_IOMMU_READ,
	};
	struct iommuctl_virtio_iommu_translation translation;
	struct iommuctl_virtio_iommu_fault fault;
	int err = iommuctl_virtio_iommu_translate(viommu->iommu, &access, &translation, &fault);

	if (err == -EFAULT)
		tell(viommu, &fault);
	if (err)
		return false;
	*place = (struct dma_place){ translation.ipa, translation.size };
	return true;
}

/* The lock is held throughout: no page is written once the guest's UNMAP is done. */
static bool access_memory(void *data, const struct dma *dma)
{
	struct virtio_iommu *viommu = data;
	bool done;

	pthread_mutex_lock(&viommu->lock);
	done = dma_access_translated(viommu->mmio.vm, dma, translate, viommu);
	pthread_mutex_unlock(&viommu->lock);
	return done;
}

struct dma_path virtio_iommu_get_path(struct virtio_iommu *viommu)
{
	return (struct dma_path){ .data = viommu, .access = access_memory };
}

bool virtio_iommu_read(void *device, uint64_t offset, unsigned int size, uint64_t *value)
{
	struct virtio_iommu *viommu = device;
	bool done;

	pthread_mutex_lock(&viommu->lock);
	done = virtio_mmio_read(&viommu->mmio, offset, size, value);
	pthread_mutex_unlock(&viommu->lock);
	return done;
}

bool virtio_iommu_write(void *device, uint64_t offset, unsigned int size, uint64_t value)
{
	struct virtio_iommu *viommu = device;
	bool done;

	pthread_mutex_lock(&viommu->lock);
	done = virtio_mmio_write(&viommu->mmio, offset, size, value);
	pthread_mutex_unlock(&viommu->lock);
	return done;
}
