// SPDX-License-Identifier: MIT
#include "host/gate.h"

#include <stdarg.h>

static void set_result(struct gate_result *result, enum gate_outcome outcome,
	enum exit_status status, const char *format, va_list args)
	__attribute__((format(printf, 4, 0)));

static void set_result(struct gate_result *result, enum gate_outcome outcome,
	enum exit_status status, const char *format, va_list args)
{
	result->outcome = outcome;
	failure_set_list(&result->found, 0, format, args);
	result->found.status = status;
}

void gate_pass(struct gate_result *result, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_result(result, GATE_PASS, STATUS_DONE, format, args);
	va_end(args);
}

void gate_unknown(struct gate_result *result, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_result(result, GATE_UNKNOWN, STATUS_DONE, format, args);
	va_end(args);
}

void gate_fail(struct gate_result *result, enum exit_status status, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	set_result(result, GATE_FAIL, status, format, args);
	va_end(args);
}

bool gate_run(const struct gate *gate, struct examination *examination, struct gate_result *result)
{
	if (gate->concerns && !gate->concerns(examination))
		return false;
	if (gate->needs & ~examination->facts) {
		gate_unknown(result, "unknown until the gates above pass");
		return true;
	}
	gate->check(examination, result);
	if (result->outcome == GATE_PASS)
		examination->facts |= gate->proves;
	return true;
}

void examination_end(struct examination *examination)
{
	if (examination->facts & GATE_FACT_BOUND)
		bound_device_close(&examination->bound);
	examination->facts = 0;
}
