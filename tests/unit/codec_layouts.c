// SPDX-License-Identifier: MIT
/*
 * Where the specifications have each field of a command, over all commands: bits of the whole.
 * Fields at the same place belong to different commands.
 */
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/amd_guest.h>
#include <iommuctl/smmuv3_cmd.h>
#include <iommuctl/vtd_inv.h>

#include "array.h"
#include "smmuv3_layout.h"

static const struct position smmuv3[] = {
	{ "Opcode", 7, 0 },
	{ "Global", 9, 9 },
	{ "SSec", 10, 10 },
	{ "SSV", 11, 11 },
	{ "StreamID", 63, 32 },
	{ "SubstreamID", 31, 12 },
	{ "VMID", 47, 32 },
	{ "ASID", 63, 48 },
	{ "NUM", 16, 12 },
	{ "SCALE", 25, 20 },
	{ "TTL", 73, 72 },
	{ "TG", 75, 74 },
	{ "Leaf", 64, 64 },
	{ "Range", 68, 64 },
	{ "Size", 68, 64 },
	{ "Stride", 73, 69 },
	{ "Size", 69, 64 },
	{ "Address", 127, 76 },
	{ "Address", 119, 76 },
	{ "PRGIndex", 72, 64 },
	{ "Resp", 77, 76 },
	{ "Ac", 12, 12 },
	{ "Ab", 13, 13 },
	{ "STAG", 79, 64 },
	{ "CS", 13, 12 },
	{ "MSH", 23, 22 },
	{ "MSIAttr", 27, 24 },
	{ "MSIData", 63, 32 },
	{ "MSIAddress", 119, 66 },
};

static const struct position vtd[] = {
	{ "Type", 3, 0 },
	{ "PP", 4, 4 },
	{ "RC", 15, 12 },
	{ "G", 5, 4 },
	{ "G", 64, 64 },
	{ "G", 4, 4 },
	{ "DID", 31, 16 },
	{ "SID", 47, 32 },
	{ "SID", 31, 16 },
	{ "PASID", 51, 32 },
	{ "FM", 49, 48 },
	{ "DW", 6, 6 },
	{ "DR", 7, 7 },
	{ "MIP", 20, 16 },
	{ "MIP", 8, 4 },
	{ "PFSID[3:0]", 15, 12 },
	{ "PFSID[15:4]", 63, 52 },
	{ "S", 64, 64 },
	{ "S", 75, 75 },
	{ "AM", 69, 64 },
	{ "IH", 70, 70 },
	{ "LPIG", 66, 66 },
	{ "PRGI", 75, 67 },
	{ "ADDR", 127, 76 },
	{ "IM", 31, 27 },
	{ "IIDX", 47, 32 },
	{ "IF", 4, 4 },
	{ "SW", 5, 5 },
	{ "FN", 6, 6 },
	{ "PD", 7, 7 },
	{ "STATUS_DATA", 63, 32 },
	{ "STATUS_ADDR", 127, 66 },
};

static const struct position amd[] = {
	{ "Opcode", 63, 60 },
	{ "S", 0, 0 },
	{ "I", 1, 1 },
	{ "F", 2, 2 },
	{ "StoreAddress", 51, 3 },
	{ "StoreData", 127, 64 },
	{ "DeviceID", 15, 0 },
	{ "DomainID", 47, 32 },
	{ "QueueID", 47, 32 },
	{ "MaxPend", 31, 24 },
	{ "PFCount", 31, 24 },
	{ "PASID", 19, 0 },
	{ "PASID", 51, 32 },
	{ "PASID[19:16]", 59, 56 },
	{ "PASID[15:8]", 23, 16 },
	{ "PASID[7:0]", 55, 48 },
	{ "S", 64, 64 },
	{ "PDE", 65, 65 },
	{ "GN", 66, 66 },
	{ "CompletionTag", 105, 96 },
	{ "PPRCode", 111, 108 },
	{ "Type", 69, 68 },
	{ "Address", 127, 76 },
};

Test(codec_layouts, fields_of_commands_of_an_smmuv3)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_smmuv3_cmd_fields(&count);

	check_layout(smmuv3, ARRAY_SIZE(smmuv3), fields, count);
}

Test(codec_layouts, fields_of_descriptors_of_vtd)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_vtd_inv_fields(&count);

	check_layout(vtd, ARRAY_SIZE(vtd), fields, count);
}

Test(codec_layouts, fields_of_commands_of_an_amd_iommu)
{
	size_t count;
	const struct iommuctl_smmuv3_field *fields = iommuctl_amd_cmd_fields(&count);

	check_layout(amd, ARRAY_SIZE(amd), fields, count);
}
