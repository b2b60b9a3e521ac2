// SPDX-License-Identifier: MIT
#include "host/unwritable.h"

#include <errno.h>
#include <string.h>

static const char *remedy_for(int err)
{
	switch (err) {
	case -EACCES:
	case -EPERM: return "This needs root";
	case -EROFS:
		return "Sysfs is read-only here, as in a container: do it on the host, or mount /sys "
		       "writable";
	default: return NULL;
	}
}

bool unwritable_here(int err)
{
	return remedy_for(err) != NULL;
}

int unwritable_explain(struct failure *failure, int err, const char *attribute)
{
	failure_set(failure, err, "%s cannot be written: %s", attribute, strerror(-err));
	failure_explain(failure, NULL, remedy_for(err));
	return err;
}
