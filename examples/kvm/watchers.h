/* SPDX-License-Identifier: MIT */
/*
 * Who watches the events of the guest's SMMUs: "iommuctl events --follow --from PATH" connects to a socket
 * at PATH. They get a copy of what the kernel has said, and what they do not take in time is dropped.
 */
#ifndef KVM_WATCHERS_H
#define KVM_WATCHERS_H

#include <stdbool.h>

#include <iommuctl/event_tap.h>

#define WATCHERS_MAX 8

struct watchers {
	const char *path;
	int listener; /* -1: there is none */
	bool refused; /* the kernel refused the last one who came: to be tried again later */
	struct iommuctl_event_tap tap;
	struct viewer {
		int fd; /* -1: a free place */
		struct watchers *all;
		struct iommuctl_event_watcher watcher;
	} viewers[WATCHERS_MAX];
};

/* path: where the socket is made; NULL: nobody may watch. Errors are reported. */
int watchers_open(struct watchers *watchers, const char *path);
void watchers_close(struct watchers *watchers);

/* Takes who has connected, if anybody may. In the thread that delivers events. */
void watchers_accept(struct watchers *watchers);

#endif
