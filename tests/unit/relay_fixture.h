/* SPDX-License-Identifier: MIT */
/* A relay over a scripted kernel, and commands to send through it. */
#ifndef TEST_RELAY_FIXTURE_H
#define TEST_RELAY_FIXTURE_H

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/relay.h>

#include "array.h"
#include "relay_kernel.h"

#define BLOCK IOMMUCTL_RELAY_BLOCK
#define PAGE  UINT64_C(4096)
#define VSID  42
#define ASID  7

/* Where the pages of the tests begin. */
#define WINDOW UINT64_C(0x4000000000)

typedef uint64_t command_words[IOMMUCTL_SMMUV3_CMD_WORDS];

struct relay_test {
	struct relay_kernel *kernel;
	struct iommuctl *ctx;
	struct iommuctl_relay *relay;
};

static const struct iommuctl_smmuv3_idr able_smmu = {
	.ril = 1,
	.asid16 = 1,
	.ssidsize = 16,
	.ats = 1,
	.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE,
};

static inline void relay_start(struct relay_test *test, struct iommuctl_relay_config config)
{
	test->ctx = relay_kernel_context(NULL, &test->kernel);
	if (!config.idr)
		config.idr = &able_smmu;
	cr_assert_eq(iommuctl_relay_new(test->ctx, &config, &test->relay), 0);
	cr_assert_eq(iommuctl_relay_add_stream(test->relay, VSID), 0);
}

static inline void relay_stop(struct relay_test *test)
{
	iommuctl_relay_free(test->relay);
	iommuctl_free(test->ctx);
}

static inline struct iommuctl_relay_counters counters_of(const struct relay_test *test)
{
	struct iommuctl_relay_counters counters;

	iommuctl_relay_get_counters(test->relay, &counters);
	return counters;
}

static inline void set_tlbi_va(command_words command, uint16_t asid, uint64_t address)
{
	command[0] = IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA | (uint64_t)asid << 48;
	command[1] = address;
}

static inline void set_atc_inv(command_words command, uint64_t address)
{
	command[0] = IOMMUCTL_SMMUV3_CMD_ATC_INV | (uint64_t)VSID << 32;
	command[1] = address;
}

static inline void set_opcode(command_words command, uint8_t opcode)
{
	command[0] = opcode;
	command[1] = 0;
}

/* Every other page, so that nothing folds. */
static inline void fill_pages(command_words *commands, size_t count)
{
	for (size_t i = 0; i < count; i++)
		set_tlbi_va(commands[i], ASID, WINDOW + 2 * i * PAGE);
}

/* True if the kernel issued exactly these, once and in order. */
static inline bool has_issued(
	const struct relay_kernel *kernel, const command_words *commands, size_t count)
{
	return kernel->logged == count && !memcmp(kernel->log, commands, count * sizeof(*commands));
}

#endif
