/* SPDX-License-Identifier: MIT */
/*
 * Whether memory ran out on the way to a result. A result of many pieces, such as JSON, goes on
 * without those that there was no memory for; so does a look at the host that takes a failure for
 * "not there". Each such failure is noted here, and the report then says neither a result nor
 * another failure.
 */
#ifndef CLI_OUTPUT_MEMORY_H
#define CLI_OUTPUT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Notes from now on when jansson runs out of memory. */
void memory_watch_json(void);

/* Notes that memory ran out, for the calling thread. */
void memory_note_failure(void);

/* Returns @made, the result of a call; notes a NULL if errno says that memory or files ran out. */
void *memory_checked(void *made);

/* The same for a file descriptor, where a negative one is a failure. */
int memory_checked_file(int fd);

/* The errno of what ran out last, and clears it: ENOMEM if nothing else was noted. */
int memory_take_reason(void);

/* Whether memory ran out since the last call of memory_take_failure(). */
bool memory_has_failed(void);
bool memory_take_failure(void);

/* A text that is written like a file. open_memstream() would lose text silently. */
struct memory_text {
	FILE *stream;
	char *text;
	size_t used;
	size_t room;
	bool incomplete;
};

/* Returns the stream to write to, or NULL, with the failure noted. */
FILE *memory_text_open(struct memory_text *text);

/*
 * Ends it. Returns the text, which the caller frees, or NULL if any of it is missing, with the
 * failure noted.
 */
char *memory_text_close(struct memory_text *text);

#endif
