/* SPDX-License-Identifier: MIT */
/*
 * What an SMMU reports to its recorder, with the lock held. Without a recorder, this costs one test
 * of a pointer.
 */
#ifndef LIBIOMMUCTL_VSMMUV3_RECORD_H
#define LIBIOMMUCTL_VSMMUV3_RECORD_H

#include "record/line.h"
#include "vsmmuv3/vsmmuv3_private.h"

/* Begins the log, if the VMM wants one. -ENOMEM. */
int vsmmuv3_recorder_new(
	struct iommuctl_vsmmuv3 *smmu, const struct iommuctl_vsmmuv3_config *config);

void vsmmuv3_recorder_say(struct vsmmuv3_recorder *recorder, const struct record_line *line);
void vsmmuv3_recorder_say_event(struct vsmmuv3_recorder *recorder, enum record_kind kind,
	uint64_t number, const struct iommuctl_smmuv3_event *event);
void vsmmuv3_recorder_end(struct vsmmuv3_recorder *recorder, int err);

/* As iommuctl_vsmmuv3_read() and write(). */
uint64_t vsmmuv3_recorder_read(
	struct vsmmuv3_recorder *recorder, uint64_t offset, unsigned int size);
int vsmmuv3_recorder_write(
	struct vsmmuv3_recorder *recorder, uint64_t offset, unsigned int size, uint64_t value);

/* An access begins, or has an effect; @first and @second as far as a line of @kind has them. */
static inline void vsmmuv3_record(
	struct iommuctl_vsmmuv3 *smmu, enum record_kind kind, uint64_t first, uint64_t second)
{
	if (smmu->recorder) {
		const struct record_line line = record_line(kind, first, second);

		vsmmuv3_recorder_say(smmu->recorder, &line);
	}
}

/* @event may be NULL. */
static inline void vsmmuv3_record_event(struct iommuctl_vsmmuv3 *smmu, enum record_kind kind,
	uint64_t number, const struct iommuctl_smmuv3_event *event)
{
	if (smmu->recorder)
		vsmmuv3_recorder_say_event(smmu->recorder, kind, number, event);
}

static inline void vsmmuv3_record_end(struct iommuctl_vsmmuv3 *smmu, int err)
{
	if (smmu->recorder)
		vsmmuv3_recorder_end(smmu->recorder, err);
}

#endif
