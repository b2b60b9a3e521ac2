// SPDX-License-Identifier: MIT
/* A life of the guest, and functions that come and go during it. */
#include <errno.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <unistd.h>

#include "bar_window.h"
#include "passthrough.h"
#include "report.h"

/* KVM_DEV_VFIO_FILE and its attributes: headers before Linux 6.6 call them groups. */
#define VFIO_FILE     KVM_DEV_VFIO_GROUP
#define VFIO_FILE_ADD KVM_DEV_VFIO_GROUP_ADD
#define VFIO_FILE_DEL KVM_DEV_VFIO_GROUP_DEL

static struct interrupt_ends ends_of(
	struct passthrough *passthrough, const struct function *function)
{
	return (struct interrupt_ends){
		.name = function->address,
		.ctx = passthrough->ctx,
		.device = function->device,
		.routes = &passthrough->routes,
		.first_gsi = IRQ_ROUTES_SPIS + function->number * MAX_VECTORS,
		.its_device = function->requester_id,
	};
}

static int map_memory(const struct passthrough *passthrough)
{
	const struct iommuctl_ioas_map_args args = {
		.flags = IOMMUCTL_IOAS_MAP_FIXED_IOVA | IOMMUCTL_IOAS_MAP_READABLE |
			 IOMMUCTL_IOAS_MAP_WRITEABLE,
		.ioas_id = passthrough->ioas_id,
		.host = passthrough->vm->memory,
		.length = passthrough->vm->memory_size,
	};
	uint64_t iova = RAM_BASE;
	int err = iommuctl_ioas_map(passthrough->ctx, passthrough->iommufd, &args, &iova);

	return err ? report_library(passthrough->ctx, "the guest's memory", -err) : 0;
}

static void unmap_memory(const struct passthrough *passthrough)
{
	int err = iommuctl_ioas_unmap(passthrough->ctx, passthrough->iommufd, passthrough->ioas_id,
		RAM_BASE, passthrough->vm->memory_size, NULL);

	if (err)
		report_library(passthrough->ctx, "the guest's memory", -err);
}

/* KVM gets the device's file, as a device's driver may want to know its guest. */
static int tell_kvm(
	const struct passthrough *passthrough, const struct function *function, uint64_t what)
{
	const int32_t fd = function->device;
	const struct kvm_device_attr attr = {
		.group = VFIO_FILE,
		.attr = what,
		.addr = (uintptr_t)&fd,
	};

	return vm_ioctl(
		passthrough->kvm_vfio, KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR of VFIO", &attr);
}

static int make_kvm_vfio(struct passthrough *passthrough)
{
	struct kvm_create_device device = { .type = KVM_DEV_TYPE_VFIO };
	int err = vm_ioctl(
		passthrough->vm->fd, KVM_CREATE_DEVICE, "KVM_CREATE_DEVICE of VFIO", &device);

	if (err)
		return err;
	passthrough->kvm_vfio = (int)device.fd;
	return 0;
}

/* Prepares a function for this life: KVM knows it, and it is as after power-on. */
static int begin_one(const struct passthrough *passthrough, struct function *function)
{
	int err = function_reset(function);

	return err ? err : tell_kvm(passthrough, function, VFIO_FILE_ADD);
}

/* A function without a reset keeps what the previous guest left in it. One warning is enough. */
static void report_no_reset(const struct passthrough *passthrough)
{
	for (size_t i = 0; i < passthrough->count; i++) {
		const struct function *function = &passthrough->functions[i];

		if (function->present && !function->can_reset)
			report_problem(function->address,
				"it has no reset: the guest finds it as it left it");
	}
}

static int begin_locked(struct passthrough *passthrough, const struct vm *vm)
{
	int err;

	if (passthrough->lives++ == 1)
		report_no_reset(passthrough);
	passthrough->vm = vm;
	err = irq_routes_init(&passthrough->routes, vm);
	if (err)
		return err;
	err = make_kvm_vfio(passthrough);
	if (err)
		return err;
	for (size_t i = 0; i < passthrough->count; i++) {
		if (!passthrough->functions[i].present)
			continue;
		err = begin_one(passthrough, &passthrough->functions[i]);
		if (err)
			return err;
	}
	err = map_memory(passthrough);
	passthrough->has_memory = !err;
	return err;
}

int passthrough_begin(struct passthrough *passthrough, const struct vm *vm)
{
	int err;

	if (!passthrough->ctx)
		return 0;
	pthread_mutex_lock(&passthrough->lock);
	err = begin_locked(passthrough, vm);
	pthread_mutex_unlock(&passthrough->lock);
	return err;
}

void passthrough_end(struct passthrough *passthrough)
{
	pthread_mutex_lock(&passthrough->lock);
	if (passthrough->has_memory)
		unmap_memory(passthrough);
	passthrough->has_memory = false;
	/* KVM forgets its VFIO files with it. */
	if (passthrough->kvm_vfio >= 0)
		close(passthrough->kvm_vfio);
	passthrough->kvm_vfio = -1;
	irq_routes_free(&passthrough->routes);
	passthrough->vm = NULL;
	pthread_mutex_unlock(&passthrough->lock);
}

static int attach_plainly(void *data, const struct function *function)
{
	const struct passthrough *passthrough = data;
	int err = iommuctl_vfio_attach(
		passthrough->ctx, function->device, passthrough->ioas_id, NULL);

	return err ? report_library(passthrough->ctx, function->address, -err) : 0;
}

static void detach_plainly(void *data, const struct function *function)
{
	const struct passthrough *passthrough = data;
	int err = iommuctl_vfio_detach(passthrough->ctx, function->device);

	if (err)
		report_library(passthrough->ctx, function->address, -err);
}

static int attach_one(struct passthrough *passthrough, struct function *function)
{
	int err = passthrough->iommu.attach(passthrough->iommu.data, function);

	function->attached = !err;
	return err;
}

/* It stops answering, interrupting and doing DMA, in this order. */
static void detach_one(struct passthrough *passthrough, struct function *function)
{
	const struct interrupt_ends ends = ends_of(passthrough, function);

	function->attached = false;
	bar_window_update(passthrough->functions, passthrough->count, passthrough->vm);
	interrupts_stop(&function->interrupts, &ends);
	function_set_master(function, false);
	passthrough->iommu.detach(passthrough->iommu.data, function);
}

int passthrough_attach(struct passthrough *passthrough, const struct function_iommu *iommu)
{
	const struct function_iommu plain = { passthrough, attach_plainly, detach_plainly };
	int err = 0;

	pthread_mutex_lock(&passthrough->lock);
	passthrough->iommu = iommu ? *iommu : plain;
	passthrough->attaches = true;
	for (size_t i = 0; !err && i < passthrough->count; i++) {
		if (passthrough->functions[i].present)
			err = attach_one(passthrough, &passthrough->functions[i]);
	}
	pthread_mutex_unlock(&passthrough->lock);
	return err;
}

void passthrough_detach(struct passthrough *passthrough)
{
	pthread_mutex_lock(&passthrough->lock);
	passthrough->attaches = false;
	for (size_t i = passthrough->count; i > 0; i--) {
		if (passthrough->functions[i - 1].attached)
			detach_one(passthrough, &passthrough->functions[i - 1]);
	}
	pthread_mutex_unlock(&passthrough->lock);
}

static int find_for(struct passthrough *passthrough, const char *address, bool present,
	struct function **function)
{
	*function = passthrough_find_address(passthrough, address);
	if (!*function)
		return report_problem(address, "no --device has this address");
	if ((*function)->present != present)
		return report_problem(address, present ? "is removed already" : "is there already");
	return 0;
}

static void remove_one(struct passthrough *passthrough, struct function *function)
{
	if (function->attached)
		detach_one(passthrough, function);
	if (passthrough->kvm_vfio >= 0)
		tell_kvm(passthrough, function, VFIO_FILE_DEL);
	function_close(function);
}

int passthrough_remove(struct passthrough *passthrough, const char *address)
{
	struct function *function;
	int err;

	pthread_mutex_lock(&passthrough->lock);
	err = find_for(passthrough, address, true, &function);
	if (!err)
		remove_one(passthrough, function);
	pthread_mutex_unlock(&passthrough->lock);
	return err;
}

void passthrough_give_back(struct passthrough *passthrough, unsigned int number)
{
	struct function *function = &passthrough->functions[number];

	pthread_mutex_lock(&passthrough->lock);
	/* It may have been removed meanwhile, and even added again. */
	if (function->present && function_is_wanted(function)) {
		remove_one(passthrough, function);
		report_problem(function->address, "the host wants it back: removed");
	}
	pthread_mutex_unlock(&passthrough->lock);
}

/* Gives an open function its place in this life, if there is one. */
static int join(struct passthrough *passthrough, struct function *function)
{
	int err;

	if (passthrough->kvm_vfio < 0)
		return 0;
	err = begin_one(passthrough, function);
	if (err || !passthrough->attaches)
		return err;
	err = attach_one(passthrough, function);
	if (err)
		tell_kvm(passthrough, function, VFIO_FILE_DEL);
	return err;
}

static int add_locked(struct passthrough *passthrough, const char *address)
{
	struct function *function;
	int err = find_for(passthrough, address, false, &function);

	if (err)
		return err;
	err = function_open(
		function, passthrough->ctx, passthrough->iommufd, passthrough->requests);
	if (err)
		return err;
	err = join(passthrough, function);
	if (err)
		function_close(function);
	return err;
}

int passthrough_add(struct passthrough *passthrough, const char *address)
{
	int err;

	pthread_mutex_lock(&passthrough->lock);
	err = add_locked(passthrough, address);
	pthread_mutex_unlock(&passthrough->lock);
	return err;
}

void passthrough_update(struct passthrough *passthrough, struct function *function)
{
	const struct interrupt_ends ends = ends_of(passthrough, function);
	const uint32_t command = config_space_get(&function->space, PCI_REGISTER_COMMAND, 2);

	bar_window_update(passthrough->functions, passthrough->count, passthrough->vm);
	function_set_master(function, command & PCI_COMMAND_MASTER);
	interrupts_update(&function->interrupts, &ends, &function->msi, &function->space);
}

/* After the reset the registers have interrupts and BARs off. */
void passthrough_reset(struct passthrough *passthrough, struct function *function)
{
	const struct interrupt_ends ends = ends_of(passthrough, function);

	interrupts_stop(&function->interrupts, &ends);
	function_reset(function);
	passthrough_update(passthrough, function);
}
