/* SPDX-License-Identifier: MIT */
/* A guest with one device behind the model's SMMU: memory, a CD, stage-1 tables, and its events. */
#ifndef TEST_MODEL_SMMU_FIXTURE_H
#define TEST_MODEL_SMMU_FIXTURE_H

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/smmuv3_event.h>

#include "array.h"
#include "guest.h"
#include "model/smmu/smmu.h"

#define PAGE	  GUEST_PAGE
#define RAM	  UINT64_C(0x40000000)
#define RAM_SIZE  (UINT64_C(8) << 20)
#define CD_TABLE  (RAM + 0x100000)
#define TABLES	  (RAM + 0x200000)
#define PAGES	  (RAM + 0x400000)
#define ODD	  UINT64_C(0x60000000) /* a page that a test makes write-only or read-only */
#define NOWHERE	  UINT64_C(0x70000000)
#define IOVA	  UINT64_C(0x10000)
#define STREAM	  8
#define VMID	  3
#define ASID	  7
#define EVENT_MAX 64

struct guest {
	struct model_smmu *smmu;
	struct iommuctl_model_counters counters;
	struct model_stage2 stage2;
	struct model_stream stream;
	struct guest_ram ram;
	bool ram_is_gone; /* unmapped from stage 2 without telling the SMMU */
	unsigned char odd[PAGE];
	bool odd_readable;
	bool odd_writable;
	struct iommuctl_stage1 stage1;
	struct iommuctl_smmuv3_cd cd;
	struct iommuctl_smmuv3_event events[EVENT_MAX];
	size_t event_count;
};

static inline bool guest_lookup(
	const struct model_stage2 *stage2, uint64_t ipa, struct model_target *target)
{
	struct guest *guest = (struct guest *)((char *)stage2 - offsetof(struct guest, stage2));

	if (ipa >= ODD && ipa - ODD < PAGE) {
		*target = (struct model_target){
			.host = guest->odd + (ipa - ODD),
			.span = PAGE - (ipa - ODD),
			.readable = guest->odd_readable,
			.writable = guest->odd_writable,
		};
		return true;
	}
	if (guest->ram_is_gone || ipa < RAM || ipa - RAM >= RAM_SIZE)
		return false;
	*target = (struct model_target){
		.host = guest_at(&guest->ram, ipa),
		.span = RAM_SIZE - (ipa - RAM),
		.readable = true,
		.writable = true,
	};
	return true;
}

static inline bool guest_event(const uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], void *data)
{
	struct guest *guest = data;

	cr_assert_lt(guest->event_count, EVENT_MAX);
	iommuctl_smmuv3_event_decode(words, &guest->events[guest->event_count++]);
	return false;
}

static inline void guest_command(struct guest *guest, const struct iommuctl_smmuv3_cmd *cmd)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	cr_assert_eq(iommuctl_smmuv3_cmd_encode(cmd, words, NULL), 0);
	model_smmu_command(guest->smmu, words);
}

/* Writes the CD of @ssid without an invalidation. */
static inline void guest_write_cd(struct guest *guest, uint32_t ssid)
{
	guest_put_cd(&guest->ram, CD_TABLE + ssid * IOMMUCTL_SMMUV3_CD_WORDS * 8, &guest->cd);
}

static inline void guest_forget_cd(struct guest *guest)
{
	guest_command(guest,
		&(struct iommuctl_smmuv3_cmd){
			.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, .streamid = STREAM });
}

static inline void guest_change_cd(struct guest *guest)
{
	guest_write_cd(guest, 0);
	guest_forget_cd(guest);
}

static inline void guest_set_ste(struct guest *guest, const struct iommuctl_smmuv3_ste *ste)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];

	cr_assert_eq(iommuctl_smmuv3_ste_encode(ste, words, NULL), 0);
	memcpy(guest->stream.ste, words, sizeof(guest->stream.ste));
	cr_assert_eq(model_smmu_set_stream(guest->smmu, STREAM, &guest->stream), 0);
}

static inline void guest_remap(struct guest *guest, uint64_t iova, uint64_t ipa)
{
	cr_assert_eq(iommuctl_stage1_remap(&guest->stage1, iova, ipa, PAGE), 0);
}

static inline void guest_build_tables(struct guest *guest, uint32_t granule)
{
	const struct iommuctl_stage1_config config = {
		.granule = granule,
		.input_bits = 39,
		.output_bits = 44,
		.table_ipa = TABLES,
		.table_size = 0x200000,
	};

	cr_assert_eq(iommuctl_stage1_init(&guest->stage1, &guest->ram.memory, &config), 0);
	guest->cd = iommuctl_cd_for_stage1(&guest->stage1.regime, ASID);
	guest_write_cd(guest, 0);
}

/* The device's stream goes through one CD; IOVA is mapped to PAGES, the page after it to the next.
 */
static inline struct guest *guest_open(const struct iommuctl_model_smmu *config)
{
	struct guest *guest = calloc(1, sizeof(*guest));

	cr_assert_not_null(guest);
	guest_ram_open(&guest->ram, RAM, RAM_SIZE);
	guest->stage2 = (struct model_stage2){ .lookup = guest_lookup, .vmid = VMID };
	guest->stream = (struct model_stream){
		.mode = MODEL_STREAM_NESTED,
		.stage2 = &guest->stage2,
		.event = guest_event,
		.data = guest,
	};
	cr_assert_eq(model_smmu_new(config, &guest->counters, &guest->smmu), 0);
	guest_build_tables(guest, PAGE);
	guest_set_ste(guest,
		&(struct iommuctl_smmuv3_ste){
			.v = 1, .config = IOMMUCTL_SMMUV3_CONFIG_S1, .s1contextptr = CD_TABLE });
	guest_map(&guest->stage1, IOVA, PAGES, PAGE);
	guest_map(&guest->stage1, IOVA + PAGE, PAGES + PAGE, PAGE);
	return guest;
}

static const struct iommuctl_model_smmu qemu_like = { .oas_bits = 44, .tlb_entries = 256 };

static inline void guest_close(struct guest *guest)
{
	model_smmu_free(guest->smmu);
	guest_ram_close(&guest->ram);
	free(guest);
}

static inline int guest_dma(
	struct guest *guest, int ssid, uint64_t iova, void *buffer, size_t size, bool write)
{
	const struct model_transaction transaction = {
		.stream_id = STREAM,
		.ssid = ssid,
		.iova = iova,
		.buffer = buffer,
		.size = size,
		.write = write,
	};

	return model_smmu_access(guest->smmu, &transaction);
}

static inline int guest_read(struct guest *guest, uint64_t iova, void *buffer, size_t size)
{
	return guest_dma(guest, -1, iova, buffer, size, false);
}

static inline int guest_write(struct guest *guest, uint64_t iova, const void *buffer, size_t size)
{
	return guest_dma(guest, -1, iova, (void *)buffer, size, true);
}

/* Marks the page at @ipa, so that guest_read_mark() says which page an IOVA leads to. */
static inline void guest_mark(struct guest *guest, uint64_t ipa, uint32_t mark)
{
	memcpy(guest_at(&guest->ram, ipa), &mark, sizeof(mark));
}

static inline uint32_t guest_read_mark(struct guest *guest, uint64_t iova)
{
	uint32_t mark = 0;

	cr_assert_eq(guest_read(guest, iova, &mark, sizeof(mark)), 0, "DMA to 0x%llx was refused",
		(unsigned long long)iova);
	return mark;
}

/* The only event so far, and then none. */
static inline struct iommuctl_smmuv3_event guest_take_event(struct guest *guest)
{
	cr_assert_eq(guest->event_count, 1, "%zu events", guest->event_count);
	guest->event_count = 0;
	return guest->events[0];
}

#endif
