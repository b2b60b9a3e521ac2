/* SPDX-License-Identifier: MIT */
/*
 * Clients that watch the events of the guest's SMMUs: "iommuctl events --follow --from PATH"
 * connects to a socket at PATH. They get a copy of the kernel's events; what they do not read in
 * time is dropped.
 */
#ifndef KVM_WATCHERS_H
#define KVM_WATCHERS_H

#include <stdbool.h>

#include <iommuctl/event_tap.h>

#define WATCHERS_MAX 8

struct watchers {
	const char *path;
	int listener; /* -1: no socket */
	bool refused; /* the kernel refused the latest client: to be retried later */
	struct iommuctl_event_tap tap;
	struct viewer {
		int fd; /* -1: a free slot */
		struct watchers *all;
		struct iommuctl_event_watcher watcher;
	} viewers[WATCHERS_MAX];
};

/* path: where the socket is made; NULL: nobody can watch. Errors are reported. */
int watchers_open(struct watchers *watchers, const char *path);
void watchers_close(struct watchers *watchers);

/*
 * Accepts clients that have connected, if anybody may. Call it in the thread that delivers events.
 */
void watchers_accept(struct watchers *watchers);

#endif
