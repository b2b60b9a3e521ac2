/* SPDX-License-Identifier: MIT */
/* For preconditions that a test is not about: if one fails, the test ends there, and says why. */
#ifndef TESTS_SUPPORT_MUST_H
#define TESTS_SUPPORT_MUST_H

/* Aborts if @err is one; @what was to be done. */
void must(int err, const char *what);

#endif
