// SPDX-License-Identifier: MIT
/* What the kernel's driver writes into the stream table, and which TLB entries it drops then. */
#include "model/iommufd/iommufd.h"
#include "model/machine.h"

#include <errno.h>
#include <string.h>

#include <iommuctl/smmuv3_ste.h>

static enum iommuctl_smmuv3_config config_of(const struct model_hwpt_nested *nested)
{
	struct iommuctl_smmuv3_ste ste;
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { nested->ste[0], nested->ste[1] };

	iommuctl_smmuv3_ste_decode(words, &ste);
	return ste.v ? ste.config : IOMMUCTL_SMMUV3_CONFIG_ABORT;
}

static const struct model_hwpt_nested *nested_of(const struct model_hwpt *hwpt)
{
	return hwpt && hwpt->object.kind == &model_hwpt_nested_kind ? (const void *)hwpt : NULL;
}

static bool is_known_to(const struct model_device *device, const struct model_viommu *viommu)
{
	return device->vdevice && device->vdevice->viommu == viommu;
}

/* Without a vDEVICE a stage 1 could neither be invalidated nor report. */
static int check(const struct model_device *device, struct model_hwpt *hwpt)
{
	const struct model_hwpt_paging *paging = model_paging_of(hwpt);
	const struct model_hwpt_nested *nested = nested_of(hwpt);

	if (paging->smmu != device->config.smmu)
		return -EINVAL;
	if (nested && config_of(nested) == IOMMUCTL_SMMUV3_CONFIG_S1 &&
		!is_known_to(device, nested->viommu))
		return -ENOENT;
	return paging->enforces_coherency && device->config.no_canwbs ? -EINVAL : 0;
}

static void report(const uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], void *data)
{
	model_veventq_report(data, words);
}

static struct model_stream make_stream(struct model_device *device, struct model_hwpt *hwpt)
{
	const struct model_hwpt_nested *nested = nested_of(hwpt);
	struct model_stream stream = {
		.mode = MODEL_STREAM_STAGE2,
		.event = report,
		.data = device,
	};
	enum iommuctl_smmuv3_config config = IOMMUCTL_SMMUV3_CONFIG_BYPASS;

	if (nested)
		config = config_of(nested);
	if (!hwpt || config == IOMMUCTL_SMMUV3_CONFIG_ABORT) {
		stream.mode = MODEL_STREAM_BLOCKED;
		return stream;
	}
	stream.stage2 = &model_paging_of(hwpt)->stage2;
	if (config == IOMMUCTL_SMMUV3_CONFIG_S1) {
		stream.mode = MODEL_STREAM_NESTED;
		memcpy(stream.ste, nested->ste, sizeof(stream.ste));
	}
	return stream;
}

static bool is_same_stream(const struct model_stream *a, const struct model_stream *b)
{
	return a->mode == b->mode && a->stage2 == b->stage2 && a->ste[0] == b->ste[0] &&
	       a->ste[1] == b->ste[1];
}

/* An entry that stays as it is is not invalidated, and with it no CD that is cached. */
static int write_stream(struct model_device *device, const struct model_stream *stream)
{
	struct model_smmu *smmu = device->model->smmus[device->config.smmu];
	int err = 0;

	if (!is_same_stream(stream, &device->stream))
		err = model_smmu_set_stream(smmu, device->config.stream_id, stream);
	if (err == 0)
		device->stream = *stream;
	return err;
}

static void choose_reporting(struct model_device *device, const struct model_hwpt *hwpt)
{
	const struct model_hwpt_nested *nested = nested_of(hwpt);

	device->reports_to = NULL;
	if (!nested || !is_known_to(device, nested->viommu))
		return;
	device->reports_to = nested->viommu;
	device->reported_vsid = device->vdevice->vsid;
}

/* The TLB keeps what it has of a VMID until no stream has that VMID any more. */
static int stream_to(struct model_device *device, struct model_hwpt *hwpt)
{
	const struct model_stream stream = make_stream(device, hwpt);
	struct model_hwpt_paging *old = model_paging_of(device->streaming);
	struct model_hwpt_paging *paging = model_paging_of(hwpt);
	int err;

	err = hwpt ? check(device, hwpt) : 0;
	if (err == 0)
		err = write_stream(device, &stream);
	if (err)
		return err;
	choose_reporting(device, hwpt);
	device->streaming = hwpt;
	if (paging)
		paging->streams++;
	if (old && --old->streams == 0)
		model_smmu_invalidate_vmid(device->model->smmus[old->smmu], old->stage2.vmid);
	return 0;
}

int model_stream_group(struct model_device *device, struct model_hwpt *hwpt)
{
	struct model_device *at = NULL, *back = NULL;
	struct model_hwpt *old = device->streaming;
	int err = 0;

	while (err == 0 && (at = model_group_next(device, at)))
		err = stream_to(at, hwpt);
	while (err && (back = model_group_next(device, back)) != at)
		stream_to(back, old);
	return err;
}
