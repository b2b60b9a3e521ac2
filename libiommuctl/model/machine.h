/* SPDX-License-Identifier: MIT */
/* The kernel side of the model: files, iommufd objects and VFIO devices, with the kernel's rules.
 */
#ifndef MODEL_MACHINE_H
#define MODEL_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <iommuctl/model.h>

#include "model/edu.h"
#include "model/smmu.h"

/* The window that the kernel keeps for MSIs, and the page of it that the doorbell gets. */
#define MODEL_MSI_WINDOW      UINT64_C(0x8000000)
#define MODEL_MSI_WINDOW_SIZE UINT64_C(0x100000)
#define MODEL_MSI_DOORBELL    (MODEL_MSI_WINDOW + 0x40)

enum model_kind {
	MODEL_DEVICE, /* a bound VFIO device */
	MODEL_IOAS,
	MODEL_HWPT_PAGING,
	MODEL_HWPT_NESTED,
	MODEL_VIOMMU,
	MODEL_VDEVICE,
	MODEL_VEVENTQ,
	MODEL_FAULT_QUEUE,
	MODEL_TOMBSTONE, /* the id of a vDEVICE whose device went first: no one finds it */
};

/* What every object starts with. */
struct model_object {
	enum model_kind kind;
	uint32_t id;
	unsigned int users; /* who keeps it from being destroyed; 0: free to go */
};

/* One open /dev/iommu. It lives until its file, the devices bound to it and its queue files are
 * closed. */
struct model_iommufd {
	struct iommuctl_model *model;
	struct model_object **objects; /* by id; slot 0 stays empty */
	size_t room;
	size_t used;		       /* slots, tombstones included */
	uint32_t free_id;	       /* no lower one is free */
	struct model_object tombstone; /* in the slot of every id that was buried */
	unsigned int references;
	uint64_t rlimit_mode;
	struct model_ioas *vfio_ioas; /* of VFIO_IOAS, or NULL */
};

/* Memory that was given to IOAS_MAP or IOAS_MAP_FILE; IOAS_COPY shares it. */
struct model_pages {
	unsigned int users;
	uint64_t base; /* user address, or offset in the file */
	bool writable;
	int fd;		     /* of the file, our own; -1: memory of the process */
	unsigned char *host; /* where this process sees @base; NULL: the file is not mapped yet */
	uint64_t length;
	void *mapping; /* of the file, or NULL */
	size_t mapping_length;
};

/* A mapping of an IOAS. */
struct model_area {
	uint64_t iova;
	uint64_t length;
	struct model_pages *pages;
	uint64_t offset; /* in @pages */
	bool readable;
	bool writable;
	size_t children[2]; /* links of ioas_areas.c */
};

struct model_range {
	uint64_t start;
	uint64_t last;
};

struct model_reserved {
	struct model_range range;
	const void *owner; /* the device or the HWPT that brought it */
};

struct model_ioas {
	struct model_object object;
	struct model_iommufd *iommufd;
	struct model_area *areas; /* disjoint, in no order; ioas_areas.c finds them by IOVA */
	size_t area_count;
	size_t area_room;
	size_t area_root;
	struct model_range *allowed; /* of ALLOW_IOVAS; sorted, disjoint */
	size_t allowed_count;
	struct model_reserved *reserved; /* sorted by start; may overlap */
	size_t reserved_count;
	struct model_hwpt_paging **hwpts; /* in the order in which they were made */
	size_t hwpt_count;
	uint64_t alignment; /* of IOVAs */
	bool no_huge_pages;
};

struct model_hwpt_paging {
	struct model_object object;
	struct model_stage2 stage2;
	struct model_ioas *ioas;
	unsigned int smmu;
	uint64_t last_iova; /* that it can translate */
	bool nest_parent;
	bool is_auto; /* made by attaching an IOAS; goes with its last device */
	bool enforces_coherency;
	bool pasid_compat;    /* of HWPT_ALLOC_PASID */
	bool msi_mapped;      /* its stage 2 has the page of the doorbell */
	unsigned int streams; /* stream table entries that lead here, also through a nested HWPT */
	struct model_fault_queue
		*fault; /* or NULL; set by HWPT_ALLOC, which counts it in its users */
};

struct model_viommu {
	struct model_object object;
	struct model_hwpt_paging *parent;
	unsigned int smmu;
	struct model_veventq *veventqs; /* one of each type */
};

struct model_hwpt_nested {
	struct model_object object;
	struct model_viommu *viommu;
	uint64_t ste[2];		 /* without EATS: no device here has ATS */
	struct model_fault_queue *fault; /* as in struct model_hwpt_paging */
};

struct model_vdevice {
	struct model_object object;
	struct model_viommu *viommu;
	struct model_device *device;
	uint64_t vsid;
};

struct model_vevent {
	uint32_t sequence;
	uint64_t words[4];
};

/* A queue that has a file, which is one of its users. */
struct model_queue {
	struct model_object object;
	struct model_iommufd *iommufd;
	int fd;
};

struct model_veventq {
	struct model_queue queue;
	struct model_viommu *viommu;
	struct model_veventq *next; /* of the same vIOMMU */
	uint32_t type;
	uint32_t depth;
	uint32_t sequence;	     /* of the next event */
	struct model_vevent *events; /* a ring */
	uint32_t room;		     /* grows up to depth */
	uint32_t head;
	uint32_t count;
	bool lost; /* a LOST_EVENTS header stands behind the events */
	uint32_t lost_sequence;
};

struct model_fault_queue {
	struct model_queue queue;
};

/* The indexes of ABI_VFIO_DEVICE_SET_IRQS: INTx, MSI, MSI-X, error, request. */
#define MODEL_IRQ_INDEXES 5

struct model_irqs {
	unsigned int delivery; /* the index that the device delivers by, or MODEL_IRQ_INDEXES */
	int triggers[MODEL_IRQ_INDEXES]; /* an eventfd of our own of each, or -1 */
	int unmask;			 /* an eventfd of our own that unmasks INTx, or -1 */
	bool masked;	      /* INTx: it fired or was masked, and nothing has unmasked it since */
	bool disabled;	      /* INTx: by the command register */
	uint64_t msi_address; /* where the device sends its MSI; 0 while no one handles it */
	bool msi_spent;	      /* the kernel has lost the only vector that the device has */
	bool msi_unclaimed;   /* no one has handled it since it was enabled */
	bool msi_pending;     /* it came while it was unclaimed */
};

/* A HWPT that a device is attached to by a PASID. */
struct model_pasid {
	uint32_t pasid;
	struct model_object *hwpt;
};

struct model_device {
	struct model_object object; /* in the iommufd it is bound to; vfio is one of its users */
	struct iommuctl_model *model;
	struct iommuctl_model_device config;
	unsigned int index;
	const struct model_device_file *bound; /* the open file that was bound, or NULL */
	struct model_iommufd *iommufd;	       /* NULL: not bound */
	struct model_object *attached;	       /* a paging or nested HWPT, or NULL */
	bool attached_as_pasid;		       /* by PASID 0, which the kernel takes for no PASID */
	struct model_pasid *pasids;	       /* the others */
	size_t pasid_count;
	struct model_vdevice *vdevice;
	struct model_object *streaming; /* what its stream table entry leads to: its group's HWPT */
	struct model_stream stream;	/* that entry */
	struct model_viommu *reports_to; /* who gets its events, under which vSID; or NULL */
	uint64_t reported_vsid;
	struct model_edu edu;
	unsigned char saved_config[MODEL_EDU_CONFIG_SIZE]; /* from before it was bound */
	struct model_irqs irqs;
	bool msi_required; /* its doorbell is to be mapped wherever its group is attached */
	bool low_power;
};

/* One open of a VFIO device; several may be, but one alone is bound. */
struct model_device_file {
	struct model_device *device;
	uint64_t position; /* of read and write as on a stream */
};

/* What a file descriptor of the model stands for. */
enum model_file_kind {
	MODEL_FILE_IOMMUFD,
	MODEL_FILE_DEVICE,
	MODEL_FILE_VEVENTQ,
	MODEL_FILE_FAULT_QUEUE,
};

struct model_file {
	enum model_file_kind kind;
	void *object; /* struct model_iommufd, model_device_file, model_veventq, model_fault_queue
		       */
};

#define MODEL_VMIDS 65536

struct iommuctl_model {
	struct iommuctl_model_config
		config; /* with what its zeros stand for; a group of one's own < 0 */
	struct iommuctl_model_counters counters;
	struct model_smmu *smmus[IOMMUCTL_MODEL_SMMUS_MAX];
	uint64_t vmids[IOMMUCTL_MODEL_SMMUS_MAX][MODEL_VMIDS / 64]; /* a bit for each in use */
	struct model_device devices[IOMMUCTL_MODEL_DEVICES_MAX];
	struct model_file
		*files; /* by file descriptor; without an object: not one of the model's */
	size_t file_room;
};

/*
 * files.c: a real file descriptor (a non-blocking eventfd) that stands for @object. The fd, or
 * -errno. Closing it closes @object, as by model_veventq_close(). -EBADF.
 */
int model_file_open(struct iommuctl_model *model, enum model_file_kind kind, void *object);
struct model_file *model_file_find(struct iommuctl_model *model, int fd);
int model_file_close(struct iommuctl_model *model, int fd);

/* user.c: memory of the caller. -EFAULT if an address cannot be one: NULL, or beyond user space. */
void *model_user_pointer(uint64_t user);
int model_copy_in(void *to, uint64_t user, size_t size);
int model_copy_out(uint64_t user, const void *from, size_t size);
/* True if all of it is mapped and may be read or, with @write, written; of much, the ends may. */
bool model_user_mapped(uint64_t user, uint64_t size, bool write);

/* iommufd.c: what a newer caller passes beyond the struct that is known must be zero. -E2BIG. */
int model_check_rest(uint64_t rest, uint64_t size);

/* objects.c: ids are the lowest free ones from 1, as the kernel gives them. */
int model_object_add(
	struct model_iommufd *iommufd, struct model_object *object, enum model_kind kind);
void model_object_remove(struct model_iommufd *iommufd, struct model_object *object);
/* The same, but the id is not given out again: a tombstone. */
void model_object_bury(struct model_iommufd *iommufd, struct model_object *object);
/* The object @id if it is of @kind, else NULL. */
void *model_object_find(const struct model_iommufd *iommufd, uint32_t id, enum model_kind kind);
struct model_object *model_object_any(const struct model_iommufd *iommufd, uint32_t id);
/* The device bound as @id, or NULL. */
struct model_device *model_device_find(const struct model_iommufd *iommufd, uint32_t id);

/* destroy.c: takes the id away from @object, which has no users, and frees it. */
void model_object_destroy(struct model_iommufd *iommufd, struct model_object *object);

/* iommufd.c: open and last close, and the ioctls. */
int model_iommufd_open(struct iommuctl_model *model);
void model_iommufd_put(struct model_iommufd *iommufd);
int model_iommufd_ioctl(struct model_iommufd *iommufd, unsigned long request, void *arg);

/*
 * Each ioctl of iommufd has a function of this kind in the file of its object; @arg is a copy of
 * the caller's struct, as large as the kernel's, and is copied back whatever it returns: a function
 * that fails changes it only where the kernel writes back even then (IOVA_RANGES, HWPT_INVALIDATE).
 */
typedef int model_ioctl(struct model_iommufd *iommufd, void *arg);
model_ioctl model_destroy, model_get_hw_info, model_option, model_vfio_ioas;
model_ioctl model_ioas_alloc, model_ioas_map, model_ioas_map_file, model_ioas_copy,
	model_ioas_unmap, model_ioas_iova_ranges, model_ioas_allow_iovas, model_ioas_change_process;
model_ioctl model_hwpt_alloc, model_hwpt_set_dirty_tracking, model_hwpt_get_dirty_bitmap;
model_ioctl model_hwpt_invalidate, model_viommu_alloc, model_vdevice_alloc, model_veventq_alloc,
	model_hw_queue_alloc, model_fault_queue_alloc;

/* ioas.c */
void model_ioas_free(struct model_ioas *ioas);
/* Takes the reserved regions of @device into account; -EADDRINUSE if one is mapped over. */
int model_ioas_attach(struct model_ioas *ioas, const struct model_device *device);
void model_ioas_detach(struct model_ioas *ioas, const struct model_device *device);
/* Has @hwpt translate what is mapped now and later. -EADDRINUSE, -EFAULT, -EINVAL, -ENOMEM. */
int model_ioas_add_hwpt(struct model_ioas *ioas, struct model_hwpt_paging *hwpt);
void model_ioas_remove_hwpt(struct model_ioas *ioas, const struct model_hwpt_paging *hwpt);
int model_ioas_set_huge_pages(struct model_ioas *ioas, bool huge_pages);

/* ioas_areas.c. Indexes into the areas of an IOAS are good until one is put in or taken out. */
/* The first area by IOVA that lasts to @iova or beyond; area_count: there is none. */
size_t model_ioas_area_at(const struct model_ioas *ioas, uint64_t iova);
/* The next one by IOVA; area_count: there is none. */
size_t model_ioas_area_after(const struct model_ioas *ioas, size_t at);
/* Puts all @count areas in, where nothing is mapped, or with -ENOMEM none; and takes one out. */
int model_ioas_insert_areas(struct model_ioas *ioas, const struct model_area *areas, size_t count);
void model_ioas_remove_area(struct model_ioas *ioas, size_t at);

/* ioas_range.c: the ranges of an IOAS that are mapped, reserved, allowed or free. */
/* The first reserved range that lasts to @iova or beyond, or NULL. */
const struct model_range *model_ioas_reserved_at(const struct model_ioas *ioas, uint64_t iova);
bool model_ioas_is_mapped(const struct model_ioas *ioas, const struct model_range *range);
bool model_ioas_is_reserved(const struct model_ioas *ioas, const struct model_range *range);
int model_ioas_reserve(struct model_ioas *ioas, const struct model_range *range, const void *owner);
void model_ioas_unreserve(struct model_ioas *ioas, const void *owner);
/* Where @length bytes go whose memory is at @address. -ENOSPC, -EOVERFLOW, -EINVAL. */
int model_ioas_choose_iova(
	const struct model_ioas *ioas, uint64_t address, uint64_t length, uint64_t *iova);

/* pages.c */
int model_pages_of_user(uint64_t user, uint64_t length, bool writable, struct model_pages **pages);
int model_pages_of_file(
	int fd, uint64_t start, uint64_t length, bool writable, struct model_pages **pages);
void model_pages_put(struct model_pages *pages);
/* Makes the memory of @area reachable. -EFAULT; -EINVAL if a file is none that can be pinned. */
int model_pages_pin(const struct model_area *area);

/* hwpt.c: makes a paging HWPT of @ioas for @device; @flags as for HWPT_ALLOC. */
int model_hwpt_paging_new(struct model_iommufd *iommufd, struct model_ioas *ioas,
	struct model_device *device, uint32_t flags, struct model_hwpt_paging **hwpt);
void model_hwpt_paging_free(struct model_iommufd *iommufd, struct model_hwpt_paging *hwpt);

/*
 * nested.c: the part of HWPT_ALLOC for a pt_id that is a vIOMMU or a paging HWPT. The new HWPT has
 * an id; the fault queue is the caller's to look up and to put in.
 */
struct abi_hwpt_alloc;
int model_hwpt_nested_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *parent, const struct abi_hwpt_alloc *args, struct model_object **hwpt);

/*
 * nested.c, viommu.c, veventq.c, fault_queue.c: each gives back what the object holds, and frees
 * it. Its id was removed before.
 */
void model_hwpt_nested_free(struct model_iommufd *iommufd, struct model_hwpt_nested *hwpt);
void model_fault_queue_free(struct model_iommufd *iommufd, struct model_fault_queue *queue);
void model_viommu_free(struct model_iommufd *iommufd, struct model_viommu *viommu);
void model_vdevice_free(struct model_iommufd *iommufd, struct model_vdevice *vdevice);
void model_veventq_free(struct model_iommufd *iommufd, struct model_veventq *veventq);

/* viommu.c: the device that has @vsid there, or NULL. */
struct model_device *model_viommu_find_device(
	const struct model_viommu *viommu, struct iommuctl_model *model, uint64_t vsid);

/* queue.c: @queue gets an id and a file. Closing gives back the file's share in it. */
int model_queue_open(struct model_queue *queue, struct model_iommufd *iommufd, enum model_kind kind,
	enum model_file_kind file);
void model_queue_close(struct model_queue *queue);

ssize_t model_veventq_read(struct model_veventq *veventq, void *buffer, size_t size);
void model_veventq_close(struct model_veventq *veventq);
ssize_t model_fault_queue_read(struct model_fault_queue *queue, void *buffer, size_t size);
ssize_t model_fault_queue_write(struct model_fault_queue *queue, const void *buffer, size_t size);
void model_fault_queue_close(struct model_fault_queue *queue);
/* An event of @device, its StreamID rewritten to the vSID. */
void model_veventq_report(struct model_device *device, const uint64_t words[4]);

/* vfio.c. A device in the model's list is ready for use after model_device_init(). */
void model_device_init(struct iommuctl_model *model, unsigned int index,
	const struct iommuctl_model_device *config);
int model_device_open(struct iommuctl_model *model, unsigned int index);
void model_device_close(struct model_device_file *file);
int model_device_ioctl(struct model_device_file *file, unsigned long request, void *arg);
/* The devices of the model in the IOMMU group of @device: the first after @after, or NULL. */
struct model_device *model_group_next(
	const struct model_device *device, const struct model_device *after);

/* vfio_info.c: what a device tells about itself. */
typedef int model_device_ioctl_function(struct model_device *device, void *arg);
model_device_ioctl_function model_device_get_info, model_device_get_region_info,
	model_device_get_irq_info, model_device_feature;

/*
 * vfio_region.c: pread, pwrite, and the answer to mmap(2): no memory can stand for a BAR, so that
 * even a valid one fails.
 */
ssize_t model_device_read(
	struct model_device_file *file, void *buffer, size_t size, int64_t offset);
ssize_t model_device_write(
	struct model_device_file *file, const void *buffer, size_t size, int64_t offset);
int model_device_mmap(struct model_device_file *file, uint64_t offset, size_t length, int flags);

/* vfio_dma.c: an access by the engine of @device. -EACCES: it is no bus master; -EIO. */
int model_device_dma(struct model_device *device, int ssid, uint64_t iova, void *buffer,
	size_t size, bool write);

/* vfio_irq.c */
model_device_ioctl_function model_irqs_set;
unsigned int model_irqs_count(unsigned int index);
void model_irqs_init(struct model_device *device);
void model_irqs_release(struct model_device *device);
/* The device has set a bit of its interrupt status. */
void model_irqs_raise(struct model_device *device);
/* Its status, its command register or an eventfd may have changed. */
void model_irqs_update(struct model_device *device);
/* Its MSI has arrived. */
void model_irqs_deliver(struct model_device *device);
/* An eventfd of our own for the eventfd @fd. -EBADF; -EINVAL it is something else. */
int model_eventfd_take(struct iommuctl_model *model, int fd);

/* vfio_attach.c, vfio_pasid.c: vfio's view, where attaching what is attached replaces it. */
int model_device_attach(struct model_device *device, uint32_t *pt_id);
void model_device_detach(struct model_device *device);
int model_device_attach_pasid(struct model_device *device, uint32_t pasid, uint32_t *pt_id);
void model_device_detach_pasid(struct model_device *device, uint32_t pasid);
void model_device_detach_all(struct model_device *device);

/* vfio_attach.c: iommufd's view; @pasid 0 is none. */
typedef int model_attach(struct model_device *device, uint32_t pasid, struct model_object *hwpt);
int model_attach_pt(
	struct model_device *device, uint32_t pasid, uint32_t *pt_id, model_attach *attach);
model_attach model_attach_hwpt, model_replace_hwpt;
void model_detach_hwpt(struct model_device *device);
struct model_hwpt_paging *model_paging_of(struct model_object *hwpt);
void model_hwpt_put(struct model_device *device, struct model_object *hwpt);

/* vfio_pasid.c */
model_attach model_pasid_attach_hwpt, model_pasid_replace_hwpt;
/* Whether @hwpt goes together with what the group of @device has under other PASIDs. */
bool model_pasid_compatible(
	const struct model_device *device, uint32_t pasid, struct model_object *hwpt);

/* stream.c: has the group of @device lead to @hwpt, or nowhere. -EINVAL, -ENOENT, -ENOMEM. */
int model_stream_group(struct model_device *device, struct model_object *hwpt);

#endif
