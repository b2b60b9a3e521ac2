// SPDX-License-Identifier: MIT
/* The register file as a guest finds it: sizes, holes, reserved bits, and what may be written when. */
#include "vsmmuv3/registers.h"
#include "vsmmuv3_guest.h"

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
	uint32_t last = 0;

	for (unsigned int i = 0; i < VSMMUV3_REGISTERS; i++) {
		const struct vsmmuv3_register *row = &vsmmuv3_registers[i];

		cr_expect(i == 0 || row->offset > last, "row %u", i);
		cr_expect_eq(row->offset % row->width, 0, "row %u", i);
		last = row->offset + row->width - 1;
		if (i > VSMMUV3_AIDR && i != VSMMUV3_GBPA)
			cr_expect_eq(rd(&guest, row->offset), 0, "row %u", i);
	}
	cr_expect_eq(rd(&guest, GBPA), 0x1000 | ABORT);
	cr_expect_eq(rd(&guest, IDR1), hardware.idr[1]);
	cr_expect_eq(rd(&guest, AIDR), hardware.aidr);
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
	cr_expect_eq(shown.idr[1] >> 29 & 3, 0);
	cr_expect_eq(shown.idr[1] >> 21 & 31, IOMMUCTL_VSMMUV3_QUEUE_LOG2SIZE_MAX);
	cr_expect_eq(shown.idr[1] >> 16 & 31, IOMMUCTL_VSMMUV3_QUEUE_LOG2SIZE_MAX);

	wr64(&guest, GERROR_CFG0, UINT64_MAX);
	cr_expect_eq(rd64(&guest, GERROR_CFG0), 0);
	wr(&guest, EVENTQ_CFG1, UINT32_MAX);
	cr_expect_eq(rd(&guest, EVENTQ_CFG1), 0);
}

Test(vsmmuv3_registers, keep_no_reserved_bit)
{
	static const struct {
		uint64_t offset;
		uint64_t kept;
	} rows[] = {
		{ IDR0, 0 },
		{ CR0ACK, 0 },
		{ CR1, 0xfff },
		{ CR2, 6 },
		{ IRQ_CTRLACK, 0 },
		{ GERROR, 0 },
		{ GERROR_CFG0, 0x00fffffffffffffc },
		{ GERROR_CFG1, UINT32_MAX },
		{ 0x74, 0x3f },
		{ STRTAB_BASE, 0x40ffffffffffffc0 },
		{ STRTAB_CFG, 0x307ff },
		{ CMDQ_BASE, 0x40ffffffffffffff },
		{ CMDQ_CONS, 0x7f0fffff },
		{ CMDQ_PROD, 0xfffff },
		{ EVENTQ_BASE, 0x40ffffffffffffff },
		{ EVENTQ_CFG0, 0x00fffffffffffffc },
		{ EVENTQ_CFG1, UINT32_MAX },
		{ 0xbc, 0x3f },
		{ EVENTQ_PROD, 0x800fffff },
		{ EVENTQ_CONS, 0x800fffff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const uint64_t offset = rows[i].offset;
		const uint32_t before = rd(&guest, offset);

		wr(&guest, offset, UINT32_MAX);
		cr_expect_eq(rd(&guest, offset), before | (uint32_t)rows[i].kept, "0x%llx: 0x%x",
			(unsigned long long)offset, rd(&guest, offset));
		wr(&guest, offset, 0);
	}
}

Test(vsmmuv3_registers, of_64_bits_are_written_whole_or_by_halves)
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

Test(vsmmuv3_registers, are_zero_where_there_is_none_and_by_any_other_size)
{
	static const uint64_t holes[] = { 0x30, 0x40, 0x48, 0xa8, 0xac, 0xc0, 0xfd0, 0xfffc, 0x10000,
		0x10020, 0x100c8, 0x1fffc, 0x20000, 0x200a8, UINT64_MAX - 3 };
	static const unsigned int sizes[] = { 0, 1, 2, 3, 5, 16 };

	for (size_t i = 0; i < ARRAY_SIZE(holes); i++) {
		wr(&guest, holes[i], UINT32_MAX);
		cr_expect_eq(rd(&guest, holes[i]), 0, "hole %zu", i);
	}
	wr64(&guest, CMDQ_BASE, UINT64_MAX);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		cr_expect_eq(iommuctl_vsmmuv3_write(guest.smmu, CMDQ_BASE, sizes[i], 0), 0);
		cr_expect_eq(iommuctl_vsmmuv3_read(guest.smmu, CMDQ_BASE, sizes[i]), 0);
	}
	cr_expect_eq(rd64(&guest, CMDQ_BASE), 0x40ffffffffffffff);
	/* Not aligned, and two registers by one access. */
	cr_expect_eq(rd(&guest, CMDQ_BASE + 2), 0);
	cr_expect_eq(rd64(&guest, CMDQ_BASE + 4), 0);
	wr(&guest, EVENTQ_CONS, 1);
	cr_expect_eq(rd64(&guest, EVENTQ_PROD), 0);
	wr64(&guest, EVENTQ_PROD, UINT64_MAX);
	cr_expect_eq(rd(&guest, EVENTQ_CONS), 1);
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
		{ STRTAB_CFG, SMMUEN, UINT32_MAX },
		{ CR2, SMMUEN, UINT32_MAX },
		{ CR1, SMMUEN, 0xfc0 },
		{ CR1, CMDQEN, 0x3f },
		{ CR1, EVENTQEN, 0x3f },
		{ CMDQ_BASE, CMDQEN, UINT32_MAX },
		{ CMDQ_CONS, CMDQEN, UINT32_MAX },
		{ EVENTQ_BASE, EVENTQEN, UINT32_MAX },
		{ EVENTQ_PROD, EVENTQEN, UINT32_MAX },
		{ EVENTQ_CONS, EVENTQEN, 0 },
		{ GERROR_CFG0, 1, UINT32_MAX, true },
		{ GERROR_CFG1, 1, UINT32_MAX, true },
		{ EVENTQ_CFG0, 4, UINT32_MAX, true },
		{ EVENTQ_CFG1, 4, UINT32_MAX, true },
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

/* What the kernel has no memory for is not done yet; it is not lost. */
Test(vsmmuv3_registers, gbpa_and_cr0_are_not_acknowledged_before_they_are_in_force)
{
	cr_assert_eq(iommuctl_nest_add_device(iommuctl_vsmmuv3_get_nest(guest.smmu),
			     guest.vmm.devices[0], guest.vmm.dev_ids[0], VSID),
		0);
	script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, ENOMEM);
	cr_expect_eq(try_wr(&guest, GBPA, UPDATE), -ENOMEM);
	cr_expect_eq(iommuctl_last_error(guest.vmm.ctx)->code, ENOMEM);
	cr_expect_eq(rd(&guest, GBPA), UPDATE);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), -ENOMEM);
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
	script_fail_none(guest.vmm.script);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	cr_expect_eq(rd(&guest, CR0ACK), SMMUEN);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
	wr(&guest, CR0, 0);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), MARK);
}
