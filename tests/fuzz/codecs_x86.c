// SPDX-License-Identifier: MIT
/*
 * Any words decode, of VT-d and of the AMD IOMMU; what was decoded encodes, and decodes to the same again; what becomes of
 * a guest's entry or descriptor is nothing but what the kernel takes; walks of tables that hold anything end.
 */
#include <errno.h>

#include <iommuctl/iommuctl.h>

#include "array.h"
#include "input.h"
#include "text.h"

#define MEMORY_IPA  UINT64_C(0x40000000)
#define MEMORY_SIZE 0x8000u
#define PAGE	    UINT64_C(4096)

static void fuzz_cap(struct input *input)
{
	const uint64_t cap = input_u64(input), ecap = input_u64(input);
	struct iommuctl_vtd_cap info, twice;
	uint64_t again[2];

	iommuctl_vtd_cap_decode(cap, ecap, &info);
	REQUIRE_TEXT(iommuctl_vtd_cap_print, &info, input);
	require(!iommuctl_vtd_cap_encode(&info, &again[0], &again[1], NULL));
	require(!(again[0] & ~cap) && !(again[1] & ~ecap));
	iommuctl_vtd_cap_decode(again[0], again[1], &twice);
	require(!memcmp(&info, &twice, sizeof(info)));
}

static void fuzz_efr(struct input *input)
{
	const uint64_t efr = input_u64(input), efr2 = input_u64(input);
	struct iommuctl_amd_efr info, twice;
	uint64_t again[2];

	iommuctl_amd_efr_decode(efr, efr2, &info);
	REQUIRE_TEXT(iommuctl_amd_efr_print, &info, input);
	require(!iommuctl_amd_efr_encode(&info, &again[0], &again[1], NULL));
	require(!(again[0] & ~efr) && !(again[1] & ~efr2));
	iommuctl_amd_efr_decode(again[0], again[1], &twice);
	require(!memcmp(&info, &twice, sizeof(info)));
}

/* What HWPT_INVALIDATE takes of a legal descriptor that is relayed. */
static void check_entry(const struct iommuctl_vtd_inv *inv)
{
	struct iommuctl_hwpt_vtd_s1_invalidate entry;

	if (iommuctl_vtd_inv_class(inv->type) != IOMMUCTL_VTD_INV_CLASS_RELAYED) {
		require(iommuctl_vtd_inv_to_s1(inv, &entry) == -EINVAL);
		require(!iommuctl_vtd_inv_concerns(inv, inv->did, inv->pasid));
		return;
	}
	require(!iommuctl_vtd_inv_to_s1(inv, &entry));
	require(entry.addr % PAGE == 0 && entry.npages);
	require(!(entry.flags & ~IOMMUCTL_VTD_INV_FLAGS_LEAF) && !entry.reserved);
	if (entry.npages == UINT64_MAX)
		require(!entry.addr);
	else
		require(entry.npages - 1 <= (UINT64_MAX - entry.addr) / PAGE);
}

static void fuzz_inv(struct input *input)
{
	uint64_t words[IOMMUCTL_VTD_INV_WORDS], again[IOMMUCTL_VTD_INV_WORDS];
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_vtd_inv inv, twice;
	char text[256];

	input_bytes(input, words, sizeof(words));
	iommuctl_vtd_inv_decode(words, &inv);
	REQUIRE_TEXT(iommuctl_vtd_inv_print, &inv, input);
	if (iommuctl_vtd_inv_validate(words, &refusal))
		iommuctl_smmuv3_refusal_print(&refusal, text, sizeof(text));
	else
		check_entry(&inv);
	if (!iommuctl_vtd_inv_name(inv.type))
		return;
	require(!iommuctl_vtd_inv_encode(&inv, again, NULL));
	iommuctl_vtd_inv_decode(again, &twice);
	require(!memcmp(&inv, &twice, sizeof(inv)));
}

static void fuzz_pasid(struct input *input)
{
	uint64_t words[IOMMUCTL_VTD_PASID_WORDS], again[IOMMUCTL_VTD_PASID_WORDS];
	const uint64_t cap_words[] = { input_u64(input), input_u64(input) };
	struct iommuctl_vtd_pasid_entry entry, twice;
	struct iommuctl_smmuv3_refusal refusal;
	enum iommuctl_vtd_pasid_use use;
	struct iommuctl_hwpt_vtd_s1 data;
	struct iommuctl_vtd_cap cap;

	iommuctl_vtd_cap_decode(cap_words[0], cap_words[1], &cap);
	input_bytes(input, words, sizeof(words));
	iommuctl_vtd_pasid_decode(words, &entry);
	REQUIRE_TEXT(iommuctl_vtd_pasid_print, &entry, input);
	require(!iommuctl_vtd_pasid_encode(&entry, again, NULL));
	iommuctl_vtd_pasid_decode(again, &twice);
	require(!memcmp(&entry, &twice, sizeof(entry)));
	if (!iommuctl_vtd_pasid_nested(words, &cap, &use, &data, &refusal) &&
		use == IOMMUCTL_VTD_PASID_USE_STAGE1)
		require(!iommuctl_vtd_s1_validate(&data, &cap, NULL));
}

static void fuzz_dte(struct input *input)
{
	uint64_t words[IOMMUCTL_AMD_DTE_WORDS], again[IOMMUCTL_AMD_DTE_WORDS];
	const uint64_t efr_words[] = { input_u64(input), input_u64(input) };
	struct iommuctl_amd_dte dte, twice;
	struct iommuctl_amd_efr efr;

	iommuctl_amd_efr_decode(efr_words[0], efr_words[1], &efr);
	input_bytes(input, words, sizeof(words));
	iommuctl_amd_dte_decode(words, &dte);
	REQUIRE_TEXT(iommuctl_amd_dte_print, &dte, input);
	require(!iommuctl_amd_dte_encode(&dte, again, NULL));
	iommuctl_amd_dte_decode(again, &twice);
	require(!memcmp(&dte, &twice, sizeof(dte)));
	require(!(iommuctl_amd_dte_gcr3(&dte) & ~UINT64_C(0xffffffffff000)));
	if (!iommuctl_amd_dte_validate(&dte, &efr, NULL))
		require(!dte.mode && !dte.hostptrp);
}

static void fuzz_amd_cmd(struct input *input)
{
	uint64_t words[IOMMUCTL_AMD_CMD_WORDS], again[IOMMUCTL_AMD_CMD_WORDS], first, last;
	struct iommuctl_amd_cmd cmd, twice;

	input_bytes(input, words, sizeof(words));
	iommuctl_amd_cmd_decode(words, &cmd);
	REQUIRE_TEXT(iommuctl_amd_cmd_print, &cmd, input);
	if (!iommuctl_amd_cmd_name(cmd.opcode))
		return;
	require(!iommuctl_amd_cmd_encode(&cmd, again, NULL));
	iommuctl_amd_cmd_decode(again, &twice);
	require(!memcmp(&cmd, &twice, sizeof(cmd)));
	if (cmd.opcode != IOMMUCTL_AMD_CMD_INVALIDATE_IOMMU_PAGES &&
		cmd.opcode != IOMMUCTL_AMD_CMD_INVALIDATE_IOTLB_PAGES)
		return;
	iommuctl_amd_cmd_get_range(&cmd, &first, &last);
	require(first % PAGE == 0 && last % PAGE == PAGE - 1 && first < last);
}

/* Anything, but half of the words lead into the memory itself. */
static void fill(struct input *input, uint64_t *words, size_t count)
{
	const uint8_t writes = input_u8(input);

	memset(words, 0, count * sizeof(*words));
	for (unsigned int i = 0; i < writes && input->left; i++) {
		const uint8_t kind = input_u8(input);
		const uint32_t place = input_u8(input);
		uint64_t word = input_u64(input);

		if (kind & 1)
			word = MEMORY_IPA + (word % MEMORY_SIZE & ~(PAGE - 1)) + kind % 128;
		words[(kind & 2 ? place * 8 : place) % count] = word;
	}
}

static void fuzz_tables(struct input *input)
{
	static uint64_t words[MEMORY_SIZE / sizeof(uint64_t)];
	const struct iommuctl_guest_range range = { MEMORY_IPA, MEMORY_SIZE, words };
	const struct iommuctl_guest_memory memory = { &range, 1 };
	const uint64_t root = MEMORY_IPA + input_u64(input) % MEMORY_SIZE;
	const struct iommuctl_hwpt_vtd_s1 data = {
		.pgtbl_addr = root,
		.addr_width = input_u8(input) & 1 ? 57 : 48,
	};
	const uint64_t iova = input_u64(input) >> input_u8(input) % 64;
	uint64_t entry[IOMMUCTL_VTD_PASID_WORDS];
	struct iommuctl_vtd_stage1_walk walk;

	fill(input, words, ARRAY_SIZE(words));
	iommuctl_vtd_pasid_find(&memory, root, input_u8(input) % 9, input_u32(input), entry);
	require(!iommuctl_vtd_stage1_walk(&memory, &data, iova, input_u8(input) & 1, &walk));
	require(walk.step_count <= IOMMUCTL_VTD_STAGE1_MAX_STEPS);
	require((walk.fault == IOMMUCTL_VTD_STAGE1_FAULT_NONE) <= (walk.leaf_size != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const codecs[])(struct input * input) = { fuzz_cap, fuzz_efr, fuzz_inv,
		fuzz_pasid, fuzz_dte, fuzz_amd_cmd, fuzz_tables };
	struct input input = { data, size };

	codecs[input_u8(&input) % ARRAY_SIZE(codecs)](&input);
	return 0;
}
