// SPDX-License-Identifier: MIT
/*
 * The actions that access an IOAS as kernel drivers without hardware behind an IOMMU do: they copy
 * bytes, or pin pages and are notified before these are unmapped.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "document/value.h"
#include "job/actions/action.h"
#include "job/actions/mock.h"
#include "job/live/mock.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

struct access_arguments {
	struct document_ref ioas;
	uint64_t iova;
	struct document_bytes bytes;
	bool write;
};

static const struct schema_key access_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(access_arguments, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS." },
	{ "iova", SCHEMA_NUMBER, MEMBER(access_arguments, iova), .required = true,
		.help = "IOVA to access." },
	{ "text", SCHEMA_TEXT, MEMBER(access_arguments, bytes), .group = 1,
		.help = "The expected contents, or those to write, as text." },
	{ "hex", SCHEMA_HEX, MEMBER(access_arguments, bytes), .group = 1,
		.help = "The same, as pairs of hexadecimal digits." },
	{ "write", SCHEMA_BOOL, MEMBER(access_arguments, write), .help = "Write the contents." },
	{ NULL },
};

static int check_access(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct access_arguments *access = step->arguments;

	return mock_check_end(
		job, step, (struct mock_span){ access->iova, access->bytes.size }, path, problem);
}

static void describe_access(const void *arguments, char *text, size_t size)
{
	const struct access_arguments *access = arguments;
	char shown[VALUE_BYTES_SIZE];

	text_append(text, size, "ioas.%s: IOVA 0x%" PRIx64 " %s %s", access->ioas.name,
		access->iova, access->write ? "←" : "holds",
		value_print_bytes(access->bytes.data, access->bytes.size, shown));
}

static int compare(
	struct live *live, const struct access_arguments *access, const unsigned char *found)
{
	char text[VALUE_BYTES_SIZE], wanted[VALUE_BYTES_SIZE];

	if (access->write || memcmp(found, access->bytes.data, access->bytes.size) == 0)
		return 0;
	live_unmet(live, access->ioas.target, "IOVA 0x%" PRIx64 " holds %s; %s was expected",
		access->iova, value_print_bytes(found, access->bytes.size, text),
		value_print_bytes(access->bytes.data, access->bytes.size, wanted));
	return live_expected(live, "%s", wanted);
}

static int run_access(struct live *live, const struct job_step *step)
{
	const struct access_arguments *access = step->arguments;
	const struct document_object *ioas = access->ioas.target;
	const struct mock mock = live_mock(live);
	unsigned char buffer[SCHEMA_BYTES_MAX] = { 0 };
	struct mock_access how = {
		.iova = access->iova,
		.length = access->bytes.size,
		.write = access->write,
	};
	int err = mock_access_new(&mock, live_object(live, ioas)->id, false, &how.fd);

	if (err)
		return live_fail_mock_file(live, ioas, err);
	if (access->write)
		memcpy(buffer, access->bytes.data, access->bytes.size);
	err = mock_access_rw(&mock, &how, buffer);
	if (err)
		live_fail_mock(live, ioas, err);
	else
		err = compare(live, access, buffer);
	return live_close_mock_file(live, ioas, how.fd, err);
}

const struct job_action action_mock_access = {
	{ "mock-access", sizeof(struct access_arguments), access_keys,
		.help = "Makes the kernel itself read or write memory that an IOAS maps." },
	.effect = ACTION_CHANGES,
	.check = check_access,
	.describe = describe_access,
	.run = run_access,
};

struct pin_arguments {
	struct document_ref ioas;
	uint64_t iova;
	uint64_t size;
	bool write;
};

static const struct schema_key pin_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(pin_arguments, ioas), .required = true, .collection = JOB_IOAS,
		.help = "The IOAS." },
	{ "iova", SCHEMA_NUMBER, MEMBER(pin_arguments, iova), .required = true,
		.help = "Where it begins." },
	{ "size", SCHEMA_NUMBER, MEMBER(pin_arguments, size), .required = true, .bytes = true,
		.min = 1, .max = 16 << 20, .help = "Bytes." },
	{ "write", SCHEMA_BOOL, MEMBER(pin_arguments, write),
		.help = "Pin them for writing as "
			"well." },
	{ NULL },
};

static int check_pin(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct pin_arguments *pin = step->arguments;

	return mock_check_end(job, step, (struct mock_span){ pin->iova, pin->size }, path, problem);
}

static void describe_pin(const void *arguments, char *text, size_t size)
{
	const struct pin_arguments *pin = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "ioas.%s: %s at IOVA 0x%" PRIx64, pin->ioas.name,
		value_print_size(pin->size, bytes), pin->iova);
}

static int run_pin(struct live *live, const struct job_step *step)
{
	const struct pin_arguments *pin = step->arguments;
	const struct document_object *ioas = pin->ioas.target;
	const struct mock mock = live_mock(live);
	struct live_mock_file file = { .ioas = ioas, .pins = true };
	struct mock_access how = {
		.iova = pin->iova,
		.length = (size_t)pin->size,
		.write = pin->write,
	};
	int err = mock_access_new(&mock, live_object(live, ioas)->id, true, &file.fd);

	if (err)
		return live_fail_mock_file(live, ioas, err);
	how.fd = file.fd;
	err = mock_access_pin(&mock, &how, NULL, &file.pin);
	if (err)
		live_fail_mock(live, ioas, err);
	else
		err = live_keep_mock_file(live, file);
	return err ? live_close_mock_file(live, ioas, file.fd, err) : 0;
}

const struct job_action action_mock_pin = {
	{ "mock-pin", sizeof(struct pin_arguments), pin_keys,
		.help = "Makes the kernel itself pin pages of an IOAS until an unpin step, or "
			"until they are unmapped: it is notified first, and releases them." },
	.effect = ACTION_CHANGES,
	.check = check_pin,
	.describe = describe_pin,
	.run = run_pin,
};

struct unpin_arguments {
	struct document_ref ioas;
};

static const struct schema_key unpin_keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(unpin_arguments, ioas), .required = true,
		.collection = JOB_IOAS, .help = "The IOAS." },
	{ NULL },
};

static int run_unpin(struct live *live, const struct document_object *ioas)
{
	struct live_mock_file *file = live_find_mock_file(live, ioas, true);
	const struct mock mock = live_mock(live);
	int err, close_err;

	if (!file)
		return live_fail_with(live, ioas, -ENODEV, "look-up",
			"no pin step has pinned pages of it at this point");
	err = mock_access_unpin(&mock, file->fd, file->pin);
	if (err)
		live_fail_mock(live, ioas, err);
	close_err = live_drop_mock_file(live, file);
	return close_err ? close_err : err;
}

const struct job_action action_mock_unpin = {
	{ "mock-unpin", sizeof(struct unpin_arguments), unpin_keys,
		.help = "Unpins the pages of an IOAS that were pinned first; ENOENT if unmapping "
			"has released them." },
	.effect = ACTION_CHANGES,
	.run_on_object = run_unpin,
};
