// SPDX-License-Identifier: MIT
/* How much guest memory an access reads, whatever it contains. */
#include "vsmmuv3_fixture.h"

#include <stdlib.h>

#include "stage1/guest_memory.h"

#define LOOKS_MAX (1 + 8 + 1 + 8) /* L1STD, STE, L1CD, CD; stage 1 has its own test */

static struct walker guest;
static uint64_t looks[LOOKS_MAX];
static size_t look_count;

int __real_guest_memory_load64(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value);
int __wrap_guest_memory_load64(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value);

int __wrap_guest_memory_load64(
	const struct iommuctl_guest_memory *memory, uint64_t ipa, uint64_t *value)
{
	if (look_count < ARRAY_SIZE(looks))
		looks[look_count] = ipa;
	look_count++;
	return __real_guest_memory_load64(memory, ipa, value);
}

static void set_up(void)
{
	walker_open(&guest);
}

static void tear_down(void)
{
	walker_close(&guest);
}

TestSuite(vsmmuv3_bounds, .init = set_up, .fini = tear_down);

/* The guest could change between two reads of the same word. */
Test(vsmmuv3_bounds, each_word_is_looked_at_once)
{
	const struct iommuctl_vsmmuv3_access access = {
		.sid = 70, .ssid = 70, .has_ssid = true, .iova = IOVA, .permissions = R
	};
	const struct iommuctl_smmuv3_l1cd l1cd = { .v = 1, .l2ptr = LEAVES + PAGE };
	uint64_t word;

	guest.view.strtab_base_cfg = STRTAB_TWO_LEVEL(6) | 16;
	guest_put_words(&guest.ram, STREAMS + 8, (const uint64_t[]){ LEAVES | 7 }, 1);
	guest.ste.s1cdmax = 7;
	guest.ste.s1fmt = IOMMUCTL_SMMUV3_S1FMT_4K_L2;
	guest_put_ste(&guest.ram, LEAVES + 6 * GUEST_STE_SIZE, &guest.ste);
	cr_assert_eq(iommuctl_smmuv3_l1cd_encode(&l1cd, &word, NULL), 0);
	guest_put_words(&guest.ram, CDS + 8, &word, 1);
	guest_put_cd(&guest.ram, LEAVES + PAGE + UINT64_C(6 * 64), &guest.cd);

	look_count = 0;
	cr_assert_eq(walker_go(&guest, &access), 0);
	cr_assert_eq(look_count, LOOKS_MAX);
	for (size_t i = 0; i < LOOKS_MAX; i++)
		for (size_t j = 0; j < i; j++)
			cr_assert_neq(looks[i], looks[j]);
}

/* STEs and CDs that are valid now and then, and otherwise arbitrary. */
static void scatter_words(void)
{
	uint64_t *words = guest_at(&guest.ram, RAM);

	for (size_t i = 0; i < RAM_SIZE / sizeof(*words); i++) {
		words[i] = (uint64_t)random() << 33 ^ (uint64_t)random() << 12 ^ (uint64_t)random();
		if (random() % 2)
			words[i] = (words[i] & UINT64_C(0x7fffff)) | RAM;
	}
}

Test(vsmmuv3_bounds, whatever_there_is_in_memory_and_registers)
{
	uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS];

	srandom(1);
	scatter_words();
	guest.idr.sidsize = 32;
	for (unsigned int i = 0; i < 100000; i++) {
		const struct iommuctl_vsmmuv3_access access = {
			.sid = (uint32_t)random() << 1 >> random() % 32,
			.ssid = (uint32_t)random() >> (11 + random() % 20),
			.has_ssid = random() % 4 == 0,
			.iova = (uint64_t)random() << 33 >> random() % 64,
			.permissions = random() % 16,
		};

		int err;

		guest.view.strtab_base = (uint64_t)random() % RAM_SIZE + RAM;
		guest.view.strtab_base_cfg = (uint32_t)random() & 0x300ff;
		look_count = 0;
		err = walker_go(&guest, &access);
		cr_assert_leq(look_count, LOOKS_MAX);
		if (!err)
			continue;
		cr_assert_eq(iommuctl_smmuv3_event_name(guest.fault.event.type) == NULL,
			guest.fault.event.type == 0);
		cr_assert(!guest.fault.event.type ||
			  !iommuctl_smmuv3_event_encode(&guest.fault.event, words, NULL));
	}
}
