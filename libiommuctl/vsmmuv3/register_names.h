/* SPDX-License-Identifier: MIT */
/* Names of registers. */
#ifndef LIBIOMMUCTL_VSMMUV3_REGISTER_NAMES_H
#define LIBIOMMUCTL_VSMMUV3_REGISTER_NAMES_H

#include <stdint.h>

/* The register that contains @offset; NULL: none. */
const char *vsmmuv3_register_name(uint64_t offset);

#endif
