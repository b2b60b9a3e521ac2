/* SPDX-License-Identifier: MIT */
/*
 * Where the devices of a job are: on this host, or in a machine that exists in this process alone.
 */
#ifndef CLI_JOB_PLATFORM_H
#define CLI_JOB_PLATFORM_H

#include "host/pci_address.h"
#include "host/sysfs.h"
#include "job/job.h"
#include "output/failure.h"

struct platform_device {
	char cdev_path[64];
	char pci[PCI_ADDRESS_SIZE];
	char iommu[64]; /* the IOMMU that it is behind, by name; "" if that is not known */
	int iommu_group;
};

/* Addresses that the IOMMU leaves to MSIs. */
struct platform_window {
	uint64_t start;
	uint64_t size;
};

/* An access of a device with a SubstreamID; @buffer is the device's own. */
struct platform_access {
	uint32_t ssid;
	uint64_t iova;
	void *buffer;
	size_t size;
	bool write;
};

enum platform_iommu { PLATFORM_SMMUV3, PLATFORM_VTD, PLATFORM_AMD };

/* What a machine that is described somewhere is known to have, before anything of it is opened. */
struct platform_facts {
	unsigned int smmu;	   /* which one the device is behind */
	int group;		   /* the IOMMU group of the device */
	uint8_t ssid_bits;	   /* the PASIDs of the SMMU, IDR1.SSIDSIZE */
	uint8_t ipa_bits;	   /* what a nesting parent translates */
	unsigned int cmdqv_queues; /* of a vIOMMU of its CMDQV; 0: it has none */
	unsigned int cmdqv_vsids;
	enum platform_iommu iommu;
	bool nests; /* it makes nesting parents */
	/* What the device reads and writes is as the CPUs see it: CANWBS, S2FWB. */
	bool coherent;
	bool tracks_dirty;   /* it tells which pages have been written */
	uint32_t vectors[3]; /* interrupts of the device: INTx, MSI, MSI-X */
	struct platform_window msi_window;
	/* Mapped onto itself for its group; of no size: nothing is. */
	struct platform_window direct;
};

/*
 * find and find_msi_window return 0, or -errno with the reason told to @failure. What tells what
 * explains the kernel's refusals may be NULL.
 */
struct platform {
	const char *backend; /* what carries out the calls: "kernel", "model" */
	int (*find)(const struct platform *platform, const struct job_device *device,
		struct platform_device *found, struct failure *failure);
	int (*find_msi_window)(const struct platform *platform,
		const struct platform_device *device, struct platform_window *window,
		struct failure *failure);
	/* What holds of @device itself: bits of IOMMUCTL_KNOWN_*. */
	uint64_t (*known)(const struct platform *platform, const struct platform_device *device);
	/* True if firmware has a @region mapped onto itself for the group of @device. */
	bool (*find_direct)(const struct platform *platform, const struct platform_device *device,
		struct platform_window *region);
	/* Calls @each for all others of its group; @driver is "" for one without. */
	void (*each_peer)(const struct platform *platform, const struct platform_device *device,
		void (*each)(const char *pci, const char *driver, void *data), void *data);

	/* -ENODEV: there is no such device. NULL: nothing is known before devices are opened. */
	int (*facts)(const struct platform *platform, const struct job_device *device,
		struct platform_facts *facts);

	/*
	 * What an IOMMU cannot do is told of a job by its facts, before it is carried out. Else the
	 * IOMMU itself says it, with all that explains it.
	 */
	bool foretells;

	/* How many accesses of devices have been refused so far. NULL: that is not known. */
	uint64_t (*refused)(const struct platform *platform);

	/*
	 * Has @device do @access with a SubstreamID. Returns as iommuctl_model_dma(). NULL: devices
	 * here cannot be told to.
	 */
	int (*dma)(const struct platform *platform, const struct platform_device *device,
		const struct platform_access *access);

	/*
	 * Has the host want @device back, which with @returns can be opened again then. NULL: it
	 * cannot be told to.
	 */
	int (*unplug)(const struct platform *platform, const struct platform_device *device,
		bool returns);

	/* Why no device here but mock ones makes page requests; NULL: one may. */
	const char *no_page_faults;
};

struct platform_host {
	struct platform base; /* first: calls find the host by it */
	const struct sysfs *sysfs;
};

/* The devices that @sysfs shows, which outlives @host. */
void platform_host_init(struct platform_host *host, const struct sysfs *sysfs);

/* A mock device, whose path says what it can; and whether it is one. */
void platform_find_mock(const struct job_device *device, struct platform_device *found);
bool platform_is_mock(const struct platform_device *device);

#endif
