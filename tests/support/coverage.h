/* SPDX-License-Identifier: MIT */
/*
 * Included before everything else in a build that records which lines ran: a process that ends
 * by _exit() does so as well.
 */
#ifndef TESTS_SUPPORT_COVERAGE_H
#define TESTS_SUPPORT_COVERAGE_H

#include <unistd.h>

void __gcov_dump(void);

#define _exit(status) (__gcov_dump(), _exit(status))

#endif
