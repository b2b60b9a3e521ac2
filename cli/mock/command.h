/* SPDX-License-Identifier: MIT */
/* The one ioctl of the mock. */
#ifndef CLI_MOCK_COMMAND_H
#define CLI_MOCK_COMMAND_H

#include "abi/iommufd_test.h"
#include "mock/mock.h"

/* Fills in its size. If @command makes a file, the result above 0 is its descriptor. */
int mock_command(const struct mock *mock, struct abi_test_cmd *command);

#endif
