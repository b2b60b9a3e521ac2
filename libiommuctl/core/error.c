// SPDX-License-Identifier: MIT
#include "core/context.h"
#include "core/text.h"

#include <stdlib.h>
#include <string.h>

static void drop(struct iommuctl *ctx, struct error_record *record, bool spare)
{
	pthread_mutex_lock(&ctx->records_lock);
	*record->link = record->next;
	if (record->next)
		record->next->link = record->link;
	if (spare)
		*record = (struct error_record){ .ctx = NULL };
	pthread_mutex_unlock(&ctx->records_lock);
	if (!spare)
		free(record);
}

void error_record_free(void *data)
{
	struct error_record *record = data;

	drop(record->ctx, record, record->spare);
}

/* The lock is held. */
static struct error_record *find_spare(struct iommuctl *ctx)
{
	for (size_t i = 0; i < ERROR_SPARES; i++)
		if (!ctx->spares[i].ctx)
			return &ctx->spares[i];
	return NULL;
}

struct error_record *error_record_new(struct iommuctl *ctx)
{
	struct error_record *record = calloc(1, sizeof(*record));
	const bool spare = !record;

	pthread_mutex_lock(&ctx->records_lock);
	if (!record)
		record = find_spare(ctx);
	if (record) {
		record->ctx = ctx;
		record->spare = spare;
		record->next = ctx->records;
		record->link = &ctx->records;
		if (record->next)
			record->next->link = &record->next;
		ctx->records = record;
	}
	pthread_mutex_unlock(&ctx->records_lock);
	if (!record || pthread_setspecific(ctx->record_key, record) == 0)
		return record;
	drop(ctx, record, spare);
	return NULL;
}

static void error_explain(struct error_state *state)
{
	const struct error_origin *origin = &state->origin;
	struct iommuctl_error *error = &state->error;

	if (origin->why.cause) {
		error->explanation[0] = origin->why;
		error->explanation_count = 1;
		return;
	}
	error->explanation_count =
		explain(origin->operation, error->code, origin->facts, error->explanation);
}

void error_remember(struct iommuctl *ctx, struct error_state *failure)
{
	struct error_record *record = pthread_getspecific(ctx->record_key);

	error_explain(failure);
	if (!record)
		record = error_record_new(ctx);
	if (record) {
		record->state = *failure;
		record->forgotten = false;
	}
	if (ctx->log)
		ctx->log(&failure->error, ctx->log_data);
}

void error_forget(struct iommuctl *ctx)
{
	struct error_record *record = pthread_getspecific(ctx->record_key);

	if (record)
		record->forgotten = true;
}

/* The last failure of the calling thread; NULL: it had none. */
static struct error_state *last_failure(struct iommuctl *ctx)
{
	struct error_record *record = pthread_getspecific(ctx->record_key);

	return record && record->state.error.code && !record->forgotten ? &record->state : NULL;
}

void error_first_keep(struct iommuctl *ctx, struct error_first *first, int err)
{
	const struct error_state *failure = last_failure(ctx);

	if (first->err || !err)
		return;
	first->err = err;
	first->state = failure ? *failure : (struct error_state){ .error.code = 0 };
}

int error_first_tell(struct iommuctl *ctx, const struct error_first *first)
{
	struct error_record *record = pthread_getspecific(ctx->record_key);

	if (!first->err || !record)
		return first->err;
	record->forgotten = !first->state.error.code;
	if (!record->forgotten)
		record->state = first->state;
	return first->err;
}

bool error_is_told(struct iommuctl *ctx, int err)
{
	const struct error_state *failure = last_failure(ctx);

	return !err || (failure && failure->error.code == -err);
}

const struct iommuctl_error *iommuctl_last_error(struct iommuctl *ctx)
{
	const struct error_state *failure = last_failure(ctx);

	return failure ? &failure->error : NULL;
}

const struct iommuctl_error *iommuctl_narrow_last_error(struct iommuctl *ctx, uint64_t known)
{
	struct error_state *failure = last_failure(ctx);

	if (!failure)
		return NULL;
	failure->origin.facts |= facts_of_known(known);
	error_explain(failure);
	return &failure->error;
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
