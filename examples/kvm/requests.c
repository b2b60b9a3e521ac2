// SPDX-License-Identifier: MIT
/* Listens for functions that the host wants back. */
#include "requests.h"

#include <errno.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "report.h"

/* Stands in place of a function's number. */
#define STOP UINT32_MAX

static void *run(void *argument)
{
	const struct requests *requests = argument;
	struct epoll_event event;

	for (;;) {
		if (epoll_wait(requests->passthrough->requests, &event, 1, -1) != 1)
			continue;
		if (event.data.u32 == STOP)
			return NULL;
		passthrough_give_back(requests->passthrough, event.data.u32);
	}
}

int requests_start(struct requests *requests, struct passthrough *passthrough)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = STOP };
	int err;

	*requests = (struct requests){ .passthrough = passthrough, .stop = -1 };
	if (passthrough->requests < 0)
		return 0;
	requests->stop = eventfd(0, EFD_CLOEXEC);
	if (requests->stop < 0 ||
		epoll_ctl(passthrough->requests, EPOLL_CTL_ADD, requests->stop, &event))
		err = report_error("eventfd", errno, NULL);
	else
		err = pthread_create(&requests->thread, NULL, run, requests)
			      ? report_problem("the thread of requests", "cannot be made")
			      : 0;
	if (err && requests->stop >= 0)
		close(requests->stop);
	if (err)
		requests->stop = -1;
	return err;
}

void requests_stop(struct requests *requests)
{
	const uint64_t one = 1;

	if (requests->stop < 0)
		return;
	if (write(requests->stop, &one, sizeof(one)) == sizeof(one))
		pthread_join(requests->thread, NULL);
	close(requests->stop);
	requests->stop = -1;
}
