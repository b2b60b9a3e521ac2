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
	bool forgotten;	      /* it is none any more, but stays as it is for whoever holds it */
	struct iommuctl *ctx; /* NULL: a spare one that nobody has */
	struct error_record *next;
	struct error_record **link;
	bool spare; /* of the context, not allocated */
};

/* For threads whose first failure is that there is no memory. */
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

/* Makes the record of the calling thread, which has none; NULL without memory and spare ones. */
struct error_record *error_record_new(struct iommuctl *ctx);

/* Ends a record with its thread, or with its context. */
void error_record_free(void *record);

/* Explains @failure by its origin, keeps it as the calling thread's last one and reports it. */
void error_remember(struct iommuctl *ctx, struct error_state *failure);

/*
 * Leaves the calling thread without a failure: for a result that is negative and no failure of the
 * library's, so that none from before is taken for it.
 */
void error_forget(struct iommuctl *ctx);

/*
 * What a function of the owner's returned, which was called after error_forget(): it may have left
 * a failure of its own. True: it has, or there is nothing to tell.
 */
bool error_is_told(struct iommuctl *ctx, int err);

/* The first of several failures, which is the one to tell: others come of undoing it, or after. */
struct error_first {
	int err;
	struct error_state state;
};

/* Keeps @err, which has just failed, unless it is 0 or there was one before. */
void error_first_keep(struct iommuctl *ctx, struct error_first *first, int err);

/* Makes the one that was kept the last failure of the calling thread, and returns its -errno. */
int error_first_tell(struct iommuctl *ctx, const struct error_first *first);

#endif
