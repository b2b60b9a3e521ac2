// SPDX-License-Identifier: MIT
#include "guest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "must.h"

/* From the heap, so that a sanitizer notices what goes beyond it; aligned for tables of 64K pages. */
void guest_ram_open(struct guest_ram *ram, uint64_t ipa, uint64_t size)
{
	void *host = NULL;

	must(-posix_memalign(&host, 0x10000, size), "guest memory");
	memset(host, 0, size);
	ram->range = (struct iommuctl_guest_range){ ipa, size, host };
	ram->memory = (struct iommuctl_guest_memory){ &ram->range, 1 };
}

void guest_ram_close(struct guest_ram *ram)
{
	free(ram->range.host);
	ram->range.host = NULL;
}

void *guest_at(const struct guest_ram *ram, uint64_t ipa)
{
	void *host = iommuctl_guest_memory_at(&ram->memory, ipa, 1);

	must(host ? 0 : -EFAULT, "guest memory at an IPA");
	return host;
}

void guest_put_words(const struct guest_ram *ram, uint64_t ipa, const uint64_t *words, size_t count)
{
	iommuctl_smmuv3_words_to_le(guest_at(ram, ipa), words, count);
}

void guest_put_ste(
	const struct guest_ram *ram, uint64_t ipa, const struct iommuctl_smmuv3_ste *ste)
{
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];

	must(iommuctl_smmuv3_ste_encode(ste, words, NULL), "STE");
	guest_put_words(ram, ipa, words, IOMMUCTL_SMMUV3_STE_WORDS);
}

void guest_put_cd(const struct guest_ram *ram, uint64_t ipa, const struct iommuctl_smmuv3_cd *cd)
{
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];

	must(iommuctl_smmuv3_cd_encode(cd, words, NULL), "CD");
	guest_put_words(ram, ipa, words, IOMMUCTL_SMMUV3_CD_WORDS);
}

const struct iommuctl_stage1_attributes guest_read_write = {
	.permissions = IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
	.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
	.access_flag = true,
	.not_global = true,
};

struct iommuctl_stage1 guest_make_tables(const struct guest_ram *ram, uint64_t ipa, uint64_t size)
{
	const struct iommuctl_stage1_config config = {
		.granule = GUEST_PAGE,
		.input_bits = 39,
		.output_bits = 40,
		.table_ipa = ipa,
		.table_size = size,
	};
	struct iommuctl_stage1 stage1;

	must(iommuctl_stage1_init(&stage1, &ram->memory, &config), "stage-1 tables");
	return stage1;
}

void guest_map(struct iommuctl_stage1 *stage1, uint64_t iova, uint64_t ipa, uint64_t size)
{
	must(iommuctl_stage1_map(
		     stage1, iova, ipa, size, &guest_read_write, IOMMUCTL_STAGE1_NO_BLOCKS),
		"stage-1 mapping");
}

void guest_put_context(const struct guest_ram *ram, uint64_t ipa,
	const struct iommuctl_stage1 *stage1, uint16_t asid)
{
	const struct iommuctl_smmuv3_cd cd = iommuctl_cd_for_stage1(&stage1->regime, asid);

	guest_put_cd(ram, ipa, &cd);
}
