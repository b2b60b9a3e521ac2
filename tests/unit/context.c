// SPDX-License-Identifier: MIT
/* A context remembers the last failure of each thread, reports it, and puts it into words. */
#include <iommuctl/context.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include <iommuctl/iommufd.h>

#include "array.h"
#include "core/context.h"
#include "transport.h"
#include "thin_call.h"

Test(context, without_a_transport_it_has_the_kernels)
{
	struct iommuctl *ctx;

	cr_assert_eq(iommuctl_new(NULL, &ctx), 0);
	cr_assert_not_null(iommuctl_get_transport(ctx));
	cr_assert_null(iommuctl_last_error(ctx));
	iommuctl_free(ctx);
}

Test(context, it_owns_its_transport)
{
	struct script *script = script_new(NULL);
	struct iommuctl *ctx;
	bool freed = false;

	script->freed = &freed;
	cr_assert_eq(iommuctl_new(&script->base, &ctx), 0);
	cr_assert_eq(iommuctl_get_transport(ctx), &script->base);
	iommuctl_free(ctx);
	cr_assert(freed);
}

Test(context, freeing_nothing_is_allowed)
{
	iommuctl_free(NULL);
}

Test(context, a_success_does_not_clear_the_last_error)
{
	struct script script = { .result = -ENOMEM };
	struct iommuctl *ctx = script_context(&script);
	uint32_t id;

	cr_assert_eq(iommuctl_ioas_alloc(ctx, THIN_FD, &id), -ENOMEM);
	script.result = 0;
	cr_assert_eq(iommuctl_destroy(ctx, THIN_FD, 5), 0);
	cr_assert_str_eq(iommuctl_last_error(ctx)->operation, "IOMMU_IOAS_ALLOC");
	script.result = -EBUSY;
	cr_assert_eq(iommuctl_destroy(ctx, THIN_FD, 5), -EBUSY);
	cr_assert_str_eq(iommuctl_last_error(ctx)->operation, "IOMMU_DESTROY");
	iommuctl_free(ctx);
}

/* A caller that holds the record still sees the old one. */
Test(context, a_failure_that_is_none_any_more_stays_as_it_was)
{
	struct script script = { .result = -EBUSY };
	struct iommuctl *ctx = script_context(&script);
	struct error_first first = { .err = 0 };
	const struct iommuctl_error *held;

	cr_assert_eq(iommuctl_destroy(ctx, THIN_FD, 5), -EBUSY);
	held = iommuctl_last_error(ctx);
	error_forget(ctx);
	cr_expect_null(iommuctl_last_error(ctx));
	cr_expect_not(error_is_told(ctx, -EBUSY));
	error_first_keep(ctx, &first, -EBUSY);
	cr_expect_eq(error_first_tell(ctx, &first), -EBUSY);
	cr_expect_null(iommuctl_last_error(ctx));
	cr_expect_eq(held->code, EBUSY);
	cr_expect_str_eq(held->object, "object 5");
	cr_assert_eq(iommuctl_destroy(ctx, THIN_FD, 6), -EBUSY);
	cr_expect_str_eq(iommuctl_last_error(ctx)->object, "object 6");
	iommuctl_free(ctx);
}

struct worker {
	struct iommuctl *ctx;
	uint32_t id;
	bool had_none;
	bool has_its_own;
};

static void *fail_in_a_thread(void *data)
{
	struct worker *worker = data;
	char object[32];

	worker->had_none = !iommuctl_last_error(worker->ctx);
	for (int i = 0; i < 1000; i++)
		iommuctl_destroy(worker->ctx, THIN_FD, worker->id);
	snprintf(object, sizeof(object), "object %u", worker->id);
	worker->has_its_own = !strcmp(iommuctl_last_error(worker->ctx)->object, object);
	return NULL;
}

Test(context, each_thread_has_its_own_last_error_and_leaves_nothing_behind)
{
	struct script script = { .result = -EBUSY, .unwatched = true };
	struct iommuctl *ctx = script_context(&script);
	struct worker workers[8];
	pthread_t threads[8];

	for (uint32_t i = 0; i < 8; i++) {
		workers[i] = (struct worker){ .ctx = ctx, .id = i };
		cr_assert_eq(pthread_create(&threads[i], NULL, fail_in_a_thread, &workers[i]), 0);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 8; i++) {
		cr_assert(workers[i].had_none);
		cr_assert(workers[i].has_its_own);
	}
	cr_assert_null(iommuctl_last_error(ctx));
	iommuctl_free(ctx);
}

Test(context, contexts_do_not_see_each_others_errors)
{
	struct script scripts[2] = { { .result = -EBUSY }, { .result = 0 } };
	struct iommuctl *first = script_context(&scripts[0]);
	struct iommuctl *second = script_context(&scripts[1]);

	cr_assert_eq(iommuctl_destroy(first, THIN_FD, 5), -EBUSY);
	cr_assert_null(iommuctl_last_error(second));
	iommuctl_free(first);
	iommuctl_free(second);
}

static void keep_code(const struct iommuctl_error *error, void *data)
{
	*(int *)data = error->code;
}

Test(context, every_failure_is_reported_to_the_log_until_it_is_ended)
{
	struct script script = { .result = -EBUSY };
	struct iommuctl *ctx = script_context(&script);
	int code = 0;

	iommuctl_set_log(ctx, keep_code, &code);
	iommuctl_destroy(ctx, THIN_FD, 5);
	cr_assert_eq(code, EBUSY);
	iommuctl_set_log(ctx, NULL, NULL);
	script.result = -ENOENT;
	iommuctl_destroy(ctx, THIN_FD, 5);
	cr_assert_eq(code, EBUSY);
	iommuctl_free(ctx);
}

static const struct {
	struct iommuctl_error error;
	const char *text;
} sentences[] = {
	{ { "open", "/dev/iommu", ENOENT, 1, { { "it is not there", "make it" } } },
		"open on /dev/iommu failed with ENOENT (No such file or directory): it is not there "
		"[make it]" },
	{ { "IOMMU_DESTROY", "object 5", EBUSY, 2, { { "a", "do b" }, { "c", "do d" } } },
		"IOMMU_DESTROY on object 5 failed with EBUSY (Device or resource busy): either a [do "
		"b], or c [do d]" },
	{ { "read", "", EIO, 0, { { NULL, NULL } } }, "read failed with EIO (Input/output error)" },
	{ { "read", "", 4000, 0, { { NULL, NULL } } }, "read failed with error 4000" },
};

Test(context, an_error_is_one_sentence_with_causes_and_remedies)
{
	for (size_t i = 0; i < ARRAY_SIZE(sentences); i++) {
		char text[256];
		int length = iommuctl_error_format(&sentences[i].error, text, sizeof(text));

		cr_assert_str_eq(text, sentences[i].text);
		cr_assert_eq((size_t)length, strlen(text));
	}
}

Test(context, a_short_buffer_gets_the_start_and_the_whole_length)
{
	const size_t whole = strlen(sentences[0].text);

	cr_assert_eq(iommuctl_error_format(&sentences[0].error, NULL, 0), (int)whole);
	for (size_t size = 1; size <= whole; size++) {
		char *text = malloc(size);

		cr_assert_eq(iommuctl_error_format(&sentences[0].error, text, size), (int)whole);
		cr_assert_eq(strlen(text), size - 1);
		cr_assert_eq(strncmp(text, sentences[0].text, size - 1), 0);
		free(text);
	}
}

Test(context, objects_too_long_for_the_error_are_cut_off)
{
	struct script script = { .result = -ENOMEM };
	struct iommuctl *ctx = script_context(&script);
	const struct iommuctl_hw_queue_alloc_args args = {
		.viommu_id = UINT32_MAX,
		.index = UINT32_MAX,
		.nesting_parent_iova = UINT64_MAX,
		.length = UINT64_MAX,
	};
	uint32_t id;

	cr_assert_eq(iommuctl_hw_queue_alloc(ctx, THIN_FD, &args, &id), -ENOMEM);
	cr_assert_eq(strlen(iommuctl_last_error(ctx)->object), 95);
	iommuctl_free(ctx);
}
