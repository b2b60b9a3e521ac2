// SPDX-License-Identifier: MIT
/*
 * The vCPUs. The kernel handles PSCI: the VMM only learns that the guest powers off or resets. An
 * access that neither memory nor the kernel's devices answer goes through the table of regions.
 */
#include "vcpu.h"

#include <errno.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "report.h"

#define KICK SIGUSR1

struct vcpus;

struct vcpu {
	struct vcpus *all;
	unsigned int number;
	int fd;
	struct kvm_run *run;
	pthread_t thread;
};

struct vcpus {
	const struct region_table *regions;
	size_t run_size;
	unsigned int count;
	pthread_mutex_t
		lock; /* a thread takes it before it runs the guest, and before it returns */
	_Atomic enum vcpu_end end;
	struct vcpu vcpu[MAX_CPUS];
};

static int set_register(const struct vcpu *vcpu, uint64_t id, uint64_t value)
{
	struct kvm_one_reg reg = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE | id,
		.addr = (uintptr_t)&value,
	};

	return vm_ioctl(vcpu->fd, KVM_SET_ONE_REG, "KVM_SET_ONE_REG", &reg);
}

static void kick_all(struct vcpus *all)
{
	for (unsigned int i = 0; i < all->count; i++) {
		__atomic_store_n(&all->vcpu[i].run->immediate_exit, 1, __ATOMIC_SEQ_CST);
		pthread_kill(all->vcpu[i].thread, KICK);
	}
}

/*
 * The last thing that each thread does. The first reason to end counts; it makes each vCPU leave
 * the guest. None of them can have been joined yet, as each takes the lock before it returns.
 */
static void leave(struct vcpus *all, enum vcpu_end end)
{
	pthread_mutex_lock(&all->lock);
	if (end != VCPU_RUNNING && atomic_load(&all->end) == VCPU_RUNNING) {
		atomic_store(&all->end, end);
		kick_all(all);
	}
	pthread_mutex_unlock(&all->lock);
}

/* The instruction becomes an external abort in the guest. */
static enum vcpu_end abort_access(const struct vcpu *vcpu)
{
	const struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };
	int err = vm_ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, "KVM_SET_VCPU_EVENTS", &events);

	return err ? VCPU_FAILED : VCPU_RUNNING;
}

static enum vcpu_end mmio(struct vcpu *vcpu)
{
	const struct region_access access = {
		.address = vcpu->run->mmio.phys_addr,
		.size = vcpu->run->mmio.len,
		.is_write = vcpu->run->mmio.is_write,
		.data = vcpu->run->mmio.data,
	};

	if (region_access(vcpu->all->regions, &access))
		return VCPU_RUNNING;
	return abort_access(vcpu);
}

static enum vcpu_end system_event(const struct vcpu *vcpu)
{
	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN: return VCPU_POWER_OFF;
	case KVM_SYSTEM_EVENT_RESET: return VCPU_RESET;
	default:
		report_problem(
			"a vCPU", "the guest ended with an event that this VMM does not know");
		return VCPU_FAILED;
	}
}

static enum vcpu_end run_once(struct vcpu *vcpu)
{
	if (ioctl(vcpu->fd, KVM_RUN, NULL) < 0) {
		if (errno == EINTR || errno == EAGAIN)
			return VCPU_RUNNING;
		report_error("KVM_RUN", errno, NULL);
		return VCPU_FAILED;
	}
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_MMIO: return mmio(vcpu);
	case KVM_EXIT_ARM_NISV: return abort_access(vcpu);
	case KVM_EXIT_SYSTEM_EVENT: return system_event(vcpu);
	default:
		fprintf(stderr, "kvm-vmm: vCPU %u: KVM ended it for reason %u\n", vcpu->number,
			vcpu->run->exit_reason);
		return VCPU_FAILED;
	}
}

static void *vcpu_thread(void *argument)
{
	struct vcpu *vcpu = argument;
	enum vcpu_end end = VCPU_RUNNING;

	pthread_mutex_lock(&vcpu->all->lock);
	pthread_mutex_unlock(&vcpu->all->lock);
	while (end == VCPU_RUNNING && atomic_load(&vcpu->all->end) == VCPU_RUNNING)
		end = run_once(vcpu);
	leave(vcpu->all, end);
	return NULL;
}

static void unmap_all(struct vcpus *all)
{
	for (unsigned int i = 0; i < all->count; i++)
		munmap(all->vcpu[i].run, all->run_size);
}

static int map_all(struct vcpus *all, const struct vm *vm)
{
	int size = vm_ioctl(vm->kvm, KVM_GET_VCPU_MMAP_SIZE, "KVM_GET_VCPU_MMAP_SIZE", NULL);

	if (size < 0)
		return size;
	all->run_size = (size_t)size;
	while (all->count < vm->cpu_count) {
		struct vcpu *vcpu = &all->vcpu[all->count];

		*vcpu = (struct vcpu){
			.all = all,
			.number = all->count,
			.fd = vm->cpu_fds[all->count],
		};
		vcpu->run =
			mmap(NULL, all->run_size, PROT_READ | PROT_WRITE, MAP_SHARED, vcpu->fd, 0);
		if (vcpu->run == MAP_FAILED) {
			int err = report_error("mmap of a vCPU", errno, NULL);

			unmap_all(all);
			return err;
		}
		all->count++;
	}
	return 0;
}

/* No vCPU runs before all threads exist. */
static int run_all(struct vcpus *all)
{
	unsigned int started = 0;
	int err = 0;

	pthread_mutex_lock(&all->lock);
	for (; started < all->count; started++) {
		struct vcpu *vcpu = &all->vcpu[started];
		int error = pthread_create(&vcpu->thread, NULL, vcpu_thread, vcpu);

		if (error) {
			err = report_error("the thread of a vCPU", error, NULL);
			atomic_store(&all->end, VCPU_FAILED);
			break;
		}
	}
	pthread_mutex_unlock(&all->lock);
	while (started)
		pthread_join(all->vcpu[--started].thread, NULL);
	return err;
}

/* The signal only has to interrupt KVM_RUN. */
static void interrupted(int signal)
{
	(void)signal;
}

enum vcpu_end vcpu_run_all(
	const struct vm *vm, const struct region_table *regions, uint64_t entry, uint64_t fdt)
{
	struct vcpus all = { .regions = regions, .lock = PTHREAD_MUTEX_INITIALIZER };
	const struct sigaction action = { .sa_handler = interrupted };
	enum vcpu_end end = VCPU_FAILED;

	if (map_all(&all, vm))
		return VCPU_FAILED;
	sigaction(KICK, &action, NULL);
	if (set_register(&all.vcpu[0], KVM_REG_ARM_CORE_REG(regs.pc), entry))
		goto unmap;
	if (set_register(&all.vcpu[0], KVM_REG_ARM_CORE_REG(regs.regs[0]), fdt))
		goto unmap;
	if (!run_all(&all))
		end = atomic_load(&all.end);
unmap:
	unmap_all(&all);
	return end;
}
