/* SPDX-License-Identifier: MIT */
/* The kernel's queue of events for a guest, filled from an access's log. */
#ifndef LIBIOMMUCTL_REPLAY_ARRIVALS_H
#define LIBIOMMUCTL_REPLAY_ARRIVALS_H

#include "model/file.h"
#include "replay/log.h"

struct replay_arrivals {
	struct model_file queue; /* in place of the model's */
	struct replay_log log;	 /* from where the next ones are read */
	uint32_t sequence;	 /* of the next event */
};

/* From now on the file @fd of @model, a vEVENTQ, delivers only the log's events. */
void replay_arrivals_take(struct replay_arrivals *arrivals, struct iommuctl_model *model, int fd);

/* Queues the arrivals of the access whose lines follow. */
void replay_arrivals_begin(struct replay_arrivals *arrivals, const struct replay_log *log);

#endif
