// SPDX-License-Identifier: MIT
/* All waits of steps. live->meanwhile decides what else happens during a wait. */
#include <errno.h>
#include <poll.h>

#include "job/live/live.h"
#include "monotonic.h"

/* Like poll(2), with a negative errno. */
static int poll_files(struct live *live, struct pollfd *files, size_t count, int64_t left)
{
	int timeout = left > 0 ? (int)left : 0;
	int ready;

	if (live->meanwhile && timeout) {
		live->waits = true;
		ready = live->meanwhile(files, count, timeout, live->meanwhile_data);
		live->waits = false;
		return ready;
	}
	ready = poll(files, count, timeout);
	return ready < 0 ? -errno : ready;
}

int live_wait(struct live *live, int fd, const uint64_t *counter, uint64_t timeout_ms)
{
	const int64_t end = monotonic_ms() + (int64_t)timeout_ms;
	const uint64_t before = counter ? *counter : 0;
	struct pollfd files[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = live->interrupt.fd, .events = POLLIN },
	};

	for (;;) {
		const int64_t left = end - monotonic_ms();
		int ready = poll_files(live, files, 2, left);

		if (ready < 0 && ready != -EINTR)
			return ready;
		if (ready > 0 && files[1].revents)
			return -EINTR;
		if (ready > 0)
			return files[0].revents & POLLIN ? 1 : -EIO;
		if (counter && *counter != before)
			return 1;
		if (ready == 0 && left <= 0)
			return 0;
	}
}

int live_wait_readable(struct live *live, int fd, uint64_t timeout_ms)
{
	return live_wait(live, fd, NULL, timeout_ms);
}
