// SPDX-License-Identifier: MIT
/* The edu device of the model: registers, DMA, interrupt and configuration space, as in the rig. */
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "model/vfio/edu.h"

#define BUFFER 0x40000u

struct bus {
	unsigned char memory[8192];
	uint64_t iova;
	unsigned int accesses;
	unsigned int interrupts;
	bool stalls;
};

static struct bus bus;
static struct model_edu edu;

static int access_bus(void *data, uint64_t iova, void *buffer, size_t size, bool write)
{
	struct bus *on = data;

	on->iova = iova;
	on->accesses++;
	if (on->stalls)
		return -EAGAIN;
	if (iova >= sizeof(on->memory)) {
		if (!write)
			memset(buffer, 0, size);
		return -EIO;
	}
	if (write)
		memcpy(on->memory + iova, buffer, size);
	else
		memcpy(buffer, on->memory + iova, size);
	return 0;
}

static void interrupt(void *data)
{
	struct bus *on = data;

	on->interrupts++;
}

static void set_command(uint16_t command)
{
	const unsigned char bytes[] = { command & 0xff, command >> 8 };

	model_edu_config_write(&edu, 4, bytes, sizeof(bytes));
}

static void set_up(void)
{
	memset(&bus, 0, sizeof(bus));
	edu.bus = (struct model_bus){ access_bus, interrupt, &bus };
	model_edu_reset(&edu);
	set_command(6);
}

TestSuite(model_edu, .init = set_up);

static uint32_t read32(uint64_t offset)
{
	return (uint32_t)model_edu_read(&edu, offset, 4);
}

static void write32(uint64_t offset, uint32_t value)
{
	model_edu_write(&edu, offset, value, 4);
}

static void dma(uint64_t source, uint64_t target, uint64_t count, uint64_t command)
{
	model_edu_write(&edu, 0x80, source, 8);
	model_edu_write(&edu, 0x88, target, 8);
	model_edu_write(&edu, 0x90, count, 8);
	model_edu_write(&edu, 0x98, command, 8);
}

Test(model_edu, registers_after_reset)
{
	static const struct {
		uint64_t offset;
		size_t size;
		uint64_t value;
	} cases[] = {
		{ 0x00, 4, 0x010000ed },
		{ 0x04, 4, 0 },
		{ 0x08, 4, 0 },
		{ 0x20, 4, 0 },
		{ 0x24, 4, 0 },
		{ 0x80, 8, 0 },
		{ 0x98, 4, 0 },
		{ 0x28, 4, 0xffffffff },
		{ 0x84, 4, 0xffffffff },
		{ 0x40000, 4, 0xffffffff },
		{ 0x00, 8, UINT64_MAX },
		{ 0x00, 2, 0xffff },
		{ 0x80, 1, 0xff },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		cr_expect_eq(model_edu_read(&edu, cases[i].offset, cases[i].size), cases[i].value,
			"case %zu", i);
}

Test(model_edu, liveness_inverts)
{
	write32(0x04, 0x12345678);
	cr_expect_eq(read32(0x04), 0xedcba987);
}

Test(model_edu, a_dma_that_stalls_runs_until_it_is_done_again_or_ended)
{
	for (int again = 0; again <= 1; again++) {
		memset(edu.buffer, 0x11, 8);
		memset(bus.memory + 0x100, 0x22, 8);
		bus.stalls = true;
		dma(0x100, BUFFER, 8, 1 | 4);
		cr_expect_eq(read32(0x98) & 1, 1);
		cr_expect_eq(edu.buffer[0], 0x11);
		/* It ignores writes while it runs, and waits again if it stalls again. */
		dma(0x200, BUFFER, 8, 1);
		cr_expect_eq(model_edu_read(&edu, 0x80, 8), 0x100);
		model_edu_resume(&edu, true);
		cr_expect_eq(read32(0x98) & 1, 1);
		cr_expect_eq(read32(0x24), 0);
		bus.stalls = false;
		model_edu_resume(&edu, again);
		cr_expect_eq(read32(0x98) & 1, 0);
		cr_expect_eq(edu.buffer[0], again ? 0x22 : 0);
		cr_expect_eq(read32(0x24), 0x100);
		write32(0x64, 0x100);
	}
	model_edu_resume(&edu, true);
	cr_expect_eq(read32(0x24), 0);
}

Test(model_edu, factorials_are_done_at_once)
{
	write32(0x08, 5);
	cr_expect_eq(read32(0x08), 120);
	write32(0x08, 0);
	cr_expect_eq(read32(0x08), 1);
	write32(0x08, UINT32_MAX);
	cr_expect_eq(read32(0x08), 0);
	cr_expect_eq(bus.interrupts, 0);
}

Test(model_edu, a_factorial_interrupts_when_asked_to)
{
	write32(0x20, 0xff);
	cr_expect_eq(read32(0x20), 0x80);
	write32(0x08, 6);
	cr_expect_eq(read32(0x24), 1);
	cr_expect_eq(bus.interrupts, 1);
}

Test(model_edu, interrupts_are_raised_and_acknowledged_by_bits)
{
	write32(0x60, 0x50);
	cr_expect_eq(read32(0x24), 0x50);
	cr_expect_eq(bus.interrupts, 1);
	write32(0x64, 0x10);
	cr_expect_eq(read32(0x24), 0x40);
	write32(0x60, 0);
	cr_expect_eq(bus.interrupts, 2, "one is still pending");
	write32(0x64, UINT32_MAX);
	write32(0x60, 0);
	cr_expect_eq(bus.interrupts, 2);
}

Test(model_edu, a_word_replaces_a_whole_dma_register)
{
	model_edu_write(&edu, 0x80, 0x1122334455667788, 8);
	cr_expect_eq(model_edu_read(&edu, 0x80, 8), 0x1122334455667788);
	cr_expect_eq(read32(0x80), 0x55667788);
	write32(0x84, 7);
	cr_expect_eq(model_edu_read(&edu, 0x80, 8), 0x1122334455667788);
	write32(0x80, 0x99);
	cr_expect_eq(model_edu_read(&edu, 0x80, 8), 0x99);
}

Test(model_edu, dma_copies_in_and_out)
{
	strcpy((char *)bus.memory + 100, "to and fro");
	dma(100, BUFFER + 50, 11, 1);
	cr_expect_eq(model_edu_read(&edu, 0x98, 8), 0, "it is over");
	dma(BUFFER + 50, 4000, 11, 3);
	cr_expect_str_eq((char *)bus.memory + 4000, "to and fro");
	cr_expect_eq(model_edu_read(&edu, 0x98, 8), 2);
	cr_expect_eq(bus.interrupts, 0);
}

Test(model_edu, a_command_without_run_does_nothing)
{
	dma(100, BUFFER, 11, 6);
	cr_expect_eq(bus.accesses, 0);
	cr_expect_eq(model_edu_read(&edu, 0x98, 8), 0);
}

Test(model_edu, dma_interrupts_when_asked_to)
{
	dma(100, BUFFER, 4, 5);
	cr_expect_eq(read32(0x24), 0x100);
	cr_expect_eq(bus.interrupts, 1);
}

Test(model_edu, bus_addresses_have_32_bits)
{
	dma(0x100000064, BUFFER, 4, 1);
	cr_expect_eq(bus.iova, 0x64);
}

Test(model_edu, a_window_outside_of_the_buffer_moves_nothing)
{
	static const struct {
		uint64_t target, count;
	} cases[] = {
		{ BUFFER - 1, 4 },
		{ BUFFER + 4090, 16 },
		{ BUFFER + 4097, 0 },
		{ 0, 4 },
		{ BUFFER, 4097 },
		{ BUFFER + 8, UINT64_MAX - 4 },
		{ UINT64_MAX, 2 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		dma(100, cases[i].target, cases[i].count, 1);
	cr_expect_eq(bus.accesses, 0);
	dma(0, BUFFER, 4096, 1);
	cr_expect_eq(bus.accesses, 1);
}

Test(model_edu, without_bus_mastering_reads_are_zero_and_nothing_leaves)
{
	memset(bus.memory, 0xaa, sizeof(bus.memory));
	dma(0, BUFFER, 8, 1);
	set_command(2);
	dma(0, BUFFER, 4, 5);
	dma(BUFFER, 0, 8, 3);
	cr_expect_eq(bus.accesses, 1);
	cr_expect_eq(bus.interrupts, 0);
	cr_expect_eq(bus.memory[0], 0xaa);

	set_command(6);
	dma(BUFFER, 0, 8, 3);
	cr_expect_eq(memcmp(bus.memory, "\0\0\0\0\xaa\xaa\xaa\xaa", 8), 0);
}

static uint32_t config32(uint64_t offset)
{
	unsigned char bytes[4];

	model_edu_config_read(&edu, offset, bytes, sizeof(bytes));
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
	       (uint32_t)bytes[3] << 24;
}

Test(model_edu, configuration_space_is_that_of_the_rig)
{
	/* The value after reset, and what is there after writing ones and zeroes. */
	static const struct {
		uint64_t offset;
		uint32_t value, ones, zeroes;
	} cases[] = {
		{ 0x00, 0x11e81234, 0x11e81234, 0x11e81234 },
		{ 0x04, 0x00100002, 0x00100507, 0x00100000 },
		{ 0x08, 0x00ff0010, 0x00ff0010, 0x00ff0010 },
		{ 0x0c, 0x00000000, 0x000000ff, 0x00000000 },
		{ 0x10, 0x10000000, 0xfff00000, 0x00000000 },
		{ 0x14, 0x00000000, 0x00000000, 0x00000000 },
		{ 0x2c, 0x11001af4, 0x11001af4, 0x11001af4 },
		{ 0x34, 0x00000040, 0x00000040, 0x00000040 },
		{ 0x3c, 0x000001ff, 0x000001ff, 0x00000100 },
		{ 0x40, 0x00800005, 0x008e0005, 0x00000005 },
		{ 0x44, 0x00000000, 0xffffffff, 0x00000000 },
		{ 0x4c, 0x00000000, 0xffffffff, 0x00000000 },
		{ 0xfc, 0x00000000, 0xffffffff, 0x00000000 },
	};

	model_edu_reset(&edu);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		cr_expect_eq(config32(cases[i].offset), cases[i].value, "case %zu", i);
		model_edu_config_write(&edu, cases[i].offset, "\xff\xff\xff\xff", 4);
		cr_expect_eq(config32(cases[i].offset), cases[i].ones, "case %zu", i);
		model_edu_config_write(&edu, cases[i].offset, "\0\0\0\0", 4);
		cr_expect_eq(config32(cases[i].offset), cases[i].zeroes, "case %zu", i);
	}
}

Test(model_edu, beyond_configuration_space_there_are_ones)
{
	model_edu_config_write(&edu, 254, "\1\2\3\4", 4);
	cr_expect_eq(config32(254), 0xffff0201);
}

Test(model_edu, reset_takes_all_but_the_bus)
{
	write32(0x04, 1);
	dma(0, BUFFER, 4, 1);
	model_edu_reset(&edu);
	cr_expect_eq(read32(0x04), 0);
	cr_expect_eq(model_edu_read(&edu, 0x90, 8), 0);
	cr_expect_eq(config32(4), 0x00100002);
	cr_expect_eq(edu.bus.data, &bus);
}
