// SPDX-License-Identifier: MIT
/* Sends one batch to the kernel, and recovers if that fails half-way. */
#include <errno.h>

#include "core/call.h"
#include "relay/send.h"

static struct relay_call charged_call(
	struct iommuctl_relay *relay, const relay_command *commands, size_t count)
{
	relay_charge(relay, IOMMUCTL_CMDQ_COST_CALL);
	return relay_call(relay, commands, count);
}

static bool has_atc_inv(const relay_command *commands, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if ((uint8_t)commands[i][0] == IOMMUCTL_SMMUV3_CMD_ATC_INV)
			return true;
	return false;
}

/* Not if an endpoint did not answer: that took a second, and would take another. */
static bool may_retry(const relay_command *commands, size_t count, int error)
{
	return error != -ETIMEDOUT ||
	       !has_atc_inv(commands, count < IOMMUCTL_RELAY_BLOCK ? count : IOMMUCTL_RELAY_BLOCK);
}

/*
 * Goes once through a batch, of which @call was the first call. A command that the kernel refuses
 * ends it, after those before it are complete; after any other error, the call is tried once more
 * from the first command that may not be complete.
 */
static int pass(struct iommuctl_relay *relay, const relay_command *commands, struct relay_call call,
	size_t *done)
{
	size_t most = call.count, end = most;
	struct error_first refusal;
	bool retried = false;

	refusal.err = 0;
	*done = 0;
	for (;;) {
		if (call.error == -EIO) {
			end = *done + call.reached;
			error_first_keep(relay->ctx, &refusal, call.error);
		}
		/* The kernel also counts those of its current block, of which none is complete. */
		*done += call.error ? call.reached - call.reached % IOMMUCTL_RELAY_BLOCK
				    : call.count;
		if (call.error && call.error != -EIO) {
			if (retried || !may_retry(commands + *done, end - *done, call.error))
				return call.error;
			retried = true;
			most = call.error == -ENOMEM ? IOMMUCTL_RELAY_BLOCK : most;
		}
		if (*done >= end)
			return error_first_tell(relay->ctx, &refusal);
		relay->counters.resumed += call.error != 0;
		call = charged_call(
			relay, commands + *done, end - *done < most ? end - *done : most);
	}
}

static bool needs_repeating(const relay_command *commands, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if ((uint8_t)commands[i][0] != IOMMUCTL_SMMUV3_CMD_ATC_INV)
			return true;
	return false;
}

int relay_go_on(struct iommuctl_relay *relay, const relay_command *commands, struct relay_call call,
	size_t *done, enum relay_verdict *verdict)
{
	int err = pass(relay, commands, call, done);

	relay->counters.issued += *done;
	if (relay->repeat && needs_repeating(commands, *done)) {
		struct error_first first;
		int again;

		first.err = 0;
		error_first_keep(relay->ctx, &first, err);
		again = pass(relay, commands, charged_call(relay, commands, *done), done);
		err = again ? again : error_first_tell(relay->ctx, &first);
	}
	*verdict = err == -EIO ? RELAY_NOT_TAKEN : RELAY_GOOD;
	return err;
}

int relay_send(struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	size_t *done, enum relay_verdict *verdict)
{
	struct relay_call call;

	*verdict = RELAY_GOOD;
	*done = count;
	if (!count)
		return 0;
	call = charged_call(relay, commands, count);
	if (call.error || relay->repeat)
		return relay_go_on(relay, commands, call, done, verdict);
	relay->counters.issued += count;
	return 0;
}
