// SPDX-License-Identifier: MIT
/* The virtqueues of the example's VMM, and malicious drivers. */
#include "kvm_fixture.h"

#include <errno.h>

#include "array.h"

#define MEMORY	 UINT64_C(0x10000)
#define END	 (RAM_BASE + MEMORY)
#define MAX_ROWS 4

static void open_memory(struct vm *vm)
{
	*vm = (struct vm){ .memory = calloc(1, MEMORY), .memory_size = MEMORY };
	cr_assert(vm->memory);
}

static struct virtqueue started(const struct vm *vm)
{
	struct virtqueue queue = {
		.descriptors = DESCRIPTORS,
		.driver = AVAILABLE,
		.device = USED,
		.size = RING_SIZE,
	};

	cr_assert(virtqueue_start(vm, &queue));
	return queue;
}

Test(kvm_virtqueue, a_queue_that_makes_no_sense_does_not_start)
{
	static const struct {
		const char *name;
		uint64_t descriptors;
		uint64_t driver;
		uint64_t device;
		uint32_t size;
		bool starts;
	} rows[] = {
		{ "as it should be", DESCRIPTORS, AVAILABLE, USED, 8, true },
		{ "the longest", DESCRIPTORS, AVAILABLE, USED, 256, true },
		{ "of one entry", DESCRIPTORS, AVAILABLE, USED, 1, true },
		{ "without entries", DESCRIPTORS, AVAILABLE, USED, 0, false },
		{ "no power of two", DESCRIPTORS, AVAILABLE, USED, 12, false },
		{ "too long", DESCRIPTORS, AVAILABLE, USED, 512, false },
		{ "far too long", DESCRIPTORS, AVAILABLE, USED, 0x80000000, false },
		{ "descriptors at 0", 0, AVAILABLE, USED, 8, false },
		{ "descriptors that are not aligned", DESCRIPTORS + 8, AVAILABLE, USED, 8, false },
		{ "an available ring that is not aligned", DESCRIPTORS, AVAILABLE + 1, USED, 8,
			false },
		{ "a used ring that is not aligned", DESCRIPTORS, AVAILABLE, USED + 2, 8, false },
		{ "descriptors at the end of memory", END - 128, AVAILABLE, USED, 8, true },
		{ "descriptors over the end", END - 112, AVAILABLE, USED, 8, false },
		{ "an available ring at the end", DESCRIPTORS, END - 20, USED, 8, true },
		{ "an available ring over the end", DESCRIPTORS, END - 18, USED, 8, false },
		{ "a used ring at the end", DESCRIPTORS, AVAILABLE, END - 68, 8, true },
		{ "a used ring over the end", DESCRIPTORS, AVAILABLE, END - 64, 8, false },
		{ "descriptors behind memory", END, AVAILABLE, USED, 8, false },
		{ "descriptors at the last address", UINT64_MAX - 15, AVAILABLE, USED, 8, false },
	};
	struct vm vm;

	open_memory(&vm);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct virtqueue queue = {
			.descriptors = rows[i].descriptors,
			.driver = rows[i].driver,
			.device = rows[i].device,
			.size = rows[i].size,
		};

		cr_expect_eq(virtqueue_start(&vm, &queue), rows[i].starts, "%s", rows[i].name);
		cr_expect_eq(queue.ready, rows[i].starts, "%s", rows[i].name);
	}
	free(vm.memory);
}

Test(kvm_virtqueue, chains_are_checked_before_they_are_taken)
{
	static const struct {
		const char *name;
		struct descriptor_words descriptors[MAX_ROWS];
		uint16_t head;
		int err;
		unsigned int readable;
		unsigned int count;
	} rows[] = {
		{ "one to read", { { BUFFERS, 16, 0, 0 } }, 0, 0, 1, 1 },
		{ "one to write", { { BUFFERS, 16, WRITE_IT, 0 } }, 0, 0, 0, 1 },
		{ "two and one, in any order",
			{ { BUFFERS, 4, WRITE_IT, 9 }, { BUFFERS, 8, NEXT, 0 },
				{ BUFFERS, 8, NEXT, 1 } },
			2, 0, 2, 3 },
		{ "no bytes", { { BUFFERS, 0, 0, 0 } }, 0, 0, 1, 1 },
		{ "no bytes at the end of memory", { { END, 0, 0, 0 } }, 0, 0, 1, 1 },
		{ "all of memory", { { RAM_BASE, MEMORY, 0, 0 } }, 0, 0, 1, 1 },
		{ "more than memory", { { RAM_BASE, MEMORY + 1, 0, 0 } }, 0, -EINVAL, 0, 0 },
		{ "memory's last byte and one more", { { END - 1, 2, 0, 0 } }, 0, -EINVAL, 0, 0 },
		{ "below memory", { { RAM_BASE - 1, 1, 0, 0 } }, 0, -EINVAL, 0, 0 },
		{ "no memory", { { 0x1000, 16, WRITE_IT, 0 } }, 0, -EINVAL, 0, 0 },
		{ "an address that wraps", { { UINT64_MAX, 16, 0, 0 } }, 0, -EINVAL, 0, 0 },
		{ "the longest length", { { BUFFERS, UINT32_MAX, 0, 0 } }, 0, -EINVAL, 0, 0 },
		{ "indirect descriptors", { { BUFFERS, 16, INDIRECT, 0 } }, 0, -EINVAL, 0, 0 },
		{ "to read behind one to write",
			{ { BUFFERS, 4, WRITE_IT | NEXT, 1 }, { BUFFERS, 4, 0, 0 } }, 0, -EINVAL, 0,
			0 },
		{ "one that leads to itself", { { BUFFERS, 4, NEXT, 0 } }, 0, -EINVAL, 0, 0 },
		{ "a circle of two", { { BUFFERS, 4, NEXT, 1 }, { BUFFERS, 4, NEXT, 0 } }, 0,
			-EINVAL, 0, 0 },
		{ "a head that is none", { { BUFFERS, 4, 0, 0 } }, RING_SIZE, -EINVAL, 0, 0 },
		{ "the last of all heads", { { BUFFERS, 4, 0, 0 } }, 0xffff, -EINVAL, 0, 0 },
		{ "a next that is none", { { BUFFERS, 4, NEXT, RING_SIZE } }, 0, -EINVAL, 0, 0 },
		{ "flags that nobody knows", { { BUFFERS, 4, 0xfff8, 0 } }, 0, 0, 1, 1 },
	};
	struct vm vm;

	open_memory(&vm);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct virtqueue queue = started(&vm);
		struct virtqueue_chain chain;
		int err;

		for (unsigned int j = 0; j < MAX_ROWS; j++)
			put_descriptor(&vm, DESCRIPTORS, j, &rows[i].descriptors[j]);
		put_available(&vm, AVAILABLE, 0, rows[i].head);
		cr_assert_eq(virtqueue_get_waiting(&vm, &queue), 1);
		err = virtqueue_take(&vm, &queue, &chain);
		cr_expect_eq(err, rows[i].err, "%s: %d", rows[i].name, err);
		if (err)
			continue;
		cr_expect_eq(chain.readable, rows[i].readable, "%s", rows[i].name);
		cr_expect_eq(chain.count, rows[i].count, "%s", rows[i].name);
		cr_expect_eq(virtqueue_get_waiting(&vm, &queue), 0, "%s", rows[i].name);
	}
	free(vm.memory);
}

/* A chain may have as many buffers as the virtqueue has descriptors, and not one more. */
Test(kvm_virtqueue, a_chain_is_at_most_as_long_as_the_queue)
{
	struct virtqueue_chain chain;
	struct virtqueue queue;
	struct vm vm;

	open_memory(&vm);
	queue = started(&vm);
	for (uint16_t i = 0; i < RING_SIZE; i++) {
		const bool last = i == RING_SIZE - 1;
		const struct descriptor_words descriptor = {
			BUFFERS + i,
			1,
			last ? 0 : NEXT,
			(uint16_t)(i + 1),
		};

		put_descriptor(&vm, DESCRIPTORS, i, &descriptor);
	}
	put_available(&vm, AVAILABLE, 0, 0);
	cr_assert_eq(virtqueue_take(&vm, &queue, &chain), 0);
	cr_assert_eq(chain.count, RING_SIZE);
	free(vm.memory);
}

Test(kvm_virtqueue, indices_beyond_the_queue_are_refused)
{
	struct virtqueue queue;
	struct vm vm;

	open_memory(&vm);
	queue = started(&vm);
	put16(&vm, AVAILABLE + 2, RING_SIZE);
	cr_assert_eq(virtqueue_get_waiting(&vm, &queue), RING_SIZE);
	put16(&vm, AVAILABLE + 2, RING_SIZE + 1);
	cr_assert_eq(virtqueue_get_waiting(&vm, &queue), -EINVAL);
	put16(&vm, AVAILABLE + 2, 0xffff);
	cr_assert_eq(virtqueue_get_waiting(&vm, &queue), -EINVAL);
	/* Indices have 16 bits, and wrap around. */
	queue.taken = 0xfffe;
	put16(&vm, AVAILABLE + 2, 1);
	cr_assert_eq(virtqueue_get_waiting(&vm, &queue), 3);
	free(vm.memory);
}

/* Requests and answers are cut as the guest likes; it gets no more than it has room for. */
Test(kvm_virtqueue, requests_are_read_and_answered_in_any_pieces)
{
	static const struct descriptor_words descriptors[] = {
		{ BUFFERS, 3, NEXT, 1 },
		{ BUFFERS + 0x100, 2, NEXT, 2 },
		{ BUFFERS + 0x200, 1, NEXT | WRITE_IT, 3 },
		{ BUFFERS + 0x300, 3, WRITE_IT, 0 },
	};
	struct virtqueue_chain chain;
	struct virtqueue queue;
	struct vm vm;
	char bytes[8];

	open_memory(&vm);
	queue = started(&vm);
	for (unsigned int i = 0; i < ARRAY_SIZE(descriptors); i++)
		put_descriptor(&vm, DESCRIPTORS, i, &descriptors[i]);
	memcpy(memory_at(&vm, BUFFERS, 3), "req", 3);
	memcpy(memory_at(&vm, BUFFERS + 0x100, 2), "ue", 2);
	memset(memory_at(&vm, BUFFERS + 0x300, 4), '.', 4);
	for (uint16_t i = 0; i < 2 * RING_SIZE; i++) {
		const uint64_t entry = USED + 4 + i % RING_SIZE * 8;

		memcpy(bytes, "xxxxxxx", sizeof(bytes));
		put_available(&vm, AVAILABLE, i, 0);
		cr_assert_eq(virtqueue_take(&vm, &queue, &chain), 0);
		cr_assert_eq(virtqueue_gather(&chain, bytes, 4), 4);
		cr_assert_str_eq(bytes, "requxxx");
		cr_assert_eq(virtqueue_gather(&chain, bytes, sizeof(bytes)), 5);
		cr_assert_str_eq(bytes, "requexx");
		cr_assert_eq(virtqueue_get_room(&chain), 4);
		virtqueue_give(&vm, &queue, &chain, "good", 3);
		cr_assert_eq(memcmp(memory_at(&vm, BUFFERS + 0x200, 2), "g\0", 2), 0);
		cr_assert_eq(memcmp(memory_at(&vm, BUFFERS + 0x300, 4), "oo..", 4), 0);
		cr_assert_eq(get16(&vm, USED + 2), i + 1);
		cr_assert_eq(get32(&vm, entry), 0);
		cr_assert_eq(get32(&vm, entry + 4), 3);
	}
	virtqueue_give(&vm, &queue, &chain, "answer", 6);
	cr_assert_eq(get32(&vm, USED + 8), 4, "no more than there is room for");
	free(vm.memory);
}

Test(kvm_virtqueue, a_driver_can_turn_interrupts_off)
{
	struct virtqueue queue;
	struct vm vm;

	open_memory(&vm);
	queue = started(&vm);
	cr_assert(virtqueue_wants_interrupt(&vm, &queue));
	put16(&vm, AVAILABLE, 1);
	cr_assert_not(virtqueue_wants_interrupt(&vm, &queue));
	put16(&vm, AVAILABLE, 0xfffe);
	cr_assert(virtqueue_wants_interrupt(&vm, &queue));
	free(vm.memory);
}
