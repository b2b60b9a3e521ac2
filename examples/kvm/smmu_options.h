/* SPDX-License-Identifier: MIT */
/* What the user wishes the guest's SMMUs to be: --smmu=WISH,... */
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
	bool measures; /* CPU time of commands */
	bool has_msis; /* the SMMU's own interrupts are MSIs, not wires */

	const char *record; /* where a log of each goes; NULL: there is none */
	const char *events; /* where a copy of their events is to be had; NULL: nowhere */
};

extern const char smmu_usage[];

/* Adds the wishes of a list, which is taken apart. Errors are reported. */
int smmu_parse(struct smmu_options *options, char *list);

/* The granule of all stage-1 tables, if the guest is shown one alone; else 0. */
uint32_t smmu_only_granule(const struct smmu_options *options);

#endif
