/* SPDX-License-Identifier: MIT */
/* A virtio-iommu with two devices of the model machine behind it, and its requests as bytes. */
#ifndef TEST_VIRTIO_FIXTURE_H
#define TEST_VIRTIO_FIXTURE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/model.h>
#include <iommuctl/virtio_iommu.h>

#include "array.h"
#include "abi/virtio_iommu.h"
#include "generic/wire.h"
#include "virtio/draft.h"
#include "vmm.h"

#define PAGE	       GUEST_PAGE
#define RAM	       UINT64_C(0x40000000)
#define RAM_SIZE       (256 * PAGE)
#define MSI_START      UINT64_C(0x8000000)
#define MSI_LAST       UINT64_C(0x80fffff)
#define RESERVED_START UINT64_C(0x9000000)
#define RESERVED_LAST  UINT64_C(0x9000fff)
#define IOVA_LAST      UINT64_C(0xffffffffffff) /* of the model's SMMU */
#define PROBE_SIZE     64
#define EP0	       8
#define EP1	       16
#define OK	       ABI_VIRTIO_IOMMU_S_OK
#define UNSUPP	       ABI_VIRTIO_IOMMU_S_UNSUPP
#define DEVERR	       ABI_VIRTIO_IOMMU_S_DEVERR
#define INVAL	       ABI_VIRTIO_IOMMU_S_INVAL
#define RANGE	       ABI_VIRTIO_IOMMU_S_RANGE
#define NOENT	       ABI_VIRTIO_IOMMU_S_NOENT
#define FAULT	       ABI_VIRTIO_IOMMU_S_FAULT
#define NOMEM	       ABI_VIRTIO_IOMMU_S_NOMEM
#define READ	       ABI_VIRTIO_IOMMU_MAP_F_READ
#define WRITE	       ABI_VIRTIO_IOMMU_MAP_F_WRITE
#define MMIO	       ABI_VIRTIO_IOMMU_MAP_F_MMIO
#define BYPASS	       ABI_VIRTIO_IOMMU_ATTACH_F_BYPASS
#define SILENCE	       0xff /* no status: nothing was written */

struct bench {
	struct vmm vmm; /* its calls are not counted */
	struct iommuctl *ctx;
	struct iommuctl_virtio_iommu *viommu;
};

static const struct iommuctl_virtio_iommu_region regions[] = {
	{ .start = MSI_START, .last = MSI_LAST, .msi = true },
	{ .start = RESERVED_START, .last = RESERVED_LAST },
};

static inline struct iommuctl_virtio_iommu_config config_of(const struct bench *bench)
{
	return (struct iommuctl_virtio_iommu_config){
		.iommufd = bench->vmm.iommufd,
		.memory_ioas_id = bench->vmm.ioas,
		.probe_size = PROBE_SIZE,
		.bypass_config = true,
	};
}

/*
 * A bench on the machine @machine. Each page of guest memory starts with its own address. The
 * virtio-iommu is still missing.
 */
static inline void bench_open_on(struct bench *bench, const struct iommuctl_model_config *machine)
{
	*bench = (struct bench){ 0 };
	vmm_open_model(&bench->vmm, machine);
	vmm_make_ram(&bench->vmm, RAM, RAM_SIZE);
	for (uint64_t at = RAM; at < RAM + RAM_SIZE; at += PAGE)
		guest_put_words(&bench->vmm.ram, at, &at, 1);
}

static inline void bench_open(struct bench *bench)
{
	bench_open_on(bench, NULL);
}

/* Its calls go through a ledger; @nth of them fails with @error, unless it is 0. */
static inline void bench_context(struct bench *bench, uint64_t nth, int error)
{
	bench->ctx = vmm_model_context(&bench->vmm, nth, error);
}

static inline int bench_add(struct bench *bench, int device, uint32_t id)
{
	const struct iommuctl_virtio_iommu_endpoint endpoint = {
		.id = id,
		.device = bench->vmm.devices[device],
		.regions = regions,
		.region_count = ARRAY_SIZE(regions),
	};

	return iommuctl_virtio_iommu_add_endpoint(bench->viommu, &endpoint);
}

static inline void bench_fill(
	struct bench *bench, const struct iommuctl_virtio_iommu_config *config)
{
	cr_assert_eq(iommuctl_virtio_iommu_new(bench->ctx, config, &bench->viommu), 0);
	cr_assert_eq(iommuctl_virtio_iommu_accept(
			     bench->viommu, iommuctl_virtio_iommu_get_features(bench->viommu)),
		0);
	cr_assert_eq(bench_add(bench, 0, EP0), 0);
	cr_assert_eq(bench_add(bench, 1, EP1), 0);
}

static inline void bench_start(
	struct bench *bench, const struct iommuctl_virtio_iommu_config *config)
{
	bench_context(bench, 0, 0);
	bench_fill(bench, config);
}

/* How many objects and attachments the virtio-iommu holds. */
static inline size_t bench_holds(const struct bench *bench)
{
	size_t count;

	iommuctl_transport_ledger_get_entries(bench->vmm.ledger, &count);
	return count;
}

static inline void bench_close(struct bench *bench)
{
	iommuctl_virtio_iommu_free(bench->viommu);
	iommuctl_free(bench->ctx);
	vmm_close_model(&bench->vmm);
}

/* Sends @size bytes of a request that only has room for a tail. */
static inline uint8_t send_request(struct bench *bench, const void *request, size_t size)
{
	unsigned char out[8];
	size_t written;

	memset(out, 0xee, sizeof(out));
	written = iommuctl_virtio_iommu_request(bench->viommu, request, size, out, 4);
	if (written == 0) {
		cr_assert_eq(out[0], 0xee);
		return SILENCE;
	}
	cr_assert_eq(written, 4);
	cr_assert(out[1] == 0 && out[2] == 0 && out[3] == 0 && out[4] == 0xee);
	return out[0];
}

static inline void make_attach(
	unsigned char request[20], uint32_t domain, uint32_t endpoint, uint32_t flags)
{
	memset(request, 0, 20);
	request[0] = ABI_VIRTIO_IOMMU_T_ATTACH;
	wire_put(request, 4, 4, domain);
	wire_put(request, 8, 4, endpoint);
	wire_put(request, 12, 4, flags);
}

static inline uint8_t attach(
	struct bench *bench, uint32_t domain, uint32_t endpoint, uint32_t flags)
{
	unsigned char request[20];

	make_attach(request, domain, endpoint, flags);
	return send_request(bench, request, sizeof(request));
}

static inline uint8_t detach(struct bench *bench, uint32_t domain, uint32_t endpoint)
{
	unsigned char request[20];

	make_attach(request, domain, endpoint, 0);
	request[0] = ABI_VIRTIO_IOMMU_T_DETACH;
	return send_request(bench, request, sizeof(request));
}

static inline void make_map(unsigned char request[36], uint32_t domain, uint64_t start,
	uint64_t last, uint64_t physical, uint32_t flags)
{
	memset(request, 0, 36);
	request[0] = ABI_VIRTIO_IOMMU_T_MAP;
	wire_put(request, 4, 4, domain);
	wire_put(request, 8, 8, start);
	wire_put(request, 16, 8, last);
	wire_put(request, 24, 8, physical);
	wire_put(request, 32, 4, flags);
}

static inline uint8_t map(struct bench *bench, uint32_t domain, uint64_t start, uint64_t last,
	uint64_t physical, uint32_t flags)
{
	unsigned char request[36];

	make_map(request, domain, start, last, physical, flags);
	return send_request(bench, request, sizeof(request));
}

static inline void make_unmap(
	unsigned char request[28], uint32_t domain, uint64_t start, uint64_t last)
{
	memset(request, 0, 28);
	request[0] = ABI_VIRTIO_IOMMU_T_UNMAP;
	wire_put(request, 4, 4, domain);
	wire_put(request, 8, 8, start);
	wire_put(request, 16, 8, last);
}

static inline uint8_t unmap(struct bench *bench, uint32_t domain, uint64_t start, uint64_t last)
{
	unsigned char request[28];

	make_unmap(request, domain, start, last);
	return send_request(bench, request, sizeof(request));
}

static inline size_t probe(struct bench *bench, uint32_t endpoint, unsigned char *out, size_t room)
{
	unsigned char request[72] = { ABI_VIRTIO_IOMMU_T_PROBE };

	wire_put(request, 4, 4, endpoint);
	memset(request + 8, 0xff, 64);
	memset(out, 0xee, PROBE_SIZE + 8);
	return iommuctl_virtio_iommu_request(bench->viommu, request, sizeof(request), out, room);
}

/* The guest-physical address of the page that @device reads at @iova; 0: it may not. */
static inline uint64_t reads(struct bench *bench, unsigned int device, uint64_t iova)
{
	unsigned char data[8];
	const int err = iommuctl_model_dma(bench->vmm.model,
		&(struct iommuctl_model_access){
			.device = device, .ssid = -1, .iova = iova, .buffer = data, .size = 8 });

	cr_assert(err == 0 || err == -EIO, "%d", err);
	return err ? 0 : wire_get(data, 0, 8);
}

/* Whether @device may write at @iova, eight bytes into a page. */
static inline bool writes(struct bench *bench, unsigned int device, uint64_t iova)
{
	unsigned char data[8] = { 1 };

	return iommuctl_model_dma(bench->vmm.model,
		       &(struct iommuctl_model_access){ .device = device,
			       .ssid = -1,
			       .iova = iova + 8,
			       .buffer = data,
			       .size = 8,
			       .write = true }) == 0;
}

#endif
