/* SPDX-License-Identifier: MIT */
/*
 * Runs a job that prints JSON, and sends it a signal at a moment counted in system calls rather
 * than in time: the same in each run, and anywhere between its first call and its last.
 */
#ifndef TESTS_SUPPORT_KILLING_H
#define TESTS_SUPPORT_KILLING_H

#include <stddef.h>
#include <stdint.h>

struct killing {
	int signal;	     /* 0: none */
	unsigned long after; /* how many stops at a system call; there are two in each */
};

/* The result, once no process is left that has inherited a file of the run. */
struct killed {
	unsigned long stops; /* how many there were, up to the signal */
	int status;	     /* as of waitpid() */
	size_t length;
	char output[1 << 15]; /* its standard output */
};

/*
 * Has @start(@data), which does not return, run in a process of its own, and waits until it, and
 * every process that came of it, is gone. Aborts when that cannot be done.
 */
void killing_run(const struct killing *killing, void (*start)(void *data), void *data,
	struct killed *killed);

/*
 * Checks the output: each line is a JSON object, the last one of a job that was not killed by
 * SIGKILL is its summary and says that nothing is left behind, and without a summary nothing was
 * begun. Returns NULL, or the complaint.
 */
const char *killing_complaint(const struct killing *killing, const struct killed *killed);

/* The @index-th of a sequence of killings: five signals in turn, at moments after @first, up to @last. */
struct killing killing_pick(
	uint64_t seed, unsigned int index, unsigned long first, unsigned long last);

#endif
