/* SPDX-License-Identifier: MIT */
/* The objects of an iommufd: their common part, and how they are looked up. */
#ifndef LIBIOMMUCTL_MODEL_IOMMUFD_OBJECT_H
#define LIBIOMMUCTL_MODEL_IOMMUFD_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/model.h>

struct model_object;
struct model_hwpt;
struct model_device;
struct model_iommufd;
struct model_ioas;
struct abi_hwpt_alloc;
struct abi_hwpt_invalidate;

/* Attaches @device to @hwpt; @pasid 0 means no PASID. */
typedef int model_attach(struct model_device *device, uint32_t pasid, struct model_hwpt *hwpt);

/*
 * What iommufd does with objects of a kind, defined in the kind's source. Each function takes the
 * object, which is the first member of a larger struct.
 */
struct model_kind {
	/*
	 * Releases what the object holds, and frees it. Its id is already gone. NULL: only its file
	 * destroys it.
	 */
	void (*free)(struct model_iommufd *iommufd, struct model_object *object);
	/* ATTACH_IOMMUFD_PT with the object as *@pt_id; NULL: nothing can attach to it. */
	int (*attach)(struct model_device *device, uint32_t pasid, struct model_object *object,
		uint32_t *pt_id, model_attach *attach);
	/* HWPT_ALLOC with the object as pt_id; gives the new HWPT an id. NULL: not a parent. */
	int (*hwpt_alloc)(struct model_iommufd *iommufd, struct model_device *device,
		struct model_object *object, const struct abi_hwpt_alloc *args,
		struct model_hwpt **hwpt);
	/*
	 * HWPT_INVALIDATE of the object; *@done is the entry_num to write back. NULL: it has no
	 * cache.
	 */
	int (*invalidate)(struct model_iommufd *iommufd, struct model_object *object,
		const struct abi_hwpt_invalidate *args, uint32_t *done);
};

extern const struct model_kind model_device_kind, model_ioas_kind, model_hwpt_paging_kind,
	model_hwpt_nested_kind, model_hwpt_vtd_kind, model_viommu_kind, model_vdevice_kind,
	model_veventq_kind, model_hw_queue_kind, model_fault_queue_kind, model_access_kind;
/* The id of a vDEVICE whose device went first: it finds nothing. */
extern const struct model_kind model_tombstone_kind;

/* The first member of every object. */
struct model_object {
	const struct model_kind *kind;
	uint32_t id;
	unsigned int users; /* references that keep it from being destroyed; 0: it can go */
};

/* An open /dev/iommu. It lives until its file, its bound devices and its queue files are closed. */
struct model_iommufd {
	struct iommuctl_model *model;
	struct model_object **objects; /* by id; slot 0 stays empty */
	size_t room;
	size_t used;		       /* slots, tombstones included */
	uint32_t free_id;	       /* no lower one is free */
	struct model_object tombstone; /* in the slots of ids that stay taken */
	unsigned int references;
	uint64_t rlimit_mode;
	struct model_ioas *vfio_ioas; /* of VFIO_IOAS, or NULL */
	struct model_iommufd *next;   /* of the model's */
};

/* Gives the lowest free id from 1, as the kernel does. */
int model_object_add(
	struct model_iommufd *iommufd, struct model_object *object, const struct model_kind *kind);
void model_object_remove(struct model_iommufd *iommufd, struct model_object *object);
/* The same, but the id is not reused: it becomes a tombstone. */
void model_object_bury(struct model_iommufd *iommufd, struct model_object *object);
/* The object @id if it has @kind, else NULL. */
void *model_object_find(
	const struct model_iommufd *iommufd, uint32_t id, const struct model_kind *kind);
struct model_object *model_object_any(const struct model_iommufd *iommufd, uint32_t id);
/* The device bound as @id, or NULL. */
struct model_device *model_device_find(const struct model_iommufd *iommufd, uint32_t id);

/* Frees @object, which has no users, and its id. */
void model_object_destroy(struct model_iommufd *iommufd, struct model_object *object);

#endif
