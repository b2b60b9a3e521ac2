/* SPDX-License-Identifier: MIT */
/*
 * A host in a file: the data that "doctor" looks at, so that the same gates can judge it elsewhere.
 * It is one JSON object; nothing in it names the host, its users, its networks or its disks.
 */
#ifndef CLI_HOST_RECORD_H
#define CLI_HOST_RECORD_H

#include <stdint.h>

#include <jansson.h>

#include "host/sysfs.h"
#include "output/failure.h"

/* More than the record of a host with ten thousand devices has. */
#define HOST_RECORD_BYTES_MAX (16u << 20)

struct host_record {
	struct sysfs sysfs; /* of the recorded host; first, so that a node finds the record */
	char root[128];	    /* its directory while the record is open */
	const char *release;
	const char *machine;
	const char *config; /* lines of kernel options; NULL: they could not be found */
	bool memlock_limited;
	uint64_t memlock; /* bytes */
	json_t *asked;	  /* address → list of answers; borrowed from the document */
	json_t *document;
};

/*
 * Records this host; @asked, whose reference it takes, is an object of the kernel's answers about
 * devices, by their addresses. NULL: memory ran out.
 */
json_t *host_record_collect(const struct sysfs *sysfs, json_t *asked);

/*
 * Reads the record in the file @name ("-": standard input), which is untrusted and may be endless.
 * host_record_open() makes a tree of it. Both return 0, or -errno with @failure and nothing left.
 */
int host_record_read(struct host_record *record, const char *name, struct failure *failure);
int host_record_open(struct host_record *record, struct failure *failure);
void host_record_close(struct host_record *record);

#endif
