/* SPDX-License-Identifier: MIT */
/*
 * Functions removed and added while the guest runs, as lines of a FIFO ask for: "remove ADDRESS" and
 * "add ADDRESS", with addresses of the host. Standard error says what came of each.
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
