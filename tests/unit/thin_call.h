/* SPDX-License-Identifier: MIT */
/* Properties of every thin call, checked for each row of a table, over a scripted transport. */
#ifndef TEST_THIN_CALL_H
#define TEST_THIN_CALL_H

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "transport.h"

#define THIN_FD	       7
#define THIN_OUTS_MAX  10
#define THIN_UNTOUCHED UINT64_C(0x1111111111111111)

/*
 * One thin call: run() makes it on THIN_FD with out-parameters taken from and put into @out, and
 * @outs is what they are after the answer.
 */
struct thin_call {
	const char *operation;
	const char *object;
	unsigned long request;
	const void *sent;
	const void *answer;
	size_t size;
	int (*run)(struct iommuctl *ctx, uint64_t *out);
	uint64_t outs[THIN_OUTS_MAX];
	size_t out_count;
};

static inline void thin_call_run(
	const struct thin_call *call, struct script *script, uint64_t *out, int expected)
{
	struct iommuctl *ctx = script_context(script);
	const struct iommuctl_error *error;

	script->sent_size = call->size;
	for (size_t i = 0; i < THIN_OUTS_MAX; i++)
		out[i] = THIN_UNTOUCHED;
	cr_assert_eq(call->run(ctx, out), expected, "%s", call->operation);
	error = iommuctl_last_error(ctx);
	if (expected == 0) {
		cr_assert_null(error, "%s", call->operation);
	} else {
		cr_assert_not_null(error, "%s", call->operation);
		cr_assert_str_eq(error->operation, call->operation);
		cr_assert_str_eq(
			error->object, call->object, "%s: \"%s\"", call->operation, error->object);
		cr_assert_eq(error->code, -expected);
	}
	iommuctl_free(ctx);
}

static inline void thin_call_sends_its_structure(const struct thin_call *call)
{
	struct script script = { .answer = call->answer, .answer_size = call->size };
	uint64_t out[THIN_OUTS_MAX];

	thin_call_run(call, &script, out, 0);
	cr_assert_eq(script.total, 1, "%s", call->operation);
	cr_assert_eq(script.fd, THIN_FD, "%s", call->operation);
	cr_assert_eq(script.request, call->request, "%s", call->operation);
	cr_assert_arr_eq(script.sent, call->sent, call->size, "%s", call->operation);
}

static inline void thin_call_returns_every_out_field(const struct thin_call *call)
{
	struct script script = { .answer = call->answer, .answer_size = call->size };
	uint64_t out[THIN_OUTS_MAX];

	thin_call_run(call, &script, out, 0);
	for (size_t i = 0; i < call->out_count; i++)
		cr_assert_eq(out[i], call->outs[i], "%s: out %zu is 0x%" PRIx64, call->operation, i,
			out[i]);
	for (size_t i = call->out_count; i < THIN_OUTS_MAX; i++)
		cr_assert_eq(out[i], THIN_UNTOUCHED, "%s", call->operation);
}

/* Nor does what the kernel has written come out where it says that it failed. */
static inline void thin_call_expect_no_outs(const struct thin_call *call, int result, int expected)
{
	struct script script = {
		.answer = call->answer,
		.answer_size = call->size,
		.result = result,
	};
	uint64_t out[THIN_OUTS_MAX];

	thin_call_run(call, &script, out, expected);
	for (size_t i = 0; i < THIN_OUTS_MAX; i++)
		cr_assert_eq(out[i], THIN_UNTOUCHED, "%s: out %zu is 0x%" PRIx64, call->operation,
			i, out[i]);
}

static inline void thin_call_failure_leaves_outs_alone(const struct thin_call *call)
{
	thin_call_expect_no_outs(call, -EPERM, -EPERM);
}

static inline void thin_call_refuses_a_positive_result(const struct thin_call *call)
{
	thin_call_expect_no_outs(call, 1, -EPROTO);
}

#endif
