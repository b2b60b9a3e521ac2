/* SPDX-License-Identifier: MIT */
/* Takes over what another process has made, without asking the kernel for anything. */
#ifndef CLI_JOB_LIVE_RESTORE_H
#define CLI_JOB_LIVE_RESTORE_H

#include "job/live/live.h"

/*
 * Records @object as made, with this @id and the file that was passed under its label. Objects come
 * in the order in which they were made. -errno with a failure recorded: -EEXIST, it exists already;
 * -ENODEV, its file was not passed, or the device no longer exists; otherwise as for making it.
 */
int live_restore(struct live *live, const struct document_object *object, uint32_t id);

/*
 * Records @device as attached to @table (NULL: one that is gone) with @pasid (0: without one). The
 * same errors.
 */
int live_restore_attachment(struct live *live, const struct document_object *device,
	const struct document_object *table, uint32_t pasid);

/*
 * Once all is restored, transfers the mappings to this process. Where the kernel cannot, maps again
 * what no device can reach yet: the kernel finds those pages through the process that mapped them,
 * which is gone.
 */
int live_restore_maps(struct live *live);

#endif
