// SPDX-License-Identifier: MIT
/* The action that passes a guest's invalidation commands to the kernel. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "job/actions/action.h"
#include "job/actions/invalidate.h"
#include "job/encode.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

struct command {
	struct job_named_fields named; /* no name: words */
	struct document_list words;    /* uint64_t, two */
};

static const struct schema_key command_keys[] = {
	{ "opcode", SCHEMA_STRING, MEMBER(command, named.name), .group = 1,
		.help = "Name of the command: \"TLBI_NH_VA\"." },
	{ "words", SCHEMA_NUMBERS, MEMBER(command, words), .group = 1, .min = 2,
		.max = IOMMUCTL_SMMUV3_CMD_WORDS, .help = "The two words of the command instead." },
	{ NULL },
};

static const struct schema_fields command_fields = {
	&job_cmd_structure,
	offsetof(struct command, named.fields),
};

static const struct schema_shape command_shape = {
	"command",
	sizeof(struct command),
	command_keys,
	&command_fields,
	.help = "A command as a guest puts it into its command queue.",
};

static const struct fields_kind command_kind = {
	.what = "command",
	.number = offsetof(struct iommuctl_smmuv3_cmd, opcode),
	.from_name = iommuctl_smmuv3_cmd_from_name,
	.name_of = iommuctl_smmuv3_cmd_name,
	.find = iommuctl_smmuv3_cmd_field,
};

static const struct schema_key keys[] = {
	{ "viommu", SCHEMA_REF, MEMBER(job_invalidate, viommu), .required = true,
		.collection = JOB_VIOMMUS, .help = "The vIOMMU that the commands are for." },
	{ "commands", SCHEMA_ARRAY, MEMBER(job_invalidate, commands), .required = true,
		.max = 1 << 16, .shape = &command_shape, .help = "The commands, in order." },
	{ "done", SCHEMA_NUMBER, MEMBER(job_invalidate, done), .fallback = DOCUMENT_UNSET,
		.help = "Number of commands that the kernel must report as handled. By default all "
			"of them, or any number if the call fails." },
	{ NULL },
};

/* A command that was checked has an encoding. */
static int check_command(const struct job *job, const struct command *command,
	const struct document_path *path, struct iommuctl_viommu_arm_smmuv3_invalidate *encoded,
	struct document_problem *problem)
{
	uint64_t encoding[IOMMUCTL_SMMUV3_CMD_WORDS];
	const uint64_t *words = command->words.items;
	struct iommuctl_smmuv3_cmd cmd = { 0 };
	int err;

	if (!command->named.name && command->named.fields.count)
		return document_problem_set(
			problem, job->document, path, "\"words\" excludes fields");
	if (command->named.name) {
		err = fields_check_kind(job, path, &command_kind, &command->named, &cmd, problem);
		if (err)
			return err;
		iommuctl_smmuv3_cmd_encode(&cmd, encoding, NULL);
		words = encoding;
	}
	iommuctl_smmuv3_words_to_le(encoded, words, IOMMUCTL_SMMUV3_CMD_WORDS);
	return 0;
}

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct document_path list = { .parent = path, .key = "commands" };
	struct job_invalidate *invalidate = step->arguments;
	const struct command *commands = invalidate->commands.items;
	const size_t count = invalidate->commands.count;
	struct document_path place = { .parent = &list };
	int err = 0;

	if (invalidate->done != DOCUMENT_UNSET && invalidate->done > count)
		err = document_problem_set(problem, job->document, path,
			"\"done\" is %" PRIu64 ", but the number of commands is %zu",
			invalidate->done, count);
	if (err == -ENOMEM)
		return err;
	invalidate->encoded = document_alloc(job->document, count, sizeof(*invalidate->encoded));
	if (!invalidate->encoded)
		return -ENOMEM;
	for (; place.index < count; place.index++) {
		if (!document_note_error(&err, check_command(job, &commands[place.index], &place,
						       &invalidate->encoded[place.index], problem)))
			break;
	}
	return err;
}

static void decode(
	const struct job_invalidate *invalidate, size_t index, struct iommuctl_smmuv3_cmd *cmd)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	iommuctl_smmuv3_words_from_le(
		words, &invalidate->encoded[index], IOMMUCTL_SMMUV3_CMD_WORDS);
	iommuctl_smmuv3_cmd_decode(words, cmd);
}

static bool has_vsid(
	const struct sequence *sequence, const struct document_object *viommu, uint32_t vsid)
{
	const struct job_vdevice *vdevice = NULL;

	while ((vdevice = job_next_vdevice(sequence->job, NULL, viommu, vdevice))) {
		if (vdevice->vsid == vsid && sequence_has(sequence, &vdevice->object))
			return true;
	}
	return false;
}

static int go_through_substream(struct sequence *sequence, const struct job_viommu *viommu,
	const struct iommuctl_smmuv3_cmd *cmd)
{
	struct platform_facts facts;

	if (!iommuctl_smmuv3_cmd_field(cmd->opcode, "SubstreamID") ||
		!sequence_facts(sequence, viommu->device.target, &facts) ||
		!(cmd->substreamid >> facts.ssid_bits))
		return 0;
	return sequence_refuse(sequence, -EIO,
		"SubstreamID %" PRIu32 " is beyond the %u bits of the SMMU of devices.%s on this "
		"machine",
		cmd->substreamid, facts.ssid_bits, viommu->device.name);
}

static int go_through_command(struct sequence *sequence, const struct document_object *viommu,
	const struct iommuctl_smmuv3_cmd *cmd)
{
	const char *name = iommuctl_smmuv3_cmd_name(cmd->opcode);

	if (iommuctl_smmuv3_cmd_class(cmd->opcode) != IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED)
		return sequence_refuse(sequence, -EIO, "the kernel does not take %s from a guest%s",
			name ? name : "this opcode",
			cmd->opcode == IOMMUCTL_SMMUV3_CMD_CFGI_STE
				? "; to change an STE, attach another nested HWPT"
				: "");
	if (!iommuctl_smmuv3_cmd_field(cmd->opcode, "StreamID") ||
		has_vsid(sequence, viommu, cmd->streamid))
		return go_through_substream(sequence, (const struct job_viommu *)viommu, cmd);
	return sequence_refuse(sequence, -EIO,
		"no vDEVICE of viommus.%s has the vSID 0x%" PRIx32 " at this point", viommu->name,
		cmd->streamid);
}

static int go_through(struct sequence *sequence, const void *arguments)
{
	const struct job_invalidate *invalidate = arguments;
	const struct document_path *path = sequence->path;
	const struct document_path list = { .parent = path, .key = "commands" };
	struct document_path place = { .parent = &list };
	int err = 0;

	if (live_is_mock_viommu(invalidate->viommu.target))
		return sequence_refuse(sequence, -EINVAL,
			"viommus.%s is one of the kernel's mock, whose caches \"mock\": "
			"{\"invalidate\": …} invalidates",
			invalidate->viommu.name);
	sequence->path = &list;
	if (!invalidate->commands.count)
		err = sequence_refuse(sequence, -EINVAL, "there are no commands");
	sequence->path = &place;
	for (; !err && place.index < invalidate->commands.count; place.index++) {
		struct iommuctl_smmuv3_cmd cmd;

		decode(invalidate, place.index, &cmd);
		err = go_through_command(sequence, invalidate->viommu.target, &cmd);
	}
	sequence->path = path;
	return err;
}

static void describe(const void *arguments, char *text, size_t size)
{
	const struct job_invalidate *invalidate = arguments;
	struct iommuctl_smmuv3_cmd cmd;
	char first[256];

	text_append(text, size, "viommus.%s: ", invalidate->viommu.name);
	if (!invalidate->commands.count) {
		text_append(text, size, "0 commands");
		return;
	}
	decode(invalidate, 0, &cmd);
	iommuctl_smmuv3_cmd_print(&cmd, first, sizeof(first));
	text_append(text, size, "%s", first);
	if (invalidate->commands.count > 1)
		text_append(text, size, " and %zu more", invalidate->commands.count - 1);
}

static bool needs_repeating(
	const struct iommuctl_viommu_arm_smmuv3_invalidate *commands, uint32_t count)
{
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS];

	for (uint32_t i = 0; i < count; i++) {
		iommuctl_smmuv3_words_from_le(words, &commands[i], IOMMUCTL_SMMUV3_CMD_WORDS);
		if ((uint8_t)words[0] != IOMMUCTL_SMMUV3_CMD_ATC_INV)
			return true;
	}
	return false;
}

/* If a call fails, no command of the kernel's current block is certain to be complete. */
static int repeat(struct live *live, const struct invalidation *invalidation,
	struct iommuctl_hwpt_invalidate_args args, uint32_t count)
{
	if (!invalidation->repeat || !needs_repeating(invalidation->entries, count))
		return 0;
	return iommuctl_hwpt_invalidate(live->ctx, live->iommufd, &args, &count);
}

int invalidation_run(
	struct live *live, const struct job_step *step, const struct invalidation *invalidation)
{
	const struct iommuctl_hwpt_invalidate_args args = {
		.hwpt_id = live_object(live, invalidation->object)->id,
		.data_type = invalidation->data_type,
		.entry_len = invalidation->entry_len,
		.entries = invalidation->entries,
	};
	const uint32_t count = invalidation->count;
	const char *errno_expected = step->expect ? step->expect->errno_name : "";
	uint64_t due = invalidation->due;
	uint32_t done = count;
	int again;
	int err = iommuctl_hwpt_invalidate(live->ctx, live->iommufd, &args, &done);

	if (err)
		live_fail(live, invalidation->object, err);
	again = repeat(live, invalidation, args, err ? done - done % IOMMUCTL_RELAY_BLOCK : done);
	if (again && !err)
		return live_fail(live, invalidation->object, again);
	/* The kernel counts the entries before the one that it refuses. */
	if (err && done < count)
		live_fail_command(live, done);
	/* A success need not cover all entries. */
	if (!err && due == DOCUMENT_UNSET)
		due = count;
	if (-err != errno_from_name(errno_expected) || due == DOCUMENT_UNSET || due == done)
		return err;
	live_unmet(live, invalidation->object,
		"the kernel handled %u of %u %s; %" PRIu64 " were expected", done, count,
		invalidation->what, due);
	return live_expected(live, "%" PRIu64 " %s handled", due, invalidation->what);
}

/*
 * If the SMMU can no longer be asked because its device is gone, assume that it needs the
 * repetition.
 */
static int find_issues(struct live *live, const struct job_viommu *viommu)
{
	struct live_object *state = live_object(live, &viommu->object);
	const struct live_object *device = live_object(live, viommu->device.target);
	struct iommuctl_hw_info_arm_smmuv3 data = { 0 };
	struct iommuctl_hw_info info;
	bool once;
	int err;

	if (!state->issues && !device->made)
		state->issues = 2;
	if (state->issues)
		return 0;
	err = iommuctl_device_get_hw_info(
		live->ctx, live->iommufd, device->id, &data, sizeof(data), &info);
	if (err)
		return live_fail(live, viommu->device.target, err);
	once = info.type != IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3 ||
	       !(data.flags & IOMMUCTL_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI);
	state->issues = once ? 1 : 2;
	return 0;
}

static int run(struct live *live, const struct job_step *step)
{
	const struct job_invalidate *invalidate = step->arguments;
	int err = find_issues(live, (const struct job_viommu *)invalidate->viommu.target);
	const struct invalidation invalidation = {
		.object = invalidate->viommu.target,
		.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.entry_len = sizeof(*invalidate->encoded),
		.entries = invalidate->encoded,
		.count = (uint32_t)invalidate->commands.count,
		.repeat = live_object(live, invalidate->viommu.target)->issues > 1,
		.due = invalidate->done,
		.what = "commands",
	};

	return err ? err : invalidation_run(live, step, &invalidation);
}

const struct job_action action_invalidate = {
	{ "invalidate", sizeof(struct job_invalidate), keys,
		.help = "Passes invalidation commands to the kernel, in one call. TLBI and CFGI "
			"are repeated if an SMMU erratum requires it (ERRATA_REPEAT_TLBI_CFGI)." },
	.check = check,
	.go_through = go_through,
	.describe = describe,
	.run = run,
};
