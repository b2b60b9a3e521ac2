/* SPDX-License-Identifier: MIT */
/* The record of a guest's SMMU: iommuctl/vsmmuv3_state.h has its layout. */
#ifndef LIBIOMMUCTL_VSMMUV3_STATE_RECORD_H
#define LIBIOMMUCTL_VSMMUV3_STATE_RECORD_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/vsmmuv3_identity.h>

#include "core/call.h"
#include "vsmmuv3/registers.h"

#define STATE_REGISTERS 22

#define STATE_WAKES	  (1u << 0)
#define STATE_HAS_MSI	  (1u << 1)
#define STATE_ATC_TIMEOUT (1u << 2)
#define STATE_FLAGS	  (STATE_WAKES | STATE_HAS_MSI | STATE_ATC_TIMEOUT)

struct vsmmuv3_state_register {
	enum vsmmuv3_register_id id;
	const char *name;
};

/* In the order of the record. */
extern const struct vsmmuv3_state_register vsmmuv3_state_registers[STATE_REGISTERS];

struct vsmmuv3_state {
	struct iommuctl_vsmmuv3_identity identity;
	uint64_t registers[STATE_REGISTERS]; /* in the order of the record */

	/* What is pending. */
	uint32_t raised;
	uint32_t flags;
	uint64_t msi_address;
	uint32_t msi_data;
	uint32_t zero;
};

/* What is wrong with a record. */
struct vsmmuv3_state_mistake {
	int error; /* a positive errno */
	struct call_object object;
	const struct iommuctl_explanation *why;
	char sentence[200]; /* that @object may point to */
};

uint64_t vsmmuv3_state_get(const struct vsmmuv3_state *state, enum vsmmuv3_register_id id);

size_t vsmmuv3_state_size(void);

/* Writes vsmmuv3_state_size() bytes. */
void vsmmuv3_state_encode(const struct vsmmuv3_state *state, void *record);

/* Parses a record, which may describe an impossible state. 0, or -errno with *@mistake. */
int vsmmuv3_state_decode(const void *record, size_t length, struct vsmmuv3_state *state,
	struct vsmmuv3_state_mistake *mistake);

/*
 * state_check.c: whether @smmu, which is disabled, could have been in a state. 0, or -EINVAL with
 * *@mistake, which must not be copied: its object points into it.
 */
int vsmmuv3_state_check(const struct iommuctl_vsmmuv3 *smmu, const struct vsmmuv3_state *state,
	struct vsmmuv3_state_mistake *mistake);

#endif
