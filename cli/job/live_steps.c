// SPDX-License-Identifier: MIT
/* The steps that act at once. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "job/live.h"

static const struct job_bytes *bytes_of(const struct job_bytes *text, const struct job_bytes *hex)
{
	return text->size ? text : hex;
}

/* The text itself where it is printable, else its digits; cut to what a line has room for. */
static void describe_bytes(const uint8_t *data, size_t count, char *text, size_t size)
{
	bool printable = true;
	size_t used = 0;

	for (size_t i = 0; i < count; i++)
		printable = printable && data[i] >= 0x20 && data[i] < 0x7f;
	if (printable) {
		snprintf(text, size, "\"%.*s\"", (int)(count < 64 ? count : 64), (const char *)data);
		return;
	}
	for (size_t i = 0; i < count && i < 32 && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%02x", data[i]);
}

static int compare_memory(struct live *live, uint64_t ipa, const struct job_bytes *expected,
	char *detail, size_t size)
{
	const uint8_t *host = live_memory_at(live, ipa, expected->size);
	char wanted[160], found[160];

	if (!host)
		return live->failure.error;
	describe_bytes(host, expected->size, found, sizeof(found));
	snprintf(detail, size, "IPA 0x%" PRIx64 " holds %s", ipa, found);
	if (memcmp(host, expected->data, expected->size) == 0)
		return 0;
	describe_bytes(expected->data, expected->size, wanted, sizeof(wanted));
	return live_unmet(live, NULL, "IPA 0x%" PRIx64 " holds %s; %s was expected", ipa, found, wanted);
}

static int step_write(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	const struct job_bytes *bytes = bytes_of(&step->write->text, &step->write->hex);
	uint8_t *host = live_memory_at(live, step->write->ipa, bytes->size);
	char text[160];

	if (!host)
		return live->failure.error;
	memcpy(host, bytes->data, bytes->size);
	describe_bytes(bytes->data, bytes->size, text, sizeof(text));
	snprintf(detail, size, "IPA 0x%" PRIx64 " ← %s", step->write->ipa, text);
	return 0;
}

static int step_check(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	return compare_memory(live, step->check->ipa,
		bytes_of(&step->check->text, &step->check->hex), detail, size);
}

static int transfer(struct live *live, const struct job_step_dma *dma, struct stimulus *stimulus,
	uint32_t bytes)
{
	const struct stimulus_driver *driver = stimulus->driver;
	int err = 0;

	if (bytes > driver->transfer_max)
		return live_fail_with(live, dma->device.target, -E2BIG, "dma",
			"%s moves at most %u bytes at a time", driver->name, driver->transfer_max);
	if (dma->from != JOB_UNSET)
		err = driver->dma_read(stimulus, dma->from, bytes);
	if (!err && dma->to != JOB_UNSET)
		err = driver->dma_write(stimulus, dma->to, bytes);
	if (err == -ETIMEDOUT)
		return live_fail_with(live, dma->device.target, err, "dma",
			"the %s device does not finish its transfer", driver->name);
	return err ? live_fail(live, dma->device.target, err) : 0;
}

static int step_dma(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	const struct job_step_dma *dma = step->dma;
	const struct job_bytes *expected = NULL;
	uint64_t bytes = dma->size;
	struct stimulus *stimulus;
	size_t used = 0;
	int err;

	if (dma->expect) {
		uint8_t *host;

		expected = bytes_of(&dma->expect->text, &dma->expect->hex);
		bytes = bytes ? bytes : expected->size;
		host = live_memory_at(live, dma->expect->ipa, expected->size);
		if (!host)
			return live->failure.error;
		memset(host, 0, expected->size);
	}
	err = live_stimulus(live, dma->device.target, &stimulus);
	if (!err)
		err = transfer(live, dma, stimulus, (uint32_t)bytes);
	if (err)
		return err;
	used = (size_t)snprintf(detail, size, "%" PRIu64 " bytes", bytes);
	if (dma->from != JOB_UNSET && used < size)
		used += (size_t)snprintf(detail + used, size - used, " from IOVA 0x%" PRIx64, dma->from);
	if (dma->to != JOB_UNSET && used < size)
		used += (size_t)snprintf(detail + used, size - used, " to IOVA 0x%" PRIx64, dma->to);
	if (!expected)
		return 0;
	if (used + 2 < size)
		used += (size_t)snprintf(detail + used, size - used, ": ");
	return compare_memory(live, dma->expect->ipa, expected, detail + used, size - used);
}

static int step_ioas_map(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	const struct job_step_ioas_map *map = step->ioas_map;
	int err = live_need(live, map->ioas.target);

	if (!err)
		err = live_ioas_map(live, map->ioas.target, map->map);
	if (!err)
		snprintf(detail, size, "IOVA 0x%" PRIx64 " ← memory.%s, 0x%" PRIx64 " bytes",
			job_ioas_map_iova(map->map), map->map->memory.name,
			job_ioas_map_length(map->map));
	return err;
}

static int step_attach(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	const struct job_attach *attach = step->attach;

	snprintf(detail, size, "devices.%s to %s.%s", attach->device.name,
		attach->hwpt.target ? "hwpts" : "ioas",
		attach->hwpt.target ? attach->hwpt.name : attach->ioas.name);
	return live_attach(live, attach);
}

static int step_detach(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	snprintf(detail, size, "devices.%s", step->detach->device.name);
	return live_detach(live, step->detach->device.target);
}

static int step_reset(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	struct job_object *device = step->reset->device.target;
	int err = live_need(live, device);

	snprintf(detail, size, "devices.%s", device->name);
	if (err)
		return err;
	err = iommuctl_vfio_reset(live->ctx, live_object(live, device)->fd);
	if (err)
		return live_fail(live, device, err);
	/* A reset clears what makes the device answer and master the bus. */
	live->devices[device->index].stimulus.driver = NULL;
	return 0;
}

static int step_create(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	snprintf(detail, size, "%s", step->create->object);
	return live_make(live, step->create->target);
}

static int step_destroy(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	snprintf(detail, size, "%s", step->destroy->object);
	return live_unmake(live, step->destroy->target);
}

/* By the member of struct job_step that is set. */
static const struct {
	size_t member;
	int (*run)(struct live *live, const struct job_step *step, char *detail, size_t size);
} actions[] = {
	{ offsetof(struct job_step, write), step_write },
	{ offsetof(struct job_step, check), step_check },
	{ offsetof(struct job_step, dma), step_dma },
	{ offsetof(struct job_step, map), live_step_map },
	{ offsetof(struct job_step, remap), live_step_remap },
	{ offsetof(struct job_step, unmap), live_step_unmap },
	{ offsetof(struct job_step, ioas_map), step_ioas_map },
	{ offsetof(struct job_step, set_cd), live_step_set_cd },
	{ offsetof(struct job_step, invalidate), live_step_invalidate },
	{ offsetof(struct job_step, attach), step_attach },
	{ offsetof(struct job_step, detach), step_detach },
	{ offsetof(struct job_step, reset), step_reset },
	{ offsetof(struct job_step, event), live_step_event },
	{ offsetof(struct job_step, no_event), live_step_no_event },
	{ offsetof(struct job_step, trigger_msi), live_step_trigger_msi },
	{ offsetof(struct job_step, create), step_create },
	{ offsetof(struct job_step, destroy), step_destroy },
};

int live_step(struct live *live, const struct job_step *step, char *detail, size_t size)
{
	size_t i = 0;

	while (!*(void *const *)((const char *)step + actions[i].member))
		i++;
	detail[0] = '\0';
	return actions[i].run(live, step, detail, size);
}
