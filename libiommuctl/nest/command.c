// SPDX-License-Identifier: MIT
/* Commands of the guest that are not relayed: configuration is changed by attaching. */
#include "nest/nest_private.h"

#include <errno.h>

/*
 * CFGI_STE is about the CDs of the stream as well. Where the kernel writes an STE it sees to that;
 * it may find nothing to write between two STEs with stage 1.
 */
static int forget_cds(struct iommuctl_nest *nest, uint32_t vsid)
{
	const struct iommuctl_smmuv3_cmd cmd = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL,
		.streamid = vsid,
	};
	uint64_t words[1][IOMMUCTL_SMMUV3_CMD_WORDS];
	size_t done;
	int err = iommuctl_smmuv3_cmd_encode(&cmd, words[0], NULL);

	return err ? err : iommuctl_relay_issue(nest->relay, words, 1, &done, NULL);
}

static int reload(struct iommuctl_nest *nest, struct nest_device *device)
{
	const bool had_stage1 = nest_ste_has_stage1(&device->ste);
	int err = nest_device_load(nest, device);

	if (err || !had_stage1 || !nest_ste_has_stage1(&device->ste))
		return err;
	return forget_cds(nest, device->vsid);
}

/* The StreamIDs that differ from @vsid in their low @bits bits only. */
static int reload_range(struct iommuctl_nest *nest, uint32_t vsid, unsigned int bits)
{
	int first = 0;

	for (struct nest_device *device = nest->devices; device; device = device->next) {
		const uint64_t differing = device->vsid ^ vsid;
		int err;

		if (!device->attached || differing >> bits)
			continue;
		err = reload(nest, device);
		if (!first)
			first = err;
	}
	return first;
}

int iommuctl_nest_command(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	struct iommuctl_nest *nest = data;

	switch (cmd->opcode) {
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE: return reload_range(nest, cmd->streamid, 0);
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE:
		return reload_range(nest, cmd->streamid, cmd->range + 1u);
	case IOMMUCTL_SMMUV3_CMD_PREFETCH_CONFIG:
	case IOMMUCTL_SMMUV3_CMD_PREFETCH_ADDR:
	case IOMMUCTL_SMMUV3_CMD_PRI_RESP:
	case IOMMUCTL_SMMUV3_CMD_RESUME:
	case IOMMUCTL_SMMUV3_CMD_STALL_TERM: return 0;
	default: return -EIO;
	}
}
