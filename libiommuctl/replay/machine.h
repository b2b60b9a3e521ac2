/* SPDX-License-Identifier: MIT */
/* The machine that a log is replayed on: a model with the log's SMMU, and devices. */
#ifndef LIBIOMMUCTL_REPLAY_MACHINE_H
#define LIBIOMMUCTL_REPLAY_MACHINE_H

#include <stdbool.h>

#include <iommuctl/model.h>
#include <iommuctl/vsmmuv3.h>
#include <iommuctl/vsmmuv3_replay.h>

/* The first always exists, the others are made on demand. */
struct replay_device {
	bool is_open;
	bool is_added;
	int fd;
	uint32_t dev_id;
	uint32_t sid;
};

struct replay_machine {
	struct iommuctl_model *model;
	struct iommuctl *ctx;
	int iommufd;
	uint32_t ioas_id;
	struct replay_device devices[IOMMUCTL_VSMMUV3_REPLAY_DEVICES_MAX];
};

/* @machine is zeroed; call replay_machine_close() even after a failure. */
int replay_machine_open(
	struct replay_machine *machine, const struct iommuctl_vsmmuv3_identity *identity);
void replay_machine_close(struct replay_machine *machine);

/* As iommuctl_vsmmuv3_add_device() and remove_device(). *@full: no device is left. */
int replay_machine_add(
	struct replay_machine *machine, struct iommuctl_vsmmuv3 *smmu, uint32_t sid, bool *full);
int replay_machine_remove(
	struct replay_machine *machine, struct iommuctl_vsmmuv3 *smmu, uint32_t sid);

#endif
