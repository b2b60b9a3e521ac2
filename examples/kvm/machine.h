/* SPDX-License-Identifier: MIT */
/*
 * The machine's map: physical addresses and interrupts.
 *
 * The host's MSI window (0x8000000, 1 MiB) stays free: a passed-through function writes there, and
 * the guest maps the window onto itself.
 */
#ifndef KVM_MACHINE_H
#define KVM_MACHINE_H

#include <stdint.h>

#define GIC_DISTRIBUTOR_BASE UINT64_C(0x0a000000)
#define GIC_DISTRIBUTOR_SIZE UINT64_C(0x10000)
#define GIC_ITS_BASE	     UINT64_C(0x0a020000)
#define GIC_ITS_SIZE	     UINT64_C(0x20000)
/* Where devices write their MSIs. */
#define GIC_ITS_DOORBELL_PAGE (GIC_ITS_BASE + 0x10000)
#define GIC_ITS_DOORBELL_SIZE UINT64_C(0x10000)
/* One redistributor for each vCPU. */
#define GIC_REDISTRIBUTORS_BASE UINT64_C(0x0a100000)
#define GIC_REDISTRIBUTOR_SIZE	UINT64_C(0x20000)

#define PL011_BASE UINT64_C(0x0b000000)
#define PL011_SIZE UINT64_C(0x1000)

#define VIRTIO_IOMMU_BASE UINT64_C(0x0f000000)
#define VIRTIO_IOMMU_SIZE UINT64_C(0x200)

/* The SMMUs, one for each bus that has devices: two register pages each, one after the other. */
#define SMMU_BASE UINT64_C(0x0c000000)
#define SMMU_SIZE UINT64_C(0x20000)

/*
 * PCI: each bus is below its own host bridge. Here are all configuration space and all BAR windows,
 * with each bus's share; there is no I/O space.
 */
#define PCI_BUSES	    4u
#define PCI_ECAM_BASE	    UINT64_C(0x10000000)
#define PCI_BUS_ECAM_SIZE   UINT64_C(0x100000)
#define PCI_ECAM_SIZE	    (PCI_BUSES * PCI_BUS_ECAM_SIZE)
#define PCI_WINDOW_BASE	    UINT64_C(0x20000000)
#define PCI_BUS_WINDOW_SIZE UINT64_C(0x8000000)
#define PCI_WINDOW_SIZE	    (PCI_BUSES * PCI_BUS_WINDOW_SIZE)

#define RAM_BASE UINT64_C(0x40000000)
/* Guest physical addresses have 40 bits. */
#define RAM_MAX_SIZE ((UINT64_C(1) << 40) - RAM_BASE)

/* Up to this many, a vCPU's affinity is its number. */
#define MAX_CPUS 16u

/* GIC interrupts; those of devices are counted from 32, as "SPI 0". */
#define GIC_INTERRUPTS 128u
#define GIC_FIRST_SPI  32u
#define PL011_SPI      1u
/* Of each SMMU: events, CMD_SYNC, global errors. */
#define SMMU_FIRST_SPI 16u
#define SMMU_SPIS      3u

#define VIRTIO_IOMMU_SPI 2u

/* Timer interrupts, private to each vCPU: secure, non-secure, virtual, hypervisor. */
#define TIMER_SECURE_PPI     13u
#define TIMER_PPI	     14u
#define TIMER_VIRTUAL_PPI    11u
#define TIMER_HYPERVISOR_PPI 10u

#endif
