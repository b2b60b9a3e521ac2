// SPDX-License-Identifier: MIT
#include "core/context.h"

#include <errno.h>
#include <stdlib.h>

int iommuctl_new(struct iommuctl_transport *transport, struct iommuctl **ctx)
{
	struct iommuctl *new;
	int ret;

	new = calloc(1, sizeof(*new));
	if (!new)
		return -ENOMEM;
	ret = -pthread_key_create(&new->record_key, error_record_free);
	if (ret)
		goto free_context;
	ret = -pthread_mutex_init(&new->records_lock, NULL);
	if (ret)
		goto delete_key;
	/* Made now, so that no failure of this thread goes without one. */
	ret = -ENOMEM;
	if (!error_record_new(new))
		goto destroy_lock;
	ret = transport ? 0 : iommuctl_transport_kernel_new(&transport);
	if (ret)
		goto free_record;
	new->transport = transport;
	*ctx = new;
	return 0;

free_record:
	free(new->records);
destroy_lock:
	pthread_mutex_destroy(&new->records_lock);
delete_key:
	pthread_key_delete(new->record_key);
free_context:
	free(new);
	return ret;
}

void iommuctl_free(struct iommuctl *ctx)
{
	struct error_record *record;

	if (!ctx)
		return;
	pthread_key_delete(ctx->record_key);
	while ((record = ctx->records)) {
		ctx->records = record->next;
		free(record);
	}
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
