// SPDX-License-Identifier: MIT
/* A relay: its configuration and streams, and the array of commands that it carries out. */
#include <endian.h>
#include <errno.h>
#include <stdlib.h>

#include "array.h"
#include "core/call.h"
#include "relay/relay_private.h"
#include "smmuv3/cmd.h"

static bool is_granule(uint32_t bytes)
{
	return bytes == 4096 || bytes == 16384 || bytes == 65536;
}

static const struct iommuctl_explanation no_idr = {
	"the SMMU that the guest is shown is missing",
	"pass the contents of its ID registers in idr",
};

static const struct iommuctl_explanation bad_batch = {
	"the batch is not a multiple of 63, or above the maximum",
	"pass a multiple of IOMMUCTL_RELAY_BLOCK up to IOMMUCTL_RELAY_BATCH_MAX, or 0",
};

static const struct iommuctl_explanation bad_granule = {
	"the granule for folding is not one that an SMMU has",
	"pass 4096, 16384 or 65536 in fold_granule",
};

static const struct iommuctl_explanation *find_mistake(const struct iommuctl_relay_config *config)
{
	if (!config->idr)
		return &no_idr;
	if (config->batch % IOMMUCTL_RELAY_BLOCK || config->batch > IOMMUCTL_RELAY_BATCH_MAX)
		return &bad_batch;
	return config->fold && !is_granule(config->fold_granule) ? &bad_granule : NULL;
}

static int allocate(struct iommuctl_relay *relay)
{
	const size_t folded = relay->batch + RELAY_FOLD_PIECES_MAX;

	relay->taken = calloc(relay->batch, sizeof(*relay->taken));
	if (!relay->taken)
		return -ENOMEM;
	if (relay->folding.granule_bits) {
		relay->folded = calloc(folded, sizeof(*relay->folded));
		relay->origins = calloc(folded, sizeof(*relay->origins));
		if (!relay->folded || !relay->origins)
			return -ENOMEM;
	}
	if (__BYTE_ORDER == __BIG_ENDIAN) {
		relay->encoded = calloc(relay->batch, sizeof(*relay->encoded));
		if (!relay->encoded)
			return -ENOMEM;
	}
	return 0;
}

int iommuctl_relay_new(struct iommuctl *ctx, const struct iommuctl_relay_config *config,
	struct iommuctl_relay **relay)
{
	const struct call call = {
		.operation = OP_RELAY_NEW,
		.objects = { { "vIOMMU", config->viommu_id } },
	};
	const struct iommuctl_explanation *mistake = find_mistake(config);
	struct iommuctl_relay *new;

	if (mistake)
		return call_refuse(ctx, &call, EINVAL, mistake);

	new = calloc(1, sizeof(*new));
	if (!new)
		return call_fail(ctx, &call, ENOMEM);
	new->ctx = ctx;
	new->iommufd = config->iommufd;
	new->call = (struct iommuctl_hwpt_invalidate_args){
		.hwpt_id = config->viommu_id,
		.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.entry_len = sizeof(relay_command),
	};
	new->batch = config->batch ? config->batch : IOMMUCTL_RELAY_BATCH_MAX;
	new->repeat = config->repeat;
	new->idr = *config->idr;
	new->has_ats = config->hardware ? config->hardware->ats : config->idr->ats;
	relay_rules_init(&new->rules, config->idr);
	relay_folding_init(&new->folding, config);
	if (allocate(new)) {
		iommuctl_relay_free(new);
		return call_fail(ctx, &call, ENOMEM);
	}
	*relay = new;
	return 0;
}

void iommuctl_relay_free(struct iommuctl_relay *relay)
{
	if (!relay)
		return;
	relay_streams_release(&relay->streams);
	free(relay->taken);
	free(relay->folded);
	free(relay->origins);
	free(relay->encoded);
	free(relay);
}

static const struct iommuctl_explanation stream_known = {
	"the relay knows the StreamID already",
	"add each StreamID once, and remove it before it is added again",
};

static const struct iommuctl_explanation stream_unknown = {
	"the relay does not know the StreamID",
	"add it first, with iommuctl_relay_add_stream()",
};

/* The result of a change of the streams. */
static int stream_result(
	const struct iommuctl_relay *relay, enum operation operation, uint32_t vsid, int err)
{
	const struct call call = {
		.operation = operation,
		.objects = { { "StreamID", vsid, SHOW_HEX }, { "vIOMMU", relay->call.hwpt_id } },
	};

	switch (err) {
	case 0: return 0;
	case -EEXIST: return call_refuse(relay->ctx, &call, EEXIST, &stream_known);
	case -ENOENT: return call_refuse(relay->ctx, &call, ENOENT, &stream_unknown);
	default: return call_fail(relay->ctx, &call, -err);
	}
}

int iommuctl_relay_add_stream(struct iommuctl_relay *relay, uint32_t vsid)
{
	return stream_result(
		relay, OP_RELAY_ADD_STREAM, vsid, relay_streams_add(&relay->streams, vsid));
}

int iommuctl_relay_remove_stream(struct iommuctl_relay *relay, uint32_t vsid)
{
	return stream_result(
		relay, OP_RELAY_REMOVE_STREAM, vsid, relay_streams_remove(&relay->streams, vsid));
}

int iommuctl_relay_set_ats(struct iommuctl_relay *relay, uint32_t vsid, bool ats)
{
	return stream_result(
		relay, OP_RELAY_SET_ATS, vsid, relay_streams_set_ats(&relay->streams, vsid, ats));
}

bool iommuctl_relay_charge(struct iommuctl_relay *relay, uint32_t units)
{
	relay_charge(relay, units);
	return !relay_is_spent(relay);
}

void iommuctl_relay_get_counters(
	const struct iommuctl_relay *relay, struct iommuctl_relay_counters *counters)
{
	*counters = relay->counters;
}

/*
 * Good commands before the first bad one: all of them to find runs in, or as many as fit a batch.
 */
static int carry_good(struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	size_t *done, enum relay_verdict *verdict)
{
	enum relay_verdict next;
	size_t good;
	int err = 0;

	*done = 0;
	if (!relay->folding.granule_bits && count > relay->batch)
		count = relay->batch;
	good = relay_scan(relay, commands, count, &next);
	if (good && relay->folding.granule_bits)
		err = relay_send_folded(relay, commands, good, done, verdict);
	else if (good)
		err = relay_send(relay, commands, good, done, verdict);
	if (!err && *done == good)
		*verdict = next;
	return err;
}

/*
 * The rest of the command has been checked: if the kernel refuses one with a StreamID, it refuses
 * the StreamID, whose vDEVICE is gone.
 */
static bool is_gone(const struct iommuctl_relay *relay, const relay_command command)
{
	return relay->rules.by_opcode[(uint8_t)command[0]].has_stream;
}

/* Whether the command with *@verdict is finished, as it has no effect. */
static bool pass_over(
	struct iommuctl_relay *relay, const relay_command command, enum relay_verdict *verdict)
{
	if (*verdict == RELAY_ABSENT || (*verdict == RELAY_NOT_TAKEN && is_gone(relay, command)))
		relay->counters.absent++;
	else if (*verdict == RELAY_WITHOUT_ATS)
		relay->counters.without_ats++;
	else
		return false;
	*verdict = RELAY_GOOD;
	return true;
}

/* The rare command that does not go to the kernel as the guest wrote it, and alone. */
static int carry_cleared(struct iommuctl_relay *relay, const relay_command command, size_t *done,
	enum relay_verdict *verdict)
{
	const struct relay_rule *rule = &relay->rules.by_opcode[(uint8_t)command[0]];
	relay_command cleared[1];

	for (size_t i = 0; i < ARRAY_SIZE(cleared[0]); i++)
		cleared[0][i] = command[i] & ~rule->ignored[i];
	return relay_send(relay, cleared, 1, done, verdict);
}

int relay_carry(struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	size_t *done, enum relay_verdict *verdict)
{
	int err = 0;

	*verdict = RELAY_GOOD;
	*done = 0;
	while (!err && *done < count && *verdict == RELAY_GOOD) {
		size_t more;

		err = carry_good(relay, commands + *done, count - *done, &more, verdict);
		*done += more;
		if (*verdict == RELAY_CLEARED) {
			err = carry_cleared(relay, commands[*done], &more, verdict);
			*done += more;
		}
		if (*verdict != RELAY_GOOD && pass_over(relay, commands[*done], verdict)) {
			++*done;
			err = 0;
		}
		if (relay_is_spent(relay))
			break;
	}
	relay->counters.commands += *done;
	return err;
}

/* Some guests leave reserved bits set, which an SMMU may ignore (4.1.5). */
static int validate_callers(const struct iommuctl_relay *relay, const relay_command command,
	struct iommuctl_smmuv3_refusal *refusal)
{
	relay_command fields;

	smmuv3_cmd_bits((uint8_t)command[0], fields);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		fields[i] &= command[i];
	return iommuctl_smmuv3_cmd_validate(fields, &relay->idr, refusal);
}

int relay_refuse(struct iommuctl_relay *relay, const relay_command command,
	enum relay_verdict verdict, struct iommuctl_smmuv3_refusal *refusal)
{
	const uint8_t opcode = (uint8_t)command[0];
	int err = -EIO;

	if (verdict == RELAY_SYNC)
		return -EINVAL;
	if (verdict == RELAY_NOT_TAKEN)
		smmuv3_refuse(refusal, iommuctl_smmuv3_cmd_field(opcode, "Opcode"),
			"the kernel does not take the command", err);
	else if (verdict == RELAY_CALLER)
		err = validate_callers(relay, command, refusal);
	else
		err = iommuctl_smmuv3_cmd_validate(command, &relay->idr, refusal);
	if (!err)
		return -EINVAL;
	relay->counters.refused++;
	return err;
}

static const struct iommuctl_explanation callers_own = {
	"the command is legal, but the caller has to carry it out",
	"carry it out (IOMMUCTL_SMMUV3_CMD_CLASS_CALLER), and continue after it",
};

/* Command @at, for which no call was made, or which the kernel refused and reported. */
static int refuse(struct iommuctl_relay *relay, const relay_command *commands, size_t at,
	enum relay_verdict verdict, struct iommuctl_smmuv3_refusal *refusal)
{
	struct iommuctl_smmuv3_refusal unwanted = { .field = NULL };
	struct iommuctl_explanation why = callers_own;
	struct call call = {
		.operation = OP_RELAY_ISSUE,
		.objects = { { "command", at }, { "opcode", (uint8_t)commands[at][0], SHOW_HEX } },
	};
	int err;

	if (!refusal)
		refusal = &unwanted;
	err = relay_refuse(relay, commands[at], verdict, refusal);
	if (verdict == RELAY_NOT_TAKEN)
		return err;
	if (err == -EIO) {
		call.objects[2] = (struct call_object){ refusal->field, .show = SHOW_NAME };
		why.cause = refusal->reason;
		why.remedy = "fix the command or skip it, and continue after it";
	}
	return call_refuse(relay->ctx, &call, -err, &why);
}

int iommuctl_relay_issue(struct iommuctl_relay *relay,
	const uint64_t (*commands)[IOMMUCTL_SMMUV3_CMD_WORDS], size_t count, size_t *done,
	struct iommuctl_smmuv3_refusal *refusal)
{
	enum relay_verdict verdict = RELAY_GOOD;
	int err = 0;

	*done = 0;
	while (!err && *done < count && verdict == RELAY_GOOD) {
		size_t more;

		err = relay_carry(relay, commands + *done, count - *done, &more, &verdict);
		*done += more;
	}
	return verdict == RELAY_GOOD ? err : refuse(relay, commands, *done, verdict, refusal);
}
