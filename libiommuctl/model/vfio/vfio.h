/* SPDX-License-Identifier: MIT */
/* A VFIO device: its binding, its attachments and its interrupts. */
#ifndef LIBIOMMUCTL_MODEL_VFIO_VFIO_H
#define LIBIOMMUCTL_MODEL_VFIO_VFIO_H

#include <sys/types.h>

#include <iommuctl/msi.h>

#include "model/file.h"
#include "model/iommufd/object.h"
#include "model/smmu/smmu.h"
#include "model/vfio/edu.h"

struct model_dma_buf;
struct model_hwpt;
struct model_hwpt_paging;
struct model_ioeventfd;
struct model_vdevice;
struct model_viommu;

/* The doorbell is in the first page of the window that the kernel reserves for MSIs. */
struct model_msi_window {
	uint64_t start;
	uint64_t size;
	uint64_t doorbell;
	bool translated; /* MSIs go through the IOMMU like other writes: only on Arm */
};

/* The indexes of ABI_VFIO_DEVICE_SET_IRQS: INTx, MSI, MSI-X, error, request. */
#define MODEL_IRQ_INDEXES 5

struct model_irqs {
	unsigned int delivery; /* the index that the device delivers by, or MODEL_IRQ_INDEXES */
	int triggers[MODEL_IRQ_INDEXES]; /* our own eventfd for each, or -1 */
	int unmask;			 /* our own eventfd that unmasks INTx, or -1 */
	bool masked;	      /* INTx: it fired or was masked, and nothing has unmasked it since */
	bool disabled;	      /* INTx: by the command register */
	uint64_t msi_address; /* where the device sends its MSI; 0 while it is not handled */
	bool msi_spent;	      /* the kernel has lost the device's only vector */
	bool msi_unclaimed;   /* it was never handled since it was enabled */
	bool msi_pending;     /* it was raised while unclaimed */
};

/* A HWPT that a device is attached to by PASID. */
struct model_pasid {
	uint32_t pasid;
	struct model_hwpt *hwpt;
};

/* A physical function's token, which its VFs are bound with. The kernel's initial one is secret. */
struct model_vf_token {
	bool known;
	unsigned char uuid[16];
};

struct model_device {
	struct model_object object; /* in the iommufd it is bound to; vfio holds a reference */
	struct iommuctl_model *model;
	struct iommuctl_model_device config;
	unsigned int index;
	int memory_fd;			       /* of @memory, if there is any */
	const struct model_device_file *bound; /* the open file that is bound, or NULL */
	struct model_iommufd *iommufd;	       /* NULL: not bound */
	struct model_hwpt *attached;	       /* or NULL */
	struct model_pasid *pasids;	       /* the others */
	size_t pasid_count;
	struct model_vdevice *vdevice;
	struct model_hwpt *streaming;	 /* the HWPT of its stream table entry: its group's */
	struct model_stream stream;	 /* that entry */
	struct model_viommu *reports_to; /* where its events go, and the vSID there; or NULL */
	uint64_t reported_vsid;
	uint32_t last_grpid;   /* of its latest page fault */
	uint32_t engine_grpid; /* of the fault that its DMA engine waits for, if it runs */
	struct model_edu edu;
	unsigned char saved_config[MODEL_EDU_CONFIG_SIZE]; /* from before it was bound */
	struct model_irqs irqs;
	unsigned char *memory; /* BAR 2, or NULL */
	struct model_dma_buf *dma_bufs;
	struct model_ioeventfd *ioeventfds; /* the latest first */
	size_t ioeventfd_count;
	size_t files; /* that are open */
	struct model_vf_token vf_token;
	bool attached_as_pasid; /* by PASID 0, which the kernel treats as no PASID */
	bool msi_required;	/* its doorbell has to be mapped wherever its group is attached */
	bool low_power;
	bool requested; /* the host wants it back, and it can no longer be opened */
	bool returns;	/* once it is back */
	bool is_mock;	/* it is the first member of a struct model_mock_device, and has no file */
};

/* One open of a VFIO device; there can be several, but only one is bound. */
struct model_device_file {
	struct model_device *device;
	unsigned int users; /* its file descriptor, and mappings */
	uint64_t position;  /* for streaming read and write */
};

#define MODEL_MEMORY_BAR_SIZE (1u << 20)

/* A region by its number. */
struct model_bar_range {
	uint64_t index;
	uint64_t offset;
	size_t size;
};

extern const struct model_file_kind model_device_file;

/* A device in the model's list is ready for use after model_device_init(). -ENOMEM. */
int model_device_init(struct iommuctl_model *model, unsigned int index,
	const struct iommuctl_model_device *config);
void model_device_file_put(struct model_device_file *file);
int model_device_open(struct iommuctl_model *model, unsigned int index);
/* Iterates over the devices in the IOMMU group of @device: the first after @after, or NULL. */
struct model_device *model_group_next(
	const struct model_device *device, const struct model_device *after);

/* info.c: the device's description. */
typedef int model_device_ioctl_function(struct model_device *device, void *arg);
model_device_ioctl_function model_device_get_info, model_device_get_region_info,
	model_device_get_irq_info, model_device_feature;

/* vf_token.c: whether a caller with @uuid, or NULL, may bind @device. -EACCES, -EINVAL. */
int model_vf_token_check(struct model_device *device, const unsigned char uuid[16]);
/* vf_token.c: the feature, with the UUID at @data. -EFAULT. */
int model_vf_token_set(struct model_device *device, uint64_t data);
/* vf_token.c */
bool model_has_vfs(const struct model_device *device);

/* hot_reset.c: operations for PCI devices only. */
model_device_ioctl_function model_device_get_hot_reset_info, model_device_hot_reset;

/* bar.c */
int model_bars_init(struct model_device *device); /* -ENOMEM */
void model_bars_free(struct model_device *device);
uint64_t model_bar_size(const struct model_device *device, uint64_t index); /* 0: absent */
/* The BAR as mappable memory; NULL: it has registers. */
unsigned char *model_bar_memory(const struct model_device *device, uint64_t index);
/* Whether the device answers; wakes it up if it sleeps. */
bool model_bars_are_on(const struct model_device *device);
/* @range is within the BAR. */
void model_bar_access(
	struct model_device *device, const struct model_bar_range *range, void *buffer, bool write);
/* The same for the registers of @device, a struct model_device. */
void model_bar_access_registers(
	void *device, uint64_t offset, void *buffer, size_t size, bool write);
/* A mapping keeps @file open. -EINVAL, -ENOMEM, -errno. */
int model_bar_mmap(struct model_device_file *file, const struct model_bar_range *range, int prot,
	void **address);

/* dma_buf.c: the file of a new dma-buf, as requested at @data; and revocation. */
int model_device_get_dma_buf(struct model_device *device, uint64_t data);
void model_device_dma_bufs_revoke(struct model_device *device);
/* Revokes or restores them as the BARs are off or on. */
void model_device_dma_bufs_follow(struct model_device *device);
/* The device is closed: they stay revoked. */
void model_device_dma_bufs_release(struct model_device *device);

/* ioeventfd.c */
model_device_ioctl_function model_device_ioeventfd;
void model_ioeventfds_release(struct model_device *device);
/* Performs the writes of signalled eventfds. */
void model_ioeventfds_follow(struct iommuctl_model *model);

/* region.c: pread, pwrite and mmap, and how an offset maps to a region. */
struct model_bar_range model_bar_range_at(uint64_t position, size_t size);
ssize_t model_device_read(void *file, void *buffer, size_t size, int64_t offset);
ssize_t model_device_write(void *file, const void *buffer, size_t size, int64_t offset);
int model_device_mmap(
	void *file, uint64_t offset, size_t length, int prot, int flags, void **address);

/* dma.c: the address of @device's MSIs. */
struct model_msi_window model_msi_window(const struct model_device *device);

/*
 * dma.c: an access of @device. -EACCES: bus mastering is off; -EIO; -EAGAIN: it stalls, and must be
 * repeated once it has been answered.
 */
int model_device_dma(struct model_device *device, int ssid, uint64_t iova, void *buffer,
	size_t size, bool write);

/* device.c: resets the device; the kernel restores the configuration space afterwards. */
void model_device_reset(struct model_device *device);

/* device.c: the host wants it back. */
void model_device_unplug(struct model_device *device, bool returns);

/* irq.c */
model_device_ioctl_function model_irqs_set;
unsigned int model_irqs_count(unsigned int index);
void model_irqs_init(struct model_device *device);
void model_irqs_release(struct model_device *device);
/* The device has set a bit of its interrupt status. */
void model_irqs_raise(struct model_device *device);
/* Its status, its command register or an eventfd may have changed. */
void model_irqs_update(struct model_device *device);
/* The host wants it back. */
void model_irqs_request(struct model_device *device);
/* Its MSI has arrived. */
void model_irqs_deliver(struct model_device *device);
/* Our own eventfd for the eventfd @fd. -EBADF; -EINVAL: not an eventfd. */
int model_eventfd_take(struct iommuctl_model *model, int fd);

/* attach.c, pasid.c: vfio's view, where attaching again replaces. */
int model_device_attach(struct model_device *device, uint32_t *pt_id);
void model_device_detach(struct model_device *device);
int model_device_attach_pasid(struct model_device *device, uint32_t pasid, uint32_t *pt_id);
void model_device_detach_pasid(struct model_device *device, uint32_t pasid);
void model_device_detach_all(struct model_device *device);

/* attach.c: iommufd's view; @pasid 0 means no PASID. */
int model_attach_pt(
	struct model_device *device, uint32_t pasid, uint32_t *pt_id, model_attach *attach);
model_attach model_attach_hwpt, model_replace_hwpt;
void model_detach_hwpt(struct model_device *device);
/* NULL for NULL. */
struct model_hwpt_paging *model_paging_of(const struct model_hwpt *hwpt);
void model_hwpt_put(struct model_device *device, struct model_hwpt *hwpt);
int model_attach_to_hwpt(struct model_device *device, uint32_t pasid, struct model_object *hwpt,
	uint32_t *pt_id, model_attach *attach);
int model_attach_to_ioas(struct model_device *device, uint32_t pasid, struct model_object *ioas,
	uint32_t *pt_id, model_attach *attach);

/* pasid.c */
model_attach model_pasid_attach_hwpt, model_pasid_replace_hwpt;
/* The HWPT that @device is attached to by @pasid, which is not 0; or NULL. */
struct model_hwpt *model_pasid_hwpt(const struct model_device *device, uint32_t pasid);
/* Whether @hwpt can be combined with what the group of @device has under other PASIDs. */
bool model_pasid_compatible(
	const struct model_device *device, uint32_t pasid, const struct model_hwpt *hwpt);

/* stream.c: points a PASID of @device, not 0, at @hwpt, or at nothing. */
int model_stream_pasid(struct model_device *device, uint32_t pasid, struct model_hwpt *hwpt);
/* stream.c: a PASID of @device no longer uses @hwpt. */
void model_stream_leave(struct model_device *device, const struct model_hwpt *hwpt);
/* stream.c: requests of @device with @pasid use the host driver's entry for it. */
bool model_stream_is_by_host(const struct model_device *device, uint32_t pasid);

/* stream.c: points the group of @device at @hwpt, or at nothing. -EINVAL, -ENOENT, -ENOMEM. */
int model_stream_group(struct model_device *device, struct model_hwpt *hwpt);

#endif
