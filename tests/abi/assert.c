// SPDX-License-Identifier: MIT
// The same rows as compare.c, for a target whose programs need not run here.
#include <stddef.h>

#include "headers.h"

#define ROW(ours, kernels)                                                                         \
	_Static_assert((uint64_t)(ours) == (uint64_t)(kernels), #ours " is not " #kernels);

#include "rows.h"
