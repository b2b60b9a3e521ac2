// SPDX-License-Identifier: MIT
// Lists every number of ours that is not the kernel's. check_abi.py writes rows.h.
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "array.h"
#include "headers.h"

struct row {
	const char *our_name;
	const char *kernel_name;
	uint64_t ours;
	uint64_t kernels;
};

#define ROW(ours, kernels) { #ours, #kernels, ours, kernels },

static const struct row rows[] = {
#include "rows.h"
};

int main(void)
{
	const size_t count = ARRAY_SIZE(rows);
	size_t wrong = 0;

	for (size_t i = 0; i < count; i++) {
		if (rows[i].ours == rows[i].kernels)
			continue;
		wrong++;
		printf("%s is %#" PRIx64 ", but %s is %#" PRIx64 "\n", rows[i].our_name,
			rows[i].ours, rows[i].kernel_name, rows[i].kernels);
	}
	printf("%zu of %zu numbers agree with the kernel's\n", count - wrong, count);
	return wrong ? 1 : 0;
}
