/* SPDX-License-Identifier: MIT */
/* What a context is made of. */
#ifndef LIBIOMMUCTL_CORE_CONTEXT_H
#define LIBIOMMUCTL_CORE_CONTEXT_H

#include <pthread.h>
#include <stdbool.h>

#include <iommuctl/context.h>

#include "explain/explain.h"

/* What a failure is explained by: the tables, or @why where the library itself refused. */
struct error_origin {
	enum operation operation;
	uint64_t facts;
	struct iommuctl_explanation why;
};

/* A failure; none if the code is 0. */
struct error_state {
	struct iommuctl_error error;
	struct error_origin origin;
};

/* The last failure of one thread, linked so that the end of the context frees them all. */
struct error_record {
	struct error_state state;
	bool forgotten;	      /* no longer a failure, but unchanged for whoever holds it */
	struct iommuctl *ctx; /* NULL: an unused spare */
	struct error_record *next;
	struct error_record **link;
	bool spare; /* of the context, not allocated */
};

/* For threads whose first failure is a lack of memory. */
#define ERROR_SPARES 8

struct iommuctl {
	struct iommuctl_transport *transport;
	void (*log)(const struct iommuctl_error *error, void *data);
	void *log_data;
	bool live_ids;
	pthread_key_t record_key;
	pthread_mutex_t records_lock;
	struct error_record *records;
	struct error_record spares[ERROR_SPARES];
};

/* Makes the calling thread's record; NULL if neither memory nor a spare is left. */
struct error_record *error_record_new(struct iommuctl *ctx);

/* Frees a record when its thread exits, or its context is freed. */
void error_record_free(void *record);

/* Explains @failure by its origin, records it as the calling thread's last one and reports it. */
void error_remember(struct iommuctl *ctx, struct error_state *failure);

/*
 * Clears the calling thread's failure, for a negative result that is no failure of the library, so
 * that an earlier failure is not mistaken for it.
 */
void error_forget(struct iommuctl *ctx);

/*
 * For the result of an owner's function that was called after error_forget(). True: the function
 * left a failure of its own, or succeeded.
 */
bool error_is_told(struct iommuctl *ctx, int err);

/*
 * The first of several failures, which is the one to report: later ones may come from undoing it.
 */
struct error_first {
	int err;
	struct error_state state;
};

/* Keeps @err, the latest failure, unless it is 0 or an earlier one is kept. */
void error_first_keep(struct iommuctl *ctx, struct error_first *first, int err);

/* Makes the kept failure the calling thread's last one again, and returns its -errno. */
int error_first_tell(struct iommuctl *ctx, const struct error_first *first);

#endif
