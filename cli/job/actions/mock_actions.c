// SPDX-License-Identifier: MIT
/* The table of the actions on the kernel's mock, which a step has under "mock". */
#include "job/actions/action.h"
#include "job/schema/schema.h"

#define ACTION(name, action, help_)                                                                \
	{                                                                                          \
		name, SCHEMA_OBJECT, MEMBER(job_mock_step, arguments),                             \
			.group = 1, .shape = &(action).shape, .help = help_                        \
	}

static const struct schema_key keys[] = {
	ACTION("raise-fault", action_mock_raise_fault, "Makes a mock device fault."),
	ACTION("raise-event", action_mock_raise_event, "Makes a mock device raise events."),
	ACTION("event", action_mock_event, "Expects an event of a mock device."),
	ACTION("cache", action_mock_cache, "Checks the cache of a mock device."),
	ACTION("iotlb", action_mock_iotlb, "Checks the TLB of a HWPT of the mock."),
	ACTION("invalidate", action_mock_invalidate, "Invalidates caches of the mock."),
	ACTION("dirty", action_mock_dirty, "Makes pages dirty as mock devices do."),
	ACTION("translates", action_mock_translates, "Checks what a HWPT of the mock maps."),
	ACTION("pages", action_mock_pages, "Checks the pages of a vIOMMU of the mock."),
	ACTION("access", action_mock_access, "Makes the kernel read or write through an IOAS."),
	ACTION("pin", action_mock_pin, "Makes the kernel pin pages of an IOAS."),
	ACTION("unpin", action_mock_unpin, "Unpins them."),
	ACTION("dma-buf", action_mock_dma_buf, "Maps a dma-buf of the mock."),
	ACTION("revoke", action_mock_revoke, "Revokes a dma-buf."),
	{ NULL },
};

const struct schema_shape schema_mock_step = {
	"mock-step",
	sizeof(struct job_mock_step),
	keys,
	.path_offset = offsetof(struct job_mock_step, path),
	.chosen_offset = offsetof(struct job_mock_step, key),
	.help = "One action on the kernel's own test device.",
};

void job_unfold_steps(struct job *job)
{
	struct job_step *steps = job->steps.items;

	for (size_t i = 0; i < job->steps.count; i++) {
		const struct job_mock_step *inner = steps[i].arguments;

		if (!steps[i].key || steps[i].key->shape != &schema_mock_step || steps[i].within)
			continue;
		steps[i].key = inner ? inner->key : NULL;
		steps[i].within = inner ? inner->path : NULL;
		steps[i].arguments = inner ? inner->arguments : NULL;
	}
}
