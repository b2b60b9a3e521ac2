// SPDX-License-Identifier: MIT
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int host_problem_set(struct host_problem *problem, int error, const char *format, ...)
{
	va_list args;
	char *newline;

	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	problem->code = -error;
	newline = strchr(problem->text, '\n');
	if (newline)
		*newline = '\0';
	problem->hint = newline ? newline + 1 : NULL;
	return error;
}
