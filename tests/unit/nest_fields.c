// SPDX-License-Identifier: MIT
/* Every field of an STE and a CD: what a physical SMMU with more than the guest sees makes of it.
 */
#include <iommuctl/events.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "nest/nest_private.h"
#include "nest_fixture.h"

#define RICH_IDR                                                                                   \
	.ats = 1, .ssidsize = 8, .cd2l = 1, .httu = 2, .asid16 = 1, .gran4k = 1, .gran16k = 1,     \
	.gran64k = 1, .vax = IOMMUCTL_SMMUV3_VAX_52, .oas = 5

static const struct nest_features rich = {
	.hardware = { RICH_IDR, .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE },
	.guest = { RICH_IDR, .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE },
};

/* The guest sees less than there is. */
static const struct nest_features hidden = {
	.hardware = { RICH_IDR, .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE },
	.guest = { .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE },
};

/* It sees more: a VMM promised it. */
static const struct nest_features promised = {
	.hardware = { .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE },
	.guest = { RICH_IDR, .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE },
};

static const struct nest_features poor = {
	.hardware = { .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE },
	.guest = { .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE },
};

/* It has addresses that no nested HWPT takes. */
static const struct nest_features vast = {
	.hardware = { .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE, .oas = 7 },
	.guest = { .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE, .oas = 7 },
};

static const struct nest_features *const all_features[] = { &rich, &hidden, &promised, &poor };

/* With every field that reaches the hardware in use. */
static const struct iommuctl_smmuv3_ste whole = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_S1,
	.s1contextptr = CDS,
	.s1cdmax = 4,
	.s1fmt = IOMMUCTL_SMMUV3_S1FMT_4K_L2,
	.s1dss = IOMMUCTL_SMMUV3_S1DSS_SSID0,
	.s1cir = IOMMUCTL_SMMUV3_S1C_WB,
	.s1cor = IOMMUCTL_SMMUV3_S1C_WT_RA,
	.s1csh = IOMMUCTL_SMMUV3_SH_ISH,
	.eats = IOMMUCTL_SMMUV3_EATS_FULL,
};

static const struct nest_field *find_row(
	const struct nest_field *rows, size_t count, const char *name)
{
	const struct nest_field *found = NULL;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(rows[i].name, name))
			continue;
		cr_expect_null(found, "%s has two rows", name);
		found = &rows[i];
	}
	return found;
}

Test(nest_fields, every_field_of_an_ste_has_a_row)
{
	size_t count, row_count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_ste_fields(&count);
	const struct nest_field *rows = nest_ste_fields(&row_count);

	cr_expect_eq(row_count, count);
	for (size_t i = 0; i < count; i++) {
		const struct nest_field *row = find_row(rows, row_count, fields[i].name);

		cr_assert_not_null(row, "%s", fields[i].name);
		cr_expect_eq(row->offset, fields[i].offset, "%s", row->name);
		cr_expect_eq(row->size, fields[i].size, "%s", row->name);
		cr_expect_leq(row->treatment, NEST_DROPS, "%s", row->name);
		cr_expect_str_not_empty(row->why, "%s", row->name);
		cr_expect_eq(row->feature != NULL,
			row->treatment == NEST_NEEDS || row->treatment == NEST_FORCES, "%s",
			row->name);
	}
}

Test(nest_fields, every_field_of_a_cd_has_a_row)
{
	size_t count, row_count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_cd_fields(&count);
	const struct nest_field *rows = nest_cd_fields(&row_count);

	cr_expect_eq(row_count, count);
	for (size_t i = 0; i < count; i++) {
		const struct nest_field *row = find_row(rows, row_count, fields[i].name);

		cr_assert_not_null(row, "%s", fields[i].name);
		cr_expect_geq(row->treatment, NEST_HARMS_ONLY_GUEST, "%s", row->name);
		cr_expect_str_not_empty(row->why, "%s", row->name);
	}
}

/* What of @ste reaches the hardware; the refusal is that of an STE which does not. */
static struct iommuctl_smmuv3_ste translate(const struct nest_features *features,
	const struct iommuctl_smmuv3_ste *ste, struct iommuctl_smmuv3_refusal *refusal)
{
	struct iommuctl_smmuv3_ste reached;
	struct nest_ste nested;
	ste_words words;

	cr_assert_eq(iommuctl_smmuv3_ste_encode(ste, words, NULL), 0);
	nested = nest_ste_translate(features, words, refusal);
	iommuctl_smmuv3_ste_decode((const ste_words){ nested.words[0], nested.words[1] }, &reached);
	return reached;
}

/* The guest's value and the hardware's; or the field by which the STE is refused. */
static const struct {
	const char *name;
	uint64_t given;
	const struct nest_features *features;
	uint64_t reaches;
	const char *refused;
} acts[] = {
	{ "V", 0, &rich, 0, "V" },
	{ "V", 1, &rich, 1, NULL },
	{ "Config", IOMMUCTL_SMMUV3_CONFIG_S2, &rich, 0, "Config" },
	{ "Config", IOMMUCTL_SMMUV3_CONFIG_S1S2, &rich, 0, "Config" },
	{ "Config", IOMMUCTL_SMMUV3_CONFIG_S1, &rich, IOMMUCTL_SMMUV3_CONFIG_S1, NULL },
	{ "S1Fmt", 1, &rich, 1, NULL },
	{ "S1Fmt", 1, &hidden, 0, NULL },
	{ "S1Fmt", 1, &poor, 0, NULL },
	{ "S1ContextPtr", UINT64_C(0x0000ffffffffffc0), &rich, UINT64_C(0x0000ffffffffffc0), NULL },
	{ "S1ContextPtr", UINT64_C(0x0001000000000000), &rich, 0, "S1ContextPtr" },
	{ "S1ContextPtr", UINT64_C(0x00000000ffffffc0), &hidden, UINT64_C(0xffffffc0), NULL },
	{ "S1ContextPtr", UINT64_C(0x0010000040100000), &hidden, 0, "S1ContextPtr" },
	{ "S1ContextPtr", UINT64_C(0x0010000040100000), &vast, 0, "S1ContextPtr" },
	{ "S1CDMax", 8, &rich, 8, NULL },
	{ "S1CDMax", 9, &rich, 0, "S1CDMax" },
	{ "S1CDMax", 8, &hidden, 0, NULL },
	{ "S1CDMax", 31, &hidden, 0, NULL },
	{ "S1DSS", 1, &rich, 1, NULL },
	{ "S1DSS", 1, &hidden, 0, NULL },
	{ "S1CIR", 2, &hidden, 2, NULL },
	{ "S1COR", 1, &hidden, 1, NULL },
	{ "S1CSH", 2, &hidden, 2, NULL },
	{ "S1STALLD", 0, &rich, 1, NULL },
	{ "S1STALLD", 0, &hidden, 1, NULL },
	{ "S1STALLD", 0, &poor, 0, NULL },
	{ "S1STALLD", 1, &rich, 0, "S1STALLD" },
	{ "S1STALLD", 1, &poor, 0, "S1STALLD" },
	{ "EATS", 1, &rich, 1, NULL },
	{ "EATS", 2, &rich, 0, "EATS" },
	{ "EATS", 3, &rich, 0, NULL },
	{ "EATS", 1, &hidden, 0, NULL },
	{ "EATS", 2, &hidden, 0, NULL },
	{ "EATS", 1, &promised, 0, NULL },
};

Test(nest_fields, what_reaches_the_hardware_is_what_the_guest_may_use)
{
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++) {
		const struct iommuctl_smmuv3_field *field = iommuctl_smmuv3_ste_field(acts[i].name);
		struct iommuctl_smmuv3_ste ste = whole, reached;
		struct iommuctl_smmuv3_refusal refusal;

		cr_assert_eq(iommuctl_smmuv3_field_set(field, &ste, acts[i].given), 0);
		reached = translate(acts[i].features, &ste, &refusal);
		if (acts[i].refused) {
			cr_assert_not_null(refusal.field, "act %zu", i);
			cr_expect_str_eq(refusal.field, acts[i].refused, "act %zu", i);
			cr_expect_eq(reached.v, 0, "act %zu", i);
			continue;
		}
		cr_expect_null(refusal.field, "act %zu, %s", i, acts[i].name);
		cr_expect_eq(iommuctl_smmuv3_field_get(field, &reached), acts[i].reaches,
			"act %zu, %s: 0x%llx", i, acts[i].name,
			(unsigned long long)iommuctl_smmuv3_field_get(field, &reached));
	}
}

static bool is_among_acts(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(acts); i++)
		if (strcmp(acts[i].name, name) == 0)
			return true;
	return false;
}

/* All others: whatever they say, the hardware gets the same STE. */
Test(nest_fields, what_the_nest_drops_reaches_nothing)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_ste_fields(&count);
	size_t dropped = 0;

	for (size_t i = 0; i < count; i++) {
		if (is_among_acts(fields[i].name))
			continue;
		dropped++;
		for (size_t j = 0; j < ARRAY_SIZE(all_features); j++) {
			const uint64_t ones = iommuctl_smmuv3_field_mask(&fields[i]);
			struct iommuctl_smmuv3_refusal refusal;
			struct iommuctl_smmuv3_ste ste = whole;
			const struct iommuctl_smmuv3_ste before =
				translate(all_features[j], &ste, &refusal);
			struct iommuctl_smmuv3_ste after;

			cr_assert_eq(iommuctl_smmuv3_field_set(&fields[i], &ste,
					     fields[i].address ? ones : ones >> fields[i].lsb),
				0, "%s", fields[i].name);
			after = translate(all_features[j], &ste, &refusal);
			cr_expect_null(refusal.field, "%s", fields[i].name);
			cr_expect_eq(
				memcmp(&before, &after, sizeof(after)), 0, "%s", fields[i].name);
		}
	}
	cr_expect_gt(dropped, 40);
}

static struct vmm vmm;
static struct iommuctl_event_reader reader;

/* A machine whose SMMU stalls if it is asked to. */
static void start_stalling(const struct iommuctl_smmuv3_idr *shown)
{
	struct iommuctl_model_config model;
	struct iommuctl_nest_config config;

	iommuctl_model_default_config(&model);
	model.smmus[0].stall = true;
	model.smmus[0].ssid_bits = 4;
	vmm_open(&vmm, &model);
	config = plain_nest;
	config.idr = shown;
	cr_assert_eq(vmm_new_nest(&vmm, config), 0);
	cr_assert_eq(vmm_add(&vmm, 0, VSID), 0);
	iommuctl_event_reader_init(&reader, vmm.ctx, iommuctl_nest_get_event_fd(vmm.nest));
}

/* The type of the event that waits, or 0. */
static uint8_t next_event(void)
{
	struct iommuctl_smmuv3_event event;

	if (iommuctl_event_reader_next(&reader, &event, NULL))
		return 0;
	cr_expect_eq(event.stall, 0);
	return event.type;
}

static void use_cd(const struct iommuctl_smmuv3_cd *cd)
{
	guest_put_cd(&vmm.ram, CDS, cd);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_ABORT), 0);
	cr_assert_eq(vmm_set_ste(&vmm, VSID, STE_S1), 0);
}

/* Whatever the VMM meant to show. */
Test(nest_fields, a_guest_sees_an_smmu_that_terminates)
{
	const struct iommuctl_smmuv3_idr shown[] = {
		{ .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE, .sidsize = 16 },
		{ .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_STALL, .sidsize = 16 },
		{ .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE, .sidsize = 16 },
	};

	for (size_t i = 0; i <= ARRAY_SIZE(shown); i++) {
		start_stalling(i < ARRAY_SIZE(shown) ? &shown[i] : NULL);
		cr_expect_eq(iommuctl_nest_get_idr(vmm.nest)->stall_model,
			IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE);
		vmm_stop(&vmm);
	}
}

Test(nest_fields, a_cd_that_asks_for_stalls_is_bad)
{
	struct iommuctl_smmuv3_cd cd;

	start_stalling(NULL);
	cd = make_cd(&vmm.stage1);
	use_cd(&cd);
	cr_expect_eq(dma(&vmm, 0, IOVA), MARK);
	cr_expect_eq(dma(&vmm, 0, IOVA + PAGE), -EIO);
	cr_expect_eq(next_event(), IOMMUCTL_SMMUV3_F_TRANSLATION);
	cd.s = 1;
	use_cd(&cd);
	for (unsigned int page = 0; page < 2; page++) {
		cr_expect_eq(dma(&vmm, 0, IOVA + page * PAGE), -EIO);
		cr_expect_eq(next_event(), IOMMUCTL_SMMUV3_C_BAD_CD);
	}
	vmm_stop(&vmm);
}

/* Row by row: each field of a CD with all ones, before DMA where something is mapped and is not. */
Test(nest_fields, no_field_of_a_cd_stalls_or_leads_out_of_the_guest)
{
	size_t count, row_count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_cd_fields(&count);
	const struct nest_field *rows = nest_cd_fields(&row_count);

	start_stalling(NULL);
	for (size_t i = 0; i < count; i++) {
		const uint64_t ones = iommuctl_smmuv3_field_mask(&fields[i]);
		const struct nest_field *row = find_row(rows, row_count, fields[i].name);
		struct iommuctl_smmuv3_cd cd = make_cd(&vmm.stage1);
		int64_t found;

		cr_assert_eq(iommuctl_smmuv3_field_set(&fields[i], &cd,
				     fields[i].address ? ones : ones >> fields[i].lsb),
			0, "%s", fields[i].name);
		use_cd(&cd);
		found = dma(&vmm, 0, IOVA);
		cr_expect(found == MARK || found == -EIO, "%s: 0x%llx", row->name,
			(unsigned long long)found);
		if (row->treatment == NEST_IS_OFF && strcmp(row->name, "S"))
			cr_expect_eq(found, MARK, "%s", row->name);
		dma(&vmm, 0, IOVA + PAGE);
		while (next_event())
			continue;
	}
	vmm_stop(&vmm);
}

/* An SMMU that does not let anyone choose. */
static int stall_always(struct script *script, int fd, unsigned long request, void *arg)
{
	const uint32_t stall_model = 3u << 24;
	int err = script_pass(script, fd, request, arg);

	if (request == ABI_GET_HW_INFO) {
		const struct abi_hw_info *info = arg;
		struct abi_hw_info_arm_smmuv3 *data = (void *)(uintptr_t)info->data_uptr;

		data->idr[0] = (data->idr[0] & ~stall_model) | 2u << 24;
	}
	return err;
}

Test(nest_fields, an_smmu_that_always_stalls_is_refused)
{
	const struct iommuctl_error *error;

	vmm_open(&vmm, NULL);
	vmm.script->ioctl = stall_always;
	cr_expect_eq(vmm_make_nest(&vmm), -EOPNOTSUPP);
	cr_expect_null(vmm.nest);
	error = iommuctl_last_error(vmm.ctx);
	cr_assert_not_null(error);
	cr_expect_str_eq(error->operation, "nest_new");
	cr_expect_eq(error->explanation_count, 1);
	cr_expect_not_null(strstr(error->explanation[0].cause, "STALL_MODEL"));
	vmm_stop(&vmm);
}
