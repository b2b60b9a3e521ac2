// SPDX-License-Identifier: MIT
/* The action that hands invalidation commands of a guest to the kernel. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "job/action.h"
#include "job/action_invalidate.h"
#include "job/encode.h"
#include "job/schema.h"
#include "job/sequence.h"
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
	.help = "A command as a guest would put it into its command queue.",
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
		.max = 1 << 16, .shape = &command_shape, .help = "What to invalidate, in order." },
	{ "done", SCHEMA_NUMBER, MEMBER(job_invalidate, done), .fallback = DOCUMENT_UNSET,
		.help = "How many commands the kernel says it has handled; if not given, all of them, and "
			"of a call that fails it does not matter." },
	{ NULL },
};

/* Once it is checked, a command has an encoding. */
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
		return document_problem_set(problem, job->document, path,
			"\"done\" is %" PRIu64 ", and there are %zu commands", invalidate->done,
			count);
	invalidate->encoded = document_alloc(job->document, count, sizeof(*invalidate->encoded));
	if (!invalidate->encoded)
		return -ENOMEM;
	for (; place.index < count; place.index++) {
		if (!document_goes_on(&err, check_command(job, &commands[place.index], &place,
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
		"SubstreamID %" PRIu32
		" is beyond the %u bits of the SMMU of devices.%s in this machine",
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
				? "; attaching another nested HWPT is what changes an STE"
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

	sequence->path = &list;
	if (!invalidate->commands.count)
		err = sequence_refuse(sequence, -EINVAL, "there is no command");
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
	int err = iommuctl_hwpt_invalidate(live->ctx, live->iommufd, &args, &done);

	if (err)
		live_fail(live, invalidation->object, err);
	/* What the kernel has handled ends before the entry that it takes offence at. */
	if (err && done < count)
		live_fail_command(live, done);
	/* What is not said of a success is that it is one of all entries. */
	if (!err && due == DOCUMENT_UNSET)
		due = count;
	if (-err != errno_from_name(errno_expected) || due == DOCUMENT_UNSET || due == done)
		return err;
	live_unmet(live, invalidation->object,
		"the kernel has handled %u of %u %s; %" PRIu64 " were expected", done, count,
		invalidation->what, due);
	return live_expected(live, "%" PRIu64 " %s handled", due, invalidation->what);
}

static int run(struct live *live, const struct job_step *step)
{
	const struct job_invalidate *invalidate = step->arguments;
	const struct invalidation invalidation = {
		.object = invalidate->viommu.target,
		.data_type = IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3,
		.entry_len = sizeof(*invalidate->encoded),
		.entries = invalidate->encoded,
		.count = (uint32_t)invalidate->commands.count,
		.due = invalidate->done,
		.what = "commands",
	};

	return invalidation_run(live, step, &invalidation);
}

const struct job_action action_invalidate = {
	{ "invalidate", sizeof(struct job_invalidate), keys,
		.help = "Hands invalidation commands to the kernel, in one call." },
	.check = check,
	.go_through = go_through,
	.describe = describe,
	.run = run,
};
