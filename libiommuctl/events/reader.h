/* SPDX-License-Identifier: MIT */
#ifndef LIBIOMMUCTL_EVENTS_READER_H
#define LIBIOMMUCTL_EVENTS_READER_H

#include <iommuctl/events.h>

/* As iommuctl_event_reader_next(), except that -EAGAIN is an answer and leaves no failure. */
int event_reader_ask(
	struct iommuctl_event_reader *reader, struct iommuctl_smmuv3_event *event, uint64_t *lost);

#endif
