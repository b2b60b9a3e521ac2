/* SPDX-License-Identifier: MIT */
/* What runs out for a program under test. */
#ifndef TESTS_OOM_FAILING_H
#define TESTS_OOM_FAILING_H

#include <stdbool.h>

enum failing_kind { FAILING_MEMORY, FAILING_FILES };

/* Whether the call that is made now fails, by @error, which errno is then. */
__attribute__((visibility("hidden"))) bool failing_is_due(enum failing_kind kind, int error);

#endif
