// SPDX-License-Identifier: MIT
/* Records that are broken, of another SMMU, or malicious. */
#include "vsmmuv3_record.h"

#define REGISTERS 22
#define CONS	  15 /* CMDQ_CONS, among the registers */

static struct guest_smmu guest;
static struct record good;

static void set_up(void)
{
	guest_open(&guest, (struct iommuctl_vsmmuv3_config){ .event_depth = 16 });
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	guest_add(&guest);
	guest_enable(&guest);
	guest_issue_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	guest_save(&guest, &good);
	cr_assert_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
}

static void tear_down(void)
{
	guest_close(&guest);
}

TestSuite(vsmmuv3_state_record, .init = set_up, .fini = tear_down);

static size_t at_register(unsigned int index)
{
	return RECORD_REGISTERS + index * sizeof(uint64_t);
}

static const char *last_object(void)
{
	const struct iommuctl_error *error = iommuctl_last_error(guest.vmm.ctx);

	return error ? error->object : "";
}

/* Nothing has changed, and @object is named. */
static void expect_refused(const struct record *record, int err, const char *object)
{
	cr_expect_eq(guest_restore(&guest, record), err, "%s", object);
	cr_expect_str_eq(last_object(), object);
	cr_expect_eq(rd(&guest, CR0), 0);
	cr_expect_eq(rd64(&guest, CMDQ_BASE), 0);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), MARK);
}

Test(vsmmuv3_state_record, is_what_the_header_says)
{
	static const uint64_t values[REGISTERS] = { ALL_ENABLED, ALL_ENABLED, 0, RECINVSID, 0x1000,
		IRQ_GERROR | IRQ_EVENTQ, 0, 0, 0, 0, 0, STREAMS, 8, QUEUE | QUEUE_LOG2, 2, 2,
		EVENTQ | EVENTQ_LOG2, 0, 0, 0, 0, 0 };
	static const struct {
		size_t at;
		uint32_t tag;
		uint32_t size;
	} sections[] = {
		{ RECORD_IDENTITY, IOMMUCTL_VSMMUV3_STATE_IDENTITY, 32 },
		{ RECORD_REGISTERS, IOMMUCTL_VSMMUV3_STATE_REGISTERS, 8 * REGISTERS },
		{ RECORD_PENDING, IOMMUCTL_VSMMUV3_STATE_PENDING, 24 },
	};

	cr_expect_eq(memcmp(good.bytes, "vSMMUv3", 8), 0);
	cr_expect_eq(record_get32(&good, 8), 1);
	cr_expect_eq(record_get32(&good, RECORD_LENGTH), good.length);
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		cr_expect_eq(record_get32(&good, sections[i].at - 8), sections[i].tag);
		cr_expect_eq(record_get32(&good, sections[i].at - 4), sections[i].size);
	}
	for (unsigned int i = 0; i < 6; i++)
		cr_expect_eq(record_get32(&good, RECORD_IDENTITY + i * 4), rd(&guest, i * 4));
	for (unsigned int i = 0; i < REGISTERS; i++) {
		cr_expect_eq(record_get32(&good, at_register(i)), (uint32_t)values[i], "%u", i);
		cr_expect_eq(record_get32(&good, at_register(i) + 4), values[i] >> 32, "%u", i);
	}
	for (size_t i = RECORD_PENDING; i < RECORD_END; i++)
		cr_expect_eq(good.bytes[i], 0);
}

Test(vsmmuv3_state_record, needs_a_place)
{
	struct record record = { .length = 99 };

	cr_expect_eq(iommuctl_vsmmuv3_save(guest.smmu, NULL, 512, &record.length), -EINVAL);
	cr_expect_eq(iommuctl_vsmmuv3_save(guest.smmu, record.bytes, 512, NULL), -EINVAL);
	cr_expect_eq(record.length, 99);
	cr_expect_eq(
		iommuctl_vsmmuv3_save(guest.smmu, record.bytes, RECORD_END - 1, &record.length),
		-ENOSPC);
	cr_expect_eq(record.length, RECORD_END);
	cr_expect_eq(record.bytes[0], 0);
	cr_expect_eq(
		iommuctl_vsmmuv3_save(guest.smmu, record.bytes, RECORD_END, &record.length), 0);
	cr_expect_leq(RECORD_END, IOMMUCTL_VSMMUV3_STATE_SIZE);
	cr_expect_eq(iommuctl_vsmmuv3_restore(guest.smmu, NULL, 512), -EINVAL);
}

Test(vsmmuv3_state_record, an_incomplete_record_is_refused)
{
	for (size_t length = 0; length < good.length; length++) {
		/* On the heap, so that a read beyond its end is noticed. */
		uint8_t *bytes = malloc(length ? length : 1);

		memcpy(bytes, good.bytes, length);
		cr_expect_eq(iommuctl_vsmmuv3_restore(guest.smmu, bytes, length), -EINVAL);
		if (length >= 16) {
			const uint32_t said = htole32((uint32_t)length);

			memcpy(bytes + RECORD_LENGTH, &said, sizeof(said));
			cr_expect_eq(iommuctl_vsmmuv3_restore(guest.smmu, bytes, length), -EINVAL);
		}
		free(bytes);
	}
	good.length++;
	expect_refused(&good, -EINVAL, "length 272");
}

Test(vsmmuv3_state_record, a_later_version_is_refused_unless_it_may_be_read)
{
	struct record record = good;

	record_put32(&record, 8, 2);
	expect_refused(&record, -EOPNOTSUPP, "version 2");

	record = good;
	record_add(&record, 4, 16);
	expect_refused(&record, -EOPNOTSUPP, "section 4");
	record = good;
	record_add(&record, IOMMUCTL_VSMMUV3_STATE_IGNORABLE | 4, 12);
	expect_refused(&record, -EINVAL, "section 1073741828");
	record = good;
	record_add(&record, IOMMUCTL_VSMMUV3_STATE_IGNORABLE | 4, 16);
	record_put32(&record, RECORD_END + 4, UINT32_MAX - 7);
	expect_refused(&record, -EINVAL, "section 1073741828");

	record = good;
	record_add(&record, IOMMUCTL_VSMMUV3_STATE_IGNORABLE | 4, 16);
	record_add(&record, IOMMUCTL_VSMMUV3_STATE_IGNORABLE | 1, 0);
	cr_expect_eq(guest_restore(&guest, &record), 0);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
}

Test(vsmmuv3_state_record, sections_are_there_once_and_in_any_order)
{
	struct record record = good;

	record_add(&record, IOMMUCTL_VSMMUV3_STATE_PENDING, 24);
	memset(record.bytes + RECORD_END + 8, 0, 24);
	expect_refused(&record, -EINVAL, "section 3");
	record = good;
	record_put32(&record, RECORD_PENDING - 8, IOMMUCTL_VSMMUV3_STATE_IGNORABLE);
	expect_refused(&record, -EINVAL, "section 3");
	record = good;
	record_put32(&record, RECORD_IDENTITY - 8, IOMMUCTL_VSMMUV3_STATE_REGISTERS);
	expect_refused(&record, -EINVAL, "section 2");

	record = good;
	memcpy(record.bytes + 16, good.bytes + RECORD_PENDING - 8, 32);
	memcpy(record.bytes + 48, good.bytes + 16, RECORD_PENDING - 8 - 16);
	cr_expect_eq(guest_restore(&guest, &record), 0);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
}

Test(vsmmuv3_state_record, another_identity_is_refused_with_a_sentence)
{
	struct record record = good;
	uint32_t idr1 = record_get32(&record, RECORD_IDENTITY + 4);

	idr1 = (idr1 & ~0x3fu) | 20;
	record_put32(&record, RECORD_IDENTITY + 4, idr1);
	expect_refused(&record, -EINVAL, "StreamIDs: host has 16 bits, asked for 20");
	cr_expect_str_eq(iommuctl_last_error(guest.vmm.ctx)->operation, "vsmmuv3_restore");
}

/* Bits that no register has, and what contradicts itself. */
Test(vsmmuv3_state_record, what_no_register_can_hold_is_refused_by_name)
{
	static const struct {
		unsigned int index;
		uint64_t value;
		const char *object;
	} rows[] = {
		{ 0, 1u << 1, "CR0 0x2" },
		{ 1, UINT64_C(1) << 32, "CR0ACK 0x100000000" },
		{ 2, 0x1000, "CR1 0x1000" },
		{ 3, 1u << 3, "CR2 0x8" },
		{ 4, 1u << 30, "GBPA 0x40000000" },
		{ 5, 2, "IRQ_CTRL 0x2" },
		{ 6, 1u << 8, "GERROR 0x100" },
		{ 7, 1u << 3, "GERRORN 0x8" },
		{ 8, 1, "GERROR_IRQ_CFG0 0x1" },
		{ 9, UINT64_C(1) << 32, "GERROR_IRQ_CFG1 0x100000000" },
		{ 10, 0x40, "GERROR_IRQ_CFG2 0x40" },
		{ 11, 1, "STRTAB_BASE 0x1" },
		{ 12, 1u << 18, "STRTAB_BASE_CFG 0x40000" },
		{ 13, UINT64_C(1) << 63, "CMDQ_BASE 0x8000000000000000" },
		{ 14, 1u << 20, "CMDQ_PROD 0x100000" },
		{ 15, 1u << 31, "CMDQ_CONS 0x80000000" },
		{ 16, UINT64_C(1) << 56, "EVENTQ_BASE 0x100000000000000" },
		{ 17, 2, "EVENTQ_IRQ_CFG0 0x2" },
		{ 18, UINT64_C(1) << 33, "EVENTQ_IRQ_CFG1 0x200000000" },
		{ 19, 0x80, "EVENTQ_IRQ_CFG2 0x80" },
		{ 20, 1u << 30, "EVENTQ_PROD 0x40000000" },
		{ 21, 1u << 20, "EVENTQ_CONS 0x100000" },
		{ CONS, 64, "CMDQ_CONS 0x40" },
		{ CONS, 1u << 24, "CMDQ_CONS 0x1000000" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct record record = good;

		record_put32(&record, at_register(rows[i].index), (uint32_t)rows[i].value);
		record_put32(
			&record, at_register(rows[i].index) + 4, (uint32_t)(rows[i].value >> 32));
		expect_refused(&record, -EINVAL, rows[i].object);
	}
}

Test(vsmmuv3_state_record, what_cannot_be_pending_is_refused)
{
	static const struct {
		size_t at;
		uint32_t value;
	} rows[] = { { 0, 8 }, { 4, 8 }, { 4, 4 /* without ATS */ }, { 4, 2 /* without address */ },
		{ 8, 4 }, { 16, 1 }, { 20, 1 } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct record record = good;

		record_put32(&record, RECORD_PENDING + rows[i].at, rows[i].value);
		expect_refused(&record, -EINVAL, "section 3");
	}
}

/* What a guest that is not shown MSIs and events has, which its VMM has no functions for. */
Test(vsmmuv3_state_record, a_smaller_guest_asks_for_nothing_that_is_not_there)
{
	static const struct iommuctl_vsmmuv3_ops nothing;
	struct record record;

	iommuctl_vsmmuv3_free(guest.smmu);
	cr_assert_eq(guest_make_smmu(&guest,
			     (struct iommuctl_vsmmuv3_config){ .ops = &nothing, .event_depth = 8 }),
		0);
	guest_add(&guest);
	guest_save(&guest, &good);
	record = good;
	record_put32(&record, RECORD_PENDING + 4, 1);
	expect_refused(&record, -EINVAL, "section 3");
	record = good;
	record_put32(&record, RECORD_PENDING + 4, 2);
	record_put32(&record, RECORD_PENDING + 8, 0x1000);
	expect_refused(&record, -EINVAL, "section 3");
	record = good;
	record_put32(&record, at_register(8), 0x1000);
	expect_refused(&record, -EINVAL, "GERROR_IRQ_CFG0 0x1000");
	cr_expect_eq(guest_restore(&guest, &good), 0);
}

/* It is refused, or is a state that an SMMU can live with. */
static unsigned int try(const struct record *record)
{
	const int err = guest_restore(&guest, record);

	switch (err) {
	case -EINVAL:
	case -EOPNOTSUPP:
		cr_assert_eq(rd(&guest, CR0) | rd(&guest, CR0ACK) | rd(&guest, IRQ_CTRL), 0);
		return 0;
	default: break;
	}
	cr_assert(err == 0 || err == -EAGAIN, "%d", err);
	for (unsigned int i = 0; i < 4; i++)
		(void)iommuctl_vsmmuv3_process(guest.smmu);
	(void)dma(&guest.vmm, 0, IOVA);
	cr_assert_eq(iommuctl_vsmmuv3_deliver_events(guest.smmu), 0);
	cr_assert_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	cr_assert_eq(dma(&guest.vmm, 0, PAGES), MARK);
	return 1;
}

Test(vsmmuv3_state_record, a_record_with_any_bit_flipped_does_no_harm)
{
	unsigned int taken = 0;

	for (size_t i = 0; i < good.length; i++)
		for (unsigned int bit = 0; bit < 8; bit++) {
			struct record record = good;

			record.bytes[i] ^= 1u << bit;
			taken += try(&record);
		}
	cr_expect_gt(taken, 100);
	cr_expect_lt(taken, good.length * 8 / 2);
}

Test(vsmmuv3_state_record, a_record_with_any_registers_does_no_harm)
{
	unsigned int taken = 0;

	srand(1);
	for (unsigned int i = 0; i < 2000; i++) {
		struct record record = good;

		for (unsigned int flips = rand() % 6 + 1; flips > 0; flips--) {
			const size_t at =
				RECORD_REGISTERS + rand() % (RECORD_END - RECORD_REGISTERS);

			record.bytes[at] ^= 1u << rand() % 8;
		}
		taken += try(&record);
	}
	cr_expect_gt(taken, 100);
}
