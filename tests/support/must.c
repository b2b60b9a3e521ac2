// SPDX-License-Identifier: MIT
#include "must.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void must(int err, const char *what)
{
	if (!err)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	abort();
}
