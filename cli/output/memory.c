// SPDX-License-Identifier: MIT
#include "output/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* Thread-local, because jansson's allocator gets nothing but the size. */
static _Thread_local bool ran_out;
static _Thread_local int why; /* an errno; 0: ENOMEM */

void memory_note_failure(void)
{
	ran_out = true;
}

void *memory_checked(void *made)
{
	if (made || (errno != ENOMEM && errno != EMFILE && errno != ENFILE))
		return made;
	memory_note_failure();
	why = errno;
	return NULL;
}

int memory_checked_file(int fd)
{
	if (fd < 0)
		memory_checked(NULL);
	return fd;
}

int memory_take_reason(void)
{
	const int reason = why ? why : ENOMEM;

	why = 0;
	return reason;
}

bool memory_has_failed(void)
{
	return ran_out;
}

bool memory_take_failure(void)
{
	bool taken = ran_out;

	ran_out = false;
	return taken;
}

static void *allocate(size_t size)
{
	return memory_checked(malloc(size));
}

void memory_watch_json(void)
{
	json_set_alloc_funcs(allocate, free);
}

/* Makes room for @size more bytes and a NUL. */
static bool make_room(struct memory_text *text, size_t size)
{
	size_t room = text->room ? text->room : 1024;
	char *grown;

	while (room <= text->used + size)
		room *= 2;
	if (room == text->room)
		return true;
	grown = memory_checked(realloc(text->text, room));
	if (!grown)
		return false;
	text->text = grown;
	text->room = room;
	return true;
}

static ssize_t write_text(void *cookie, const char *data, size_t size)
{
	struct memory_text *text = cookie;

	if (text->incomplete || !make_room(text, size)) {
		text->incomplete = true;
		return 0;
	}
	memcpy(text->text + text->used, data, size);
	text->used += size;
	text->text[text->used] = '\0';
	return (ssize_t)size;
}

FILE *memory_text_open(struct memory_text *text)
{
	*text = (struct memory_text){ .text = NULL };
	if (make_room(text, 0)) {
		*text->text = '\0';
		text->stream = memory_checked(
			fopencookie(text, "w", (cookie_io_functions_t){ .write = write_text }));
	}
	if (!text->stream)
		free(text->text);
	return text->stream;
}

char *memory_text_close(struct memory_text *text)
{
	if (!text->stream)
		return NULL;
	if (fclose(text->stream) == 0 && !text->incomplete)
		return text->text;
	free(text->text);
	memory_note_failure();
	return NULL;
}
