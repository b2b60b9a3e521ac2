/* SPDX-License-Identifier: MIT */
/* What a job or a session hands to a command: files that it inherits, and IDs of objects. */
#ifndef CLI_JOB_HANDOVER_HANDOVER_H
#define CLI_JOB_HANDOVER_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* {fd:NAME} or {id:NAME} in an argument; NAME has @length bytes, and @end points after the mark. */
struct handover_mark {
	bool is_id;
	const char *name;
	size_t length;
	const char *end;
};

/* Finds the next mark at or after @text; NULL if there is none. */
const char *handover_find_mark(const char *text, struct handover_mark *mark);

struct handover_item {
	char *name;  /* "iommufd", "devices.nic" */
	int fd;	     /* -1: none */
	uint32_t id; /* 0: none */
	/* A vIOMMU's pages, for mmap(2) of the iommufd; length 0: none. */
	uint64_t mmap_offset;
	uint64_t mmap_length;
	bool passed; /* the command inherits the file */
	int number;  /* under this number, once it is prepared */
};

/* Everything that can be handed over; a zeroed one is empty. */
struct handover {
	struct handover_item *items;
	size_t count;
	/* Files are passed from HANDOVER_FIRST on, where sd_listen_fds(3) expects them. */
	bool listens;
};

#define HANDOVER_FIRST 3

/* Adds an item named @name, which is copied. -ENOMEM: nothing is added. */
int handover_add(struct handover *handover, const char *name, int fd, uint32_t id);
/* Sets what mmap(2) of the iommufd shows for the item added last. */
void handover_show(struct handover *handover, uint64_t offset, uint64_t length);
void handover_free(struct handover *handover);

#endif
