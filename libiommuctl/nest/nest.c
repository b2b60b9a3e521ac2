// SPDX-License-Identifier: MIT
/* The parts of a nest that all devices share: made bottom up, undone top down. */
#include "array.h"
#include "nest/nest_private.h"

#include <errno.h>
#include <stdlib.h>

#include "core/call.h"
#include "iommufd/ask.h"

int nest_destroy(struct iommuctl_nest *nest, uint32_t *id)
{
	int err = *id ? iommuctl_destroy(nest->ctx, nest->iommufd, *id) : 0;

	if (!err)
		*id = 0;
	return err;
}

void nest_try_destroy(struct iommuctl_nest *nest, uint32_t *id)
{
	if (*id && !iommufd_ask_destroy(nest->ctx, nest->iommufd, *id))
		*id = 0;
}

int nest_hwpt_alloc(
	struct iommuctl_nest *nest, uint32_t dev_id, const struct nest_ste *ste, uint32_t *hwpt)
{
	struct iommuctl_hwpt_arm_smmuv3 data;
	const struct iommuctl_hwpt_alloc_args args = {
		.dev_id = dev_id,
		.pt_id = nest->viommu,
		.data_type = IOMMUCTL_HWPT_DATA_ARM_SMMUV3,
		.data_len = sizeof(data),
		.data = &data,
	};

	iommuctl_smmuv3_words_to_le(data.ste, ste->words, ARRAY_SIZE(ste->words));
	return iommuctl_hwpt_alloc(nest->ctx, nest->iommufd, &args, hwpt);
}

int nest_refuse(const struct iommuctl_nest *nest, enum operation operation, uint32_t vsid,
	int error, const struct iommuctl_explanation *why)
{
	const struct call call = {
		.operation = operation,
		.objects = { { "StreamID", vsid, SHOW_HEX } },
	};

	return call_refuse(nest->ctx, &call, error, why);
}

static const struct iommuctl_explanation no_smmuv3 = {
	"the device is behind an IOMMU that is not an SMMUv3",
	"use a device behind an SMMUv3",
};

static const struct iommuctl_explanation stalls_all = {
	"the SMMU stalls every transaction that faults (IDR0.STALL_MODEL), and no kernel call "
	"lets a guest resume or end one",
	"use an SMMU that can terminate them",
};

/* An SMMU that a nest cannot use, though no call failed. */
static int refuse(struct iommuctl_nest *nest, const struct iommuctl_nest_config *config,
	const struct iommuctl_explanation *why)
{
	const struct call call = {
		.operation = OP_NEST_NEW,
		.objects = { { "device", config->dev_id } },
	};

	return call_refuse(nest->ctx, &call, EOPNOTSUPP, why);
}

/*
 * No kernel call resumes or ends a stalled transaction, so none may stall: the guest sees an SMMU
 * that terminates them.
 */
static int read_hw_info(struct iommuctl_nest *nest, const struct iommuctl_nest_config *config)
{
	struct nest_features *features = &nest->features;
	struct iommuctl_hw_info_arm_smmuv3 data;
	struct iommuctl_hw_info info;
	int err = iommuctl_device_get_hw_info(
		nest->ctx, nest->iommufd, config->dev_id, &data, sizeof(data), &info);

	if (err)
		return err;
	if (info.type != IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3)
		return refuse(nest, config, &no_smmuv3);
	nest->repeat = data.flags & IOMMUCTL_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI;
	iommuctl_smmuv3_idr_decode(data.idr, data.iidr, data.aidr, &features->hardware);
	if (features->hardware.stall_model == IOMMUCTL_SMMUV3_STALL_MODEL_STALL)
		return refuse(nest, config, &stalls_all);
	features->guest = config->idr ? *config->idr : features->hardware;
	features->guest.stall_model = IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE;
	return 0;
}

static int make_parent(struct iommuctl_nest *nest, const struct iommuctl_nest_config *config)
{
	const struct iommuctl_hwpt_alloc_args args = {
		.flags = IOMMUCTL_HWPT_ALLOC_NEST_PARENT,
		.dev_id = config->dev_id,
		.pt_id = config->ioas_id,
	};

	return iommuctl_hwpt_alloc(nest->ctx, nest->iommufd, &args, &nest->parent);
}

static int make_viommu(struct iommuctl_nest *nest, const struct iommuctl_nest_config *config)
{
	const struct iommuctl_viommu_alloc_args args = {
		.type = IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3,
		.dev_id = config->dev_id,
		.hwpt_id = nest->parent,
	};

	return iommuctl_viommu_alloc(nest->ctx, nest->iommufd, &args, &nest->viommu);
}

static int make_abort(struct iommuctl_nest *nest, const struct iommuctl_nest_config *config)
{
	return nest_hwpt_alloc(nest, config->dev_id, &nest_ste_abort, &nest->abort_hwpt);
}

static int make_bypass(struct iommuctl_nest *nest, const struct iommuctl_nest_config *config)
{
	return nest_hwpt_alloc(nest, config->dev_id, &nest_ste_bypass, &nest->bypass_hwpt);
}

static int make_event_queue(struct iommuctl_nest *nest, const struct iommuctl_nest_config *config)
{
	const struct iommuctl_veventq_alloc_args args = {
		.viommu_id = nest->viommu,
		.type = IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3,
		.depth = config->event_depth,
	};

	if (!config->event_depth)
		return 0;
	return iommuctl_veventq_alloc(
		nest->ctx, nest->iommufd, &args, &nest->veventq, &nest->event_fd);
}

static int make_relay(struct iommuctl_nest *nest, const struct iommuctl_nest_config *config)
{
	const struct iommuctl_relay_config relay = {
		.iommufd = nest->iommufd,
		.viommu_id = nest->viommu,
		.idr = &nest->features.guest,
		.hardware = &nest->features.hardware,
		.batch = config->batch,
		.fold = config->fold,
		.fold_granule = config->fold_granule,
		.repeat = nest->repeat,
	};

	return iommuctl_relay_new(nest->ctx, &relay, &nest->relay);
}

static int (*const steps[])(
	struct iommuctl_nest *nest, const struct iommuctl_nest_config *config) = {
	read_hw_info,
	make_parent,
	make_viommu,
	make_abort,
	make_bypass,
	make_event_queue,
	make_relay,
};

int iommuctl_nest_new(struct iommuctl *ctx, const struct iommuctl_nest_config *config,
	struct iommuctl_nest **nest)
{
	const struct call call = {
		.operation = OP_NEST_NEW,
		.objects = { { "device", config->dev_id } },
	};
	struct iommuctl_nest *made = calloc(1, sizeof(*made));
	struct error_first first = { .err = 0 };

	if (!made)
		return call_fail(ctx, &call, ENOMEM);
	made->ctx = ctx;
	made->iommufd = config->iommufd;
	made->bypass = config->bypass;
	made->event_fd = -1;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		error_first_keep(ctx, &first, steps[i](made, config));
		if (first.err) {
			iommuctl_nest_free(made);
			return error_first_tell(ctx, &first);
		}
	}
	*nest = made;
	return 0;
}

/* Try every part, even if others failed; the kernel keeps objects that still have users. */
static bool tear_down(struct iommuctl_nest *nest)
{
	int failures = 0;

	for (struct nest_device *device = nest->devices; device; device = device->next)
		failures += nest_device_release(nest, device) != 0;
	failures += nest_destroy(nest, &nest->abort_hwpt) != 0;
	failures += nest_destroy(nest, &nest->bypass_hwpt) != 0;
	/* A file is closed even when close(2) fails. */
	if (nest->event_fd >= 0)
		iommuctl_close(nest->ctx, nest->event_fd);
	nest->event_fd = -1;
	failures += nest_destroy(nest, &nest->veventq) != 0;
	failures += nest_destroy(nest, &nest->viommu) != 0;
	failures += nest_destroy(nest, &nest->parent) != 0;
	return failures == 0;
}

void iommuctl_nest_free(struct iommuctl_nest *nest)
{
	if (!nest)
		return;
	if (!tear_down(nest))
		tear_down(nest);
	while (nest->devices) {
		struct nest_device *next = nest->devices->next;

		nest_group_put(nest, nest->devices);
		free(nest->devices);
		nest->devices = next;
	}
	iommuctl_relay_free(nest->relay);
	free(nest);
}

struct iommuctl_relay *iommuctl_nest_get_relay(struct iommuctl_nest *nest)
{
	return nest->relay;
}

const struct iommuctl_smmuv3_idr *iommuctl_nest_get_idr(const struct iommuctl_nest *nest)
{
	return &nest->features.guest;
}

uint32_t iommuctl_nest_get_viommu_id(const struct iommuctl_nest *nest)
{
	return nest->viommu;
}

uint32_t iommuctl_nest_get_parent_id(const struct iommuctl_nest *nest)
{
	return nest->parent;
}

int iommuctl_nest_get_event_fd(const struct iommuctl_nest *nest)
{
	return nest->event_fd;
}

void iommuctl_nest_get_counters(
	const struct iommuctl_nest *nest, struct iommuctl_nest_counters *counters)
{
	*counters = nest->counters;
}
