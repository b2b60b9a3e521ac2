/* SPDX-License-Identifier: MIT */
/* The queue of events that the kernel has for a guest, filled from the log of an access. */
#ifndef LIBIOMMUCTL_REPLAY_ARRIVALS_H
#define LIBIOMMUCTL_REPLAY_ARRIVALS_H

#include "model/file.h"
#include "replay/log.h"

struct replay_arrivals {
	struct model_file queue; /* as the model has it */
	struct replay_log log;	 /* where the next ones are */
	uint32_t sequence;	 /* of the next event */
};

/* From now on the file @fd of @model, a vEVENTQ, has the events of the log alone. */
void replay_arrivals_take(struct replay_arrivals *arrivals, struct iommuctl_model *model, int fd);

/* Those of the access whose lines follow. */
void replay_arrivals_begin(struct replay_arrivals *arrivals, const struct replay_log *log);

#endif
