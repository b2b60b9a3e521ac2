// SPDX-License-Identifier: MIT
/*
 * An SMMU that the guest sees. libiommuctl provides registers, queues and the nest; the VMM
 * provides identity, guest memory and interrupts.
 */
#include "smmu.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <iommuctl/hw_info.h>

#include "array.h"
#include "report.h"
#include "smmu_record.h"

/* The register that announces commands (Arm IHI 0070, 6.3.27). */
#define CMDQ_PROD	 0x98
#define FIRST_ITS_DEVICE 0xff00u

uint64_t smmu_base(unsigned int number)
{
	return SMMU_BASE + number * SMMU_SIZE;
}

unsigned int smmu_spi(unsigned int number, enum iommuctl_vsmmuv3_interrupt interrupt)
{
	return SMMU_FIRST_SPI + number * SMMU_SPIS + (unsigned int)interrupt;
}

uint32_t smmu_its_device(unsigned int number)
{
	return FIRST_ITS_DEVICE + number;
}

/* An MSI to any address other than the ITS's is dropped. */
static void signal_msi(uint64_t address, uint32_t msi_data, void *data)
{
	const struct smmu *smmu = data;
	const struct kvm_msi msi = {
		.address_lo = (uint32_t)address,
		.address_hi = (uint32_t)(address >> 32),
		.data = msi_data,
		.flags = KVM_MSI_VALID_DEVID,
		.devid = smmu_its_device(smmu->number),
	};

	if (smmu->vm)
		ioctl(smmu->vm->fd, KVM_SIGNAL_MSI, &msi);
}

/* The barrier reaches the CPUs that guests run on like all others. */
static void send_event(void *data)
{
	(void)data;
	__asm__ volatile("sev" ::: "memory");
}

static void print_mismatch(const char *sentence, void *data)
{
	const struct smmu *smmu = data;

	fprintf(stderr, "kvm-vmm: smmu %u: %s\n", smmu->number, sentence);
}

static int identify(struct smmu *smmu, const struct smmu_options *options,
	const struct smmu_host *host, struct iommuctl_vsmmuv3_identity *identity)
{
	struct iommuctl_hw_info_arm_smmuv3 data;
	struct iommuctl_hw_info info;
	struct iommuctl_vsmmuv3_identity hardware;
	struct iommuctl_smmuv3_refusal refusal;
	struct iommuctl_vsmmuv3_wishes wishes = options->wishes;
	int err = iommuctl_device_get_hw_info(
		host->ctx, host->iommufd, host->dev_id, &data, sizeof(data), &info);

	if (err)
		return report_library(host->ctx, "IOMMU_GET_HW_INFO", -err);
	if (info.type != IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3)
		return report_problem("--iommu smmuv3", "the devices are not behind an SMMUv3");
	memcpy(hardware.idr, data.idr, sizeof(hardware.idr));
	hardware.iidr = data.iidr;
	hardware.aidr = data.aidr;
	/* The functions' ATS capability is hidden from the guest: capability_list.c. */
	wishes.no_ats = true;
	if (iommuctl_vsmmuv3_identity_derive(&hardware, &wishes, identity, &refusal)) {
		fprintf(stderr, "kvm-vmm: --smmu: %s: %s\n", refusal.field, refusal.reason);
		return -EINVAL;
	}
	if (iommuctl_vsmmuv3_identity_compare(&hardware, identity, print_mismatch, smmu))
		return report_problem("--smmu", "the physical SMMU has less than that");
	return 0;
}

static int make_eventfds(struct smmu *smmu)
{
	for (size_t i = 0; i < ARRAY_SIZE(smmu->irq_fds); i++)
		smmu->irq_fds[i] = -1;
	for (size_t i = 0; i < ARRAY_SIZE(smmu->irq_fds); i++) {
		smmu->irq_fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (smmu->irq_fds[i] < 0)
			return report_error("eventfd", errno, NULL);
	}
	return 0;
}

int smmu_create(struct smmu *smmu, unsigned int number, const struct smmu_options *options,
	const struct smmu_host *host, int left_over)
{
	static const struct iommuctl_vsmmuv3_ops ops = { .msi = signal_msi,
		.send_event = send_event };
	struct iommuctl_vsmmuv3_identity identity;
	const uint32_t granule = options->no_fold ? 0 : smmu_only_granule(options);
	struct iommuctl_vsmmuv3_recorder recorder = { .line = smmu_record_line };
	const struct iommuctl_vsmmuv3_config config = {
		.iommufd = host->iommufd,
		.ioas_id = host->ioas_id,
		.dev_id = host->dev_id,
		.memory = &smmu->memory,
		.identity = &identity,
		.ops = &ops,
		.data = smmu,
		.irq_fds = smmu->irq_fds,
		.batch = options->batch,
		.fold = granule,
		.fold_granule = granule,
		.recorder = options->record ? &recorder : NULL,
	};
	int err;

	*smmu = (struct smmu){
		.ctx = host->ctx,
		.number = number,
		.left_over = left_over,
		.has_msis = options->has_msis,
		.measures = options->measures,
	};
	err = make_eventfds(smmu);
	if (err)
		goto destroy;
	err = smmu_record_open(options->record, number, &smmu->record);
	if (err)
		goto destroy;
	recorder.data = smmu->record;
	err = identify(smmu, options, host, &identity);
	if (err)
		goto destroy;
	err = iommuctl_vsmmuv3_new(host->ctx, &config, &smmu->vsmmu);
	if (err) {
		report_library(host->ctx, "the guest's SMMU", -err);
		goto destroy;
	}
	return 0;
destroy:
	smmu_destroy(smmu);
	return err;
}

void smmu_tap(struct smmu *smmu, struct iommuctl_event_tap *tap)
{
	snprintf(smmu->queue, sizeof(smmu->queue), "smmu%u", smmu->number);
	iommuctl_vsmmuv3_tap_events(smmu->vsmmu, tap, smmu->queue);
}

void smmu_destroy(struct smmu *smmu)
{
	iommuctl_vsmmuv3_free(smmu->vsmmu);
	smmu_record_close(smmu->record);
	for (size_t i = 0; i < ARRAY_SIZE(smmu->irq_fds); i++)
		if (smmu->irq_fds[i] >= 0)
			close(smmu->irq_fds[i]);
}

int smmu_connect(struct smmu *smmu, const struct vm *vm)
{
	smmu->vm = vm;
	smmu->ram = (struct iommuctl_guest_range){ RAM_BASE, vm->memory_size, vm->memory };
	smmu->memory = (struct iommuctl_guest_memory){ &smmu->ram, 1 };
	for (unsigned int i = 0; i < IOMMUCTL_VSMMUV3_INTERRUPTS; i++) {
		const struct kvm_irqfd irqfd = {
			.fd = (uint32_t)smmu->irq_fds[i],
			.gsi = smmu_spi(smmu->number, (enum iommuctl_vsmmuv3_interrupt)i),
		};
		int err = vm_ioctl(vm->fd, KVM_IRQFD, "KVM_IRQFD of an SMMU", &irqfd);

		if (err)
			return err;
	}
	return 0;
}

int smmu_reset(struct smmu *smmu)
{
	int err = iommuctl_vsmmuv3_reset(smmu->vsmmu);

	while (err == -EAGAIN)
		err = iommuctl_vsmmuv3_process(smmu->vsmmu);
	smmu->vm = NULL;
	smmu->memory = (struct iommuctl_guest_memory){ 0 };
	return err ? report_library(smmu->ctx, "the reset of the guest's SMMU", -err) : 0;
}

int smmu_attach(struct smmu *smmu, const struct function *function)
{
	int err = iommuctl_vsmmuv3_add_device(
		smmu->vsmmu, function->device, function->dev_id, function->requester_id);

	return err ? report_library(smmu->ctx, function->address, -err) : 0;
}

void smmu_detach(struct smmu *smmu, const struct function *function)
{
	int err = iommuctl_vsmmuv3_remove_device(smmu->vsmmu, function->requester_id);

	if (err)
		report_library(smmu->ctx, function->address, -err);
}

int smmu_event_fd(const struct smmu *smmu)
{
	return iommuctl_vsmmuv3_get_event_fd(smmu->vsmmu);
}

static uint64_t cpu_time(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

int smmu_process(struct smmu *smmu)
{
	const uint64_t begun = smmu->measures ? cpu_time() : 0;
	int err = iommuctl_vsmmuv3_process(smmu->vsmmu);

	if (smmu->measures)
		atomic_fetch_add(&smmu->command_ns, cpu_time() - begun);
	return err;
}

int smmu_deliver(struct smmu *smmu)
{
	return iommuctl_vsmmuv3_deliver_events(smmu->vsmmu);
}

uint64_t smmu_read(const struct smmu *smmu, uint64_t offset, unsigned int size)
{
	return iommuctl_vsmmuv3_read(smmu->vsmmu, offset, size);
}

/* What is left over fails again with the same errors, which are reported there. */
void smmu_write(struct smmu *smmu, uint64_t offset, unsigned int size, uint64_t value)
{
	const bool measures = smmu->measures && offset == CMDQ_PROD;
	const uint64_t begun = measures ? cpu_time() : 0;
	const uint64_t one = 1;
	int err = iommuctl_vsmmuv3_write(smmu->vsmmu, offset, size, value);

	if (measures) {
		atomic_fetch_add(&smmu->command_ns, cpu_time() - begun);
		atomic_fetch_add(&smmu->command_writes, 1);
	}
	if (err && write(smmu->left_over, &one, sizeof(one)) < 0)
		report_error("an eventfd", errno, NULL);
}

static void print_counter(const char *name, uint64_t value)
{
	fprintf(stderr, " %s=%" PRIu64, name, value);
}

void smmu_print_counters(struct smmu *smmu)
{
	struct iommuctl_vsmmuv3_counters counters;

	iommuctl_vsmmuv3_get_counters(smmu->vsmmu, &counters);
	flockfile(stderr);
	fprintf(stderr, "kvm-vmm: smmu %u:", smmu->number);
	print_counter("syncs", counters.syncs);
	print_counter("commands", counters.relay.commands);
	print_counter("issued", counters.relay.issued);
	print_counter("calls", counters.relay.calls);
	print_counter("refused", counters.relay.refused);
	print_counter("events", counters.events);
	print_counter("events-lost", counters.events_lost + counters.events_missed);
	print_counter("interrupts", counters.interrupts);
	print_counter("errors", counters.errors);
	print_counter("command-writes", atomic_load(&smmu->command_writes));
	print_counter("command-ns", atomic_load(&smmu->command_ns));
	fputc('\n', stderr);
	funlockfile(stderr);
}
