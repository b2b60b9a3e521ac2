// SPDX-License-Identifier: MIT
/* The actions that make and destroy named objects. */
#include "job/actions/action.h"
#include "job/live/live.h"
#include "job/schema/schema.h"
#include "job/sequence/sequence.h"

static const struct schema_key keys[] = {
	{ "object", SCHEMA_STRING, MEMBER(job_step_object, object.name), .required = true,
		.help = "Collection and name, such as \"hwpts.s1\"." },
	{ NULL },
};

#define OBJECT_SHAPE                                                                               \
	{                                                                                          \
		"object-step", sizeof(struct job_step_object), keys,                               \
			.help = "Acts on a named object."                                          \
	}

const struct job_action action_create = {
	OBJECT_SHAPE,
	.effect = ACTION_MAKES,
	.go_through_object = sequence_make,
	.run_on_object = live_make,
};

const struct job_action action_destroy = {
	OBJECT_SHAPE,
	.effect = ACTION_DESTROYS,
	.go_through_object = sequence_destroy,
	.run_on_object = live_unmake,
};
