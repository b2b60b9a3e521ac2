/* SPDX-License-Identifier: MIT */
/* The log of the guest's use of an SMMU: --record FILE. */
#ifndef KVM_SMMU_RECORD_H
#define KVM_SMMU_RECORD_H

#include <stdio.h>

#include <iommuctl/vsmmuv3_record.h>

/* Opens PATH.NUMBER; without a path there is no log. Errors are reported. */
int smmu_record_open(const char *path, unsigned int number, FILE **file);

/* Reports a log that was not written completely. The file may be NULL. */
void smmu_record_close(FILE *file);

/* For struct iommuctl_vsmmuv3_recorder, with the file as its data. */
void smmu_record_line(const char *text, size_t length, void *data);

#endif
