// SPDX-License-Identifier: MIT
/* Checks whether an SMMU with this identity can be in a state. */
#include <errno.h>
#include <stdio.h>

#include <iommuctl/vsmmuv3_state.h>

#include "vsmmuv3/state_record.h"
#include "vsmmuv3/vsmmuv3_private.h"

#define ERRORS (GERROR_CMDQ_ERR | GERROR_EVENTQ_ABT_ERR) /* the possible ones */

static const struct iommuctl_explanation impossible = {
	"an SMMU of this identity cannot have that in this register",
	"check where the record comes from: it is broken, or was not made by the library",
};

static const struct iommuctl_explanation impossible_pending = {
	"an SMMU of this identity cannot have that pending",
	"check where the record comes from: it is broken, or was not made by the library",
};

static const struct iommuctl_explanation another_identity = {
	"the record belongs to an SMMU with another identity",
	"make the SMMU with the identity of the recorded one",
};

/*
 * The possible values of a register, in a disabled SMMU: that excludes bits that are never
 * writable.
 */
static uint64_t possible_bits(const struct iommuctl_vsmmuv3 *smmu, enum vsmmuv3_register_id id)
{
	const struct vsmmuv3_register *row = &vsmmuv3_registers[id];

	switch (id) {
	case VSMMUV3_CR0ACK: return possible_bits(smmu, VSMMUV3_CR0);
	case VSMMUV3_GERROR:
	case VSMMUV3_GERRORN: return ERRORS;
	default: break;
	}
	if (!vsmmuv3_shows(smmu, row->needs))
		return 0;
	return row->writable & ~(row->frozen ? row->frozen(smmu) : 0);
}

/* RD has as many bits as the queue's size; a running queue has stopped only for an active error. */
static bool is_possible_cons(
	const struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_state *state, uint64_t cons)
{
	const uint64_t base = vsmmuv3_state_get(state, VSMMUV3_CMDQ_BASE);
	const unsigned int log2size = vsmmuv3_queue_log2size(smmu, base, IDR1_CMDQS_SHIFT);
	const uint64_t active = vsmmuv3_state_get(state, VSMMUV3_GERROR) ^
				vsmmuv3_state_get(state, VSMMUV3_GERRORN);

	if (cons & QUEUE_INDEX & ~((UINT64_C(2) << log2size) - 1))
		return false;
	return !(vsmmuv3_state_get(state, VSMMUV3_CR0ACK) & CR0_CMDQEN) ||
	       active & GERROR_CMDQ_ERR || !(cons & CMDQ_CONS_ERR);
}

static bool is_possible_pending(
	const struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_state *state)
{
	const uint64_t enabled =
		vsmmuv3_state_get(state, VSMMUV3_CR0) & vsmmuv3_state_get(state, VSMMUV3_CR0ACK);

	if (state->raised >> IOMMUCTL_VSMMUV3_INTERRUPTS || state->flags & ~STATE_FLAGS ||
		state->zero)
		return false;
	if (state->flags & STATE_WAKES && !vsmmuv3_shows(smmu, IDR0_SEV))
		return false;
	if (state->flags & STATE_ATC_TIMEOUT &&
		!(vsmmuv3_shows(smmu, IDR0_ATS) && enabled & CR0_CMDQEN))
		return false;
	if (!(state->flags & STATE_HAS_MSI))
		return !state->msi_address && !state->msi_data;
	return vsmmuv3_shows(smmu, IDR0_MSI) && state->msi_address &&
	       !(state->msi_address & ~vsmmuv3_registers[VSMMUV3_GERROR_IRQ_CFG0].writable);
}

/* The first mismatch is reported. */
static void keep_first(const char *sentence, void *data)
{
	struct vsmmuv3_state_mistake *mistake = data;

	if (mistake->why == &another_identity)
		return;
	snprintf(mistake->sentence, sizeof(mistake->sentence), "%s", sentence);
	mistake->error = EINVAL;
	mistake->object = (struct call_object){ mistake->sentence, .show = SHOW_NAME };
	mistake->why = &another_identity;
}

static int refuse(struct vsmmuv3_state_mistake *mistake, struct call_object object,
	const struct iommuctl_explanation *why)
{
	*mistake = (struct vsmmuv3_state_mistake){ .error = EINVAL, .object = object, .why = why };
	return -EINVAL;
}

static bool is_possible(const struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_state *state,
	enum vsmmuv3_register_id id, uint64_t value)
{
	if (value & ~possible_bits(smmu, id))
		return false;
	return id != VSMMUV3_CMDQ_CONS || is_possible_cons(smmu, state, value);
}

int vsmmuv3_state_check(const struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_state *state,
	struct vsmmuv3_state_mistake *mistake)
{
	const struct call_object pending = { "section", IOMMUCTL_VSMMUV3_STATE_PENDING };

	if (iommuctl_vsmmuv3_identity_compare_exactly(
		    &smmu->identity, &state->identity, keep_first, mistake))
		return -EINVAL;
	for (size_t i = 0; i < STATE_REGISTERS; i++) {
		const struct vsmmuv3_state_register *row = &vsmmuv3_state_registers[i];
		const uint64_t value = state->registers[i];
		const struct call_object object = { row->name, value, SHOW_HEX };

		if (!is_possible(smmu, state, row->id, value))
			return refuse(mistake, object, &impossible);
	}
	return is_possible_pending(smmu, state) ? 0 : refuse(mistake, pending, &impossible_pending);
}
