// SPDX-License-Identifier: MIT
/*
 * nest_streams DEVICE DEVICE: two edu devices in a nest, behind a two-level stream table that the guest
 * changes by its command queue. Says which device gets where after each change.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <iommuctl/iommuctl.h>

#include "edu.h"
#include "ram.h"

#define PAGE    UINT64_C(0x1000)
#define IPA     UINT64_C(0x40000000)
#define SIZE    UINT64_C(0x100000)
#define QUEUE   IPA
#define L1      (IPA + 0x2000)
#define L2(n)   (IPA + 0x4000 + (n) * UINT64_C(0x4000))
#define CDS     (IPA + 0x10000)
#define TABLES  (IPA + 0x20000)
#define DATA(n) (IPA + 0x80000 + (n) * PAGE)
#define RESULT  (IPA + 0x90000)

#define QUEUE_LOG2SIZE 6
#define STREAM_BITS    10
#define SPLIT          8
#define L2_SPAN        (SPLIT + 1)
#define DEVICES        2
#define STE_SIZE       64
#define BUFFER_SIZE    8

/* One in each half of the StreamIDs, so that each has an L2 table of its own. */
static const uint32_t vsids[DEVICES] = { 0x42, 0x142 };

struct guest {
	struct iommuctl *ctx;
	int iommufd;
	uint32_t ioas;
	struct edu devices[DEVICES];
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory memory;
	struct iommuctl_stage1 stage1;
	struct iommuctl_nest *nest;
	struct iommuctl_cmdq queue;
	uint32_t prod;
	unsigned int syncs;
	unsigned int checks;
	unsigned int differ;
};

static uint64_t *at(struct guest *guest, uint64_t ipa)
{
	return iommuctl_guest_memory_at(&guest->memory, ipa, sizeof(uint64_t));
}

static void expect(struct guest *guest, const char *what, uint64_t wanted, uint64_t got)
{
	guest->checks++;
	if (wanted == got)
		return;
	guest->differ++;
	printf("%s: 0x%llx instead of 0x%llx\n", what, (unsigned long long)got,
		(unsigned long long)wanted);
}

static int carry_out(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	return iommuctl_nest_command(cmd, ((struct guest *)data)->nest);
}

static void count_sync(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	(void)cmd;
	((struct guest *)data)->syncs++;
}

static int put(struct guest *guest, const struct iommuctl_smmuv3_cmd *cmd)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
	int err = iommuctl_smmuv3_cmd_encode(cmd, words, NULL);

	if (err)
		return err;
	iommuctl_smmuv3_words_to_le(
		at(guest, QUEUE + guest->prod % (1u << QUEUE_LOG2SIZE) * sizeof(words)), words,
		IOMMUCTL_SMMUV3_CMD_WORDS);
	guest->prod = (guest->prod + 1) % (2u << QUEUE_LOG2SIZE);
	return 0;
}

/* @cmd and a CMD_SYNC, as a guest's driver issues them. */
static int issue(struct guest *guest, const struct iommuctl_smmuv3_cmd *cmd)
{
	static const struct iommuctl_smmuv3_cmd sync = { .opcode = IOMMUCTL_SMMUV3_CMD_SYNC };
	int err = put(guest, cmd);

	if (!err)
		err = put(guest, &sync);
	return err ? err : iommuctl_cmdq_consume(&guest->queue, guest->prod);
}

static int put_ste(struct guest *guest, unsigned int device, const struct iommuctl_smmuv3_ste *ste)
{
	const uint64_t table = L2(device);
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];
	int err = iommuctl_smmuv3_ste_encode(ste, words, NULL);

	if (!err)
		iommuctl_smmuv3_words_to_le(
			at(guest, table + (vsids[device] % (1u << SPLIT)) * STE_SIZE), words,
			IOMMUCTL_SMMUV3_STE_WORDS);
	return err;
}

static int start_memory(struct guest *guest)
{
	guest->range = (struct iommuctl_guest_range){ IPA, SIZE, NULL };
	guest->memory = (struct iommuctl_guest_memory){ &guest->range, 1 };
	return ram_new(guest->ctx, guest->iommufd, &guest->range, &guest->ioas);
}

/* IOVA 0 leads to the second page of data, and the one behind it to the result. */
static int start_stage1(struct guest *guest)
{
	static const struct iommuctl_stage1_config config = {
		.granule = PAGE,
		.input_bits = 39,
		.output_bits = 40,
		.table_ipa = TABLES,
		.table_size = 0x10000,
	};
	static const struct iommuctl_stage1_attributes attributes = {
		.permissions = IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE,
		.shareability = IOMMUCTL_STAGE1_INNER_SHAREABLE,
		.access_flag = true,
		.not_global = true,
	};
	struct iommuctl_smmuv3_cd cd;
	uint64_t words[IOMMUCTL_SMMUV3_CD_WORDS];
	int err = iommuctl_stage1_init(&guest->stage1, &guest->memory, &config);

	if (!err)
		err = iommuctl_stage1_map(&guest->stage1, 0, DATA(1), PAGE, &attributes, 0);
	if (!err)
		err = iommuctl_stage1_map(&guest->stage1, PAGE, RESULT, PAGE, &attributes, 0);
	cd = iommuctl_cd_for_stage1(&guest->stage1.regime, 7);
	if (!err)
		err = iommuctl_smmuv3_cd_encode(&cd, words, NULL);
	if (!err)
		iommuctl_smmuv3_words_to_le(at(guest, CDS), words, IOMMUCTL_SMMUV3_CD_WORDS);
	return err;
}

static int start_nest(struct guest *guest)
{
	static const struct iommuctl_cmdq_ops ops = { carry_out, count_sync };
	const struct iommuctl_nest_config config = {
		.iommufd = guest->iommufd,
		.ioas_id = guest->ioas,
		.dev_id = guest->devices[0].dev_id,
		.bypass = true,
	};
	int err = iommuctl_nest_new(guest->ctx, &config, &guest->nest);

	for (unsigned int i = 0; !err && i < DEVICES; i++)
		err = iommuctl_nest_add_device(guest->nest, guest->devices[i].fd,
			guest->devices[i].dev_id, vsids[i]);
	if (err)
		return err;
	guest->queue = (struct iommuctl_cmdq){
		.relay = iommuctl_nest_get_relay(guest->nest),
		.memory = &guest->memory,
		.ops = &ops,
		.data = guest,
	};
	return iommuctl_cmdq_init(&guest->queue, QUEUE | QUEUE_LOG2SIZE);
}

static int start(struct guest *guest, char **paths)
{
	int err = iommuctl_iommufd_open(guest->ctx, &guest->iommufd);

	for (unsigned int i = 0; !err && i < DEVICES; i++)
		err = edu_open(&guest->devices[i], guest->ctx, guest->iommufd, paths[i]);
	if (!err)
		err = start_memory(guest);
	if (!err)
		err = start_stage1(guest);
	for (uint64_t i = 0; !err && i < DEVICES; i++)
		*at(guest, DATA(i)) = DATA(i);
	return err ? err : start_nest(guest);
}

/* What @device finds at @from and can write to @to; 0 if one of the two is refused. */
static uint64_t found(struct guest *guest, unsigned int device, uint64_t from, uint64_t to)
{
	*at(guest, RESULT) = 0;
	if (edu_read(&guest->devices[device], from, BUFFER_SIZE) ||
		edu_write(&guest->devices[device], to, BUFFER_SIZE))
		return 0;
	return *at(guest, RESULT);
}

static uint64_t found_by_stage1(struct guest *guest, unsigned int device)
{
	return found(guest, device, 0, PAGE);
}

static uint64_t found_by_ipa(struct guest *guest, unsigned int device)
{
	return found(guest, device, DATA(0), RESULT);
}

static const struct iommuctl_smmuv3_ste stage1 = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_S1,
	.s1contextptr = CDS,
};
static const struct iommuctl_smmuv3_ste bypass = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_BYPASS,
};
static const struct iommuctl_smmuv3_ste block = {
	.v = 1,
	.config = IOMMUCTL_SMMUV3_CONFIG_ABORT,
};

/* The first device has stage 1, the second bypasses it. */
static int enable(struct guest *guest)
{
	int err = put_ste(guest, 0, &stage1);

	if (!err)
		err = put_ste(guest, 1, &bypass);
	if (err)
		return err;
	for (uint64_t i = 0; i < DEVICES; i++)
		iommuctl_smmuv3_words_to_le(
			at(guest, L1 + i * sizeof(uint64_t)), &(uint64_t){ L2(i) | L2_SPAN }, 1);
	return iommuctl_nest_set_stream_table(
		guest->nest, &guest->memory, L1, 1u << 16 | SPLIT << 6 | STREAM_BITS);
}

static int check_table(struct guest *guest)
{
	int err;

	expect(guest, "device 0 before the table", DATA(0), found_by_ipa(guest, 0));
	expect(guest, "device 1 before the table", DATA(0), found_by_ipa(guest, 1));
	err = enable(guest);
	expect(guest, "device 0 by stage 1", DATA(1), found_by_stage1(guest, 0));
	expect(guest, "device 0 by IPA", 0, found_by_ipa(guest, 0));
	expect(guest, "device 1 by stage 1", 0, found_by_stage1(guest, 1));
	expect(guest, "device 1 by IPA", DATA(0), found_by_ipa(guest, 1));
	return err;
}

static int check_commands(struct guest *guest)
{
	int err = put_ste(guest, 0, &block);

	if (!err)
		err = put_ste(guest, 1, &stage1);
	expect(guest, "device 1 before CFGI_STE", DATA(0), found_by_ipa(guest, 1));
	if (!err)
		err = issue(guest, &(struct iommuctl_smmuv3_cmd){
			.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE, .streamid = vsids[1], .leaf = 1 });
	expect(guest, "device 1 after it", DATA(1), found_by_stage1(guest, 1));
	expect(guest, "device 0 as before", DATA(1), found_by_stage1(guest, 0));
	if (!err)
		err = issue(guest, &(struct iommuctl_smmuv3_cmd){
			.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE,
			.range = IOMMUCTL_SMMUV3_CFGI_RANGE_ALL });
	expect(guest, "device 0 after CFGI_ALL", 0, found_by_stage1(guest, 0));
	expect(guest, "device 1 after CFGI_ALL", DATA(1), found_by_stage1(guest, 1));
	expect(guest, "CMD_SYNCs", 2, guest->syncs);
	return err;
}

static int check_end(struct guest *guest)
{
	int err = iommuctl_nest_remove_device(guest->nest, vsids[0]);

	expect(guest, "device 1 alone", DATA(1), found_by_stage1(guest, 1));
	if (!err)
		err = iommuctl_nest_clear_stream_table(guest->nest);
	expect(guest, "device 1 without a table", DATA(0), found_by_ipa(guest, 1));
	iommuctl_nest_free(guest->nest);
	guest->nest = NULL;
	expect(guest, "the memory is free", 0,
		(uint64_t)-iommuctl_destroy(guest->ctx, guest->iommufd, guest->ioas));
	return err;
}

int main(int argc, char **argv)
{
	struct guest guest = { 0 };
	int err;

	if (argc != 1 + DEVICES || iommuctl_new(NULL, &guest.ctx))
		return 2;
	err = start(&guest, argv + 1);
	if (!err)
		err = check_table(&guest);
	if (!err)
		err = check_commands(&guest);
	if (!err)
		err = check_end(&guest);
	if (err) {
		const struct iommuctl_error *error = iommuctl_last_error(guest.ctx);
		char text[1024] = "";

		if (error)
			iommuctl_error_format(error, text, sizeof(text));
		fprintf(stderr, "nest_streams: %s\n%s\n", strerror(-err), text);
	}
	iommuctl_nest_free(guest.nest);
	iommuctl_free(guest.ctx);
	printf("nest: %u checks, %u differ\n", guest.checks, guest.differ);
	return err || guest.differ ? 1 : 0;
}
