/* SPDX-License-Identifier: MIT */
/* The user's wishes for the guest's SMMUs: --smmu=WISH,... */
#ifndef KVM_SMMU_OPTIONS_H
#define KVM_SMMU_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/vsmmuv3_identity.h>

struct smmu_options {
	bool wanted;
	struct iommuctl_vsmmuv3_wishes wishes;
	bool no_fold;
	uint32_t batch;
	bool measures; /* measure the CPU time of commands */
	bool has_msis; /* the SMMU's own interrupts are MSIs, not wires */

	const char *record; /* where the log of each goes; NULL: no log */
	const char *events; /* where a copy of their events can be read; NULL: nowhere */
};

extern const char smmu_usage[];

/* Adds the wishes of a list, which is modified. Errors are reported. */
int smmu_parse(struct smmu_options *options, char *list);

/* The granule of all stage-1 tables, if the guest is shown only one; else 0. */
uint32_t smmu_only_granule(const struct smmu_options *options);

#endif
