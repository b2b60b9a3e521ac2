// SPDX-License-Identifier: MIT
#include "vmm.h"

#include <endian.h>
#include <stdio.h>

#define PCI_COMMAND	   4
#define PCI_COMMAND_MEMORY 2
#define PCI_COMMAND_MASTER 4

void must_in(struct iommuctl *ctx, int err, const char *what)
{
	const struct iommuctl_error *error = iommuctl_last_error(ctx);
	char text[1024];

	if (err && error) {
		iommuctl_error_format(error, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
	must(err, what);
}

static int let_it_master(const struct vmm *vmm, int device)
{
	const uint16_t command = htole16(PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	struct iommuctl_vfio_region_info config;
	int err = iommuctl_vfio_region_get_info(
		vmm->ctx, device, IOMMUCTL_VFIO_PCI_CONFIG_REGION_INDEX, &config);

	return err ? err
		   : iommuctl_vfio_region_write(vmm->ctx, device, &config, PCI_COMMAND, &command,
			     sizeof(command));
}

int vmm_bind(struct vmm *vmm, unsigned int index, int fd)
{
	int err = iommuctl_vfio_bind_iommufd(
		vmm->ctx, fd, vmm->iommufd, NULL, &vmm->dev_ids[index]);

	vmm->devices[index] = fd;
	return err ? err : let_it_master(vmm, fd);
}

void vmm_open_devices(struct vmm *vmm, const char *const *paths, unsigned int count)
{
	must_in(vmm->ctx, iommuctl_iommufd_open(vmm->ctx, &vmm->iommufd), "iommufd");
	for (unsigned int i = 0; i < count; i++) {
		int fd, err = iommuctl_vfio_device_open(vmm->ctx, paths[i], &fd);

		must_in(vmm->ctx, err ? err : vmm_bind(vmm, i, fd), paths[i]);
	}
}

void vmm_make_ram(struct vmm *vmm, uint64_t ipa, uint64_t size)
{
	int err = iommuctl_ioas_alloc(vmm->ctx, vmm->iommufd, &vmm->ioas);

	guest_ram_open(&vmm->ram, ipa, size);
	if (!err)
		err = iommuctl_ioas_map(vmm->ctx, vmm->iommufd,
			&(struct iommuctl_ioas_map_args){
				.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
					IOMMUCTL_IOAS_MAP_WRITEABLE,
				.ioas_id = vmm->ioas,
				.host = vmm->ram.range.host,
				.length = size,
			},
			&ipa);
	must_in(vmm->ctx, err, "IOAS with the guest's memory");
}
