/* SPDX-License-Identifier: MIT */
#ifndef LIBIOMMUCTL_SMMUV3_CMD_H
#define LIBIOMMUCTL_SMMUV3_CMD_H

#include "smmuv3/codec.h"

extern const struct smmuv3_kinds smmuv3_cmds;

/* The bits in which a command of @opcode has its fields; the others are RES0. */
void smmuv3_cmd_bits(uint8_t opcode, uint64_t bits[IOMMUCTL_SMMUV3_CMD_WORDS]);

#endif
