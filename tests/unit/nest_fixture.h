/* SPDX-License-Identifier: MIT */
/* A VMM with two devices of the model, guest memory with tables in it, and a nest. */
#ifndef TEST_NEST_FIXTURE_H
#define TEST_NEST_FIXTURE_H

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/cd_table.h>
#include <iommuctl/iommufd.h>
#include <iommuctl/model.h>
#include <iommuctl/nest.h>
#include <iommuctl/smmuv3_cd.h>
#include <iommuctl/vfio.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define PAGE	  UINT64_C(0x1000)
#define RAM	  UINT64_C(0x40000000)
#define RAM_SIZE  (UINT64_C(4) << 20)
#define CDS	  (RAM + 0x100000)
#define OTHER_CDS (RAM + 0x110000)
#define STREAMS	  (RAM + 0x120000)
#define QUEUE	  (RAM + 0x180000)
#define TABLES	  (RAM + 0x200000)
#define OTHER	  (RAM + 0x280000)
#define PAGES	  (RAM + 0x300000)
#define IOVA	  UINT64_C(0x10000) /* leads to PAGES, or to the page behind by the other CDs */
#define VSID	  UINT32_C(0x42)
#define VSID_2	  UINT32_C(0x17)
#define MARK	  UINT32_C(0xfeed)
#define MARK_2	  UINT32_C(0xbeef)

#define STE_VALID  UINT64_C(1)
#define STE_BYPASS (STE_VALID | UINT64_C(4) << 1)
#define STE_S1	   (STE_VALID | UINT64_C(5) << 1 | CDS)
#define STE_OTHER  (STE_VALID | UINT64_C(5) << 1 | OTHER_CDS)
#define STE_ABORT  STE_VALID

typedef uint64_t ste_words[IOMMUCTL_SMMUV3_STE_WORDS];

#define VMM_FAULT ENOSPC /* no call of a nest fails so by itself */

struct vmm {
	struct iommuctl_model *model;
	struct iommuctl *ctx;
	struct iommuctl_transport *ledger;
	unsigned int attaches;
	unsigned int detaches;
	unsigned int calls;
	char failed_call[32]; /* the one that VMM_FAULT came from */
	bool failure_told;
	int iommufd;
	int devices[2];
	uint32_t dev_ids[2];
	uint32_t ioas;
	unsigned char *ram;
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory memory;
	struct iommuctl_stage1 stage1;
	struct iommuctl_nest *nest;
};

static const uint8_t guest_mair[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS] = { 0xff, 0x04 };

static inline void count_call(const struct iommuctl_trace_record *record, void *data)
{
	struct vmm *vmm = data;

	vmm->calls++;
	cr_expect_neq(record->result, -EBADF, "%s of a file that is not open", record->call);
	if (record->result == -VMM_FAULT)
		snprintf(vmm->failed_call, sizeof(vmm->failed_call), "%s", record->call);
	if (strcmp(record->call, "VFIO_DEVICE_ATTACH_IOMMUFD_PT") == 0)
		vmm->attaches++;
	if (strcmp(record->call, "VFIO_DEVICE_DETACH_IOMMUFD_PT") == 0)
		vmm->detaches++;
}

static inline void *ram_at(struct vmm *vmm, uint64_t ipa)
{
	return vmm->ram + (ipa - RAM);
}

static inline void put_words(struct vmm *vmm, uint64_t ipa, const uint64_t *words, size_t count)
{
	iommuctl_smmuv3_words_to_le(ram_at(vmm, ipa), words, count);
}

static inline struct iommuctl_smmuv3_cd make_cd(const struct iommuctl_stage1 *stage1)
{
	/* An ASID for each context. */
	return iommuctl_cd_for_stage1(
		&stage1->regime, (uint16_t)(stage1->config.table_ipa / PAGE));
}

static inline void put_cd(
	struct vmm *vmm, uint64_t table, uint32_t ssid, const struct iommuctl_smmuv3_cd *cd)
{
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];

	cr_assert_eq(iommuctl_smmuv3_cd_encode(cd, words, NULL), 0);
	put_words(vmm, table + ssid * sizeof(words), words, ARRAY_SIZE(words));
}

/* IOVA leads to @ipa by the CD at @cds. */
static inline struct iommuctl_stage1 make_context(
	struct vmm *vmm, uint64_t tables, uint64_t cds, uint64_t ipa)
{
	static const struct iommuctl_stage1_attributes attributes = {
		.permissions = IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
		.access_flag = true,
		.not_global = true,
	};
	const struct iommuctl_stage1_config config = {
		.granule = (uint32_t)PAGE,
		.input_bits = 39,
		.output_bits = 44,
		.table_ipa = tables,
		.table_size = 0x80000,
	};
	struct iommuctl_stage1 stage1;
	struct iommuctl_smmuv3_cd cd;

	cr_assert_eq(iommuctl_stage1_init(&stage1, &vmm->memory, &config), 0);
	cr_assert_eq(iommuctl_stage1_map(&stage1, IOVA, ipa, PAGE, &attributes, 0), 0);
	cd = make_cd(&stage1);
	put_cd(vmm, cds, 0, &cd);
	return stage1;
}

static inline void make_ram(struct vmm *vmm)
{
	const uint32_t marks[] = { htole32(MARK), htole32(MARK_2) };

	vmm->ram = aligned_alloc(0x10000, RAM_SIZE);
	cr_assert_not_null(vmm->ram);
	memset(vmm->ram, 0, RAM_SIZE);
	vmm->range = (struct iommuctl_guest_range){ RAM, RAM_SIZE, vmm->ram };
	vmm->memory = (struct iommuctl_guest_memory){ &vmm->range, 1 };
	memcpy(ram_at(vmm, PAGES), &marks[0], sizeof(marks[0]));
	memcpy(ram_at(vmm, PAGES + PAGE), &marks[1], sizeof(marks[1]));
	vmm->stage1 = make_context(vmm, TABLES, CDS, PAGES);
	make_context(vmm, OTHER, OTHER_CDS, PAGES + PAGE);
}

static inline void enable_bus_mastering(struct vmm *vmm, int device)
{
	const uint16_t command = htole16(6);
	struct iommuctl_vfio_region_info config;

	cr_assert_eq(iommuctl_vfio_region_get_info(
			     vmm->ctx, device, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &config),
		0);
	cr_assert_eq(
		iommuctl_vfio_region_write(vmm->ctx, device, &config, 4, &command, sizeof(command)),
		0);
}

/* The call @nth fails with VMM_FAULT; 0: none does. */
static inline void vmm_open_failing(
	struct vmm *vmm, const struct iommuctl_model_config *config, uint64_t nth)
{
	const char *const paths[] = { "/dev/vfio/devices/vfio0", "/dev/vfio/devices/vfio1" };
	struct iommuctl_transport *transport;
	uint64_t ipa = RAM;

	memset(vmm, 0, sizeof(*vmm));
	cr_assert_eq(iommuctl_model_new(config, &vmm->model), 0);
	cr_assert_eq(iommuctl_model_transport_new(vmm->model, &transport), 0);
	cr_assert_eq(iommuctl_transport_ledger_new(transport, &vmm->ledger), 0);
	transport = vmm->ledger;
	if (nth)
		cr_assert_eq(
			iommuctl_transport_fault_new(transport, nth, VMM_FAULT, &transport), 0);
	cr_assert_eq(iommuctl_transport_trace_new(transport, count_call, vmm, &transport), 0);
	cr_assert_eq(iommuctl_new(transport, &vmm->ctx), 0);
	cr_assert_eq(iommuctl_iommufd_open(vmm->ctx, &vmm->iommufd), 0);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(iommuctl_vfio_device_open(vmm->ctx, paths[i], &vmm->devices[i]), 0);
		cr_assert_eq(iommuctl_vfio_bind_iommufd(vmm->ctx, vmm->devices[i], vmm->iommufd,
				     NULL, &vmm->dev_ids[i]),
			0);
		enable_bus_mastering(vmm, vmm->devices[i]);
	}
	make_ram(vmm);
	cr_assert_eq(iommuctl_ioas_alloc(vmm->ctx, vmm->iommufd, &vmm->ioas), 0);
	cr_assert_eq(iommuctl_ioas_map(vmm->ctx, vmm->iommufd,
		&(struct iommuctl_ioas_map_args){
			.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
				IOMMUCTL_IOAS_MAP_WRITEABLE,
			.ioas_id = vmm->ioas, .host = vmm->ram, .length = RAM_SIZE },
		&ipa),
		0);
}

static inline void vmm_open(struct vmm *vmm, const struct iommuctl_model_config *config)
{
	vmm_open_failing(vmm, config, 0);
}

static inline struct iommuctl_nest_config vmm_nest_config(const struct vmm *vmm)
{
	return (struct iommuctl_nest_config){
		.iommufd = vmm->iommufd,
		.ioas_id = vmm->ioas,
		.dev_id = vmm->dev_ids[0],
		.event_depth = 8,
	};
}

static inline int vmm_add(struct vmm *vmm, int device, uint32_t vsid)
{
	return iommuctl_nest_add_device(
		vmm->nest, vmm->devices[device], vmm->dev_ids[device], vsid);
}

/* With a nest and device 0 in it. */
static inline void vmm_start(struct vmm *vmm, const struct iommuctl_model_config *model)
{
	struct iommuctl_nest_config config;

	vmm_open(vmm, model);
	config = vmm_nest_config(vmm);
	cr_assert_eq(iommuctl_nest_new(vmm->ctx, &config, &vmm->nest), 0);
	cr_assert_eq(vmm_add(vmm, 0, VSID), 0);
}

/* How many objects and attachments are alive. */
static inline size_t vmm_alive(const struct vmm *vmm, enum iommuctl_ledger_kind kind)
{
	const struct iommuctl_ledger_entry *entries;
	size_t alive = 0, count;

	entries = iommuctl_transport_ledger_get_entries(vmm->ledger, &count);
	for (size_t i = 0; i < count; i++)
		alive += entries[i].kind == kind;
	return alive;
}

/* What is there without a nest: two devices and an IOAS. */
#define OBJECTS_OF_VMM 3
#define FILES_OF_VMM   3

static inline void vmm_expect_no_nest(const struct vmm *vmm)
{
	cr_expect_eq(vmm_alive(vmm, IOMMUCTL_LEDGER_OBJECT), OBJECTS_OF_VMM, "%zu objects",
		vmm_alive(vmm, IOMMUCTL_LEDGER_OBJECT));
	cr_expect_eq(vmm_alive(vmm, IOMMUCTL_LEDGER_ATTACH), 0);
	cr_expect_eq(vmm_alive(vmm, IOMMUCTL_LEDGER_FILE), FILES_OF_VMM);
}

static inline void vmm_stop(struct vmm *vmm)
{
	iommuctl_nest_free(vmm->nest);
	vmm_expect_no_nest(vmm);
	iommuctl_free(vmm->ctx);
	iommuctl_model_free(vmm->model);
	free(vmm->ram);
}

static inline int set_ste(struct vmm *vmm, uint32_t vsid, uint64_t word0)
{
	return iommuctl_nest_set_ste(vmm->nest, vsid, (const ste_words){ word0 }, NULL);
}

/* The mark that DMA finds, or -EIO. */
static inline int64_t dma_with(struct vmm *vmm, unsigned int device, int ssid, uint64_t iova)
{
	uint32_t mark = 0;
	int err = iommuctl_model_dma(vmm->model,
		&(struct iommuctl_model_access){ .device = device, .ssid = ssid, .iova = iova,
			.buffer = &mark, .size = sizeof(mark) });

	return err ? err : (int64_t)le32toh(mark);
}

static inline int64_t dma(struct vmm *vmm, unsigned int device, uint64_t iova)
{
	return dma_with(vmm, device, -1, iova);
}

#endif
