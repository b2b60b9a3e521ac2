// SPDX-License-Identifier: MIT
/* An object in few words, by its collection. */
#include <inttypes.h>

#include "document/value.h"
#include "look/objects.h"
#include "output/text.h"

static void detail_memory(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct job_memory *memory = (const struct job_memory *)object;
	char bytes[VALUE_TEXT_SIZE];

	(void)live;
	text_append(text, size, "%s at IPA 0x%" PRIx64, value_print_size(memory->size, bytes),
		memory->ipa);
}

static void detail_device(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct platform_device *found = &live->devices[object->index].found;

	text_append(text, size, "%s%s", found->pci, *found->pci ? ", " : "");
	if (found->iommu_group < 0)
		text_append(text, size, "own group");
	else
		text_append(text, size, "group %d", found->iommu_group);
	if (*found->iommu)
		text_append(text, size, ", %s", found->iommu);
	if (!((const struct job_device *)object)->bind)
		text_append(text, size, ", not bound");
}

static void detail_ioas(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct iova_map *map = &live->maps[object->index];
	uint64_t mapped = 0;
	char bytes[VALUE_TEXT_SIZE];

	for (size_t i = 0; i < map->count; i++)
		mapped += map->spans[i].last - map->spans[i].first + 1;
	text_append(text, size, "%s mapped (mappings: %zu)", value_print_size(mapped, bytes),
		map->count);
}

static void detail_hwpt(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct job_hwpt *hwpt = (const struct job_hwpt *)object;
	const struct iommuctl_smmuv3_field *config = iommuctl_smmuv3_ste_field("Config");
	struct iommuctl_smmuv3_ste ste;
	const char *name;

	if (hwpt->vtd_s1) {
		text_append(text, size, "nested, VT-d tables of %" PRIu64 " bits at 0x%" PRIx64,
			hwpt->vtd_s1->addr_width, hwpt->vtd_s1->pgtbl_addr);
		return;
	}
	if (hwpt->mock) {
		text_append(text, size, "nested, of the mock");
		return;
	}
	if (!hwpt->ste) {
		text_append(text, size, "%s", hwpt->nest_parent ? "nesting parent" : "paging");
		return;
	}
	iommuctl_smmuv3_ste_decode(live_object(live, object)->ste, &ste);
	name = iommuctl_smmuv3_field_value_name(config, ste.config);
	text_append(
		text, size, "nested, Config=%s%s", name ? name : "reserved", ste.v ? "" : ", V=0");
}

static void detail_viommu(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct live_object *state = live_object(live, object);
	char bytes[VALUE_TEXT_SIZE];

	if (job_is_vintf(object))
		text_append(text, size, "tegra241-cmdqv, page 0: %s at offset 0x%" PRIx64 "%s",
			value_print_size(state->mmap_length, bytes), state->mmap_offset,
			state->page0 ? "" : ", not mapped");
}

static void detail_vdevice(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	(void)live;
	text_append(text, size, "vSID 0x%" PRIx64, ((const struct job_vdevice *)object)->vsid);
}

static void detail_veventq(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct live_queue *queue = &live->queues[object->index];

	text_append(text, size, "depth %" PRIu64 ", events read: %" PRIu64,
		((const struct job_veventq *)object)->depth, queue->reader.received);
	if (queue->reader.lost)
		text_append(text, size, ", lost: %" PRIu64, queue->reader.lost);
}

static void detail_stage1(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct job_stage1 *stage1 = (const struct job_stage1 *)object;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "at 0x%" PRIx64 ", %s, ASID %" PRIu64 ", tables: %" PRIu64,
		stage1->at, value_print_size(stage1->granule, bytes), stage1->asid,
		live->tables.stage1[object->index].tables_used);
}

static void detail_cd_table(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct job_cd_table *table = (const struct job_cd_table *)object;

	(void)live;
	text_append(text, size, "at 0x%" PRIx64 ", S1CDMax %" PRIu64 ", %s", table->at,
		table->s1cdmax,
		table->s1fmt == IOMMUCTL_SMMUV3_S1FMT_LINEAR ? "linear" : "two levels");
}

/* Registers of a CMDQV queue, as page 0 has them now. */
static void detail_registers(
	const struct live *live, const struct job_hw_queue *queue, char *text, size_t size)
{
	const struct live_object *viommu = live_object(live, queue->viommu.target);
	struct iommuctl_smmuv3_cmdqv_queue registers;

	if (!viommu->page0 ||
		iommuctl_smmuv3_cmdqv_queue_read(viommu->page0, (size_t)viommu->mmap_length,
			(unsigned int)queue->index, &registers))
		return;
	text_append(text, size, ", %s, PROD 0x%" PRIx32 ", CONS 0x%" PRIx32,
		registers.status & 1 ? "on" : "off", registers.prod, registers.cons);
	if (registers.gerror != registers.gerrorn)
		text_append(text, size, ", GERROR 0x%" PRIx32, registers.gerror);
}

static void detail_hw_queue(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct job_hw_queue *queue = (const struct job_hw_queue *)object;

	text_append(text, size, "index %" PRIu64 ", at 0x%" PRIx64, queue->index, queue->ipa);
	detail_registers(live, queue, text, size);
}

static void detail_irq(
	const struct live *live, const struct document_object *object, char *text, size_t size)
{
	const struct job_irq *irq = (const struct job_irq *)object;

	(void)live;
	text_append(text, size, "index %" PRIu64 ", vector %" PRIu64, irq->index, irq->vector);
}

typedef void detail_fn(
	const struct live *live, const struct document_object *object, char *text, size_t size);

static detail_fn *const details[JOB_COLLECTIONS] = {
	[JOB_MEMORY] = detail_memory,
	[JOB_DEVICES] = detail_device,
	[JOB_IOAS] = detail_ioas,
	[JOB_HWPTS] = detail_hwpt,
	[JOB_VIOMMUS] = detail_viommu,
	[JOB_VDEVICES] = detail_vdevice,
	[JOB_VEVENTQS] = detail_veventq,
	[JOB_HW_QUEUES] = detail_hw_queue,
	[JOB_STAGE1] = detail_stage1,
	[JOB_CD_TABLES] = detail_cd_table,
	[JOB_IRQS] = detail_irq,
};

const char *look_detail(
	const struct live *live, const struct document_object *object, char text[LOOK_DETAIL_SIZE])
{
	text[0] = '\0';
	if (details[object->collection])
		details[object->collection](live, object, text, LOOK_DETAIL_SIZE);
	return text;
}
