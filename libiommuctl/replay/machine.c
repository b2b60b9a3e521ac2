// SPDX-License-Identifier: MIT
#include "replay/machine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/vfio.h>

#include "array.h"

#define IDR1_SSIDSIZE_SHIFT 6
#define IDR1_SSIDSIZE_MASK  31u
#define IDR3_RIL	    (1u << 10)
#define OAS_BITS	    48 /* the guest's tables are not walked */
#define FUNCTIONS	    8u /* of a PCI device */

/* At least what the guest was shown; each device is alone in its group. */
static int make_model(
	struct replay_machine *machine, const struct iommuctl_vsmmuv3_identity *identity)
{
	struct iommuctl_model_config *config = calloc(1, sizeof(*config));
	int err;

	if (!config)
		return -ENOMEM;
	config->smmu_count = 1;
	config->smmus[0] = (struct iommuctl_model_smmu){
		.no_ril = !(identity->idr[3] & IDR3_RIL),
		.oas_bits = OAS_BITS,
		.ssid_bits = identity->idr[1] >> IDR1_SSIDSIZE_SHIFT & IDR1_SSIDSIZE_MASK,
	};
	config->device_count = ARRAY_SIZE(machine->devices);
	for (unsigned int i = 0; i < ARRAY_SIZE(machine->devices); i++)
		snprintf(config->devices[i].pci, sizeof(config->devices[i].pci), "0000:01:%02x.%x",
			i / FUNCTIONS, i % FUNCTIONS);
	err = iommuctl_model_new(config, &machine->model);
	free(config);
	return err;
}

static int make_context(struct replay_machine *machine)
{
	struct iommuctl_transport *transport;
	int err = iommuctl_model_transport_new(machine->model, &transport);

	if (err)
		return err;
	err = iommuctl_new(transport, &machine->ctx);
	if (err)
		iommuctl_transport_free(transport);
	return err;
}

static int open_device(struct replay_machine *machine, unsigned int number)
{
	struct replay_device *device = &machine->devices[number];
	char path[64];
	int err;

	if (device->is_open)
		return 0;
	snprintf(path, sizeof(path), "/dev/vfio/devices/vfio%u", number);
	err = iommuctl_vfio_device_open(machine->ctx, path, &device->fd);
	if (err)
		return err;
	err = iommuctl_vfio_bind_iommufd(
		machine->ctx, device->fd, machine->iommufd, NULL, &device->dev_id);
	if (err)
		iommuctl_close(machine->ctx, device->fd);
	device->is_open = !err;
	return err;
}

int replay_machine_open(
	struct replay_machine *machine, const struct iommuctl_vsmmuv3_identity *identity)
{
	int err = make_model(machine, identity);

	if (err)
		return err;
	err = make_context(machine);
	if (err)
		return err;
	err = iommuctl_iommufd_open(machine->ctx, &machine->iommufd);
	if (err)
		return err;
	err = iommuctl_ioas_alloc(machine->ctx, machine->iommufd, &machine->ioas_id);
	if (err)
		return err;
	return open_device(machine, 0);
}

/* The model closes what is open. */
void replay_machine_close(struct replay_machine *machine)
{
	iommuctl_free(machine->ctx);
	iommuctl_model_free(machine->model);
}

int replay_machine_add(
	struct replay_machine *machine, struct iommuctl_vsmmuv3 *smmu, uint32_t sid, bool *full)
{
	unsigned int number = 0;
	int err;

	while (number < ARRAY_SIZE(machine->devices) && machine->devices[number].is_added)
		number++;
	*full = number == ARRAY_SIZE(machine->devices);
	if (*full)
		return -E2BIG;
	err = open_device(machine, number);
	if (err)
		return err;
	err = iommuctl_vsmmuv3_add_device(
		smmu, machine->devices[number].fd, machine->devices[number].dev_id, sid);
	if (err)
		return err;
	machine->devices[number].is_added = true;
	machine->devices[number].sid = sid;
	return 0;
}

int replay_machine_remove(
	struct replay_machine *machine, struct iommuctl_vsmmuv3 *smmu, uint32_t sid)
{
	const int err = iommuctl_vsmmuv3_remove_device(smmu, sid);

	for (size_t i = 0; !err && i < ARRAY_SIZE(machine->devices); i++)
		if (machine->devices[i].is_added && machine->devices[i].sid == sid)
			machine->devices[i].is_added = false;
	return err;
}
