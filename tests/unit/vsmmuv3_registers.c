// SPDX-License-Identifier: MIT
/*
 * The register file as a guest finds it: sizes, holes, reserved bits, and what may be written when.
 *
 * One write costs no more than one run of the command queue, which its budget bounds, and for CR0
 * and GBPA an STE read and an attachment for each device. A read costs a look at a table of
 * registers; it waits for nobody.
 *
 * Where IHI 0070 lets an SMMU choose, this one
 *   ignores accesses of other sizes, and writes to what is guarded by an enable at present;
 *   makes two accesses of one of 64 bits to two registers of 32, lower first;
 *   has nothing at the offsets in page 0 of what is in page 1, and the reverse;
 *   ignores a write to GBPA without UPDATE, and one before the last is done;
 *   has the last CR0 that was written in force, if that was before the last was acknowledged;
 *   makes no error of an inactive one that is toggled in GERRORN, which stays as it was;
 *   takes any ERR that is written to CMDQ_CONS;
 *   asserts no wire for what has an MSI.
 */
#include <inttypes.h>

#include "vsmmuv3/registers.h"
#include "vsmmuv3_guest.h"

#define ONES	  UINT32_MAX
#define ADDRESS	  UINT64_C(0x00fffffffffffffc)
#define BASE	  UINT64_C(0x40ffffffffffffff)
#define SHCFG	  0x1000 /* of GBPA: as it comes in */
#define FMT_SPLIT 0x307c0

/* All there are, with bits that are kept while nothing is enabled. */
static const struct {
	uint64_t offset;
	unsigned int width;
	uint64_t kept;
	uint64_t reset; /* 0 as well where any value would do; ID registers: not here */
} registers[] = {
	{ IDR0, 4 },
	{ IDR1, 4 },
	{ 0x08, 4 },
	{ 0x0c, 4 },
	{ 0x10, 4 },
	{ 0x14, 4 },
	{ 0x18, 4 },
	{ AIDR, 4 },
	{ CR0, 4 }, /* enables: has tests of its own */
	{ CR0ACK, 4 },
	{ CR1, 4, 0xfff },
	{ CR2, 4, 2 },
	{ GBPA, 4, 0, SHCFG | ABORT },
	{ IRQ_CTRL, 4 },
	{ IRQ_CTRLACK, 4 },
	{ GERROR, 4 },
	{ GERRORN, 4 },
	{ GERROR_CFG0, 8, ADDRESS },
	{ GERROR_CFG1, 4, ONES },
	{ GERROR_CFG2, 4, 0x3f },
	{ STRTAB_BASE, 8, 0x40ffffffffffffc0 },
	{ STRTAB_CFG, 4, 0x307ff },
	{ CMDQ_BASE, 8, BASE },
	{ CMDQ_PROD, 4, 0xfffff },
	{ CMDQ_CONS, 4, 0x7f0fffff },
	{ EVENTQ_BASE, 8, BASE },
	{ EVENTQ_CFG0, 8, ADDRESS },
	{ EVENTQ_CFG1, 4, ONES },
	{ EVENTQ_CFG2, 4, 0x3f },
	{ EVENTQ_PROD, 4, 0x800fffff },
	{ EVENTQ_CONS, 4, 0x800fffff },
};

static struct guest_smmu guest;

static void set_up(void)
{
	guest_open(&guest, (struct iommuctl_vsmmuv3_config){ .abort = true });
}

static void tear_down(void)
{
	guest_close(&guest);
}

TestSuite(vsmmuv3_registers, .init = set_up, .fini = tear_down);

Test(vsmmuv3_registers, are_where_and_as_the_architecture_has_them_after_a_reset)
{
	const struct iommuctl_vsmmuv3_identity hardware = guest_identity(&guest.vmm);

	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		const uint64_t offset = registers[i].offset;

		if (offset <= AIDR)
			continue;
		cr_expect_eq(rd(&guest, offset), registers[i].reset, "0x%" PRIx64, offset);
		if (registers[i].width == 8)
			cr_expect_eq(
				rd64(&guest, offset), registers[i].reset, "0x%" PRIx64, offset);
	}
	cr_expect_eq(rd(&guest, IDR1), hardware.idr[1]);
	cr_expect_eq(rd(&guest, 0x18), hardware.iidr);
	cr_expect_eq(rd(&guest, AIDR), hardware.aidr);
}

/* The table of the library has what the test's has, and both are in order. */
Test(vsmmuv3_registers, have_a_row_each)
{
	cr_assert_eq(ARRAY_SIZE(registers), VSMMUV3_REGISTERS);
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		cr_expect_eq(vsmmuv3_registers[i].offset, registers[i].offset, "row %zu", i);
		cr_expect_eq(vsmmuv3_registers[i].width, registers[i].width, "row %zu", i);
		cr_expect_eq(registers[i].offset % registers[i].width, 0, "row %zu", i);
	}
}

Test(vsmmuv3_registers, what_nobody_would_answer_is_not_shown)
{
	struct iommuctl_vsmmuv3_identity all, shown;
	static const struct iommuctl_vsmmuv3_ops nothing;

	iommuctl_vsmmuv3_free(guest.smmu);
	memset(&all, 0xff, sizeof(all));
	all.idr[1] = (all.idr[1] & ~0x3fu) | 16;
	cr_assert_eq(guest_make_smmu(&guest,
			     (struct iommuctl_vsmmuv3_config){ .identity = &all, .ops = &nothing }),
		0);
	iommuctl_vsmmuv3_get_identity(guest.smmu, &shown);
	cr_expect_eq(rd(&guest, IDR0), shown.idr[0]);
	cr_expect_eq(shown.idr[0] & (MSI | SEV | IDR0_S2P | IDR0_HYP | IDR0_PRI | IDR0_ATOS), 0);
	cr_expect_eq(shown.idr[0] >> 24 & 3, IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE);
	cr_expect_eq(shown.idr[1] >> 28, 0, "preset, relative, enhanced queues");
	cr_expect_eq(shown.idr[1] >> 11 & 31, 0, "page requests");
	cr_expect_eq(shown.idr[1] >> 21 & 31, IOMMUCTL_VSMMUV3_QUEUE_LOG2SIZE_MAX);
	cr_expect_eq(shown.idr[1] >> 16 & 31, IOMMUCTL_VSMMUV3_QUEUE_LOG2SIZE_MAX);

	wr64(&guest, GERROR_CFG0, UINT64_MAX);
	cr_expect_eq(rd64(&guest, GERROR_CFG0), 0);
	wr(&guest, EVENTQ_CFG1, UINT32_MAX);
	cr_expect_eq(rd(&guest, EVENTQ_CFG1), 0);
}

static uint64_t rd_all(size_t i)
{
	return iommuctl_vsmmuv3_read(guest.smmu, registers[i].offset, registers[i].width);
}

static void wr_all(size_t i, uint64_t value)
{
	cr_assert_eq(
		iommuctl_vsmmuv3_write(guest.smmu, registers[i].offset, registers[i].width, value),
		0);
}

static bool is_control(uint64_t offset)
{
	return offset == CR0 || offset == IRQ_CTRL || offset == GBPA;
}

Test(vsmmuv3_registers, keep_no_reserved_bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		uint64_t before;

		wr64(&guest, CMDQ_BASE, 0);
		before = rd_all(i);
		if (is_control(registers[i].offset))
			continue;
		if (registers[i].offset == CMDQ_CONS)
			wr64(&guest, CMDQ_BASE, 19);
		wr_all(i, UINT64_MAX);
		cr_expect_eq(rd_all(i), before | registers[i].kept, "0x%" PRIx64 ": 0x%" PRIx64,
			registers[i].offset, rd_all(i));
		wr_all(i, 0);
		cr_expect_eq(
			rd_all(i), before & ~registers[i].kept, "0x%" PRIx64, registers[i].offset);
	}
}

/* Each size at each of its bytes. */
Test(vsmmuv3_registers, are_zero_and_unchanged_by_an_access_of_no_size_of_theirs)
{
	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		uint64_t before;

		if (is_control(registers[i].offset))
			continue;
		wr_all(i, UINT64_MAX);
		before = rd_all(i);
		for (uint64_t at = registers[i].offset; at < registers[i].offset + 8; at++)
			for (unsigned int size = 0; size <= 16; size++) {
				if (at % 4 == 0 && (size == 4 || (size == 8 && at % 8 == 0)))
					continue;
				iommuctl_vsmmuv3_write(guest.smmu, at, size, 0);
				cr_expect_eq(iommuctl_vsmmuv3_read(guest.smmu, at, size), 0,
					"0x%" PRIx64 ", %u", at, size);
			}
		cr_expect_eq(rd_all(i), before, "0x%" PRIx64, registers[i].offset);
	}
}

Test(vsmmuv3_registers, registers_of_64_bits_are_written_whole_or_by_halves)
{
	const uint64_t value = 0x0012345689abcdc0;

	wr64(&guest, STRTAB_BASE, value);
	cr_expect_eq(rd64(&guest, STRTAB_BASE), value);
	cr_expect_eq(rd(&guest, STRTAB_BASE), 0x89abcdc0);
	cr_expect_eq(rd(&guest, STRTAB_BASE + 4), 0x00123456);
	wr(&guest, STRTAB_BASE + 4, 0x40000001);
	cr_expect_eq(rd64(&guest, STRTAB_BASE), 0x4000000189abcdc0);
	wr(&guest, STRTAB_BASE, 0x40);
	cr_expect_eq(rd64(&guest, STRTAB_BASE), 0x4000000100000040);
}

Test(vsmmuv3_registers, an_offset_without_a_register_reads_zero)
{
	static const uint64_t beyond[] = { 0x20000, 0x200a8, UINT64_MAX - 3, UINT64_MAX - 7 };
	uint64_t offset = 0;

	for (size_t i = 0; i < ARRAY_SIZE(registers); i++) {
		for (; offset < registers[i].offset; offset += 4) {
			wr(&guest, offset, ONES);
			cr_expect_eq(rd(&guest, offset), 0, "0x%" PRIx64, offset);
		}
		offset = registers[i].offset + registers[i].width;
	}
	for (; offset < IOMMUCTL_VSMMUV3_MMIO_SIZE; offset += 4)
		cr_expect_eq(rd(&guest, offset), 0, "0x%" PRIx64, offset);
	for (size_t i = 0; i < ARRAY_SIZE(beyond); i++) {
		wr(&guest, beyond[i], ONES);
		wr64(&guest, beyond[i], UINT64_MAX);
		cr_expect_eq(rd(&guest, beyond[i]), 0, "0x%" PRIx64, beyond[i]);
		cr_expect_eq(rd64(&guest, beyond[i]), 0, "0x%" PRIx64, beyond[i]);
	}
}

/* As FreeBSD reads the indices of a queue. */
Test(vsmmuv3_registers, registers_of_32_bits_are_two_to_an_access_of_64)
{
	wr64(&guest, EVENTQ_PROD, UINT64_C(0x8000000700000005));
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 5);
	cr_expect_eq(rd(&guest, EVENTQ_CONS), 0x80000007);
	cr_expect_eq(rd64(&guest, EVENTQ_PROD), UINT64_C(0x8000000700000005));
	/* One of the two may be read-only, guarded or absent. */
	wr64(&guest, CR0, UINT64_MAX << 32 | EVENTQEN);
	cr_expect_eq(rd64(&guest, CR0), (uint64_t)EVENTQEN << 32 | EVENTQEN);
	wr64(&guest, EVENTQ_PROD, 0);
	cr_expect_eq(rd64(&guest, EVENTQ_PROD), 5);
	wr64(&guest, GBPA - 4, (uint64_t)(UPDATE | SHCFG) << 32 | 0xff);
	cr_expect_eq(rd64(&guest, GBPA - 4), (uint64_t)SHCFG << 32);
	wr64(&guest, GBPA, UPDATE);
	cr_expect_eq(rd(&guest, GBPA), SHCFG, "not aligned");
}

Test(vsmmuv3_registers, do_not_change_while_what_they_are_about_is_enabled)
{
	static const struct {
		uint64_t offset;
		uint32_t enable; /* of CR0, or of IRQ_CTRL */
		uint32_t frozen;
		bool irq;
	} rows[] = {
		{ STRTAB_BASE, SMMUEN, UINT32_MAX },
		{ STRTAB_BASE + 4, SMMUEN, UINT32_MAX },
		{ STRTAB_BASE, CMDQEN | EVENTQEN, 0 },
		{ STRTAB_CFG, SMMUEN, UINT32_MAX },
		{ CR2, SMMUEN, UINT32_MAX },
		{ CR1, SMMUEN, 0xfc0 },
		{ CR1, CMDQEN, 0x3f },
		{ CR1, EVENTQEN, 0x3f },
		{ CMDQ_BASE, CMDQEN, UINT32_MAX },
		{ CMDQ_BASE + 4, CMDQEN, UINT32_MAX },
		{ CMDQ_BASE, SMMUEN | EVENTQEN, 0 },
		{ CMDQ_PROD, SMMUEN | EVENTQEN, 0 },
		{ CMDQ_CONS, CMDQEN, UINT32_MAX },
		{ EVENTQ_BASE, EVENTQEN, UINT32_MAX },
		{ EVENTQ_BASE + 4, EVENTQEN, UINT32_MAX },
		{ EVENTQ_BASE, SMMUEN | CMDQEN, 0 },
		{ EVENTQ_PROD, EVENTQEN, UINT32_MAX },
		{ EVENTQ_CONS, EVENTQEN, 0 },
		{ GERROR_CFG0, 1, UINT32_MAX, true },
		{ GERROR_CFG0 + 4, 1, UINT32_MAX, true },
		{ GERROR_CFG1, 1, UINT32_MAX, true },
		{ GERROR_CFG2, 1, UINT32_MAX, true },
		{ GERROR_CFG2, 4, 0, true },
		{ EVENTQ_CFG0, 4, UINT32_MAX, true },
		{ EVENTQ_CFG0 + 4, 4, UINT32_MAX, true },
		{ EVENTQ_CFG1, 4, UINT32_MAX, true },
		{ EVENTQ_CFG2, 4, UINT32_MAX, true },
		{ EVENTQ_CFG1, 1, 0, true },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint64_t control = rows[i].irq ? IRQ_CTRL : CR0;
		uint32_t kept;

		wr(&guest, rows[i].offset, UINT32_MAX);
		kept = rd(&guest, rows[i].offset);
		wr(&guest, rows[i].offset, 0);
		wr(&guest, control, rows[i].enable);
		cr_expect_eq(rd(&guest, control + 4), rows[i].enable);
		wr(&guest, rows[i].offset, UINT32_MAX);
		cr_expect_eq(rd(&guest, rows[i].offset), kept & ~rows[i].frozen, "row %zu: 0x%x", i,
			rd(&guest, rows[i].offset));
		wr(&guest, control, 0);
		wr(&guest, rows[i].offset, 0);
		cr_expect_eq(rd(&guest, rows[i].offset), 0, "row %zu", i);
	}
}

Test(vsmmuv3_registers, cr0_is_acknowledged_without_what_is_not_offered)
{
	wr(&guest, CR0, UINT32_MAX);
	cr_expect_eq(rd(&guest, CR0), SMMUEN | EVENTQEN | CMDQEN);
	cr_expect_eq(rd(&guest, CR0ACK), SMMUEN | EVENTQEN | CMDQEN);
	wr(&guest, CR0, 0);
	cr_expect_eq(rd(&guest, CR0ACK), 0);
	wr(&guest, IRQ_CTRL, UINT32_MAX);
	cr_expect_eq(rd(&guest, IRQ_CTRLACK), 5);
}

Test(vsmmuv3_registers, gbpa_wants_update)
{
	wr(&guest, GBPA, 0);
	cr_expect_eq(rd(&guest, GBPA), 0x1000 | ABORT);
	wr(&guest, GBPA, UPDATE);
	cr_expect_eq(rd(&guest, GBPA), 0);
	wr(&guest, GBPA, UPDATE | ABORT | 0x1000);
	cr_expect_eq(rd(&guest, GBPA), ABORT | 0x1000);
}

Test(vsmmuv3_registers, an_interrupt_is_acknowledged_at_once)
{
	static const uint32_t values[] = { 1, 4, 5, 4, 0, 5, 1, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		wr(&guest, IRQ_CTRL, values[i]);
		cr_expect_eq(rd(&guest, IRQ_CTRL), values[i]);
		cr_expect_eq(rd(&guest, IRQ_CTRLACK), values[i]);
	}
}

Test(vsmmuv3_registers, a_guest_makes_no_errors_by_gerrorn)
{
	wr(&guest, GERRORN, ONES);
	cr_expect_eq(rd(&guest, GERRORN), 0);
	cr_expect_eq(rd(&guest, GERROR), 0);
	guest_enable_cmdq(&guest);
	guest_put_opcode(&guest, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL);
	cr_expect_eq(guest_go(&guest), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 1);
}

/* Only one level: then the format has no bits of its own. */
Test(vsmmuv3_registers, a_linear_stream_table_has_no_format)
{
	struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);

	iommuctl_vsmmuv3_free(guest.smmu);
	identity.idr[0] &= ~(3u << 27);
	cr_assert_eq(
		guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .identity = &identity }),
		0);
	wr(&guest, STRTAB_CFG, ONES);
	cr_expect_eq(rd(&guest, STRTAB_CFG), 0x307ff & ~FMT_SPLIT);
}

/* There are none above the wrap bit. */
Test(vsmmuv3_registers, consumer_indices_have_as_many_bits_as_their_queue)
{
	static const struct {
		uint64_t log2size;
		uint32_t bits;
	} rows[] = { { 0, 1 }, { 5, 0x3f }, { 18, 0x7ffff }, { 31, 0xfffff } };

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		wr64(&guest, CMDQ_BASE, QUEUE | rows[i].log2size);
		wr(&guest, CMDQ_CONS, ONES);
		cr_expect_eq(rd(&guest, CMDQ_CONS), 0x7f000000 | rows[i].bits, "row %zu", i);
	}
	wr64(&guest, CMDQ_BASE, QUEUE | 2);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 0x7f000007, "cut with the queue");
}

Test(vsmmuv3_registers, cr0_has_ats_checked_where_there_is_ats)
{
	struct iommuctl_vsmmuv3_identity identity = guest_identity(&guest.vmm);

	iommuctl_vsmmuv3_free(guest.smmu);
	identity.idr[0] |= IDR0_ATS;
	cr_assert_eq(
		guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .identity = &identity }),
		0);
	wr(&guest, CR0, ATSCHK);
	cr_expect_eq(rd(&guest, CR0), ATSCHK);
	cr_expect_eq(rd(&guest, CR0ACK), ATSCHK);
}

/* What the kernel has no memory for is not done yet; it is not lost. */
Test(vsmmuv3_registers, gbpa_and_cr0_are_not_acknowledged_before_they_apply)
{
	cr_assert_eq(iommuctl_nest_add_device(iommuctl_vsmmuv3_get_nest(guest.smmu),
			     guest.vmm.devices[0], guest.vmm.dev_ids[0], VSID),
		0);
	script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, ENOMEM);
	cr_expect_eq(try_wr(&guest, GBPA, UPDATE), -ENOMEM);
	cr_expect_eq(iommuctl_last_error(guest.vmm.ctx)->code, ENOMEM);
	cr_expect_eq(rd(&guest, GBPA), UPDATE);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), -ENOMEM);
	/* Not done yet: another one is ignored. */
	cr_expect_eq(try_wr(&guest, GBPA, UPDATE | ABORT), -ENOMEM);
	cr_expect_eq(rd(&guest, GBPA), UPDATE);
	script_fail_none(guest.vmm.script);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	cr_expect_eq(rd(&guest, GBPA), 0);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), MARK);

	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	wr64(&guest, STRTAB_BASE, STREAMS);
	wr(&guest, STRTAB_CFG, 8);
	script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, ENOMEM);
	cr_expect_eq(try_wr(&guest, CR0, SMMUEN), -ENOMEM);
	cr_expect_eq(rd(&guest, CR0), SMMUEN);
	cr_expect_eq(rd(&guest, CR0ACK), 0);
	/* What is under way counts as enabled already. */
	cr_expect_eq(try_wr(&guest, STRTAB_CFG, 0), 0);
	cr_expect_eq(rd(&guest, STRTAB_CFG), 8);
	script_fail_none(guest.vmm.script);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	cr_expect_eq(rd(&guest, CR0ACK), SMMUEN);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
	script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, ENOMEM);
	cr_expect_eq(try_wr(&guest, CR0, 0), -ENOMEM);
	cr_expect_eq(rd(&guest, CR0ACK), SMMUEN);
	cr_expect_eq(try_wr(&guest, STRTAB_CFG, 0), 0);
	cr_expect_eq(rd(&guest, STRTAB_CFG), 8, "and still enabled");
	script_fail_none(guest.vmm.script);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	cr_expect_eq(rd(&guest, CR0ACK), 0);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), MARK);
}

/* A request may be taken back before it is done. */
Test(vsmmuv3_registers, cr0_is_taken_back_before_it_is_acknowledged)
{
	cr_assert_eq(iommuctl_nest_add_device(iommuctl_vsmmuv3_get_nest(guest.smmu),
			     guest.vmm.devices[0], guest.vmm.dev_ids[0], VSID),
		0);
	wr(&guest, GBPA, UPDATE);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	wr64(&guest, STRTAB_BASE, STREAMS);
	wr(&guest, STRTAB_CFG, 8);
	script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, ENOMEM);
	cr_expect_eq(try_wr(&guest, CR0, SMMUEN), -ENOMEM);
	script_fail_none(guest.vmm.script);
	wr(&guest, CR0, 0);
	cr_expect_eq(rd(&guest, CR0ACK), 0);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), MARK);
	wr(&guest, STRTAB_CFG, 0);
	cr_expect_eq(rd(&guest, STRTAB_CFG), 0);
}
