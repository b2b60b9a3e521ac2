// SPDX-License-Identifier: MIT
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "array.h"
#include "relay/relay_private.h"
#include "smmuv3/cmd.h"
#include "smmuv3/sync.h"

/* Everything that a verdict depends on, one by one, none and all. */
static const struct iommuctl_smmuv3_idr idrs[] = {
	{ 0 },
	{ .ril = 1 },
	{ .ril = 1, .ds = 1 },
	{ .asid16 = 1 },
	{ .ssidsize = 20 },
	{ .ats = 1 },
	{ .ats = 1, .ssidsize = 1 },
	{ .stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE },
	{ .ril = 1, .ds = 1, .asid16 = 1, .ssidsize = 20, .ats = 1 },
};

static struct iommuctl_relay *relay_new(const struct iommuctl_smmuv3_idr *idr)
{
	const struct iommuctl_relay_config config = { .idr = idr };
	struct iommuctl_relay *relay;

	cr_assert_eq(iommuctl_relay_new(NULL, &config, &relay), 0);
	return relay;
}

#define GLOBAL (UINT64_C(1) << 9)
#define SSV    (UINT64_C(1) << 11)
#define SSID   (UINT64_C(0xfffff) << 12)
#define TG     UINT64_C(0xc00)
#define TG_16K UINT64_C(0x800)
#define TTL    UINT64_C(0x300)
#define TTL_1  UINT64_C(0x100)

/* The bits of word 0 by which a command names a substream that the SMMU does not have. */
static uint64_t beyond_ssidsize(const relay_command command, const struct iommuctl_smmuv3_idr *idr)
{
	switch (command[0] & 0xff) {
	case IOMMUCTL_SMMUV3_CMD_CFGI_CD: return command[0] & SSID & SSID << idr->ssidsize;
	case IOMMUCTL_SMMUV3_CMD_ATC_INV:
		return command[0] &
		       ((SSID & SSID << idr->ssidsize) | (idr->ssidsize ? 0 : SSV | GLOBAL));
	default: return 0;
	}
}

/* Whether an SMMU ignores the TTL of a range: level 1 of 16K tables has no leaves without DS. */
static bool has_ignored_ttl(const relay_command command, const struct iommuctl_smmuv3_idr *idr)
{
	return (command[1] & (TG | TTL)) == (TG_16K | TTL_1) && !idr->ds;
}

/* By the architecture, parameters out of range make no command illegal, nor do ignored ones. */
static bool is_good_for_the_codec(
	const relay_command command, const struct iommuctl_smmuv3_idr *idr)
{
	const relay_command within = {
		command[0] & ~beyond_ssidsize(command, idr),
		command[1] & ~(has_ignored_ttl(command, idr) ? TTL : 0),
	};

	return iommuctl_smmuv3_cmd_class((uint8_t)command[0]) ==
		       IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED &&
	       !iommuctl_smmuv3_cmd_validate(within, idr, NULL);
}

static enum relay_verdict verdict_of(
	const struct iommuctl_relay *relay, const relay_command command)
{
	enum relay_verdict verdict;
	const size_t good = relay_scan(relay, (const relay_command *)command, 1, &verdict);

	cr_assert_eq(good == 1, verdict == RELAY_GOOD);
	return verdict;
}

static bool is_good(const struct iommuctl_relay *relay, const relay_command command)
{
	const enum relay_verdict verdict = verdict_of(relay, command);

	return verdict == RELAY_GOOD || verdict == RELAY_CLEARED || verdict == RELAY_ABSENT ||
	       verdict == RELAY_WITHOUT_ATS;
}

static void compare(const struct iommuctl_relay *relay, uint64_t low, uint64_t high)
{
	const relay_command command = { low, high };

	cr_assert_eq(is_good(relay, command), is_good_for_the_codec(command, &relay->idr),
		"%016lx %016lx", (unsigned long)low, (unsigned long)high);
}

static void compare_with_each_bit(const struct iommuctl_relay *relay, uint64_t low, uint64_t high)
{
	compare(relay, low, high);
	for (unsigned int bit = 0; bit < 64; bit++) {
		compare(relay, low ^ UINT64_C(1) << bit, high);
		compare(relay, low, high ^ UINT64_C(1) << bit);
	}
}

static uint64_t dice(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

Test(relay_rules, judge_every_opcode_with_every_single_bit_as_the_codec_does)
{
	for (size_t i = 0; i < ARRAY_SIZE(idrs); i++) {
		struct iommuctl_relay *relay = relay_new(&idrs[i]);

		for (unsigned int opcode = 0; opcode < 256; opcode++)
			compare_with_each_bit(relay, opcode, 0);
		iommuctl_relay_free(relay);
	}
}

Test(relay_rules, judge_every_combination_of_range_fields_as_the_codec_does)
{
	for (size_t i = 0; i < ARRAY_SIZE(idrs); i++) {
		struct iommuctl_relay *relay = relay_new(&idrs[i]);

		for (uint64_t fields = 0; fields < 1 << 15; fields++) {
			const uint64_t num = fields & 31, scale = fields >> 5 & 63;
			const uint64_t high = (fields >> 11) << 8;
			const uint64_t low = num << 12 | scale << 20;

			compare(relay, low | IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, high | 0x1000);
			compare(relay, low | IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA, high | 1);
		}
		iommuctl_relay_free(relay);
	}
}

Test(relay_rules, judge_every_size_of_atc_inv_as_the_codec_does)
{
	for (size_t i = 0; i < ARRAY_SIZE(idrs); i++) {
		struct iommuctl_relay *relay = relay_new(&idrs[i]);

		for (uint64_t size = 0; size < 64; size++)
			compare_with_each_bit(relay, IOMMUCTL_SMMUV3_CMD_ATC_INV, size);
		iommuctl_relay_free(relay);
	}
}

/* A relayed command with some of the bits that it has, and now and then one that it may not have.
 */
static void roll_command(uint64_t *state, relay_command command)
{
	static const uint8_t opcodes[] = { IOMMUCTL_SMMUV3_CMD_CFGI_CD,
		IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL,
		IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID, IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA,
		IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA, IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL,
		IOMMUCTL_SMMUV3_CMD_ATC_INV };
	const uint8_t opcode = opcodes[dice(state) % ARRAY_SIZE(opcodes)];
	const uint64_t has = iommuctl_smmuv3_cmd_field_mask(opcode);
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_cmd_fields(&count);

	memset(command, 0, sizeof(relay_command));
	for (size_t i = 1; i < count; i++)
		if (has >> i & 1 && dice(state) & 1)
			command[fields[i].word] |=
				dice(state) & iommuctl_smmuv3_field_mask(&fields[i]);
	command[0] |= opcode;
	if (dice(state) % 4 == 0)
		command[dice(state) & 1] ^= UINT64_C(1) << (dice(state) & 63);
}

Test(relay_rules, judge_random_commands_as_the_codec_does)
{
	uint64_t state = 1;

	for (size_t i = 0; i < ARRAY_SIZE(idrs); i++) {
		struct iommuctl_relay *relay = relay_new(&idrs[i]);
		unsigned int good = 0;

		for (int n = 0; n < 40000; n++) {
			relay_command command;

			roll_command(&state, command);
			compare(relay, command[0], command[1]);
			good += is_good(relay, command);
		}
		cr_expect_gt(good, 4000, "IDR %zu: too few of them are legal", i);
		cr_expect_lt(good, 36000, "IDR %zu: too few of them are illegal", i);
		iommuctl_relay_free(relay);
	}
}

Test(relay_rules, judge_random_words_as_the_codec_does)
{
	uint64_t state = 1;

	for (size_t i = 0; i < ARRAY_SIZE(idrs); i++) {
		struct iommuctl_relay *relay = relay_new(&idrs[i]);

		for (int n = 0; n < 20000; n++) {
			const uint64_t low = dice(&state), high = dice(&state);

			compare(relay, low, high);
		}
		iommuctl_relay_free(relay);
	}
}

Test(relay_rules, a_command_for_a_stream_that_was_not_added_is_legal_and_has_no_effect)
{
	static const uint8_t opcodes[] = { IOMMUCTL_SMMUV3_CMD_CFGI_CD,
		IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL, IOMMUCTL_SMMUV3_CMD_ATC_INV };
	static const uint32_t absent[] = { 0, 43, 0xffff, 0x10000, UINT32_MAX };
	const struct iommuctl_smmuv3_idr idr = { .ats = 1, .ssidsize = 20, .sidsize = 16 };
	struct iommuctl_relay *relay = relay_new(&idr);

	cr_assert_eq(iommuctl_relay_add_stream(relay, 42), 0);
	for (size_t i = 0; i < ARRAY_SIZE(opcodes); i++) {
		const relay_command known = { opcodes[i] | UINT64_C(42) << 32 };

		cr_expect_eq(verdict_of(relay, known), RELAY_GOOD);
		for (size_t j = 0; j < ARRAY_SIZE(absent); j++) {
			const relay_command unknown = { opcodes[i] | (uint64_t)absent[j] << 32 };
			const relay_command bad = { unknown[0] | UINT64_C(1) << 8 };

			cr_expect_eq(verdict_of(relay, unknown), RELAY_ABSENT);
			cr_expect_eq(verdict_of(relay, bad), RELAY_ILLEGAL);
		}
	}
	iommuctl_relay_free(relay);
}

Test(relay_rules, a_substream_beyond_ssidsize_has_no_effect_and_is_ignored_without_ssv)
{
	static const struct {
		uint8_t opcode;
		uint8_t ssidsize;
		uint64_t bits;
		enum relay_verdict verdict;
	} cases[] = {
		{ IOMMUCTL_SMMUV3_CMD_CFGI_CD, 0, 0, RELAY_GOOD },
		{ IOMMUCTL_SMMUV3_CMD_CFGI_CD, 0, 1 << 12, RELAY_ABSENT },
		{ IOMMUCTL_SMMUV3_CMD_CFGI_CD, 4, 15 << 12, RELAY_GOOD },
		{ IOMMUCTL_SMMUV3_CMD_CFGI_CD, 4, 16 << 12, RELAY_ABSENT },
		{ IOMMUCTL_SMMUV3_CMD_CFGI_CD, 20, SSID, RELAY_GOOD },
		{ IOMMUCTL_SMMUV3_CMD_CFGI_CD, 4, SSV, RELAY_ILLEGAL },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 0, SSV, RELAY_ABSENT },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 0, SSV | GLOBAL | 1 << 12, RELAY_ABSENT },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 0, 0, RELAY_GOOD },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 0, GLOBAL, RELAY_CLEARED },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 0, 1 << 12, RELAY_CLEARED },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 0, GLOBAL | 1 << 8, RELAY_ILLEGAL },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 4, GLOBAL | 15 << 12, RELAY_GOOD },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 4, 16 << 12, RELAY_CLEARED },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 4, SSV | GLOBAL | 15 << 12, RELAY_GOOD },
		{ IOMMUCTL_SMMUV3_CMD_ATC_INV, 4, SSV | 16 << 12, RELAY_ABSENT },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct iommuctl_smmuv3_idr idr = { .ats = 1, .ssidsize = cases[i].ssidsize };
		const relay_command command = { cases[i].opcode | cases[i].bits };
		struct iommuctl_relay *relay = relay_new(&idr);

		cr_assert_eq(iommuctl_relay_add_stream(relay, 0), 0);
		cr_expect_eq(verdict_of(relay, command), cases[i].verdict, "%zu", i);
		iommuctl_relay_free(relay);
	}
}

Test(relay_rules, level_1_of_16k_without_ds_is_ignored_beside_a_range)
{
	static const struct {
		uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
		bool ds;
		enum relay_verdict verdict;
	} cases[] = {
		{ { 3 << 12, TG_16K | TTL_1 }, false, RELAY_CLEARED },
		{ { 1 << 20, TG_16K | TTL_1 | 1 }, false, RELAY_CLEARED },
		{ { 0, TG_16K | TTL_1 }, false, RELAY_ILLEGAL },
		{ { 3 << 12 | 1 << 8, TG_16K | TTL_1 }, false, RELAY_ILLEGAL },
		{ { 1 << 25, TG_16K | TTL_1 }, false, RELAY_ILLEGAL },
		{ { 3 << 12, TG_16K | TTL_1 }, true, RELAY_GOOD },
		{ { 0, TG_16K | TTL_1 }, true, RELAY_GOOD },
		{ { 3 << 12, TG_16K | 2 * TTL_1 }, false, RELAY_GOOD },
		{ { 0, TG_16K | 2 * TTL_1 }, false, RELAY_GOOD },
		{ { 3 << 12, TG_16K }, false, RELAY_GOOD },
		{ { 3 << 12, TG_16K / 2 | TTL_1 }, false, RELAY_GOOD },
		{ { 3 << 12, TG | TTL_1 }, false, RELAY_GOOD },
		{ { 3 << 12, TTL_1 }, false, RELAY_ILLEGAL },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct iommuctl_smmuv3_idr idr = { .ril = 1, .ds = cases[i].ds };
		const uint64_t *words = cases[i].words;
		const relay_command va = { words[0] | IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA, words[1] };
		const relay_command vaa = { words[0] | IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA, words[1] };
		struct iommuctl_relay *relay = relay_new(&idr);

		cr_expect_eq(verdict_of(relay, va), cases[i].verdict, "%zu", i);
		cr_expect_eq(verdict_of(relay, vaa), cases[i].verdict, "%zu", i);
		iommuctl_relay_free(relay);
	}
}

Test(relay_rules, an_atc_inv_needs_ats_of_the_hardware_and_of_the_stream)
{
	static const struct iommuctl_smmuv3_idr shown = { .ats = 1 }, without = { 0 };
	static const struct {
		const struct iommuctl_smmuv3_idr *hardware;
		bool stream;
		enum relay_verdict verdict;
	} cases[] = {
		{ NULL, true, RELAY_GOOD },
		{ &shown, true, RELAY_GOOD },
		{ &shown, false, RELAY_WITHOUT_ATS },
		{ &without, true, RELAY_WITHOUT_ATS },
		{ &without, false, RELAY_WITHOUT_ATS },
	};
	const relay_command command = { IOMMUCTL_SMMUV3_CMD_ATC_INV };
	struct iommuctl *ctx;

	cr_assert_eq(iommuctl_new(NULL, &ctx), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct iommuctl_relay_config config = { .idr = &shown,
			.hardware = cases[i].hardware };
		struct iommuctl_relay *relay;

		cr_assert_eq(iommuctl_relay_new(ctx, &config, &relay), 0);
		cr_expect_eq(iommuctl_relay_set_ats(relay, 0, true), -ENOENT);
		cr_assert_eq(iommuctl_relay_add_stream(relay, 0), 0);
		if (!cases[i].stream)
			cr_assert_eq(iommuctl_relay_set_ats(relay, 0, false), 0);
		cr_expect_eq(verdict_of(relay, command), cases[i].verdict, "%zu", i);
		iommuctl_relay_free(relay);
	}
	iommuctl_free(ctx);
}

static void expect_same_sync(const relay_command command)
{
	struct iommuctl_smmuv3_cmd sync, codec;

	smmuv3_sync_decode(command, &sync);
	iommuctl_smmuv3_cmd_decode(command, &codec);
	cr_assert_eq(memcmp(&sync, &codec, sizeof(sync)), 0, "%016lx %016lx",
		(unsigned long)command[0], (unsigned long)command[1]);
}

/* Both ways: bits that no valid one has are of no meaning to either. */
Test(relay_rules, decode_every_sync_as_the_codec_does)
{
	uint64_t state = 1;

	for (uint64_t fields = 0; fields < 1 << 8; fields++)
		for (unsigned int bit = 0; bit < 64; bit++) {
			const uint64_t low =
				IOMMUCTL_SMMUV3_CMD_SYNC | (fields & 3) << 12 | (fields >> 2) << 22;

			expect_same_sync((relay_command){ low, UINT64_C(1) << bit });
			expect_same_sync((relay_command){ low | UINT64_C(1) << bit << 8, 0 });
		}
	for (int i = 0; i < 100000; i++) {
		const uint64_t low = dice(&state) & ~UINT64_C(0xff);

		expect_same_sync((relay_command){ low | IOMMUCTL_SMMUV3_CMD_SYNC, dice(&state) });
	}
}

/* A sync has a way of its own, past the codec; reserved bits are ignored in it. */
Test(relay_rules, judge_every_sync_as_the_codec_does)
{
	struct iommuctl_relay *relay = relay_new(&idrs[0]);

	for (unsigned int bit = 0; bit < 128; bit++) {
		for (uint64_t signal = 0; signal < 4; signal++) {
			relay_command command = { IOMMUCTL_SMMUV3_CMD_SYNC | signal << 12 };
			relay_command fields;
			enum relay_verdict verdict;
			int codec;

			command[bit / 64] ^= UINT64_C(1) << bit % 64;
			if ((uint8_t)command[0] != IOMMUCTL_SMMUV3_CMD_SYNC)
				continue;
			smmuv3_cmd_bits(IOMMUCTL_SMMUV3_CMD_SYNC, fields);
			fields[0] &= command[0];
			fields[1] &= command[1];
			codec = iommuctl_smmuv3_cmd_validate(fields, &idrs[0], NULL);
			cr_assert_eq(
				relay_scan(relay, (const relay_command *)&command, 1, &verdict), 0);
			cr_assert_eq(relay_refuse(relay, command, verdict, NULL),
				codec ? -EIO : -EINVAL, "bit %u of CS %d", bit, (int)signal);
		}
	}
	iommuctl_relay_free(relay);
}
