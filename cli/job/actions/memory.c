// SPDX-License-Identifier: MIT
/* The actions that write and compare guest memory. */
#include "job/actions/memory.h"

#include <inttypes.h>
#include <string.h>

#include "document/value.h"
#include "job/actions/action.h"
#include "job/live/live.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"

static const struct schema_key content_keys[] = {
	{ "ipa", SCHEMA_NUMBER, MEMBER(action_content, ipa), .required = true,
		.help = "Address in guest memory." },
	{ "text", SCHEMA_TEXT, MEMBER(action_content, bytes), .group = 1,
		.help = "The bytes, as text." },
	{ "hex", SCHEMA_HEX, MEMBER(action_content, bytes), .group = 1,
		.help = "The bytes, as pairs of hexadecimal digits." },
	{ NULL },
};

#define CONTENT_SHAPE                                                                              \
	{                                                                                          \
		"write", sizeof(struct action_content), content_keys,                              \
			.help = "Bytes in guest memory."                                           \
	}

int content_check(const struct job *job, const struct action_content *content,
	const struct document_path *path, struct document_problem *problem)
{
	const uint64_t size = content->bytes.size;
	char bytes[VALUE_TEXT_SIZE];

	/* A memory with errors of its own might be the one. */
	if (job_memory_at(job, content->ipa, size) || job_memory_is_doubtful(job))
		return 0;
	return document_problem_set(problem, job->document, path,
		"no memory holds %s at IPA 0x%" PRIx64, value_print_size(size, bytes),
		content->ipa);
}

void content_describe(
	const struct action_content *content, const char *verb, char *text, size_t size)
{
	const struct document_bytes *bytes = &content->bytes;
	char shown[VALUE_BYTES_SIZE];

	text_append(text, size, "IPA 0x%" PRIx64 " %s %s", content->ipa, verb,
		value_print_bytes(bytes->data, bytes->size, shown));
}

int content_compare(struct live *live, const struct action_content *content)
{
	const struct document_bytes *expected = &content->bytes;
	const uint8_t *host = live_memory_at(live, content->ipa, expected->size);
	char wanted[VALUE_BYTES_SIZE], found[VALUE_BYTES_SIZE];

	if (!host)
		return live->failure.error;
	if (memcmp(host, expected->data, expected->size) == 0)
		return 0;
	live_unmet(live, NULL, "IPA 0x%" PRIx64 " holds %s; %s was expected", content->ipa,
		value_print_bytes(host, expected->size, found),
		value_print_bytes(expected->data, expected->size, wanted));
	return live_expected(live, "%s", wanted);
}

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	return content_check(job, step->arguments, path, problem);
}

static struct action_span span_of(const void *arguments)
{
	const struct action_content *content = arguments;

	return (struct action_span){ content->ipa, content->bytes.size };
}

static void describe_write(const void *arguments, char *text, size_t size)
{
	content_describe(arguments, "←", text, size);
}

static int run_write(struct live *live, const struct job_step *step)
{
	const struct action_content *content = step->arguments;
	const struct document_bytes *bytes = &content->bytes;
	uint8_t *host = live_memory_at(live, content->ipa, bytes->size);

	if (!host)
		return live->failure.error;
	memcpy(host, bytes->data, bytes->size);
	return 0;
}

const struct job_action action_write = {
	CONTENT_SHAPE,
	.check = check,
	.writes = span_of,
	.describe = describe_write,
	.run = run_write,
};

static int go_through_check(struct sequence *sequence, const void *arguments)
{
	const struct action_span span = span_of(arguments);

	return sequence_need_memory(sequence, span.ipa, span.size);
}

static void describe_check(const void *arguments, char *text, size_t size)
{
	content_describe(arguments, "holds", text, size);
}

static int run_check(struct live *live, const struct job_step *step)
{
	return content_compare(live, step->arguments);
}

const struct job_action action_check = {
	CONTENT_SHAPE,
	.check = check,
	.go_through = go_through_check,
	.describe = describe_check,
	.run = run_check,
};
