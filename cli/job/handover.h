/* SPDX-License-Identifier: MIT */
/* What a command is given of a job or a session: files that it inherits, and ids of objects. */
#ifndef CLI_JOB_HANDOVER_H
#define CLI_JOB_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {fd:NAME} or {id:NAME} in an argument; NAME has @length bytes, and @end is behind the mark. */
struct handover_mark {
	bool is_id;
	const char *name;
	size_t length;
	const char *end;
};

/* The next mark at or after @text, where it begins; NULL: there is none. */
const char *handover_find_mark(const char *text, struct handover_mark *mark);

struct handover_item {
	char *name;  /* "iommufd", "devices.nic" */
	int fd;	     /* -1: it has no file */
	uint32_t id; /* 0: it has no id */
	/* Of a vIOMMU, what mmap(2) of the iommufd shows; length 0: nothing. */
	uint64_t mmap_offset;
	uint64_t mmap_length;
	bool passed; /* the command inherits the file */
	int number;  /* under this number, once it is prepared */
};

/* All that there is to be given; a zeroed one has nothing. */
struct handover {
	struct handover_item *items;
	size_t count;
	/* Files are passed from HANDOVER_FIRST on, as sd_listen_fds(3) looks for them. */
	bool listens;
};

#define HANDOVER_FIRST 3

/* Adds what is called @name, of which a copy is made. -ENOMEM: nothing is added. */
int handover_add(struct handover *handover, const char *name, int fd, uint32_t id);
/* Says of what was added last what it shows by mmap(2) of the iommufd. */
void handover_show(struct handover *handover, uint64_t offset, uint64_t length);
void handover_free(struct handover *handover);

#endif
