// SPDX-License-Identifier: MIT
#include "guest.h"

#include <errno.h>
#include <linux/memfd.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "transcript.h"

/*
 * A huge page. Its alignment is needed in any case: the kernel's choice of an IOVA looks at the address
 * in this process.
 */
#define HUGE_PAGE      (UINT64_C(2) << 20)
#define WINDOW_PAGES   8
#define IDENTITY_BLOCK GUEST_IPA
#define IPS_BYTE       4 /* of a CD */
#define IPS_TOP_BIT    4u

#define LAST_LEVEL	      3
#define DESCRIPTOR_VALID      1u
#define DESCRIPTOR_KIND	      UINT64_C(3)
#define KIND_BLOCK	      1u
#define KIND_TABLE_OR_PAGE    3u
#define DESCRIPTOR_READ_ONLY  (UINT64_C(1) << 7)
#define DESCRIPTOR_AF	      (UINT64_C(1) << 10)
#define DESCRIPTOR_FAR_OUTPUT (UINT64_C(0xffff) << 32) /* what may be beyond IPS */
#define TABLE_READ_ONLY	      (UINT64_C(1) << 62)

/* How a set of tables is laid out. */
static const struct table_set {
	struct iommuctl_stage1_config config;
	uint64_t block_size; /* of the block that maps all of the guest onto itself */
	uint16_t asid;
	uint8_t first_leaf_level;
	bool doorbell; /* the page of the doorbell is mapped onto itself */
} table_sets[GUEST_TABLE_SETS] = {
	{ .config = { 4096, 39, 44, GUEST_IPA + 0x30000, 0x8000 },
		.block_size = 1 << 30,
		.asid = 1,
		.first_leaf_level = 1,
		.doorbell = true },
	{ .config = { 4096, 48, 40, GUEST_IPA + 0x38000, 0x8000 },
		.block_size = 2 << 20,
		.asid = 2,
		.first_leaf_level = 1 },
	{ .config = { 16384, 36, 36, GUEST_IPA + 0x40000, 0x10000 },
		.block_size = 32 << 20,
		.asid = 3,
		.first_leaf_level = 2,
		.doorbell = true },
	{ .config = { 65536, 42, 44, GUEST_IPA + 0x50000, 0x20000 },
		.block_size = 512 << 20,
		.asid = 1,
		.first_leaf_level = 2 },
};

int guest_create(struct guest *guest, bool contiguous)
{
	int err;

	guest->memfd =
		memfd_create("guest", MFD_CLOEXEC | (contiguous ? MFD_HUGETLB | MFD_HUGE_2MB : 0));
	if (guest->memfd < 0)
		return -errno;
	if (ftruncate(guest->memfd, HUGE_PAGE)) {
		err = -errno;
		goto close_file;
	}
	guest->room = mmap(NULL, 2 * HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (guest->room == MAP_FAILED) {
		err = -errno;
		goto close_file;
	}
	guest->host = guest->room + (-(uintptr_t)guest->room & (HUGE_PAGE - 1));
	if (mmap(guest->host, HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		    guest->memfd, 0) == MAP_FAILED) {
		err = -errno;
		goto unmap_room;
	}
	guest->range = (struct iommuctl_guest_range){ GUEST_IPA, GUEST_SIZE, guest->host };
	guest->memory = (struct iommuctl_guest_memory){ &guest->range, 1 };
	return 0;

unmap_room:
	munmap(guest->room, 2 * HUGE_PAGE);
close_file:
	close(guest->memfd);
	return err;
}

void guest_free(struct guest *guest)
{
	munmap(guest->room, 2 * HUGE_PAGE);
	close(guest->memfd);
}

uint64_t guest_granule(unsigned int set)
{
	return table_sets[set].config.granule;
}

static void map(struct guest *guest, unsigned int set, uint64_t iova, uint64_t ipa, uint64_t size,
	uint8_t attr_index)
{
	const struct iommuctl_stage1_attributes attributes = {
		.permissions = IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		.attr_index = attr_index,
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
		.access_flag = true,
		.not_global = true,
	};

	iommuctl_stage1_map(&guest->sets[set], iova, ipa, size, &attributes, 0);
}

void guest_build_tables(struct guest *guest, unsigned int set)
{
	const struct table_set *layout = &table_sets[set];
	const uint64_t granule = layout->config.granule;
	const uint64_t pages = GUEST_DATA_SIZE / granule;

	iommuctl_stage1_init(&guest->sets[set], &guest->memory, &layout->config);
	for (uint64_t page = 0; page < WINDOW_PAGES; page++)
		map(guest, set, GUEST_WINDOW + page * granule,
			GUEST_IPA + (page * 3 + set) % pages * granule, granule, 0);
	map(guest, set, IDENTITY_BLOCK, GUEST_IPA, layout->block_size, 0);
	if (layout->doorbell)
		map(guest, set, MSI_WINDOW, MSI_WINDOW, granule, IOMMUCTL_CD_MAIR_DEVICE);
}

uint64_t guest_cd_ipa(unsigned int index)
{
	return GUEST_IPA + GUEST_CDS + index * sizeof(uint64_t) * IOMMUCTL_SMMUV3_CD_WORDS;
}

void guest_default_cd(const struct guest *guest, unsigned int index, struct iommuctl_smmuv3_cd *cd)
{
	const unsigned int set = index % GUEST_TABLE_SETS;

	*cd = iommuctl_cd_for_stage1(&guest->sets[set].regime,
		index < GUEST_TABLE_SETS ? table_sets[set].asid : (uint16_t)(index + 1));
}

int guest_write_cd(struct guest *guest, unsigned int index, struct iommuctl_smmuv3_cd *cd)
{
	const uint64_t size = sizeof(uint64_t) * IOMMUCTL_SMMUV3_CD_WORDS;
	const struct iommuctl_cd_table_shape shape = { .s1contextptr = guest_cd_ipa(index) };
	struct iommuctl_cd_table table;
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
	int err;

	if (cd->ips > IOMMUCTL_SMMUV3_IPS_48)
		cd->ips = IOMMUCTL_SMMUV3_IPS_48;
	cd->ttb0 &= GUEST_TTB_BITS;
	cd->ttb1 &= GUEST_TTB_BITS;
	err = iommuctl_smmuv3_cd_encode(cd, words, NULL);
	if (!err)
		err = iommuctl_cd_table_init(&table, &guest->memory, &shape, size);
	if (!err)
		err = iommuctl_cd_table_set(&table, 0, words);
	return err;
}

void guest_keep_tables(struct guest *guest)
{
	memcpy(guest->tables, guest->host + GUEST_TABLES_START, sizeof(guest->tables));
}

/* Invalidates the descriptors of a page of tables that nobody has kept. */
static void bound_tables(unsigned char *page, const unsigned char *kept)
{
	const size_t size = sizeof(uint64_t);

	if (!memcmp(page, kept, GUEST_PAGE))
		return;
	for (size_t offset = 0; offset < GUEST_PAGE; offset += size)
		if (memcmp(page + offset, kept + offset, size))
			page[offset] &= (unsigned char)~DESCRIPTOR_VALID;
}

void guest_bound_memory(struct guest *guest)
{
	const size_t cd_size = sizeof(uint64_t) * IOMMUCTL_SMMUV3_CD_WORDS;

	for (uint64_t offset = 0; offset < sizeof(guest->tables); offset += GUEST_PAGE)
		bound_tables(guest->host + GUEST_TABLES_START + offset, guest->tables + offset);
	for (uint64_t offset = 0; offset < GUEST_DATA_SIZE; offset += sizeof(uint64_t))
		guest->host[offset] &= (unsigned char)~DESCRIPTOR_VALID;
	for (uint64_t offset = 0; offset < GUEST_SIZE; offset += cd_size)
		guest->host[offset + IPS_BYTE] &= (unsigned char)~IPS_TOP_BIT;
}

uint64_t guest_bound_descriptor(unsigned int set, unsigned int level, uint64_t descriptor)
{
	const unsigned int kind = descriptor & DESCRIPTOR_KIND;
	const bool is_leaf = kind == (level == LAST_LEVEL ? KIND_TABLE_OR_PAGE : KIND_BLOCK);
	const bool refuses = !(descriptor & DESCRIPTOR_AF) || descriptor & DESCRIPTOR_READ_ONLY;

	if (is_leaf && level < table_sets[set].first_leaf_level)
		return descriptor & ~DESCRIPTOR_KIND;
	if (is_leaf && refuses)
		return descriptor & ~DESCRIPTOR_FAR_OUTPUT;
	return is_leaf || level == LAST_LEVEL ? descriptor : descriptor & ~TABLE_READ_ONLY;
}

void guest_bound_walk(struct guest *guest, unsigned int set, uint64_t iova)
{
	const struct iommuctl_stage1_step *step;
	struct iommuctl_stage1_walk walk;
	uint64_t descriptor;
	void *place;

	if (iommuctl_stage1_walk(&guest->memory, &guest->sets[set].regime, iova, 0, &walk) ||
		!walk.step_count)
		return;
	step = &walk.steps[walk.step_count - 1u];
	place = iommuctl_guest_memory_at(&guest->memory, step->descriptor_ipa, sizeof(descriptor));
	if (!place)
		return;
	descriptor = guest_bound_descriptor(set, step->level, step->descriptor);
	iommuctl_smmuv3_words_to_le(place, &descriptor, 1);
}

uint16_t guest_asid(unsigned int set)
{
	return table_sets[set].asid;
}

void guest_reset(struct guest *guest, uint64_t seed)
{
	struct dice dice = dice_new(seed, UINT64_MAX);
	struct iommuctl_smmuv3_cd cd;

	for (uint64_t offset = 0; offset < GUEST_DATA_SIZE; offset += sizeof(uint64_t))
		iommuctl_smmuv3_words_to_le(
			guest->host + offset, &(const uint64_t){ dice_next(&dice) }, 1);
	memset(guest->host + GUEST_DATA_SIZE, 0, GUEST_SIZE - GUEST_DATA_SIZE);
	for (unsigned int set = 0; set < GUEST_TABLE_SETS; set++)
		guest_build_tables(guest, set);
	for (unsigned int index = 0; index < GUEST_CD_COUNT; index++) {
		guest_default_cd(guest, index, &cd);
		guest_write_cd(guest, index, &cd);
	}
	guest_keep_tables(guest);
	guest_bound_memory(guest);
}

unsigned int guest_pick(struct dice *dice, unsigned int count)
{
	const unsigned int any = dice_below(dice, count);

	return dice_chance(dice, 50) ? 0 : any;
}

uint64_t guest_window_iova(unsigned int set, struct dice *dice)
{
	const uint64_t pages = dice_odd(dice, 25) ? 2 * WINDOW_PAGES : WINDOW_PAGES / 2;

	return GUEST_WINDOW + dice_below(dice, pages) * guest_granule(set);
}

uint64_t guest_data_ipa(unsigned int set, struct dice *dice)
{
	const uint64_t granule = guest_granule(set);
	const uint64_t size = dice_odd(dice, 5) ? GUEST_SIZE : GUEST_DATA_SIZE;

	return GUEST_IPA + dice_below(dice, size / granule) * granule;
}

uint64_t guest_hash(const struct guest *guest, uint64_t size)
{
	return hash_words(HASH_START, guest->host, size);
}
