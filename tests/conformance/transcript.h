/* SPDX-License-Identifier: MIT */
/* What came of a sequence: one line for each operation, and a hash of all lines. */
#ifndef CONFORMANCE_TRANSCRIPT_H
#define CONFORMANCE_TRANSCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct transcript {
	bool print;
	uint64_t hash;
	size_t length;
	char line[4096];
};

void transcript_start(struct transcript *transcript, bool print);

__attribute__((format(printf, 2, 3))) void transcript_say(
	struct transcript *transcript, const char *format, ...);

/* Says what an operation returned: "ok", or the name of the errno. */
void transcript_say_result(struct transcript *transcript, int err);

void transcript_end_line(struct transcript *transcript);

/* FNV-1a over 64-bit words, continued from @hash; @size is a multiple of 8. */
#define HASH_START UINT64_C(0xcbf29ce484222325)
uint64_t hash_words(uint64_t hash, const void *bytes, size_t size);

#endif
