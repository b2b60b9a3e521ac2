/* SPDX-License-Identifier: MIT */
#ifndef LIBIOMMUCTL_VSMMUV3_REGISTER_NAMES_H
#define LIBIOMMUCTL_VSMMUV3_REGISTER_NAMES_H

#include <stdint.h>

/* Of the register that has a part at @offset; NULL: none. */
const char *vsmmuv3_register_name(uint64_t offset);

#endif
