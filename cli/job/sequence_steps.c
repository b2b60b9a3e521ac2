// SPDX-License-Identifier: MIT
/* Steps: whether what they act on is there and takes what they do. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "job/sequence.h"
#include "document/value.h"

static int act_attach(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	return sequence_attach(sequence, path, step->attach);
}

static int act_create(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	return sequence_make(sequence, path, step->create->target);
}

static int act_destroy(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	return sequence_destroy(sequence, path, step->destroy->target);
}

static int act_detach(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	const struct document_object *device = step->detach->device.target;
	int err;

	err = sequence_need(sequence, path, device);
	if (err || step->expect)
		return err;
	if (!sequence->attached[device->index])
		return document_problem_set(sequence->problem, sequence->job->document, path,
			"devices.%s is not attached at this point: nothing would be done", device->name);
	sequence->attached[device->index] = NULL;
	return 0;
}

static int act_reset(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	return sequence_need(sequence, path, step->reset->device.target);
}

static int need_memory(
	struct sequence *sequence, const struct document_path *path, uint64_t ipa, uint64_t size)
{
	const struct job_memory *memory = job_memory_at(sequence->job, ipa, size);

	return memory ? sequence_need(sequence, path, &memory->object) : 0;
}

static int act_write(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	const struct job_step_write *write = step->write ? step->write : step->check;

	return need_memory(
		sequence, path, write->ipa, job_bytes_of(&write->text, &write->hex)->size);
}

static int act_dma(struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	const struct job_dma_expect *data = job_dma_data(step->dma);
	int err;

	err = sequence_need(sequence, path, step->dma->device.target);
	if (!err && data)
		err = need_memory(sequence, path, data->ipa, job_dma_size(step->dma));
	return err;
}

/* The tables of @object, which are there and in memory that is there as well. */
static int need_stage1(
	struct sequence *sequence, const struct document_path *path, const struct document_object *object)
{
	const struct job_stage1 *stage1 = (const struct job_stage1 *)object;
	int err;

	err = sequence_need(sequence, path, object);
	return err ? err : need_memory(sequence, path, stage1->at, stage1->size);
}

static const char *explain_edit(int error)
{
	switch (error) {
	case -EEXIST: return "something is mapped there already";
	case -ENOENT: return "not all of it is mapped";
	case -ENOSPC: return "the tables need more than \"size\" bytes";
	case -ERANGE: return "an address does not fit va-bits or pa-bits";
	default: return "addresses and size must be multiples of the granule, and prot must have \"r\"";
	}
}

/* How an edit of @object ended on tables of our own, which nothing else may have written to. */
static int judge_edit(struct sequence *sequence, const struct document_path *path,
	const struct document_object *object, int error)
{
	const bool depends = error == -EEXIST || error == -ENOENT || error == -ENOSPC ||
			     error == -EFAULT;

	if (!error || (sequence->unknown[object->index] && depends))
		return 0;
	return sequence_refuse(sequence, path, error, "stage1.%s: %s", object->name,
		explain_edit(error));
}

static int edit_leaf(struct sequence *sequence, const struct document_path *path,
	const struct job_step_map *map,
	int (*edit)(struct iommuctl_stage1 *stage1, const struct job_leaf *leaf))
{
	const struct document_object *object = map->stage1.target;
	int err = need_stage1(sequence, path, object);

	if (err || sequence->step->expect)
		return err;
	return judge_edit(sequence, path, object,
		edit(&sequence->tables->stage1[object->index], &map->leaf));
}

static int act_map(struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	return edit_leaf(sequence, path, step->map, tables_map_leaf);
}

static int act_remap(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	return edit_leaf(sequence, path, step->remap, tables_remap_leaf);
}

static int unmap_ioas(struct sequence *sequence, const struct document_path *path,
	const struct job_step_unmap *unmap)
{
	const struct document_object *ioas = unmap->ioas.target;
	uint64_t last, removed;
	int err = sequence_need(sequence, path, ioas);

	if (err)
		return err;
	if (__builtin_add_overflow(unmap->iova, unmap->size - 1, &last))
		return sequence_refuse(
			sequence, path, -EOVERFLOW, "it ends beyond 64 bits of address");
	err = iova_map_remove(&sequence->maps[ioas->index], unmap->iova, last, &removed);
	return err ? sequence_refuse(sequence, path, err, removed ?
			"a mapping of ioas.%s is only in part inside of it: mappings are undone whole" :
			"ioas.%s has no whole mapping there", ioas->name) : 0;
}

static int act_unmap(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	const struct job_step_unmap *unmap = step->unmap;
	int err;

	if (unmap->ioas.target)
		return unmap_ioas(sequence, path, unmap);
	err = need_stage1(sequence, path, unmap->stage1.target);
	if (err || step->expect)
		return err;
	return judge_edit(sequence, path, unmap->stage1.target,
		iommuctl_stage1_unmap(&sequence->tables->stage1[unmap->stage1.target->index],
			unmap->iova, unmap->size));
}

static int act_ioas_map(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	const struct document_object *ioas = step->ioas_map->ioas.target;
	int err = sequence_need(sequence, path, ioas);

	if (err || step->expect)
		return err;
	return sequence_map(
		sequence, path, (const struct job_ioas *)ioas, step->ioas_map->map);
}

static int act_set_cd(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	const struct job_step_set_cd *set = step->set_cd;
	const struct job_cd_table *table = (const struct job_cd_table *)set->cd_table.target;
	struct iommuctl_smmuv3_refusal refusal;
	int err;

	err = sequence_need(sequence, path, &table->object);
	if (!err && set->context.stage1.target)
		err = sequence_need(sequence, path, set->context.stage1.target);
	if (!err)
		err = need_memory(sequence, path, table->at, 1);
	if (err || step->expect)
		return err;
	err = tables_set_cd(sequence->tables, table, &set->context, &set->words, &refusal);
	if (err == -ENOSPC)
		return sequence_refuse(sequence, path, err,
			"\"size\" of cd-tables.%s is too small for it", table->object.name);
	return 0;
}

static bool has_vsid(
	const struct sequence *sequence, const struct document_object *viommu, uint32_t vsid)
{
	const struct job_vdevice *vdevices = sequence->job->objects[JOB_VDEVICES].items;

	for (size_t i = 0; i < sequence->job->objects[JOB_VDEVICES].count; i++) {
		if (sequence->exists[JOB_VDEVICES][i] && vdevices[i].viommu.target == viommu &&
			vdevices[i].vsid == vsid)
			return true;
	}
	return false;
}

static int check_substream(struct sequence *sequence, const struct document_path *path,
	const struct job_viommu *viommu, const struct iommuctl_smmuv3_cmd *cmd)
{
	struct platform_facts facts;

	if (!iommuctl_smmuv3_cmd_field(cmd->opcode, "SubstreamID") ||
		!sequence_facts(sequence, viommu->device.target, &facts) ||
		!(cmd->substreamid >> facts.ssid_bits))
		return 0;
	return sequence_refuse(sequence, path, -EIO,
		"SubstreamID %" PRIu32 " is beyond the %u bits of the SMMU of devices.%s in this machine",
		cmd->substreamid, facts.ssid_bits, viommu->device.name);
}

static int check_command(struct sequence *sequence, const struct document_path *path,
	const struct document_object *viommu, const struct job_command *command)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_smmuv3_cmd cmd;
	const char *name;

	if (tables_encode_command(command, words, &refusal))
		return 0;
	iommuctl_smmuv3_cmd_decode(words, &cmd);
	name = iommuctl_smmuv3_cmd_name(cmd.opcode);
	if (iommuctl_smmuv3_cmd_class(cmd.opcode) != IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED)
		return sequence_refuse(sequence, path, -EIO,
			"the kernel does not take %s from a guest%s", name ? name : "this opcode",
			cmd.opcode == IOMMUCTL_SMMUV3_CMD_CFGI_STE ?
				"; attaching another nested HWPT is what changes an STE" : "");
	if (!iommuctl_smmuv3_cmd_field(cmd.opcode, "StreamID") ||
		has_vsid(sequence, viommu, cmd.streamid))
		return check_substream(
			sequence, path, (const struct job_viommu *)viommu, &cmd);
	return sequence_refuse(sequence, path, -EIO,
		"no vDEVICE of viommus.%s has the vSID 0x%" PRIx32 " at this point", viommu->name,
		cmd.streamid);
}

static int act_invalidate(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	const struct job_step_invalidate *invalidate = step->invalidate;
	const struct document_path list = { .parent = path, .key = "commands" };
	const struct job_command *commands = invalidate->commands.items;
	int err;

	err = sequence_need(sequence, path, invalidate->viommu.target);
	if (!err && !invalidate->commands.count)
		err = sequence_refuse(sequence, &list, -EINVAL, "there is no command");
	for (size_t i = 0; !err && i < invalidate->commands.count; i++) {
		const struct document_path place = { .parent = &list, .index = i };

		err = check_command(sequence, &place, invalidate->viommu.target, &commands[i]);
	}
	return err;
}

/* Whether the job has any device whose events @queue could hold. */
static bool has_source(const struct job *job, const struct job_veventq *queue)
{
	const struct job_vdevice *vdevices = job->objects[JOB_VDEVICES].items;

	for (size_t i = 0; i < job->objects[JOB_VDEVICES].count; i++) {
		if (vdevices[i].viommu.target == queue->viommu.target)
			return true;
	}
	return false;
}

static int act_event(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	const struct job_veventq *queue = (const struct job_veventq *)step->event->veventq.target;
	int err;

	err = sequence_need(sequence, path, &queue->object);
	if (err || step->expect || has_source(sequence->job, queue))
		return err;
	return document_problem_set(sequence->problem, sequence->job->document, path,
		"viommus.%s has no vDEVICE, so that no event can come", queue->viommu.name);
}

static int act_no_event(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	return sequence_need(sequence, path, step->no_event->veventq.target);
}

static int act_trigger_msi(
	struct sequence *sequence, const struct document_path *path, const struct job_step *step)
{
	return sequence_need(sequence, path, step->trigger_msi->irq.target);
}

static const struct {
	const char *key;
	size_t member;
	int (*act)(struct sequence *sequence, const struct document_path *path,
		const struct job_step *step);
} actions[] = {
	{ "write", offsetof(struct job_step, write), act_write },
	{ "check", offsetof(struct job_step, check), act_write },
	{ "dma", offsetof(struct job_step, dma), act_dma },
	{ "map", offsetof(struct job_step, map), act_map },
	{ "remap", offsetof(struct job_step, remap), act_remap },
	{ "unmap", offsetof(struct job_step, unmap), act_unmap },
	{ "ioas-map", offsetof(struct job_step, ioas_map), act_ioas_map },
	{ "set-cd", offsetof(struct job_step, set_cd), act_set_cd },
	{ "invalidate", offsetof(struct job_step, invalidate), act_invalidate },
	{ "attach", offsetof(struct job_step, attach), act_attach },
	{ "detach", offsetof(struct job_step, detach), act_detach },
	{ "reset", offsetof(struct job_step, reset), act_reset },
	{ "event", offsetof(struct job_step, event), act_event },
	{ "no-event", offsetof(struct job_step, no_event), act_no_event },
	{ "trigger-msi", offsetof(struct job_step, trigger_msi), act_trigger_msi },
	{ "create", offsetof(struct job_step, create), act_create },
	{ "destroy", offsetof(struct job_step, destroy), act_destroy },
};

int sequence_act(struct sequence *sequence, const struct job_step *step)
{
	struct document_path path = { .parent = step->path };
	size_t i = 0;

	while (!job_step_takes(step, actions[i].member))
		i++;
	path.key = actions[i].key;
	return actions[i].act(sequence, &path, step);
}
