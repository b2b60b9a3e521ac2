// SPDX-License-Identifier: MIT
/*
 * A VMM in steps of one call each. A step that runs out of memory is repeated: that succeeds, and ends where the first
 * would have, if the first left nothing half-made. So a single failure by run.py changes nothing here.
 */
#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include <iommuctl/iommufd.h>
#include <iommuctl/model.h>
#include <iommuctl/nest.h>
#include <iommuctl/vfio.h>
#include <iommuctl/virtio_iommu.h>
#include <iommuctl/vsmmuv3.h>
#include <iommuctl/vsmmuv3_record.h>

#include "array.h"

#define RAM	 UINT64_C(0x40000000)
#define RAM_SIZE UINT64_C(0x100000)
#define CDS	 (RAM + 0x10000)
#define STREAMS	 (RAM + 0x20000)
#define SID	 4
#define DEVICES	 2
#define ENDPOINT 8

struct vmm {
	struct iommuctl_model *model;
	struct iommuctl_transport *top; /* the context's, once there is one */
	struct iommuctl_transport *ledger;
	struct iommuctl *ctx;
	int iommufd;
	int device[DEVICES];
	int irq;
	uint32_t dev_id[DEVICES];
	uint32_t ioas;
	void *ram;
	struct iommuctl_nest *nest;
	struct iommuctl_virtio_iommu *virtio;
	struct iommuctl_guest_range range;
	struct iommuctl_guest_memory memory;
	struct iommuctl_vsmmuv3 *smmu;
};

static int make_model(struct vmm *vmm)
{
	return iommuctl_model_new(NULL, &vmm->model);
}

static int make_transport(struct vmm *vmm)
{
	return iommuctl_model_transport_new(vmm->model, &vmm->top);
}

static int add_ledger(struct vmm *vmm)
{
	int err = iommuctl_transport_ledger_new(vmm->top, &vmm->top);

	if (!err)
		vmm->ledger = vmm->top;
	return err;
}

static int add_fault(struct vmm *vmm)
{
	return iommuctl_transport_fault_new(vmm->top, UINT64_MAX, EIO, &vmm->top);
}

static void ignore(const struct iommuctl_trace_record *record, void *data)
{
	(void)record;
	(void)data;
}

static int add_trace(struct vmm *vmm)
{
	return iommuctl_transport_trace_new(vmm->top, ignore, NULL, &vmm->top);
}

static int make_context(struct vmm *vmm)
{
	return iommuctl_new(vmm->top, &vmm->ctx);
}

static int open_iommufd(struct vmm *vmm)
{
	return iommuctl_iommufd_open(vmm->ctx, &vmm->iommufd);
}

static int open_first(struct vmm *vmm)
{
	return iommuctl_vfio_device_open(vmm->ctx, "/dev/vfio/devices/vfio0", &vmm->device[0]);
}

static int open_second(struct vmm *vmm)
{
	return iommuctl_vfio_device_open(vmm->ctx, "/dev/vfio/devices/vfio1", &vmm->device[1]);
}

static int bind_first(struct vmm *vmm)
{
	return iommuctl_vfio_bind_iommufd(
		vmm->ctx, vmm->device[0], vmm->iommufd, NULL, &vmm->dev_id[0]);
}

static int bind_second(struct vmm *vmm)
{
	return iommuctl_vfio_bind_iommufd(
		vmm->ctx, vmm->device[1], vmm->iommufd, NULL, &vmm->dev_id[1]);
}

static int read_region(struct vmm *vmm)
{
	struct iommuctl_vfio_region_info info;

	return iommuctl_vfio_region_get_info(
		vmm->ctx, vmm->device[0], IOMMUCTL_VFIO_PCI_BAR0_REGION_INDEX, &info);
}

static int enable_irq(struct vmm *vmm)
{
	return iommuctl_vfio_irqs_enable(
		vmm->ctx, vmm->device[0], IOMMUCTL_VFIO_PCI_MSI_IRQ_INDEX, 0, &vmm->irq, 1);
}

static int make_ioas(struct vmm *vmm)
{
	return iommuctl_ioas_alloc(vmm->ctx, vmm->iommufd, &vmm->ioas);
}

static int map_memory(struct vmm *vmm)
{
	uint64_t ipa = RAM;

	return iommuctl_ioas_map(vmm->ctx, vmm->iommufd,
		&(struct iommuctl_ioas_map_args){
			.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
				 IOMMUCTL_IOAS_MAP_WRITEABLE,
			.ioas_id = vmm->ioas,
			.host = vmm->ram,
			.length = RAM_SIZE },
		&ipa);
}

static int make_nest(struct vmm *vmm)
{
	const struct iommuctl_nest_config config = {
		.iommufd = vmm->iommufd,
		.ioas_id = vmm->ioas,
		.dev_id = vmm->dev_id[0],
		.bypass = true,
		.event_depth = 64,
		.fold = true,
		.fold_granule = 4096,
	};

	return iommuctl_nest_new(vmm->ctx, &config, &vmm->nest);
}

static int add_device(struct vmm *vmm)
{
	return iommuctl_nest_add_device(vmm->nest, vmm->device[0], vmm->dev_id[0], 0x42);
}

static int set_ste(struct vmm *vmm)
{
	const uint64_t words[IOMMUCTL_SMMUV3_STE_WORDS] = { 1 | 5 << 1 | CDS };

	return iommuctl_nest_set_ste(vmm->nest, 0x42, words, NULL);
}

static int make_virtio(struct vmm *vmm)
{
	const struct iommuctl_virtio_iommu_config config = {
		.iommufd = vmm->iommufd,
		.memory_ioas_id = vmm->ioas,
		.bypass_config = true,
		.bypass = true,
	};

	return iommuctl_virtio_iommu_new(vmm->ctx, &config, &vmm->virtio);
}

static int add_endpoint(struct vmm *vmm)
{
	const struct iommuctl_virtio_iommu_region region = { .start = 0x8000000,
		.last = 0x80fffff };
	const struct iommuctl_virtio_iommu_endpoint endpoint = {
		.id = ENDPOINT,
		.device = vmm->device[1],
		.regions = &region,
		.region_count = 1,
	};

	return iommuctl_virtio_iommu_add_endpoint(vmm->virtio, &endpoint);
}

static int remove_endpoint(struct vmm *vmm)
{
	return iommuctl_virtio_iommu_remove_endpoint(vmm->virtio, ENDPOINT);
}

static int remove_device(struct vmm *vmm)
{
	return iommuctl_nest_remove_device(vmm->nest, 0x42);
}

static void ignore_line(const char *line, size_t length, void *data)
{
	(void)line;
	(void)length;
	(void)data;
}

static int make_smmu(struct vmm *vmm)
{
	static const struct iommuctl_vsmmuv3_ops no_ops;
	const struct iommuctl_vsmmuv3_recorder recorder = { .line = ignore_line };
	struct iommuctl_vsmmuv3_identity identity = { .aidr = 0 };
	struct iommuctl_hw_info_arm_smmuv3 data;
	struct iommuctl_hw_info info;
	const struct iommuctl_vsmmuv3_config config = {
		.iommufd = vmm->iommufd,
		.ioas_id = vmm->ioas,
		.dev_id = vmm->dev_id[0],
		.memory = &vmm->memory,
		.identity = &identity,
		.ops = &no_ops,
		.recorder = &recorder,
	};
	int err = iommuctl_device_get_hw_info(
		vmm->ctx, vmm->iommufd, vmm->dev_id[0], &data, sizeof(data), &info);

	if (err)
		return err;
	memcpy(identity.idr, data.idr, sizeof(identity.idr));
	vmm->range = (struct iommuctl_guest_range){ RAM, RAM_SIZE, vmm->ram };
	vmm->memory = (struct iommuctl_guest_memory){ .ranges = &vmm->range, .range_count = 1 };
	return iommuctl_vsmmuv3_new(vmm->ctx, &config, &vmm->smmu);
}

static int add_function(struct vmm *vmm)
{
	return iommuctl_vsmmuv3_add_device(vmm->smmu, vmm->device[0], vmm->dev_id[0], SID);
}

/* STRTAB_BASE, STRTAB_BASE_CFG and CR0.SMMUEN; the STE has a stage 1. */
static int enable_smmu(struct vmm *vmm)
{
	uint64_t *ste =
		(uint64_t *)vmm->ram + (STREAMS - RAM) / 8 + SID * IOMMUCTL_SMMUV3_STE_WORDS;

	*ste = htole64(1 | 5 << 1 | CDS);
	if (iommuctl_vsmmuv3_read(vmm->smmu, 0x20, 4))
		return iommuctl_vsmmuv3_process(vmm->smmu);
	iommuctl_vsmmuv3_write(vmm->smmu, 0x80, 8, STREAMS);
	iommuctl_vsmmuv3_write(vmm->smmu, 0x88, 4, 3);
	return iommuctl_vsmmuv3_write(vmm->smmu, 0x20, 4, 1);
}

static int reset_smmu(struct vmm *vmm)
{
	return iommuctl_vsmmuv3_reset(vmm->smmu);
}

static int remove_function(struct vmm *vmm)
{
	return iommuctl_vsmmuv3_remove_device(vmm->smmu, SID);
}

static const struct step {
	const char *name;
	int (*take)(struct vmm *vmm);
} steps[] = {
	{ "machine", make_model },
	{ "transport", make_transport },
	{ "ledger", add_ledger },
	{ "fault injection", add_fault },
	{ "trace", add_trace },
	{ "context", make_context },
	{ "iommufd", open_iommufd },
	{ "first device", open_first },
	{ "second device", open_second },
	{ "first device bound", bind_first },
	{ "second device bound", bind_second },
	{ "region", read_region },
	{ "IOAS", make_ioas },
	{ "memory", map_memory },
	{ "nest", make_nest },
	{ "device of the nest", add_device },
	{ "interrupt", enable_irq },
	{ "STE", set_ste },
	{ "virtio-iommu", make_virtio },
	{ "endpoint", add_endpoint },
	{ "endpoint removed", remove_endpoint },
	{ "device removed", remove_device },
	{ "guest's SMMU", make_smmu },
	{ "function behind it", add_function },
	{ "SMMU enabled", enable_smmu },
	{ "SMMU reset", reset_smmu },
	{ "function removed", remove_function },
};

/* A failure in a context has a record, and the record is of this failure. */
static bool is_recorded(const struct vmm *vmm, int err)
{
	const struct iommuctl_error *error = vmm->ctx ? iommuctl_last_error(vmm->ctx) : NULL;

	return !vmm->ctx || (error && error->code == -err);
}

static int take(struct vmm *vmm, const struct step *step)
{
	int err = step->take(vmm);

	if (err == -ENOMEM && is_recorded(vmm, err))
		err = step->take(vmm);
	printf("%s: %s\n", step->name, err ? strerror(-err) : "made");
	return err;
}

/* What is left of files, objects, attachments and mappings when all is taken down. */
static size_t stop(struct vmm *vmm)
{
	size_t left = 0;

	iommuctl_vsmmuv3_free(vmm->smmu);
	iommuctl_virtio_iommu_free(vmm->virtio);
	iommuctl_nest_free(vmm->nest);
	if (vmm->ctx && vmm->ioas) {
		iommuctl_ioas_unmap(vmm->ctx, vmm->iommufd, vmm->ioas, 0, UINT64_MAX, NULL);
		iommuctl_destroy(vmm->ctx, vmm->iommufd, vmm->ioas);
	}
	for (size_t i = 0; i < DEVICES; i++) {
		if (vmm->device[i] >= 0)
			iommuctl_close(vmm->ctx, vmm->device[i]);
	}
	if (vmm->iommufd >= 0)
		iommuctl_close(vmm->ctx, vmm->iommufd);
	if (vmm->ledger)
		iommuctl_transport_ledger_get_entries(vmm->ledger, &left);
	if (vmm->ctx)
		iommuctl_free(vmm->ctx);
	else
		iommuctl_transport_free(vmm->top);
	iommuctl_model_free(vmm->model);
	return left;
}

int main(void)
{
	struct vmm vmm = { .iommufd = -1, .device = { -1, -1 }, .irq = eventfd(0, EFD_CLOEXEC) };
	size_t left;
	int err = 0;

	vmm.ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (vmm.ram == MAP_FAILED || vmm.irq < 0)
		return 2;
	for (size_t i = 0; !err && i < ARRAY_SIZE(steps); i++)
		err = take(&vmm, &steps[i]);
	left = stop(&vmm);
	printf("%zu left behind\n", left);
	munmap(vmm.ram, RAM_SIZE);
	close(vmm.irq);
	if (fclose(stdout))
		return 2;
	return err ? 1 : 0;
}
