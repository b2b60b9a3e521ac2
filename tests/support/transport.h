/* SPDX-License-Identifier: MIT */
/*
 * The scripted transport: a kernel, or a part of one, that does what a test wants of it.
 *
 * By itself it asks nobody: an ioctl succeeds, open hands out the next number, read is at the end
 * of the file. With @inner it lies around another transport, such as the model machine's, and what the
 * script says nothing about goes there.
 *
 * What a test may say, in the order in which a call looks for it:
 *   errors[kind]   all calls of a kind fail
 *   failing        ioctls fail, from the n-th to the m-th, of one request or of any
 *   ioctl          a function of the test answers ioctls; script_pass() does what would be done else
 *   answers        what is put into the argument of a request, and its result
 *   answer         what is put into the argument of any other, and what read delivers
 *   result         what a call returns that nothing else was said about
 *
 * What a test may look at: calls[kind], total, and what the last call was about.
 *
 *	struct script script = { .result = -EBUSY };
 *	struct iommuctl *ctx = script_context(&script);
 *
 *	cr_assert_eq(iommuctl_destroy(ctx, 7, 5), -EBUSY);
 *	cr_assert_eq(script.request, ABI_DESTROY);
 */
#ifndef TESTS_SUPPORT_TRANSPORT_H
#define TESTS_SUPPORT_TRANSPORT_H

#include <iommuctl/context.h>
#include <iommuctl/transport.h>

#define SCRIPT_ANSWERS_MAX 64
#define SCRIPT_NEVER	   UINT32_MAX

enum script_call {
	SCRIPT_OPEN,
	SCRIPT_IOCTL,
	SCRIPT_MMAP,
	SCRIPT_MUNMAP,
	SCRIPT_READ,
	SCRIPT_WRITE,
	SCRIPT_CLOSE,
	SCRIPT_CALLS,
};

/* Whenever @request comes: @size bytes of @data go to @offset of the argument, then @result. */
struct script_answer {
	unsigned long request;
	int result;
	size_t offset;
	const void *data;
	size_t size;
};

/* The ioctls from @first to @last, counted from 1, fail with @error; none if @first is 0. */
struct script_failing {
	unsigned long request; /* 0: any */
	uint32_t first;
	uint32_t last;
	int error;	/* a positive errno */
	uint32_t calls; /* so many of them have come */
};

struct script {
	struct iommuctl_transport base;	  /* first: calls find the script by it */
	struct iommuctl_transport *inner; /* owned; NULL: nobody is asked */

	/* The script. */
	int errors[SCRIPT_CALLS]; /* positive errnos */
	struct script_failing failing;
	int (*ioctl)(struct script *script, int fd, unsigned long request, void *arg);
	void *data;					  /* for @ioctl */
	struct script_answer answers[SCRIPT_ANSWERS_MAX]; /* the latest for a request holds */
	size_t answer_count;
	const void *answer;
	size_t answer_size;
	int result;	    /* of any call, unless it is 0 */
	int next_fd;	    /* what the next open returns; it then counts on, from 3 */
	void *next_address; /* what mmap returns; the script's own, if nothing is said */
	bool *freed;	    /* set to true when the transport is freed */

	/* What happened. */
	unsigned int calls[SCRIPT_CALLS];
	unsigned int total;

	/* What the last call was about, as far as it had it. */
	int fd;
	unsigned long request;
	const void *arg; /* or address */
	char path[64];
	int64_t offset;
	size_t length;
	int prot;
	unsigned char sent[512];
	size_t sent_size; /* so much of the argument of an ioctl is kept in @sent: the test says it */

	bool unwatched; /* nothing is kept of calls: several threads may make them */
	bool allocated;
};

/* Sets up a script that stays the test's; what it says may be there already. */
struct iommuctl_transport *script_start(struct script *script);

/* A script that ends with its transport, around @inner, which it takes, if that is not NULL. */
struct script *script_new(struct iommuctl_transport *inner);

/* A context over a script that stays the test's. */
struct iommuctl *script_context(struct script *script);

void script_add_answer(struct script *script, struct script_answer answer);

/* The next ioctls are the first to be counted. @request 0: of any kind. */
void script_fail(
	struct script *script, unsigned long request, uint32_t first, uint32_t last, int error);

/* Nothing fails any longer. */
void script_fail_none(struct script *script);

/* What would come of an ioctl if the test had no function for it. */
int script_pass(struct script *script, int fd, unsigned long request, void *arg);

#endif
