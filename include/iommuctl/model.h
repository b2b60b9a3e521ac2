/* SPDX-License-Identifier: MIT */
/*
 * The model machine: an iommufd, VFIO devices, an SMMUv3 and DMA test devices inside this process,
 * behind the ioctl ABI of the kernel.
 *
 * Whatever runs on the kernel transport also runs on the model's, with no device, no privilege and
 * no kernel support. It is for tests: they link libiommuctl-model in addition to libiommuctl, and
 * the product links only libiommuctl.
 *
 * The model's file descriptors are real, so that poll(2) works on its queues; all other calls on
 * them must go through its transport.
 *
 * @model: the machine
 *
 * Ownership: arguments stay the caller's and are not used after the function has returned.
 * Threads: one thread at a time for a model, its transport and everything on top of it.
 * Source: this library; it models the kernel and the SMMUv3.
 */
#ifndef IOMMUCTL_MODEL_H
#define IOMMUCTL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/stage1.h>
#include <iommuctl/transport.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

struct iommuctl_model;

/*
 * What a machine has room for.
 *
 * @IOMMUCTL_MODEL_SMMUS_MAX: SMMUs
 * @IOMMUCTL_MODEL_DEVICES_MAX: devices
 *
 * Since: 0.1
 */
#define IOMMUCTL_MODEL_SMMUS_MAX   16
#define IOMMUCTL_MODEL_DEVICES_MAX 1024

/*
 * What an IOMMU of the machine is.
 *
 * @IOMMUCTL_MODEL_IOMMU_SMMUV3: an SMMUv3
 * @IOMMUCTL_MODEL_IOMMU_VTD: a unit of VT-d, in scalable mode
 * @IOMMUCTL_MODEL_IOMMU_AMD: an AMD IOMMU, of which the kernel does not use guest translation
 *
 * Since: 0.1
 */
enum iommuctl_model_iommu {
	IOMMUCTL_MODEL_IOMMU_SMMUV3,
	IOMMUCTL_MODEL_IOMMU_VTD,
	IOMMUCTL_MODEL_IOMMU_AMD,
};

/*
 * What one SMMU of the machine can do, or an IOMMU of another kind in its place.
 *
 * Zero is an SMMUv3 like QEMU's, except where stated here. It chooses IOVAs like a kernel without
 * transparent huge pages; one with them aligns mappings of 2M or more.
 *
 * Of a VT-d unit, no_nesting is ECAP.NEST, oas_bits the width of its second stage and ssid_bits
 * that of a PASID. It caches no paging structures, sets no accessed and dirty flags in a guest's
 * tables, and a HWPT works only with devices of one unit. What it refuses is not reported; on a
 * host it goes to the kernel log.
 *
 * Of a CMDQV, the model has the rules for making vIOMMUs, vDEVICEs and HW queues, and page 0 of an
 * interface as zeroes. Nothing reads the queues or what is written to the page, so commands are not
 * carried out and no events come. Memory counts as contiguous on the host as far as it is in this
 * process, and as aligned as its address in the nesting parent.
 *
 * Since: 0.1
 */
struct iommuctl_model_smmu {
	enum iommuctl_model_iommu kind; /* what it is */
	bool no_nesting;		/* stage 1 only */
	bool s2fwb;			/* IDR3.FWB */
	bool no_ril;			/* no range invalidation */
	bool stall;			/* IDR0.STALL_MODEL: stalls as well as terminates */
	bool global_entries;		/* nG=0: cached for all ASIDs, as real SMMUs may do */
	bool dirty_tracking;  /* IDR0.HTTU of 2: HWPTs may track what devices write; CDs may not */
	uint8_t oas_bits;     /* output address size: 32, 36, 40, 42, 44, 48; 0: 44 */
	uint8_t ssid_bits;    /* IDR1.SSIDSIZE, 0 to 20; no device has fewer bits of PASIDs */
	uint16_t tlb_entries; /* 0: 256; a power of two */
	/* Of a VT-d unit. */
	bool no_scalable_mode; /* ECAP.SMTS is 0 */
	bool five_levels;      /* CAP.FS5LP: first-stage tables of 5 levels */
	bool supervisor;       /* ECAP.SRS: supervisor requests */
	bool extended_access;  /* ECAP.EAFS: the extended accessed flag */
	/* Of an SMMU, GET_HW_INFO has ERRATA_REPEAT_TLBI_CFGI; commands work the first time. */
	bool repeat_tlbi_cfgi;
	/* Of an SMMUv3 with a CMDQV, each a power of two. */
	bool cmdqv;		  /* it has the CMDQV of a Tegra241 */
	uint8_t cmdqv_queues;	  /* of a vIOMMU, 128 at most; 0: 2 */
	uint8_t cmdqv_vsids;	  /* vDEVICEs of a vIOMMU, 16 at most; 0: 16 */
	uint8_t cmdqv_interfaces; /* of which the kernel has one, and vIOMMUs the rest; 0: 64 */
};

/*
 * One edu device.
 *
 * It appears as /dev/vfio/devices/vfioN, where N is its place in the list. The registers in its BAR
 * 0 are read and written, also by other devices once they have the BAR as a dma-buf, but cannot be
 * mapped by the process. A write through an ioeventfd takes effect with the next call to the
 * machine.
 *
 * @memory_bar: its BAR 2 is 1 MiB of memory, which can be mapped; QEMU's edu has none
 * @pf: of a virtual function, the index of its physical function in the list, plus one; 0: it is
 *   not a VF. Both are bound to vfio-pci: the VF is bound with the token that was set on the PF,
 *   and until one is set no token is right
 * @direct_start, @direct_size: firmware asks for a 1:1 mapping of direct_size bytes from here, so
 *   that no device of the group can be bound; 0: it does not
 *
 * Since: 0.1
 */
struct iommuctl_model_device {
	char pci[16];	/* "0000:00:01.0" */
	uint8_t smmu;	/* which SMMU it is behind */
	bool no_canwbs; /* firmware does not report its path to memory as coherent */
	uint16_t pf;
	uint32_t stream_id; /* physical StreamID; one of 0 is taken from the PCI address */
	int group;	    /* IOMMU group; 0: one of its own */
	bool resets;	    /* VFIO_DEVICE_RESET works; QEMU's edu has no reset */
	bool memory_bar;
	uint64_t direct_start;
	uint64_t direct_size;
};

/*
 * What a machine has.
 *
 * About 50 KiB: keep it off small stacks.
 *
 * @smmu_count: SMMUs in @smmus
 * @smmus: the SMMUs
 * @device_count: devices in @devices
 * @devices: the devices
 *
 * Since: 0.1
 */
struct iommuctl_model_config {
	size_t smmu_count;
	struct iommuctl_model_smmu smmus[IOMMUCTL_MODEL_SMMUS_MAX];
	size_t device_count;
	struct iommuctl_model_device devices[IOMMUCTL_MODEL_DEVICES_MAX];
};

/*
 * Describes the machine of the project's real-kernel rig.
 *
 * It has one SMMU that nests, and two edu devices at 0000:00:01.0 and 0000:00:02.0.
 *
 * @config: out: the configuration
 *
 * Since: 0.1
 */
void iommuctl_model_default_config(struct iommuctl_model_config *config);

/*
 * Creates a machine.
 *
 * @config: what it has, copied; NULL: the default one
 * @model: out: the machine
 *
 * Ownership: the caller frees *@model with iommuctl_model_free(), after the contexts that use its
 *   transport.
 * Errors:
 *   -EINVAL: @config contradicts itself (a device behind an SMMU that is not there, two of one PCI
 *     address or StreamID, a VF of a VF, a field out of range)
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_model_new(const struct iommuctl_model_config *config, struct iommuctl_model **model);

/*
 * Ends a machine.
 *
 * Files that are still open are closed.
 *
 * @model: the machine; NULL is allowed
 *
 * Ownership: the pointer is no longer valid.
 * Since: 0.1
 */
void iommuctl_model_free(struct iommuctl_model *model);

/*
 * Makes a transport into a machine, for iommuctl_new() or a decorator.
 *
 * Several may exist; freeing one does not end the machine, and open files stay as they are.
 *
 * @transport: out: the transport
 *
 * Ownership: the caller frees *@transport with iommuctl_transport_free(), or passes it on; @model
 *   must outlive it.
 * Errors:
 *   -ENOMEM: no memory
 * Since: 0.1
 */
int iommuctl_model_transport_new(
	struct iommuctl_model *model, struct iommuctl_transport **transport);

/*
 * What the machine has done since it was made.
 *
 * @tlb_hits, @tlb_misses: translations found in a TLB, and not found
 *
 * Since: 0.1
 */
struct iommuctl_model_counters {
	uint64_t calls;	       /* through its transports */
	uint64_t transactions; /* DMA accesses and MSIs that devices issued */
	uint64_t tlb_hits;
	uint64_t tlb_misses;
	uint64_t config_fetches; /* STEs and CDs read because no cached one was there */
	uint64_t commands;	 /* that the SMMUs were given */
	uint64_t events;	 /* that the SMMUs recorded */
	uint64_t interrupts;	 /* that reached an eventfd */
	uint64_t refused;	 /* transactions of which a part was not let through */
};

/*
 * Copies the counters of a machine.
 *
 * @counters: out: the counters
 *
 * Since: 0.1
 */
void iommuctl_model_get_counters(
	const struct iommuctl_model *model, struct iommuctl_model_counters *counters);

/*
 * One translation that a TLB holds.
 *
 * @iova: the first address that it translates
 * @size: bytes
 * @vmid, @asid: its tags
 * @readable, @writable: what it allows
 *
 * Since: 0.1
 */
struct iommuctl_model_tlb_entry {
	uint64_t iova;
	uint64_t size;
	uint64_t ipa; /* what stage 1 gave; @iova without stage 1 */
	uint16_t vmid;
	uint16_t asid;
	bool stage2_only; /* @iova is an IPA: of a table, a CD, or a stream without stage 1 */
	bool global;	  /* for any ASID */
	bool readable;
	bool writable;
};

/*
 * Copies the entries of the TLB of an SMMU.
 *
 * @smmu: its place in the list of the configuration
 * @entries: out: the entries, as far as there is room
 * @count: in: the room in @entries; out: how many entries the TLB holds
 *
 * Errors:
 *   -EINVAL: there is no such SMMU
 * Since: 0.1
 */
int iommuctl_model_get_tlb(const struct iommuctl_model *model, unsigned int smmu,
	struct iommuctl_model_tlb_entry *entries, size_t *count);

/* One look-up during a transaction, for observers. Since: 0.1 */
enum iommuctl_model_lookup_kind {
	IOMMUCTL_MODEL_LOOKUP_STE,    /* address: StreamID; value: its first word */
	IOMMUCTL_MODEL_LOOKUP_CD,     /* address: IPA of the CD; value: its first word */
	IOMMUCTL_MODEL_LOOKUP_TLB,    /* a hit; address: IOVA; value: IPA */
	IOMMUCTL_MODEL_LOOKUP_STAGE1, /* one descriptor; address: its IPA; value: the descriptor */
	IOMMUCTL_MODEL_LOOKUP_STAGE2, /* address: IPA; value: bytes left of its mapping */
	IOMMUCTL_MODEL_LOOKUP_MEMORY, /* address: IPA; value: size of the access */
	IOMMUCTL_MODEL_LOOKUP_EVENT,  /* a fault; value: number of the event */
	IOMMUCTL_MODEL_LOOKUP_ABORT,  /* refused without an event; value: the reason */
};

/* Why a transaction was refused without an event. Since: 0.1 */
enum iommuctl_model_abort {
	IOMMUCTL_MODEL_ABORT_NO_MASTER,	 /* Bus Master Enable is clear: it never reached the SMMU */
	IOMMUCTL_MODEL_ABORT_STREAM,	 /* nothing is attached, or the STE says abort */
	IOMMUCTL_MODEL_ABORT_UNRECORDED, /* a fault, and the CD asks for no event (R and S are 0) */
	IOMMUCTL_MODEL_ABORT_GONE,	 /* a TLB entry led to what stage 2 maps no longer */
};

/*
 * One look-up.
 *
 * @kind: what was looked up
 * @write: the transaction is a write
 * @address, @value: as @kind says
 *
 * Since: 0.1
 */
struct iommuctl_model_lookup {
	enum iommuctl_model_lookup_kind kind;
	uint32_t stream_id; /* the physical one */
	/* Of a stage-1 descriptor, as in struct iommuctl_stage1_step. */
	uint8_t level;
	enum iommuctl_stage1_kind descriptor_kind;
	uint64_t output;

	bool write;
	uint64_t iova; /* of the transaction */
	uint64_t address;
	uint64_t value;
};

/*
 * Reports every look-up of every transaction.
 *
 * @receive: called with each look-up, which is valid until it returns; NULL ends the reports
 * @data: passed to @receive; may be NULL
 *
 * Ownership: @data is the caller's, and must outlive the machine or last until the next call of
 *   this function.
 * Since: 0.1
 */
void iommuctl_model_watch(struct iommuctl_model *model,
	void (*receive)(const struct iommuctl_model_lookup *lookup, void *data), void *data);

/* DMA of a device. Since: 0.1 */
struct iommuctl_model_access {
	unsigned int device; /* its place in the list of the configuration */
	int ssid;	     /* a PASID, or -1 */
	uint64_t iova;	     /* the first address */
	void *buffer;	     /* what is read goes here, or what is written comes from here */
	size_t size;	     /* bytes */
	bool write;	     /* else the device reads */
};

/*
 * Makes a device read or write memory now, as if its DMA engine had been programmed to.
 *
 * What was refused leaves memory as it is and reads as zeroes; iommuctl_model_watch() shows why, by
 * a look-up of the kind EVENT or ABORT.
 *
 * @access: what the device does
 *
 * Errors:
 *   -EINVAL: there is no such device, or ssid has more bits than the SMMU
 *   -EACCES: the device may not access the bus: set Bus Master Enable, bit 2 of the command
 *     register at 4 of its configuration space, once it is bound
 *   -EIO: the SMMU refused a part of it
 *   -EAGAIN: a part of it stalls, and a page fault waits in the queue of the device's HWPT: answer
 *     it, and call again
 * Since: 0.1
 */
int iommuctl_model_dma(struct iommuctl_model *model, const struct iommuctl_model_access *access);

/*
 * Makes the host request a device back, as when it is unbound from its driver, or unplugged.
 *
 * It can no longer be opened, and IOMMUCTL_VFIO_PCI_REQ_IRQ_INDEX fires, also when it is set later.
 * Whoever has it open keeps it until it is closed: that is where the kernel would wait.
 *
 * @device: its place in the list of the configuration
 * @returns: it can be opened again once it is closed everywhere: it was unbound, and bound again
 *
 * Errors:
 *   -EINVAL: there is no such device
 * Since: 0.1
 */
int iommuctl_model_unplug(struct iommuctl_model *model, unsigned int device, bool returns);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
