// SPDX-License-Identifier: MIT
/*
 * A guest's command queue with any contents, anywhere, which changes under the reader, over a kernel that
 * fails at random: consuming ends, the kernel gets only legal commands, and CONS is an index of the queue.
 * The program built with RACE also has another vCPU, which keeps writing meanwhile.
 */
#include <errno.h>

#include <iommuctl/iommuctl.h>

#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "array.h"
#include "input.h"
#include "transport.h"
#include "writer.h"

#define MEMORY_IPA  UINT64_C(0x40000000)
#define MEMORY_SIZE 0x2000u
#define STREAMS	    4
#define ROUNDS	    8
#define RACED_WORDS 64 /* of the first commands */
#ifndef RACE
#define RACE 0
#endif

struct fuzz {
	struct script script;
	struct input *input;
	struct iommuctl_smmuv3_idr idr;
	_Alignas(64) unsigned char memory[MEMORY_SIZE];
};

/* The guest keeps writing while its commands are carried out. */
static void scribble(struct fuzz *fuzz)
{
	const uint64_t word = input_u64(fuzz->input);
	const size_t at = input_u32(fuzz->input) % (MEMORY_SIZE / sizeof(word));

	memcpy(fuzz->memory + at * sizeof(word), &word, sizeof(word));
}

static void check_commands(const struct fuzz *fuzz, const struct abi_hwpt_invalidate *args)
{
	const unsigned char *entries = (const void *)(uintptr_t)args->data_uptr;
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	require(args->entry_len == sizeof(words) && args->entry_num);
	require(args->entry_num <= IOMMUCTL_RELAY_BATCH_MAX);
	for (uint32_t i = 0; i < args->entry_num; i++) {
		iommuctl_smmuv3_words_from_le(
			words, entries + i * sizeof(words), IOMMUCTL_SMMUV3_CMD_WORDS);
		require(iommuctl_smmuv3_cmd_class((uint8_t)words[0]) ==
			IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED);
		require(!iommuctl_smmuv3_cmd_validate(words, &fuzz->idr, NULL));
	}
}

static int invalidate(struct script *script, int fd, unsigned long request, void *arg)
{
	static const int errors[] = { 0, 0, 0, 0, -EIO, -ETIMEDOUT, -ENOMEM, -EINVAL };
	struct fuzz *fuzz = script->data;
	struct abi_hwpt_invalidate *args = arg;
	const int error = errors[input_u8(fuzz->input) % 8];

	(void)fd;
	require(request == ABI_HWPT_INVALIDATE);
	check_commands(fuzz, args);
	scribble(fuzz);
	if (error)
		args->entry_num = input_u32(fuzz->input) % (args->entry_num + 2);
	return error;
}

static int command(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	static const int errors[] = { 0, 0, 0, 0, 0, -EIO, -EAGAIN, -ENOMEM };
	struct fuzz *fuzz = data;

	require(cmd->opcode != IOMMUCTL_SMMUV3_CMD_SYNC);
	scribble(fuzz);
	return errors[input_u8(fuzz->input) % 8];
}

static void sync(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	require(cmd->opcode == IOMMUCTL_SMMUV3_CMD_SYNC);
	scribble(data);
}

/* Commands of any fields, mostly with an opcode that there is. */
static void fill(struct fuzz *fuzz)
{
	static const uint8_t opcodes[] = { 0x03, 0x04, 0x05, 0x06, 0x10, 0x11, 0x12, 0x12, 0x12,
		0x13, 0x30, 0x40, 0x44, 0x46, 0x46, 0x01 };
	const unsigned int count = input_u8(fuzz->input);

	memset(fuzz->memory, 0, sizeof(fuzz->memory));
	for (unsigned int i = 0; i < count && fuzz->input->left; i++) {
		const uint8_t kind = input_u8(fuzz->input);
		uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS] = { input_u64(fuzz->input) };

		if (kind & 0x80)
			words[0] = opcodes[kind % 16] | (words[0] & UINT64_C(0x0003000300000000));
		if (kind & 0x40)
			words[1] = (i * UINT64_C(4096)) | (kind >> 5 & 1);
		else
			words[1] = input_u64(fuzz->input);
		memcpy(fuzz->memory + i * sizeof(words) % MEMORY_SIZE, words, sizeof(words));
	}
}

static void consume(struct fuzz *fuzz, struct iommuctl_relay *relay)
{
	static const struct iommuctl_cmdq_ops ops = { command, sync };
	const struct iommuctl_guest_range range = { MEMORY_IPA, MEMORY_SIZE, fuzz->memory };
	const struct iommuctl_guest_memory memory = { &range, 1 };
	struct iommuctl_cmdq queue = {
		.relay = relay,
		.memory = &memory,
		.ops = &ops,
		.data = fuzz,
		.log2size_max = input_u8(fuzz->input) % 16,
	};
	const uint64_t base = MEMORY_IPA + (input_u64(fuzz->input) & UINT64_C(0x3fff));

	require(!iommuctl_cmdq_init(&queue, base));
	for (unsigned int i = 0; i < ROUNDS; i++) {
		const int err = iommuctl_cmdq_consume(&queue, input_u32(fuzz->input));

		require(!(queue.cons & ~UINT32_C(0x7f000000) & -(UINT32_C(2) << queue.log2size)));
		require((err == -EIO) <= (iommuctl_cmdq_get_error(&queue) != IOMMUCTL_CERROR_NONE));
		if (input_u8(fuzz->input) & 1)
			iommuctl_cmdq_acknowledge(&queue);
	}
}

static const struct iommuctl_smmuv3_idr rich = {
	.asid16 = 1,
	.ril = 1,
	.ats = 1,
	.ssidsize = 20,
	.gran4k = 1,
	.gran16k = 1,
	.gran64k = 1,
};
static const struct iommuctl_smmuv3_idr poor = { .stall_model = 1, .gran4k = 1 };

/* Making one takes longer than a run. */
static const struct iommuctl_relay_config configs[] = {
	{ .idr = &poor, .batch = IOMMUCTL_RELAY_BLOCK },
	{ .idr = &rich, .batch = IOMMUCTL_RELAY_BLOCK },
	{ .idr = &rich, .batch = 2 * IOMMUCTL_RELAY_BLOCK, .repeat = true },
	{ .idr = &rich, .fold = true, .fold_granule = 4096 },
	{ .idr = &rich, .fold = true, .fold_granule = 65536, .batch = IOMMUCTL_RELAY_BLOCK },
	{ .idr = &poor, .hardware = &rich, .fold = true, .fold_granule = 4096 },
};
#define CONFIGS ARRAY_SIZE(configs)

static struct fuzz state = { .script = { .ioctl = invalidate, .data = &state } };

static struct iommuctl_relay *relay_of(size_t index)
{
	static struct iommuctl_relay *relays[CONFIGS];
	static struct iommuctl *ctx;

	if (!ctx)
		ctx = script_context(&state.script);
	if (!relays[index]) {
		require(!iommuctl_relay_new(ctx, &configs[index], &relays[index]));
		for (uint32_t vsid = 0; vsid < STREAMS; vsid++)
			require(!iommuctl_relay_add_stream(relays[index], vsid));
	}
	/* Ranges are made by what the hardware has. */
	state.idr = configs[index].hardware ? *configs[index].hardware : *configs[index].idr;
	return relays[index];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = { data, size };
	struct iommuctl_relay *relay = relay_of(input_u8(&input) % CONFIGS);
	static struct writer writer;

	state.input = &input;
	if (RACE)
		writer_start(&writer, state.memory, sizeof(state.memory), RACED_WORDS, &input);
	fill(&state);
	consume(&state, relay);
	if (RACE)
		writer_stop(&writer);
	return 0;
}
