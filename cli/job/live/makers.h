/* SPDX-License-Identifier: MIT */
/* How to make and unmake a named object, by its collection. */
#ifndef CLI_JOB_LIVE_MAKERS_H
#define CLI_JOB_LIVE_MAKERS_H

#include "job/live/live.h"

struct live_maker {
	int (*make)(struct live *live, const struct document_object *object);
	int (*unmake)(struct live *live, const struct document_object *object);
	bool is_file; /* closing it succeeds even when that reports an error */
	/*
	 * Destroys an object that has a file and an ID while the file is open; NULL: it does not
	 * have both.
	 */
	int (*destroy)(struct live *live, const struct document_object *object);
};

int live_make_memory(struct live *live, const struct document_object *object);
int live_unmake_memory(struct live *live, const struct document_object *object);

/* For IOASes. */
int live_make_ioas(struct live *live, const struct document_object *object);

extern const struct live_maker live_makers[JOB_COLLECTIONS];

int live_make_irq(struct live *live, const struct document_object *object);
int live_unmake_irq(struct live *live, const struct document_object *object);

#endif
