// SPDX-License-Identifier: MIT
/* Opens the iommufd that a job begins with. */
#include <errno.h>

#include "job/live/adopt.h"

/* This kernel has no iommufd: no device node, or no driver behind it. */
static bool is_missing_driver(int error)
{
	return error == -ENOENT || error == -ENODEV || error == -ENXIO;
}

/*
 * The kernel accepts it only before any object exists: an iommufd that was passed may have it set
 * already.
 */
static int set_rlimit_mode(struct live *live)
{
	const uint64_t wanted = live->job->rlimit_mode;
	uint64_t mode;
	int err = iommuctl_option_set(
		live->ctx, live->iommufd, IOMMUCTL_OPTION_RLIMIT_MODE, 0, wanted);

	if (!err)
		return 0;
	live_fail(live, NULL, err);
	if (iommuctl_option_get(live->ctx, live->iommufd, IOMMUCTL_OPTION_RLIMIT_MODE, 0, &mode) ||
		mode != wanted)
		return err;
	return 0;
}

int live_open(struct live *live, const struct job *job, struct iommuctl *ctx,
	const struct platform *platform, struct adopted *adopted)
{
	int err;

	*live = (struct live){ .job = job,
		.ctx = ctx,
		.platform = platform,
		.adopted = adopted,
		.iommufd = -1,
		.interrupt.fd = -1 };
	err = live_alloc(live);
	if (err)
		return live_fail_with(live, NULL, err, "run", "out of memory");
	err = live_adopt_iommufd(live);
	if (!err && job->rlimit_mode)
		return set_rlimit_mode(live);
	if (!err || live->iommufd >= 0)
		return err;
	live_fail(live, NULL, err);
	if (is_missing_driver(err))
		live->failure.status = STATUS_UNSUPPORTED;
	return err;
}
