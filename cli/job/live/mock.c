// SPDX-License-Identifier: MIT
#include "job/live/mock.h"

#include <errno.h>
#include <string.h>

#include "array.h"

/* The meaning of errors from the kernel's drivers/iommu/iommufd/selftest.c and its page code. */
static const struct {
	int error;
	const char *cause;
	const char *remedy;
} mock_causes[] = {
	{ -ENOTTY, "the kernel was built without CONFIG_IOMMUFD_TEST", "use a kernel for tests" },
	{ -ENOMEM, "the kernel has no memory for it", "free memory, or ask for less at a time" },
	{ -EINVAL, "the mock does not accept these values, or did not find what it was to check",
		"compare the step with what was mapped, written or invalidated before it" },
	{ -ENOENT, "nothing is mapped there, or the object no longer exists",
		"map it first, and do not destroy the object before this step" },
	{ -EFAULT, "the pages cannot be pinned", "map writable memory" },
	{ -EPERM, "the pages are mapped without this access", "map them with it" },
	{ -EBUSY, "something else holds it", "release that first" },
};

int live_fail_mock(struct live *live, const struct document_object *object, int error)
{
	live_fail_with(live, object, error, "IOMMU_TEST_CMD", "%s", strerror(-error));
	for (size_t i = 0; i < ARRAY_SIZE(mock_causes); i++) {
		if (mock_causes[i].error == error)
			failure_explain(
				&live->failure, mock_causes[i].cause, mock_causes[i].remedy);
	}
	return error;
}

bool live_is_mock_viommu(const struct document_object *viommu)
{
	return ((const struct job_viommu *)viommu)->type == MOCK_VIOMMU_TYPE;
}

int live_fail_mock_file(struct live *live, const struct document_object *object, int error)
{
	live_fail_mock(live, object, error);
	return live_fail_incidentally(live);
}

int live_keep_mock_file(struct live *live, struct live_mock_file file)
{
	if (live->mock_file_count == LIVE_MOCK_FILES_MAX) {
		live_fail_with(live, file.ioas, -ENOSPC, "mock",
			"a job keeps at most %d pins and dma-bufs", LIVE_MOCK_FILES_MAX);
		failure_explain(&live->failure, NULL, "unpin some first, or use several jobs");
		return live_fail_incidentally(live);
	}
	live->mock_files[live->mock_file_count++] = file;
	return 0;
}

struct live_mock_file *live_find_mock_file(
	struct live *live, const struct document_object *ioas, bool pins)
{
	for (size_t i = 0; i < live->mock_file_count; i++) {
		struct live_mock_file *file = &live->mock_files[i];

		if (file->ioas == ioas && file->pins == pins)
			return file;
	}
	return NULL;
}

int live_close_mock_file(struct live *live, const struct document_object *object, int fd, int error)
{
	int err = iommuctl_close(live->ctx, fd);

	if (!err)
		return error;
	live_fail(live, object, err);
	return live_fail_incidentally(live);
}

int live_drop_mock_file(struct live *live, struct live_mock_file *file)
{
	const struct live_mock_file gone = *file;
	size_t behind = (size_t)(&live->mock_files[--live->mock_file_count] - file);

	memmove(file, file + 1, behind * sizeof(*file));
	return live_close_mock_file(live, gone.ioas, gone.fd, 0);
}
