// SPDX-License-Identifier: MIT
/* What went wrong, for the one who started the VMM. */
#include "report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int report_error(const char *object, int error, const char *remedy)
{
	fprintf(stderr, "kvm-vmm: %s: %s%s%s\n", object, strerror(error), remedy ? ": " : "",
		remedy ? remedy : "");
	return -error;
}

int report_problem(const char *object, const char *problem)
{
	fprintf(stderr, "kvm-vmm: %s: %s\n", object, problem);
	return -EINVAL;
}
