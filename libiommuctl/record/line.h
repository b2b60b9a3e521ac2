/* SPDX-License-Identifier: MIT */
/*
 * One line of the log of a guest's SMMU, for both the recorder and the replay.
 * <iommuctl/vsmmuv3_record.h> says what each means.
 */
#ifndef LIBIOMMUCTL_RECORD_LINE_H
#define LIBIOMMUCTL_RECORD_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/vsmmuv3_record.h>

#define RECORD_NUMBERS_MAX 9
#define RECORD_WORDS_MAX   8 /* of a fetch: an STE */

enum record_kind {
	RECORD_VERSION,
	RECORD_IDENTITY,
	RECORD_CONFIG,
	RECORD_MEMORY,
	RECORD_READ,
	RECORD_WRITE,
	RECORD_ADD,
	RECORD_REMOVE,
	RECORD_RESET,
	RECORD_PROCESS,
	RECORD_DELIVER,
	RECORD_FAULT,
	RECORD_RESTORE,
	RECORD_FETCH,
	RECORD_ARRIVAL,
	RECORD_INTERRUPT,
	RECORD_MSI,
	RECORD_WAKE,
	RECORD_EVENT,
	RECORD_LOST,
	RECORD_END,
	RECORD_KINDS,
};

enum record_role {
	RECORD_IS_HEADER,
	RECORD_IS_PLACE,  /* where guest memory is: between accesses */
	RECORD_IS_READ,	  /* an access in one line */
	RECORD_IS_ACCESS, /* begins an access, which continues to its end */
	RECORD_IS_INPUT,  /* what an access found */
	RECORD_IS_OUTPUT, /* what it did */
	RECORD_IS_END,
};

struct record_line {
	enum record_kind kind;
	unsigned int count;
	uint64_t numbers[RECORD_NUMBERS_MAX];
};

enum record_role record_role(enum record_kind kind);

/* A line with the minimum number of @numbers for its kind. */
struct record_line record_line(enum record_kind kind, uint64_t first, uint64_t second);

bool record_equal(const struct record_line *one, const struct record_line *other);

/* Writes a line with its newline, terminated. @comment may be NULL. Returns its length. */
size_t record_format(const struct record_line *line, const char *comment,
	char text[IOMMUCTL_VSMMUV3_RECORD_LINE_SIZE]);

/*
 * Reads a line of @length bytes, without its newline. Returns 1, or 0 if there is only a comment;
 * -EINVAL: it is malformed, and *@problem says how.
 */
int record_parse(const char *text, size_t length, struct record_line *line, const char **problem);

#endif
