// SPDX-License-Identifier: MIT
/*
 * Guest memory with any contents, also after the guest has changed it under the builder: a walk ends
 * and reads nothing else, the builder writes only its tables.
 */
#include <iommuctl/iommuctl.h>

#include "input.h"

#define MEMORY_SIZE  0x10000u
#define MEMORY_IPA   UINT64_C(0x40000000)
#define TABLE_OFFSET 0x4000u
#define TABLE_SIZE   0x8000u
#define GUARD	     0xa5
#define ROUNDS	     32

struct memory {
	_Alignas(65536) unsigned char bytes[MEMORY_SIZE];
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory guest;
};

/* Writes a word of the tables: anything, but half of the time a descriptor that leads into them. */
static void scribble(struct memory *memory, struct input *input)
{
	const uint8_t kind = input_u8(input);
	const size_t at =
		input_u8(input) & 1 ? input_u64(input) % (TABLE_SIZE / 8) : input_u8(input);
	uint64_t word = input_u64(input);

	if (kind & 1)
		word = MEMORY_IPA + TABLE_OFFSET + (word % TABLE_SIZE & ~UINT64_C(0xfff)) +
		       (kind & 3);
	memcpy(memory->bytes + TABLE_OFFSET + at * 8, &word, sizeof(word));
}

/* Anything in the tables, the guard around them. */
static void fill(struct memory *memory, struct input *input)
{
	const unsigned int words = input_u8(input) % ROUNDS;

	memset(memory->bytes, GUARD, sizeof(memory->bytes));
	memset(memory->bytes + TABLE_OFFSET, 0, TABLE_SIZE);
	for (unsigned int i = 0; i < words && input->left; i++)
		scribble(memory, input);
}

static void check_guard(const struct memory *memory)
{
	static unsigned char guard[MEMORY_SIZE];

	if (!guard[0])
		memset(guard, GUARD, sizeof(guard));
	require(!memcmp(memory->bytes, guard, TABLE_OFFSET));
	require(!memcmp(memory->bytes + TABLE_OFFSET + TABLE_SIZE, guard,
		MEMORY_SIZE - TABLE_OFFSET - TABLE_SIZE));
}

static void walk(const struct memory *memory, struct input *input)
{
	const struct iommuctl_stage1_regime regime = {
		.ttb = MEMORY_IPA + TABLE_OFFSET + input_u64(input) % TABLE_SIZE,
		.t0sz = 14 + input_u8(input) % 28,
		.tg = input_u8(input) % 4,
		.ips = input_u8(input) % 8,
		.flags = input_u8(input),
	};
	const uint64_t iova = input_u64(input) >> input_u8(input) % 64;
	struct iommuctl_stage1_walk walk;

	if (!iommuctl_stage1_walk(&memory->guest, &regime, iova, input_u8(input) % 16, &walk))
		require(walk.step_count <= IOMMUCTL_STAGE1_MAX_STEPS);
}

static void find_cd(const struct memory *memory, struct input *input)
{
	const struct iommuctl_cd_table_shape shape = {
		.s1contextptr = MEMORY_IPA + input_u64(input) % MEMORY_SIZE,
		.s1cdmax = input_u8(input) % 22,
		.s1fmt = input_u8(input) % 4,
	};
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];

	iommuctl_cd_table_get(&memory->guest, &shape, input_u32(input), words);
}

static void edit(struct iommuctl_stage1 *tables, struct input *input)
{
	const uint64_t pages = input_u8(input) & 1 ? ~UINT64_C(0) : ~UINT64_C(0xffff);
	const uint64_t iova = input_u64(input) >> input_u8(input) % 64 & pages;
	const uint64_t ipa = input_u64(input) >> input_u8(input) % 64 & pages;
	/* The time that a call takes is the caller's choice. */
	const uint64_t size = input_u64(input) & UINT64_C(0x3ffffff) & pages;
	struct iommuctl_stage1_attributes attributes;
	const uint8_t verb = input_u8(input), bits = input_u8(input);

	attributes = (struct iommuctl_stage1_attributes){
		.permissions = input_u8(input) % 16 | IOMMUCTL_STAGE1_READ,
		.attr_index = input_u8(input) % 9,
		.shareability = input_u8(input) % 4,
		.access_flag = bits & 1,
		.not_global = bits & 2,
	};
	switch (verb % 5) {
	case 0: iommuctl_stage1_map(tables, iova, ipa, size, &attributes, 0); break;
	case 1: iommuctl_stage1_unmap(tables, iova, size); break;
	case 2: iommuctl_stage1_remap(tables, iova, ipa, size); break;
	case 3: iommuctl_stage1_protect(tables, iova, size, &attributes); break;
	default: iommuctl_stage1_set_access_flag(tables, iova, size, bits & 1);
	}
}

static void build(struct memory *memory, struct input *input)
{
	static const uint32_t granules[] = { 4096, 16384, 65536, 0 };
	static const uint8_t outputs[] = { 32, 36, 40, 42, 44, 48, 52 };
	const struct iommuctl_stage1_config config = {
		.granule = granules[input_u8(input) % 4],
		.input_bits = 24 + input_u8(input) % 26,
		.output_bits = outputs[input_u8(input) % 7],
		.table_ipa = MEMORY_IPA + TABLE_OFFSET,
		.table_size = TABLE_SIZE,
	};
	struct iommuctl_stage1 tables;

	if (iommuctl_stage1_init(&tables, &memory->guest, &config))
		return;
	for (unsigned int i = 0; i < ROUNDS && input->left; i++) {
		edit(&tables, input);
		if (input_u8(input) & 1)
			scribble(memory, input);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct memory memory;
	struct input input = { data, size };
	const uint8_t what = input_u8(&input);

	memory.range = (struct iommuctl_guest_range){ MEMORY_IPA, MEMORY_SIZE, memory.bytes };
	memory.guest = (struct iommuctl_guest_memory){ &memory.range, 1 };
	fill(&memory, &input);
	switch (what % 3) {
	case 0: walk(&memory, &input); break;
	case 1: find_cd(&memory, &input); break;
	default: build(&memory, &input);
	}
	check_guard(&memory);
	return 0;
}
