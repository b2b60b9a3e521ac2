/* SPDX-License-Identifier: MIT */
/*
 * AMD device table entries and commands, as a guest with guest translation has them.
 *
 * Linux 7.3 has the data of a nested HWPT (IOMMU_HWPT_DATA_AMD_GUEST) and the code that checks it,
 * but no path reaches that code: HWPT_ALLOC with it and HWPT_INVALIDATE fail with EOPNOTSUPP. This
 * header is for VMMs that translate in software, and for later kernels.
 *
 * @dte: the entry
 * @cmd: the command
 * @words: the entry or the command as words
 * @opcode: an opcode, any number
 *
 * Common: smmuv3_field.h
 * Source: AMD I/O Virtualization Technology (IOMMU) Specification, 48882, sections 2.2.2 (Device
 *   Table Entry Format) and 2.4 (Commands); validate_gdte_nested in drivers/iommu/amd/nested.c and
 *   drivers/iommu/amd/iommufd.c (Linux 7.3).
 */
#ifndef IOMMUCTL_AMD_GUEST_H
#define IOMMUCTL_AMD_GUEST_H

#include <iommuctl/amd.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * 64-bit words of a device table entry, and of a command.
 *
 * @IOMMUCTL_AMD_DTE_WORDS: of an entry
 * @IOMMUCTL_AMD_CMD_WORDS: of a command
 *
 * Since: 0.1
 */
#define IOMMUCTL_AMD_DTE_WORDS 4
#define IOMMUCTL_AMD_CMD_WORDS 2

/*
 * The fields of a device table entry for translation and interrupts.
 *
 * Members: the architecture's fields of the same names, in its encodings; hostptrp is a whole
 *   address. gcr3_14, gcr3_30 and gcr3_51 are the three parts of the guest CR3 table's address:
 *   bits 14 to 12, 30 to 15 and 51 to 31. gpm is GuestPagingMode.
 * Since: 0.1
 */
struct iommuctl_amd_dte {
	uint64_t hostptrp;
	uint64_t inttabptr;
	uint32_t gcr3_51;
	uint16_t domainid;
	uint16_t gcr3_30;
	uint8_t v;
	uint8_t tv;
	uint8_t had;
	uint8_t mode;
	uint8_t ppr;
	uint8_t gprp;
	uint8_t giov;
	uint8_t gv;
	uint8_t glx;
	uint8_t gcr3_14;
	uint8_t ir;
	uint8_t iw;
	uint8_t i;
	uint8_t se;
	uint8_t sa;
	uint8_t ioctl;
	uint8_t cache;
	uint8_t sd;
	uint8_t ex;
	uint8_t sysmgt;
	uint8_t sats;
	uint8_t iv;
	uint8_t inttablen;
	uint8_t ig;
	uint8_t gpm;
	uint8_t intctl;
};

/*
 * Encodes an entry.
 *
 * @words: out, on success only: the entry as words
 *
 * Errors:
 *   -ERANGE: a value does not fit its field, which @refusal names
 * Since: 0.1
 */
int iommuctl_amd_dte_encode(const struct iommuctl_amd_dte *dte,
	uint64_t words[IOMMUCTL_AMD_DTE_WORDS], struct iommuctl_smmuv3_refusal *refusal);

/*
 * Decodes an entry.
 *
 * Any words decode; bits of no field are dropped.
 *
 * @dte: out: the entry
 *
 * Since: 0.1
 */
void iommuctl_amd_dte_decode(
	const uint64_t words[IOMMUCTL_AMD_DTE_WORDS], struct iommuctl_amd_dte *dte);

/*
 * Says whether a guest's entry passes the check that Linux 7.3 has for one.
 *
 * A guest has no host tables of its own; with guest translation it has a guest CR3 table, of at
 * most three levels, and page tables of as many levels as the IOMMU has.
 *
 * @efr: the IOMMU, of which GATS counts; NULL leaves out what depends on it
 *
 * Errors:
 *   -EINVAL: it does not; @refusal says why
 *   -EOPNOTSUPP: it has 5 levels, and the IOMMU does not support them
 * Since: 0.1
 */
int iommuctl_amd_dte_validate(const struct iommuctl_amd_dte *dte,
	const struct iommuctl_amd_efr *efr, struct iommuctl_smmuv3_refusal *refusal);

/*
 * Gets the address of the guest CR3 table.
 *
 * Returns: the address, in guest memory.
 * Since: 0.1
 */
uint64_t iommuctl_amd_dte_gcr3(const struct iommuctl_amd_dte *dte);

/*
 * Gets the table of fields of an entry.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_amd_dte_fields(size_t *count);

/*
 * Writes an entry as one line.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_amd_dte_print(const struct iommuctl_amd_dte *dte, char *text, size_t size);

/*
 * Opcodes; all others are reserved.
 *
 * Members: the architecture's commands of the same names.
 * Since: 0.1
 */
enum iommuctl_amd_opcode {
	IOMMUCTL_AMD_CMD_COMPLETION_WAIT = 1,
	IOMMUCTL_AMD_CMD_INVALIDATE_DEVTAB_ENTRY = 2,
	IOMMUCTL_AMD_CMD_INVALIDATE_IOMMU_PAGES = 3,
	IOMMUCTL_AMD_CMD_INVALIDATE_IOTLB_PAGES = 4,
	IOMMUCTL_AMD_CMD_INVALIDATE_INTERRUPT_TABLE = 5,
	IOMMUCTL_AMD_CMD_PREFETCH_IOMMU_PAGES = 6,
	IOMMUCTL_AMD_CMD_COMPLETE_PPR_REQUEST = 7,
	IOMMUCTL_AMD_CMD_INVALIDATE_IOMMU_ALL = 8,
};

/*
 * A command.
 *
 * Each uses the members that it has.
 *
 * Members: the architecture's fields of the same names, in its encodings; address and storeaddress
 *   are whole addresses. pasid_top, pasid_high and pasid_low are PASID[19:16], PASID[15:8] and
 *   PASID[7:0] where the command has the PASID in parts.
 * Since: 0.1
 */
struct iommuctl_amd_cmd {
	uint64_t address;
	uint64_t storeaddress;
	uint64_t storedata;
	uint32_t pasid;
	uint16_t deviceid;
	uint16_t domainid;
	uint16_t queueid;
	uint16_t tag;
	uint8_t opcode;
	uint8_t pasid_high;
	uint8_t pasid_low;
	uint8_t maxpend;
	uint8_t pfcount;
	uint8_t s;
	uint8_t i;
	uint8_t f;
	uint8_t pde;
	uint8_t gn;
	uint8_t code;
	uint8_t pasid_top;
	uint8_t type;
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
int iommuctl_amd_cmd_encode(const struct iommuctl_amd_cmd *cmd,
	uint64_t words[IOMMUCTL_AMD_CMD_WORDS], struct iommuctl_smmuv3_refusal *refusal);

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
void iommuctl_amd_cmd_decode(
	const uint64_t words[IOMMUCTL_AMD_CMD_WORDS], struct iommuctl_amd_cmd *cmd);

/*
 * Gets the range of addresses that a command invalidates.
 *
 * @cmd: INVALIDATE_IOMMU_PAGES or INVALIDATE_IOTLB_PAGES
 * @first, @last: out: its first and its last address
 *
 * Since: 0.1
 */
void iommuctl_amd_cmd_get_range(
	const struct iommuctl_amd_cmd *cmd, uint64_t *first, uint64_t *last);

/*
 * Gets the name of an opcode, like "INVALIDATE_IOMMU_PAGES".
 *
 * Returns: the name; NULL if the opcode is reserved.
 * Since: 0.1
 */
const char *iommuctl_amd_cmd_name(uint8_t opcode);

/*
 * Gets the table of the fields of all commands, 64 at most.
 *
 * @count: out: how many fields there are
 *
 * Returns: the first of them.
 * Since: 0.1
 */
const struct iommuctl_smmuv3_field *iommuctl_amd_cmd_fields(size_t *count);

/*
 * Says which fields a command has.
 *
 * Returns: bit i stands for the i-th field of the table.
 * Since: 0.1
 */
uint64_t iommuctl_amd_cmd_field_mask(uint8_t opcode);

/*
 * Writes a command as one line.
 *
 * It has the main fields, and all others that are not zero.
 *
 * Returns: as iommuctl_smmuv3_refusal_print().
 * Since: 0.1
 */
size_t iommuctl_amd_cmd_print(const struct iommuctl_amd_cmd *cmd, char *text, size_t size);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif

#endif
