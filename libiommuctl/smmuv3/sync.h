/* SPDX-License-Identifier: MIT */
/*
 * CMD_SYNC (IHI 0070, 4.7.3) without the codec's tables: a guest issues one for every one or two
 * other commands.
 */
#ifndef LIBIOMMUCTL_SMMUV3_SYNC_H
#define LIBIOMMUCTL_SMMUV3_SYNC_H

#include <iommuctl/smmuv3_cmd.h>

#include "smmuv3/bits.h"

#define SMMUV3_SYNC_CS_LSB	    12
#define SMMUV3_SYNC_CS_BITS	    2
#define SMMUV3_SYNC_MSH_LSB	    22
#define SMMUV3_SYNC_MSH_BITS	    2
#define SMMUV3_SYNC_MSIATTR_LSB	    24
#define SMMUV3_SYNC_MSIATTR_BITS    4
#define SMMUV3_SYNC_MSIDATA_LSB	    32
#define SMMUV3_SYNC_MSIADDRESS_LSB  2
#define SMMUV3_SYNC_MSIADDRESS_BITS 54

static inline uint8_t smmuv3_sync_cs(const uint64_t *command)
{
	return (uint8_t)smmuv3_bits(command[0], SMMUV3_SYNC_CS_LSB, SMMUV3_SYNC_CS_BITS);
}

/* As iommuctl_smmuv3_cmd_decode(). */
static inline void smmuv3_sync_decode(const uint64_t *command, struct iommuctl_smmuv3_cmd *cmd)
{
	const uint64_t word = command[0];

	*cmd = (struct iommuctl_smmuv3_cmd){
		.opcode = IOMMUCTL_SMMUV3_CMD_SYNC,
		.cs = smmuv3_sync_cs(command),
		.msh = (uint8_t)smmuv3_bits(word, SMMUV3_SYNC_MSH_LSB, SMMUV3_SYNC_MSH_BITS),
		.msiattr = (uint8_t)smmuv3_bits(
			word, SMMUV3_SYNC_MSIATTR_LSB, SMMUV3_SYNC_MSIATTR_BITS),
		.msidata = (uint32_t)(word >> SMMUV3_SYNC_MSIDATA_LSB),
		.msiaddress = command[1] &
			      SMMUV3_MASK(SMMUV3_SYNC_MSIADDRESS_LSB, SMMUV3_SYNC_MSIADDRESS_BITS),
	};
}

#endif
