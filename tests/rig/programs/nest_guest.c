// SPDX-License-Identifier: MIT
#include "nest_guest.h"

#include <stdio.h>
#include <string.h>

#include "ram.h"

#define BUFFER_SIZE 8

uint64_t *nest_guest_at(struct nest_guest *guest, uint64_t ipa)
{
	return iommuctl_guest_memory_at(&guest->memory, ipa, sizeof(uint64_t));
}

void nest_guest_expect(struct nest_guest *guest, const char *what, uint64_t wanted, uint64_t got)
{
	guest->checks++;
	if (wanted == got)
		return;
	guest->differ++;
	printf("%s: 0x%llx instead of 0x%llx\n", what, (unsigned long long)got,
		(unsigned long long)wanted);
}

static int start_memory(struct nest_guest *guest)
{
	guest->range = (struct iommuctl_guest_range){ IPA, SIZE, NULL };
	guest->memory = (struct iommuctl_guest_memory){ &guest->range, 1 };
	return ram_new(guest->ctx, guest->iommufd, &guest->range, &guest->ioas);
}

static int make_context(struct nest_guest *guest, uint64_t context)
{
	static const struct iommuctl_stage1_attributes attributes = {
		.permissions = IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
		.access_flag = true,
		.not_global = true,
	};
	const struct iommuctl_stage1_config config = {
		.granule = PAGE,
		.input_bits = 39,
		.output_bits = 40,
		.table_ipa = TABLES(context),
		.table_size = 0x10000,
	};
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
	struct iommuctl_stage1 stage1;
	struct iommuctl_smmuv3_cd cd;
	int err = iommuctl_stage1_init(&stage1, &guest->memory, &config);

	if (!err)
		err = iommuctl_stage1_map(&stage1, 0, DATA(context + 1), PAGE, &attributes, 0);
	if (!err)
		err = iommuctl_stage1_map(&stage1, PAGE, RESULT, PAGE, &attributes, 0);
	if (err)
		return err;
	cd = iommuctl_cd_for_stage1(&stage1.regime, (uint16_t)(7 + context));
	err = iommuctl_smmuv3_cd_encode(&cd, words, NULL);
	if (!err)
		iommuctl_smmuv3_words_to_le(
			nest_guest_at(guest, CDS(context)), words, IOMMUCTL_SMMUV3_CD_WORDS);
	return err;
}

int nest_guest_start(struct nest_guest *guest, struct iommuctl *ctx, char **paths)
{
	int err;

	guest->ctx = ctx;
	err = iommuctl_iommufd_open(ctx, &guest->iommufd);
	for (unsigned int i = 0; !err && i < DEVICES; i++)
		err = edu_open(&guest->devices[i], ctx, guest->iommufd, paths[i]);
	if (!err)
		err = start_memory(guest);
	for (uint64_t i = 0; !err && i <= DEVICES; i++)
		*nest_guest_at(guest, DATA(i)) = DATA(i);
	for (uint64_t i = 0; !err && i < DEVICES; i++)
		err = make_context(guest, i);
	return err;
}

int nest_guest_make_nest(struct nest_guest *guest, bool bypass)
{
	const struct iommuctl_nest_config config = {
		.iommufd = guest->iommufd,
		.ioas_id = guest->ioas,
		.dev_id = guest->devices[0].dev_id,
		.bypass = bypass,
	};

	return iommuctl_nest_new(guest->ctx, &config, &guest->nest);
}

int nest_guest_add(struct nest_guest *guest, unsigned int device, uint32_t vsid)
{
	return iommuctl_nest_add_device(
		guest->nest, guest->devices[device].fd, guest->devices[device].dev_id, vsid);
}

/* What @device finds at @from and can write to @to; 0 if one of the two is refused. */
static uint64_t found(struct nest_guest *guest, unsigned int device, uint64_t from, uint64_t to)
{
	*nest_guest_at(guest, RESULT) = 0;
	if (edu_read(&guest->devices[device], from, BUFFER_SIZE) ||
		edu_write(&guest->devices[device], to, BUFFER_SIZE))
		return 0;
	return *nest_guest_at(guest, RESULT);
}

uint64_t nest_guest_by_stage1(struct nest_guest *guest, unsigned int device)
{
	return found(guest, device, 0, PAGE);
}

uint64_t nest_guest_by_ipa(struct nest_guest *guest, unsigned int device)
{
	return found(guest, device, DATA(0), RESULT);
}

int nest_guest_end(struct nest_guest *guest, const char *program, int err)
{
	const struct iommuctl_error *error = iommuctl_last_error(guest->ctx);
	char text[1024] = "";

	if (err && error)
		iommuctl_error_format(error, text, sizeof(text));
	if (err)
		fprintf(stderr, "%s: %s\n%s\n", program, strerror(-err), text);
	iommuctl_nest_free(guest->nest);
	iommuctl_free(guest->ctx);
	printf("nest: %u checks, %u differ\n", guest->checks, guest->differ);
	return err || guest->differ ? 1 : 0;
}
