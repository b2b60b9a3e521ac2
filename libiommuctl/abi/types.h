/* SPDX-License-Identifier: MIT */
#ifndef LIBIOMMUCTL_ABI_TYPES_H
#define LIBIOMMUCTL_ABI_TYPES_H

#include <stdint.h>

/* The kernel lays out these 64-bit fields alike for 32-bit and 64-bit callers. */
typedef uint64_t abi_u64 __attribute__((aligned(8)));

#endif
