// SPDX-License-Identifier: MIT
/* What the kernel's driver writes into the stream table, and which TLB entries it drops then. */
#include "model/iommufd/iommufd.h"
#include "model/iommufd/registers.h"
#include "model/machine.h"
#include "model/mock/mock.h"

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

static const struct iommuctl_model_smmu *unit_of(const struct model_device *device)
{
	return &device->model->config.smmus[device->config.smmu];
}

static bool is_on_vtd(const struct model_device *device)
{
	return unit_of(device)->kind == IOMMUCTL_MODEL_IOMMU_VTD;
}

/* VT-d takes page faults only from devices with PRI, and none has it here. */
static int check_table(const struct model_device *device, const struct model_hwpt *hwpt)
{
	if (hwpt->paging->smmu != device->config.smmu)
		return -EINVAL;
	return is_on_vtd(device) && hwpt->fault ? -ENODEV : 0;
}

static int check_coherency(const struct model_device *device, const struct model_hwpt *hwpt)
{
	return !is_on_vtd(device) && hwpt->paging->enforces_coherency && device->config.no_canwbs
		       ? -EINVAL
		       : 0;
}

static int check_on_vtd(const struct model_device *device, const struct model_hwpt *hwpt)
{
	const struct model_hwpt_vtd *vtd = model_hwpt_vtd_of(hwpt);

	return vtd ? model_hwpt_vtd_check(device, vtd) : 0;
}

/* Without a vDEVICE a stage 1 could be neither invalidated nor report events. */
static int check(const struct model_device *device, struct model_hwpt *hwpt)
{
	const struct model_hwpt_nested *nested = nested_of(hwpt);
	int err = check_table(device, hwpt);

	if (err || is_on_vtd(device))
		return err ? err : check_on_vtd(device, hwpt);
	if (nested && config_of(nested) == IOMMUCTL_SMMUV3_CONFIG_S1 &&
		!is_known_to(device, nested->viommu))
		return -ENOENT;
	return check_coherency(device, hwpt);
}

/* As in the kernel's driver, a stalled access is a page fault, not one of the guest's events. */
static bool report(const uint64_t words[IOMMUCTL_SMMUV3_EVENT_WORDS], void *data)
{
	struct iommuctl_smmuv3_event event;

	iommuctl_smmuv3_event_decode(words, &event);
	if (event.stall)
		return model_fault_report(data, &event);
	model_veventq_report(data, words);
	return false;
}

static struct model_stream make_stream(struct model_device *device, struct model_hwpt *hwpt)
{
	const struct model_hwpt_nested *nested = nested_of(hwpt);
	const struct model_hwpt_vtd *vtd = model_hwpt_vtd_of(hwpt);
	struct model_stream stream = {
		.mode = MODEL_STREAM_STAGE2,
		.event = report,
		.data = device,
	};
	enum iommuctl_smmuv3_config config = IOMMUCTL_SMMUV3_CONFIG_BYPASS;

	if (nested)
		config = config_of(nested);
	if (!hwpt || config == IOMMUCTL_SMMUV3_CONFIG_ABORT ||
		(vtd && !model_hwpt_vtd_entry(device, vtd, &stream.vtd))) {
		stream.mode = MODEL_STREAM_BLOCKED;
		return stream;
	}
	stream.stage2 = &model_paging_of(hwpt)->stage2;
	if (vtd) {
		stream.mode = MODEL_STREAM_VTD;
		stream.did = model_hwpt_vtd_did(vtd);
	}
	if (config == IOMMUCTL_SMMUV3_CONFIG_S1) {
		stream.mode = MODEL_STREAM_NESTED;
		memcpy(stream.ste, nested->ste, sizeof(stream.ste));
	}
	return stream;
}

static bool is_same_stream(const struct model_stream *a, const struct model_stream *b)
{
	return a->mode == b->mode && a->stage2 == b->stage2 && a->ste[0] == b->ste[0] &&
	       a->ste[1] == b->ste[1] && a->did == b->did;
}

/* An unchanged entry is not invalidated, nor are the CDs cached for it. */
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

/*
 * One stream less uses @hwpt. The TLB keeps a VMID's entries until no stream has that VMID; VT-d
 * invalidates at once what is left.
 */
static void leave(struct iommuctl_model *model, const struct model_hwpt *hwpt)
{
	struct model_hwpt_paging *paging = model_paging_of(hwpt);
	const struct model_hwpt_vtd *vtd = model_hwpt_vtd_of(hwpt);

	if (vtd)
		model_hwpt_vtd_forget(model, vtd);
	if (paging && --paging->streams == 0)
		model_smmu_invalidate_vmid(model->smmus[paging->smmu], paging->stage2.vmid);
}

/* VT-d removes the old entry before it checks the new one, and does not restore it. */
static void block(struct model_device *device)
{
	const struct model_stream blocked = make_stream(device, NULL);
	const struct model_hwpt_vtd *vtd = model_hwpt_vtd_of(device->streaming);

	write_stream(device, &blocked);
	if (vtd)
		model_hwpt_vtd_forget(device->model, vtd);
}

static int stream_to_smmu(struct model_device *device, struct model_hwpt *hwpt)
{
	const struct model_stream stream = make_stream(device, hwpt);
	struct model_hwpt *old = device->streaming;
	struct model_hwpt_paging *paging = model_paging_of(hwpt);
	int err;

	err = hwpt ? check(device, hwpt) : 0;
	if (err && is_on_vtd(device))
		block(device);
	if (err == 0)
		err = write_stream(device, &stream);
	if (err)
		return err;
	choose_reporting(device, hwpt);
	device->streaming = hwpt;
	if (paging)
		paging->streams++;
	leave(device->model, old);
	if (old && old != hwpt)
		model_faults_end(device, 0, old);
	return 0;
}

static int stream_to(struct model_device *device, struct model_hwpt *hwpt)
{
	return device->is_mock ? model_mock_attach(device, hwpt) : stream_to_smmu(device, hwpt);
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

/*
 * Behind an SMMU, a PASID that the host has not attached is the guest's, if its STE has
 * SubstreamIDs.
 */
bool model_stream_is_by_host(const struct model_device *device, uint32_t pasid)
{
	return unit_of(device)->kind != IOMMUCTL_MODEL_IOMMU_SMMUV3 ||
	       model_pasid_hwpt(device, pasid);
}

/* A PASID is unchanged until the last of VT-d's checks, that of the data. */
static int write_pasid(struct model_device *device, uint32_t pasid, struct model_hwpt *hwpt)
{
	const struct model_hwpt_vtd *old = model_hwpt_vtd_of(model_pasid_hwpt(device, pasid));
	struct model_smmu *smmu = device->model->smmus[device->config.smmu];
	struct model_stream stream = make_stream(device, hwpt);
	int err, refused = hwpt ? check_table(device, hwpt) : 0;

	if (!refused && hwpt)
		refused = check_coherency(device, hwpt);
	if (refused)
		return refused;
	refused = hwpt ? check_on_vtd(device, hwpt) : 0;
	if (refused)
		stream = make_stream(device, NULL);
	err = model_smmu_set_pasid(smmu, device->config.stream_id, pasid, &stream);
	if (refused && old)
		model_hwpt_vtd_forget(device->model, old);
	if (!err && !refused && hwpt)
		hwpt->paging->streams++;
	return refused ? refused : err;
}

/* Elsewhere attaching one has no effect. */
static bool has_pasids(const struct model_device *device)
{
	return model_pasid_bits(unit_of(device));
}

int model_stream_pasid(struct model_device *device, uint32_t pasid, struct model_hwpt *hwpt)
{
	if (device->is_mock)
		return model_mock_attach_pasid(device, pasid, hwpt);
	if (!has_pasids(device))
		return 0;
	if (pasid >> model_pasid_bits(unit_of(device)))
		return -EINVAL;
	return write_pasid(device, pasid, hwpt);
}

void model_stream_leave(struct model_device *device, const struct model_hwpt *hwpt)
{
	if (!device->is_mock && has_pasids(device))
		leave(device->model, hwpt);
}
