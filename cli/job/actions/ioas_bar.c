// SPDX-License-Identifier: MIT
/* The action that maps a BAR of a device in an IOAS, so that other devices reach its registers. */
#include "job/actions/action.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "document/value.h"
#include "job/check/check.h"
#include "job/live/live.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"
#include "output/text.h"

#define BARS 6

struct bar_arguments {
	struct document_ref ioas;
	struct document_ref device;
	uint64_t region;
	uint64_t offset;
	uint64_t iova;
	uint64_t size;
	uint64_t prot;
};

static const struct schema_key keys[] = {
	{ "ioas", SCHEMA_REF, MEMBER(bar_arguments, ioas), .required = true, .collection = JOB_IOAS,
		.help = "The IOAS to map in." },
	{ "device", SCHEMA_REF, MEMBER(bar_arguments, device), .required = true,
		.collection = JOB_DEVICES, .help = "The device whose BAR is mapped." },
	{ "region", SCHEMA_NUMBER, MEMBER(bar_arguments, region), .max = BARS - 1,
		.help = "Number of the BAR." },
	{ "offset", SCHEMA_NUMBER, MEMBER(bar_arguments, offset), .bytes = true,
		.help = "Offset of the mapped part in the BAR, a multiple of 4K." },
	{ "iova", SCHEMA_NUMBER, MEMBER(bar_arguments, iova), .required = true,
		.help = "IOVA to map it at, a multiple of 4K." },
	{ "size", SCHEMA_NUMBER, MEMBER(bar_arguments, size), .required = true, .bytes = true,
		.min = JOB_PAGE, .max = UINT64_C(1) << 40, .help = "Bytes, a multiple of 4K." },
	{ "prot", SCHEMA_SET, MEMBER(bar_arguments, prot), .choices = schema_ioas_prot_choices,
		.fallback = JOB_PROT_READ | JOB_PROT_WRITE,
		.help = "Access granted to devices: letters of \"rw\"." },
	{ NULL },
};

static int check(const struct job *job, const struct job_step *step,
	const struct document_path *path, struct document_problem *problem)
{
	const struct bar_arguments *bar = step->arguments;

	if ((bar->offset | bar->iova | bar->size) % JOB_PAGE)
		return document_problem_set(problem, job->document, path,
			"offset, iova and size must be multiples of 4K");
	if (bar->iova > UINT64_MAX - (bar->size - 1) || bar->offset > UINT64_MAX - bar->size)
		return document_problem_set(
			problem, job->document, path, "ends beyond the 64-bit address space");
	return 0;
}

static struct iova_span span_of(const struct bar_arguments *bar)
{
	return (struct iova_span){
		.first = bar->iova,
		.last = bar->iova + (bar->size - 1),
		.prot = bar->prot,
		.ipa = IOVA_MAP_NO_IPA,
		.most = bar->prot,
	};
}

static int go_through(struct sequence *sequence, const void *arguments)
{
	const struct bar_arguments *bar = arguments;
	int err = sequence_need_hardware(sequence, bar->device.target, "has no BARs");

	if (err || sequence->step->expect)
		return err;
	return sequence_map_span(sequence, bar->ioas.target, span_of(bar));
}

static void describe(const void *arguments, char *text, size_t size)
{
	const struct bar_arguments *bar = arguments;
	char bytes[VALUE_TEXT_SIZE];

	text_append(text, size, "ioas.%s: IOVA 0x%" PRIx64 " ← devices.%s BAR %" PRIu64,
		bar->ioas.name, bar->iova, bar->device.name, bar->region);
	if (bar->offset)
		text_append(text, size, " + 0x%" PRIx64, bar->offset);
	text_append(text, size, ", %s", value_print_size(bar->size, bytes));
}

static int export(struct live *live, const struct bar_arguments *bar, int *file)
{
	const struct document_object *device = bar->device.target;
	const struct iommuctl_vfio_region_area area = { bar->offset, bar->size };
	int err = iommuctl_vfio_dma_buf_export(live->ctx, live_object(live, device)->fd,
		&(struct iommuctl_vfio_dma_buf_export_args){
			.index = (uint32_t)bar->region,
			.open_flags = O_RDWR | O_CLOEXEC,
			.areas = &area,
			.count = 1,
		},
		file);

	return err ? live_fail(live, device, err) : 0;
}

/* The mapping keeps the dma-buf alive. */
static int map(struct live *live, const struct bar_arguments *bar, int file)
{
	uint64_t iova = bar->iova;
	int err = iommuctl_ioas_map_file(live->ctx, live->iommufd,
		&(struct iommuctl_ioas_map_file_args){
			.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA |
				 (bar->prot & JOB_PROT_READ ? IOMMUCTL_IOAS_MAP_READABLE : 0u) |
				 (bar->prot & JOB_PROT_WRITE ? IOMMUCTL_IOAS_MAP_WRITEABLE : 0u),
			.ioas_id = live_object(live, bar->ioas.target)->id,
			.file = file,
			.length = bar->size,
		},
		&iova);

	if (err)
		live_fail(live, bar->ioas.target, err);
	else if (iova_map_add(&live->maps[bar->ioas.target->index], span_of(bar)) == -ENOMEM)
		err = live_fail_with(live, bar->ioas.target, -ENOMEM, "map", "out of memory");
	if (iommuctl_close(live->ctx, file) && !err) {
		live_fail(live, bar->device.target, -EIO);
		return live_fail_incidentally(live);
	}
	return err;
}

static int run(struct live *live, const struct job_step *step)
{
	const struct bar_arguments *bar = step->arguments;
	int file = -1, err = export(live, bar, &file);

	return err ? err : map(live, bar, file);
}

const struct job_action action_ioas_map_bar = {
	{ "ioas-map-bar", sizeof(struct bar_arguments), keys,
		.help = "Maps a BAR of a device in an IOAS, so that other devices can access it. "
			"The mapping no longer translates once the device is reset, sleeps or is "
			"closed. It is not saved with a session." },
	.effect = ACTION_CHANGES,
	.check = check,
	.go_through = go_through,
	.describe = describe,
	.run = run,
};
