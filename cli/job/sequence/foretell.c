// SPDX-License-Identifier: MIT
/* Which objects of a job a described machine cannot support. */
#include <errno.h>
#include <inttypes.h>

#include "job/sequence/sequence.h"

/* An IOMMU's name, and the keys of its nested HWPTs. */
static const struct {
	const char *name;
	const char *nests_by;
} iommus[] = {
	[PLATFORM_SMMUV3] = { "an SMMUv3", "\"viommu\" and \"ste\"" },
	[PLATFORM_VTD] = { "VT-d", "\"parent\" and \"vtd-s1\"" },
	[PLATFORM_AMD] = { "an AMD IOMMU", NULL },
};

/* The kernel keeps a group if firmware needs memory mapped for one of its devices. */
static int foretell_device(struct sequence *sequence, const struct document_object *object)
{
	const struct job_device *device = (const struct job_device *)object;
	struct platform_facts facts;

	if (!device->bind || !sequence_facts(sequence, object, &facts) || !facts.direct.size)
		return 0;
	return sequence_refuse(sequence, -EINVAL,
		"firmware of this machine requires 0x%" PRIx64 "-0x%" PRIx64 " identity-mapped for "
		"the IOMMU group of devices.%s",
		facts.direct.start, facts.direct.start + facts.direct.size - 1, object->name);
}

static int foretell_paging(
	struct sequence *sequence, const struct job_hwpt *hwpt, const struct platform_facts *facts)
{
	if (hwpt->nest_parent && !facts->nests)
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"the IOMMU of devices.%s on this machine, %s, does not support nesting "
			"parents",
			hwpt->device.name, iommus[facts->iommu].name);
	if (hwpt->dirty_tracking && !facts->tracks_dirty)
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"the IOMMU of devices.%s on this machine does not track dirty pages",
			hwpt->device.name);
	return 0;
}

static int foretell_hwpt(struct sequence *sequence, const struct document_object *object)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)object;
	const enum platform_iommu needed = hwpt->parent.target ? PLATFORM_VTD : PLATFORM_SMMUV3;
	struct platform_facts facts;
	const char *by;

	if (!sequence_facts(sequence, hwpt->device.target, &facts))
		return 0;
	if (hwpt->ioas.target)
		return foretell_paging(sequence, hwpt, &facts);
	by = iommus[facts.iommu].nests_by;
	if (facts.iommu == needed)
		return 0;
	return sequence_refuse(sequence, -EOPNOTSUPP,
		"devices.%s is behind %s on this machine, %s%s", hwpt->device.name,
		iommus[facts.iommu].name,
		by ? "whose nested HWPTs need "
		   : "which does not support nested "
		     "HWPTs",
		by ? by : "");
}

static int foretell_viommu(struct sequence *sequence, const struct document_object *object)
{
	const struct job_viommu *viommu = (const struct job_viommu *)object;
	struct platform_facts facts;

	if (!sequence_facts(sequence, viommu->device.target, &facts))
		return 0;
	if (facts.iommu == PLATFORM_VTD)
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"devices.%s is behind %s on this machine, which has no vIOMMUs",
			viommu->device.name, iommus[facts.iommu].name);
	if (job_is_vintf(object) && !facts.cmdqv_queues)
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"the IOMMU of devices.%s on this machine has no CMDQV",
			viommu->device.name);
	if (facts.iommu == PLATFORM_SMMUV3 && !facts.coherent)
		return sequence_refuse(sequence, -EOPNOTSUPP,
			"firmware of this machine does not report the path of devices.%s as coherent "
			"(CANWBS), and its SMMU has no S2FWB",
			viommu->device.name);
	return 0;
}

typedef int foretell_function(struct sequence *sequence, const struct document_object *object);

static foretell_function *const tellers[JOB_COLLECTIONS] = {
	[JOB_DEVICES] = foretell_device,
	[JOB_HWPTS] = foretell_hwpt,
	[JOB_VIOMMUS] = foretell_viommu,
};

int sequence_foretell(struct sequence *sequence, const struct document_object *object)
{
	foretell_function *const foretell = tellers[object->collection];
	const struct platform *platform = sequence->platform;

	return foretell && platform && platform->foretells ? foretell(sequence, object) : 0;
}
