// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <iommuctl/model.h>

#include "transport.h"
#include "vmm.h"

static void count_call(const struct iommuctl_trace_record *record, void *data)
{
	struct vmm *vmm = data;

	vmm->calls++;
	must(record->result == -EBADF ? -EBADF : 0, record->call);
	if (vmm->fault && record->result == -vmm->fault)
		snprintf(vmm->failed_call, sizeof(vmm->failed_call), "%s", record->call);
	vmm->attaches += !strcmp(record->call, "VFIO_DEVICE_ATTACH_IOMMUFD_PT");
	vmm->detaches += !strcmp(record->call, "VFIO_DEVICE_DETACH_IOMMUFD_PT");
}

struct iommuctl *vmm_model_context(struct vmm *vmm, uint64_t nth, int error)
{
	struct iommuctl_transport *top;
	struct iommuctl *ctx;

	must(iommuctl_model_transport_new(vmm->model, &top), "transport");
	must(iommuctl_transport_ledger_new(top, &top), "ledger");
	vmm->ledger = top;
	vmm->fault = nth ? error : 0;
	if (nth)
		must(iommuctl_transport_fault_new(top, nth, error, &top), "fault injection");
	must(iommuctl_transport_trace_new(top, count_call, vmm, &top), "trace");
	vmm->script = script_new(top);
	must(iommuctl_new(&vmm->script->base, &ctx), "context");
	return ctx;
}

void vmm_open_model(struct vmm *vmm, const struct iommuctl_model_config *config)
{
	vmm_open_model_failing(vmm, config, 0, 0);
}

void vmm_open_model_failing(
	struct vmm *vmm, const struct iommuctl_model_config *config, uint64_t nth, int error)
{
	static const char *const paths[VMM_DEVICES] = {
		"/dev/vfio/devices/vfio0",
		"/dev/vfio/devices/vfio1",
	};

	memset(vmm, 0, sizeof(*vmm));
	must(iommuctl_model_new(config, &vmm->model), "model machine");
	vmm->ctx = vmm_model_context(vmm, nth, error);
	vmm_open_devices(vmm, paths, VMM_DEVICES);
}

void vmm_close_model(struct vmm *vmm)
{
	iommuctl_free(vmm->ctx);
	iommuctl_model_free(vmm->model);
	guest_ram_close(&vmm->ram);
}
