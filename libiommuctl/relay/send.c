// SPDX-License-Identifier: MIT
/* One batch on its way through the kernel, and what is done when that fails half-way. */
#include <errno.h>

#include <iommuctl/iommufd.h>

#include "relay/relay.h"

_Static_assert(sizeof(relay_command) == sizeof(struct iommuctl_viommu_arm_smmuv3_invalidate), "");

static const void *encode(struct iommuctl_relay *relay, const relay_command *commands, size_t count)
{
	if (!relay->encoded)
		return commands;
	iommuctl_smmuv3_words_to_le(relay->encoded, commands[0], count * IOMMUCTL_SMMUV3_CMD_WORDS);
	return relay->encoded;
}

/* *@sure is how many commands the hardware has completed; *@reached the one that made it fail. */
static int invalidate(struct iommuctl_relay *relay, const relay_command *commands, uint32_t count,
	uint32_t *sure, uint32_t *reached)
{
	const void *entries = encode(relay, commands, count);
	int ret;

	*reached = count;
	ret = iommuctl_hwpt_invalidate(relay->ctx, relay->iommufd, relay->viommu_id,
		IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3, entries, sizeof(*commands), reached);
	relay->counters.calls++;
	/* The kernel also counts commands of the block it is at, of which none is complete. */
	*sure = ret ? *reached - *reached % IOMMUCTL_RELAY_BLOCK : count;
	return ret;
}

/*
 * Once through a batch. A command that the kernel refuses ends it, but only after those before;
 * what else fails is tried once more from the first command that may not be complete.
 */
static int pass(
	struct iommuctl_relay *relay, const relay_command *commands, size_t count, size_t *done)
{
	size_t end = count, most = count;
	bool retried = false;
	int result = 0;

	*done = 0;
	while (*done < end) {
		const size_t left = end - *done;
		uint32_t sure, reached;
		int ret = invalidate(relay, commands + *done, (uint32_t)(left < most ? left : most),
			&sure, &reached);

		if (ret == -EIO) {
			end = *done + reached;
			result = ret;
		}
		*done += sure;
		if (ret && ret != -EIO) {
			if (retried)
				return ret;
			retried = true;
			most = ret == -ENOMEM ? IOMMUCTL_RELAY_BLOCK : most;
		}
		if (ret && *done < end)
			relay->counters.resumed++;
	}
	return result;
}

static bool needs_repeating(const relay_command *commands, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if ((uint8_t)commands[i][0] != IOMMUCTL_SMMUV3_CMD_ATC_INV)
			return true;
	return false;
}

int relay_send(struct iommuctl_relay *relay, const relay_command *commands, size_t count,
	size_t *done, enum relay_verdict *verdict)
{
	int ret = pass(relay, commands, count, done);

	relay->counters.issued += *done;
	if (relay->repeat && needs_repeating(commands, *done)) {
		int again = pass(relay, commands, *done, done);

		ret = again ? again : ret;
	}
	*verdict = ret == -EIO ? RELAY_NOT_TAKEN : RELAY_GOOD;
	return ret;
}
