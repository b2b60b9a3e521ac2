/* SPDX-License-Identifier: MIT */
/* The tree of an untrusted record, in a directory of our own. */
#ifndef CLI_HOST_RECORD_UNPACK_H
#define CLI_HOST_RECORD_UNPACK_H

#include <jansson.h>

#include "output/failure.h"

struct unpacking {
	int root;	  /* the directory, open */
	const char *name; /* and its name, for messages */
	struct failure *failure;
};

/* More than the record of a host with thousands of devices has. */
#define HOST_RECORD_ENTRIES_MAX 65536

/* Refuses the record in @failure. Returns -EINVAL. */
int record_refuse(struct failure *failure, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Checks that the objects for the tree exist. Returns 0, or -EINVAL with @failure. */
int record_check_trees(json_t *host, struct failure *failure);

/* Makes the tree of @host, which has been checked. Returns 0, or -errno with the failure. */
int record_unpack(const struct unpacking *to, json_t *host);

/* Removes that tree, as far as it was made, and the directory @root; takes no memory. */
void record_remove(const char *root, json_t *host);

#endif
