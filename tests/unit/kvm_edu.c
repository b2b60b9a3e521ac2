// SPDX-License-Identifier: MIT
/* The function that the example's VMM emulates: its configuration space, registers, DMA and messages. */
#include <criterion/criterion.h>

#include <string.h>

#include "array.h"
#include "edu.h"

#define REQUESTER_ID 0xf0
#define BAR	     UINT64_C(0x20100000)
#define DOORBELL     UINT64_C(0x10a030040)
#define MEMORY	     UINT64_C(0x1000)

/* What has come out of the function. */
struct bus {
	unsigned int accesses;
	struct dma last;
	uint32_t message;
	uint8_t memory[4 * EDU_BUFFER_SIZE];
};

static bool access_bus(void *data, const struct dma *dma)
{
	struct bus *bus = data;

	bus->accesses++;
	bus->last = *dma;
	if (dma->address == DOORBELL) {
		memcpy(&bus->message, dma->bytes, sizeof(bus->message));
		return true;
	}
	if (dma->address >= sizeof(bus->memory) || dma->size > sizeof(bus->memory) - dma->address)
		return false;
	if (dma->is_write)
		memcpy(bus->memory + dma->address, dma->bytes, dma->size);
	else
		memcpy(dma->bytes, bus->memory + dma->address, dma->size);
	return true;
}

static void start(struct edu *edu, struct bus *bus)
{
	const struct dma_path path = { .data = bus, .access = access_bus };

	*bus = (struct bus){ 0 };
	edu_init(edu, REQUESTER_ID, &path);
}

/* As a driver does: where the BAR is, memory and bus master. */
static void enable(struct edu *edu)
{
	edu_write_config(edu, 0x10, 4, (uint32_t)BAR);
	edu_write_config(edu, 0x04, 2, 0x6);
}

static void put(struct edu *edu, uint64_t offset, uint64_t value)
{
	cr_assert(edu_write(edu, BAR + offset, offset < 0x80 ? 4 : 8, value));
}

static uint64_t get(struct edu *edu, uint64_t offset)
{
	uint64_t value = 0;

	cr_assert(edu_read(edu, BAR + offset, offset < 0x80 ? 4 : 8, &value));
	return value;
}

static void transfer(
	struct edu *edu, uint64_t source, uint64_t target, uint64_t count, uint64_t command)
{
	put(edu, 0x80, source);
	put(edu, 0x88, target);
	put(edu, 0x90, count);
	put(edu, 0x98, command);
}

Test(kvm_edu, configuration_space)
{
	struct edu edu;
	struct bus bus;

	start(&edu, &bus);
	cr_assert_eq(edu_read_config(&edu, 0, 4), 0x11e81234);
	cr_assert_eq(edu_read_config(&edu, 8, 4), 0x00ff0010);
	cr_assert_eq(edu_read_config(&edu, 0x0e, 1), 0);
	cr_assert_eq(edu_read_config(&edu, 0x34, 1), 0x40);
	cr_assert_eq(edu_read_config(&edu, 0x40, 4), 0x00800005);
	edu_write_config(&edu, 0x10, 4, UINT32_MAX);
	cr_assert_eq(edu_read_config(&edu, 0x10, 4), 0xfff00000, "1 MiB");
	for (uint32_t bar = 0x14; bar <= 0x24; bar += 4) {
		edu_write_config(&edu, bar, 4, UINT32_MAX);
		cr_assert_eq(edu_read_config(&edu, bar, 4), 0);
	}
	for (uint32_t offset = 0; offset < CONFIG_SPACE_SIZE; offset += 4)
		edu_write_config(&edu, offset, 4, UINT32_MAX);
	cr_assert_eq(edu_read_config(&edu, 0, 4), 0x11e81234);
	cr_assert_eq(edu_read_config(&edu, 0x40, 2), 0x0005);
	cr_assert_eq(edu_read_config(&edu, 0x44, 4), 0xfffffffc);
	cr_assert_eq(edu_read_config(&edu, 0x100, 4), UINT32_MAX, "it has 256 bytes");
}

Test(kvm_edu, answers_where_its_bar_is)
{
	uint64_t value = 0;
	struct edu edu;
	struct bus bus;

	start(&edu, &bus);
	edu_write_config(&edu, 0x10, 4, (uint32_t)BAR);
	cr_assert_not(edu_read(&edu, BAR, 4, &value), "memory is not enabled");
	enable(&edu);
	cr_assert_eq(get(&edu, 0), 0x010000ed);
	cr_assert_not(edu_read(&edu, BAR - 4, 4, &value));
	cr_assert(edu_read(&edu, BAR + 0xffffc, 4, &value));
	cr_assert_eq(value, 0);
	cr_assert_not(edu_read(&edu, BAR + 0x100000, 4, &value));
	cr_assert_not(edu_read(&edu, BAR, 1, &value));
	cr_assert_not(edu_read(&edu, BAR, 8, &value));
	cr_assert_not(edu_write(&edu, BAR + 0x98, 2, 1));
	put(&edu, 4, 0x12345678);
	cr_assert_eq(get(&edu, 4), 0xedcba987);
}

Test(kvm_edu, transfers_go_where_the_guest_says)
{
	static const struct {
		const char *name;
		uint64_t source, target, count, command;
		unsigned int accesses;
	} rows[] = {
		{ "into the buffer", MEMORY, 0x40000, 4096, 1, 1 },
		{ "out of it", 0x40ff8, MEMORY, 8, 3, 1 },
		{ "nothing", MEMORY, 0x41000, 0, 1, 1 },
		{ "without START", MEMORY, 0x40000, 8, 2, 0 },
		{ "over the end of the buffer", MEMORY, 0x40ff9, 8, 1, 0 },
		{ "more than the buffer", MEMORY, 0x40000, 4097, 1, 0 },
		{ "below the buffer", MEMORY, 0x3ffff, 1, 1, 0 },
		{ "a count that wraps", MEMORY, 0x40001, UINT64_MAX, 1, 0 },
		{ "a source that is no buffer", 0, MEMORY, 8, 3, 0 },
	};
	struct edu edu;
	struct bus bus;

	start(&edu, &bus);
	enable(&edu);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		bus.accesses = 0;
		transfer(&edu, rows[i].source, rows[i].target, rows[i].count, rows[i].command);
		cr_expect_eq(bus.accesses, rows[i].accesses, "%s", rows[i].name);
		cr_expect_eq(get(&edu, 0x98), 0, "%s", rows[i].name);
	}
	memcpy(bus.memory + MEMORY, "abcdefgh", 8);
	transfer(&edu, MEMORY, 0x40010, 8, 1);
	transfer(&edu, 0x40012, MEMORY + 64, 4, 3);
	cr_assert_eq(memcmp(bus.memory + MEMORY + 64, "cdef", 5), 0);
	cr_assert_eq(bus.last.requester_id, REQUESTER_ID);
	edu_write_config(&edu, 0x04, 2, 0x2);
	bus.accesses = 0;
	transfer(&edu, MEMORY, 0x40010, 8, 1);
	cr_assert_eq(bus.accesses, 0, "it is no bus master");
}

Test(kvm_edu, interrupts_are_raised_and_acknowledged)
{
	struct edu edu;
	struct bus bus;

	start(&edu, &bus);
	enable(&edu);
	put(&edu, 0x60, 5);
	cr_assert_eq(get(&edu, 0x24), 5);
	cr_assert_eq(bus.accesses, 0, "MSIs are off");
	edu_write_config(&edu, 0x44, 4, (uint32_t)DOORBELL);
	edu_write_config(&edu, 0x48, 4, (uint32_t)(DOORBELL >> 32));
	edu_write_config(&edu, 0x4c, 2, 0x1234);
	edu_write_config(&edu, 0x42, 2, 1);
	put(&edu, 0x60, 2);
	cr_assert_eq(get(&edu, 0x24), 7);
	cr_assert_eq(bus.accesses, 1);
	cr_assert(bus.last.address == DOORBELL && bus.last.is_write && bus.last.size == 4);
	cr_assert_eq(bus.message, 0x1234);
	put(&edu, 0x64, 3);
	cr_assert_eq(get(&edu, 0x24), 4);
	transfer(&edu, MEMORY, 0x40000, 8, 5);
	cr_assert_eq(get(&edu, 0x24), 0x104);
	cr_assert_eq(bus.accesses, 3, "a transfer and a message");
	put(&edu, 0x60, 0);
	cr_assert_eq(bus.accesses, 3, "nothing is raised");
}
