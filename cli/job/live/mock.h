/* SPDX-License-Identifier: MIT */
/* A live job's use of the kernel's mock, besides its devices. */
#ifndef CLI_JOB_LIVE_MOCK_H
#define CLI_JOB_LIVE_MOCK_H

#include "job/live/live.h"
#include "mock/mock.h"

/* How to reach the mock. */
static inline struct mock live_mock(const struct live *live)
{
	return (struct mock){ live->transport, live->iommufd };
}

/* Records that a request to the mock about @object failed, and returns @error. */
int live_fail_mock(struct live *live, const struct document_object *object, int error);

/* Whether a job's vIOMMU is the mock's. */
bool live_is_mock_viommu(const struct document_object *viommu);

/* Keeps @file, which live_drop_mock_file() or the end of the job closes; -ENOSPC, recorded. */
int live_keep_mock_file(struct live *live, struct live_mock_file file);

/* The oldest file of @ioas that pins, or that does not; NULL if there is none. */
struct live_mock_file *live_find_mock_file(
	struct live *live, const struct document_object *ioas, bool pins);

/* Records that no file of the mock could be had for @object's step; returns @error. */
int live_fail_mock_file(struct live *live, const struct document_object *object, int error);

/*
 * Closes @fd, a file of the mock that only @object used. Returns @error, which is 0 or was
 * recorded; or the error of closing, which no step expects.
 */
int live_close_mock_file(
	struct live *live, const struct document_object *object, int fd, int error);

int live_drop_mock_file(struct live *live, struct live_mock_file *file);

#endif
