// SPDX-License-Identifier: MIT
/*
 * Which commands are good, at the price of a few instructions each. The verdict is that of
 * iommuctl_smmuv3_cmd_validate(), whose conditions become masks here.
 */
#include <string.h>

#include "relay/range.h"

#define OPCODES	    256
#define SYNC_CS_LSB 12

/* A field of an opcode; without it nothing is in any mask. */
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

/* All of a field's bits from @bit on. */
static void forbid_from(struct relay_rule *rule, uint8_t opcode, const char *name, unsigned int bit)
{
	const struct bits bits = bits_of(opcode, name);

	rule->forbidden[bits.word] |= bits.mask & ~UINT64_C(0) << (bits.lsb + bit);
}

static void forbid_reserved(struct relay_rule *rule, uint8_t opcode)
{
	const uint64_t has = iommuctl_smmuv3_cmd_field_mask(opcode);
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_cmd_fields(&count);

	memset(rule->forbidden, 0xff, sizeof(rule->forbidden));
	for (size_t i = 0; i < count; i++)
		if (has >> i & 1)
			rule->forbidden[fields[i].word] &= ~iommuctl_smmuv3_field_mask(&fields[i]);
}

static void forbid_missing(
	struct relay_rule *rule, uint8_t opcode, const struct iommuctl_smmuv3_idr *idr)
{
	static const char *const range[] = { "TG", "TTL", "NUM", "SCALE" };
	static const char *const ssid[] = { "SSV", "SubstreamID", "Global" };

	for (size_t i = 0; !idr->ril && i < sizeof(range) / sizeof(range[0]); i++)
		forbid(rule, opcode, range[i]);
	for (size_t i = 0; !idr->ssidsize && i < sizeof(ssid) / sizeof(ssid[0]); i++)
		forbid(rule, opcode, ssid[i]);
	if (!idr->ds)
		forbid_from(rule, opcode, "SCALE", 5);
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
	};
	if (rule->has_atc_size && !idr->ats)
		rule->class = IOMMUCTL_SMMUV3_CMD_CLASS_ILLEGAL;
	rule->always = rule->class != IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED || rule->has_stream;

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

static bool is_valid_range(const struct relay_rules *rules, const relay_command command)
{
	const unsigned int ttl = range_ttl(command);
	const bool is_range = command[0] & RANGE_WORD0;

	if (range_tg(command) == IOMMUCTL_SMMUV3_TLBI_TG_NONE)
		return !is_range && !ttl;
	if (range_tg(command) == IOMMUCTL_SMMUV3_TLBI_TG_16K && ttl == 1 && !rules->has_ds)
		return false;
	return is_range || ttl;
}

/* Guests issue one for nearly each batch, so that the codec's way would be felt. */
static bool is_legal_sync(const struct relay_rule *rule, const relay_command command)
{
	return (uint8_t)command[0] == IOMMUCTL_SMMUV3_CMD_SYNC &&
	       !((command[0] & rule->forbidden[0]) | (command[1] & rule->forbidden[1])) &&
	       (command[0] >> SYNC_CS_LSB & 3) <= IOMMUCTL_SMMUV3_SYNC_CS_SEV;
}

static enum relay_verdict judge(const struct iommuctl_relay *relay, const relay_command command)
{
	const struct relay_rule *rule = &relay->rules.by_opcode[(uint8_t)command[0]];

	if (rule->class == IOMMUCTL_SMMUV3_CMD_CLASS_CALLER)
		return is_legal_sync(rule, command) ? RELAY_SYNC : RELAY_CALLER;
	if (rule->class == IOMMUCTL_SMMUV3_CMD_CLASS_ILLEGAL)
		return RELAY_ILLEGAL;
	if ((command[0] & rule->forbidden[0]) | (command[1] & rule->forbidden[1]))
		return RELAY_ILLEGAL;
	if (rule->has_range && !is_valid_range(&relay->rules, command))
		return RELAY_ILLEGAL;
	if (rule->has_atc_size && (command[1] & 63) > IOMMUCTL_SMMUV3_ATC_SIZE_ALL)
		return RELAY_ILLEGAL;
	if (rule->has_stream && !relay_streams_have(&relay->streams, (uint32_t)(command[0] >> 32)))
		return RELAY_UNKNOWN_STREAM;
	return RELAY_GOOD;
}

/*
 * How many commands from the first on, which is good without another look, have its first word and
 * are as good: an unmap is hundreds of these. Four at a time take half the instructions.
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
		const uint64_t low = commands[i][0], high = commands[i][1];
		const struct relay_rule *rule = &relay->rules.by_opcode[(uint8_t)low];

		if (!((low & rule->careful[0]) | (high & rule->careful[1]) | rule->always)) {
			i += count_alike(commands + i, count - i, rule);
			continue;
		}
		*verdict = judge(relay, commands[i]);
		if (*verdict != RELAY_GOOD)
			return i;
		i++;
	}
	return count;
}
