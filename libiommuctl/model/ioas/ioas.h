/* SPDX-License-Identifier: MIT */
/* An IOAS: its mappings, and which IOVAs are reserved, allowed and free. */
#ifndef LIBIOMMUCTL_MODEL_IOAS_IOAS_H
#define LIBIOMMUCTL_MODEL_IOAS_IOAS_H

#include "model/file.h"
#include "model/iommufd/object.h"
#include "model/smmu/smmu.h"

struct model_device;
struct model_hwpt_paging;

/* A dma-buf: of a mock device, with its own memory, or a part of a BAR. */
struct model_dma_buf {
	unsigned int users;    /* its file, and pages */
	unsigned char *memory; /* NULL: @registers stand there */
	struct model_registers registers;
	uint64_t offset; /* in @registers */
	uint64_t length;
	uint32_t range_count; /* iommufd takes only one */
	bool revoked;	      /* it cannot be mapped */
	bool is_bar;
	struct model_device *device; /* whose BAR it is; NULL: closed */
	struct model_dma_buf *next;  /* of that device */
};

/* Memory passed to IOAS_MAP or IOAS_MAP_FILE; IOAS_COPY shares it. */
struct model_pages {
	unsigned int users;
	uint64_t base; /* user address, or offset in the file */
	bool writable;
	int fd;		     /* the file, our own fd; -1: process memory */
	unsigned char *host; /* where this process sees @base; NULL: the file is not mapped yet */
	uint64_t length;
	void *mapping; /* of the file, or NULL */
	size_t mapping_length;
	struct iommuctl_model *model;  /* for process memory, or NULL */
	struct model_dma_buf *dma_buf; /* whose memory it is, or NULL */
	bool revoked;		       /* it was revoked since it was mapped */
};

/* A mapping of an IOAS. */
struct model_area {
	uint64_t iova;
	uint64_t length;
	struct model_pages *pages;
	uint64_t offset; /* in @pages */
	bool readable;
	bool writable;
	size_t children[2]; /* links of areas.c */
};

struct model_range {
	uint64_t start;
	uint64_t last;
};

struct model_reserved {
	struct model_range range;
	const void *owner; /* the device or HWPT that added it */
};

/* What an access has pinned. */
struct model_pin {
	struct model_pin *next; /* the latest first */
	uint32_t id;
	struct model_range range;
};

/* One of the kernel's own accesses to an IOAS, as by a mediated-device driver or a HW queue. */
struct model_access {
	struct model_object object;
	struct model_iommufd *iommufd;
	struct model_ioas *ioas; /* NULL: detached */
	struct model_access *next;
	struct model_pin *held;
	uint32_t next_id;
	bool pins;
	bool locks; /* what it has pinned cannot be unmapped; otherwise it unpins */
};

struct model_ioas {
	struct model_object object;
	struct model_iommufd *iommufd;
	struct model_area *areas; /* disjoint, unordered; areas.c finds them by IOVA */
	size_t area_count;
	size_t area_room;
	size_t area_root;
	struct model_range *allowed; /* of ALLOW_IOVAS; sorted, disjoint */
	size_t allowed_count;
	struct model_reserved *reserved; /* sorted by start; may overlap */
	size_t reserved_count;
	struct model_hwpt_paging **hwpts; /* in the order of their creation */
	size_t hwpt_count;
	struct model_access *accesses;
	uint64_t alignment; /* of IOVAs */
	bool no_huge_pages;
};

/* ioas.c */
/* Adds the reserved regions of @device; -EADDRINUSE if a mapping overlaps one. */
int model_ioas_attach(struct model_ioas *ioas, const struct model_device *device);
void model_ioas_detach(struct model_ioas *ioas, const struct model_device *device);
/* Makes @hwpt translate all mappings, now and later. -EADDRINUSE, -EFAULT, -EINVAL, -ENOMEM. */
int model_ioas_add_hwpt(struct model_ioas *ioas, struct model_hwpt_paging *hwpt);
void model_ioas_remove_hwpt(struct model_ioas *ioas, const struct model_hwpt_paging *hwpt);
int model_ioas_set_huge_pages(struct model_ioas *ioas, bool huge_pages);
/* -EADDRINUSE: mappings are not aligned to the pages that @access pins. */
int model_ioas_add_access(struct model_ioas *ioas, struct model_access *access);
void model_ioas_remove_access(struct model_access *access);

/* access.c. Creates an access without an IOAS, and destroys it. -ENOMEM. */
int model_access_new(struct model_iommufd *iommufd, bool pins, struct model_access **access);
void model_access_free(struct model_access *access);
/* Unpins what it has pinned of @range. */
void model_access_let_go(struct model_access *access, const struct model_range *range);
struct model_user_range {
	uint64_t iova;
	uint64_t length;
	uint64_t user; /* an address of the caller; 0: none */
	bool write;
};

/*
 * Pins @what; if it has a user address, only if that is the same memory. -EINVAL, -EOVERFLOW,
 * -ENOENT, -EPERM, -EFAULT, -EBADE, -ENOMEM.
 */
int model_access_pin(
	struct model_access *access, const struct model_user_range *what, uint32_t *id);
int model_access_unpin(struct model_access *access, uint32_t id); /* -ENOENT */
/* Whether the pinned @what is contiguous in the host's memory. -EFAULT. */
int model_access_check_contiguous(
	const struct model_access *access, const struct model_user_range *what);
/* Copies area by area: areas before a refused one are copied. */
int model_access_copy(
	struct model_access *access, const struct model_user_range *what, void *buffer);
/* Whether both addresses lead to the same byte of memory; writes to the second. */
bool model_same_memory(const unsigned char *host, unsigned char *user);
/* -EBUSY: part of @area is locked. */
int model_ioas_check_locks(struct model_ioas *ioas, const struct model_area *area);
/* @area is being removed: accesses unpin what they have pinned of it. */
void model_ioas_notify(struct model_ioas *ioas, const struct model_area *area);

/* areas.c. Indexes into the areas of an IOAS are valid until one is added or removed. */
/* The first area by IOVA that ends at @iova or later; area_count: none. */
size_t model_ioas_area_at(const struct model_ioas *ioas, uint64_t iova);
/* The next one by IOVA; area_count: none. */
size_t model_ioas_area_after(const struct model_ioas *ioas, size_t at);
/* Adds all @count areas, where nothing is mapped, or none (-ENOMEM); and removes one. */
int model_ioas_insert_areas(struct model_ioas *ioas, const struct model_area *areas, size_t count);
void model_ioas_remove_area(struct model_ioas *ioas, size_t at);

/* range.c: the mapped, reserved, allowed and free ranges of an IOAS. */
/* The first reserved range that ends at @iova or later, or NULL. */
const struct model_range *model_ioas_reserved_at(const struct model_ioas *ioas, uint64_t iova);
bool model_ioas_is_mapped(const struct model_ioas *ioas, const struct model_range *range);
bool model_ioas_is_reserved(const struct model_ioas *ioas, const struct model_range *range);
int model_ioas_reserve(struct model_ioas *ioas, const struct model_range *range, const void *owner);
void model_ioas_unreserve(struct model_ioas *ioas, const void *owner);
/* Chooses an IOVA for @length bytes of memory at @address. -ENOSPC, -EOVERFLOW, -EINVAL. */
int model_ioas_choose_iova(
	const struct model_ioas *ioas, uint64_t address, uint64_t length, uint64_t *iova);

/* pages.c */
int model_pages_of_user(struct iommuctl_model *model, uint64_t user, uint64_t length, bool writable,
	struct model_pages **pages);
int model_pages_of_file(
	int fd, uint64_t start, uint64_t length, bool writable, struct model_pages **pages);
/* -EINVAL, -EOVERFLOW; -ENODEV: revoked; -EOPNOTSUPP: in several pieces. */
int model_pages_of_dma_buf(struct model_dma_buf *dma_buf, uint64_t start, uint64_t length,
	bool writable, struct model_pages **pages);
void model_pages_put(struct model_pages *pages);
/* Makes the memory of @area reachable. -EFAULT; -EINVAL if the file cannot be pinned. */
int model_pages_pin(const struct model_area *area);

/* map.c: drops translations of the former mapping @gone. */
void model_ioas_invalidate(const struct model_ioas *ioas, const struct model_range *gone);

/* dma_buf.c */
extern const struct model_file_kind model_dma_buf_file;
/* Creates its file. -ENOMEM: nothing has changed. */
int model_dma_buf_open(struct iommuctl_model *model, struct model_dma_buf *dma_buf);
void model_dma_buf_put(struct model_dma_buf *dma_buf);
/* Its mappings no longer translate, and it cannot be mapped while it is @revoked. */
void model_dma_buf_move(struct iommuctl_model *model, struct model_dma_buf *dma_buf, bool revoked);

#endif
