// SPDX-License-Identifier: MIT
/* Commands of the guest that are not relayed: changes of configuration become attachments. */
#include "nest/nest_private.h"

#include <errno.h>

#include "relay/run.h"

#define STREAMID_BITS 32

/* How many devices can be skipped in the time of one unit. */
#define DEVICES_UNIT 8

/* For each other device of its group, which an STE is compared with. */
#define COST_PEER (IOMMUCTL_CMDQ_COST_STE / 8)

/*
 * CFGI_STE covers the CDs of the stream as well. If the kernel writes an STE, it invalidates them;
 * between two STEs with stage 1 it may find nothing to write.
 */
static int forget_cds(struct iommuctl_nest *nest, uint32_t vsid)
{
	const struct iommuctl_smmuv3_cmd cmd = {
		.opcode = IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL,
		.streamid = vsid,
	};
	uint64_t words[1][IOMMUCTL_SMMUV3_CMD_WORDS];
	size_t done;

	/* Each value fits its field. */
	(void)iommuctl_smmuv3_cmd_encode(&cmd, words[0], NULL);
	return iommuctl_relay_issue(nest->relay, words, 1, &done, NULL);
}

/* A refusal by the kernel takes calls as well, although the group aborts as before. */
static int reload(struct iommuctl_nest *nest, struct nest_device *device)
{
	const struct nest_group *group = device->group;
	const struct nest_ste before = device->ste, in_force = group->in_force;
	const uint64_t refused = nest->counters.refused;
	int err = nest_device_load(nest, device);
	uint32_t cost = IOMMUCTL_CMDQ_COST_STE + (group->device_count - 1) * COST_PEER;

	if (err || refused != nest->counters.refused ||
		!nest_ste_equal(&in_force, &group->in_force))
		cost += IOMMUCTL_CMDQ_COST_CHANGE;
	iommuctl_relay_charge(nest->relay, cost);
	if (err || !nest_ste_has_stage1(&before) || !nest_ste_has_stage1(&device->ste))
		return err;
	return forget_cds(nest, device->vsid);
}

void nest_forget_reads(struct iommuctl_nest *nest)
{
	nest->sweep.reading++;
}

/*
 * All commands of a run were in the queue before the guest wrote PROD, as were the STEs and CDs
 * that they name. Anything read after that is new enough for all of them: in a run, an STE is read
 * once and its CDs are invalidated once. That ends with the run, and with any other change of a
 * device's STE (a stream table, GBPA, an STE from the VMM). A command that exceeded the budget of
 * the previous run continues with the devices that it did not reach. Without a run, all STEs are
 * read.
 */
static void begin(struct iommuctl_nest *nest, uint32_t vsid, unsigned int bits)
{
	struct nest_sweep *sweep = &nest->sweep;
	const uint64_t run = relay_run_serial(nest->relay);
	const bool resumes = sweep->begun && relay_run_resumes(nest->relay) &&
			     sweep->vsid == vsid && sweep->bits == bits;

	if (resumes)
		return;
	if (!run || run != sweep->run)
		nest_forget_reads(nest);
	sweep->run = run;
	sweep->vsid = vsid;
	sweep->bits = bits;
	sweep->first.err = 0;
}

static const struct iommuctl_explanation stuck = {
	"the kernel lets a device of the guest neither abort nor detach",
	"look at the kernel log; iommuctl_nest_get_refusal() has the kernel's error",
};

static const struct iommuctl_explanation not_a_command = {
	"the command is not one that a relay leaves to its owner",
	"pass it to the relay, or answer the guest with CERROR_ILL",
};

static const struct iommuctl_explanation never_asked = {
	"the command answers page requests or stalls, and the guest's SMMU has none",
	"answer the guest with CERROR_ILL, and show it neither (IDR0.PRI, STALL_MODEL)",
};

/*
 * Failed STEs are read again, and STEs read for a command of the previous run are too old for the
 * next command.
 */
static int finish(struct iommuctl_nest *nest)
{
	struct nest_sweep *sweep = &nest->sweep;
	const uint64_t run = relay_run_serial(nest->relay);

	if (sweep->bits == STREAMID_BITS)
		sweep->all_read = sweep->reading;
	if (sweep->first.err || sweep->run != run)
		nest_forget_reads(nest);
	sweep->run = run;
	sweep->begun = false;
	/* A queue uses these errors itself, for an illegal command or because it has stopped. */
	if (sweep->first.err == -EIO || sweep->first.err == -EBUSY)
		return nest_refuse(nest, OP_NEST_COMMAND, sweep->vsid, ENOTRECOVERABLE, &stuck);
	return error_first_tell(nest->ctx, &sweep->first);
}

/* The StreamIDs that differ from @vsid in their low @bits bits only. */
static int reload_range(struct iommuctl_nest *nest, uint32_t vsid, unsigned int bits)
{
	struct nest_sweep *sweep = &nest->sweep;
	uint32_t passed = 0;

	begin(nest, vsid, bits);
	if (sweep->all_read == sweep->reading)
		return finish(nest);
	for (struct nest_device *device = nest->devices; device; device = device->next) {
		const uint64_t differing = device->vsid ^ vsid;
		int err;

		passed++;
		if (!device->attached || device->read == sweep->reading || differing >> bits)
			continue;
		err = reload(nest, device);
		device->read = sweep->reading;
		error_first_keep(nest->ctx, &sweep->first, err);
		sweep->begun = !iommuctl_relay_charge(nest->relay, 0);
		if (sweep->begun) {
			error_forget(nest->ctx);
			return -EAGAIN;
		}
	}
	iommuctl_relay_charge(nest->relay, passed / DEVICES_UNIT);
	return finish(nest);
}

/* In a run of a queue it is the guest's error, reported to the guest: no failure. */
static int refuse_opcode(
	struct iommuctl_nest *nest, uint8_t opcode, const struct iommuctl_explanation *why)
{
	const struct call call = {
		.operation = OP_NEST_COMMAND,
		.objects = { { "opcode", opcode, SHOW_HEX } },
	};

	if (!relay_run_serial(nest->relay))
		return call_refuse(nest->ctx, &call, EIO, why);
	error_forget(nest->ctx);
	return -EIO;
}

int iommuctl_nest_command(const struct iommuctl_smmuv3_cmd *cmd, void *data)
{
	struct iommuctl_nest *nest = data;

	switch (cmd->opcode) {
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE: return reload_range(nest, cmd->streamid, 0);
	case IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE:
		return reload_range(nest, cmd->streamid, cmd->range + 1u);
	case IOMMUCTL_SMMUV3_CMD_PREFETCH_CONFIG:
	case IOMMUCTL_SMMUV3_CMD_PREFETCH_ADDR: return 0;
	case IOMMUCTL_SMMUV3_CMD_PRI_RESP:
	case IOMMUCTL_SMMUV3_CMD_RESUME:
	case IOMMUCTL_SMMUV3_CMD_STALL_TERM: return refuse_opcode(nest, cmd->opcode, &never_asked);
	default: return refuse_opcode(nest, cmd->opcode, &not_a_command);
	}
}
