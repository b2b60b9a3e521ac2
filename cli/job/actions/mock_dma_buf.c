// SPDX-License-Identifier: MIT
/*
 * The actions on a dma-buf of the kernel's mock, which stands for a device's BAR that comes and
 * goes.
 */
#include <errno.h>
#include <inttypes.h>

#include "document/value.h"
#include "job/actions/action.h"
#include "job/actions/mock.h"
#include "job/check/check.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

struct dma_buf_arguments {
	struct document_ref ioas;
	uint64_t iova;
	uint64_t size;
};

static const struct schema_key keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(dma_buf_arguments, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS to map in." },
	{ "iova", SCHEMA_NUMBER, MEMBER(dma_buf_arguments, iova), .required = true,
		.help = "IOVA to map it at, a multiple of 4K." },
	{ "size", SCHEMA_NUMBER, MEMBER(dma_buf_arguments, size), .required = true, .bytes = true,
		.min = JOB_PAGE, .max = UINT64_C(512) * JOB_PAGE,
		.help = "Bytes, a multiple of 4K." },
	{ NULL },
};

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct dma_buf_arguments *buffer = step->arguments;

	if ((buffer->iova | buffer->size) % JOB_PAGE)
		return document_problem_set(
			problem, job->document, path, "iova and size must be multiples of 4K");
	return mock_check_end(
		job, step, (struct mock_span){ buffer->iova, buffer->size }, path, problem);
}

static struct iova_span span_of(const struct dma_buf_arguments *buffer)
{
	return (struct iova_span){
		.first = buffer->iova,
		.last = buffer->iova + (buffer->size - 1),
		.prot = JOB_PROT_READ | JOB_PROT_WRITE,
		.ipa = IOVA_MAP_NO_IPA,
		.most = JOB_PROT_READ | JOB_PROT_WRITE,
	};
}

static int go_through(struct sequence *sequence, const void *arguments)
{
	const struct dma_buf_arguments *buffer = arguments;

	return sequence->step->expect
		       ? 0
		       : sequence_map_span(sequence, buffer->ioas.target, span_of(buffer));
}

static void describe(const void *arguments, char *text, size_t size)
{
	const struct dma_buf_arguments *buffer = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "ioas.%s: IOVA 0x%" PRIx64 " ← a dma-buf, %s", buffer->ioas.name,
		buffer->iova, value_print_size(buffer->size, bytes));
}

static int map(struct live *live, const struct dma_buf_arguments *buffer, int fd)
{
	uint64_t iova = buffer->iova;
	int err = iommuctl_ioas_map_file(live->ctx, live->iommufd,
		&(struct iommuctl_ioas_map_file_args){
			.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
				 IOMMUCTL_IOAS_MAP_WRITEABLE,
			.ioas_id = live_object(live, buffer->ioas.target)->id,
			.file = fd,
			.length = buffer->size,
		},
		&iova);

	return err ? live_fail(live, buffer->ioas.target, err) : 0;
}

static int run(struct live *live, const struct job_step *step)
{
	const struct dma_buf_arguments *buffer = step->arguments;
	const struct document_object *ioas = buffer->ioas.target;
	const struct mock mock = live_mock(live);
	struct live_mock_file file = { .ioas = ioas };
	int err = mock_dma_buf_new(&mock, (uint32_t)buffer->size, &file.fd);

	if (err)
		return live_fail_mock_file(live, ioas, err);
	err = map(live, buffer, file.fd);
	if (!err) {
		iova_map_add(&live->maps[ioas->index], span_of(buffer));
		err = live_keep_mock_file(live, file);
	}
	return err ? live_close_mock_file(live, ioas, file.fd, err) : 0;
}

const struct job_action action_mock_dma_buf = {
	{ "mock-dma-buf", sizeof(struct dma_buf_arguments), keys,
		.help = "Makes a dma-buf and maps it in an IOAS." },
	.effect = ACTION_CHANGES,
	.check = check,
	.go_through = go_through,
	.describe = describe,
	.run = run,
};

struct revoke_arguments {
	struct document_ref ioas;
	bool back;
};

static const struct schema_key revoke_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(revoke_arguments, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS in which it is mapped." },
	{ "back", SCHEMA_BOOL, MEMBER(revoke_arguments, back),
		.help = "Make it accessible again "
			"instead." },
	{ NULL },
};

static void describe_revoke(const void *arguments, char *text, size_t size)
{
	const struct revoke_arguments *revoke = arguments;

	text_append(text, size, "the first dma-buf of ioas.%s%s", revoke->ioas.name,
		revoke->back ? ", accessible again" : "");
}

static int run_revoke(struct live *live, const struct job_step *step)
{
	const struct revoke_arguments *revoke = step->arguments;
	const struct document_object *ioas = revoke->ioas.target;
	struct live_mock_file *file = live_find_mock_file(live, ioas, false);
	const struct mock mock = live_mock(live);
	int err;

	if (!file)
		return live_fail_with(live, ioas, -ENODEV, "look-up",
			"no dma-buf step has mapped a dma-buf in it at this point");
	err = mock_dma_buf_revoke(&mock, file->fd, !revoke->back);
	return err ? live_fail_mock(live, ioas, err) : 0;
}

const struct job_action action_mock_revoke = {
	{ "mock-revoke", sizeof(struct revoke_arguments), revoke_keys,
		.help = "Revokes the first dma-buf mapped in an IOAS, as when a device is reset: "
			"its mappings no longer translate." },
	.effect = ACTION_CHANGES,
	.describe = describe_revoke,
	.run = run_revoke,
};
