/* SPDX-License-Identifier: MIT */
/* A model machine, seen through its transport as a VMM sees the kernel. */
#ifndef TEST_MODEL_FIXTURE_H
#define TEST_MODEL_FIXTURE_H

#include <endian.h>
#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include <iommuctl/model.h>

#include "array.h"
#include "abi/arm_smmuv3.h"
#include "abi/iommufd.h"
#include "abi/vfio.h"

#define STE_V	     UINT64_C(1)
#define STE_BYPASS   (STE_V | UINT64_C(4) << 1)
#define STE_S1	     (STE_V | UINT64_C(5) << 1 | UINT64_C(0x40000000))
#define STE_S1_OTHER (STE_V | UINT64_C(5) << 1 | UINT64_C(0x40001000))
#define DEVICE_SID   UINT64_C(8)  /* 0000:00:01.0 */
#define DEVICE_2_SID UINT64_C(16) /* 0000:00:02.0 */

struct machine {
	struct iommuctl_model *model;
	struct iommuctl_transport *transport;
	int iommufd;
	int devices[2];
	uint32_t dev_ids[2];
};

/* A guest with nested translation on a machine. */
struct guest {
	struct machine machine;
	uint32_t ioas;
	uint32_t parent;
	uint32_t viommu;
};

static inline int call(struct machine *machine, int fd, unsigned long request, void *arg)
{
	return machine->transport->ioctl(machine->transport, fd, request, arg);
}

static inline int machine_open_file(struct machine *machine, const char *path)
{
	int fd = machine->transport->open(machine->transport, path, 2);

	cr_assert_geq(fd, 0, "%s", path);
	return fd;
}

static inline int machine_close(struct machine *machine, int fd)
{
	return machine->transport->close(machine->transport, fd);
}

static inline int bind_device(struct machine *machine, int fd, int iommufd, uint32_t *dev_id)
{
	struct abi_vfio_device_bind_iommufd args = { .argsz = sizeof(args), .iommufd = iommufd };
	int ret = call(machine, fd, ABI_VFIO_DEVICE_BIND_IOMMUFD, &args);

	*dev_id = args.out_devid;
	return ret;
}

/* With its iommufd open and both devices, but not bound. */
static inline void machine_start(
	struct machine *machine, const struct iommuctl_model_config *config)
{
	cr_assert_eq(iommuctl_model_new(config, &machine->model), 0);
	cr_assert_eq(iommuctl_model_transport_new(machine->model, &machine->transport), 0);
	machine->iommufd = machine_open_file(machine, "/dev/iommu");
	machine->devices[0] = machine_open_file(machine, "/dev/vfio/devices/vfio0");
	machine->devices[1] = machine_open_file(machine, "/dev/vfio/devices/vfio1");
}

static inline void machine_bind(struct machine *machine)
{
	for (int i = 0; i < 2; i++)
		cr_assert_eq(bind_device(machine, machine->devices[i], machine->iommufd,
				     &machine->dev_ids[i]),
			0);
}

/* Only device 0: its id is 1. */
static inline void machine_bind_first(struct machine *machine)
{
	cr_assert_eq(
		bind_device(machine, machine->devices[0], machine->iommufd, &machine->dev_ids[0]),
		0);
}

static inline void machine_stop(struct machine *machine)
{
	iommuctl_transport_free(machine->transport);
	iommuctl_model_free(machine->model);
}

static inline int destroy(struct machine *machine, uint32_t id)
{
	struct abi_destroy args = { .size = sizeof(args), .id = id };

	return call(machine, machine->iommufd, ABI_DESTROY, &args);
}

static inline uint32_t ioas_new(struct machine *machine)
{
	struct abi_ioas_alloc args = { .size = sizeof(args) };

	cr_assert_eq(call(machine, machine->iommufd, ABI_IOAS_ALLOC, &args), 0);
	return args.out_ioas_id;
}

/* For reading and writing. */
static inline int ioas_map(
	struct machine *machine, uint32_t ioas, const void *host, uint64_t length, uint64_t iova)
{
	struct abi_ioas_map args = {
		.size = sizeof(args),
		.flags = ABI_IOAS_MAP_FIXED_IOVA | ABI_IOAS_MAP_READABLE | ABI_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)host,
		.length = length,
		.iova = iova,
	};

	return call(machine, machine->iommufd, ABI_IOAS_MAP, &args);
}

static inline int ioas_unmap(struct machine *machine, uint32_t ioas, uint64_t iova, uint64_t length)
{
	struct abi_ioas_unmap args = {
		.size = sizeof(args),
		.ioas_id = ioas,
		.iova = iova,
		.length = length,
	};

	return call(machine, machine->iommufd, ABI_IOAS_UNMAP, &args);
}

static inline int hwpt_alloc(struct machine *machine, struct abi_hwpt_alloc args, uint32_t *id)
{
	int ret;

	args.size = sizeof(args);
	ret = call(machine, machine->iommufd, ABI_HWPT_ALLOC, &args);
	*id = args.out_hwpt_id;
	return ret;
}

/* For device 0; its id, or -errno. */
static inline int paging_alloc(struct machine *machine, uint32_t ioas, uint32_t flags)
{
	uint32_t id;
	int ret = hwpt_alloc(machine,
		(struct abi_hwpt_alloc){
			.dev_id = machine->dev_ids[0], .pt_id = ioas, .flags = flags },
		&id);

	return ret ? ret : (int)id;
}

static inline uint32_t paging_new(
	struct machine *machine, uint32_t dev_id, uint32_t ioas, uint32_t flags)
{
	uint32_t id = 0;

	cr_assert_eq(
		hwpt_alloc(machine,
			(struct abi_hwpt_alloc){ .dev_id = dev_id, .pt_id = ioas, .flags = flags },
			&id),
		0);
	return id;
}

static inline uint32_t nested_new(struct guest *guest, uint64_t word0)
{
	struct abi_hwpt_arm_smmuv3 ste = { .ste = { htole64(word0), 0 } };
	uint32_t id = 0;

	cr_assert_eq(hwpt_alloc(&guest->machine,
			     (struct abi_hwpt_alloc){
				     .dev_id = guest->machine.dev_ids[0],
				     .pt_id = guest->viommu,
				     .data_type = ABI_HWPT_DATA_ARM_SMMUV3,
				     .data_len = sizeof(ste),
				     .data_uptr = (uintptr_t)&ste,
			     },
			     &id),
		0);
	return id;
}

static inline int viommu_alloc(
	struct machine *machine, uint32_t dev_id, uint32_t hwpt, uint32_t *id)
{
	struct abi_viommu_alloc args = {
		.size = sizeof(args),
		.type = ABI_VIOMMU_TYPE_ARM_SMMUV3,
		.dev_id = dev_id,
		.hwpt_id = hwpt,
	};
	int ret = call(machine, machine->iommufd, ABI_VIOMMU_ALLOC, &args);

	*id = args.out_viommu_id;
	return ret;
}

static inline int vdevice_alloc(
	struct machine *machine, uint32_t viommu, uint32_t dev_id, uint64_t vsid, uint32_t *id)
{
	struct abi_vdevice_alloc args = {
		.size = sizeof(args),
		.viommu_id = viommu,
		.dev_id = dev_id,
		.virt_id = vsid,
	};
	int ret = call(machine, machine->iommufd, ABI_VDEVICE_ALLOC, &args);

	*id = args.out_vdevice_id;
	return ret;
}

static inline void guest_start_on(struct guest *guest, const struct iommuctl_model_config *config)
{
	struct machine *machine = &guest->machine;

	machine_start(machine, config);
	machine_bind(machine);
	guest->ioas = ioas_new(machine);
	guest->parent =
		paging_new(machine, machine->dev_ids[0], guest->ioas, ABI_HWPT_ALLOC_NEST_PARENT);
	cr_assert_eq(viommu_alloc(machine, machine->dev_ids[0], guest->parent, &guest->viommu), 0);
}

/* Device 0 has a vIOMMU; nothing is attached. */
static inline void guest_start(struct guest *guest)
{
	guest_start_on(guest, NULL);
}

static inline int attach_pt(struct machine *machine, int device, uint32_t *pt_id)
{
	struct abi_vfio_device_attach_iommufd_pt args = {
		.argsz = sizeof(args),
		.pt_id = *pt_id,
	};
	int ret = call(machine, machine->devices[device], ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &args);

	*pt_id = args.pt_id;
	return ret;
}

static inline int attach(struct machine *machine, int device, uint32_t pt_id)
{
	return attach_pt(machine, device, &pt_id);
}

static inline int attach_pasid(struct machine *machine, int device, uint32_t pt_id, uint32_t pasid)
{
	struct abi_vfio_device_attach_iommufd_pt args = {
		.argsz = sizeof(args),
		.flags = ABI_VFIO_DEVICE_ATTACH_PASID,
		.pt_id = pt_id,
		.pasid = pasid,
	};

	return call(machine, machine->devices[device], ABI_VFIO_DEVICE_ATTACH_IOMMUFD_PT, &args);
}

static inline int detach_pasid(struct machine *machine, int device, uint32_t flags, uint32_t pasid)
{
	struct abi_vfio_device_detach_iommufd_pt args = {
		.argsz = sizeof(args),
		.flags = flags,
		.pasid = pasid,
	};

	return call(machine, machine->devices[device], ABI_VFIO_DEVICE_DETACH_IOMMUFD_PT, &args);
}

static inline int detach(struct machine *machine, int device)
{
	return detach_pasid(machine, device, 0, 0);
}

#endif
