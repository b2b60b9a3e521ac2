/* SPDX-License-Identifier: MIT */
/*
 * Removes and adds functions while the guest runs, on lines from a FIFO: "remove ADDRESS" and "add
 * ADDRESS", with host addresses. Each result goes to standard error.
 */
#ifndef KVM_CONTROL_H
#define KVM_CONTROL_H

#include <pthread.h>

#include "passthrough.h"

struct control {
	struct passthrough *passthrough;
	int fifo; /* -1: there is none */
	int stop; /* eventfd */
	pthread_t thread;
};

/* path: an existing FIFO; NULL: none. Errors are reported. */
int control_start(struct control *control, const char *path, struct passthrough *passthrough);
void control_stop(struct control *control);

#endif
