/* SPDX-License-Identifier: MIT */
/*
 * An SMMU that the guest sees: a struct iommuctl_vsmmuv3, its registers and its interrupts. It
 * lives as long as the VMM; a reset of the guest resets it.
 */
#ifndef KVM_SMMU_H
#define KVM_SMMU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <iommuctl/vsmmuv3.h>

#include "function.h"
#include "smmu_options.h"
#include "vm.h"

/* What the SMMU is built on: any bound device behind the physical SMMU. */
struct smmu_host {
	struct iommuctl *ctx;
	int iommufd;
	uint32_t ioas_id;
	uint32_t dev_id;
};

struct smmu {
	struct iommuctl *ctx;
	unsigned int number;
	struct iommuctl_vsmmuv3 *vsmmu;
	int irq_fds[IOMMUCTL_VSMMUV3_INTERRUPTS];
	int left_over; /* eventfd: a write has left work to do; borrowed */
	bool has_msis;
	FILE *record;  /* NULL: no log */
	char queue[8]; /* "smmu0": the queue's name for those who watch its events */

	/* For the present life of the guest. */
	const struct vm *vm;
	struct iommuctl_guest_range ram;
	struct iommuctl_guest_memory memory;

	/* CPU time of commands, and writes of CMDQ_PROD; counted on request. */
	bool measures;
	_Atomic uint64_t command_writes;
	_Atomic uint64_t command_ns;
};

/* left_over is signalled when smmu_process() has work to do. Errors are reported. */
int smmu_create(struct smmu *smmu, unsigned int number, const struct smmu_options *options,
	const struct smmu_host *host, int left_over);

/* Its events also go to those who watch. */
void smmu_tap(struct smmu *smmu, struct iommuctl_event_tap *tap);
void smmu_destroy(struct smmu *smmu);

/* A life of the guest begins or ends: no vCPU runs meanwhile. Errors are reported. */
int smmu_connect(struct smmu *smmu, const struct vm *vm);
int smmu_reset(struct smmu *smmu);

/* A function whose DMA the SMMU translates. Errors are reported. */
int smmu_attach(struct smmu *smmu, const struct function *function);
void smmu_detach(struct smmu *smmu, const struct function *function);

/* Readable when smmu_deliver() has work to do. */
int smmu_event_fd(const struct smmu *smmu);

/* 0, or -errno: call it again, at once for -EAGAIN. Any thread. */
int smmu_process(struct smmu *smmu);

/* Registers, by their offset from the first of the two pages. */
uint64_t smmu_read(const struct smmu *smmu, uint64_t offset, unsigned int size);
void smmu_write(struct smmu *smmu, uint64_t offset, unsigned int size, uint64_t value);

/* Moves events to the guest. Returns as smmu_process() does. */
int smmu_deliver(struct smmu *smmu);

/* Prints one line to standard error. vCPUs may run. */
void smmu_print_counters(struct smmu *smmu);

/* Where the registers are, and the SPI of an interrupt. */
uint64_t smmu_base(unsigned int number);
unsigned int smmu_spi(unsigned int number, enum iommuctl_vsmmuv3_interrupt interrupt);
/* The ITS device ID of the SMMU's own MSIs: above all requester IDs. */
uint32_t smmu_its_device(unsigned int number);

#endif
