/* SPDX-License-Identifier: MIT */
/*
 * The CMDQV of NVIDIA's Tegra241 (Grace): hardware command queues for a guest's SMMUv3 driver.
 *
 * A vIOMMU of type TEGRA241_CMDQV is a virtual interface (VINTF) of it. HW queues are the logical
 * queues (LVCMDQs) of that interface. Their registers are in page 0, which iommuctl_iommufd_mmap()
 * maps at the offset from VIOMMU_ALLOC. Tables of fields and refusals are those of smmuv3_field.h.
 *
 * @info: what the CMDQV has, field by field
 * @event: the event, field by field
 *
 * Common: smmuv3_field.h
 * Source: struct iommu_hw_info_tegra241_cmdqv and struct iommu_vevent_tegra241_cmdqv in
 *   include/uapi/linux/iommufd.h; for registers,
 *   drivers/iommu/arm/arm-smmu-v3/tegra241-cmdqv.c (Linux 7.3).
 */
#ifndef IOMMUCTL_SMMUV3_CMDQV_H
#define IOMMUCTL_SMMUV3_CMDQV_H

#include <stdbool.h>

#include <iommuctl/hw_info.h>
#include <iommuctl/smmuv3_field.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * What a CMDQV has for one guest.
 *
 * @version: of the CMDQV
 * @log2vcmdqs: binary logarithm of the number of HW queues of a vIOMMU
 * @log2vsids: binary logarithm of the number of vDEVICEs of a vIOMMU
 * @flags: none is defined
 *
 * Since: 0.1
 */
struct iommuctl_smmuv3_cmdqv {
	uint8_t version;
	uint8_t log2vcmdqs;
	uint8_t log2vsids;
	uint32_t flags;
};

/*
 * Decodes what IOMMU_GET_HW_INFO returns for the type TEGRA241_CMDQV.
 *
 * Any data decodes.
 *
 * @data: as the kernel has written it
 * @info: out: the fields
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_cmdqv_decode(
	const struct iommuctl_hw_info_tegra241_cmdqv *data, struct iommuctl_smmuv3_cmdqv *info);

/*
 * Gets the table of fields, all of word 0: the data of GET_HW_INFO as a little-endian number.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cmdqv_fields(size_t *count);

/*
 * Writes what a CMDQV has as one line of text.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_smmuv3_cmdqv_print(
	const struct iommuctl_smmuv3_cmdqv *info, char *text, size_t size);

/*
 * The most HW queues of an interface: the number of bits in the map of an event.
 *
 * Since: 0.1
 */
#define IOMMUCTL_SMMUV3_CMDQV_QUEUES_MAX 128

/*
 * The words of an event of a vEVENTQ of type TEGRA241_CMDQV.
 *
 * Since: 0.1
 */
#define IOMMUCTL_SMMUV3_CMDQV_EVENT_WORDS 2

/*
 * An event of a CMDQV: which queues of the interface have an error.
 *
 * @lvcmdq_err_map_0: a bit for each of the queues 0 to 63
 * @lvcmdq_err_map_1: a bit for each of the queues 64 to 127
 *
 * Since: 0.1
 */
struct iommuctl_smmuv3_cmdqv_event {
	uint64_t lvcmdq_err_map_0;
	uint64_t lvcmdq_err_map_1;
};

/*
 * Decodes an event.
 *
 * Any words decode.
 *
 * @words: in the byte order of this machine, as iommuctl_smmuv3_words_from_le() makes them
 * @event: out: the fields
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_cmdqv_event_decode(const uint64_t words[IOMMUCTL_SMMUV3_CMDQV_EVENT_WORDS],
	struct iommuctl_smmuv3_cmdqv_event *event);

/*
 * Says whether a queue has an error.
 *
 * @index: of the queue, as it was given to iommuctl_hw_queue_alloc()
 *
 * Returns: true if it has; false if not, or if no queue has the @index.
 * Since: 0.1
 */
bool iommuctl_smmuv3_cmdqv_event_has(
	const struct iommuctl_smmuv3_cmdqv_event *event, unsigned int index);

/*
 * Gets the table of fields.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cmdqv_event_fields(size_t *count);

/*
 * Writes an event as one line of text: the queues that have an error.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_smmuv3_cmdqv_event_print(
	const struct iommuctl_smmuv3_cmdqv_event *event, char *text, size_t size);

/*
 * The registers of a queue in page 0.
 *
 * @cons: CONS: the index after the last command that was carried out, and an error in bits 24 to 30
 * @prod: PROD: the index after the last command that was queued
 * @config: CONFIG: bit 0 enables the queue
 * @status: STATUS: bit 0 is set once it is enabled
 * @gerror: GERROR
 * @gerrorn: GERRORN; an error is pending where it differs from @gerror
 *
 * Since: 0.1
 */
struct iommuctl_smmuv3_cmdqv_queue {
	uint32_t cons;
	uint32_t prod;
	uint32_t config;
	uint32_t status;
	uint32_t gerror;
	uint32_t gerrorn;
};

/*
 * Reads the registers of a queue, each by one access of 32 bits.
 *
 * Do not read those of an @index without a HW queue: there is no queue behind them.
 *
 * @page0: the page, mapped
 * @length: its bytes
 * @index: of the queue, as it was given to iommuctl_hw_queue_alloc()
 * @queue: out, on success only: the registers
 *
 * Errors:
 *   -EINVAL: the registers of @index are beyond @length
 * Since: 0.1
 */
int iommuctl_smmuv3_cmdqv_queue_read(const volatile void *page0, size_t length, unsigned int index,
	struct iommuctl_smmuv3_cmdqv_queue *queue);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
