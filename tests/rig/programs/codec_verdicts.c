// SPDX-License-Identifier: MIT
/*
 * codec_verdicts DEVICE [WORDS]: asks the kernel about STEs and commands, one bit at a time and at
 * random, or those of the file WORDS, and says where the codecs' verdict is another. DEVICE is a VFIO
 * character device behind an SMMUv3. A line of WORDS: "ste" or "cmd", and two words of 64 bits.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iommuctl/iommuctl.h>

#include "must.h"
#include "vmm.h"

#define VSID	    UINT64_C(0x42)
#define GUEST_RAM   UINT64_C(0x40000000)
#define RANDOM_STES 2000
#define RANDOM_CMDS 20000

struct guest {
	struct vmm vmm;
	uint32_t viommu_id;
	struct iommuctl_smmuv3_idr idr;
	uint64_t random;
	unsigned int asked;
	unsigned int accepted;
	unsigned int wrong;
};

static uint64_t next_random(struct guest *guest)
{
	guest->random ^= guest->random << 13;
	guest->random ^= guest->random >> 7;
	guest->random ^= guest->random << 17;
	return guest->random;
}

static void compare(struct guest *guest, const char *what, const uint64_t words[2], int kernel,
	int codec, const struct iommuctl_smmuv3_refusal *refusal)
{
	guest->asked++;
	guest->accepted += kernel == 0;
	if (kernel == codec)
		return;
	guest->wrong++;
	printf("%s %016" PRIx64 " %016" PRIx64 ": kernel %s, codec %s%s%s\n", what, words[0],
		words[1], kernel ? strerror(-kernel) : "takes it",
		codec ? strerror(-codec) : "takes it", codec ? ", field " : "",
		codec ? refusal->field : "");
}

static void try_ste(struct guest *guest, uint64_t word0, uint64_t word1)
{
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { word0, word1 };
	uint64_t nested[IOMMUCTL_SMMUV3_NESTED_WORDS];
	struct iommuctl_smmuv3_refusal refusal = { 0 };
	struct iommuctl_hwpt_arm_smmuv3 data;
	struct iommuctl_hwpt_alloc_args args = {
		.dev_id = guest->vmm.dev_ids[0],
		.pt_id = guest->viommu_id,
		.data_type = IOMMUCTL_HWPT_DATA_ARM_SMMUV3,
		.data_len = sizeof(data),
		.data = &data,
	};
	uint32_t hwpt_id;
	int kernel;

	iommuctl_smmuv3_words_to_le(&data, words, 2);
	kernel = iommuctl_hwpt_alloc(guest->vmm.ctx, guest->vmm.iommufd, &args, &hwpt_id);
	if (!kernel)
		iommuctl_destroy(guest->vmm.ctx, guest->vmm.iommufd, hwpt_id);
	compare(guest, "STE", words, kernel, iommuctl_smmuv3_ste_nested(words, nested, &refusal),
		&refusal);
}

static void try_stes(struct guest *guest)
{
	const uint64_t valid = 1, stage1 = valid | UINT64_C(5) << 1;

	for (unsigned int bit = 0; bit < 64; bit++) {
		try_ste(guest, stage1 ^ UINT64_C(1) << bit, 0);
		try_ste(guest, stage1, UINT64_C(1) << bit);
		try_ste(guest, UINT64_C(1) << bit & ~valid, UINT64_C(1) << bit);
	}
	for (uint64_t config = 0; config < 8; config++)
		try_ste(guest, valid | config << 1, 0);
	for (unsigned int i = 0; i < RANDOM_STES; i++) {
		/* Few bits at a time, or nearly all would be refused for several reasons. */
		uint64_t mask0 = next_random(guest) & next_random(guest) & next_random(guest);
		uint64_t mask1 = next_random(guest) & next_random(guest) & next_random(guest);

		try_ste(guest, stage1 ^ mask0, i & 1 ? mask1 & 0xff : mask1);
	}
}

static void try_command(struct guest *guest, const uint64_t words[2])
{
	struct iommuctl_viommu_arm_smmuv3_invalidate entry;
	struct iommuctl_smmuv3_refusal refusal = { 0 };
	uint32_t count = 1;
	int kernel, codec;

	iommuctl_smmuv3_words_to_le(&entry, words, 2);
	kernel = iommuctl_hwpt_invalidate(guest->vmm.ctx, guest->vmm.iommufd,
		&(struct iommuctl_hwpt_invalidate_args){
			.hwpt_id = guest->viommu_id,
			.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
			.entry_len = sizeof(entry),
			.entries = &entry,
		},
		&count);
	codec = iommuctl_smmuv3_cmd_validate(words, &guest->idr, &refusal);
	/* What is legal but not relayed, the kernel refuses as well. */
	if (!codec &&
		iommuctl_smmuv3_cmd_class(words[0] & 0xff) != IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED) {
		refusal.field = "Opcode";
		codec = -EIO;
	}
	compare(guest, "command", words, kernel, codec, &refusal);
}

static void try_commands(struct guest *guest)
{
	static const uint8_t relayed[] = { 0x05, 0x06, 0x10, 0x11, 0x12, 0x13, 0x30, 0x40 };

	for (uint64_t opcode = 0; opcode < 256; opcode++) {
		const uint64_t stream =
			(opcode & ~UINT64_C(1)) == 4 || opcode == 5 || opcode == 6 ? VSID << 32 : 0;

		try_command(guest, (const uint64_t[]){ opcode | stream, 0 });
	}
	for (unsigned int i = 0; i < RANDOM_CMDS; i++) {
		uint8_t opcode = relayed[i % sizeof(relayed)];
		uint64_t few0 = next_random(guest) & next_random(guest) & next_random(guest);
		uint64_t few1 = next_random(guest) & next_random(guest) & next_random(guest);
		bool has_stream = opcode == 0x05 || opcode == 0x06 || opcode == 0x40;
		/* An unknown StreamID is refused for that alone, which is not the codec's to know. */
		uint64_t high = has_stream ? VSID : few0 >> 32;

		if (i & 8)
			few0 &= UINT64_C(0xffff) << 48 | UINT64_C(0x1f) << 12 |
				UINT64_C(0x3f) << 20;
		if (i & 16)
			few1 &= UINT64_C(0xfff) << 12 | 0xf01;
		try_command(guest,
			(const uint64_t[]){ opcode | (few0 & 0xffffff00) | high << 32, few1 });
	}
}

/* Of commands that name a stream, all name the one that there is. */
static void try_line(struct guest *guest, const char *line)
{
	uint64_t words[2];
	char kind[4];

	if (sscanf(line, "%3s %" SCNx64 " %" SCNx64, kind, &words[0], &words[1]) != 3) {
		printf("no words: %s", line);
		guest->wrong++;
	} else if (strcmp(kind, "ste") == 0) {
		try_ste(guest, words[0], words[1]);
	} else {
		const uint8_t opcode = (uint8_t)words[0];

		if (opcode == 0x05 || opcode == 0x06 || opcode == 0x40)
			words[0] = (words[0] & UINT32_MAX) | VSID << 32;
		try_command(guest, words);
	}
}

static void try_file(struct guest *guest, const char *name)
{
	FILE *file = fopen(name, "re");
	char line[128];

	must(file ? 0 : -errno, name);
	while (fgets(line, sizeof(line), file))
		try_line(guest, line);
	fclose(file);
	printf("%s: %u asked, %u taken by the kernel, %u verdicts differ\n", name, guest->asked,
		guest->accepted, guest->wrong);
}

static void try_all(struct guest *guest)
{
	try_stes(guest);
	printf("STE: %u asked, %u taken by the kernel, %u verdicts differ\n", guest->asked,
		guest->accepted, guest->wrong);
	guest->asked = guest->accepted = 0;
	try_commands(guest);
	printf("commands: %u asked, %u taken by the kernel, %u verdicts differ\n", guest->asked,
		guest->accepted, guest->wrong);
}

static void set_up(struct guest *guest, const char *device_path)
{
	struct iommuctl_hw_info_arm_smmuv3 registers;
	struct vmm *vmm = &guest->vmm;
	struct iommuctl_hw_info info;
	int err;

	vmm_open_devices(vmm, &device_path, 1);
	vmm_make_ram(vmm, GUEST_RAM, GUEST_PAGE);
	err = iommuctl_device_get_hw_info(
		vmm->ctx, vmm->iommufd, vmm->dev_ids[0], &registers, sizeof(registers), &info);
	must_in(vmm->ctx, err, "registers of the SMMU");
	iommuctl_smmuv3_idr_decode(registers.idr, registers.iidr, registers.aidr, &guest->idr);
	err = vmm_new_nest(vmm, (struct iommuctl_nest_config){ .bypass = false });
	must_in(vmm->ctx, err ? err : vmm_add(vmm, 0, VSID), "vIOMMU");
	guest->viommu_id = iommuctl_nest_get_viommu_id(vmm->nest);
}

int main(int argc, char **argv)
{
	struct guest guest = { .random = UINT64_C(0x9e3779b97f4a7c15) };

	if (argc < 2 || argc > 3 || iommuctl_new(NULL, &guest.vmm.ctx)) {
		fprintf(stderr, "usage: codec_verdicts DEVICE [WORDS]\n");
		return 2;
	}
	set_up(&guest, argv[1]);
	if (argc == 3)
		try_file(&guest, argv[2]);
	else
		try_all(&guest);
	iommuctl_nest_free(guest.vmm.nest);
	iommuctl_free(guest.vmm.ctx);
	return guest.wrong ? 1 : 0;
}
