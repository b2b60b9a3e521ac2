/* SPDX-License-Identifier: MIT */
/* What another process has made, and this one goes on with: nothing is asked of the kernel. */
#ifndef CLI_JOB_LIVE_RESTORE_H
#define CLI_JOB_LIVE_RESTORE_H

#include "job/live.h"

/*
 * Notes @object as made, with this @id and the file that was passed under its label. Objects come
 * in the order in which they were made. -errno with a failure recorded: -EEXIST, it is there
 * already; -ENODEV, its file was not passed, or the device is not there any more; others as of
 * making it.
 */
int live_restore(struct live *live, const struct document_object *object, uint32_t id);

/*
 * Notes @device as attached to @table (NULL: to what is gone) with @pasid (0: without one). The
 * same errors.
 */
int live_restore_attachment(struct live *live, const struct document_object *device,
	const struct document_object *table, uint32_t pasid);

/*
 * When all is restored, makes what is mapped this process's. Where the kernel cannot, maps again
 * what no device can reach yet: it finds those pages by the process that mapped them, and that is
 * gone.
 */
int live_restore_maps(struct live *live);

#endif
