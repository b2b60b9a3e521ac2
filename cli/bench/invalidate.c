// SPDX-License-Identifier: MIT
#include "bench/invalidate.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/relay.h>

#define NANOSECONDS_SECOND 1000000000LL
#define PAGE_SIZE	   UINT64_C(4096)
#define FIRST_ADDRESS	   (UINT64_C(1) << 32)
#define SCATTER		   UINT64_C(0x9e375) /* odd: no two of SCATTER_PAGES multiples meet */
#define SCATTER_PAGES	   (UINT64_C(1) << 20)
#define ASID		   7
#define QUEUE_IPA	   UINT64_C(0x40000000)
#define QUEUE_LOG2SIZE	   13 /* room for a round of batches of one command */
#define QUEUE_ENTRIES	   (1u << QUEUE_LOG2SIZE)
#define QUEUE_INDEX_MASK   (2 * QUEUE_ENTRIES - 1)

const char *const bench_way_names[BENCH_WAYS] = {
	[BENCH_ONE_BY_ONE] = "one-by-one",
	[BENCH_BY_HAND] = "by-hand",
	[BENCH_RELAY] = "relay",
	[BENCH_QUEUE] = "queue",
	[BENCH_FOLDED] = "folded",
};

struct bench_invalidate {
	struct bench_target target;
	struct iommuctl_relay *relay;
	struct iommuctl_relay *folding; /* NULL: the SMMU has no RIL */
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory memory;
	struct iommuctl_cmdq queue;
	uint32_t prod;
	uint32_t batch;
	uint32_t batches; /* in a round */
	uint64_t commands[BENCH_BATCH_MAX][IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_viommu_arm_smmuv3_invalidate entries[BENCH_BATCH_MAX];
};

static int refuse_command(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	(void)cmd;
	(void)data;
	return -EIO;
}

static void ignore_sync(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	(void)cmd;
	(void)data;
}

static const struct iommuctl_cmdq_ops queue_ops = { refuse_command, ignore_sync };

static int make_queue(struct bench_invalidate *bench)
{
	const size_t size = QUEUE_ENTRIES * sizeof(bench->commands[0]);

	bench->range = (struct iommuctl_guest_range){ QUEUE_IPA, size, aligned_alloc(size, size) };
	if (!bench->range.host)
		return -ENOMEM;
	bench->memory = (struct iommuctl_guest_memory){ &bench->range, 1 };
	bench->queue = (struct iommuctl_cmdq){
		.relay = bench->relay,
		.memory = &bench->memory,
		.ops = &queue_ops,
	};
	return iommuctl_cmdq_init(&bench->queue, QUEUE_IPA | QUEUE_LOG2SIZE);
}

int bench_invalidate_new(const struct bench_target *target, struct bench_invalidate **bench)
{
	struct bench_invalidate *made = calloc(1, sizeof(*made));
	struct iommuctl_relay_config config = {
		.iommufd = target->iommufd,
		.viommu_id = target->viommu_id,
		.idr = target->idr,
		.repeat = target->repeat,
	};
	int err;

	if (!made)
		return -ENOMEM;
	made->target = *target;
	err = iommuctl_relay_new(target->ctx, &config, &made->relay);
	config.fold = true;
	config.fold_granule = PAGE_SIZE;
	if (!err && target->idr->ril)
		err = iommuctl_relay_new(target->ctx, &config, &made->folding);
	if (!err)
		err = make_queue(made);
	if (err)
		bench_invalidate_free(made);
	else
		*bench = made;
	return err;
}

void bench_invalidate_free(struct bench_invalidate *bench)
{
	free(bench->range.host);
	iommuctl_relay_free(bench->folding);
	iommuctl_relay_free(bench->relay);
	free(bench);
}

static int make_commands(struct bench_invalidate *bench, const struct bench_load *load)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < load->batch; i++) {
		const uint64_t page = load->random ? i * SCATTER % SCATTER_PAGES : i;
		const struct iommuctl_smmuv3_cmd cmd = {
			.opcode = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
			.asid = ASID,
			.leaf = 1,
			.address = FIRST_ADDRESS + page * PAGE_SIZE,
		};

		err = iommuctl_smmuv3_cmd_encode(&cmd, bench->commands[i], NULL);
		iommuctl_smmuv3_words_to_le(
			bench->entries[i].cmd, bench->commands[i], IOMMUCTL_SMMUV3_CMD_WORDS);
	}
	bench->batch = load->batch;
	bench->batches = BENCH_BATCH_MAX / load->batch;
	return err;
}

static void put(struct bench_invalidate *bench, const uint64_t *words)
{
	unsigned char *ring = bench->range.host;
	const size_t size = sizeof(bench->commands[0]);

	iommuctl_smmuv3_words_to_le(
		ring + (bench->prod % QUEUE_ENTRIES) * size, words, IOMMUCTL_SMMUV3_CMD_WORDS);
	bench->prod = (bench->prod + 1) & QUEUE_INDEX_MASK;
}

/* What a guest has written by the time that it rings. */
static void fill_queue(struct bench_invalidate *bench)
{
	static const uint64_t sync[IOMMUCTL_SMMUV3_CMD_WORDS] = { IOMMUCTL_SMMUV3_CMD_SYNC };

	bench->prod = bench->queue.cons & QUEUE_INDEX_MASK;
	for (uint32_t n = 0; n < bench->batches; n++) {
		for (uint32_t i = 0; i < bench->batch; i++)
			put(bench, bench->commands[i]);
		put(bench, sync);
	}
}

static int call_once(struct bench_invalidate *bench, uint32_t first, uint32_t count)
{
	return iommuctl_hwpt_invalidate(bench->target.ctx, bench->target.iommufd,
		&(struct iommuctl_hwpt_invalidate_args){ .hwpt_id = bench->target.viommu_id,
			.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
			.entry_len = sizeof(bench->entries[0]),
			.entries = &bench->entries[first] },
		&count);
}

/* All of the commands are TLBIs. */
static int call(struct bench_invalidate *bench, uint32_t first, uint32_t count)
{
	int err = call_once(bench, first, count);

	return !err && bench->target.repeat ? call_once(bench, first, count) : err;
}

static int go_one_by_one(struct bench_invalidate *bench)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < bench->batch; i++)
		err = call(bench, i, 1);
	return err;
}

static int go_by_hand(struct bench_invalidate *bench)
{
	return call(bench, 0, bench->batch);
}

static int issue(struct bench_invalidate *bench, struct iommuctl_relay *relay)
{
	size_t done;

	return iommuctl_relay_issue(relay,
		(const uint64_t(*)[IOMMUCTL_SMMUV3_CMD_WORDS])bench->commands, bench->batch, &done,
		NULL);
}

static int go_by_relay(struct bench_invalidate *bench)
{
	return issue(bench, bench->relay);
}

static int go_folded(struct bench_invalidate *bench)
{
	return issue(bench, bench->folding);
}

static int go_by_queue(struct bench_invalidate *bench)
{
	const uint32_t prod = (bench->queue.cons + bench->batch + 1) & QUEUE_INDEX_MASK;

	return iommuctl_cmdq_consume(&bench->queue, prod);
}

static int64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * NANOSECONDS_SECOND + time.tv_nsec;
}

static int (*const ways[BENCH_WAYS])(struct bench_invalidate *bench) = {
	[BENCH_ONE_BY_ONE] = go_one_by_one,
	[BENCH_BY_HAND] = go_by_hand,
	[BENCH_RELAY] = go_by_relay,
	[BENCH_QUEUE] = go_by_queue,
	[BENCH_FOLDED] = go_folded,
};

/* Other load makes a round slower, never faster: the fastest one counts. */
static int time_way(struct bench_invalidate *bench, enum bench_way way, struct bench_timing *timing)
{
	double nanoseconds;
	int64_t start;
	int err = 0;

	if (way == BENCH_QUEUE)
		fill_queue(bench);
	start = now();
	for (uint32_t n = 0; !err && n < bench->batches; n++)
		err = ways[way](bench);
	nanoseconds = (double)(now() - start) / bench->batches / bench->batch;
	if (!timing->nanoseconds || nanoseconds < timing->nanoseconds)
		timing->nanoseconds = nanoseconds;
	return err;
}

static uint64_t calls_of(const struct iommuctl_relay *relay)
{
	struct iommuctl_relay_counters counters;

	iommuctl_relay_get_counters(relay, &counters);
	return counters.calls;
}

static int count_calls(
	struct bench_invalidate *bench, enum bench_way way, struct bench_timing *timing)
{
	const struct iommuctl_relay *relay = way == BENCH_FOLDED ? bench->folding : bench->relay;
	const uint64_t before = calls_of(relay);
	const unsigned int issues = bench->target.repeat ? 2 : 1;
	int err;

	if (way == BENCH_QUEUE)
		fill_queue(bench);
	err = ways[way](bench);
	timing->calls = way == BENCH_ONE_BY_ONE ? issues * bench->batch
			: way == BENCH_BY_HAND	? issues
						: (double)(calls_of(relay) - before);
	return err;
}

int bench_invalidate_measure(struct bench_invalidate *bench, const struct bench_load *load,
	unsigned int rounds, struct bench_timing timings[BENCH_WAYS])
{
	const bool folds = bench->folding && !load->random && load->batch > 1;
	const enum bench_way end = folds ? BENCH_WAYS : BENCH_FOLDED;
	int err;

	if (!load->batch || load->batch > BENCH_BATCH_MAX)
		return -EINVAL;
	err = make_commands(bench, load);
	for (unsigned int way = 0; way < BENCH_WAYS; way++)
		timings[way] = (struct bench_timing){ 0 };
	for (unsigned int way = 0; !err && way < end; way++)
		err = count_calls(bench, way, &timings[way]);
	for (unsigned int i = 0; i < rounds; i++)
		for (unsigned int way = 0; !err && way < end; way++)
			err = time_way(bench, way, &timings[way]);
	return err;
}
