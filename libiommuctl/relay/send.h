/* SPDX-License-Identifier: MIT */
/* One call, inline for the hot paths. */
#ifndef LIBIOMMUCTL_RELAY_SEND_H
#define LIBIOMMUCTL_RELAY_SEND_H

#include <endian.h>

#include "relay/relay_private.h"

/* A call of HWPT_INVALIDATE, and its result. */
struct relay_call {
	uint32_t count;
	uint32_t reached; /* the command that made it fail */
	int error;
};

/* @count: up to a batch. The caller charges for it. */
static inline struct relay_call relay_call(
	struct iommuctl_relay *relay, const relay_command *commands, size_t count)
{
	int err;

	relay->call.entries = commands;
	if (__BYTE_ORDER == __BIG_ENDIAN) {
		iommuctl_smmuv3_words_to_le(
			relay->encoded, commands[0], count * IOMMUCTL_SMMUV3_CMD_WORDS);
		relay->call.entries = relay->encoded;
	}
	relay->reached = (uint32_t)count;
	err = iommuctl_hwpt_invalidate(relay->ctx, relay->iommufd, &relay->call, &relay->reached);
	relay->counters.calls++;
	return (struct relay_call){ (uint32_t)count, relay->reached, err };
}

/* send.c: as relay_send(), where @call has been made for all of the commands. */
int relay_go_on(struct iommuctl_relay *relay, const relay_command *commands, struct relay_call call,
	size_t *done, enum relay_verdict *verdict);

#endif
