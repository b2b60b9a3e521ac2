// SPDX-License-Identifier: MIT
/*
 * Descriptors of a guest's VT-d of any words, over a kernel that fails as it likes: issuing ends, the kernel is given ranges
 * that it takes, of HWPTs that are concerned, and what is said to be done is what came before the first that is not.
 */
#include <errno.h>

#include <iommuctl/iommuctl.h>

#include "abi/iommufd.h"
#include "input.h"
#include "transport.h"

#define DESCRIPTORS 64
#define HWPTS	    4
#define HWPT	    100
#define PAGE	    UINT64_C(4096)
#define ROUNDS	    8

struct fuzz {
	struct script script;
	struct input *input;
	bool known[HWPTS];
};

static uint16_t did_of(unsigned int index)
{
	return (uint16_t)(index / 2);
}

static uint32_t pasid_of(unsigned int index)
{
	return index % 2;
}

static int invalidate(struct script *script, int fd, unsigned long request, void *arg)
{
	static const int errors[] = { 0, 0, 0, 0, 0, -EIO, -ETIMEDOUT, -EINVAL };
	struct fuzz *fuzz = script->data;
	struct abi_hwpt_invalidate *args = arg;
	const struct iommuctl_hwpt_vtd_s1_invalidate *entries =
		(const void *)(uintptr_t)args->data_uptr;
	const int error = errors[input_u8(fuzz->input) % 8];

	(void)fd;
	require(request == ABI_HWPT_INVALIDATE);
	require(args->hwpt_id - HWPT < HWPTS && fuzz->known[args->hwpt_id - HWPT]);
	require(args->entry_len == sizeof(*entries) && args->entry_num);
	require(args->entry_num <= IOMMUCTL_VTD_RELAY_BATCH_MAX);
	for (uint32_t i = 0; i < args->entry_num; i++) {
		require(entries[i].addr % PAGE == 0 && entries[i].npages);
		require(entries[i].npages != UINT64_MAX || !entries[i].addr);
		require(!entries[i].reserved);
	}
	if (error)
		args->entry_num = input_u32(fuzz->input) % (args->entry_num + 2);
	return error;
}

/* Descriptors of any fields, mostly of a type and a granularity that there are, and of few pages, so that they meet. */
static void fill(struct input *input, uint64_t (*words)[IOMMUCTL_VTD_INV_WORDS], size_t count)
{
	static const uint8_t types[] = { 2, 6, 6, 6, 6, 3, 8, 1 };

	for (size_t i = 0; i < count; i++) {
		const uint8_t kind = input_u8(input), place = input_u8(input);

		words[i][0] = words[i][1] = 0;
		if (kind & 0x80) {
			words[i][0] = input_u64(input);
			words[i][1] = input_u64(input);
			continue;
		}
		words[i][0] =
			types[kind % 8] | (UINT64_C(2) + (kind >> 3 & 1)) << 4 |
			UINT64_C(1) * (kind >> 4 & 1) << 16 | UINT64_C(1) * (kind >> 5 & 1) << 32;
		words[i][1] = place / 8 * PAGE | (kind & 0x40 ? place % 8 : 0);
	}
}

static void issue(struct fuzz *fuzz, struct iommuctl_vtd_relay *relay)
{
	uint64_t words[DESCRIPTORS][IOMMUCTL_VTD_INV_WORDS];
	const size_t count = input_u8(fuzz->input) % (DESCRIPTORS + 1);
	struct iommuctl_smmuv3_refusal refusal = { 0 };
	size_t done = SIZE_MAX;
	int err;

	fill(fuzz->input, words, count);
	err = iommuctl_vtd_relay_issue(relay, words, count, &done, &refusal);
	require(done <= count && (err != 0 || done == count));
	for (size_t i = 0; i < done; i++)
		require(!iommuctl_vtd_inv_validate(words[i], NULL));
}

static void change_hwpt(struct fuzz *fuzz, struct iommuctl_vtd_relay *relay)
{
	const unsigned int index = input_u8(fuzz->input) % HWPTS;
	int err;

	if (fuzz->known[index])
		err = iommuctl_vtd_relay_remove_hwpt(relay, did_of(index), pasid_of(index));
	else
		err = iommuctl_vtd_relay_add_hwpt(
			relay, did_of(index), pasid_of(index), HWPT + index);
	require(!err);
	fuzz->known[index] = !fuzz->known[index];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz fuzz = { .script = { .ioctl = invalidate, .data = &fuzz } };
	static struct iommuctl *ctx;
	struct input input = { data, size };
	struct iommuctl_vtd_relay_config config = { .iommufd = 3 };
	struct iommuctl_vtd_relay *relay;

	if (!ctx)
		ctx = script_context(&fuzz.script);
	fuzz.input = &input;
	config.batch = input_u8(&input) % 8;
	require(!iommuctl_vtd_relay_new(ctx, &config, &relay));
	memset(fuzz.known, 0, sizeof(fuzz.known));
	for (unsigned int i = 0; i < ROUNDS && input.left; i++) {
		change_hwpt(&fuzz, relay);
		issue(&fuzz, relay);
	}
	iommuctl_vtd_relay_free(relay);
	return 0;
}
