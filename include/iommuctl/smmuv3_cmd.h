/* SPDX-License-Identifier: MIT */
/*
 * SMMUv3 commands, as in a guest's command queue and for HWPT_INVALIDATE.
 *
 * @cmd: the command
 * @words: the command as words
 * @opcode: an opcode, any number
 *
 * Common: smmuv3_field.h
 * Source: Arm IHI 0070, sections 4.1 (opcodes, reserved fields), 4.2 to 4.7 (each command); for the
 *   commands that the kernel takes, arm_vsmmu_cache_invalidate in
 *   drivers/iommu/arm/arm-smmu-v3/arm-smmu-v3-iommufd.c (Linux 7.2 and 7.3).
 */
#ifndef IOMMUCTL_SMMUV3_CMD_H
#define IOMMUCTL_SMMUV3_CMD_H

#include <iommuctl/smmuv3_idr.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/* 64-bit words of a command. Since: 0.1 */
#define IOMMUCTL_SMMUV3_CMD_WORDS 2

/*
 * Opcodes; all others are reserved.
 *
 * Members: the architecture's commands of the same names.
 * Since: 0.1
 */
enum iommuctl_smmuv3_opcode {
	IOMMUCTL_SMMUV3_CMD_PREFETCH_CONFIG = 0x01,
	IOMMUCTL_SMMUV3_CMD_PREFETCH_ADDR = 0x02,
	IOMMUCTL_SMMUV3_CMD_CFGI_STE = 0x03,
	IOMMUCTL_SMMUV3_CMD_CFGI_STE_RANGE = 0x04,
	IOMMUCTL_SMMUV3_CMD_CFGI_CD = 0x05,
	IOMMUCTL_SMMUV3_CMD_CFGI_CD_ALL = 0x06,
	IOMMUCTL_SMMUV3_CMD_CFGI_VMS_PIDM = 0x07,
	IOMMUCTL_SMMUV3_CMD_TLBI_NH_ALL = 0x10,
	IOMMUCTL_SMMUV3_CMD_TLBI_NH_ASID = 0x11,
	IOMMUCTL_SMMUV3_CMD_TLBI_NH_VA = 0x12,
	IOMMUCTL_SMMUV3_CMD_TLBI_NH_VAA = 0x13,
	IOMMUCTL_SMMUV3_CMD_TLBI_EL3_ALL = 0x18,
	IOMMUCTL_SMMUV3_CMD_TLBI_EL3_VA = 0x1a,
	IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ALL = 0x20,
	IOMMUCTL_SMMUV3_CMD_TLBI_EL2_ASID = 0x21,
	IOMMUCTL_SMMUV3_CMD_TLBI_EL2_VA = 0x22,
	IOMMUCTL_SMMUV3_CMD_TLBI_EL2_VAA = 0x23,
	IOMMUCTL_SMMUV3_CMD_TLBI_S12_VMALL = 0x28,
	IOMMUCTL_SMMUV3_CMD_TLBI_S2_IPA = 0x2a,
	IOMMUCTL_SMMUV3_CMD_TLBI_NSNH_ALL = 0x30,
	IOMMUCTL_SMMUV3_CMD_ATC_INV = 0x40,
	IOMMUCTL_SMMUV3_CMD_PRI_RESP = 0x41,
	IOMMUCTL_SMMUV3_CMD_RESUME = 0x44,
	IOMMUCTL_SMMUV3_CMD_STALL_TERM = 0x45,
	IOMMUCTL_SMMUV3_CMD_SYNC = 0x46,
	IOMMUCTL_SMMUV3_CMD_TLBI_S_EL2_ALL = 0x50,
	IOMMUCTL_SMMUV3_CMD_TLBI_S_EL2_ASID = 0x51,
	IOMMUCTL_SMMUV3_CMD_TLBI_S_EL2_VA = 0x52,
	IOMMUCTL_SMMUV3_CMD_TLBI_S_EL2_VAA = 0x53,
	IOMMUCTL_SMMUV3_CMD_TLBI_S_S12_VMALL = 0x58,
	IOMMUCTL_SMMUV3_CMD_TLBI_S_S2_IPA = 0x5a,
	IOMMUCTL_SMMUV3_CMD_TLBI_SNH_ALL = 0x60,
	IOMMUCTL_SMMUV3_CMD_DPTI_ALL = 0x70,
	IOMMUCTL_SMMUV3_CMD_DPTI_PA = 0x73,
};

/* CFGI_STE_RANGE with this Range is CFGI_ALL. Since: 0.1 */
#define IOMMUCTL_SMMUV3_CFGI_RANGE_ALL 31

/* ATC_INV with this Size invalidates everything; no greater Size is valid. Since: 0.1 */
#define IOMMUCTL_SMMUV3_ATC_SIZE_ALL 52

/*
 * TG of a TLBI command; with NONE the command has no range and no TTL hint.
 *
 * Members: the granule, in the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_tlbi_tg {
	IOMMUCTL_SMMUV3_TLBI_TG_NONE = 0,
	IOMMUCTL_SMMUV3_TLBI_TG_4K = 1,
	IOMMUCTL_SMMUV3_TLBI_TG_16K = 2,
	IOMMUCTL_SMMUV3_TLBI_TG_64K = 3,
};

/*
 * Resp of PRI_RESP.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_pri_resp {
	IOMMUCTL_SMMUV3_PRI_RESP_FAILURE = 0,
	IOMMUCTL_SMMUV3_PRI_RESP_INVALID = 1,
	IOMMUCTL_SMMUV3_PRI_RESP_SUCCESS = 2,
};

/*
 * CS of CMD_SYNC.
 *
 * Members: the architecture's encodings.
 * Since: 0.1
 */
enum iommuctl_smmuv3_sync_cs {
	IOMMUCTL_SMMUV3_SYNC_CS_NONE = 0,
	IOMMUCTL_SMMUV3_SYNC_CS_IRQ = 1,
	IOMMUCTL_SMMUV3_SYNC_CS_SEV = 2,
};

/*
 * Who handles a command found in the queue of a guest that has a stage-1 SMMU.
 *
 * @IOMMUCTL_SMMUV3_CMD_CLASS_ILLEGAL: nobody, it is CERROR_ILL: the opcode is reserved or belongs
 *   to EL2, EL3, stage 2, Secure state, MPAM or the DPT
 * @IOMMUCTL_SMMUV3_CMD_CLASS_CALLER: the VMM itself: CFGI_STE becomes a new nested HWPT, CMD_SYNC a
 *   completion, RESUME a page response
 * @IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED: the kernel, by HWPT_INVALIDATE
 *
 * Since: 0.1
 */
enum iommuctl_smmuv3_cmd_class {
	IOMMUCTL_SMMUV3_CMD_CLASS_ILLEGAL,
	IOMMUCTL_SMMUV3_CMD_CLASS_CALLER,
	IOMMUCTL_SMMUV3_CMD_CLASS_RELAYED,
};

/*
 * A command.
 *
 * Each command uses the members that it has.
 *
 * Members: the architecture's parameters of the same names, in its encodings; address is a whole VA
 *   or IPA, msiaddress a whole address.
 * Since: 0.1
 */
struct iommuctl_smmuv3_cmd {
	uint64_t address;
	uint64_t msiaddress;
	uint32_t streamid;
	uint32_t substreamid;
	uint32_t msidata;
	uint16_t vmid;
	uint16_t asid;
	uint16_t stag;
	uint16_t prgindex;
	uint8_t opcode;
	uint8_t ssec;
	uint8_t ssv;
	uint8_t global;
	uint8_t leaf;
	uint8_t range;
	uint8_t size;
	uint8_t stride;
	uint8_t num;
	uint8_t scale;
	uint8_t ttl;
	uint8_t tg;
	uint8_t resp;
	uint8_t ac;
	uint8_t ab;
	uint8_t cs;
	uint8_t msh;
	uint8_t msiattr;
};

/*
 * Encodes a command.
 *
 * @words: out, on success only: the command as words
 *
 * Errors:
 *   -EINVAL: the opcode is reserved, or a member is set that this command does not have
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_smmuv3_cmd_encode(const struct iommuctl_smmuv3_cmd *cmd,
	uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Decodes a command.
 *
 * Members that the command does not have become 0. Any words decode; of a reserved opcode, only
 * the opcode.
 *
 * @cmd: out: the command
 *
 * Since: 0.1
 */
void iommuctl_smmuv3_cmd_decode(
	const uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS], struct iommuctl_smmuv3_cmd *cmd);

/*
 * Says whether a command is legal on the Non-secure queue of a stage-1 SMMU and, if it is relayed,
 * whether the kernel takes it.
 *
 * Class ILLEGAL, bits set outside the command's fields, SSec, and reserved values are refused.
 * Linux 7.3 makes these checks before it issues a command; Linux 7.2 checks the opcode only. The
 * caller has to find unknown StreamIDs.
 *
 * Linux also refuses fields that an SMMU ignores, and that iommuctl_relay_issue() clears:
 * SubstreamID and Global of an ATC_INV without SSV where SSIDSIZE is 0, and TTL = 1 of a range of
 * 16K granules where DS is 0.
 *
 * @idr: the SMMU, of which RIL, DS, ASID16, SSIDSIZE, ATS and STALL_MODEL count; NULL leaves out
 *   the rules that depend on it
 *
 * Errors:
 *   -EIO: CERROR_ILL, or EIO from the kernel; @refusal says why
 * Since: 0.1
 */
int iommuctl_smmuv3_cmd_validate(const uint64_t words[IOMMUCTL_SMMUV3_CMD_WORDS],
	const struct iommuctl_smmuv3_idr *idr, struct iommuctl_smmuv3_refusal *refusal);

/*
 * Gets the class of an opcode.
 *
 * Returns: the class; ILLEGAL for a reserved opcode.
 * Since: 0.1
 */
enum iommuctl_smmuv3_cmd_class iommuctl_smmuv3_cmd_class(uint8_t opcode);

/*
 * Gets the name of an opcode without "CMD_", like "TLBI_NH_VA".
 *
 * Returns: the name; NULL if the opcode is reserved.
 * Since: 0.1
 */
const char *iommuctl_smmuv3_cmd_name(uint8_t opcode);

/*
 * Finds the opcode that has a name.
 *
 * @name: the name, without "CMD_"; ASCII case is ignored
 * @opcode: out: the opcode
 *
 * Errors:
 *   -ENOENT: no command has it
 * Since: 0.1
 */
int iommuctl_smmuv3_cmd_from_name(const char *name, uint8_t *opcode);

/*
 * Gets the table of the fields of all commands, 64 at most.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cmd_fields(size_t *count);

/*
 * Says which fields a command has.
 *
 * Returns: bit i stands for the i-th field of the table.
 * Since: 0.1
 */
uint64_t iommuctl_smmuv3_cmd_field_mask(uint8_t opcode);

/*
 * Finds a field of a command by its name.
 *
 * @name: the name; ASCII case is ignored
 *
 * Returns: the field; NULL if the command has none of that name.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_smmuv3_cmd_field(uint8_t opcode, const char *name);

/*
 * Writes a command as one line, like "TLBI_NH_VA VMID=0x0 ASID=0x7 Leaf Address=0x1000".
 *
 * It has the main fields, and all others that are not zero.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_smmuv3_cmd_print(const struct iommuctl_smmuv3_cmd *cmd, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
