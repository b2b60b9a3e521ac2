/* SPDX-License-Identifier: MIT */
/*
 * Whether memory ran out on the way to a result. What is built of many pieces, such as JSON, goes
 * on without those that there was no memory for; so does a look at the host that takes a failure
 * for "not there". Each failure is noted here, and the report says no result and no other failure
 * over it.
 */
#ifndef CLI_OUTPUT_MEMORY_H
#define CLI_OUTPUT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* From now on, what jansson has no memory for is noted. */
void memory_watch_json(void);

/* Notes that memory ran out, for the calling thread. */
void memory_note_failure(void);

/* Returns @made, the result of a call; NULL is noted if errno says that memory or files ran out. */
void *memory_checked(void *made);

/* The same for a file descriptor; a negative one is no file. */
int memory_checked_file(int fd);

/* The errno of what ran out last, once: ENOMEM if nothing else was noted. */
int memory_take_reason(void);

/* Whether memory ran out since the last call of memory_take_failure(). */
bool memory_has_failed(void);
bool memory_take_failure(void);

/* A text that is written like a file. What open_memstream() has no memory for, nothing tells. */
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
