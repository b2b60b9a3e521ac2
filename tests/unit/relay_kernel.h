/* SPDX-License-Identifier: MIT */
/*
 * A scripted transport whose HWPT_INVALIDATE goes wrong as the kernel's does: block by block, with
 * the counts that it gives. All else, and the commands of the blocks that it issues, goes to the
 * one inside.
 */
#ifndef TEST_RELAY_KERNEL_H
#define TEST_RELAY_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "transport.h"

#define RELAY_KERNEL_LOG 16384 /* then it starts over */

struct relay_kernel {
	struct script script; /* its @inner NULL: commands do nothing but are logged */

	/* What goes wrong. Addresses identify commands; 0 is none. */
	uint64_t refused_address; /* -EIO whenever it is converted */
	uint8_t refused_opcode;	  /* the same; 0 is none */
	uint64_t slow_address;	  /* -ETIMEDOUT for its block … */
	unsigned int timeouts;	  /* … so many times */
	bool slow_block_runs;	  /* though its commands had their effect */
	uint32_t most_entries;	  /* -ENOMEM for more; 0: no limit */
	uint8_t slow_opcode;	  /* -ETIMEDOUT whenever there is one in a block; 0 is none */
	int error;		  /* a positive errno for every call */
	bool no_ranges;		  /* -EIO for a command with TG */
	void (*at_call)(void *data);
	void *data;

	/* What happened. */
	size_t calls;
	size_t timed_out;
	uint32_t last_entries;
	uint64_t log[RELAY_KERNEL_LOG][2]; /* commands issued, in order */
	size_t logged;
};

/* A context over it, around @inner or, if that is NULL, nobody. *@kernel ends with the context. */
struct iommuctl *relay_kernel_context(
	struct iommuctl_transport *inner, struct relay_kernel **kernel);

#endif
