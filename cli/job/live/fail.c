// SPDX-License-Identifier: MIT
/* Records failures of a running job. */
#include <string.h>

#include "job/live/live.h"

#include "job/live/known.h"

/* While undoing, report the first failure. */
static bool is_to_be_told(const struct live *live)
{
	return !live->undoing || !live->failure.error;
}

static void add_object(
	struct failure *failure, const struct live *live, const struct document_object *object)
{
	char label[128];

	if (!object)
		return;
	document_object_label(object, label, sizeof(label));
	failure->place = failure_print(failure, "%s", label);
	failure->object = failure->place;
	failure->id = live_object(live, object)->id;
}

int live_fail_as_told(
	struct live *live, const struct document_object *object, const char *operation)
{
	add_object(&live->failure, live, object);
	live->failure.operation = operation;
	return live->failure.error;
}

int live_fail(struct live *live, const struct document_object *object, int error)
{
	const struct iommuctl_error *last = iommuctl_last_error(live->ctx);

	if (!is_to_be_told(live))
		return error;
	live->failure = (struct failure){ .error = error };
	add_object(&live->failure, live, object);
	if (last && last->code == -error)
		live_explain(live, object);
	return error;
}

static void tell(struct live *live, const struct document_object *object, const char *operation,
	const char *format, va_list arguments) __attribute__((format(printf, 4, 0)));

static void tell(struct live *live, const struct document_object *object, const char *operation,
	const char *format, va_list arguments)
{
	live->failure.message = failure_print_list(&live->failure, format, arguments);
	live_fail_as_told(live, object, operation);
}

int live_fail_with(struct live *live, const struct document_object *object, int error,
	const char *operation, const char *format, ...)
{
	va_list arguments;

	if (!is_to_be_told(live))
		return error;
	live->failure = (struct failure){ .error = error };
	va_start(arguments, format);
	tell(live, object, operation, format, arguments);
	va_end(arguments);
	return error;
}

int live_fail_incidentally(struct live *live)
{
	live->failure.incidental = true;
	return live->failure.error;
}

int live_fail_wait(struct live *live, const struct document_object *object, int error)
{
	live_fail_with(live, object, error, "poll", "%s", strerror(-error));
	live_fail_incidentally(live);
	return error;
}

int live_unmet(struct live *live, const struct document_object *object, const char *format, ...)
{
	va_list arguments;

	live->failure = (struct failure){ .status = STATUS_UNMET, .code = "unmet" };
	va_start(arguments, format);
	tell(live, object, "expect", format, arguments);
	va_end(arguments);
	return LIVE_UNMET;
}

int live_expected(struct live *live, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	live->failure.expected = failure_print_list(&live->failure, format, arguments);
	va_end(arguments);
	return LIVE_UNMET;
}

int live_fail_command(struct live *live, size_t command)
{
	live->failure.in_command = true;
	live->failure.command = command;
	return live->failure.error;
}
