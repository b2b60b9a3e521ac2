// SPDX-License-Identifier: MIT
#include "core/context.h"

#include <errno.h>
#include <stdlib.h>

int iommuctl_new(struct iommuctl_transport *transport, struct iommuctl **ctx)
{
	struct iommuctl *new;
	int err;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	err = -pthread_key_create(&new->record_key, error_record_free);
	if (err)
		goto free_context;
	err = -pthread_mutex_init(&new->records_lock, NULL);
	if (err)
		goto delete_key;
	/* Made now, so that no failure of this thread goes without one. */
	err = -ENOMEM;
	if (!error_record_new(new))
		goto destroy_lock;
	err = transport ? 0 : iommuctl_transport_kernel_new(&transport);
	if (err)
		goto free_record;
	new->transport = transport;
	*ctx = new;
	return 0;

free_record:
	error_record_free(new->records);
destroy_lock:
	pthread_mutex_destroy(&new->records_lock);
delete_key:
	pthread_key_delete(new->record_key);
free_context:
	free(new);
	return err;
}

void iommuctl_free(struct iommuctl *ctx)
{
	if (!ctx)
		return;
	pthread_key_delete(ctx->record_key);
	while (ctx->records)
		error_record_free(ctx->records);
	pthread_mutex_destroy(&ctx->records_lock);
	iommuctl_transport_free(ctx->transport);
	free(ctx);
}

struct iommuctl_transport *iommuctl_get_transport(struct iommuctl *ctx)
{
	return ctx->transport;
}

void iommuctl_set_log(struct iommuctl *ctx,
	void (*log)(const struct iommuctl_error *error, void *data), void *data)
{
	ctx->log = log;
	ctx->log_data = data;
}

void iommuctl_assume_live_ids(struct iommuctl *ctx)
{
	ctx->live_ids = true;
}
