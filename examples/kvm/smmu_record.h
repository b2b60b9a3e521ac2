/* SPDX-License-Identifier: MIT */
/* The log of what the guest does with an SMMU: --record FILE. */
#ifndef KVM_SMMU_RECORD_H
#define KVM_SMMU_RECORD_H

#include <stdio.h>

#include <iommuctl/vsmmuv3_record.h>

/* Opens PATH.NUMBER; without a path there is no log. Errors are reported. */
int smmu_record_open(const char *path, unsigned int number, FILE **file);

/* Says whether all of it was written. The file may be NULL. */
void smmu_record_close(FILE *file);

/* A struct iommuctl_vsmmuv3_recorder has it, and the file as its data. */
void smmu_record_line(const char *text, size_t length, void *data);

#endif
