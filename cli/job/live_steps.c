// SPDX-License-Identifier: MIT
/* The steps that act at once. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "job/live.h"
#include "document/value.h"

int live_compare_memory(struct live *live, uint64_t ipa, const struct document_bytes *expected)
{
	const uint8_t *host = live_memory_at(live, ipa, expected->size);
	char wanted[VALUE_BYTES_SIZE], found[VALUE_BYTES_SIZE];

	if (!host)
		return live->failure.error;
	if (memcmp(host, expected->data, expected->size) == 0)
		return 0;
	live_unmet(live, NULL, "IPA 0x%" PRIx64 " holds %s; %s was expected", ipa,
		value_print_bytes(host, expected->size, found),
		value_print_bytes(expected->data, expected->size, wanted));
	return live_expected(live, "%s", wanted);
}

static int step_write(struct live *live, const struct job_step *step)
{
	const struct document_bytes *bytes = job_bytes_of(&step->write->text, &step->write->hex);
	uint8_t *host = live_memory_at(live, step->write->ipa, bytes->size);

	if (!host)
		return live->failure.error;
	memcpy(host, bytes->data, bytes->size);
	return 0;
}

static int step_check(struct live *live, const struct job_step *step)
{
	return live_compare_memory(
		live, step->check->ipa, job_bytes_of(&step->check->text, &step->check->hex));
}

static int step_ioas_map(struct live *live, const struct job_step *step)
{
	int err = live_need(live, step->ioas_map->ioas.target);

	return err ? err : live_ioas_map(live, step->ioas_map->ioas.target, step->ioas_map->map);
}

static int step_attach(struct live *live, const struct job_step *step)
{
	return live_attach(live, step->attach);
}

static int step_detach(struct live *live, const struct job_step *step)
{
	return live_detach(live, step->detach->device.target);
}

static int step_reset(struct live *live, const struct job_step *step)
{
	struct document_object *device = step->reset->device.target;
	int err = live_need(live, device);

	if (err)
		return err;
	err = iommuctl_vfio_reset(live->ctx, live_object(live, device)->fd);
	if (err)
		return live_fail(live, device, err);
	/* A reset clears what makes the device answer and master the bus. */
	live->devices[device->index].stimulus.driver = NULL;
	return 0;
}

static int step_create(struct live *live, const struct job_step *step)
{
	return live_make(live, step->create->target);
}

static int step_destroy(struct live *live, const struct job_step *step)
{
	return live_unmake(live, step->destroy->target);
}

/* By the member of struct job_step that is set. */
static const struct {
	size_t member;
	int (*run)(struct live *live, const struct job_step *step);
} actions[] = {
	{ offsetof(struct job_step, write), step_write },
	{ offsetof(struct job_step, check), step_check },
	{ offsetof(struct job_step, dma), live_step_dma },
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

int live_step(struct live *live, const struct job_step *step)
{
	size_t i = 0;

	while (!job_step_takes(step, actions[i].member))
		i++;
	live->seen[0] = '\0';
	return actions[i].run(live, step);
}
