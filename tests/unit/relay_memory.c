// SPDX-License-Identifier: MIT
/* That commands are carried without memory or locks: both are counted (see meson.build). */
#include "relay_ring.h"

#include <pthread.h>

#include "abi/iommufd.h"

static size_t taken;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
int __real_pthread_mutex_lock(pthread_mutex_t *mutex);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex);

void *__wrap_malloc(size_t size)
{
	taken++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	taken++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *memory, size_t size)
{
	taken++;
	return __real_realloc(memory, size);
}

int __wrap_pthread_mutex_lock(pthread_mutex_t *mutex)
{
	taken++;
	return __real_pthread_mutex_lock(mutex);
}

static struct ring_test test;

static void consume_all_kinds(struct iommuctl_relay_config config)
{
	size_t before;

	ring_start(&test, config);
	ring_fill(&test, 0, 200);
	for (size_t i = 0; i < 64; i++)
		ring_put(&test, i,
			(command_words){ IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, WINDOW + i * PAGE });
	ring_put_opcode(&test, 100, IOMMUCTL_SMMUV3_CMD_CFGI_STE);
	ring_put_opcode(&test, 120, IOMMUCTL_SMMUV3_CMD_SYNC);
	ring_put(&test, 130, (command_words){ IOMMUCTL_SMMUV3_CMD_ATC_INV | (uint64_t)VSID << 32 });
	ring_put_opcode(&test, 150, IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL);

	before = taken;
	cr_assert_gt(before, 0, "nothing is counted");
	cr_expect_eq(iommuctl_cmdq_consume(&test.cmdq, 200), -EIO);
	cr_expect_eq(iommuctl_cmdq_get_error(&test.cmdq), IOMMUCTL_CERROR_ILL);
	cr_expect_eq(test.cmdq.cons & 0xff, 150);
	cr_expect_eq(taken, before);
	ring_stop(&test);
}

Test(relay_memory, a_queue_is_consumed_without_memory_or_locks)
{
	consume_all_kinds((struct iommuctl_relay_config){ .batch = BLOCK });
	consume_all_kinds((struct iommuctl_relay_config){
		.batch = BLOCK, .fold = true, .fold_granule = 4096, .repeat = true });
}

Test(relay_memory, an_array_is_issued_without_memory_or_locks)
{
	static command_words commands[3000];
	struct relay_test relay;
	size_t before, done;

	fill_pages(commands, ARRAY_SIZE(commands));
	relay_start(&relay, (struct iommuctl_relay_config){ .fold = true, .fold_granule = 4096 });
	before = taken;
	cr_expect_eq(iommuctl_relay_issue(relay.relay, commands, ARRAY_SIZE(commands), &done, NULL), 0);
	commands[2500][0] |= 1 << 10;
	cr_expect_eq(
		iommuctl_relay_issue(relay.relay, commands, ARRAY_SIZE(commands), &done, NULL), -EIO);
	cr_expect_eq(done, 2500);
	cr_expect_eq(taken, before);
	relay_stop(&relay);
}

/* The array that reaches the kernel is the caller's own. */
static const void *seen;

static int look(struct script *script, int fd, unsigned long request, void *arg)
{
	const struct abi_hwpt_invalidate *args = arg;

	(void)script;
	(void)fd;
	(void)request;
	seen = (const void *)(uintptr_t)args->data_uptr;
	return 0;
}

Test(relay_memory, an_array_in_which_nothing_folds_is_not_copied)
{
	struct script script = { .ioctl = look };
	const struct iommuctl_relay_config config = {
		.idr = &able_smmu, .fold = true, .fold_granule = 4096
	};
	static command_words commands[100];
	struct iommuctl_relay *relay;
	struct iommuctl *ctx = script_context(&script);
	size_t done;

	fill_pages(commands, ARRAY_SIZE(commands));
	cr_assert_eq(iommuctl_relay_new(ctx, &config, &relay), 0);
	cr_expect_eq(iommuctl_relay_issue(relay, commands, ARRAY_SIZE(commands), &done, NULL), 0);
	if (htole64(1) == 1)
		cr_expect_eq(seen, commands);
	iommuctl_relay_free(relay);
	iommuctl_free(ctx);
}
