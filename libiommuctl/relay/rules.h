/* SPDX-License-Identifier: MIT */
/* The first check of a command, inline for the hot paths. */
#ifndef LIBIOMMUCTL_RELAY_RULES_H
#define LIBIOMMUCTL_RELAY_RULES_H

#include "relay/relay_private.h"
#include "smmuv3/sync.h"

static inline const struct relay_rule *relay_rule_of(
	const struct iommuctl_relay *relay, const relay_command command)
{
	return &relay->rules.by_opcode[(uint8_t)command[0]];
}

/* Good without further checks. */
static inline bool relay_is_plain(const struct iommuctl_relay *relay, const relay_command command)
{
	const struct relay_rule *rule = relay_rule_of(relay, command);

	return !((command[0] & rule->careful[0]) | (command[1] & rule->careful[1]) | rule->always);
}

/* A legal CMD_SYNC. */
static inline bool relay_is_sync(const struct iommuctl_relay *relay, const relay_command command)
{
	const struct relay_rule *rule = relay_rule_of(relay, command);

	return (uint8_t)command[0] == IOMMUCTL_SMMUV3_CMD_SYNC &&
	       !((command[0] & rule->forbidden[0]) | (command[1] & rule->forbidden[1])) &&
	       smmuv3_sync_cs(command) <= IOMMUCTL_SMMUV3_SYNC_CS_SEV;
}

/* rules.c: the verdict of any one command. */
enum relay_verdict relay_judge(const struct iommuctl_relay *relay, const relay_command command);

#endif
