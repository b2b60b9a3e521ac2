/* SPDX-License-Identifier: MIT */
/* HWPTs, vIOMMUs, vDEVICEs and queues, with the rules of the kernel. */
#ifndef LIBIOMMUCTL_MODEL_IOMMUFD_IOMMUFD_H
#define LIBIOMMUCTL_MODEL_IOMMUFD_IOMMUFD_H

#include "model/file.h"
#include "model/iommufd/object.h"
#include "model/smmu/smmu.h"

struct model_device;
struct model_ioas;
struct model_fault_queue;
struct model_veventq;
struct model_hwpt_paging;

/* What every HWPT starts with. */
struct model_hwpt {
	struct model_object object;
	struct model_hwpt_paging *paging; /* itself, or what it is nested on */
	struct model_fault_queue *fault;  /* or NULL; HWPT_ALLOC sets it, and counts its user */
};

struct model_hwpt_paging {
	struct model_hwpt hwpt;
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
};

struct model_viommu {
	struct model_object object;
	struct model_hwpt_paging *parent;
	unsigned int smmu;
	struct model_veventq *veventqs; /* one of each type */
};

struct model_hwpt_nested {
	struct model_hwpt hwpt;
	struct model_viommu *viommu;
	uint64_t ste[2]; /* without EATS: no device here has ATS */
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

extern const struct model_file_kind model_iommufd_file;

/* iommufd.c: open and last close. */
int model_iommufd_open(struct iommuctl_model *model);
void model_iommufd_put(struct model_iommufd *iommufd);

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

/* hwpt.c: makes a paging HWPT of @ioas for @device; @flags as for HWPT_ALLOC. */
int model_hwpt_paging_new(struct model_iommufd *iommufd, struct model_ioas *ioas,
	struct model_device *device, uint32_t flags, struct model_hwpt_paging **hwpt);
/* The same for the kind of IOASs: their part of HWPT_ALLOC. */
int model_ioas_hwpt_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *ioas, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt);
/* hwpt.c: gives up its share in a fault queue. */
void model_hwpt_release_fault(struct model_hwpt *hwpt);

/* nested.c, for the kind of vIOMMUs: their part of HWPT_ALLOC. */
int model_hwpt_nested_alloc(struct model_iommufd *iommufd, struct model_device *device,
	struct model_object *viommu, const struct abi_hwpt_alloc *args, struct model_hwpt **hwpt);

/* invalidate.c, for the kind of vIOMMUs: their part of HWPT_INVALIDATE. */
int model_viommu_invalidate(struct model_iommufd *iommufd, struct model_object *viommu,
	const struct abi_hwpt_invalidate *args, uint32_t *done);

/* viommu.c: the id of @vdevice stays taken. */
void model_vdevice_bury(struct model_iommufd *iommufd, struct model_vdevice *vdevice);

/* viommu.c: the device that has @vsid there, or NULL. */
struct model_device *model_viommu_find_device(
	const struct model_viommu *viommu, struct iommuctl_model *model, uint64_t vsid);

/* queue.c: @queue gets an id and a file. Closing gives back the file's share in it. */
int model_queue_open(struct model_queue *queue, struct model_iommufd *iommufd,
	const struct model_kind *kind, const struct model_file_kind *file);
void model_queue_close(void *queue);
/* An event of @device, its StreamID rewritten to the vSID. */
void model_veventq_report(struct model_device *device, const uint64_t words[4]);

#endif
