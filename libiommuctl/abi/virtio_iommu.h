/* SPDX-License-Identifier: MIT */
/*
 * The virtio-iommu device (virtio 1.3, 5.13): what its configuration, requests and faults look
 * like. All numbers are little-endian. tests/abi proves it.
 */
#ifndef LIBIOMMUCTL_ABI_VIRTIO_IOMMU_H
#define LIBIOMMUCTL_ABI_VIRTIO_IOMMU_H

#include <stdint.h>

/* Numbers of feature bits. */
enum abi_virtio_iommu_feature {
	ABI_VIRTIO_IOMMU_F_INPUT_RANGE = 0,
	ABI_VIRTIO_IOMMU_F_DOMAIN_RANGE = 1,
	ABI_VIRTIO_IOMMU_F_MAP_UNMAP = 2,
	ABI_VIRTIO_IOMMU_F_BYPASS = 3, /* superseded by BYPASS_CONFIG */
	ABI_VIRTIO_IOMMU_F_PROBE = 4,
	ABI_VIRTIO_IOMMU_F_MMIO = 5,
	ABI_VIRTIO_IOMMU_F_BYPASS_CONFIG = 6,
};

struct abi_virtio_iommu_range_64 {
	uint64_t start;
	uint64_t end;
};

struct abi_virtio_iommu_range_32 {
	uint32_t start;
	uint32_t end;
};

struct abi_virtio_iommu_config {
	uint64_t page_size_mask;
	struct abi_virtio_iommu_range_64 input_range;
	struct abi_virtio_iommu_range_32 domain_range;
	uint32_t probe_size;
	uint8_t bypass;
	uint8_t reserved[3];
};

enum abi_virtio_iommu_type {
	ABI_VIRTIO_IOMMU_T_ATTACH = 1,
	ABI_VIRTIO_IOMMU_T_DETACH = 2,
	ABI_VIRTIO_IOMMU_T_MAP = 3,
	ABI_VIRTIO_IOMMU_T_UNMAP = 4,
	ABI_VIRTIO_IOMMU_T_PROBE = 5,
};

enum abi_virtio_iommu_status {
	ABI_VIRTIO_IOMMU_S_OK = 0,
	ABI_VIRTIO_IOMMU_S_IOERR = 1,
	ABI_VIRTIO_IOMMU_S_UNSUPP = 2,
	ABI_VIRTIO_IOMMU_S_DEVERR = 3,
	ABI_VIRTIO_IOMMU_S_INVAL = 4,
	ABI_VIRTIO_IOMMU_S_RANGE = 5,
	ABI_VIRTIO_IOMMU_S_NOENT = 6,
	ABI_VIRTIO_IOMMU_S_FAULT = 7,
	ABI_VIRTIO_IOMMU_S_NOMEM = 8,
};

struct abi_virtio_iommu_req_head {
	uint8_t type; /* enum abi_virtio_iommu_type */
	uint8_t reserved[3];
};

/* The part that the device writes; everything before it, except properties, it reads. */
struct abi_virtio_iommu_req_tail {
	uint8_t status; /* enum abi_virtio_iommu_status */
	uint8_t reserved[3];
};

#define ABI_VIRTIO_IOMMU_ATTACH_F_BYPASS (1 << 0)

struct abi_virtio_iommu_req_attach {
	struct abi_virtio_iommu_req_head head;
	uint32_t domain;
	uint32_t endpoint;
	uint32_t flags; /* ABI_VIRTIO_IOMMU_ATTACH_F_… */
	uint8_t reserved[4];
	struct abi_virtio_iommu_req_tail tail;
};

struct abi_virtio_iommu_req_detach {
	struct abi_virtio_iommu_req_head head;
	uint32_t domain;
	uint32_t endpoint;
	uint8_t reserved[8];
	struct abi_virtio_iommu_req_tail tail;
};

enum abi_virtio_iommu_map_flags {
	ABI_VIRTIO_IOMMU_MAP_F_READ = 1 << 0,
	ABI_VIRTIO_IOMMU_MAP_F_WRITE = 1 << 1,
	ABI_VIRTIO_IOMMU_MAP_F_MMIO = 1 << 2,
	ABI_VIRTIO_IOMMU_MAP_F_MASK = 7,
};

struct abi_virtio_iommu_req_map {
	struct abi_virtio_iommu_req_head head;
	uint32_t domain;
	uint64_t virt_start;
	uint64_t virt_end; /* inclusive */
	uint64_t phys_start;
	uint32_t flags; /* enum abi_virtio_iommu_map_flags */
	struct abi_virtio_iommu_req_tail tail;
};

struct abi_virtio_iommu_req_unmap {
	struct abi_virtio_iommu_req_head head;
	uint32_t domain;
	uint64_t virt_start;
	uint64_t virt_end; /* inclusive */
	uint8_t reserved[4];
	struct abi_virtio_iommu_req_tail tail;
};

enum abi_virtio_iommu_probe_type {
	ABI_VIRTIO_IOMMU_PROBE_T_NONE = 0,
	ABI_VIRTIO_IOMMU_PROBE_T_RESV_MEM = 1,
	ABI_VIRTIO_IOMMU_PROBE_T_MASK = 0xfff,
};

struct abi_virtio_iommu_probe_property {
	uint16_t type;	 /* enum abi_virtio_iommu_probe_type */
	uint16_t length; /* of what follows this structure */
};

enum abi_virtio_iommu_resv_mem_type {
	ABI_VIRTIO_IOMMU_RESV_MEM_T_RESERVED = 0,
	ABI_VIRTIO_IOMMU_RESV_MEM_T_MSI = 1,
};

struct abi_virtio_iommu_probe_resv_mem {
	struct abi_virtio_iommu_probe_property head;
	uint8_t subtype; /* enum abi_virtio_iommu_resv_mem_type */
	uint8_t reserved[3];
	uint64_t start;
	uint64_t end; /* inclusive */
};

/* The properties are the device's to write, and the tail follows them. */
struct abi_virtio_iommu_req_probe {
	struct abi_virtio_iommu_req_head head;
	uint32_t endpoint;
	uint8_t reserved[64];
	uint8_t properties[];
};

enum abi_virtio_iommu_fault_reason {
	ABI_VIRTIO_IOMMU_FAULT_R_UNKNOWN = 0,
	ABI_VIRTIO_IOMMU_FAULT_R_DOMAIN = 1,
	ABI_VIRTIO_IOMMU_FAULT_R_MAPPING = 2,
};

enum abi_virtio_iommu_fault_flags {
	ABI_VIRTIO_IOMMU_FAULT_F_READ = 1 << 0,
	ABI_VIRTIO_IOMMU_FAULT_F_WRITE = 1 << 1,
	ABI_VIRTIO_IOMMU_FAULT_F_EXEC = 1 << 2,
	ABI_VIRTIO_IOMMU_FAULT_F_ADDRESS = 1 << 8,
};

struct abi_virtio_iommu_fault {
	uint8_t reason; /* enum abi_virtio_iommu_fault_reason */
	uint8_t reserved[3];
	uint32_t flags; /* enum abi_virtio_iommu_fault_flags */
	uint32_t endpoint;
	uint8_t reserved2[4];
	uint64_t address;
};

#endif
