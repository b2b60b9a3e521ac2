// SPDX-License-Identifier: MIT
/*
 * The guest of vmm-skeleton.c. It sees its memory, the SMMU's registers and the edu device, and
 * knows nothing about iommufd: iommuctl's codecs and builders are its driver.
 */
#include "vmm-skeleton.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define PAGE	   UINT64_C(0x1000)
#define STREAMS	   GUEST_IPA
#define CDS	   (GUEST_IPA + 0x10000)
#define QUEUE	   (GUEST_IPA + 0x20000)
#define TABLES	   (GUEST_IPA + 0x100000)
#define FIRST	   (GUEST_IPA + 0x200000) /* pages of data */
#define SECOND	   (FIRST + PAGE)
#define IOVA	   UINT64_C(0x10000)
#define UNMAPPED   UINT64_C(0x90000)
#define ASID	   1
#define LOG2STES   8
#define LOG2QUEUE  6
#define WORD_BYTES 8
#define TEXT_SIZE  16

#define PCI_COMMAND	   4
#define PCI_COMMAND_MEMORY 2
#define PCI_COMMAND_MASTER 4

#define EDU_DMA_SOURCE	0x80
#define EDU_DMA_TARGET	0x88
#define EDU_DMA_COUNT	0x90
#define EDU_DMA_COMMAND 0x98
#define EDU_DMA_START	1
#define EDU_DMA_TO_RAM	2
#define EDU_BUFFER	0x40000
#define EDU_POLLS	3000
#define PATIENCE	60000 /* milliseconds, for what is certain to come */
#define EDU_IRQ_RAISE	0x60
#define EDU_IRQ_ACK	0x64

static const uint8_t mair[IOMMUCTL_SMMUV3_CD_MAIR_ATTRS] = { 0xff, 0x04 };

struct guest {
	struct vmm *vmm;
	struct iommuctl_stage1 stage1;
	uint32_t prod;
};

static void *memory_at(struct guest *guest, uint64_t ipa, uint64_t size)
{
	return iommuctl_guest_memory_at(&guest->vmm->memory, ipa, size);
}

static void put_words(struct guest *guest, uint64_t ipa, const uint64_t *words, size_t count)
{
	iommuctl_smmuv3_words_to_le(memory_at(guest, ipa, count * WORD_BYTES), words, count);
}

/* Runs the VMM's loop meanwhile, as no other thread does. */
static int wait_for_commands(struct guest *guest)
{
	bool more = true;

	while (more && vmm_read(guest->vmm, SMMU_CMDQ_CONS) != guest->prod) {
		int err = vmm_work(guest->vmm, &more);

		if (err)
			return err;
	}
	return vmm_read(guest->vmm, SMMU_CMDQ_CONS) == guest->prod ? 0 : -EPROTO;
}

/* The SMMU driver: a command, and CMD_SYNC to wait for it. */
static int issue(struct guest *guest, const struct iommuctl_smmuv3_cmd *cmd)
{
	static const struct iommuctl_smmuv3_cmd sync = { .opcode = IOMMUCTL_SMMUV3_CMD_SYNC };
	const struct iommuctl_smmuv3_cmd *const cmds[] = { cmd, &sync };
	int err;

	for (size_t i = 0; i < 2; i++) {
		const uint32_t index = guest->prod % (1u << LOG2QUEUE);
		uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

		err = iommuctl_smmuv3_cmd_encode(cmds[i], words, NULL);
		if (err)
			return err;
		put_words(guest, QUEUE + index * sizeof(words), words, IOMMUCTL_SMMUV3_CMD_WORDS);
		guest->prod = (guest->prod + 1) % (2u << LOG2QUEUE);
	}
	err = vmm_write(guest->vmm, SMMU_CMDQ_PROD, guest->prod);
	return err ? err : wait_for_commands(guest);
}

static int put_cd(struct guest *guest)
{
	const struct iommuctl_smmuv3_cd cd = iommuctl_cd_for_stage1(&guest->stage1.regime, ASID);
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
	int err = iommuctl_smmuv3_cd_encode(&cd, words, NULL);

	if (err)
		return err;
	put_words(guest, CDS, words, IOMMUCTL_SMMUV3_CD_WORDS);
	return 0;
}

static int put_ste(struct guest *guest, uint8_t config)
{
	const struct iommuctl_smmuv3_ste ste = {
		.v = 1,
		.config = config,
		.s1contextptr = CDS,
		.shcfg = IOMMUCTL_SMMUV3_SHCFG_INCOMING,
	};
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];
	int err = iommuctl_smmuv3_ste_encode(&ste, words, NULL);

	if (err)
		return err;
	put_words(guest, STREAMS + DEVICE_SID * sizeof(words), words, IOMMUCTL_SMMUV3_STE_WORDS);
	return 0;
}

static int build_tables(struct guest *guest)
{
	static const struct iommuctl_stage1_config config = {
		.granule = 4096,
		.input_bits = 39,
		.output_bits = 40,
		.table_ipa = TABLES,
		.table_size = 0x100000,
	};
	static const struct iommuctl_stage1_attributes attributes = {
		.permissions = IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
		.access_flag = true,
		.not_global = true,
	};
	int err = iommuctl_stage1_init(&guest->stage1, &guest->vmm->memory, &config);

	if (err)
		return err;
	err = iommuctl_stage1_map(&guest->stage1, IOVA, FIRST, PAGE, &attributes, 0);
	if (err)
		return err;
	err = put_cd(guest);
	if (err)
		return err;
	return put_ste(guest, IOMMUCTL_SMMUV3_CONFIG_S1);
}

static int enable_smmu(struct guest *guest)
{
	static const struct iommuctl_smmuv3_cmd forget_all = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
		.range = IOMMUCTL_SMMUV3_CFGI_RANGE_ALL,
	};
	static const struct {
		unsigned int reg;
		uint64_t value;
	} writes[] = {
		{ SMMU_STRTAB_BASE, STREAMS },
		{ SMMU_STRTAB_BASE_CFG, LOG2STES },
		{ SMMU_CMDQ_BASE, QUEUE | LOG2QUEUE },
		{ SMMU_CMDQ_PROD, 0 },
		{ SMMU_CMDQ_CONS, 0 },
		{ SMMU_CR0, SMMU_CR0_CMDQEN },
	};
	int err;

	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		err = vmm_write(guest->vmm, writes[i].reg, writes[i].value);
		if (err)
			return err;
	}
	err = issue(guest, &forget_all);
	if (err)
		return err;
	return vmm_write(
		guest->vmm, SMMU_CR0, SMMU_CR0_CMDQEN | SMMU_CR0_EVENTQEN | SMMU_CR0_SMMUEN);
}

static int enable_dma(struct guest *guest)
{
	const uint16_t command = htole16(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);

	return iommuctl_vfio_region_write(guest->vmm->ctx, guest->vmm->device, &guest->vmm->config,
		PCI_COMMAND, &command, sizeof(command));
}

static int write_edu(struct guest *guest, uint64_t reg, uint64_t value)
{
	const uint64_t raw = htole64(value);

	return iommuctl_vfio_region_write(
		guest->vmm->ctx, guest->vmm->device, &guest->vmm->bar0, reg, &raw, sizeof(raw));
}

static int wait_for_dma(struct guest *guest)
{
	static const struct timespec rest = { .tv_nsec = 20000000 };

	for (int i = 0; i < EDU_POLLS; i++) {
		uint32_t command;
		int err = iommuctl_vfio_region_read(guest->vmm->ctx, guest->vmm->device,
			&guest->vmm->bar0, EDU_DMA_COMMAND, &command, sizeof(command));

		if (err || !(le32toh(command) & EDU_DMA_START))
			return err;
		nanosleep(&rest, NULL);
	}
	return -ETIMEDOUT;
}

/* The edu driver: moves a text between the device's buffer and memory. */
static int transfer(struct guest *guest, uint64_t source, uint64_t target, uint64_t command)
{
	const struct {
		uint64_t reg;
		uint64_t value;
	} writes[] = {
		{ EDU_DMA_SOURCE, source },
		{ EDU_DMA_TARGET, target },
		{ EDU_DMA_COUNT, TEXT_SIZE },
		{ EDU_DMA_COMMAND, command },
	};

	for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); i++) {
		int err = write_edu(guest, writes[i].reg, writes[i].value);

		if (err)
			return err;
	}
	return wait_for_dma(guest);
}

static int edu_reads(struct guest *guest, uint64_t iova)
{
	return transfer(guest, iova, EDU_BUFFER, EDU_DMA_START);
}

static int edu_writes(struct guest *guest, uint64_t iova)
{
	return transfer(guest, EDU_BUFFER, iova, EDU_DMA_START | EDU_DMA_TO_RAM);
}

static void put_text(struct guest *guest, uint64_t ipa, const char *text)
{
	snprintf(memory_at(guest, ipa, TEXT_SIZE), TEXT_SIZE, "%s", text);
}

static int expect_text(struct guest *guest, uint64_t ipa, const char *text)
{
	const char *found = memory_at(guest, ipa, TEXT_SIZE);

	printf("0x%llx holds \"%.*s\"\n", (unsigned long long)ipa, TEXT_SIZE, found);
	return strncmp(found, text, TEXT_SIZE) ? -EPROTO : 0;
}

/* The device reads a page at IOVA, and writes it there again once IOVA is remapped. */
static int copy_a_page(struct guest *guest)
{
	const struct iommuctl_smmuv3_cmd forget_page = {
		.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
		.asid = ASID,
		.leaf = 1,
		.address = IOVA,
	};
	int err;

	put_text(guest, FIRST, "a page");
	err = edu_reads(guest, IOVA);
	if (err)
		return err;
	err = iommuctl_stage1_remap(&guest->stage1, IOVA, SECOND, PAGE);
	if (err)
		return err;
	err = issue(guest, &forget_page);
	if (err)
		return err;
	err = edu_writes(guest, IOVA);
	if (err)
		return err;
	return expect_text(guest, SECOND, "a page");
}

static int expect_event(struct guest *guest)
{
	int err = edu_reads(guest, UNMAPPED);
	int count;

	if (err)
		return err;
	count = vmm_deliver_events(guest->vmm, PATIENCE);
	if (count < 0)
		return count;
	return count ? 0 : -EPROTO;
}

static int write_edu_irq(struct guest *guest, uint64_t reg)
{
	const uint32_t raw = htole32(1);

	return iommuctl_vfio_region_write(
		guest->vmm->ctx, guest->vmm->device, &guest->vmm->bar0, reg, &raw, sizeof(raw));
}

/* The doorbell is a stage-1 address like any other: the guest maps it onto itself. */
static int raise_interrupt(struct guest *guest)
{
	const uint64_t start = vmm_msi_window.start;
	const uint64_t size = vmm_msi_window.last - start + 1;
	int err = iommuctl_msi_map_stage1(&guest->stage1, mair, &vmm_msi_window, start, size, NULL);

	if (err)
		return err;
	err = vmm_enable_msi(guest->vmm);
	if (err)
		return err;
	err = write_edu_irq(guest, EDU_IRQ_RAISE);
	if (err)
		return err;
	if (!vmm_takes_msi(guest->vmm, PATIENCE))
		return -EPROTO;
	printf("the MSI has arrived\n");
	return write_edu_irq(guest, EDU_IRQ_ACK);
}

/* With Config ABORT all accesses are blocked, without an event. */
static int block_device(struct guest *guest)
{
	static const struct iommuctl_smmuv3_cmd forget_ste = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE,
		.streamid = DEVICE_SID,
		.leaf = 1,
	};
	int err = put_ste(guest, IOMMUCTL_SMMUV3_CONFIG_ABORT);

	if (err)
		return err;
	err = issue(guest, &forget_ste);
	if (err)
		return err;
	put_text(guest, SECOND, "blocked");
	err = edu_writes(guest, IOVA);
	if (err)
		return err;
	return expect_text(guest, SECOND, "blocked");
}

int guest_run(struct vmm *vmm)
{
	static int (*const steps[])(struct guest * guest) = {
		enable_dma,
		build_tables,
		enable_smmu,
		copy_a_page,
		expect_event,
		raise_interrupt,
		block_device,
	};
	struct guest guest = { .vmm = vmm };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		int err = steps[i](&guest);

		if (err)
			return err;
	}
	printf("%u times the guest waited for its commands\n", vmm->smmu.syncs);
	return 0;
}
