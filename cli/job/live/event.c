// SPDX-License-Identifier: MIT
#include "job/live/event.h"

#include <errno.h>

#include "output/json.h"

int live_event_read(struct iommuctl_event_reader *reader, bool is_cmdqv, struct live_event *event)
{
	int err;

	event->is_cmdqv = is_cmdqv;
	err = is_cmdqv ? iommuctl_event_reader_next_cmdqv(reader, &event->cmdqv, &event->lost)
		       : iommuctl_event_reader_next(reader, &event->event, &event->lost);
	event->is_loss = err == -EAGAIN;
	event->untaken = 0;
	return err;
}

void live_event_print(const struct live_event *event, char *text, size_t size)
{
	if (event->is_cmdqv)
		iommuctl_smmuv3_cmdqv_event_print(&event->cmdqv, text, size);
	else
		iommuctl_smmuv3_event_print(&event->event, text, size);
}

json_t *live_event_to_json(const char *label, const struct live_event *event)
{
	return event->is_cmdqv ? cmdqv_event_to_json(label, &event->cmdqv)
			       : event_to_json(label, &event->event);
}
