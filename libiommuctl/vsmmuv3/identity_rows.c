// SPDX-License-Identifier: MIT
#include "vsmmuv3/identity_rows.h"

#include "array.h"

#define RESERVED	 "reserved"
#define NO_STAGE2	 "a guest has no stage 2 of its own"
#define NO_REGISTERS	 "a guest is shown no registers for it"
#define NO_WALK		 "the walk for emulated devices does not support it"
#define NO_PAGE_REQUESTS "the kernel answers page requests itself"
#define NOT_IN_STE	 "a nested HWPT takes no STE that uses it"
#define HARDWARE	 "the hardware reads the guest's STEs, CDs and tables"
#define SOFTWARE	 "provided in software"

#define SID_BITS_MAX   32
#define SID_BITS_USUAL 16
#define SSID_BITS_MAX  20
#define QUEUE_LOG2_MAX 19
/* 4 MiB. The base is aligned to the size (6.3.29), and some guests cannot align more. */
#define EVENTQ_LOG2_USUAL 17
#define OAS_48_BITS	  5
#define BBML_MAX	  2
#define TTENDIAN_LITTLE	  IOMMUCTL_SMMUV3_TTENDIAN_LITTLE
#define STALLS_TERMINATE  IOMMUCTL_SMMUV3_STALL_MODEL_TERMINATE

static const struct identity_row rows[] = {
	{ 0, 0, 1, "S2P", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 0, 1, 1, "S1P", IDENTITY_FIXED, 1, "a nest is a guest's stage 1", .words = "stage 1" },
	{ 0, 2, 1, "TTF[0]", IDENTITY_FIXED, 0,
		"AArch32 tables are not walked for emulated devices" },
	{ 0, 3, 1, "TTF[1]", IDENTITY_AT_MOST, 1, HARDWARE, .words = "AArch64 tables" },
	{ 0, 4, 1, "COHACC", IDENTITY_FREE, 1, SOFTWARE, .usual = 1,
		.words = "coherent accesses of the SMMU" },
	{ 0, 5, 1, "BTM", IDENTITY_FIXED, 0,
		"TLBIs of a guest's CPUs do not reach its entries in the SMMU" },
	{ 0, 6, 2, "HTTU", IDENTITY_FIXED, 0,
		"the walk for emulated devices writes no descriptors" },
	{ 0, 8, 1, "DORMHINT", IDENTITY_FIXED, 0, NO_REGISTERS },
	{ 0, 9, 1, "Hyp", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 0, 10, 1, "ATS", IDENTITY_AT_MOST, 1, HARDWARE },
	{ 0, 11, 1, "NS1ATS", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 0, 12, 1, "ASID16", IDENTITY_AT_MOST, 1, HARDWARE, .words = "ASIDs of 16 bits" },
	{ 0, 13, 1, "MSI", IDENTITY_FREE, 1, SOFTWARE, .usual = 1, .words = "MSIs of the SMMU" },
	{ 0, 14, 1, "SEV", IDENTITY_FREE, 1, SOFTWARE, .usual = 1,
		.words = "CMD_SYNC that wakes up CPUs (SEV)" },
	{ 0, 15, 1, "ATOS", IDENTITY_FIXED, 0, NO_REGISTERS },
	{ 0, 16, 1, "PRI", IDENTITY_FIXED, 0, NO_PAGE_REQUESTS },
	{ 0, 17, 1, "VMW", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 0, 18, 1, "VMID16", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 0, 19, 1, "CD2L", IDENTITY_AT_MOST, 1, HARDWARE, .words = "two-level CD tables" },
	{ 0, 20, 1, "VATOS", IDENTITY_FIXED, 0, NO_REGISTERS },
	{ 0, 21, 2, "TTENDIAN", IDENTITY_FIXED, TTENDIAN_LITTLE,
		"others are not walked for emulated devices", .words = "endianness of tables",
		.form = IDENTITY_FORM_NAMED,
		.hosts = 1u << IOMMUCTL_SMMUV3_TTENDIAN_MIXED | 1u << TTENDIAN_LITTLE },
	{ 0, 23, 1, "ATSRECERR", IDENTITY_FIXED, 0, "the kernel keeps such events" },
	{ 0, 24, 2, "STALL_MODEL", IDENTITY_FIXED, STALLS_TERMINATE,
		"no kernel call resumes a stalled transaction", .words = "faults",
		.form = IDENTITY_FORM_NAMED,
		.hosts = 1u << IOMMUCTL_SMMUV3_STALL_MODEL_STALL_OR_TERMINATE |
			 1u << STALLS_TERMINATE },
	{ 0, 26, 1, "TERM_MODEL", IDENTITY_AT_LEAST, 1, HARDWARE,
		.words = "faults that only abort" },
	{ 0, 27, 2, "ST_LEVEL", IDENTITY_FREE, 1, SOFTWARE, .usual = 1,
		.words = "two-level stream tables" },
	{ 0, 29, 1, "IDR0[29]", IDENTITY_FIXED, 0, RESERVED },
	{ 0, 30, 1, "RME_IMPL", IDENTITY_FIXED, 0, "granule protection is the host's" },
	{ 0, 31, 1, "IDR0[31]", IDENTITY_FIXED, 0, RESERVED },

	{ 1, 0, 6, "SIDSIZE", IDENTITY_FREE, SID_BITS_MAX, SOFTWARE, .usual = SID_BITS_USUAL,
		.form = IDENTITY_FORM_NUMBER, .unit = "bits", .words = "StreamIDs" },
	{ 1, 6, 5, "SSIDSIZE", IDENTITY_AT_MOST, SSID_BITS_MAX, HARDWARE,
		.form = IDENTITY_FORM_NUMBER, .unit = "bits", .words = "SubstreamIDs" },
	{ 1, 11, 5, "PRIQS", IDENTITY_FIXED, 0, NO_PAGE_REQUESTS },
	{ 1, 16, 5, "EVENTQS", IDENTITY_FREE, QUEUE_LOG2_MAX, SOFTWARE, .usual = EVENTQ_LOG2_USUAL,
		.form = IDENTITY_FORM_LOG2, .unit = "entries", .words = "event queue" },
	{ 1, 21, 5, "CMDQS", IDENTITY_FREE, QUEUE_LOG2_MAX, SOFTWARE, .usual = QUEUE_LOG2_MAX,
		.form = IDENTITY_FORM_LOG2, .unit = "entries", .words = "command queue" },
	{ 1, 26, 1, "ATTR_PERMS_OVR", IDENTITY_FIXED, 0, NOT_IN_STE },
	{ 1, 27, 1, "ATTR_TYPES_OVR", IDENTITY_FIXED, 0, NOT_IN_STE },
	{ 1, 28, 1, "REL", IDENTITY_FIXED, 0, "no address is fixed" },
	{ 1, 29, 1, "QUEUES_PRESET", IDENTITY_FIXED, 0, "the guest places its queues" },
	{ 1, 30, 1, "TABLES_PRESET", IDENTITY_FIXED, 0, "the guest places its stream table" },
	{ 1, 31, 1, "ECMDQ", IDENTITY_FIXED, 0, NO_REGISTERS },

	{ 2, 0, 10, "BA_VATOS", IDENTITY_FIXED, 0, NO_REGISTERS },
	{ 2, 10, 22, "IDR2[31:10]", IDENTITY_FIXED, 0, RESERVED },

	{ 3, 0, 2, "IDR3[1:0]", IDENTITY_FIXED, 0, RESERVED },
	{ 3, 2, 1, "HAD", IDENTITY_AT_MOST, 1, HARDWARE,
		.words = "hierarchical attribute disables (HAD)" },
	{ 3, 3, 1, "PBHA", IDENTITY_FIXED, 0, "these page bits have a meaning only to the host" },
	{ 3, 4, 1, "XNX", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 3, 5, 1, "PPS", IDENTITY_FIXED, 0, NO_PAGE_REQUESTS },
	{ 3, 6, 1, "IDR3[6]", IDENTITY_FIXED, 0, RESERVED },
	{ 3, 7, 1, "MPAM", IDENTITY_FIXED, 0, NOT_IN_STE },
	{ 3, 8, 1, "FWB", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 3, 9, 1, "STT", IDENTITY_FIXED, 0, NO_WALK },
	{ 3, 10, 1, "RIL", IDENTITY_AT_MOST, 1, HARDWARE, .words = "TLBI by ranges (RIL)" },
	{ 3, 11, 2, "BBML", IDENTITY_AT_MOST, BBML_MAX, HARDWARE, .form = IDENTITY_FORM_NUMBER,
		.words = "break-before-make level (BBML)" },
	{ 3, 13, 1, "E0PD", IDENTITY_FIXED, 0, NO_WALK },
	{ 3, 14, 1, "PTWNNC", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 3, 15, 1, "DPT", IDENTITY_FIXED, 0, NOT_IN_STE },
	{ 3, 16, 1, "PASIDTT", IDENTITY_FIXED, 0, "the kernel does not report it" },
	{ 3, 17, 1, "EPAN", IDENTITY_FIXED, 0, NO_WALK },
	{ 3, 18, 1, "S1PI", IDENTITY_FIXED, 0, NOT_IN_STE },
	{ 3, 19, 1, "S2PI", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 3, 20, 1, "S2PO", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 3, 21, 1, "THE", IDENTITY_FIXED, 0, NOT_IN_STE },
	{ 3, 22, 1, "MTEPERM", IDENTITY_FIXED, 0, NO_STAGE2 },
	{ 3, 23, 1, "AIE", IDENTITY_FIXED, 0, "the kernel does not report it" },
	{ 3, 24, 8, "IDR3[31:24]", IDENTITY_FIXED, 0, RESERVED },

	{ 4, 0, 32, "IDR4", IDENTITY_FIXED, 0, "IMPLEMENTATION DEFINED" },

	{ 5, 0, 3, "OAS", IDENTITY_AT_MOST, OAS_48_BITS,
		"larger addresses are not walked for emulated devices",
		.form = IDENTITY_FORM_ADDRESS, .unit = "bits", .words = "output addresses" },
	{ 5, 3, 1, "IDR5[3]", IDENTITY_FIXED, 0, RESERVED },
	{ 5, 4, 1, "GRAN4K", IDENTITY_AT_MOST, 1, HARDWARE, .words = "granule of 4K" },
	{ 5, 5, 1, "GRAN16K", IDENTITY_AT_MOST, 1, HARDWARE, .words = "granule of 16K" },
	{ 5, 6, 1, "GRAN64K", IDENTITY_AT_MOST, 1, HARDWARE, .words = "granule of 64K" },
	{ 5, 7, 1, "DS", IDENTITY_FIXED, 0, NO_WALK },
	{ 5, 8, 1, "D128", IDENTITY_FIXED, 0, NO_WALK },
	{ 5, 9, 1, "IDR5[9]", IDENTITY_FIXED, 0, RESERVED },
	{ 5, 10, 2, "VAX", IDENTITY_FIXED, IOMMUCTL_SMMUV3_VAX_48, NO_WALK,
		.words = "input addresses", .form = IDENTITY_FORM_NAMED },
	{ 5, 12, 4, "IDR5[15:12]", IDENTITY_FIXED, 0, RESERVED },
	{ 5, 16, 16, "STALL_MAX", IDENTITY_FIXED, 0, "nothing stalls" },

	{ IDENTITY_IIDR, 0, 32, "IIDR", IDENTITY_FREE, UINT32_MAX, SOFTWARE,
		.form = IDENTITY_FORM_REGISTER, .words = "implementation (IIDR)" },

	{ IDENTITY_AIDR, 0, 4, "ArchMinorRev", IDENTITY_AT_MOST, 1,
		"SMMUv3.2 has features that a guest does not get", .form = IDENTITY_FORM_NUMBER,
		.words = "minor revision of SMMUv3" },
	{ IDENTITY_AIDR, 4, 4, "ArchMajorRev", IDENTITY_FIXED, 0, "it is an SMMUv3" },
	{ IDENTITY_AIDR, 8, 24, "AIDR[31:8]", IDENTITY_FIXED, 0, RESERVED },
};

const struct identity_row *identity_rows(size_t *count)
{
	*count = ARRAY_SIZE(rows);
	return rows;
}
