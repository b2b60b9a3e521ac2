/* SPDX-License-Identifier: MIT */
/* A scripted transport: it answers as told, counts calls and asks nobody. */
#ifndef IOMMUCTL_TESTS_FAKE_TRANSPORT_H
#define IOMMUCTL_TESTS_FAKE_TRANSPORT_H

#include <iommuctl/transport.h>

#define FAKE_ANSWERS_MAX 64

enum fake_call {
	FAKE_OPEN,
	FAKE_IOCTL,
	FAKE_MMAP,
	FAKE_MUNMAP,
	FAKE_READ,
	FAKE_WRITE,
	FAKE_CLOSE,
	FAKE_CALLS,
};

/* Whenever @request comes: @size bytes of @data go to @offset of the argument, then @result. */
struct fake_answer {
	unsigned long request;
	int result;
	size_t offset;
	const void *data;
	size_t size;
};

struct fake_transport {
	struct iommuctl_transport base;
	unsigned int calls[FAKE_CALLS];
	int errors[FAKE_CALLS]; /* a positive errno makes calls of this kind fail */
	int next_fd;		/* what the next open returns; it then counts on from 3 */
	void *next_address;	/* what mmap returns */
	const void *read_data;	/* what read delivers */
	size_t read_size;
	struct fake_answer answers[FAKE_ANSWERS_MAX];
	size_t answer_count;
	bool *freed; /* set to true when the transport is freed */
};

/* Never NULL. Unless told otherwise an ioctl succeeds with 0 and read is at the end of the file. */
struct fake_transport *fake_transport_new(void);

/* The latest answer for a request holds. */
void fake_transport_answer(struct fake_transport *fake, struct fake_answer answer);

#endif
