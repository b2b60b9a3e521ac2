/* SPDX-License-Identifier: MIT */
/*
 * CMD_SYNC (IHI 0070, 4.7.3) without the codec's tables: a guest has one for every one or two
 * other commands.
 */
#ifndef RELAY_SYNC_H
#define RELAY_SYNC_H

#include "relay/relay_private.h"

#define SYNC_CS_LSB	 12
#define SYNC_MSH_LSB	 22
#define SYNC_MSIATTR_LSB 24
#define SYNC_MSIDATA_LSB 32
#define SYNC_MSIADDRESS	 UINT64_C(0x00fffffffffffffc)

static inline uint8_t relay_sync_cs(const relay_command command)
{
	return command[0] >> SYNC_CS_LSB & 3;
}

/* As iommuctl_smmuv3_cmd_decode(). */
static inline void relay_sync_decode(const relay_command command, struct iommuctl_smmuv3_cmd *cmd)
{
	*cmd = (struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_SYNC,
		.cs = relay_sync_cs(command),
		.msh = command[0] >> SYNC_MSH_LSB & 3,
		.msiattr = command[0] >> SYNC_MSIATTR_LSB & 15,
		.msidata = (uint32_t)(command[0] >> SYNC_MSIDATA_LSB),
		.msiaddress = command[1] & SYNC_MSIADDRESS,
	};
}

#endif
