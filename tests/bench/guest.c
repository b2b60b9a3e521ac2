// SPDX-License-Identifier: MIT
#include "guest.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>

#define DATA_SIZE      (GUEST_WINDOW_PAGES * GUEST_PAGE)
#define CD_IPA	       (GUEST_IPA + DATA_SIZE)
#define TABLES_IPA     (CD_IPA + GUEST_PAGE)
#define TABLES_SIZE    (8 * GUEST_PAGE)
#define MEMORY_SIZE    (TABLES_IPA + TABLES_SIZE - GUEST_IPA)
#define VSID	       42
#define PCI_COMMAND    4
#define COMMAND_MEMORY 2
#define COMMAND_MASTER 4

static int open_device(struct guest *guest, const char *path)
{
	int err = iommuctl_iommufd_open(guest->ctx, &guest->iommufd);

	if (!err)
		err = iommuctl_vfio_device_open(guest->ctx, path, &guest->device);
	if (!err)
		err = iommuctl_vfio_bind_iommufd(
			guest->ctx, guest->device, guest->iommufd, NULL, &guest->dev_id);
	return err;
}

static int make_memory(struct guest *guest)
{
	void *host = mmap(NULL, MEMORY_SIZE, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (host == MAP_FAILED)
		return -errno;
	guest->range = (struct iommuctl_guest_range){ GUEST_IPA, MEMORY_SIZE, host };
	guest->memory = (struct iommuctl_guest_memory){ &guest->range, 1 };
	return 0;
}

static int make_stage2(struct guest *guest)
{
	struct iommuctl_hwpt_alloc_args parent = {
		.flags = IOMMUCTL_HWPT_ALLOC_NEST_PARENT,
		.dev_id = guest->dev_id,
	};
	struct iommuctl_viommu_alloc_args viommu = {
		.type = IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3,
		.dev_id = guest->dev_id,
	};
	uint64_t ipa = GUEST_IPA;
	int err = iommuctl_ioas_alloc(guest->ctx, guest->iommufd, &guest->ioas);

	if (!err)
		err = iommuctl_ioas_map(guest->ctx, guest->iommufd,
			&(struct iommuctl_ioas_map_args){
				.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
					IOMMUCTL_IOAS_MAP_WRITEABLE,
				.ioas_id = guest->ioas, .host = guest->range.host,
				.length = MEMORY_SIZE },
			&ipa);
	parent.pt_id = guest->ioas;
	if (!err)
		err = iommuctl_hwpt_alloc(guest->ctx, guest->iommufd, &parent, &guest->parent);
	viommu.hwpt_id = guest->parent;
	if (!err)
		err = iommuctl_viommu_alloc(guest->ctx, guest->iommufd, &viommu, &guest->viommu);
	if (!err)
		err = iommuctl_vdevice_alloc(guest->ctx, guest->iommufd, guest->viommu,
			guest->dev_id, VSID, &guest->vdevice);
	return err;
}

/* Pages of four levels each, as Linux maps what it does not map by blocks. */
static int make_stage1(struct guest *guest)
{
	static const struct iommuctl_stage1_config config = {
		.granule = GUEST_PAGE,
		.input_bits = 48,
		.output_bits = 40,
		.table_ipa = TABLES_IPA,
		.table_size = TABLES_SIZE,
	};
	static const struct iommuctl_stage1_attributes attributes = {
		.permissions = IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
		.access_flag = true,
		.not_global = true,
	};
	int err = iommuctl_stage1_init(&guest->stage1, &guest->memory, &config);

	return err ? err
		   : iommuctl_stage1_map(&guest->stage1, GUEST_WINDOW, GUEST_IPA, DATA_SIZE,
			     &attributes, IOMMUCTL_STAGE1_NO_BLOCKS);
}

static int make_cd(struct guest *guest)
{
	const struct iommuctl_smmuv3_cd cd =
		iommuctl_cd_for_stage1(&guest->stage1.regime, GUEST_ASID);
	const struct iommuctl_cd_table_shape shape = { .s1contextptr = CD_IPA };
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
	struct iommuctl_cd_table table;
	int err = iommuctl_smmuv3_cd_encode(&cd, words, NULL);

	if (!err)
		err = iommuctl_cd_table_init(&table, &guest->memory, &shape, sizeof(words));
	return err ? err : iommuctl_cd_table_set(&table, 0, words);
}

static int attach(struct guest *guest)
{
	const struct iommuctl_smmuv3_ste ste = {
		.v = 1,
		.config = IOMMUCTL_SMMUV3_CONFIG_S1,
		.s1contextptr = CD_IPA,
	};
	struct iommuctl_hwpt_arm_smmuv3 data;
	const struct iommuctl_hwpt_alloc_args args = {
		.dev_id = guest->dev_id,
		.pt_id = guest->viommu,
		.data_type = IOMMUCTL_HWPT_DATA_ARM_SMMUV3,
		.data_len = sizeof(data),
		.data = &data,
	};
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];
	int err = iommuctl_smmuv3_ste_encode(&ste, words, NULL);

	if (err)
		return err;
	iommuctl_smmuv3_words_to_le(data.ste, words, IOMMUCTL_SMMUV3_NESTED_WORDS);
	err = iommuctl_hwpt_alloc(guest->ctx, guest->iommufd, &args, &guest->nested);
	return err ? err : iommuctl_vfio_attach(guest->ctx, guest->device, guest->nested, NULL);
}

static int enable_dma(struct guest *guest)
{
	const uint16_t command = htole16(COMMAND_MEMORY | COMMAND_MASTER);
	struct iommuctl_vfio_region_info config;
	int err = iommuctl_vfio_region_get_info(
		guest->ctx, guest->device, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &config);

	return err ? err
		   : iommuctl_vfio_region_write(guest->ctx, guest->device, &config, PCI_COMMAND,
			     &command, sizeof(command));
}

static const struct {
	const char *what;
	int (*take)(struct guest *guest);
} steps[] = {
	{ "guest memory", make_memory },
	{ "stage 2", make_stage2 },
	{ "stage 1", make_stage1 },
	{ "CD", make_cd },
	{ "nested HWPT", attach },
	{ "bus mastering", enable_dma },
};

static int fail(struct guest *guest, const char *what)
{
	const struct iommuctl_error *error = iommuctl_last_error(guest->ctx);
	char text[1024] = "";

	if (error)
		iommuctl_error_format(error, text, sizeof(text));
	fprintf(stderr, "%s: %s\n", what, text);
	guest_stop(guest);
	return -1;
}

int guest_start(struct guest *guest, struct iommuctl *ctx, const char *path)
{
	*guest = (struct guest){ .ctx = ctx };
	if (open_device(guest, path))
		return fail(guest, path);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (steps[i].take(guest))
			return fail(guest, steps[i].what);
	return 0;
}

void guest_stop(struct guest *guest)
{
	if (guest->range.host)
		munmap(guest->range.host, guest->range.size);
}
