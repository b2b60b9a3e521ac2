// SPDX-License-Identifier: MIT
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "job/plan.h"
#include "job/problem.h"
#include "job/schema.h"
#include "job/tables.h"

static void describe_memory(const struct job_object *object, char *text, size_t size)
{
	const struct job_memory *memory = (const struct job_memory *)object;

	snprintf(text, size, "0x%" PRIx64 " bytes of guest memory at IPA 0x%" PRIx64, memory->size,
		memory->ipa);
}

static void describe_device(const struct job_object *object, char *text, size_t size)
{
	const struct job_device *device = (const struct job_device *)object;

	if (device->pci)
		snprintf(text, size, "PCI device %s", device->pci);
	else
		snprintf(text, size, "virtual function %" PRIu64 " of network interface %s", device->vf,
			device->netdev);
}

static void describe_ioas(const struct job_object *object, char *text, size_t size)
{
	const struct job_ioas *ioas = (const struct job_ioas *)object;
	const struct job_ioas_map *map = ioas->map.items;
	size_t used;

	used = (size_t)snprintf(text, size, "%zu mapping%s", ioas->map.count,
		ioas->map.count == 1 ? "" : "s");
	for (size_t i = 0; i < ioas->map.count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s memory.%s at IOVA 0x%" PRIx64,
			i ? "," : ":", map[i].memory.name, job_ioas_map_iova(&map[i]));
}

static void describe_hwpt(const struct job_object *object, char *text, size_t size)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)object;
	uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS];
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_smmuv3_ste ste;
	size_t used;

	if (hwpt->ioas.target) {
		snprintf(text, size, "%s of ioas.%s for devices.%s",
			hwpt->nest_parent ? "nesting parent" : "paging HWPT", hwpt->ioas.name,
			hwpt->device.name);
		return;
	}
	used = (size_t)snprintf(text, size, "nested in viommus.%s for devices.%s, STE ",
		hwpt->viommu.name, hwpt->device.name);
	if (tables_encode_ste(hwpt->ste, words, &refusal) || used >= size)
		return;
	iommuctl_smmuv3_ste_decode(words, &ste);
	iommuctl_smmuv3_ste_print(&ste, text + used, size - used);
}

static void describe_viommu(const struct job_object *object, char *text, size_t size)
{
	const struct job_viommu *viommu = (const struct job_viommu *)object;

	snprintf(text, size, "arm-smmuv3 on hwpts.%s, physical IOMMU of devices.%s", viommu->hwpt.name,
		viommu->device.name);
}

static void describe_vdevice(const struct job_object *object, char *text, size_t size)
{
	const struct job_vdevice *vdevice = (const struct job_vdevice *)object;

	snprintf(text, size, "devices.%s is vSID 0x%" PRIx64 " of viommus.%s", vdevice->device.name,
		vdevice->vsid, vdevice->viommu.name);
}

static void describe_veventq(const struct job_object *object, char *text, size_t size)
{
	const struct job_veventq *veventq = (const struct job_veventq *)object;

	snprintf(text, size, "%" PRIu64 " events of viommus.%s", veventq->depth, veventq->viommu.name);
}

static void describe_stage1(const struct job_object *object, char *text, size_t size)
{
	const struct job_stage1 *stage1 = (const struct job_stage1 *)object;

	snprintf(text, size, "tables at IPA 0x%" PRIx64 ", granule %" PRIu64 "K, ASID %" PRIu64
		", %zu mapping%s%s%s", stage1->at, stage1->granule >> 10, stage1->asid,
		stage1->map.count, stage1->map.count == 1 ? "" : "s",
		stage1->msi_window.target ? " and the MSI window of devices." : "",
		stage1->msi_window.target ? stage1->msi_window.name : "");
}

static void describe_cd_table(const struct job_object *object, char *text, size_t size)
{
	const struct job_cd_table *table = (const struct job_cd_table *)object;
	const struct job_context *contexts = table->contexts.items;
	size_t used;

	used = (size_t)snprintf(text, size, "at IPA 0x%" PRIx64 ", S1CDMax %" PRIu64, table->at,
		table->s1cdmax);
	for (size_t i = 0; i < table->contexts.count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, ", SSID %" PRIu64 " stage1.%s",
			contexts[i].ssid, contexts[i].stage1.name);
}

static void describe_irq(const struct job_object *object, char *text, size_t size)
{
	static const char *const kinds[] = { "INTx", "MSI", "MSI-X" };
	const struct job_irq *irq = (const struct job_irq *)object;

	snprintf(text, size, "%s vector %" PRIu64 " of devices.%s to an eventfd", kinds[irq->index],
		irq->vector, irq->device.name);
}

static const struct {
	const char *operation;
	void (*describe)(const struct job_object *object, char *text, size_t size);
} makings[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = { "memfd_create", describe_memory },
	[JOB_DEVICES] = { "VFIO_DEVICE_BIND_IOMMUFD", describe_device },
	[JOB_IOAS] = { "IOMMU_IOAS_ALLOC", describe_ioas },
	[JOB_HWPTS] = { "IOMMU_HWPT_ALLOC", describe_hwpt },
	[JOB_VIOMMUS] = { "IOMMU_VIOMMU_ALLOC", describe_viommu },
	[JOB_VDEVICES] = { "IOMMU_VDEVICE_ALLOC", describe_vdevice },
	[JOB_VEVENTQS] = { "IOMMU_VEVENTQ_ALLOC", describe_veventq },
	[JOB_STAGE1] = { "stage-1 tables", describe_stage1 },
	[JOB_CD_TABLES] = { "CD table", describe_cd_table },
	[JOB_IRQS] = { "VFIO_DEVICE_SET_IRQS", describe_irq },
};

/* The action of @step, by the key of the document that gives it. */
static const char *action_of(const struct job_step *step)
{
	const struct schema_key *key = schema_job.keys;

	while (strcmp(key->name, "steps") != 0)
		key++;
	for (key = key->shape->keys; key->name; key++) {
		if (key->group && *(void *const *)((const char *)step + key->offset))
			break;
	}
	return key->name;
}

static void describe_step(const struct job_step *step, struct plan_description *description)
{
	size_t used = 0;

	description->operation = action_of(step);
	job_path_format(step->path, description->subject, sizeof(description->subject));
	description->detail[0] = '\0';
	if (step->name)
		used = (size_t)snprintf(description->detail, sizeof(description->detail), "%s",
			step->name);
	if (step->expect && used < sizeof(description->detail))
		snprintf(description->detail + used, sizeof(description->detail) - used, "%s%s expected",
			used ? "; " : "", step->expect->errno_name);
}

void plan_describe(const struct plan_operation *operation,
	struct plan_description *description)
{
	const struct job_attach *attach = operation->attach;

	if (operation->step) {
		describe_step(operation->step, description);
	} else if (attach) {
		description->operation = "VFIO_DEVICE_ATTACH_IOMMUFD_PT";
		job_path_format(attach->path, description->subject, sizeof(description->subject));
		snprintf(description->detail, sizeof(description->detail), "devices.%s to %s.%s",
			attach->device.name, attach->hwpt.target ? "hwpts" : "ioas",
			attach->hwpt.target ? attach->hwpt.name : attach->ioas.name);
	} else {
		description->operation = makings[operation->object->collection].operation;
		job_object_label(
			operation->object, description->subject, sizeof(description->subject));
		makings[operation->object->collection].describe(
			operation->object, description->detail, sizeof(description->detail));
	}
}
