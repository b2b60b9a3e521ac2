/* SPDX-License-Identifier: MIT */
/*
 * Devices that can be made to do DMA and to interrupt: one driver each, which finds its devices by
 * class and ids.
 *
 * A driver does two things with guest memory: it makes the device read bytes at an IOVA, and write
 * the same bytes at an IOVA. Not every device can do both with every size, and not every one gives
 * all bytes back unchanged: the driver says so before anything is touched.
 */
#ifndef CLI_STIMULUS_STIMULUS_H
#define CLI_STIMULUS_STIMULUS_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/vfio.h>

struct stimulus;

/* The drivers; STIMULUS_ANY is whichever knows the device. */
enum stimulus_kind { STIMULUS_ANY, STIMULUS_EDU, STIMULUS_NVME, STIMULUS_IGB, STIMULUS_KINDS };

/* Guest memory for structures that a device must fetch itself, such as queues. */
struct stimulus_memory {
	unsigned char *host; /* where this process sees it */
	uint64_t iova;	     /* and the device, a multiple of STIMULUS_PAGE */
	uint64_t size;
};

#define STIMULUS_PAGE 4096

/* The data that one access moves. */
struct stimulus_access {
	bool write; /* by the device, into memory */
	uint64_t iova;
	uint32_t size;
};

/* A transfer returns this if the device itself has seen that it was blocked. */
#define STIMULUS_BLOCKED 1

struct stimulus_ids {
	uint16_t vendor; /* 0: any */
	uint16_t device;
	uint32_t class; /* class, subclass and programming interface; 0: any */
};

struct stimulus_driver {
	const char *name;
	const struct stimulus_ids *ids;
	size_t id_count;

	const char
		*about; /* for the manual: which devices, what they can do, what happens to them */
	const char *touches; /* only the last of these: "resets the controller, ..." */
	bool disruptive;     /* others would notice: used only if the job names the driver */

	uint64_t memory_size; /* that it needs; 0: none */
	uint32_t vectors;
	bool has_intx; /* clear_irq() lowers the line that raise_irq() raises */

	/* Those bytes of a read that the next write gives back unchanged. */
	uint32_t kept_first;
	uint32_t kept_count;

	/*
	 * Makes the device ready for the other functions. -ENODEV: it does not answer, and is
	 * unchanged; after another error it must be stopped.
	 */
	int (*start)(struct stimulus *stimulus);

	/* Leaves the device idle: it neither masters the bus nor interrupts. NULL: it always is. */
	void (*stop)(struct stimulus *stimulus);

	/* Why the device cannot do @access, whatever the IOMMU allows; NULL: it can. */
	const char *(*refuse)(
		const struct stimulus *stimulus, const struct stimulus_access *access);

	/*
	 * Does @access: 0, STIMULUS_BLOCKED, or -errno. 0 means that the device has finished, not
	 * that it has reached memory.
	 */
	int (*transfer)(struct stimulus *stimulus, const struct stimulus_access *access);

	/*
	 * Raises interrupt @vector (-EPROTO: it does not); takes it back once it has been seen.
	 * NULL: there is nothing to take back.
	 */
	int (*raise_irq)(struct stimulus *stimulus, uint32_t vector);
	int (*clear_irq)(struct stimulus *stimulus, uint32_t vector);
};

struct stimulus_nvme {
	uint32_t stride; /* bytes between doorbells */
	uint32_t submitted;
	uint32_t completed;
	uint32_t ready_ms; /* how long it may take to be enabled, or disabled */
	bool has_clock;	   /* it takes and gives timestamps */
};

struct stimulus_igb {
	uint32_t sent; /* frames */
};

struct stimulus {
	const struct stimulus_driver *driver;
	bool started; /* by the driver, perhaps only halfway: it must be stopped */
	bool usable;  /* and nothing has gone wrong with it */
	struct iommuctl *ctx;
	int device; /* a bound VFIO device; stays the caller's */
	struct iommuctl_vfio_region_info config;
	struct iommuctl_vfio_region_info bar0;
	struct stimulus_memory memory;
	union {
		struct stimulus_nvme nvme;
		struct stimulus_igb igb;
	};
};

/*
 * Finds the driver of the bound @device: that of @kind, or the one that knows its class and ids.
 * Does not change the device, and leaves nothing to release.
 *
 * -ENODEV: no driver knows the device, whose ids are then in @vendor_device (vendor << 16 |
 * device); else the errors of the library's calls.
 */
int stimulus_find(struct stimulus *stimulus, struct iommuctl *ctx, int device,
	enum stimulus_kind kind, uint32_t *vendor_device);

/*
 * Enables bus mastering and the BARs of the device, and starts it, with @memory if the driver needs
 * any; that is borrowed until stimulus_stop(), which must follow in any case. -ENODEV: it does not
 * answer as the driver expects; else the errors of the library's calls.
 */
int stimulus_start(struct stimulus *stimulus, const struct stimulus_memory *memory);

/* Stops a started device, as far as it still answers. It may be started again. */
void stimulus_stop(struct stimulus *stimulus);

extern const struct stimulus_driver stimulus_edu, stimulus_nvme, stimulus_igb;

#endif
