// SPDX-License-Identifier: MIT
/* Capabilities after device and region information, well formed and hostile. */
#include <iommuctl/vfio.h>

#include <stdlib.h>

#include "abi/vfio.h"
#include "array.h"
#include "thin_call.h"

/* A kernel that has @size bytes of information, and asks for them if there is less room. */
struct informant {
	struct script script;
	const void *info;
	uint32_t size;
	uint32_t claims; /* argsz that it returns */
};

static int inform(struct script *script, int fd, unsigned long request, void *arg)
{
	const struct informant *informant = script->data;
	uint32_t room;

	(void)fd;
	(void)request;
	memcpy(&room, arg, sizeof(room));
	memcpy(arg, informant->info, room < informant->size ? room : informant->size);
	memcpy(arg, &informant->claims, sizeof(informant->claims));
	return 0;
}

static struct iommuctl *informant_context(
	struct informant *informant, const void *info, size_t size)
{
	*informant = (struct informant){
		.script = { .ioctl = inform, .data = informant },
		.info = info,
		.size = (uint32_t)size,
		.claims = (uint32_t)size,
	};
	return script_context(&informant->script);
}

struct device_info {
	struct abi_vfio_device_info fixed;
	struct abi_vfio_info_cap_header other;
	struct abi_vfio_device_info_cap_pci_atomic_comp atomic_comp;
};

static const struct device_info device_info = {
	.fixed = {
		.flags = ABI_VFIO_DEVICE_FLAGS_PCI | ABI_VFIO_DEVICE_FLAGS_CAPS,
		.num_regions = 9,
		.num_irqs = 5,
		.cap_offset = offsetof(struct device_info, other),
	},
	.other = { .id = 1, .next = offsetof(struct device_info, atomic_comp) },
	.atomic_comp = {
		.header = { .id = ABI_VFIO_DEVICE_INFO_CAP_PCI_ATOMIC_COMP },
		.flags = ABI_VFIO_PCI_ATOMIC_COMP64,
	},
};

Test(vfio_info, device_capabilities_are_asked_for_with_room)
{
	struct informant informant;
	struct iommuctl *ctx = informant_context(&informant, &device_info, sizeof(device_info));
	struct iommuctl_vfio_device_info info;

	cr_assert_eq(iommuctl_vfio_device_get_info(ctx, THIN_FD, &info), 0);
	cr_assert_eq(informant.script.total, 2);
	cr_assert_eq(info.num_regions, 9);
	cr_assert_eq(info.num_irqs, 5);
	cr_assert_eq(info.pci_atomic_comp, IOMMUCTL_VFIO_PCI_ATOMIC_COMP64);
	iommuctl_free(ctx);
}

Test(vfio_info, a_kernel_that_never_has_room_enough_is_a_protocol_error)
{
	static const uint32_t claims[] = { UINT32_MAX, 4000 };

	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		struct informant informant;
		struct iommuctl *ctx =
			informant_context(&informant, &device_info, sizeof(device_info));
		struct iommuctl_vfio_device_info info;

		informant.claims = claims[i];
		cr_assert_eq(iommuctl_vfio_device_get_info(ctx, THIN_FD, &info),
			claims[i] == UINT32_MAX ? -EPROTO : 0);
		cr_assert_leq(informant.script.total, 2);
		iommuctl_free(ctx);
	}
}

struct region_info {
	struct abi_vfio_region_info fixed;
	struct abi_vfio_info_cap_header mappable;
	struct abi_vfio_region_info_cap_type type;
	struct abi_vfio_info_cap_header sparse;
	uint32_t nr_areas;
	uint32_t reserved;
	struct abi_vfio_region_sparse_mmap_area areas[2];
};

static const struct region_info region_info = {
	.fixed = {
		.flags = ABI_VFIO_REGION_INFO_FLAG_MMAP | ABI_VFIO_REGION_INFO_FLAG_CAPS,
		.index = 2,
		.size = 0x4000,
		.offset = UINT64_C(2) << 40,
		.cap_offset = offsetof(struct region_info, mappable),
	},
	.mappable = {
		.id = ABI_VFIO_REGION_INFO_CAP_MSIX_MAPPABLE,
		.next = offsetof(struct region_info, type),
	},
	.type = {
		.header = {
			.id = ABI_VFIO_REGION_INFO_CAP_TYPE,
			.next = offsetof(struct region_info, sparse),
		},
		.type = 6,
		.subtype = 7,
	},
	.sparse = { .id = ABI_VFIO_REGION_INFO_CAP_SPARSE_MMAP },
	.nr_areas = 2,
	.areas = { { 0, 0x1000 }, { 0x2000, 0x2000 } },
};

Test(vfio_info, region_capabilities_are_returned)
{
	struct informant informant;
	struct iommuctl *ctx = informant_context(&informant, &region_info, sizeof(region_info));
	struct iommuctl_vfio_region_info info;

	cr_assert_eq(iommuctl_vfio_region_get_info(ctx, THIN_FD, 2, &info), 0);
	cr_assert(info.msix_mappable);
	cr_assert(info.sparse);
	cr_assert(info.typed);
	cr_assert_eq(info.type, 6);
	cr_assert_eq(info.subtype, 7);
	cr_assert_eq(info.offset, UINT64_C(2) << 40);
	iommuctl_free(ctx);
}

Test(vfio_info, areas_are_listed_as_far_as_there_is_room)
{
	struct informant informant;
	struct iommuctl *ctx = informant_context(&informant, &region_info, sizeof(region_info));
	struct iommuctl_vfio_region_area areas[3] = { 0 };
	uint32_t count = 1;

	cr_assert_eq(iommuctl_vfio_region_get_areas(ctx, THIN_FD, 2, areas, &count), -EMSGSIZE);
	cr_assert_eq(count, 2);
	cr_assert_eq(areas[0].size, 0);
	count = 3;
	cr_assert_eq(iommuctl_vfio_region_get_areas(ctx, THIN_FD, 2, areas, &count), 0);
	cr_assert_eq(count, 2);
	cr_assert_eq(areas[0].size, 0x1000);
	cr_assert_eq(areas[1].offset, 0x2000);
	cr_assert_eq(areas[1].size, 0x2000);
	cr_assert_eq(areas[2].size, 0);
	iommuctl_free(ctx);
}

Test(vfio_info, a_region_without_areas_has_none)
{
	const struct abi_vfio_region_info plain = { .index = 2, .size = 0x4000 };
	struct informant informant;
	struct iommuctl *ctx = informant_context(&informant, &plain, sizeof(plain));
	uint32_t count = 3;

	cr_assert_eq(iommuctl_vfio_region_get_areas(ctx, THIN_FD, 2, NULL, &count), 0);
	cr_assert_eq(count, 0);
	iommuctl_free(ctx);
}

/* What a broken kernel could put where; the chain must neither be left nor followed for ever. */
static const struct {
	const char *what;
	size_t offset;
	uint32_t value;
} hostile[] = {
	{ "first capability behind the end", offsetof(struct region_info, fixed.cap_offset), 4096 },
	{ "first capability cut off", offsetof(struct region_info, fixed.cap_offset),
		sizeof(struct region_info) - 4 },
	{ "next capability far behind the end", offsetof(struct region_info, mappable.next),
		UINT32_MAX - 3 },
	{ "a chain that ends in itself", offsetof(struct region_info, type.header.next),
		offsetof(struct region_info, mappable) },
	{ "more areas than there is information", offsetof(struct region_info, nr_areas), 3 },
	{ "an overflowing number of areas", offsetof(struct region_info, nr_areas), UINT32_MAX },
};

Test(vfio_info, malformed_capabilities_are_a_protocol_error)
{
	for (size_t i = 0; i < ARRAY_SIZE(hostile); i++) {
		struct informant informant;
		struct iommuctl_vfio_region_area areas[4];
		struct region_info broken = region_info;
		struct iommuctl *ctx = informant_context(&informant, &broken, sizeof(broken));
		uint32_t count = 4;

		memcpy((char *)&broken + hostile[i].offset, &hostile[i].value, sizeof(uint32_t));
		cr_assert_eq(iommuctl_vfio_region_get_areas(ctx, THIN_FD, 2, areas, &count),
			-EPROTO, "%s", hostile[i].what);
		cr_assert_eq(count, 4);
		iommuctl_free(ctx);
	}
}
