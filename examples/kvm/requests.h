/* SPDX-License-Identifier: MIT */
/*
 * Functions that the host wants back: it unbinds them from vfio-pci, or they are unplugged, and the
 * kernel waits until nobody has them open. They are removed from the guest, as by --control.
 * Standard error says so.
 */
#ifndef KVM_REQUESTS_H
#define KVM_REQUESTS_H

#include <pthread.h>

#include "passthrough.h"

struct requests {
	struct passthrough *passthrough;
	int stop; /* eventfd; -1: nobody listens */
	pthread_t thread;
};

/* Errors are reported. Without functions it does nothing. */
int requests_start(struct requests *requests, struct passthrough *passthrough);
void requests_stop(struct requests *requests);

#endif
