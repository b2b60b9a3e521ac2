/* SPDX-License-Identifier: MIT */
/*
 * What a step can do. Each action is one descriptor, next to its arguments and code in the file of
 * its family (action_*.c); actions.c has the table of them.
 */
#ifndef CLI_JOB_ACTIONS_ACTION_H
#define CLI_JOB_ACTIONS_ACTION_H

#include "document/problem.h"
#include "document/schema.h"
#include "job/job.h"

struct live;
struct sequence;

/* What happens to the first object that an action names. */
enum action_effect { ACTION_USES, ACTION_CHANGES, ACTION_MAKES, ACTION_DESTROYS };

/* Bytes of guest memory; none if size is 0. */
struct action_span {
	uint64_t ipa;
	uint64_t size;
};

/* Where a function is NULL, what is common to all actions suffices. */
struct job_action {
	struct schema_shape
		shape; /* of its arguments; first, since the key of a step leads to it */
	enum action_effect effect;

	/* Checks of @step beyond its shape. @path is that of its arguments. */
	int (*check)(const struct job *job, const struct job_step *step,
		const struct document_path *path, struct document_problem *problem);

	/* Guest memory that it writes, regardless of any tables there. */
	struct action_span (*writes)(const void *arguments);

	/*
	 * What it needs at its point in the sequence, besides the objects it names and the memory
	 * it writes, and what it changes; the second one if that concerns only its first object.
	 * Both return as sequence_make() does.
	 */
	int (*go_through)(struct sequence *sequence, const void *arguments);
	int (*go_through_object)(struct sequence *sequence, const struct document_object *object);

	/* Appends what it does to @text; by default the first object that it names. */
	void (*describe)(const void *arguments, char *text, size_t size);

	/* Carries it out. The objects that it names exist. Exactly one is set. */
	int (*run)(struct live *live, const struct job_step *step);
	int (*run_on_object)(struct live *live, const struct document_object *object);
};

extern const struct job_action action_write, action_check;
extern const struct job_action action_dma;
extern const struct job_action action_map, action_remap, action_unmap, action_set_cd;
extern const struct job_action action_ioas_map, action_ioas_unmap, action_ioas_copy;
extern const struct job_action action_ioas_allow, action_ioas_ranges, action_ioas_map_bar;
extern const struct job_action action_hwpt_dirty_tracking, action_hwpt_dirty_bitmap;
extern const struct job_action action_page_fault, action_no_page_fault, action_page_response;
extern const struct job_action action_invalidate, action_invalidate_hwpt;
extern const struct job_action action_attach, action_detach, action_unplug;
extern const struct job_action action_reset, action_low_power;
extern const struct job_action action_event, action_no_event;
extern const struct job_action action_trigger_msi;
extern const struct job_action action_create, action_destroy;
extern const struct job_action action_mock_raise_fault, action_mock_raise_event, action_mock_event;
extern const struct job_action action_mock_cache, action_mock_iotlb, action_mock_invalidate;
extern const struct job_action action_mock_dirty, action_mock_translates;
extern const struct job_action action_mock_pages;
extern const struct job_action action_mock_access, action_mock_pin, action_mock_unpin;
extern const struct job_action action_mock_dma_buf, action_mock_revoke;

/* Moves actions nested in "mock" up into their steps. */
void job_unfold_steps(struct job *job);

/* The action of @step, of a job that parsed. */
static inline const struct job_action *job_step_action(const struct job_step *step)
{
	return (const struct job_action *)step->key->shape;
}

/* The @index-th object that @arguments of @action name; NULL if there are no more. */
const struct document_object *job_action_object(
	const struct job_action *action, const void *arguments, size_t index);

/* What @step maps in an IOAS; NULL if it is not an ioas-map. */
const struct job_ioas_map *action_ioas_map_of(const struct job_step *step);

/* What @step writes to guest memory. */
struct action_span job_step_writes(const struct job_step *step);

#endif
