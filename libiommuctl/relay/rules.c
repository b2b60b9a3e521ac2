// SPDX-License-Identifier: MIT
/*
 * Which commands are good, in a few instructions each. The verdict is that of
 * iommuctl_smmuv3_cmd_validate(), whose conditions become masks here, except where that function
 * says what the kernel refuses, while for an SMMU the command is legal: with a SubstreamID or a
 * StreamID out of range it best has no effect (4.1.7), and fields that are ignored are cleared.
 */
#include <string.h>

#include "relay/rules.h"
#include "array.h"
#include "smmuv3/cmd.h"
#include "smmuv3/range.h"

#define OPCODES	  256
#define SSID_BITS 20
#define SSV	  (UINT64_C(1) << 11)

/* A field of an opcode; without the field, no mask changes. */
struct bits {
	uint64_t mask;
	unsigned int word;
	unsigned int lsb;
};

static struct bits bits_of(uint8_t opcode, const char *name)
{
	const struct iommuctl_smmuv3_field *field = iommuctl_smmuv3_cmd_field(opcode, name);

	if (!field)
		return (struct bits){ 0 };
	return (struct bits){ iommuctl_smmuv3_field_mask(field), field->word, field->lsb };
}

static void forbid(struct relay_rule *rule, uint8_t opcode, const char *name)
{
	const struct bits bits = bits_of(opcode, name);

	rule->forbidden[bits.word] |= bits.mask;
}

/* All bits of a field from @bit on. */
static void forbid_from(struct relay_rule *rule, uint8_t opcode, const char *name, unsigned int bit)
{
	const struct bits bits = bits_of(opcode, name);

	rule->forbidden[bits.word] |= bits.mask & ~UINT64_C(0) << (bits.lsb + bit);
}

static void forbid_reserved(struct relay_rule *rule, uint8_t opcode)
{
	relay_command bits;

	smmuv3_cmd_bits(opcode, bits);
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		rule->forbidden[i] = ~bits[i];
}

static uint64_t out_of_range(uint8_t opcode, const struct iommuctl_smmuv3_idr *idr)
{
	const struct bits ssid = bits_of(opcode, "SubstreamID");
	uint64_t bits = 0;

	if (idr->ssidsize < SSID_BITS)
		bits = ssid.mask & ~UINT64_C(0) << (ssid.lsb + idr->ssidsize);
	if (!idr->ssidsize)
		bits |= bits_of(opcode, "SSV").mask | bits_of(opcode, "Global").mask;
	return bits;
}

/*
 * Without SSV, an ATC_INV has no SubstreamID, and no Global (4.5.1). Without DS, tables of 16K have
 * no leaves at level 1, and that TTL is none (4.4.1.1).
 */
static void ignore_fields(
	struct relay_rule *rule, uint8_t opcode, const struct iommuctl_smmuv3_idr *idr)
{
	if (!idr->ds)
		rule->ignored[1] = bits_of(opcode, "TTL").mask;
	if (rule->has_atc_size)
		rule->ignored[0] =
			bits_of(opcode, "SubstreamID").mask | bits_of(opcode, "Global").mask;
}

static void forbid_missing(
	struct relay_rule *rule, uint8_t opcode, const struct iommuctl_smmuv3_idr *idr)
{
	static const char *const range[] = { "TG", "TTL", "NUM", "SCALE" };

	for (size_t i = 0; !idr->ril && i < ARRAY_SIZE(range); i++)
		forbid(rule, opcode, range[i]);
	if (!idr->ds)
		forbid_from(rule, opcode, "SCALE", SMMUV3_SCALE_DS_BIT);
	if (!idr->asid16)
		forbid_from(rule, opcode, "ASID", 8);
}

static void be_careful(struct relay_rule *rule, uint8_t opcode, const char *name)
{
	const struct bits bits = bits_of(opcode, name);

	rule->careful[bits.word] |= bits.mask;
}

static void rule_init(
	struct relay_rule *rule, uint8_t opcode, const struct iommuctl_smmuv3_idr *idr)
{
	*rule = (struct relay_rule){
		.class = iommuctl_smmuv3_cmd_class(opcode),
		.has_range = bits_of(opcode, "TG").mask,
		.has_stream = bits_of(opcode, "StreamID").mask,
		.has_atc_size = opcode == IOMMUCTL_SMMUV3_CMD_ATC_INV,
		.out_of_range = out_of_range(opcode, idr),
	};
	if (rule->has_atc_size && !idr->ats)
		rule->class = IOMMUCTL_SMMUV3_CMD_CLASS_ILLEGAL;
	ignore_fields(rule, opcode, idr);
	rule->always = rule->class != IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED || rule->has_stream;

	/* The architecture lets an SMMU ignore reserved bits (4.1.5); the kernel does not. */
	if (rule->class == IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED)
		forbid_reserved(rule, opcode);
	forbid(rule, opcode, "SSec");
	forbid_missing(rule, opcode, idr);

	memcpy(rule->careful, rule->forbidden, sizeof(rule->careful));
	be_careful(rule, opcode, "TG");
	be_careful(rule, opcode, "TTL");
	be_careful(rule, opcode, "NUM");
	be_careful(rule, opcode, "SCALE");
}

void relay_rules_init(struct relay_rules *rules, const struct iommuctl_smmuv3_idr *idr)
{
	rules->has_ds = idr->ds;
	for (unsigned int opcode = 0; opcode < OPCODES; opcode++)
		rule_init(&rules->by_opcode[opcode], (uint8_t)opcode, idr);
}

static bool has_ignored_ttl(const struct relay_rules *rules, const relay_command command)
{
	return smmuv3_range_tg(command) == IOMMUCTL_SMMUV3_TLBI_TG_16K &&
	       smmuv3_range_ttl(command) == 1 && !rules->has_ds;
}

static bool is_valid_range(const struct relay_rules *rules, const relay_command command)
{
	const unsigned int ttl = smmuv3_range_ttl(command);
	const bool is_range = command[0] & SMMUV3_RANGE_WORD0;

	if (smmuv3_range_tg(command) == IOMMUCTL_SMMUV3_TLBI_TG_NONE)
		return !is_range && !ttl;
	return is_range || (ttl && !has_ignored_ttl(rules, command));
}

static bool is_mute(const struct iommuctl_relay *relay, uint32_t vsid)
{
	if (!relay->run.active)
		return false;
	for (size_t i = 0; i < relay->mute.count; i++)
		if (relay->mute.vsids[i] == vsid)
			return true;
	return false;
}

/* For a legal command. */
static enum relay_verdict judge_stream(const struct iommuctl_relay *relay,
	const struct relay_rule *rule, const relay_command command)
{
	const uint32_t vsid = (uint32_t)(command[0] >> 32);
	const uint64_t beyond = command[0] & rule->out_of_range;
	const bool is_ignored = rule->has_atc_size && !(command[0] & SSV);

	if (!relay_streams_have(&relay->streams, vsid) || (beyond && !is_ignored))
		return RELAY_ABSENT;
	if (!rule->has_atc_size)
		return RELAY_GOOD;
	if (!relay->has_ats || !relay_streams_have_ats(&relay->streams, vsid) ||
		is_mute(relay, vsid))
		return RELAY_WITHOUT_ATS;
	return beyond ? RELAY_CLEARED : RELAY_GOOD;
}

enum relay_verdict relay_judge(const struct iommuctl_relay *relay, const relay_command command)
{
	const struct relay_rule *rule = relay_rule_of(relay, command);

	if (rule->class == IOMMUCTL_SMMUV3_CMD_CLASS_CALLER)
		return relay_is_sync(relay, command) ? RELAY_SYNC : RELAY_CALLER;
	if (rule->class == IOMMUCTL_SMMUV3_CMD_CLASS_ILLEGAL)
		return RELAY_ILLEGAL;
	if ((command[0] & rule->forbidden[0]) | (command[1] & rule->forbidden[1]))
		return RELAY_ILLEGAL;
	if (rule->has_range && !is_valid_range(&relay->rules, command))
		return RELAY_ILLEGAL;
	if (rule->has_atc_size && (command[1] & 63) > IOMMUCTL_SMMUV3_ATC_SIZE_ALL)
		return RELAY_ILLEGAL;
	if (rule->has_range && has_ignored_ttl(&relay->rules, command))
		return RELAY_CLEARED;
	return rule->has_stream ? judge_stream(relay, rule, command) : RELAY_GOOD;
}

/*
 * How many commands share the first word of the first one, which is good without further checks,
 * and are as good: an unmap is hundreds of these. Checking four at a time takes half the
 * instructions.
 */
static size_t count_alike(
	const relay_command *commands, size_t count, const struct relay_rule *rule)
{
	const uint64_t low = commands[0][0], careful = rule->careful[1];
	size_t i = 1;

	for (; i + 4 <= count; i += 4) {
		const relay_command *four = &commands[i];
		const uint64_t differ = (four[0][0] ^ low) | (four[1][0] ^ low) |
					(four[2][0] ^ low) | (four[3][0] ^ low);
		const uint64_t high = four[0][1] | four[1][1] | four[2][1] | four[3][1];

		if (differ | (high & careful))
			break;
	}
	while (i < count && commands[i][0] == low && !(commands[i][1] & careful))
		i++;
	return i;
}

size_t relay_scan(const struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	enum relay_verdict *verdict)
{
	size_t i = 0;

	*verdict = RELAY_GOOD;
	while (i < count) {
		if (relay_is_plain(relay, commands[i])) {
			i += count_alike(
				commands + i, count - i, relay_rule_of(relay, commands[i]));
			continue;
		}
		*verdict = relay_judge(relay, commands[i]);
		if (*verdict != RELAY_GOOD)
			return i;
		i++;
	}
	return count;
}

size_t relay_scan_block(
	const struct iommuctl_relay *relay, const relay_command *commands, size_t count)
{
	const size_t most = count < IOMMUCTL_RELAY_BLOCK ? count : IOMMUCTL_RELAY_BLOCK;
	enum relay_verdict verdict;
	const size_t good = relay_scan(relay, commands, most, &verdict);

	return !good && verdict == RELAY_CLEARED ? 1 : good;
}
