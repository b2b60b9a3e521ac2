/* SPDX-License-Identifier: MIT */
/* For what a test cannot go on without, and what it is not about: the test ends there, with the reason. */
#ifndef TESTS_SUPPORT_MUST_H
#define TESTS_SUPPORT_MUST_H

struct iommuctl;

/* Aborts if @err is one, and says on stderr what was to be done. */
void must(int err, const char *what);

/* The same; the last error of @ctx is the reason. */
void must_in(struct iommuctl *ctx, int err, const char *what);

#endif
