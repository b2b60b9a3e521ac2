// SPDX-License-Identifier: MIT
#include "hostile.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

#include "array.h"

#define CDS	    (HOSTILE_RAM + 0x10000)
#define STREAMS	    (HOSTILE_RAM + 0x20000)
#define L1STDS	    (HOSTILE_RAM + 0x30000)
#define QUEUE	    (HOSTILE_RAM + 0x40000)
#define EVENTS	    (HOSTILE_RAM + 0x60000)
#define MSIS	    (HOSTILE_RAM + 0x70000)
#define TABLES	    (HOSTILE_RAM + 0x80000)
#define PAGES	    (HOSTILE_RAM + 0x90000) /* what devices may reach */
#define LAST	    (HOSTILE_RAM + HOSTILE_RAM_SIZE - 64)
#define NOWHERE	    UINT64_C(0x70000000)
#define DOORBELL    UINT64_C(0x8020040)
#define IOVA	    UINT64_C(0x10000)
#define MAPPED	    8							/* pages from IOVA on */
#define LEAVES	    (TABLES + 2 * GUEST_PAGE + (IOVA / GUEST_PAGE) * 8) /* the third table */
#define QUEUE_LOG2  9 /* entries that are written */
#define STREAM_LOG2 8

#define GERROR	  0x60
#define GERRORN	  0x64
#define CMDQ_PROD 0x98
#define CMDQ_CONS 0x9c

#define TWO_LEVEL (1u << 16 | 6u << 6 | 16)
#define MSI	  (1u << 13)
#define SEV	  (1u << 14)

/* What is written most of the time; 0 counts as well. */
struct likely {
	uint32_t offset;
	unsigned int size;
	uint64_t values[8];
};

static const struct likely likely[] = {
	{ 0x20, 4, { 0x1, 0x8, 0xc, 0xd, 0xd, 0x9, 0x1d } },
	{ 0x28, 4, { 0xd75 } },
	{ 0x2c, 4, { 2, 6 } },
	{ 0x44, 4, { 0x80000000, 0x80100000, 0x80001000, 0x1000 } },
	{ 0x50, 4, { 1, 4, 5, 5 } },
	{ 0x64, 4, { 1, 4, 5, 1, UINT32_MAX } },
	{ 0x68, 8, { MSIS, DOORBELL, MSIS + 4, NOWHERE, QUEUE + 4 } },
	{ 0x70, 4, { 1, 2, 3 } },
	{ 0x80, 8, { STREAMS, STREAMS, L1STDS, L1STDS, NOWHERE, LAST } },
	{ 0x88, 4, { STREAM_LOG2, STREAM_LOG2, TWO_LEVEL, TWO_LEVEL, 63, 6 } },
	{ 0x90, 8,
		{ QUEUE | 5, QUEUE | 5, QUEUE | QUEUE_LOG2, QUEUE | QUEUE_LOG2, QUEUE | 31,
			NOWHERE | 3, LAST | 2, EVENTS } },
	{ CMDQ_CONS, 4, { 1, 31, 32, 63, 0x7f0fffff } },
	{ 0xa0, 8,
		{ EVENTS | 3, EVENTS | 3, EVENTS | 5, EVENTS | 5, EVENTS | 31, NOWHERE,
			LAST | 1 } },
	{ 0xb0, 8, { MSIS + 8, DOORBELL, MSIS + 12 } },
	{ 0xb8, 4, { 4, 5, 6 } },
	{ 0x100a8, 4, { 1, 7, 8, 0x80000000 } },
	{ 0x100ac, 4, { 1, 2, 3, 7, 8, 15, 0x80000001 } },
};

static const uint8_t opcodes[] = { 0x01, 0x03, 0x03, 0x04, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12, 0x12,
	0x13, 0x30, 0x30, 0x40, 0x46, 0x46, 0x46, 0x46, 0x46 };

static const uint64_t msi_addresses[] = { 0, MSIS, MSIS + 16, QUEUE, DOORBELL, NOWHERE };

static uint32_t pick(const struct hostile *guest)
{
	return guest->pick(guest->data);
}

static uint32_t pick_below(const struct hostile *guest, uint32_t limit)
{
	return pick(guest) % limit;
}

static uint64_t pick64(const struct hostile *guest)
{
	return (uint64_t)pick(guest) << 32 | pick(guest);
}

/* As a CPU does while others look. */
static void store(const struct hostile *guest, uint64_t ipa, uint64_t value)
{
	uint64_t *word = guest_at(&guest->vmm->ram, ipa);

	__atomic_store_n(word, htole64(value), __ATOMIC_RELEASE);
}

void hostile_fill_memory(const struct hostile *guest)
{
	const struct guest_ram *ram = &guest->vmm->ram;
	struct iommuctl_stage1 stage1;

	memset(ram->range.host, 0, HOSTILE_RAM_SIZE);
	stage1 = guest_make_tables(ram, TABLES, 0x8000);
	for (uint64_t page = 0; page < MAPPED; page++)
		guest_map(&stage1, IOVA + page * GUEST_PAGE, PAGES + page * GUEST_PAGE, GUEST_PAGE);
	must(*(uint64_t *)guest_at(ram, LEAVES) & htole64(PAGES) ? 0 : -ENOENT, "leaves");
	guest_put_context(ram, CDS, &stage1, 1);
	guest_put_context(ram, CDS + 64, &stage1, 2);
	for (uint32_t i = 0; i < 1u << STREAM_LOG2; i++)
		guest_put_words(
			ram, STREAMS + i * GUEST_STE_SIZE, &(uint64_t){ GUEST_STE_S1(CDS) }, 1);
	for (uint32_t i = 0; i < 1u << QUEUE_LOG2; i++)
		guest_put_words(ram, QUEUE + i * UINT64_C(16),
			&(uint64_t){ i % 4 == 3 ? IOMMUCTL_SMMUV3_CMD_SYNC
						: IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL },
			1);
}

static int get_identity(const struct vmm *vmm, struct iommuctl_vsmmuv3_identity *identity)
{
	struct iommuctl_hw_info_arm_smmuv3 data;
	struct iommuctl_hw_info info;
	int err = iommuctl_device_get_hw_info(
		vmm->ctx, vmm->iommufd, vmm->dev_ids[0], &data, sizeof(data), &info);

	if (err)
		return err;
	memcpy(identity->idr, data.idr, sizeof(identity->idr));
	identity->idr[0] |= MSI | SEV;
	identity->iidr = data.iidr;
	identity->aidr = data.aidr;
	return 0;
}

int hostile_open(struct hostile *guest, struct iommuctl_vsmmuv3_config config)
{
	const struct vmm *vmm = guest->vmm;
	struct iommuctl_vsmmuv3_identity identity;
	int err = get_identity(vmm, &identity);

	if (err)
		return err;
	hostile_fill_memory(guest);
	config.iommufd = vmm->iommufd;
	config.ioas_id = vmm->ioas;
	config.dev_id = vmm->dev_ids[0];
	config.memory = &vmm->ram.memory;
	config.identity = &identity;
	err = iommuctl_vsmmuv3_new(vmm->ctx, &config, &guest->smmu);
	for (unsigned int i = 0; !err && i < VMM_DEVICES; i++)
		err = hostile_move_device(guest, i, true);
	return err;
}

int hostile_move_device(const struct hostile *guest, unsigned int index, bool in)
{
	const struct vmm *vmm = guest->vmm;

	return in ? iommuctl_vsmmuv3_add_device(guest->smmu, vmm->devices[index],
			    vmm->dev_ids[index], HOSTILE_SID + index)
		  : iommuctl_vsmmuv3_remove_device(guest->smmu, HOSTILE_SID + index);
}

/* Of any size, anywhere, whole or in part. */
static int access_anything(const struct hostile *guest)
{
	const uint64_t offset = pick_below(guest, 16) ? pick(guest) & 0x100ff : pick64(guest);
	const unsigned int size = 1u << pick_below(guest, 4);

	if (pick_below(guest, 2))
		return iommuctl_vsmmuv3_write(guest->smmu, offset, size, pick64(guest));
	(void)iommuctl_vsmmuv3_read(guest->smmu, offset, size);
	return 0;
}

/* Commands that are in the queue already, or were. */
static int write_prod(const struct hostile *guest)
{
	const uint64_t cons = iommuctl_vsmmuv3_read(guest->smmu, CMDQ_CONS, 4);
	const uint32_t more = pick_below(guest, 8) ? pick_below(guest, 4) : pick(guest);

	return iommuctl_vsmmuv3_write(guest->smmu, CMDQ_PROD, 4, cons + more);
}

/* As a driver begins. */
static int boot(const struct hostile *guest)
{
	static const struct {
		uint32_t offset;
		unsigned int size;
		uint64_t value;
	} writes[] = {
		{ 0x20, 4, 0 },
		{ 0x2c, 4, 2 },
		{ 0x80, 8, STREAMS },
		{ 0x88, 4, STREAM_LOG2 },
		{ 0x90, 8, QUEUE | QUEUE_LOG2 },
		{ CMDQ_PROD, 4, 0 },
		{ CMDQ_CONS, 4, 0 },
		{ 0xa0, 8, EVENTS | 5 },
		{ 0x100a8, 4, 0 },
		{ 0x100ac, 4, 0 },
		{ 0x50, 4, 5 },
	};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(writes); i++)
		err = iommuctl_vsmmuv3_write(
			guest->smmu, writes[i].offset, writes[i].size, writes[i].value);
	return err ? err : iommuctl_vsmmuv3_write(guest->smmu, 0x20, 4, 0xd);
}

/* What a driver does about errors, without what led to them. */
static int acknowledge(const struct hostile *guest)
{
	return iommuctl_vsmmuv3_write(
		guest->smmu, GERRORN, 4, iommuctl_vsmmuv3_read(guest->smmu, GERROR, 4));
}

int hostile_access_register(const struct hostile *guest)
{
	const struct likely *row = &likely[pick_below(guest, ARRAY_SIZE(likely))];
	const uint32_t kind = pick_below(guest, 16);

	if (kind == 0)
		return pick_below(guest, 4) ? access_anything(guest) : boot(guest);
	if (kind < 6)
		return write_prod(guest);
	if (kind < 8)
		return acknowledge(guest);
	if (kind < 10) {
		(void)iommuctl_vsmmuv3_read(guest->smmu, row->offset, row->size);
		return 0;
	}
	return iommuctl_vsmmuv3_write(guest->smmu, row->offset, row->size,
		row->values[pick_below(guest, ARRAY_SIZE(row->values))]);
}

static void write_command(const struct hostile *guest)
{
	const uint64_t slot = QUEUE + pick_below(guest, 1u << QUEUE_LOG2) * UINT64_C(16);
	const uint8_t opcode = opcodes[pick_below(guest, sizeof(opcodes))];
	const uint64_t sid =
		pick_below(guest, 8) ? HOSTILE_SID + pick_below(guest, 2) : pick(guest);
	uint64_t word0 = sid << 32 | opcode, word1 = pick_below(guest, 32);

	switch (opcode) {
	case 0x46:
		word0 = opcode | (uint64_t)pick_below(guest, 4) << 12 | (uint64_t)pick(guest) << 32;
		word1 = msi_addresses[pick_below(guest, ARRAY_SIZE(msi_addresses))];
		break;
	case 0x11:
	case 0x12:
	case 0x13:
		word0 = (uint64_t)pick_below(guest, 3) << 48 | opcode;
		word1 = IOVA + pick_below(guest, MAPPED) * GUEST_PAGE;
		break;
	default: break;
	}
	if (!pick_below(guest, 64))
		word0 = pick64(guest);
	store(guest, slot + 8, word1);
	store(guest, slot, word0);
}

static void write_ste(const struct hostile *guest)
{
	static const uint64_t stes[] = { 0, GUEST_STE_ABORT, GUEST_STE_BYPASS, GUEST_STE_S1(CDS),
		GUEST_STE_S1(CDS), GUEST_STE_S1(CDS + 64), GUEST_STE_S1(NOWHERE),
		GUEST_STE_ABORT | 6 << 1, GUEST_STE_ABORT | 7 << 1 };
	const uint64_t sid = HOSTILE_SID + pick_below(guest, VMM_DEVICES);
	const uint64_t ste = STREAMS + sid * GUEST_STE_SIZE;

	if (!pick_below(guest, 8))
		store(guest, ste + 8, pick64(guest));
	store(guest, ste, stes[pick_below(guest, ARRAY_SIZE(stes))]);
}

static void write_l1std(const struct hostile *guest)
{
	static const uint64_t leaf = STREAMS + (HOSTILE_SID & ~63u) * GUEST_STE_SIZE;
	const uint64_t spans[] = { leaf | 7, leaf | 7, leaf | 2, leaf, NOWHERE | 7, LAST | 31 };

	store(guest, L1STDS + HOSTILE_SID / 64 * 8, spans[pick_below(guest, ARRAY_SIZE(spans))]);
}

static void flip(const struct hostile *guest, uint64_t ipa, uint64_t bits)
{
	const uint64_t *word = guest_at(&guest->vmm->ram, ipa);

	store(guest, ipa, le64toh(__atomic_load_n(word, __ATOMIC_RELAXED)) ^ bits);
}

/* A CD is removed and restored: only its first word has V. */
static void write_cd(const struct hostile *guest)
{
	flip(guest, CDS + pick_below(guest, 2) * UINT64_C(64), UINT64_C(1) << 31);
}

/* Taken away and given back as well. A table that were changed would lead devices anywhere. */
static void write_leaf(const struct hostile *guest)
{
	flip(guest, LEAVES + pick_below(guest, MAPPED) * UINT64_C(8), 1);
}

void hostile_write_memory(const struct hostile *guest)
{
	static void (*const kinds[])(const struct hostile *guest) = { write_command, write_command,
		write_command, write_command, write_ste, write_ste, write_l1std, write_cd,
		write_leaf };

	kinds[pick_below(guest, ARRAY_SIZE(kinds))](guest);
}

uint64_t hostile_pick_iova(const struct hostile *guest)
{
	const uint64_t page = pick_below(guest, MAPPED + 2) * GUEST_PAGE;

	return pick_below(guest, 2) ? IOVA + page : PAGES + page % (MAPPED * GUEST_PAGE);
}

int hostile_translate(const struct hostile *guest)
{
	const uint32_t kind = pick(guest);
	struct iommuctl_vsmmuv3_translation translation;
	const struct iommuctl_vsmmuv3_access access = {
		.iova = kind & 0xf ? hostile_pick_iova(guest) : pick64(guest),
		.sid = HOSTILE_SID + (kind >> 4 & 3),
		.ssid = kind >> 8 & 3,
		.has_ssid = kind >> 12 & 1,
		.permissions = (1 + (kind >> 16) % 7) | (kind >> 24 & IOMMUCTL_STAGE1_PRIVILEGED),
	};

	return iommuctl_vsmmuv3_translate(guest->smmu, &access, &translation);
}
