// SPDX-License-Identifier: MIT
#include "core/context.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

void error_record_free(void *data)
{
	struct error_record *record = data;
	struct iommuctl *ctx = record->ctx;

	pthread_mutex_lock(&ctx->records_lock);
	*record->link = record->next;
	if (record->next)
		record->next->link = record->link;
	pthread_mutex_unlock(&ctx->records_lock);
	free(record);
}

struct error_record *error_record_new(struct iommuctl *ctx)
{
	struct error_record *record = calloc(1, sizeof(*record));

	if (!record)
		return NULL;
	if (pthread_setspecific(ctx->record_key, record)) {
		free(record);
		return NULL;
	}
	record->ctx = ctx;
	pthread_mutex_lock(&ctx->records_lock);
	record->next = ctx->records;
	record->link = &ctx->records;
	if (record->next)
		record->next->link = &record->next;
	ctx->records = record;
	pthread_mutex_unlock(&ctx->records_lock);
	return record;
}

static void error_explain(struct iommuctl_error *error, const struct error_origin *origin)
{
	error->explanation_count =
		explain(origin->operation, error->code, origin->facts, error->explanation);
}

void error_remember(
	struct iommuctl *ctx, struct iommuctl_error *error, const struct error_origin *origin)
{
	struct error_record *record = pthread_getspecific(ctx->record_key);

	error_explain(error, origin);
	if (!record)
		record = error_record_new(ctx);
	if (record) {
		record->error = *error;
		record->origin = *origin;
	}
	if (ctx->log)
		ctx->log(error, ctx->log_data);
}

const struct iommuctl_error *iommuctl_last_error(struct iommuctl *ctx)
{
	const struct error_record *record = pthread_getspecific(ctx->record_key);

	return record && record->error.code ? &record->error : NULL;
}

const struct iommuctl_error *iommuctl_narrow_last_error(struct iommuctl *ctx, uint64_t known)
{
	struct error_record *record = pthread_getspecific(ctx->record_key);

	if (!record || !record->error.operation)
		return NULL;
	record->origin.facts |= facts_of_known(known);
	error_explain(&record->error, &record->origin);
	return &record->error;
}

int iommuctl_error_format(const struct iommuctl_error *error, char *text, size_t size)
{
	struct text out = { .at = text, .size = size };
	const char *name = strerrorname_np(error->code);
	const char *description = strerrordesc_np(error->code);

	text_add(&out, "%s", error->operation);
	if (error->object[0])
		text_add(&out, " on %s", error->object);
	if (name && description)
		text_add(&out, " failed with %s (%s)", name, description);
	else
		text_add(&out, " failed with error %d", error->code);
	for (size_t i = 0; i < error->explanation_count; i++) {
		if (i == 0)
			text_add(&out, error->explanation_count > 1 ? ": either " : ": ");
		else
			text_add(&out, ", or ");
		text_add(
			&out, "%s [%s]", error->explanation[i].cause, error->explanation[i].remedy);
	}
	return (int)out.length;
}
