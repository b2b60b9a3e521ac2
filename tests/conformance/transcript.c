// SPDX-License-Identifier: MIT
#include "transcript.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define HASH_PRIME UINT64_C(0x100000001b3)

void transcript_start(struct transcript *transcript, bool print)
{
	transcript->print = print;
	transcript->hash = HASH_START;
	transcript->length = 0;
}

void transcript_say(struct transcript *transcript, const char *format, ...)
{
	const size_t room = sizeof(transcript->line) - transcript->length;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(transcript->line + transcript->length, room, format, arguments);
	va_end(arguments);
	if (length > 0)
		transcript->length += (size_t)length < room ? (size_t)length : room - 1;
}

void transcript_say_result(struct transcript *transcript, int err)
{
	const char *name = err ? strerrorname_np(-err) : "ok";

	transcript_say(transcript, " -> %s", name ? name : "?");
}

void transcript_end_line(struct transcript *transcript)
{
	for (size_t i = 0; i < transcript->length; i++)
		transcript->hash =
			(transcript->hash ^ (unsigned char)transcript->line[i]) * HASH_PRIME;
	if (transcript->print && transcript->length)
		puts(transcript->line);
	transcript->length = 0;
}

uint64_t hash_words(uint64_t hash, const void *bytes, size_t size)
{
	const unsigned char *next = bytes;
	uint64_t word;

	for (size_t i = 0; i < size; i += sizeof(word)) {
		memcpy(&word, next + i, sizeof(word));
		hash = (hash ^ word) * HASH_PRIME;
		hash ^= hash >> 32;
	}
	return hash;
}
