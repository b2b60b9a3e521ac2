// SPDX-License-Identifier: MIT
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "nest/nest_private.h"
#include "nest_fixture.h"

#define SH_INCOMING (UINT64_C(1) << 44)
#define S2FWB	    (UINT64_C(1) << 25)
#define EATS_FULL   (UINT64_C(1) << 28)
#define CDMAX(bits) ((uint64_t)(bits) << 59)
#define S1DSS_SSID0 UINT64_C(2)
#define S1FMT_4K_L2 (UINT64_C(1) << 4)

static struct vmm vmm;

static void set_up(void)
{
	vmm_start(&vmm, NULL);
}

static void tear_down(void)
{
	vmm_stop(&vmm);
}

TestSuite(nest, .init = set_up, .fini = tear_down);
TestSuite(nest_bare);

Test(nest, shows_what_it_has)
{
	cr_expect_neq(iommuctl_nest_get_viommu_id(vmm.nest), 0);
	cr_expect_neq(iommuctl_nest_get_parent_id(vmm.nest), 0);
	cr_expect_geq(iommuctl_nest_get_event_fd(vmm.nest), 0);
	cr_expect_not_null(iommuctl_nest_get_relay(vmm.nest));
	cr_expect_eq(iommuctl_nest_get_idr(vmm.nest)->ril, 1);
}

Test(nest, a_new_device_does_what_gbpa_says)
{
	cr_expect_eq(dma(&vmm, 0, PAGES), -EIO);
	cr_assert_eq(iommuctl_nest_set_bypass(vmm.nest, true), 0);
	cr_expect_eq(dma(&vmm, 0, PAGES), MARK);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_expect_eq(dma(&vmm, 1, PAGES), MARK);
	cr_assert_eq(iommuctl_nest_set_bypass(vmm.nest, false), 0);
	cr_expect_eq(dma(&vmm, 0, PAGES), -EIO);
	cr_expect_eq(dma(&vmm, 1, PAGES), -EIO);
}

Test(nest, an_ste_follows_another_without_a_detach)
{
	static const struct {
		uint64_t word0;
		uint64_t iova;
		int64_t found;
	} steps[] = {
		{ STE_S1, IOVA, MARK },
		{ STE_OTHER, IOVA, MARK_2 },
		{ STE_BYPASS, PAGES, MARK },
		{ STE_S1, IOVA, MARK },
		{ STE_ABORT, PAGES, -EIO },
		{ STE_OTHER, IOVA, MARK_2 },
		{ 0, PAGES, -EIO },
		{ STE_BYPASS, PAGES, MARK },
	};

	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		cr_assert_eq(vmm_set_ste(&vmm, VSID, steps[i].word0), 0, "step %zu", i);
		cr_expect_eq(dma(&vmm, 0, steps[i].iova), steps[i].found, "step %zu", i);
	}
	cr_expect_eq(vmm.detaches, 0);
}

Test(nest, the_same_ste_again_makes_no_call)
{
	static const uint64_t stes[] = { STE_S1, STE_BYPASS, STE_ABORT, 0 };

	for (size_t i = 0; i < ARRAY_SIZE(stes); i++) {
		unsigned int calls;

		cr_assert_eq(vmm_set_ste(&vmm, VSID, stes[i]), 0);
		calls = vmm.calls;
		cr_assert_eq(vmm_set_ste(&vmm, VSID, stes[i]), 0);
		cr_expect_eq(vmm.calls, calls, "STE %zu", i);
	}
}

Test(nest, bypass_and_abort_take_one_call)
{
	unsigned int calls;

	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_BYPASS), 0);
	calls = vmm.calls;
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_ABORT), 0);
	cr_expect_eq(vmm.calls, calls + 1);
}

Test(nest, old_stes_do_not_pile_up)
{
	size_t objects;

	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
	objects = vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT);
	for (int i = 0; i < 50; i++)
		cr_assert_eq(vmm_set_ste(&vmm, VSID, i % 2 ? STE_S1 : STE_OTHER), 0);
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT), objects);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_BYPASS), 0);
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_OBJECT), objects - 1);
}

/* What Linux, as a guest, sets beside what the kernel below takes. */
Test(nest, legal_bits_that_the_kernel_refuses_are_left_out)
{
	static const ste_words stes[] = {
		{ STE_S1, SH_INCOMING | S2FWB | EATS_FULL, 0x1234, 0x4000, 7, 7, 7, 7 },
		{ STE_S1 | CDMAX(5) | S1FMT_4K_L2, S1DSS_SSID0 }, /* of no meaning without SSIDs */
		{ STE_S1, UINT64_C(0xffff) << 48 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(stes); i++) {
		struct iommuctl_smmuv3_refusal refusal = { .field = "untouched" };

		cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_ABORT), 0);
		cr_assert_eq(
			iommuctl_nest_set_ste(vmm.nest, VSID, stes[i], &refusal), 0, "STE %zu", i);
		cr_expect_null(refusal.field, "STE %zu: %s", i, refusal.reason);
		cr_expect_eq(dma(&vmm, 0, IOVA), MARK, "STE %zu", i);
	}
	cr_assert_eq(iommuctl_nest_set_ste(
			     vmm.nest, VSID, (const ste_words){ STE_BYPASS, SH_INCOMING }, NULL),
		0);
	cr_expect_eq(dma(&vmm, 0, PAGES), MARK);
}

/* The same STE, by SMMUs with and without what it asks for. */
Test(nest_bare, fields_of_what_the_smmu_lacks_are_left_out)
{
	static const ste_words words = { STE_S1 | CDMAX(4) | S1FMT_4K_L2,
		S1DSS_SSID0 | EATS_FULL | SH_INCOMING };
	static const struct {
		struct iommuctl_smmuv3_idr idr;
		uint64_t nested[2];
	} cases[] = {
		{ { .ats = 1, .ssidsize = 8, .cd2l = 1 },
			{ STE_S1 | CDMAX(4) | S1FMT_4K_L2, S1DSS_SSID0 | EATS_FULL } },
		{ { .ssidsize = 8, .cd2l = 1 }, { STE_S1 | CDMAX(4) | S1FMT_4K_L2, S1DSS_SSID0 } },
		{ { .ats = 1, .cd2l = 1 }, { STE_S1, EATS_FULL } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct nest_features features = { { .ats = 1, .stall_model = 1 },
			cases[i].idr };
		struct iommuctl_smmuv3_refusal refusal;
		const struct nest_ste ste = nest_ste_translate(&features, words, &refusal);

		cr_expect_null(refusal.field);
		cr_expect_arr_eq(ste.words, cases[i].nested, sizeof(ste.words), "case %zu", i);
	}
}

Test(nest, an_illegal_ste_aborts_and_is_reported)
{
	static const struct {
		uint64_t words[2];
		const char *field;
	} cases[] = {
		{ { 0 }, "V" },
		{ { STE_VALID | UINT64_C(6) << 1 }, "Config" },
		{ { STE_VALID | UINT64_C(7) << 1 | CDS }, "Config" },
		{ { STE_S1, UINT64_C(1) << 27 }, "S1STALLD" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const ste_words words = { cases[i].words[0], cases[i].words[1] };
		struct iommuctl_smmuv3_refusal refusal, again;

		cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
		cr_assert_eq(iommuctl_nest_set_ste(vmm.nest, VSID, words, &refusal), 0);
		cr_assert_not_null(refusal.field, "case %zu", i);
		cr_expect_str_eq(refusal.field, cases[i].field);
		cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);
		cr_assert_eq(iommuctl_nest_get_refusal(vmm.nest, VSID, &again), 0);
		cr_expect_str_eq(again.field, cases[i].field);
	}
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_VALID | UINT64_C(2) << 1), 0);
	cr_expect_eq(dma(&vmm, 0, PAGES), -EIO);
}

Test(nest, no_bits_of_an_ste_reach_the_kernel_to_be_refused)
{
	uint64_t random = 0x9e3779b97f4a7c15;

	for (int i = 0; i < 4000; i++) {
		ste_words words;

		for (size_t j = 0; j < ARRAY_SIZE(words); j++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			words[j] = random;
		}
		cr_assert_eq(iommuctl_nest_set_ste(vmm.nest, VSID, words, NULL), 0, "%d", i);
	}
	cr_expect_eq(vmm.detaches, 0);
}

Test(nest, a_device_comes_and_goes)
{
	cr_expect_eq(vmm_add(&vmm, 1, VSID), -EEXIST);
	cr_expect_eq(vmm_add(&vmm, 0, VSID_2), -EEXIST);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID_2, STE_S1), 0);
	cr_expect_eq(dma(&vmm, 1, IOVA), MARK);
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO);

	cr_assert_eq(iommuctl_nest_remove_device(vmm.nest, VSID), 0);
	cr_expect_eq(iommuctl_nest_remove_device(vmm.nest, VSID), -ENOENT);
	cr_expect_eq(vmm_set_ste(&vmm, VSID, STE_S1), -ENOENT);
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_ATTACH), 1);
	cr_expect_eq(dma(&vmm, 1, IOVA), MARK);

	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_OTHER), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK_2);
}

Test(nest, a_device_that_was_attached_elsewhere_moves_in)
{
	cr_assert_eq(iommuctl_vfio_attach(vmm.ctx, vmm.devices[1], vmm.ioas, NULL), 0);
	cr_assert_eq(vmm_add(&vmm, 1, VSID_2), 0);
	cr_expect_eq(vmm.detaches, 0);
	cr_expect_eq(vmm_alive(&vmm, IOMMUCTL_LEDGER_ATTACH), 2);
}

Test(nest, commands_name_the_devices_that_are_there)
{
	const struct iommuctl_smmuv3_cmd cmd = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL,
		.streamid = VSID,
	};
	uint64_t words[1][IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_relay *relay = iommuctl_nest_get_relay(vmm.nest);
	struct iommuctl_relay_counters counters;
	size_t done;

	cr_assert_eq(iommuctl_smmuv3_cmd_encode(&cmd, words[0], NULL), 0);
	cr_expect_eq(iommuctl_relay_issue(relay, words, 1, &done, NULL), 0);
	cr_assert_eq(iommuctl_nest_remove_device(vmm.nest, VSID), 0);
	cr_expect_eq(iommuctl_relay_issue(relay, words, 1, &done, NULL), 0);
	iommuctl_relay_get_counters(relay, &counters);
	cr_expect_eq(counters.absent, 1);
	cr_expect_eq(counters.issued, 1);
}

Test(nest_bare, may_do_without_events)
{
	struct iommuctl_nest_config config;

	vmm_open(&vmm, NULL);
	config = plain_nest;
	config.event_depth = 0;
	cr_assert_eq(vmm_new_nest(&vmm, config), 0);
	cr_expect_eq(iommuctl_nest_get_event_fd(vmm.nest), -1);
	vmm_stop(&vmm);
}

Test(nest_bare, an_smmu_that_cannot_nest_is_refused)
{
	struct iommuctl_model_config model;

	iommuctl_model_default_config(&model);
	model.smmus[0].no_nesting = true;
	vmm_open(&vmm, &model);
	cr_expect_eq(vmm_make_nest(&vmm), -EOPNOTSUPP);
	cr_expect_null(vmm.nest);
	vmm_stop(&vmm);
}

Test(nest_bare, a_device_of_another_smmu_stays_out)
{
	struct iommuctl_model_config model;

	iommuctl_model_default_config(&model);
	model.smmu_count = 2;
	model.smmus[1] = model.smmus[0];
	model.devices[1].smmu = 1;
	vmm_open(&vmm, &model);
	cr_assert_eq(vmm_make_nest(&vmm), 0);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_expect_eq(vmm_add(&vmm, 1, VSID_2), -EINVAL);
	cr_expect_eq(iommuctl_nest_remove_device(vmm.nest, VSID_2), -ENOENT);
	vmm_stop(&vmm);
}

/* The SMMU as the guest sees it may have less than there is. */
Test(nest_bare, the_guests_smmu_decides_what_an_ste_means)
{
	static const ste_words with_ssids = { STE_S1 | CDMAX(2) };
	struct iommuctl_model_config model;
	struct iommuctl_nest_config config;
	struct iommuctl_smmuv3_idr idr;

	iommuctl_model_default_config(&model);
	model.smmus[0].ssid_bits = 8;
	vmm_open(&vmm, &model);
	cr_assert_eq(vmm_make_nest(&vmm), 0);
	idr = *iommuctl_nest_get_idr(vmm.nest);
	cr_expect_eq(idr.ssidsize, 8);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_assert_eq(iommuctl_nest_set_ste(vmm.nest, VSID, with_ssids, NULL), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), -EIO); /* S1DSS: not without a SSID */
	iommuctl_nest_free(vmm.nest);

	idr.ssidsize = 0;
	config.idr = &idr;
	cr_assert_eq(vmm_new_nest(&vmm, config), 0);
	idr.ssidsize = 8;
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	cr_assert_eq(iommuctl_nest_set_ste(vmm.nest, VSID, with_ssids, NULL), 0);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	vmm_stop(&vmm);
}

/* A guest binds a table of PASIDs with its STE, and gives a PASID another context by a CD. */
Test(nest_bare, pasids_are_cds_in_the_guests_table)
{
	static const struct iommuctl_cd_table_shape shapes[] = {
		{ .s1contextptr = CDS, .s1cdmax = 4 },
		{ .s1contextptr = CDS, .s1cdmax = 10, .s1fmt = IOMMUCTL_SMMUV3_S1FMT_4K_L2 },
	};
	struct iommuctl_model_config model;
	struct iommuctl_stage1 other;

	iommuctl_model_default_config(&model);
	model.smmus[0].ssid_bits = 10;
	vmm_start(&vmm, &model);
	other = make_context(&vmm, OTHER, OTHER_CDS, PAGES + PAGE);
	for (size_t i = 0; i < ARRAY_SIZE(shapes); i++) {
		const struct iommuctl_smmuv3_cd cds[] = { make_cd(&vmm.stage1), make_cd(&other) };
		const struct iommuctl_smmuv3_ste ste = {
			.v = 1,
			.config = IOMMUCTL_SMMUV3_CONFIG_S1,
			.s1contextptr = shapes[i].s1contextptr,
			.s1cdmax = shapes[i].s1cdmax,
			.s1fmt = shapes[i].s1fmt,
			.s1dss = IOMMUCTL_SMMUV3_S1DSS_SSID0,
		};
		uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
		struct iommuctl_cd_table table;
		ste_words encoded;

		memset(guest_at(&vmm.ram, CDS), 0, 0x10000);
		cr_assert_eq(
			iommuctl_cd_table_init(&table, &vmm.ram.memory, &shapes[i], 0x10000), 0);
		for (uint32_t ssid = 0; ssid < 2; ssid++) {
			cr_assert_eq(iommuctl_smmuv3_cd_encode(&cds[ssid], words, NULL), 0);
			cr_assert_eq(iommuctl_cd_table_set(&table, ssid * 9, words), 0);
		}
		cr_assert_eq(iommuctl_smmuv3_ste_encode(&ste, encoded, NULL), 0);
		cr_assert_eq(iommuctl_nest_set_ste(vmm.nest, VSID, encoded, NULL), 0);
		cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
		cr_expect_eq(dma_with(&vmm, 0, 9, IOVA), MARK_2);
		cr_expect_eq(dma_with(&vmm, 0, 8, IOVA), -EIO);
	}
	vmm_stop(&vmm);
}

/* What IOMMU_GET_HW_INFO is made to say. */
static struct {
	uint32_t type;
	uint32_t flags;
} changed;

static int change_hw_info(struct script *script, int fd, unsigned long request, void *arg)
{
	int err = script_pass(script, fd, request, arg);

	if (request == ABI_GET_HW_INFO) {
		struct abi_hw_info *info = arg;
		struct abi_hw_info_arm_smmuv3 *data = (void *)(uintptr_t)info->data_uptr;

		info->out_data_type = changed.type;
		data->flags = changed.flags;
	}
	return err;
}

static void change(uint32_t type, uint32_t flags)
{
	changed.type = type;
	changed.flags = flags;
	vmm.script->ioctl = change_hw_info;
}

Test(nest_bare, other_iommus_are_refused_at_once)
{
	unsigned int calls;

	vmm_open(&vmm, NULL);
	change(IOMMUCTL_HW_INFO_TYPE_INTEL_VTD, 0);
	calls = vmm.calls;
	cr_expect_eq(vmm_make_nest(&vmm), -EOPNOTSUPP);
	cr_expect_eq(vmm.calls, calls + 1);
	cr_assert_not_null(iommuctl_last_error(vmm.ctx));
	cr_expect_not_null(
		strstr(iommuctl_last_error(vmm.ctx)->explanation[0].cause, "not an SMMUv3"));
	vmm_stop(&vmm);
}

static uint64_t commands_for_cfgi_ste(void)
{
	const struct iommuctl_smmuv3_cmd cmd = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE,
		.streamid = VSID,
	};
	struct iommuctl_model_counters before, after;

	vmm_put_ste(&vmm, VSID, STE_S1);
	cr_assert_eq(use_streams(&vmm), 0);
	iommuctl_model_get_counters(vmm.model, &before);
	cr_assert_eq(iommuctl_nest_command(&cmd, vmm.nest), 0);
	iommuctl_model_get_counters(vmm.model, &after);
	return after.commands - before.commands;
}

Test(nest_bare, an_erratum_has_commands_issued_twice)
{
	for (uint32_t flags = 0; flags < 2; flags++) {
		vmm_open(&vmm, NULL);
		change(IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3, flags);
		cr_assert_eq(vmm_make_nest(&vmm), 0);
		cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
		cr_expect_eq(commands_for_cfgi_ste(), 1 + flags);
		vmm_stop(&vmm);
	}
}

Test(nest_bare, free_takes_nothing)
{
	iommuctl_nest_free(NULL);
}
