// SPDX-License-Identifier: MIT
/* Devices behind a guest's SMMU: they come and go, and broken STEs are reported. */
#include "vsmmuv3_guest.h"

#include <iommuctl/smmuv3_event.h>
#include <iommuctl/vsmmuv3_state.h>

#include "abi/iommufd.h"
#include "abi/vfio.h"

#define ILLEGAL_STE (UINT64_C(6) << 1 | 1) /* stage 2 only, which the guest's SMMU lacks */
#define RECINVSID   UINT32_C(2)

static struct guest_smmu guest;

static void set_up(void)
{
	guest_open(&guest, (struct iommuctl_vsmmuv3_config){ .abort = false });
}

static void tear_down(void)
{
	guest_close(&guest);
}

static int add(unsigned int device, uint32_t sid)
{
	return iommuctl_vsmmuv3_add_device(
		guest.smmu, guest.vmm.devices[device], guest.vmm.dev_ids[device], sid);
}

static void enable_with(uint64_t strtab_base, uint32_t strtab_base_cfg)
{
	wr64(&guest, STRTAB_BASE, strtab_base);
	wr(&guest, STRTAB_CFG, strtab_base_cfg);
	wr64(&guest, EVENTQ_BASE, EVENTQ | EVENTQ_LOG2);
	guest_enable_cmdq(&guest);
	wr(&guest, CR0, CMDQEN | EVENTQEN);
	wr(&guest, CR0, CMDQEN | EVENTQEN | SMMUEN);
}

static void enable(void)
{
	enable_with(STREAMS, 8);
}

static void command(struct iommuctl_smmuv3_cmd cmd)
{
	guest_put(&guest, cmd);
	cr_assert_eq(guest_go(&guest), 0);
}

static void set_ste(uint32_t sid, uint64_t word0)
{
	vmm_put_ste(&guest.vmm, sid, word0);
	command((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = sid, .leaf = 1 });
}

/* The type of the only event; 0: there is none. */
static uint8_t event_type(void)
{
	const uint64_t *words = guest_at(&guest.vmm.ram, EVENTQ);

	cr_expect_leq(rd(&guest, EVENTQ_PROD), 1);
	return rd(&guest, EVENTQ_PROD) ? le64toh(words[0]) & 0xff : 0;
}

TestSuite(vsmmuv3_devices, .init = set_up, .fini = tear_down);

Test(vsmmuv3_devices, one_that_comes_is_attached_as_the_registers_have_it)
{
	static const struct {
		uint32_t gbpa;
		bool enabled;
		int64_t finds;
	} rows[] = {
		{ UPDATE, false, 0 },
		{ UPDATE | ABORT, false, -EIO },
		{ UPDATE | ABORT, true, MARK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		wr(&guest, GBPA, rows[i].gbpa);
		vmm_put_ste(&guest.vmm, VSID, STE_S1);
		if (rows[i].enabled)
			enable();
		cr_assert_eq(add(0, VSID), 0);
		cr_expect_eq(dma(&guest.vmm, 0, rows[i].enabled ? IOVA : RAM), rows[i].finds,
			"row %zu", i);
		cr_assert_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), 0);
		cr_expect_eq(dma(&guest.vmm, 0, IOVA), -EIO, "row %zu", i);
	}
}

Test(vsmmuv3_devices, a_streamid_beyond_sidsize_is_refused)
{
	const uint32_t bits = rd(&guest, IDR1) & 0x3f;

	cr_expect_eq(add(0, UINT32_C(1) << bits), -EINVAL);
	cr_expect_eq(add(0, (UINT32_C(1) << bits) - 1), 0);
}

Test(vsmmuv3_devices, a_streamid_is_had_once_and_goes_once)
{
	cr_expect_eq(add(0, VSID), 0);
	cr_expect_eq(add(1, VSID), -EEXIST);
	cr_expect_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), 0);
	cr_expect_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), -ENOENT);
	cr_expect_eq(add(1, VSID), 0);
}

Test(vsmmuv3_devices, enabling_and_disabling_switch_between_stes_and_gbpa)
{
	cr_assert_eq(add(0, VSID), 0);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	enable();
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
	wr(&guest, CR0, 0);
	cr_expect_eq(rd(&guest, CR0ACK), 0);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), MARK, "GBPA bypasses");
	wr(&guest, CR0, SMMUEN);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
}

Test(vsmmuv3_devices, a_reset_is_as_at_first)
{
	cr_assert_eq(add(0, VSID), 0);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	enable();
	wr(&guest, GBPA, UPDATE | ABORT);
	cr_expect_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	cr_expect_eq(rd(&guest, CR0), 0);
	cr_expect_eq(rd(&guest, CR0ACK), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 0);
	cr_expect_eq(rd(&guest, EVENTQ_PROD), 0);
	cr_expect_eq(rd(&guest, GBPA) & (UPDATE | ABORT), 0);
	cr_expect_eq(rd64(&guest, STRTAB_BASE), 0);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), MARK);
	enable();
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
}

Test(vsmmuv3_devices, a_reset_of_a_guest_that_begins_without_dma_ends_dma)
{
	tear_down();
	guest_open(&guest, (struct iommuctl_vsmmuv3_config){ .abort = true });
	cr_assert_eq(add(0, VSID), 0);
	wr(&guest, GBPA, UPDATE);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), MARK);
	cr_expect_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	cr_expect_eq(rd(&guest, GBPA) & (UPDATE | ABORT), ABORT);
	cr_expect_eq(dma(&guest.vmm, 0, PAGES), -EIO);
}

/*
 * What the guest learns about an STE that it names, and about one that exists when it enables its
 * SMMU.
 */
static const struct {
	const char *what;
	uint64_t word0;
	uint32_t sid;
	uint32_t cr2;
	uint8_t named;
	uint8_t enabled;
} stes[] = {
	{ "stage 1", STE_S1, VSID, 0, 0, 0 },
	{ "abort", STE_ABORT, VSID, 0, 0, 0 },
	{ "not valid yet", 0, VSID, 0, 0, 0 },
	{ "illegal", ILLEGAL_STE, VSID, 0, IOMMUCTL_SMMUV3_C_BAD_STE, IOMMUCTL_SMMUV3_C_BAD_STE },
	{ "CDs beyond OAS", STE_S1 | UINT64_C(1) << 52, VSID, 0, IOMMUCTL_SMMUV3_C_BAD_STE,
		IOMMUCTL_SMMUV3_C_BAD_STE },
	{ "beyond the table", 0, 0x142, 0, 0, 0 },
	{ "beyond the table, asked for", 0, 0x142, RECINVSID, IOMMUCTL_SMMUV3_C_BAD_STREAMID, 0 },
};

static void put_ste(size_t i)
{
	if (stes[i].sid < 0x100)
		vmm_put_ste(&guest.vmm, stes[i].sid, stes[i].word0);
}

Test(vsmmuv3_devices, a_broken_ste_is_reported_when_it_is_named)
{
	for (size_t i = 0; i < ARRAY_SIZE(stes); i++) {
		set_up();
		cr_assert_eq(add(0, stes[i].sid), 0);
		wr(&guest, CR2, stes[i].cr2);
		enable();
		cr_assert_eq(event_type(), 0, "%s", stes[i].what);
		put_ste(i);
		command((struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE,
			.streamid = stes[i].sid,
			.leaf = 1 });
		cr_expect_eq(event_type(), stes[i].named, "%s", stes[i].what);
		tear_down();
	}
	set_up();
}

Test(vsmmuv3_devices, a_broken_ste_is_reported_when_the_smmu_is_enabled)
{
	for (size_t i = 0; i < ARRAY_SIZE(stes); i++) {
		set_up();
		cr_assert_eq(add(0, stes[i].sid), 0);
		wr(&guest, CR2, stes[i].cr2);
		put_ste(i);
		enable();
		cr_expect_eq(event_type(), stes[i].enabled, "%s", stes[i].what);
		tear_down();
	}
	set_up();
}

Test(vsmmuv3_devices, a_broken_ste_is_reported_where_one_write_enables_smmu_and_queue)
{
	cr_assert_eq(add(0, VSID), 0);
	vmm_put_ste(&guest.vmm, VSID, ILLEGAL_STE);
	wr64(&guest, STRTAB_BASE, STREAMS);
	wr(&guest, STRTAB_CFG, 8);
	wr64(&guest, EVENTQ_BASE, EVENTQ | EVENTQ_LOG2);
	wr(&guest, CR0, EVENTQEN | SMMUEN);
	cr_expect_eq(event_type(), IOMMUCTL_SMMUV3_C_BAD_STE);
}

Test(vsmmuv3_devices, a_missing_stream_table_is_reported)
{
	cr_assert_eq(add(0, VSID), 0);
	enable_with(NOWHERE, 8);
	cr_expect_eq(event_type(), IOMMUCTL_SMMUV3_F_STE_FETCH);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), -EIO);
}

/* One device of two in a group: it aborts, whatever GBPA or its STE says. */
static void open_half_a_group(void)
{
	struct iommuctl_model_config model;

	iommuctl_model_default_config(&model);
	for (unsigned int i = 0; i < 2; i++)
		model.devices[i].group = 7;
	guest = (struct guest_smmu){ .prod = 0 };
	vmm_open(&guest.vmm, &model);
	cr_assert_eq(
		guest_make_smmu(&guest, (struct iommuctl_vsmmuv3_config){ .abort = false }), 0);
	cr_assert_eq(add(0, VSID), 0);
}

static void name_ste(void)
{
	command((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = VSID, .leaf = 1 });
}

static void name_all_stes(void)
{
	command((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, .range = 31 });
}

/* The STE becomes valid after it was read. */
static void enable_and_disable(void)
{
	vmm_put_ste(&guest.vmm, VSID, 0);
	enable();
	vmm_put_ste(&guest.vmm, VSID, STE_BYPASS);
	wr(&guest, CR0, CMDQEN | EVENTQEN);
}

static void move(void)
{
	uint8_t record[IOMMUCTL_VSMMUV3_STATE_SIZE];
	size_t length;

	cr_assert_eq(iommuctl_vsmmuv3_save(guest.smmu, record, sizeof(record), &length), 0);
	cr_assert_eq(iommuctl_vsmmuv3_reset(guest.smmu), 0);
	cr_assert_eq(iommuctl_vsmmuv3_restore(guest.smmu, record, length), 0);
}

Test(vsmmuv3_devices, a_disabled_smmu_has_no_events_about_stes)
{
	static const struct {
		const char *what;
		void (*act)(void);
	} rows[] = {
		{ "CFGI_STE", name_ste },
		{ "CFGI_ALL", name_all_stes },
		{ "enabled and disabled", enable_and_disable },
		{ "restored", move },
	};
	static const uint64_t tables[] = { 0, STREAMS, NOWHERE };

	tear_down();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		for (size_t t = 0; t < ARRAY_SIZE(tables); t++) {
			struct iommuctl_vsmmuv3_counters counters;

			open_half_a_group();
			wr(&guest, CR2, RECINVSID);
			wr64(&guest, STRTAB_BASE, tables[t]);
			wr(&guest, STRTAB_CFG, 8);
			wr64(&guest, EVENTQ_BASE, EVENTQ | EVENTQ_LOG2);
			guest_enable_cmdq(&guest);
			wr(&guest, CR0, CMDQEN | EVENTQEN);
			rows[i].act();
			cr_expect_eq(
				event_type(), 0, "%s, %zu: 0x%x", rows[i].what, t, event_type());
			iommuctl_vsmmuv3_get_counters(guest.smmu, &counters);
			cr_expect_eq(counters.events + counters.events_lost, 0, "%s, %zu",
				rows[i].what, t);
			guest_close(&guest);
		}
	set_up();
}

/* The same refusal, once an STE is the reason. */
Test(vsmmuv3_devices, what_was_not_told_of_a_disabled_smmu_is_told_when_it_is_enabled)
{
	tear_down();
	open_half_a_group();
	vmm_put_ste(&guest.vmm, VSID, STE_BYPASS);
	wr64(&guest, EVENTQ_BASE, EVENTQ | EVENTQ_LOG2);
	guest_enable_cmdq(&guest);
	wr(&guest, CR0, CMDQEN | EVENTQEN);
	name_ste();
	cr_expect_eq(event_type(), 0);
	enable();
	cr_expect_eq(event_type(), IOMMUCTL_SMMUV3_C_BAD_STE);
}

Test(vsmmuv3_devices, an_ste_that_is_named_often_in_a_run_is_reported_once)
{
	cr_assert_eq(add(0, VSID), 0);
	enable();
	vmm_put_ste(&guest.vmm, VSID, ILLEGAL_STE);
	for (unsigned int i = 0; i < 4; i++)
		guest_put(&guest,
			(struct iommuctl_smmuv3_cmd){ .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE,
				.streamid = VSID,
				.leaf = 1 });
	cr_assert_eq(guest_go(&guest), 0);
	cr_expect_eq(event_type(), IOMMUCTL_SMMUV3_C_BAD_STE);
}

/*
 * The kernel refuses to attach the device, to block it and to detach it: even EBUSY does not lose
 * it.
 */
Test(vsmmuv3_devices, an_ste_that_the_kernel_refuses_altogether_is_taken_up_again)
{
	cr_assert_eq(add(0, VSID), 0);
	vmm_put_ste(&guest.vmm, VSID, STE_BYPASS);
	enable();
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	guest_put(&guest, (struct iommuctl_smmuv3_cmd){
				  .opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = VSID });
	script_fail(guest.vmm.script, 0, 1, SCRIPT_NEVER, EBUSY);
	cr_expect_eq(guest_go(&guest), -ENOTRECOVERABLE);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 0);
	cr_expect_eq(rd(&guest, GERROR), 0);
	script_fail_none(guest.vmm.script);
	cr_expect_eq(iommuctl_vsmmuv3_process(guest.smmu), 0);
	cr_expect_eq(rd(&guest, CMDQ_CONS), 1);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
}

Test(vsmmuv3_devices, cfgi_all_tells_of_broken_stes)
{
	cr_assert_eq(add(0, VSID), 0);
	enable();
	vmm_put_ste(&guest.vmm, VSID, ILLEGAL_STE);
	command((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, .range = 31 });
	cr_expect_eq(event_type(), IOMMUCTL_SMMUV3_C_BAD_STE);
}

Test(vsmmuv3_devices, one_device_goes_while_the_other_has_its_dma)
{
	cr_assert_eq(add(0, VSID), 0);
	cr_assert_eq(add(1, VSID_2), 0);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	vmm_put_ste(&guest.vmm, VSID_2, STE_OTHER);
	enable();
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
	cr_expect_eq(dma(&guest.vmm, 1, IOVA), MARK_2);
	cr_expect_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), 0);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), -EIO);
	cr_expect_eq(dma(&guest.vmm, 1, IOVA), MARK_2);
	cr_assert_eq(add(0, VSID), 0);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
	set_ste(VSID, STE_OTHER);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK_2);
}

/* The nest handles it when another device comes: nobody else remembers it. */
Test(vsmmuv3_devices, one_that_went_half_way_is_gone_for_good_later)
{
	struct iommuctl_smmuv3_refusal refusal;

	cr_assert_eq(add(0, VSID), 0);
	enable();
	script_fail(guest.vmm.script, ABI_DESTROY, 1, SCRIPT_NEVER, ENOMEM);
	cr_expect_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), -ENOMEM);
	script_fail_none(guest.vmm.script);
	cr_assert_eq(add(1, VSID_2), 0);
	cr_expect_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), -ENOENT);
	cr_expect_eq(
		iommuctl_nest_get_refusal(iommuctl_vsmmuv3_get_nest(guest.smmu), VSID, &refusal),
		-ENOENT);
	cr_assert_eq(add(0, VSID), 0);
	vmm_put_ste(&guest.vmm, VSID, ILLEGAL_STE);
	command((struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE, .range = 31 });
	cr_expect_eq(event_type(), IOMMUCTL_SMMUV3_C_BAD_STE, "told once");
	cr_expect_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), 0);
	cr_expect_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), -ENOENT);
}

/* One that is not detached stays as it was, also in the guest's events. */
Test(vsmmuv3_devices, a_device_that_did_not_go_is_still_reported)
{
	cr_assert_eq(add(0, VSID), 0);
	vmm_put_ste(&guest.vmm, VSID, STE_S1);
	enable();
	script_fail(guest.vmm.script, ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT, 1, 1, EIO);
	cr_expect_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), -EIO);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), MARK);
	set_ste(VSID, ILLEGAL_STE);
	cr_expect_eq(event_type(), IOMMUCTL_SMMUV3_C_BAD_STE);
	cr_expect_eq(dma(&guest.vmm, 0, IOVA), -EIO);
	cr_expect_eq(iommuctl_vsmmuv3_remove_device(guest.smmu, VSID), 0);
}
