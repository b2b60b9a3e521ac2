/* SPDX-License-Identifier: MIT */
#ifndef LIBIOMMUCTL_ARRAY_H
#define LIBIOMMUCTL_ARRAY_H

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#endif
