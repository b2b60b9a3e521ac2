// SPDX-License-Identifier: MIT
#include "output/failure.h"

#include <stdlib.h>
#include <string.h>

#include "output/text.h"
#include "output/open_file.h"

const char *failure_print_list(struct failure *failure, const char *format, va_list arguments)
{
	const size_t last = sizeof(failure->text) - 1;
	char *text = failure->text + failure->used;

	text_append_list(text, sizeof(failure->text) - failure->used, format, arguments);
	failure->used += strlen(text) + 1;
	if (failure->used > last)
		failure->used = last;
	return text;
}

const char *failure_print(struct failure *failure, const char *format, ...)
{
	const char *text;
	va_list arguments;

	va_start(arguments, format);
	text = failure_print_list(failure, format, arguments);
	va_end(arguments);
	return text;
}

/* The length of the text of the first line of @format; its arguments may contain newlines. */
static size_t message_length(const char *format, va_list arguments)
	__attribute__((format(printf, 1, 0)));

static size_t message_length(const char *format, va_list arguments)
{
	char line[512];

	snprintf(line, sizeof(line), "%.*s", (int)strcspn(format, "\n"), format);
	return (size_t)vsnprintf(NULL, 0, line, arguments);
}

int failure_set_list(struct failure *failure, int error, const char *format, va_list arguments)
{
	size_t length;
	va_list again;

	va_copy(again, arguments);
	length = message_length(format, again);
	va_end(again);
	*failure = (struct failure){ .error = error };
	failure->message = failure_print_list(failure, format, arguments);
	if (length >= strlen(failure->message))
		return error;
	failure->text[length] = '\0';
	failure_explain(failure, NULL, failure->text + length + 1);
	return error;
}

int failure_set(struct failure *failure, int error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	failure_set_list(failure, error, format, arguments);
	va_end(arguments);
	return error;
}

static const char *or_null(const char *text)
{
	return text && *text ? text : NULL;
}

void failure_explain(struct failure *failure, const char *cause, const char *remedy)
{
	const struct iommuctl_explanation new = { or_null(cause), or_null(remedy) };

	if ((new.cause || new.remedy) && failure->explanation_count < IOMMUCTL_EXPLANATIONS_MAX)
		failure->explanations[failure->explanation_count++] = new;
}

int failure_set_file(struct failure *failure, int error, const char *operation, const char *object)
{
	const struct open_file_reason *reason = open_file_explain(error);

	*failure = (struct failure){ .error = error, .operation = operation, .object = object };
	if (reason) {
		failure->message = reason->message;
		failure_explain(failure, NULL, reason->remedy);
	}
	return error;
}

void failure_add_library(struct failure *failure, const struct iommuctl_error *error)
{
	failure->error = -error->code;
	failure->operation = error->operation;
	if (failure->place && *error->object)
		failure->object = failure_print(failure, "%s (%s)", failure->place, error->object);
	else if (*error->object)
		failure->object = failure_print(failure, "%s", error->object);
	for (size_t i = 0; i < error->explanation_count; i++)
		failure_explain(failure, error->explanation[i].cause, error->explanation[i].remedy);
}

enum exit_status failure_status(const struct failure *failure)
{
	return failure->status ? failure->status : status_of_errno(failure->error);
}

const char *failure_code(const struct failure *failure)
{
	return failure->code ? failure->code : errno_name(failure->error);
}

const char *failure_message(const struct failure *failure)
{
	if (failure->message || !failure->error)
		return failure->message;
	return strerror(abs(failure->error));
}
