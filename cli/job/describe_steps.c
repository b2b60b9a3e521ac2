// SPDX-License-Identifier: MIT
/* What a step does, as far as its document tells. */
#include <inttypes.h>
#include <stddef.h>

#include "job/plan.h"
#include "job/tables.h"
#include "document/value.h"
#include "output/text.h"

static void describe_content(uint64_t ipa, const char *verb, const struct document_bytes *bytes,
	char *text, size_t size)
{
	char content[VALUE_BYTES_SIZE];

	text_append(text, size, "IPA 0x%" PRIx64 " %s %s", ipa, verb,
		value_print_bytes(bytes->data, bytes->size, content));
}

static void describe_write(const struct job_step *step, char *text, size_t size)
{
	describe_content(step->write->ipa, "←",
		job_bytes_of(&step->write->text, &step->write->hex), text, size);
}

static void describe_check(const struct job_step *step, char *text, size_t size)
{
	describe_content(step->check->ipa, "holds",
		job_bytes_of(&step->check->text, &step->check->hex), text, size);
}

static void describe_dma(const struct job_step *step, char *text, size_t size)
{
	const struct job_step_dma *dma = step->dma;
	const struct job_dma_expect *data = job_dma_data(dma);
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "devices.%s: %s", dma->device.name,
		value_print_size(job_dma_size(dma), bytes));
	if (dma->from != DOCUMENT_UNSET)
		text_append(text, size, " from IOVA 0x%" PRIx64, dma->from);
	if (dma->to != DOCUMENT_UNSET)
		text_append(text, size, " to IOVA 0x%" PRIx64, dma->to);
	if (dma->expect && dma->expect->outcome == JOB_DMA_BLOCKED)
		text_append(text, size, "; blocked");
	if (!data)
		return;
	text_append(text, size, "; ");
	describe_content(data->ipa, "holds", job_bytes_of(&data->text, &data->hex), text, size);
}

static void describe_leaf(const struct job_step_map *map, char *text, size_t size)
{
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "stage1.%s: IOVA 0x%" PRIx64 " → IPA 0x%" PRIx64 ", %s",
		map->stage1.name, map->leaf.iova, map->leaf.ipa,
		value_print_size(map->leaf.size, bytes));
}

static void describe_map(const struct job_step *step, char *text, size_t size)
{
	describe_leaf(step->map, text, size);
}

static void describe_remap(const struct job_step *step, char *text, size_t size)
{
	describe_leaf(step->remap, text, size);
}

static void describe_unmap(const struct job_step *step, char *text, size_t size)
{
	const struct job_step_unmap *unmap = step->unmap;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "%s.%s: IOVA 0x%" PRIx64 ", %s", unmap->ioas.name ? "ioas" : "stage1",
		unmap->ioas.name ? unmap->ioas.name : unmap->stage1.name, unmap->iova,
		value_print_size(unmap->size, bytes));
}

static void describe_ioas_map(const struct job_step *step, char *text, size_t size)
{
	const struct job_ioas_map *map = step->ioas_map->map;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "ioas.%s: IOVA 0x%" PRIx64 " ← memory.%s, %s",
		step->ioas_map->ioas.name, job_ioas_map_iova(map), map->memory.name,
		value_print_size(job_ioas_map_length(map), bytes));
}

static void describe_set_cd(const struct job_step *step, char *text, size_t size)
{
	const struct job_step_set_cd *set = step->set_cd;

	text_append(text, size, "cd-tables.%s: SSID %" PRIu64 " ← %s%s", set->cd_table.name,
		set->context.ssid, set->words.count ? "words" : "stage1.",
		set->words.count ? "" : set->context.stage1.name);
}

static void describe_invalidate(const struct job_step *step, char *text, size_t size)
{
	const struct document_list *commands = &step->invalidate->commands;
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_smmuv3_cmd cmd;
	char first[256];

	text_append(text, size, "viommus.%s: ", step->invalidate->viommu.name);
	if (!commands->count || tables_encode_command(commands->items, words, &refusal)) {
		text_append(text, size, "%zu commands", commands->count);
		return;
	}
	iommuctl_smmuv3_cmd_decode(words, &cmd);
	iommuctl_smmuv3_cmd_print(&cmd, first, sizeof(first));
	text_append(text, size, "%s", first);
	if (commands->count > 1)
		text_append(text, size, " and %zu more", commands->count - 1);
}

static void describe_attach(const struct job_step *step, char *text, size_t size)
{
	plan_describe_attach(step->attach, text, size);
}

static void describe_detach(const struct job_step *step, char *text, size_t size)
{
	text_append(text, size, "devices.%s", step->detach->device.name);
}

static void describe_reset(const struct job_step *step, char *text, size_t size)
{
	text_append(text, size, "devices.%s", step->reset->device.name);
}

static void describe_event(const struct job_step *step, char *text, size_t size)
{
	const struct document_field *fields = step->event->fields.items;

	text_append(text, size, "veventqs.%s: %s", step->event->veventq.name, step->event->type);
	for (size_t i = 0; i < step->event->fields.count; i++) {
		const char *name = iommuctl_smmuv3_field_value_name(fields[i].field, fields[i].value);

		text_append(text, size, " %s=", fields[i].name);
		if (name)
			text_append(text, size, "%s", name);
		else
			text_append(text, size, "0x%" PRIx64, fields[i].value);
	}
}

static void describe_no_event(const struct job_step *step, char *text, size_t size)
{
	text_append(text, size, "veventqs.%s: nothing for %" PRIu64 " ms",
		step->no_event->veventq.name, step->no_event->timeout_ms);
}

static void describe_trigger_msi(const struct job_step *step, char *text, size_t size)
{
	text_append(text, size, "irqs.%s: %s", step->trigger_msi->irq.name,
		step->trigger_msi->delivered ? "the eventfd fires" : "nothing arrives");
}

static void describe_create(const struct job_step *step, char *text, size_t size)
{
	text_append(text, size, "%s", step->create->object);
}

static void describe_destroy(const struct job_step *step, char *text, size_t size)
{
	text_append(text, size, "%s", step->destroy->object);
}

static const struct {
	size_t member;
	void (*describe)(const struct job_step *step, char *text, size_t size);
} actions[] = {
	{ offsetof(struct job_step, write), describe_write },
	{ offsetof(struct job_step, check), describe_check },
	{ offsetof(struct job_step, dma), describe_dma },
	{ offsetof(struct job_step, map), describe_map },
	{ offsetof(struct job_step, remap), describe_remap },
	{ offsetof(struct job_step, unmap), describe_unmap },
	{ offsetof(struct job_step, ioas_map), describe_ioas_map },
	{ offsetof(struct job_step, set_cd), describe_set_cd },
	{ offsetof(struct job_step, invalidate), describe_invalidate },
	{ offsetof(struct job_step, attach), describe_attach },
	{ offsetof(struct job_step, detach), describe_detach },
	{ offsetof(struct job_step, reset), describe_reset },
	{ offsetof(struct job_step, event), describe_event },
	{ offsetof(struct job_step, no_event), describe_no_event },
	{ offsetof(struct job_step, trigger_msi), describe_trigger_msi },
	{ offsetof(struct job_step, create), describe_create },
	{ offsetof(struct job_step, destroy), describe_destroy },
};

void plan_describe_step(const struct job_step *step, char *text, size_t size)
{
	size_t i = 0;

	while (!job_step_takes(step, actions[i].member))
		i++;
	actions[i].describe(step, text, size);
	if (step->expect)
		text_append(text, size, ", which fails with %s", step->expect->errno_name);
}
