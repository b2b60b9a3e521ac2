/* SPDX-License-Identifier: MIT */
/* HWPTs, vIOMMUs, vDEVICEs and queues, with the kernel's rules. */
#ifndef LIBIOMMUCTL_MODEL_IOMMUFD_IOMMUFD_H
#define LIBIOMMUCTL_MODEL_IOMMUFD_IOMMUFD_H

#include "model/file.h"
#include "model/iommufd/object.h"
#include "model/smmu/smmu.h"

#include "abi/iommufd.h"

struct model_device;
struct model_ioas;
struct model_fault_queue;
struct model_veventq;
struct model_hwpt_paging;
struct model_dirty;
struct model_hw_queue;

#define MODEL_HW_QUEUES 128 /* the limit for a vIOMMU */

/* The first member of every HWPT. */
struct model_hwpt {
	struct model_object object;
	struct model_hwpt_paging *paging; /* itself, or its parent if nested */
	struct model_fault_queue *fault;  /* or NULL; HWPT_ALLOC sets it, and takes a reference */
	bool pasid_compat;		  /* of HWPT_ALLOC_PASID */
};

struct model_hwpt_paging {
	struct model_hwpt hwpt;
	struct model_stage2 stage2;
	struct model_ioas *ioas;
	struct model_dirty *dirty; /* of ALLOC_DIRTY_TRACKING; NULL: it does not track */
	unsigned int smmu;
	uint64_t first_iova; /* the lowest it can translate */
	uint64_t last_iova;
	uint64_t page_size; /* the smallest that it maps */
	bool nest_parent;
	bool is_mock;	     /* of the IOMMU of mock devices */
	bool tracking;	     /* dirty tracking is on */
	bool writable_alone; /* it refuses read-only mappings (erratum 772415 of VT-d) */
	bool is_auto;	     /* made by attaching an IOAS; destroyed with its last device */
	bool enforces_coherency;
	bool msi_mapped;      /* its stage 2 maps the doorbell page */
	unsigned int streams; /* stream table entries that use it, also through a nested HWPT */
};

/* Pages that userspace maps from the iommufd. */
struct model_shown {
	int fd;
	uint64_t offset; /* on the iommufd */
	uint64_t length;
};

struct model_viommu {
	struct model_object object;
	struct model_hwpt_paging *parent;
	unsigned int smmu;
	struct model_veventq *veventqs; /* one of each type */
	struct model_vdevice *vdevices;
	struct model_shown *shown; /* mapped by userspace; or NULL */
	bool has_vintf;		   /* it uses an interface of a CMDQV */
	struct model_hw_queue *hw_queues[MODEL_HW_QUEUES];
};

struct model_hwpt_nested {
	struct model_hwpt hwpt;
	struct model_viommu *viommu;
	uint64_t ste[2]; /* without EATS: no device here has ATS */
};

/* Nested on a paging HWPT, without a vIOMMU. */
struct model_hwpt_vtd {
	struct model_hwpt hwpt;
	struct iommuctl_hwpt_vtd_s1 data; /* as passed: checked when attaching */
};

struct model_vdevice {
	struct model_object object;
	struct model_vdevice *next; /* of the same vIOMMU */
	struct model_viommu *viommu;
	struct model_device *device;
	uint64_t vsid;
};

struct model_vevent {
	uint32_t sequence;
	uint32_t size;
	unsigned char data[32]; /* little-endian, as userspace reads it */
};

/* A queue that has a file, which holds a reference. */
struct model_queue {
	struct model_object object;
	struct model_iommufd *iommufd;
	int fd;
	bool pending; /* the eventfd behind the file is readable */
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
	bool lost; /* a LOST_EVENTS header follows the events */
	uint32_t lost_sequence;
};

/* A group of one: an access that the SMMU has stalled, or a mock device's fault. */
struct model_page_fault {
	struct model_page_fault *next;
	struct model_device *device;
	uint32_t pasid; /* of the attachment it came by; 0: none */
	bool read;
	struct abi_hwpt_pgfault fault; /* with a cookie once it has been read */
};

struct model_fault_queue {
	struct model_queue queue;
	struct model_page_fault *faults; /* unanswered ones, the oldest first */
	bool gives_zero;		 /* as a cookie: see respond() */
};

extern const struct model_file_kind model_iommufd_file;

/* iommufd.c: open and last close. */
int model_iommufd_open(struct iommuctl_model *model);
void model_iommufd_put(struct model_iommufd *iommufd);

/*
 * Each iommufd ioctl has such a function in the source of its object. @arg is a copy of the
 * caller's struct, as large as the kernel's, and is copied back whatever it returns: a function
 * that fails changes it only where the kernel writes back even then (IOVA_RANGES, HWPT_INVALIDATE).
 */
typedef int model_ioctl(struct model_iommufd *iommufd, void *arg);
model_ioctl model_destroy, model_get_hw_info, model_option, model_vfio_ioas;
model_ioctl model_ioas_alloc, model_ioas_map, model_ioas_map_file, model_ioas_copy,
	model_ioas_unmap, model_ioas_iova_ranges, model_ioas_allow_iovas, model_ioas_change_process;
model_ioctl model_hwpt_alloc, model_hwpt_set_dirty_tracking, model_hwpt_get_dirty_bitmap;
model_ioctl model_hwpt_invalidate, model_viommu_alloc, model_vdevice_alloc, model_veventq_alloc,
	model_hw_queue_alloc, model_fault_queue_alloc;
model_ioctl model_mock_command; /* mock/command.c: for the kernel's own test device */

/* hwpt.c: makes a paging HWPT of @ioas for @device; @flags as for HWPT_ALLOC, and valid. */
int model_hwpt_paging_new(struct model_iommufd *iommufd, struct model_ioas *ioas,
	struct model_device *device, uint32_t flags, struct model_hwpt_paging **hwpt);
/* IOAS operation: its part of HWPT_ALLOC. */
int model_ioas_hwpt_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *ioas, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt);
/* hwpt.c: drops its reference to a fault queue. */
void model_hwpt_release_fault(struct model_hwpt *hwpt);

/* dirty.c: tracks what devices write through @hwpt; starts and ends tracking. -ENOMEM. */
int model_dirty_new(struct model_hwpt_paging *hwpt);
void model_dirty_free(struct model_dirty *dirty);
/* Unmapped pages are no longer dirty. */
void model_dirty_forget(struct model_dirty *dirty, uint64_t first, uint64_t last);
/* The page at @iova was written to, if it is mapped. */
void model_dirty_add(struct model_hwpt_paging *hwpt, uint64_t iova);

/* nested.c, vIOMMU operation: its part of HWPT_ALLOC. */
int model_hwpt_nested_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *viommu, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt);

/* vtd.c, paging HWPT operation: its part of HWPT_ALLOC, for a device behind VT-d. */
int model_hwpt_vtd_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *parent, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt);
/* vtd.c: @hwpt if it belongs to VT-d, else NULL; and the tag of its TLB entries. */
const struct model_hwpt_vtd *model_hwpt_vtd_of(const struct model_hwpt *hwpt);
uint16_t model_hwpt_vtd_did(const struct model_hwpt_vtd *vtd);
/* vtd.c: whether @device can be attached to @hwpt. -EINVAL. */
int model_hwpt_vtd_check(const struct model_device *device, const struct model_hwpt_vtd *hwpt);
/* vtd.c: the entry that the kernel makes of @hwpt, as a unit reads it. False: it refuses it. */
bool model_hwpt_vtd_entry(const struct model_device *device, const struct model_hwpt_vtd *hwpt,
	struct iommuctl_hwpt_vtd_s1 *data);
/* vtd.c: @vtd has lost its last reference. */
void model_hwpt_vtd_forget(struct iommuctl_model *model, const struct model_hwpt_vtd *vtd);

/* invalidate.c, vIOMMU operation: its part of HWPT_INVALIDATE. */
int model_viommu_invalidate(struct model_iommufd *iommufd, struct model_object *viommu,
	const struct abi_hwpt_invalidate *args, uint32_t *done);

/* shown.c: allocates @length zeroed bytes at the lowest free offset. -ENOMEM. */
int model_shown_new(
	const struct model_iommufd *iommufd, uint64_t length, struct model_shown **shown);
void model_shown_free(struct model_shown *shown); /* NULL is allowed */
/* shown.c: maps a vIOMMU's pages at @offset. -ENXIO, -ENOMEM. */
int model_shown_mmap(
	struct model_iommufd *iommufd, uint64_t offset, size_t length, int prot, void **address);

/*
 * cmdqv.c: the driver's part of VIOMMU_ALLOC, and its undoing. -EINVAL, -E2BIG, -EFAULT, -ENOSPC.
 */
int model_cmdqv_init(struct model_iommufd *iommufd, struct model_viommu *viommu,
	const struct abi_viommu_alloc *args);
void model_cmdqv_free(struct model_iommufd *iommufd, const struct model_viommu *viommu);
/* cmdqv.c: whether @viommu can get a vDEVICE of @vsid. -EINVAL, -ENOSPC. */
int model_cmdqv_check_vdevice(
	const struct model_iommufd *iommufd, const struct model_viommu *viommu, uint64_t vsid);

/* viommu.c: destroys @vdevice; its id stays taken. */
void model_vdevice_bury(struct model_iommufd *iommufd, struct model_vdevice *vdevice);

/* viommu.c: the device with @vsid there, or NULL. */
struct model_device *model_viommu_find_device(const struct model_viommu *viommu, uint64_t vsid);

/* queue.c: gives @queue an id and a file. Closing drops the file's reference. */
int model_queue_open(struct model_queue *queue, struct model_iommufd *iommufd,
	const struct model_kind *kind, const struct model_file_kind *file);
void model_queue_close(void *queue);
/* Makes the eventfd behind the queue's file readable or not. */
void model_queue_set_pending(struct model_queue *queue, bool pending);
/* Queues an event of @device, its StreamID replaced by the vSID. */
void model_veventq_report(struct model_device *device, const uint64_t words[4]);
/* Queues any event of @viommu. -EOPNOTSUPP: it has no queue of that type. */
int model_veventq_add(
	const struct model_viommu *viommu, uint32_t type, const void *data, uint32_t size);

/*
 * fault_queue.c: an access of @device has stalled, as @event says. False: nobody can answer, so it
 * is aborted.
 */
bool model_fault_report(struct model_device *device, const struct iommuctl_smmuv3_event *event);
/* The same for a mock device, by PASID or (0) for the device itself. */
void model_fault_add(struct model_device *device, const struct abi_hwpt_pgfault *fault);
/*
 * Faults of @device by @pasid (0: itself) in the queue of @hwpt are answered as invalid, as when it
 * is detached.
 */
void model_faults_end(struct model_device *device, uint32_t pasid, const struct model_hwpt *hwpt);

#endif
