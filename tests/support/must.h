/* SPDX-License-Identifier: MIT */
/* For what a test cannot go on without and is not about: the test ends there, and says why. */
#ifndef TESTS_SUPPORT_MUST_H
#define TESTS_SUPPORT_MUST_H

/* Aborts if @err is one; @what was to be done. */
void must(int err, const char *what);

#endif
