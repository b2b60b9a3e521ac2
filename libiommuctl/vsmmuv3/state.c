// SPDX-License-Identifier: MIT
/* Saves and restores the state of a guest's SMMU. */
#include <errno.h>

#include <iommuctl/vsmmuv3_state.h>

#include "vsmmuv3/record.h"
#include "vsmmuv3/state_record.h"
#include "vsmmuv3/vsmmuv3_private.h"

/* If moving events takes more rounds, somebody must be making new ones. */
#define DELIVERIES (IOMMUCTL_VEVENTQ_DEPTH_MAX / IOMMUCTL_VSMMUV3_EVENTS_AT_ONCE + 1)

static void fill(const struct iommuctl_vsmmuv3 *smmu, struct vsmmuv3_state *state)
{
	*state = (struct vsmmuv3_state){ .identity = smmu->identity, .raised = smmu->raised };
	for (size_t i = 0; i < STATE_REGISTERS; i++)
		state->registers[i] = vsmmuv3_state_registers[i].id == VSMMUV3_CMDQ_CONS
					      ? vsmmuv3_read_cmdq_cons(smmu)
					      : vsmmuv3_get(smmu, vsmmuv3_state_registers[i].id);
	if (smmu->wakes)
		state->flags |= STATE_WAKES;
	if (smmu->cmdq.atc_timeout && vsmmuv3_is_enabled(smmu, CR0_CMDQEN))
		state->flags |= STATE_ATC_TIMEOUT;
	if (!smmu->has_msi)
		return;
	state->flags |= STATE_HAS_MSI;
	state->msi_address = smmu->msi.address;
	state->msi_data = smmu->msi.data;
}

static const struct iommuctl_explanation nowhere = {
	"the buffer for the record, or for its length, is missing",
	"pass IOMMUCTL_VSMMUV3_STATE_SIZE bytes, and a place for the length",
};

static const struct iommuctl_explanation no_room = {
	"the record does not fit the buffer",
	"pass IOMMUCTL_VSMMUV3_STATE_SIZE bytes",
};

static const struct iommuctl_explanation no_end_of_events = {
	"new events came as fast as waiting ones were moved: a device still does DMA",
	"stop the devices first (reset, or bus mastering off), then save",
};

static int save(struct iommuctl_vsmmuv3 *smmu, const struct call *call, void *record)
{
	struct vsmmuv3_state state;
	int err = -EAGAIN;

	for (unsigned int i = 0; i < DELIVERIES && err == -EAGAIN; i++)
		err = vsmmuv3_deliver(smmu);
	vsmmuv3_signal(smmu);
	if (err == -EAGAIN)
		return call_refuse(smmu->ctx, call, EBUSY, &no_end_of_events);
	if (err)
		return err;
	fill(smmu, &state);
	vsmmuv3_state_encode(&state, record);
	return 0;
}

int iommuctl_vsmmuv3_save(struct iommuctl_vsmmuv3 *smmu, void *record, size_t size, size_t *length)
{
	const struct call call = {
		.operation = OP_VSMMUV3_SAVE,
		.objects = { { "record of bytes", size } },
	};
	int err;

	if (!record || !length)
		return call_refuse(smmu->ctx, &call, EINVAL, &nowhere);
	if (size < vsmmuv3_state_size()) {
		*length = vsmmuv3_state_size();
		return call_refuse(smmu->ctx, &call, ENOSPC, &no_room);
	}
	pthread_mutex_lock(&smmu->lock);
	vsmmuv3_record(smmu, RECORD_DELIVER, 0, 0);
	err = save(smmu, &call, record);
	vsmmuv3_record_end(smmu, err);
	pthread_mutex_unlock(&smmu->lock);
	if (err)
		return err;
	*length = vsmmuv3_state_size();
	return 0;
}

static const struct iommuctl_explanation in_use = {
	"a guest has used the SMMU",
	"restore into a new one, or after iommuctl_vsmmuv3_reset()",
};

static const struct iommuctl_explanation nothing = {
	"there is no record",
	"pass what iommuctl_vsmmuv3_save() has written",
};

static const struct iommuctl_explanation refused_for_now = {
	"the kernel temporarily refused (EAGAIN) what the record asks for: nothing was restored",
	"make the call again",
};

static int refuse(struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_state_mistake *mistake)
{
	const struct call call = {
		.operation = OP_VSMMUV3_RESTORE,
		.objects = { mistake->object },
	};

	return call_refuse(smmu->ctx, &call, mistake->error, mistake->why);
}

static void raise_again(struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_state *state)
{
	smmu->raised = state->raised;
	if (vsmmuv3_has_events(smmu))
		vsmmuv3_raise(smmu, IOMMUCTL_VSMMUV3_INTERRUPT_EVENTQ);
	if (vsmmuv3_active_errors(smmu))
		vsmmuv3_raise(smmu, IOMMUCTL_VSMMUV3_INTERRUPT_GERROR);
	smmu->wakes = state->flags & STATE_WAKES;
	smmu->has_msi = state->flags & STATE_HAS_MSI;
	smmu->msi = (struct vsmmuv3_msi){ state->msi_address, state->msi_data };
}

/*
 * Called after vsmmuv3_reset(). Restoring a stream table is an unfinished update: vsmmuv3_work()
 * does the rest.
 */
static void take_over(struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_state *state)
{
	for (size_t i = STATE_REGISTERS; i-- > 0;)
		if (vsmmuv3_state_registers[i].id == VSMMUV3_CMDQ_CONS)
			vsmmuv3_write_cmdq_cons(smmu, state->registers[i]);
		else
			vsmmuv3_set(smmu, vsmmuv3_state_registers[i].id, state->registers[i]);
	vsmmuv3_set(smmu, VSMMUV3_IRQ_CTRLACK, vsmmuv3_get(smmu, VSMMUV3_IRQ_CTRL));
	vsmmuv3_set(smmu, VSMMUV3_GBPA, vsmmuv3_get(smmu, VSMMUV3_GBPA) | GBPA_UPDATE);
	smmu->streams_known = vsmmuv3_is_enabled(smmu, CR0_SMMUEN);
	if (vsmmuv3_get(smmu, VSMMUV3_CR0ACK) & CR0_CMDQEN)
		vsmmuv3_cmdq_enable(smmu);
	smmu->cmdq.atc_timeout = state->flags & STATE_ATC_TIMEOUT;
	raise_again(smmu, state);
}

/* All commands but those that are left in the queue. */
static bool is_done(const struct iommuctl_vsmmuv3 *smmu, int err)
{
	return !err || (err == -EAGAIN && !smmu->streams_pending &&
			       !(vsmmuv3_get(smmu, VSMMUV3_GBPA) & GBPA_UPDATE));
}

static int restore(struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_state *state)
{
	struct vsmmuv3_state_mistake mistake = {
		.error = EBUSY,
		.object = { "CR0", vsmmuv3_get(smmu, VSMMUV3_CR0), SHOW_HEX },
		.why = &in_use,
	};
	struct error_first first = { .err = 0 };
	int err;

	if (vsmmuv3_get(smmu, VSMMUV3_CR0) | vsmmuv3_get(smmu, VSMMUV3_CR0ACK) |
		vsmmuv3_get(smmu, VSMMUV3_IRQ_CTRL))
		return refuse(smmu, &mistake);
	if (vsmmuv3_state_check(smmu, state, &mistake))
		return refuse(smmu, &mistake);
	vsmmuv3_reset(smmu);
	take_over(smmu, state);
	err = vsmmuv3_work(smmu);
	if (is_done(smmu, err))
		return err;
	error_first_keep(smmu->ctx, &first, err);
	vsmmuv3_reset(smmu);
	(void)vsmmuv3_work(smmu);
	/* The caller would take -EAGAIN to mean that the SMMU goes on. */
	if (first.err == -EAGAIN) {
		mistake.error = EINTR;
		mistake.why = &refused_for_now;
		return refuse(smmu, &mistake);
	}
	return error_first_tell(smmu->ctx, &first);
}

int iommuctl_vsmmuv3_restore(struct iommuctl_vsmmuv3 *smmu, const void *record, size_t length)
{
	struct vsmmuv3_state_mistake mistake = {
		.error = EINVAL,
		.object = { "no record", .show = SHOW_NAME },
		.why = &nothing,
	};
	struct vsmmuv3_state state;
	int err;

	if (!record || vsmmuv3_state_decode(record, length, &state, &mistake))
		return refuse(smmu, &mistake);
	pthread_mutex_lock(&smmu->lock);
	vsmmuv3_record(smmu, RECORD_RESTORE, 0, 0);
	err = restore(smmu, &state);
	vsmmuv3_record_end(smmu, err);
	pthread_mutex_unlock(&smmu->lock);
	return err;
}
