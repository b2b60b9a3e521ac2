/* SPDX-License-Identifier: MIT */
#ifndef LIBIOMMUCTL_SMMUV3_CMD_H
#define LIBIOMMUCTL_SMMUV3_CMD_H

#include "smmuv3/codec.h"

extern const struct smmuv3_kinds smmuv3_cmds;

#endif
