/* SPDX-License-Identifier: MIT */
/* An attribute of sysfs that cannot be written. */
#ifndef CLI_HOST_UNWRITABLE_H
#define CLI_HOST_UNWRITABLE_H

#include <stdbool.h>

#include "output/failure.h"

/* Whether @err, a negative errno, comes from the place and not from what was written to it. */
bool unwritable_here(int err);

/* Makes @failure one of writing @attribute with @err, which it returns; also says what helps. */
int unwritable_explain(struct failure *failure, int err, const char *attribute);

#endif
