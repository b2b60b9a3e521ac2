// SPDX-License-Identifier: MIT
#include "host/wait.h"

#include <errno.h>
#include <stddef.h>

#include "host/events.h"
#include "monotonic.h"

int host_wait(const char *subsystem, int (*look)(void *data), void *data, int milliseconds)
{
	int64_t now = monotonic_ms(), end = now + milliseconds;
	struct device_events *events = NULL;
	int err, subscribed = device_events_open(&events, subsystem);

	/*
	 * The first look comes after the subscription, so that no event is missed between the two.
	 */
	while ((err = look(data)) == -EAGAIN && !subscribed && now < end) {
		subscribed = device_events_wait(events, (int)(end - now));
		if (subscribed == -ETIMEDOUT)
			subscribed = 0;
		now = monotonic_ms();
	}
	device_events_close(events);
	if (err != -EAGAIN)
		return err;
	return subscribed ? subscribed : -ETIMEDOUT;
}
