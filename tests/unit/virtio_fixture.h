/* SPDX-License-Identifier: MIT */
/* A virtio-iommu with two devices of the model machine behind it, and its requests as bytes. */
#ifndef TEST_VIRTIO_FIXTURE_H
#define TEST_VIRTIO_FIXTURE_H

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/model.h>
#include <iommuctl/vfio.h>
#include <iommuctl/virtio_iommu.h>

#include "abi/virtio_iommu.h"
#include "generic/wire.h"
#include "virtio/draft.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define PAGE		  UINT64_C(0x1000)
#define RAM		  UINT64_C(0x40000000)
#define RAM_SIZE	  (256 * PAGE)
#define MSI_START	  UINT64_C(0x8000000)
#define MSI_LAST	  UINT64_C(0x80fffff)
#define RESERVED_START	  UINT64_C(0x9000000)
#define RESERVED_LAST	  UINT64_C(0x9000fff)
#define IOVA_LAST	  UINT64_C(0xffffffffffff) /* of the model's SMMU */
#define PROBE_SIZE	  64
#define EP0		  8
#define EP1		  16
#define OK		  ABI_VIRTIO_IOMMU_S_OK
#define UNSUPP		  ABI_VIRTIO_IOMMU_S_UNSUPP
#define DEVERR		  ABI_VIRTIO_IOMMU_S_DEVERR
#define INVAL		  ABI_VIRTIO_IOMMU_S_INVAL
#define RANGE		  ABI_VIRTIO_IOMMU_S_RANGE
#define NOENT		  ABI_VIRTIO_IOMMU_S_NOENT
#define FAULT		  ABI_VIRTIO_IOMMU_S_FAULT
#define NOMEM		  ABI_VIRTIO_IOMMU_S_NOMEM
#define READ		  ABI_VIRTIO_IOMMU_MAP_F_READ
#define WRITE		  ABI_VIRTIO_IOMMU_MAP_F_WRITE
#define MMIO		  ABI_VIRTIO_IOMMU_MAP_F_MMIO
#define BYPASS		  ABI_VIRTIO_IOMMU_ATTACH_F_BYPASS
#define SILENCE		  0xff /* no status: nothing was written */

struct bench {
	struct iommuctl_model *model;
	struct iommuctl *setup; /* what calls do not count */
	struct iommuctl *ctx;
	struct iommuctl_transport *ledger;
	int iommufd;
	int devices[2];
	uint32_t memory_ioas;
	unsigned char *ram;
	struct iommuctl_virtio_iommu *viommu;
};

static const struct iommuctl_virtio_iommu_region regions[] = {
	{ .start = MSI_START, .last = MSI_LAST, .msi = true },
	{ .start = RESERVED_START, .last = RESERVED_LAST },
};

static inline void let_it_master(struct bench *bench, int device)
{
	const uint16_t command = htole16(6);
	struct iommuctl_vfio_region_info config;

	cr_assert_eq(iommuctl_vfio_region_get_info(
			     bench->setup, device, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &config),
		0);
	cr_assert_eq(iommuctl_vfio_region_write(
			     bench->setup, device, &config, 4, &command, sizeof(command)),
		0);
}

static inline struct iommuctl_virtio_iommu_config config_of(const struct bench *bench)
{
	return (struct iommuctl_virtio_iommu_config){
		.iommufd = bench->iommufd,
		.memory_ioas_id = bench->memory_ioas,
		.probe_size = PROBE_SIZE,
		.bypass_config = true,
	};
}

static inline void bench_memory(struct bench *bench)
{
	uint64_t ipa = RAM;

	bench->ram = aligned_alloc(PAGE, RAM_SIZE);
	cr_assert_not_null(bench->ram);
	memset(bench->ram, 0, RAM_SIZE);
	for (uint64_t at = 0; at < RAM_SIZE; at += PAGE)
		wire_put(bench->ram + at, 0, 8, RAM + at);
	cr_assert_eq(iommuctl_ioas_alloc(bench->setup, bench->iommufd, &bench->memory_ioas), 0);
	cr_assert_eq(iommuctl_ioas_map(bench->setup, bench->iommufd,
		&(struct iommuctl_ioas_map_args){
			.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
				IOMMUCTL_IOAS_MAP_WRITEABLE,
			.ioas_id = bench->memory_ioas, .host = bench->ram, .length = RAM_SIZE },
		&ipa),
		0);
}

/*
 * A bench on the machine @machine. Each page of guest memory starts with its own address. The
 * virtio-iommu is yet to come.
 */
static inline void bench_open_on(struct bench *bench, const struct iommuctl_model_config *machine)
{
	static const char *const paths[] = { "/dev/vfio/devices/vfio0", "/dev/vfio/devices/vfio1" };
	struct iommuctl_transport *transport;
	uint32_t dev_id;

	*bench = (struct bench){ 0 };
	cr_assert_eq(iommuctl_model_new(machine, &bench->model), 0);
	cr_assert_eq(iommuctl_model_transport_new(bench->model, &transport), 0);
	cr_assert_eq(iommuctl_new(transport, &bench->setup), 0);
	cr_assert_eq(iommuctl_iommufd_open(bench->setup, &bench->iommufd), 0);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(
			iommuctl_vfio_device_open(bench->setup, paths[i], &bench->devices[i]), 0);
		cr_assert_eq(iommuctl_vfio_bind_iommufd(bench->setup, bench->devices[i],
				     bench->iommufd, NULL, &dev_id),
			0);
		let_it_master(bench, bench->devices[i]);
	}
	bench_memory(bench);
}

static inline void bench_open(struct bench *bench)
{
	bench_open_on(bench, NULL);
}

/* Its calls go through @ledger; @nth of them fails with @error, unless it is 0. */
static inline void bench_context(struct bench *bench, uint64_t nth, int error)
{
	struct iommuctl_transport *transport;

	cr_assert_eq(iommuctl_model_transport_new(bench->model, &transport), 0);
	cr_assert_eq(iommuctl_transport_ledger_new(transport, &bench->ledger), 0);
	transport = bench->ledger;
	if (nth)
		cr_assert_eq(
			iommuctl_transport_fault_new(bench->ledger, nth, error, &transport), 0);
	cr_assert_eq(iommuctl_new(transport, &bench->ctx), 0);
}

static inline int bench_add(struct bench *bench, int device, uint32_t id)
{
	const struct iommuctl_virtio_iommu_endpoint endpoint = {
		.id = id,
		.device = bench->devices[device],
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

	iommuctl_transport_ledger_get_entries(bench->ledger, &count);
	return count;
}

static inline void bench_close(struct bench *bench)
{
	iommuctl_virtio_iommu_free(bench->viommu);
	iommuctl_free(bench->ctx);
	iommuctl_free(bench->setup);
	iommuctl_model_free(bench->model);
	free(bench->ram);
}

/* Sends @size bytes of a request with room for a tail alone. */
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

static inline size_t probe(
	struct bench *bench, uint32_t endpoint, unsigned char *out, size_t room)
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
	const int ret = iommuctl_model_dma(bench->model,
		&(struct iommuctl_model_access){ .device = device, .ssid = -1, .iova = iova,
			.buffer = data, .size = 8 });

	cr_assert(ret == 0 || ret == -EIO, "%d", ret);
	return ret ? 0 : wire_get(data, 0, 8);
}

/* Whether @device may write at @iova, eight bytes into a page. */
static inline bool writes(struct bench *bench, unsigned int device, uint64_t iova)
{
	unsigned char data[8] = { 1 };

	return iommuctl_model_dma(bench->model,
		&(struct iommuctl_model_access){ .device = device, .ssid = -1, .iova = iova + 8,
			.buffer = data, .size = 8, .write = true }) == 0;
}

#endif
