/* SPDX-License-Identifier: MIT */
/* What a context is made of. */
#ifndef IOMMUCTL_CORE_CONTEXT_H
#define IOMMUCTL_CORE_CONTEXT_H

#include <pthread.h>
#include <stdbool.h>

#include <iommuctl/context.h>

#include "explain/explain.h"

/* What a failure is explained by. */
struct error_origin {
	enum operation operation;
	uint64_t facts;
};

/* The last failure of one thread, linked so that the end of the context frees them all. */
struct error_record {
	struct iommuctl_error error;
	struct error_origin origin;
	struct iommuctl *ctx;
	struct error_record *next;
	struct error_record **link;
};

struct iommuctl {
	struct iommuctl_transport *transport;
	void (*log)(const struct iommuctl_error *error, void *data);
	void *log_data;
	bool live_ids;
	pthread_key_t record_key;
	pthread_mutex_t records_lock;
	struct error_record *records;
};

/* Makes the record of the calling thread, which has none; NULL without memory. */
struct error_record *error_record_new(struct iommuctl *ctx);

/* Ends a record with its thread. */
void error_record_free(void *record);

/* Explains @error by @origin, keeps it as the calling thread's last one and reports it. */
void error_remember(
	struct iommuctl *ctx, struct iommuctl_error *error, const struct error_origin *origin);

#endif
