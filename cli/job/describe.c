// SPDX-License-Identifier: MIT
/* Describes the operations of a plan in words. */
#include <inttypes.h>
#include <string.h>

#include "job/actions/action.h"
#include "job/plan.h"
#include "job/ranges.h"
#include "document/problem.h"
#include "document/value.h"
#include "mock/mock.h"
#include "output/text.h"

static void describe_memory(const struct document_object *object, char *text, size_t size)
{
	const struct job_memory *memory = (const struct job_memory *)object;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "%s of guest memory at IPA 0x%" PRIx64,
		value_print_size(memory->size, bytes), memory->ipa);
}

static void describe_device(const struct document_object *object, char *text, size_t size)
{
	const struct job_device *device = (const struct job_device *)object;

	if (device->mock)
		text_append(text, size, "mock device of the kernel%s%s",
			device->mock->pasid ? ", with PASIDs" : "",
			device->mock->dirty_tracking ? "" : ", without dirty tracking");
	else if (device->pci)
		text_append(text, size, "PCI device %s", device->pci);
	else if (device->select)
		text_append(text, size, "device %s", device->select);
	else if (device->machine)
		text_append(text, size, "%s of the machine", device->machine);
	else
		text_append(text, size, "virtual function %" PRIu64 " of network interface %s",
			device->vf, device->netdev);
	if (device->id)
		text_append(text, size, ", passed to the session, already bound as ID %" PRIu64,
			device->id);
	else if (!device->bind)
		text_append(text, size, ", opened but not bound");
}

static void describe_ioas(const struct document_object *object, char *text, size_t size)
{
	const struct job_ioas *ioas = (const struct job_ioas *)object;
	const struct job_ioas_map *map = ioas->map.items;

	text_append(text, size, "%zu mapping%s", ioas->map.count, ioas->map.count == 1 ? "" : "s");
	/* There may be thousands: stop when the text is full. */
	for (size_t i = 0, used = 0; i < ioas->map.count && strlen(text) > used; i++) {
		used = strlen(text);
		text_append(text, size, "%s memory.%s at IOVA 0x%" PRIx64, i ? "," : ":",
			map[i].memory.name, job_ioas_map_iova(&map[i]));
	}
	if (ioas->allow.items)
		text_append(text, size, "; allowed: ");
	ranges_describe(&ioas->allow, text, size);
	if (!ioas->huge_pages)
		text_append(text, size, "; no huge pages");
	if (ioas->vfio_compat)
		text_append(text, size, "; for VFIO containers");
}

static void describe_fault_queue(const struct document_object *object, char *text, size_t size)
{
	const struct job_fault_queue *queue = (const struct job_fault_queue *)object;

	text_append(text, size, "page faults, at most %" PRIu64 " in a group", queue->group_max);
}

static void describe_hwpt_with(
	const struct document_object *object, const uint64_t *words, char *text, size_t size)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)object;
	struct iommuctl_smmuv3_ste ste;
	char fields[512];

	if (hwpt->ioas.target) {
		text_append(text, size, "%s of ioas.%s for devices.%s%s%s",
			hwpt->nest_parent ? "nesting parent" : "paging HWPT", hwpt->ioas.name,
			hwpt->device.name, hwpt->dirty_tracking ? ", tracks dirty pages" : "",
			hwpt->pasid ? ", for PASIDs" : "");
	} else if (hwpt->parent.target) {
		text_append(text, size,
			"nested on hwpts.%s for devices.%s%s, VT-d tables of %" PRIu64
			" bits at 0x%" PRIx64,
			hwpt->parent.name, hwpt->device.name, hwpt->pasid ? ", for PASIDs" : "",
			hwpt->vtd_s1->addr_width, hwpt->vtd_s1->pgtbl_addr);
		text_append(text, size, "%s%s%s", hwpt->vtd_s1->sre ? ", SRE" : "",
			hwpt->vtd_s1->eafe ? ", EAFE" : "", hwpt->vtd_s1->wpe ? ", WPE" : "");
	} else {
		text_append(text, size, "nested in viommus.%s for devices.%s", hwpt->viommu.name,
			hwpt->device.name);
		if (hwpt->mock)
			text_append(text, size, ", TLB entries 0x%" PRIx64, hwpt->mock->iotlb);
	}
	if (hwpt->ste) {
		iommuctl_smmuv3_ste_decode(words ? words : hwpt->ste->encoded, &ste);
		iommuctl_smmuv3_ste_print(&ste, fields, sizeof(fields));
		text_append(text, size, ", STE %s", fields);
	}
	if (hwpt->fault_queue.name)
		text_append(text, size, ", page faults to fault-queues.%s", hwpt->fault_queue.name);
}

static void describe_hwpt(const struct document_object *object, char *text, size_t size)
{
	describe_hwpt_with(object, NULL, text, size);
}

static const char *viommu_type_name(const struct document_object *viommu)
{
	if (job_is_vintf(viommu))
		return "tegra241-cmdqv";
	return ((const struct job_viommu *)viommu)->type == MOCK_VIOMMU_TYPE
		       ? "selftest"
		       : "arm-smmuv3";
}

static void describe_viommu(const struct document_object *object, char *text, size_t size)
{
	const struct job_viommu *viommu = (const struct job_viommu *)object;

	text_append(text, size, "%s on hwpts.%s, physical IOMMU of devices.%s",
		viommu_type_name(object), viommu->hwpt.name, viommu->device.name);
}

static void describe_vdevice(const struct document_object *object, char *text, size_t size)
{
	const struct job_vdevice *vdevice = (const struct job_vdevice *)object;

	text_append(text, size, "devices.%s is vSID 0x%" PRIx64 " of viommus.%s",
		vdevice->device.name, vdevice->vsid, vdevice->viommu.name);
}

static void describe_veventq(const struct document_object *object, char *text, size_t size)
{
	const struct job_veventq *veventq = (const struct job_veventq *)object;

	text_append(text, size, "%" PRIu64 " %s of viommus.%s", veventq->depth,
		veventq->type == IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV ? "errors of HW queues"
								      : "events",
		veventq->viommu.name);
}

static void describe_hw_queue(const struct document_object *object, char *text, size_t size)
{
	const struct job_hw_queue *queue = (const struct job_hw_queue *)object;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "queue %" PRIu64 " of viommus.%s: %s at IPA 0x%" PRIx64,
		queue->index, queue->viommu.name, value_print_size(queue->size, bytes), queue->ipa);
}

static void describe_stage1(const struct document_object *object, char *text, size_t size)
{
	const struct job_stage1 *stage1 = (const struct job_stage1 *)object;

	text_append(text, size,
		"tables at IPA 0x%" PRIx64 ", granule %" PRIu64 "K, ASID %" PRIu64
		", %zu mapping%s%s%s",
		stage1->at, stage1->granule >> 10, stage1->asid, stage1->map.count,
		stage1->map.count == 1 ? "" : "s",
		stage1->msi_window.target ? " and the MSI window of devices." : "",
		stage1->msi_window.target ? stage1->msi_window.name : "");
}

static void describe_cd_table(const struct document_object *object, char *text, size_t size)
{
	const struct job_cd_table *table = (const struct job_cd_table *)object;
	const struct job_context *contexts = table->contexts.items;

	text_append(
		text, size, "at IPA 0x%" PRIx64 ", S1CDMax %" PRIu64, table->at, table->s1cdmax);
	for (size_t i = 0; i < table->contexts.count; i++)
		text_append(text, size, ", SSID %" PRIu64 " ← stage1.%s", contexts[i].ssid,
			contexts[i].stage1.name);
}

static void describe_irq(const struct document_object *object, char *text, size_t size)
{
	static const char *const kinds[] = { "INTx", "MSI", "MSI-X", "MSI-X or MSI" };
	const struct job_irq *irq = (const struct job_irq *)object;

	text_append(text, size, "%s vector %" PRIu64 " of devices.%s to an eventfd",
		kinds[irq->index], irq->vector, irq->device.name);
}

static const struct {
	const char *operation;
	void (*describe)(const struct document_object *object, char *text, size_t size);
} makings[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = { "memfd_create", describe_memory },
	[JOB_DEVICES] = { "VFIO_DEVICE_BIND_IOMMUFD", describe_device },
	[JOB_IOAS] = { "IOMMU_IOAS_ALLOC", describe_ioas },
	[JOB_FAULT_QUEUES] = { "IOMMU_FAULT_QUEUE_ALLOC", describe_fault_queue },
	[JOB_HWPTS] = { "IOMMU_HWPT_ALLOC", describe_hwpt },
	[JOB_VIOMMUS] = { "IOMMU_VIOMMU_ALLOC", describe_viommu },
	[JOB_VDEVICES] = { "IOMMU_VDEVICE_ALLOC", describe_vdevice },
	[JOB_VEVENTQS] = { "IOMMU_VEVENTQ_ALLOC", describe_veventq },
	[JOB_HW_QUEUES] = { "IOMMU_HW_QUEUE_ALLOC", describe_hw_queue },
	[JOB_STAGE1] = { "stage-1 tables", describe_stage1 },
	[JOB_CD_TABLES] = { "CD table", describe_cd_table },
	[JOB_IRQS] = { "VFIO_DEVICE_SET_IRQS", describe_irq },
};

static bool is_mock(const struct document_object *object)
{
	return object->collection == JOB_DEVICES && ((const struct job_device *)object)->mock;
}

/* The call that makes @object; some devices are not bound by us. */
static const char *operation_of(const struct document_object *object)
{
	const struct job_device *device = (const struct job_device *)object;

	if (is_mock(object))
		return "IOMMU_TEST_CMD";
	if (object->collection == JOB_DEVICES && device->id)
		return "adopt";
	if (object->collection == JOB_DEVICES && !device->bind)
		return "open";
	return makings[object->collection].operation;
}

static void add_token(struct plan_description *description, const char *what, const uint8_t *token)
{
	char text[VALUE_UUID_TEXT_SIZE];

	if (token)
		text_append(description->detail, sizeof(description->detail), ", %s %s", what,
			value_print_uuid(token, text));
}

void plan_describe_tokens(
	const struct plan_operation *operation, struct plan_description *description)
{
	const struct job_device *device = (const struct job_device *)operation->object;

	if (!operation->object || operation->object->collection != JOB_DEVICES)
		return;
	add_token(description, "with the VF token", device->vf_token);
	add_token(description, "sets the VF token", device->set_vf_token);
}

void plan_describe(const struct plan_operation *operation, struct plan_description *description)
{
	const struct document_object *object = operation->object;
	const struct job_attach *attach = operation->attach;
	const struct job_step *step = operation->step;

	*description = (struct plan_description){ .name = step ? step->name : NULL };
	if (step) {
		/* Shapes of the mock have complete names. */
		description->operation = step->within ? step->key->shape->name : step->key->name;
		document_path_format(
			step->path, description->subject, sizeof(description->subject));
		plan_describe_step(step, description->detail, sizeof(description->detail));
	} else if (attach) {
		description->operation =
			is_mock(attach->device.target) ? "IOMMU_TEST_CMD"
						       : "VFIO_DEVICE_ATTACH_IOMMUFD_PT";
		document_path_format(
			attach->path, description->subject, sizeof(description->subject));
		action_attach.describe(attach, description->detail, sizeof(description->detail));
	} else {
		description->operation = operation_of(object);
		document_object_label(object, description->subject, sizeof(description->subject));
		if (operation->ste)
			describe_hwpt_with(object, operation->ste, description->detail,
				sizeof(description->detail));
		else
			makings[object->collection].describe(
				object, description->detail, sizeof(description->detail));
	}
}
