/* SPDX-License-Identifier: MIT */
#ifndef CLI_ARRAY_H
#define CLI_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
