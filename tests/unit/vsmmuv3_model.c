// SPDX-License-Identifier: MIT
/*
 * Two devices behind one SMMU of a guest, one passed through and one emulated: the walk treats an
 * access as the model's SMMU, under a nest, treats the same DMA of the first device.
 */
#include "nest_fixture.h"

#include <iommuctl/events.h>

#include "stage1/guest_memory.h"
#include "vsmmuv3/translate.h"
#include "vsmmuv3/translation_cache.h"

#define ROUNDS	   1000
#define ACCESSES   10
#define SSID_BITS  4
#define SSIDS	   4 /* CDs that are filled */
#define L1CDS	   (RAM + 0x118000)
#define L1STDS	   (RAM + 0x130000)
#define STES	   (RAM + 0x140000) /* that an L1STD leads to */
#define SETS	   3
#define WINDOW	   8 /* pages that are mapped from IOVA on */
#define NOWHERE	   UINT64_C(0x70000000)
#define LOG2SIZE   8
#define QUEUE_LOG2 5

static struct vmm vmm;
static struct guest_queue queue;
static struct iommuctl_event_reader reader;
static struct vsmmuv3_view view;
static const uint32_t idr3 = UINT32_C(1) << 2; /* HAD, as the model has it */
static struct vsmmuv3_cache *cache;
static struct iommuctl_stage1 sets[SETS];
static struct iommuctl_smmuv3_cd cds[SSIDS];
static unsigned int seen[UINT8_MAX + 1]; /* by event; 0: translated */

static bool one_in(unsigned int n)
{
	return rand() % n == 0;
}

static void build_tables(unsigned int set)
{
	static const struct {
		uint32_t granule;
		uint8_t input_bits;
	} shapes[SETS] = { { 0x1000, 39 }, { 0x4000, 36 }, { 0x10000, 42 } };
	const struct iommuctl_stage1_config config = {
		.granule = shapes[set].granule,
		.input_bits = shapes[set].input_bits,
		.output_bits = 44,
		.table_ipa = TABLES + set * UINT64_C(0x50000),
		.table_size = 0x50000,
	};
	const uint64_t size = config.granule;
	struct iommuctl_stage1_attributes read_only = guest_read_write;

	cr_assert_eq(iommuctl_stage1_init(&sets[set], &vmm.ram.memory, &config), 0);
	for (uint64_t i = 0; i < WINDOW; i++)
		guest_map(&sets[set], IOVA + i * size,
			one_in(8) ? NOWHERE : RAM + (uint64_t)rand() % 64 * size, size);
	read_only.permissions = IOMMUCTL_STAGE1_READ;
	cr_assert_eq(iommuctl_stage1_protect(&sets[set], IOVA, 2 * size, &read_only), 0);
}

static void set_up(void)
{
	struct iommuctl_model_config *config = calloc(1, sizeof(*config));

	cr_assert_not_null(config);
	iommuctl_model_default_config(config);
	config->smmus[0].ssid_bits = SSID_BITS;
	vmm_start(&vmm, config);
	free(config);
	vmm_start_queue(&vmm, &queue, QUEUE_LOG2);
	iommuctl_event_reader_init(&reader, vmm.ctx, iommuctl_nest_get_event_fd(vmm.nest));
	view = (struct vsmmuv3_view){
		.memory = &vmm.ram.memory,
		.idr = iommuctl_nest_get_idr(vmm.nest),
		.idr3 = &idr3,
		.strtab_base = STREAMS,
		.strtab_base_cfg = LOG2SIZE,
		.enabled = true,
		.recinvsid = true,
	};
	cr_assert_eq(use_streams(&vmm), 0);
	cr_assert_eq(vsmmuv3_cache_new(64, &cache), 0);
}

static void tear_down(void)
{
	vsmmuv3_cache_free(cache);
	vmm_stop(&vmm);
}

TestSuite(vsmmuv3_model, .init = set_up, .fini = tear_down);

/* As a guest does: to the queue for what is passed through, and the same to the cache. */
static void issue(struct iommuctl_smmuv3_cmd cmd)
{
	guest_queue_put(&queue, &cmd);
	guest_queue_put(
		&queue, &(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_SYNC });
	cr_assert_eq(guest_queue_consume(&queue), 0);
	vsmmuv3_cache_command(cache, &cmd);
}

static void put_ste(void)
{
	static const uint8_t configs[] = {
		IOMMUCTL_SMMUV3_CONFIG_ABORT,
		3,
		IOMMUCTL_SMMUV3_CONFIG_BYPASS,
		IOMMUCTL_SMMUV3_CONFIG_S2,
	};
	struct iommuctl_smmuv3_ste ste = {
		.v = !one_in(20),
		.config = one_in(5) ? configs[rand() % ARRAY_SIZE(configs)]
				    : IOMMUCTL_SMMUV3_CONFIG_S1,
		.s1contextptr = one_in(20) ? NOWHERE : CDS,
		.s1cdmax = one_in(2) ? 0 : rand() % (SSID_BITS + 2),
		.s1dss = rand() % 4,
	};

	if (one_in(3)) {
		ste.s1fmt = IOMMUCTL_SMMUV3_S1FMT_4K_L2;
		ste.s1contextptr = ste.s1cdmax ? L1CDS : CDS;
	}
	guest_put_ste(&vmm.ram, STREAMS + VSID * GUEST_STE_SIZE, &ste);
	guest_put_ste(&vmm.ram, STES + VSID % 64 * GUEST_STE_SIZE, &ste);
}

/* The registers, and what the nest learns of them: a one- or two-level table, or none. */
static void set_registers(void)
{
	const uint64_t l1std = (one_in(4) ? NOWHERE : STES) | (one_in(4) ? rand() % 10 : 7);
	const bool linear = !one_in(4);

	guest_put_words(&vmm.ram, L1STDS + VSID / 64 * 8, &l1std, 1);
	view.strtab_base = one_in(32) ? NOWHERE : linear ? STREAMS : L1STDS;
	view.strtab_base_cfg = linear ? LOG2SIZE : UINT32_C(1) << 16 | 6 << 6 | LOG2SIZE;
	view.gbpa_abort = one_in(2);
	view.enabled = !one_in(10);
	cr_assert_eq(iommuctl_nest_set_bypass(vmm.nest, !view.gbpa_abort), 0);
	if (view.enabled)
		cr_assert_eq(iommuctl_nest_set_stream_table(vmm.nest, &vmm.ram.memory,
				     view.strtab_base, view.strtab_base_cfg),
			0);
	else
		cr_assert_eq(iommuctl_nest_clear_stream_table(vmm.nest), 0);
	vsmmuv3_cache_clear(cache);
}

static void put_l1cd(void)
{
	const struct iommuctl_smmuv3_l1cd l1cd = {
		.v = !one_in(8),
		.l2ptr = one_in(8) ? NOWHERE : CDS,
	};
	uint64_t word;

	cr_assert_eq(iommuctl_smmuv3_l1cd_encode(&l1cd, &word, NULL), 0);
	guest_put_words(&vmm.ram, L1CDS, &word, 1);
}

/* The model has no PAN, as its devices are privileged; QEMU does the same. */
static void put_cd(uint32_t ssid)
{
	struct iommuctl_smmuv3_cd *cd = &cds[ssid];

	*cd = iommuctl_cd_for_stage1(&sets[rand() % SETS].regime, (uint16_t)(ssid + 1));
	if (one_in(4)) {
		cd->epd1 = 0;
		cd->t1sz = cd->t0sz;
		cd->tg1 = cd->tg0 == IOMMUCTL_SMMUV3_TG0_4K    ? IOMMUCTL_SMMUV3_TG1_4K
			  : cd->tg0 == IOMMUCTL_SMMUV3_TG0_16K ? IOMMUCTL_SMMUV3_TG1_16K
							       : IOMMUCTL_SMMUV3_TG1_64K;
		cd->ttb1 = cd->ttb0;
		cd->tbi1 = one_in(2);
		cd->epd0 = one_in(4);
	}
	cd->tbi0 = one_in(4);
	cd->had0 = one_in(4);
	cd->affd = one_in(4);
	cd->wxn = one_in(4);
	cd->r = !one_in(8);
	cd->a = !one_in(32);
	cd->s = one_in(32);
	cd->v = !one_in(16);
	cd->aa64 = !one_in(32);
	cd->endi = one_in(32);
	if (one_in(8))
		cd->ips = rand() % 6;
	if (one_in(16))
		cd->t0sz = 14 + rand() % 28;
	if (one_in(16))
		cd->tg0 = rand() % 4;
	if (one_in(16))
		cd->ttb0 |= (uint64_t)rand() % 64 << 4;
	if (one_in(16))
		cd->ttb0 = one_in(2) ? NOWHERE : UINT64_C(1) << 45;
	guest_put_cd(&vmm.ram, CDS + ssid * UINT64_C(64), cd);
}

/* Flips bits of what a walk to a page of the window meets, be it a table or a leaf. */
static void break_tables(void)
{
	for (unsigned int i = 0; i < 6; i++) {
		const struct iommuctl_stage1 *set = &sets[rand() % SETS];
		const uint64_t iova = IOVA + (uint64_t)rand() % WINDOW * set->config.granule;
		const struct iommuctl_stage1_step *step;
		struct iommuctl_stage1_walk walk;

		cr_assert_eq(
			iommuctl_stage1_walk(&vmm.ram.memory, &set->regime, iova, 0, &walk), 0);
		if (!walk.step_count)
			continue;
		step = &walk.steps[one_in(4) ? rand() % walk.step_count : walk.step_count - 1];
		guest_memory_store64(&vmm.ram.memory, step->descriptor_ipa,
			step->descriptor ^ UINT64_C(1) << (one_in(2) ? rand() % 12 : rand() % 64));
	}
}

static void new_round(void)
{
	for (unsigned int set = 0; set < SETS; set++)
		build_tables(set);
	break_tables();
	for (uint32_t ssid = 0; ssid < SSIDS; ssid++)
		put_cd(ssid);
	put_l1cd();
	put_ste();
	if (one_in(2))
		set_registers();
	issue((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = VSID });
	issue((struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL });
}

static struct iommuctl_vsmmuv3_access choose_access(void)
{
	const uint64_t granule = sets[rand() % SETS].config.granule;
	struct iommuctl_vsmmuv3_access access = {
		.sid = VSID,
		.has_ssid = view.enabled && one_in(2), /* else a nest has no SSIDs pass */
		.iova = IOVA + (uint64_t)rand() % (WINDOW + 1) * granule + rand() % 1024 * 4,
		.permissions = IOMMUCTL_STAGE1_PRIVILEGED |
			       (one_in(2) ? IOMMUCTL_STAGE1_WRITE : IOMMUCTL_STAGE1_READ),
	};

	if (access.has_ssid)
		access.ssid = one_in(4) ? rand() % (1 << SSID_BITS) : rand() % SSIDS;
	if (one_in(4))
		access.iova = RAM + (uint64_t)rand() % (RAM_SIZE / 4) * 4;
	if (one_in(6))
		access.iova |= UINT64_MAX << (30 + rand() % 30);
	if (one_in(16))
		access.iova |= UINT64_C(0x5a) << 56;
	return access;
}

/* What the passed-through device sees of an access of four bytes at @at, if that is memory. */
static int dma_of(const struct iommuctl_vsmmuv3_access *access, uint32_t *at)
{
	const uint32_t before = at ? *at : 0, wanted = 0x5eed1e55;
	uint32_t word = wanted;
	const bool write = access->permissions & IOMMUCTL_STAGE1_WRITE;
	int err = iommuctl_model_dma(vmm.model,
		&(struct iommuctl_model_access){
			.ssid = access->has_ssid ? (int)access->ssid : -1,
			.iova = access->iova,
			.buffer = &word,
			.size = sizeof(word),
			.write = write,
		});

	if (err || !at)
		return err;
	cr_assert_eq(*at, write ? wanted : before, "another address was written to");
	cr_assert_eq(word, write ? wanted : before, "another address was read");
	*at = before;
	return 0;
}

/* The only event of the passed-through device, or one of type 0. */
static struct iommuctl_smmuv3_event next_event(void)
{
	struct iommuctl_smmuv3_event event = { .type = 0 }, second;

	if (!iommuctl_event_reader_next(&reader, &event, NULL))
		cr_assert_eq(iommuctl_event_reader_next(&reader, &second, NULL), -EAGAIN);
	return event;
}

/* QEMU, and so the model, looks up both TTBs with the CD, and does not report a missing one. */
static bool root_is_missing(const struct iommuctl_vsmmuv3_access *access)
{
	const uint32_t ssid = access->has_ssid ? access->ssid : 0;
	const struct iommuctl_smmuv3_cd *cd = &cds[ssid % SSIDS];

	return ssid < SSIDS && !cd->epd0 && cd->ttb0 == NOWHERE;
}

/*
 * What the guest is told of the passed-through device where the emulated one gets @event. A nest
 * has no event for what it reads itself, nor has the kernel one for what stage 2 does not have;
 * below the root the model has stage 1 fault there, as QEMU does. PnU is nothing that it has.
 */
static struct iommuctl_smmuv3_event as_passed_through(const struct iommuctl_vsmmuv3_access *access,
	struct iommuctl_smmuv3_event event, const struct iommuctl_smmuv3_event *told)
{
	const struct iommuctl_smmuv3_event none = { .type = 0 };

	event.pnu = 0;
	switch (event.type) {
	case IOMMUCTL_SMMUV3_C_BAD_STREAMID:
	case IOMMUCTL_SMMUV3_F_STE_FETCH:
	case IOMMUCTL_SMMUV3_C_BAD_STE:
	case IOMMUCTL_SMMUV3_F_CD_FETCH: return none;
	case IOMMUCTL_SMMUV3_F_TRANSLATION: return root_is_missing(access) ? none : event;
	case IOMMUCTL_SMMUV3_F_ADDR_SIZE:
		if (told->event_class == IOMMUCTL_SMMUV3_EVENT_CLASS_TTD) {
			event.event_class = told->event_class;
			event.ipa = told->ipa;
		}
		return access->iova >> iommuctl_smmuv3_idr_oas_bits(view.idr) && !told->type
			       ? none
			       : event;
	case IOMMUCTL_SMMUV3_F_WALK_EABT:
		if (!told->type)
			return none;
		event.type = IOMMUCTL_SMMUV3_F_TRANSLATION;
		event.ipa = event.fetchaddr >> 12 << 12;
		event.fetchaddr = 0;
		return event;
	default: return event;
	}
}

/* Padding between an event's members does not matter. */
static bool is_same(
	const struct iommuctl_smmuv3_event *one, const struct iommuctl_smmuv3_event *other)
{
	uint64_t words[2][IOMMUCTL_SMMUV3_EVENT_WORDS] = { { 0 }, { 0 } };

	cr_assert(!one->type || !iommuctl_smmuv3_event_encode(one, words[0], NULL));
	cr_assert(!other->type || !iommuctl_smmuv3_event_encode(other, words[1], NULL));
	return !memcmp(words[0], words[1], sizeof(words[0]));
}

static void compare(const struct iommuctl_vsmmuv3_access *access)
{
	struct iommuctl_vsmmuv3_translation translation = { .size = 0 }, cached = { .size = 0 };
	struct vsmmuv3_fault fault = { .ignored = false }, again = { .ignored = false };
	const int err = vsmmuv3_translate(&view, NULL, access, &translation, &fault);
	struct iommuctl_smmuv3_event told, wanted;
	uint32_t *at = NULL;

	cr_assert_eq(vsmmuv3_translate(&view, cache, access, &cached, &again), err);
	cr_assert_eq(cached.ipa, translation.ipa);
	cr_assert_eq(cached.size, translation.size);
	cr_assert_eq(cached.permissions, translation.permissions);
	cr_assert(is_same(&again.event, &fault.event));
	cr_assert_eq(again.ignored, fault.ignored);
	if (!err)
		at = iommuctl_guest_memory_at(&vmm.ram.memory, translation.ipa, sizeof(*at));

	cr_assert_eq(dma_of(access, at), at ? 0 : -EIO, "0x%llx: %d, event 0x%x",
		(unsigned long long)access->iova, err, fault.event.type);
	told = next_event();
	wanted = as_passed_through(access, fault.event, &told);
	cr_assert_eq(told.type, wanted.type, "0x%llx: event 0x%x instead of 0x%x (0x%x)",
		(unsigned long long)access->iova, told.type, wanted.type, fault.event.type);
	cr_assert(is_same(&told, &wanted), "event 0x%x differs", told.type);
	seen[fault.event.type]++;
}

Test(vsmmuv3_model, the_emulated_device_sees_what_the_passed_through_one_does)
{
	static const uint8_t events[] = {
		0,
		IOMMUCTL_SMMUV3_C_BAD_STREAMID,
		IOMMUCTL_SMMUV3_F_STE_FETCH,
		IOMMUCTL_SMMUV3_C_BAD_STE,
		IOMMUCTL_SMMUV3_F_STREAM_DISABLED,
		IOMMUCTL_SMMUV3_C_BAD_SUBSTREAMID,
		IOMMUCTL_SMMUV3_F_CD_FETCH,
		IOMMUCTL_SMMUV3_C_BAD_CD,
		IOMMUCTL_SMMUV3_F_WALK_EABT,
		IOMMUCTL_SMMUV3_F_TRANSLATION,
		IOMMUCTL_SMMUV3_F_ADDR_SIZE,
		IOMMUCTL_SMMUV3_F_ACCESS,
		IOMMUCTL_SMMUV3_F_PERMISSION,
	};

	for (unsigned int seed = 1; seed <= 3; seed++) {
		srand(seed);
		for (unsigned int round = 0; round < ROUNDS; round++) {
			new_round();
			for (unsigned int i = 0; i < ACCESSES; i++) {
				const struct iommuctl_vsmmuv3_access access = choose_access();

				compare(&access);
			}
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(events); i++)
		cr_assert_geq(seen[events[i]], 10, "event 0x%x: %u", events[i], seen[events[i]]);
}
