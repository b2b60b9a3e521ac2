/* SPDX-License-Identifier: MIT */
/* Where a job's devices are: on this host, or in a machine that exists only in this process. */
#ifndef CLI_JOB_PLATFORM_H
#define CLI_JOB_PLATFORM_H

#include "host/pci_address.h"
#include "host/sysfs.h"
#include "job/job.h"
#include "output/failure.h"

#define PLATFORM_OWN_GROUP (-1)

struct platform_device {
	char cdev_path[64];
	char pci[PCI_ADDRESS_SIZE];
	char iommu[64];	 /* name of its IOMMU; "" if unknown */
	int iommu_group; /* the first is 0; PLATFORM_OWN_GROUP: shared with none */
};

/* Addresses reserved for MSIs. */
struct platform_window {
	uint64_t start;
	uint64_t size;
};

/* A device access with a SubstreamID; @buffer is the device's own. */
struct platform_access {
	uint32_t ssid;
	uint64_t iova;
	void *buffer;
	size_t size;
	bool write;
};

enum platform_iommu { PLATFORM_SMMUV3, PLATFORM_VTD, PLATFORM_AMD };

/* What a described machine is known to have, before anything is opened. */
struct platform_facts {
	unsigned int smmu;	   /* the one that the device is behind */
	int group;		   /* the IOMMU group of the device */
	uint8_t ssid_bits;	   /* the PASIDs of the SMMU, IDR1.SSIDSIZE */
	uint8_t ipa_bits;	   /* that a nesting parent translates */
	unsigned int cmdqv_queues; /* per vIOMMU of its CMDQV; 0: no CMDQV */
	unsigned int cmdqv_vsids;
	unsigned int cmdqv_interfaces; /* of its CMDQV, of which the kernel has one */
	enum platform_iommu iommu;
	bool nests; /* it supports nesting parents */
	/* Device accesses are coherent with the CPUs: CANWBS, S2FWB. */
	bool coherent;
	bool tracks_dirty;   /* it tracks dirty pages */
	uint32_t vectors[3]; /* interrupts of the device: INTx, MSI, MSI-X */
	struct platform_window msi_window;
	/* Identity-mapped for its group; size 0: none. */
	struct platform_window direct;
};

/*
 * find and find_msi_window return 0, or -errno with the reason in @failure. Functions that only
 * explain the kernel's refusals may be NULL.
 */
struct platform {
	const char *backend; /* what executes the calls: "kernel", "model" */
	int (*find)(const struct platform *platform, const struct job_device *device,
		struct platform_device *found, struct failure *failure);
	int (*find_msi_window)(const struct platform *platform,
		const struct platform_device *device, struct platform_window *window,
		struct failure *failure);
	/* Facts about @device itself: IOMMUCTL_KNOWN_* bits. */
	uint64_t (*known)(const struct platform *platform, const struct platform_device *device);
	/* True if firmware requires a @region identity-mapped for the group of @device. */
	bool (*find_direct)(const struct platform *platform, const struct platform_device *device,
		struct platform_window *region);
	/* Calls @each for all other devices of its group; @driver is "" if there is none. */
	void (*each_peer)(const struct platform *platform, const struct platform_device *device,
		void (*each)(const char *pci, const char *driver, void *data), void *data);

	/* -ENODEV: no such device. NULL: nothing is known before devices are opened. */
	int (*facts)(const struct platform *platform, const struct job_device *device,
		struct platform_facts *facts);

	/*
	 * If set, the facts decide before a job runs what an IOMMU cannot do. Otherwise the IOMMU
	 * itself refuses, with an explanation.
	 */
	bool foretells;

	/* Number of device accesses refused so far. NULL: unknown. */
	uint64_t (*refused)(const struct platform *platform);

	/*
	 * Makes @device do @access with a SubstreamID. Returns as iommuctl_model_dma() does. NULL:
	 * devices here cannot.
	 */
	int (*dma)(const struct platform *platform, const struct platform_device *device,
		const struct platform_access *access);

	/*
	 * Makes the host ask for @device back; with @returns it can be opened again afterwards.
	 * NULL: it cannot.
	 */
	int (*unplug)(const struct platform *platform, const struct platform_device *device,
		bool returns);

	/* Why only mock devices make page requests here; NULL: others may too. */
	const char *no_page_faults;
};

struct platform_host {
	struct platform base; /* first: calls find the host through it */
	const struct sysfs *sysfs;
};

/* The devices that @sysfs shows, which outlives @host. */
void platform_host_init(struct platform_host *host, const struct sysfs *sysfs);

/* Makes a mock device, whose path encodes its capabilities; and tells whether a device is one. */
void platform_find_mock(const struct job_device *device, struct platform_device *found);
bool platform_is_mock(const struct platform_device *device);

/* True if @device and @other, which have been found, are in one IOMMU group. */
bool platform_share_group(
	const struct platform_device *device, const struct platform_device *other);

#endif
