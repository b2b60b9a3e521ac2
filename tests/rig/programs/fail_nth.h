/* SPDX-License-Identifier: MIT */
/* What fail_nth, loaded before a program, reports to fail_nth_jobs, which started it. */
#ifndef RIG_FAIL_NTH_H
#define RIG_FAIL_NTH_H

#include <stdint.h>

/*
 * FAIL_NTH: which of the kernel's allocations fails, counted from 1 over the calls of FAIL_NTH_IN: "calls" (open, ioctl, mmap,
 * read, write), "irqs" (VFIO_DEVICE_SET_IRQS, which is not among those) or "close". FAIL_NTH_FD: an open file, of which this
 * is the beginning.
 */
struct fail_nth_record {
	uint32_t
		allocations; /* that the kernel was seen to make before the one that failed, with that one */
	uint32_t failed;  /* whether one did */
	char call[16];	  /* in which: "ioctl" ... */
	uint64_t request; /* of an ioctl */
	int32_t error;	  /* what came of the call: 0 or an errno */
};

#endif
