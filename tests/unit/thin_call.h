/* SPDX-License-Identifier: MIT */
/* A transport that keeps the last call and answers it, and the specification of thin calls over it.
 */
#ifndef IOMMUCTL_TESTS_THIN_CALL_H
#define IOMMUCTL_TESTS_THIN_CALL_H

#include <criterion/criterion.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <iommuctl/context.h>

/* What a call sent, and what it is to be answered. Sizes are those of the argument. */
struct recorder {
	struct iommuctl_transport base;
	unsigned int calls;
	int fd;
	unsigned long request;
	void *arg;
	char path[64];
	int64_t offset;
	size_t length;
	int prot;
	unsigned char sent[512];
	size_t sent_size;   /* bytes of the argument to keep */
	const void *answer; /* replaces the argument */
	size_t answer_size;
	int result;
};

static inline int recorder_ioctl(
	struct iommuctl_transport *transport, int fd, unsigned long request, void *arg)
{
	struct recorder *recorder = (struct recorder *)transport;

	recorder->calls++;
	recorder->fd = fd;
	recorder->request = request;
	recorder->arg = arg;
	if (recorder->sent_size)
		memcpy(recorder->sent, arg, recorder->sent_size);
	if (recorder->answer)
		memcpy(arg, recorder->answer, recorder->answer_size);
	return recorder->result;
}

static inline int recorder_open(struct iommuctl_transport *transport, const char *path, int flags)
{
	struct recorder *recorder = (struct recorder *)transport;

	(void)flags;
	recorder->calls++;
	strncpy(recorder->path, path, sizeof(recorder->path) - 1);
	return recorder->result;
}

static inline int recorder_mmap(struct iommuctl_transport *transport, int fd, uint64_t offset,
	size_t length, int prot, int flags, void **address)
{
	struct recorder *recorder = (struct recorder *)transport;

	(void)flags;
	recorder->calls++;
	recorder->fd = fd;
	recorder->offset = (int64_t)offset;
	recorder->length = length;
	recorder->prot = prot;
	*address = recorder;
	return recorder->result;
}

static inline int recorder_munmap(
	struct iommuctl_transport *transport, void *address, size_t length)
{
	struct recorder *recorder = (struct recorder *)transport;

	recorder->calls++;
	recorder->arg = address;
	recorder->length = length;
	return recorder->result;
}

static inline ssize_t recorder_read(
	struct iommuctl_transport *transport, int fd, void *buffer, size_t size, int64_t offset)
{
	struct recorder *recorder = (struct recorder *)transport;

	recorder->calls++;
	recorder->fd = fd;
	recorder->offset = offset;
	recorder->length = size;
	if (recorder->answer)
		memcpy(buffer, recorder->answer, recorder->answer_size);
	return recorder->result;
}

static inline ssize_t recorder_write(struct iommuctl_transport *transport, int fd,
	const void *buffer, size_t size, int64_t offset)
{
	struct recorder *recorder = (struct recorder *)transport;

	recorder->calls++;
	recorder->fd = fd;
	recorder->offset = offset;
	recorder->length = size;
	if (recorder->sent_size)
		memcpy(recorder->sent, buffer, recorder->sent_size);
	return recorder->result;
}

static inline int recorder_close(struct iommuctl_transport *transport, int fd)
{
	struct recorder *recorder = (struct recorder *)transport;

	recorder->calls++;
	recorder->fd = fd;
	return recorder->result;
}

static inline void recorder_free(struct iommuctl_transport *transport)
{
	(void)transport;
}

/* The context takes the recorder, which stays the test's. */
static inline struct iommuctl *recorder_context(struct recorder *recorder)
{
	struct iommuctl *ctx;

	recorder->base = (struct iommuctl_transport){
		.open = recorder_open,
		.ioctl = recorder_ioctl,
		.mmap = recorder_mmap,
		.munmap = recorder_munmap,
		.read = recorder_read,
		.write = recorder_write,
		.close = recorder_close,
		.free = recorder_free,
	};
	cr_assert_eq(iommuctl_new(&recorder->base, &ctx), 0);
	return ctx;
}

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
	const struct thin_call *call, struct recorder *recorder, uint64_t *out, int expected)
{
	struct iommuctl *ctx = recorder_context(recorder);
	const struct iommuctl_error *error;

	recorder->sent_size = call->size;
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
	struct recorder recorder = { .answer = call->answer, .answer_size = call->size };
	uint64_t out[THIN_OUTS_MAX];

	thin_call_run(call, &recorder, out, 0);
	cr_assert_eq(recorder.calls, 1, "%s", call->operation);
	cr_assert_eq(recorder.fd, THIN_FD, "%s", call->operation);
	cr_assert_eq(recorder.request, call->request, "%s", call->operation);
	cr_assert_arr_eq(recorder.sent, call->sent, call->size, "%s", call->operation);
}

static inline void thin_call_returns_every_out_field(const struct thin_call *call)
{
	struct recorder recorder = { .answer = call->answer, .answer_size = call->size };
	uint64_t out[THIN_OUTS_MAX];

	thin_call_run(call, &recorder, out, 0);
	for (size_t i = 0; i < call->out_count; i++)
		cr_assert_eq(out[i], call->outs[i], "%s: out %zu is 0x%" PRIx64, call->operation, i,
			out[i]);
	for (size_t i = call->out_count; i < THIN_OUTS_MAX; i++)
		cr_assert_eq(out[i], THIN_UNTOUCHED, "%s", call->operation);
}

static inline void thin_call_failure_leaves_outs_alone(const struct thin_call *call)
{
	struct recorder recorder = {
		.answer = call->answer,
		.answer_size = call->size,
		.result = -EPERM,
	};
	uint64_t out[THIN_OUTS_MAX];

	thin_call_run(call, &recorder, out, -EPERM);
	for (size_t i = 0; i < THIN_OUTS_MAX; i++)
		cr_assert_eq(out[i], THIN_UNTOUCHED, "%s: out %zu is 0x%" PRIx64, call->operation,
			i, out[i]);
}

static inline void thin_call_refuses_a_positive_result(const struct thin_call *call)
{
	struct recorder recorder = {
		.answer = call->answer,
		.answer_size = call->size,
		.result = 1,
	};
	uint64_t out[THIN_OUTS_MAX];

	thin_call_run(call, &recorder, out, -EPROTO);
	for (size_t i = 0; i < THIN_OUTS_MAX; i++)
		cr_assert_eq(out[i], THIN_UNTOUCHED, "%s", call->operation);
}

#endif
