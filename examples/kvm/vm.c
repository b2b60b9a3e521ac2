// SPDX-License-Identifier: MIT
/* Makes the virtual machine: one memory slot, vCPUs, and a GICv3 with an ITS in the kernel. */
#include "vm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "report.h"

int vm_ioctl(int fd, unsigned long request, const char *name, const void *argument)
{
	int result = ioctl(fd, request, argument);

	return result < 0 ? report_error(name, errno, NULL) : result;
}

int vm_set_irq(const struct vm *vm, unsigned int spi, bool level)
{
	struct kvm_irq_level line = {
		.irq = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (GIC_FIRST_SPI + spi),
		.level = level,
	};

	return vm_ioctl(vm->fd, KVM_IRQ_LINE, "KVM_IRQ_LINE", &line);
}

int vm_send_msi(const struct vm *vm, uint32_t device_id, uint64_t address, uint32_t data)
{
	const struct kvm_msi msi = {
		.address_lo = (uint32_t)address,
		.address_hi = (uint32_t)(address >> 32),
		.data = data,
		.flags = KVM_MSI_VALID_DEVID,
		.devid = device_id,
	};

	return ioctl(vm->fd, KVM_SIGNAL_MSI, &msi) < 0 ? -errno : 0;
}

static int open_kvm(struct vm *vm)
{
	int version;

	vm->kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (vm->kvm < 0)
		return report_error(
			"/dev/kvm", errno, "the kernel needs KVM, and this user access to it");
	version = vm_ioctl(vm->kvm, KVM_GET_API_VERSION, "KVM_GET_API_VERSION", NULL);
	if (version < 0)
		return version;
	if (version != KVM_API_VERSION)
		return report_problem(
			"/dev/kvm", "this kernel has another version of the interface");
	vm->fd = vm_ioctl(vm->kvm, KVM_CREATE_VM, "KVM_CREATE_VM", NULL);
	return vm->fd < 0 ? vm->fd : 0;
}

/*
 * KVM does not describe every access: some use two registers at once, or write an address back.
 * With this capability such an access exits to the VMM all the same (KVM_EXIT_ARM_NISV); without it
 * KVM_RUN fails.
 */
static int let_any_access_leave(const struct vm *vm)
{
	const struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_NISV_TO_USER };

	if (ioctl(vm->fd, KVM_CHECK_EXTENSION, KVM_CAP_ARM_NISV_TO_USER) <= 0)
		return 0;
	return vm_ioctl(vm->fd, KVM_ENABLE_CAP, "KVM_ENABLE_CAP", &cap);
}

static int add_memory(struct vm *vm)
{
	struct kvm_userspace_memory_region slot = {
		.slot = 0,
		.guest_phys_addr = RAM_BASE,
		.memory_size = vm->memory_size,
	};
	void *memory = mmap(NULL, vm->memory_size, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED)
		return report_error(
			"the guest's memory", errno, "give the guest less with --memory");
	vm->memory = memory;
	slot.userspace_addr = (uintptr_t)memory;
	return vm_ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, "KVM_SET_USER_MEMORY_REGION", &slot);
}

/* vCPU 0 runs from the start, the others when the guest asks for them by PSCI. */
static int add_cpu(struct vm *vm, unsigned int cpu)
{
	struct kvm_vcpu_init init;
	int err = vm_ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, "KVM_ARM_PREFERRED_TARGET", &init);

	if (err)
		return err;
	vm->cpu_fds[cpu] =
		vm_ioctl(vm->fd, KVM_CREATE_VCPU, "KVM_CREATE_VCPU", (const void *)(uintptr_t)cpu);
	if (vm->cpu_fds[cpu] < 0)
		return vm->cpu_fds[cpu];
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	if (cpu)
		init.features[0] |= 1u << KVM_ARM_VCPU_POWER_OFF;
	return vm_ioctl(vm->cpu_fds[cpu], KVM_ARM_VCPU_INIT, "KVM_ARM_VCPU_INIT", &init);
}

static int create_device(const struct vm *vm, unsigned int type, const char *name)
{
	struct kvm_create_device device = { .type = type };
	int err = vm_ioctl(vm->fd, KVM_CREATE_DEVICE, name, &device);

	return err ? err : (int)device.fd;
}

static int set_attribute(int device, uint32_t group, uint64_t attribute, const void *value)
{
	struct kvm_device_attr attr = {
		.group = group,
		.attr = attribute,
		.addr = (uintptr_t)value,
	};

	return vm_ioctl(device, KVM_SET_DEVICE_ATTR, "KVM_SET_DEVICE_ATTR of the GIC", &attr);
}

static int add_gic(struct vm *vm)
{
	const uint64_t distributor = GIC_DISTRIBUTOR_BASE;
	/* The first redistributor region: how many, where, and 0 as its number. */
	const uint64_t redistributors = (uint64_t)vm->cpu_count << 52 | GIC_REDISTRIBUTORS_BASE;
	const uint32_t interrupts = GIC_INTERRUPTS;
	int err;

	vm->gic = create_device(vm, KVM_DEV_TYPE_ARM_VGIC_V3, "KVM_CREATE_DEVICE of a GICv3");
	if (vm->gic < 0)
		return vm->gic;
	err = set_attribute(
		vm->gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_DIST, &distributor);
	if (err)
		return err;
	err = set_attribute(vm->gic, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION,
		&redistributors);
	if (err)
		return err;
	err = set_attribute(vm->gic, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &interrupts);
	if (err)
		return err;
	return set_attribute(vm->gic, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

static int add_its(struct vm *vm)
{
	const uint64_t base = GIC_ITS_BASE;
	int err;

	vm->its = create_device(vm, KVM_DEV_TYPE_ARM_VGIC_ITS, "KVM_CREATE_DEVICE of an ITS");
	if (vm->its < 0)
		return vm->its;
	err = set_attribute(vm->its, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_ITS_ADDR_TYPE, &base);
	if (err)
		return err;
	return set_attribute(vm->its, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
}

int vm_create(struct vm *vm, uint64_t memory_size, unsigned int cpu_count)
{
	int err;

	*vm = (struct vm){
		.kvm = -1,
		.fd = -1,
		.gic = -1,
		.its = -1,
		.memory_size = memory_size,
		.cpu_count = cpu_count,
	};
	for (unsigned int i = 0; i < MAX_CPUS; i++)
		vm->cpu_fds[i] = -1;
	err = open_kvm(vm);
	if (err)
		goto destroy;
	err = let_any_access_leave(vm);
	if (err)
		goto destroy;
	err = add_memory(vm);
	if (err)
		goto destroy;
	for (unsigned int i = 0; i < cpu_count; i++) {
		err = add_cpu(vm, i);
		if (err)
			goto destroy;
	}
	err = add_gic(vm);
	if (err)
		goto destroy;
	err = add_its(vm);
	if (err)
		goto destroy;
	return 0;
destroy:
	vm_destroy(vm);
	return err;
}

static void close_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

void vm_destroy(struct vm *vm)
{
	close_open(vm->its);
	close_open(vm->gic);
	for (unsigned int i = 0; i < MAX_CPUS; i++)
		close_open(vm->cpu_fds[i]);
	close_open(vm->fd);
	close_open(vm->kvm);
	if (vm->memory)
		munmap(vm->memory, vm->memory_size);
}
