/* SPDX-License-Identifier: MIT */
/*
 * Thin calls of iommufd: one function per ioctl, no state. Names, values and layouts are those of
 * the kernel's include/uapi/linux/iommufd.h with IOMMUCTL_ in place of IOMMU_ or IOMMUFD_; what is
 * said about errors was read from drivers/iommu/iommufd/ of Linux 7.3.
 *
 * All calls: @iommufd is a file descriptor of /dev/iommu, opened here or adopted, and stays the
 * caller's. Any thread may call, at any time. Addresses and lengths are bytes. Out-parameters are
 * written on success only, unless said otherwise; those that may be NULL say so. On failure
 * iommuctl_last_error() names the operation, its objects and the gate.
 *
 * Errors that every call can return, not repeated below: -EBADF (@iommufd is not open), -ENOTTY (it
 * is no iommufd, or the kernel is older than the ioctl), -E2BIG (the kernel is older than a field
 * that is in use; unused ones never matter), -EOPNOTSUPP (a flag, type or option that the kernel
 * does not know), -ENOENT (no object of that kind has the id), -EFAULT (a pointer leads to no
 * memory), -ENOMEM (no memory; where memory is pinned, also RLIMIT_MEMLOCK), -EPROTO (an answer
 * that the ioctl does not define). What opens a file can also fail with -EMFILE or -ENFILE (no file
 * descriptor left in the process, or in the system).
 */
#ifndef IOMMUCTL_IOMMUFD_H
#define IOMMUCTL_IOMMUFD_H

#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

/*
 * Opens /dev/iommu. Ownership: the caller closes @iommufd with iommuctl_close().
 * Errors: -ENOENT no CONFIG_IOMMUFD, or no node in this container; -ENODEV a node without its
 * driver; -EACCES the node is 0660; -EPERM a device cgroup.
 * Since: 0.1
 */
int iommuctl_iommufd_open(struct iommuctl *ctx, int *iommufd);

/*
 * Maps @length bytes that iommufd offers at @offset, as VIOMMU_ALLOC reported them for a Tegra241
 * CMDQV: both exactly so. Ownership: the caller unmaps with iommuctl_munmap().
 * Errors: -ENXIO nothing is offered there, or only under another length; -EINVAL @offset or @length
 * is no multiple of the page size; -ENODEV the kernel is older than this.
 * Since: 0.1
 */
int iommuctl_iommufd_mmap(
	struct iommuctl *ctx, int iommufd, uint64_t offset, size_t length, void **address);

/*
 * Destroys the object @id, of any kind but a device.
 * Errors: -EBUSY another object, an attached device or an open queue fd still uses it, or it is a
 * device; -ENOENT also a vDEVICE whose device was closed first. The order that works: detach,
 * nested HWPTs, HW queues (highest index first), vDEVICEs, queues, vIOMMU, parent HWPT, IOAS.
 * Since: 0.1
 */
int iommuctl_destroy(struct iommuctl *ctx, int iommufd, uint32_t id);

/* What the IOMMU behind a device can do. */
#define IOMMUCTL_HW_INFO_TYPE_NONE	      0
#define IOMMUCTL_HW_INFO_TYPE_DEFAULT	      0
#define IOMMUCTL_HW_INFO_TYPE_INTEL_VTD	      1
#define IOMMUCTL_HW_INFO_TYPE_ARM_SMMUV3      2
#define IOMMUCTL_HW_INFO_TYPE_TEGRA241_CMDQV  3
#define IOMMUCTL_HW_INFO_TYPE_AMD	      4
#define IOMMUCTL_HW_CAP_DIRTY_TRACKING	      (1 << 0)
#define IOMMUCTL_HW_CAP_PCI_PASID_EXEC	      (1 << 1)
#define IOMMUCTL_HW_CAP_PCI_PASID_PRIV	      (1 << 2)
#define IOMMUCTL_HW_CAP_PCI_ATS_NOT_SUPPORTED (1 << 3)

struct iommuctl_hw_info {
	uint32_t type;		/* IOMMUCTL_HW_INFO_TYPE_…: what the data is */
	uint32_t data_len;	/* bytes that the kernel has; may exceed what was asked for */
	uint64_t capabilities;	/* IOMMUCTL_HW_CAP_… */
	uint8_t max_pasid_log2; /* width of a PASID; 0: none */
};

/* Bits other than those named in the kernel's header must not be relied on. */
#define IOMMUCTL_HW_INFO_ARM_SMMUV3_ERRATA_REPEAT_TLBI_CFGI (1 << 0)
struct iommuctl_hw_info_arm_smmuv3 {
	uint32_t flags;
	uint32_t reserved;
	uint32_t idr[6];
	uint32_t iidr;
	uint32_t aidr;
};

#define IOMMUCTL_HW_INFO_VTD_ERRATA_772415_SPR17 (1 << 0)
struct iommuctl_hw_info_vtd {
	uint32_t flags;
	uint32_t reserved;
	uint64_t cap_reg;
	uint64_t ecap_reg;
};

struct iommuctl_hw_info_tegra241_cmdqv {
	uint32_t flags;
	uint8_t version;
	uint8_t log2vcmdqs;
	uint8_t log2vsids;
	uint8_t reserved;
};

struct iommuctl_hw_info_amd {
	uint64_t efr;
	uint64_t efr2;
};

/*
 * Reads what the IOMMU of the bound device @dev_id can do. @data (NULL if @data_size is 0) gets
 * the first @data_size bytes of the struct that info->type says, zeroes after its end; it is
 * undefined after a failure.
 * Errors: -EOPNOTSUPP the device has no IOMMU; -EOVERFLOW @data_size is beyond 32 bits.
 * Since: 0.1
 */
int iommuctl_device_get_hw_info(struct iommuctl *ctx, int iommufd, uint32_t dev_id, void *data,
	size_t data_size, struct iommuctl_hw_info *info);

/*
 * As iommuctl_device_get_hw_info(), for the type that info->type says on entry instead of the
 * IOMMU's default one.
 * Errors: -EOPNOTSUPP also if this IOMMU has no information of that type, or the kernel is too old
 * to be asked for one.
 * Since: 0.1
 */
int iommuctl_device_get_hw_info_typed(struct iommuctl *ctx, int iommufd, uint32_t dev_id,
	void *data, size_t data_size, struct iommuctl_hw_info *info);

/*
 * Creates an IOAS: an address space for devices, empty at first.
 * Since: 0.1
 */
int iommuctl_ioas_alloc(struct iommuctl *ctx, int iommufd, uint32_t *ioas_id);

#define IOMMUCTL_IOAS_MAP_FIXED_IOVA (1 << 0) /* at *iova; else the kernel chooses */
#define IOMMUCTL_IOAS_MAP_WRITEABLE  (1 << 1)
#define IOMMUCTL_IOAS_MAP_READABLE   (1 << 2)

struct iommuctl_ioas_map_args {
	uint32_t flags; /* IOMMUCTL_IOAS_MAP_… */
	uint32_t ioas_id;
	void *host;
	uint64_t length;
};

/*
 * Maps and pins length bytes of this process at host. *@iova is an input with FIXED_IOVA, and the
 * place of the mapping after success.
 * Errors: -EINVAL neither READABLE nor WRITEABLE, misaligned, over a reserved region, or read-only
 * where a VT-d nesting parent forbids it (erratum 772415); -EEXIST over a mapping; -EOVERFLOW
 * beyond the address space; -ENOSPC no IOVA left; -EFAULT memory that cannot be pinned, such as the
 * VMA of a BAR: use iommuctl_ioas_map_file() with a dma-buf for that.
 * Since: 0.1
 */
int iommuctl_ioas_map(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_ioas_map_args *args, uint64_t *iova);

struct iommuctl_ioas_map_file_args {
	uint32_t flags; /* IOMMUCTL_IOAS_MAP_… */
	uint32_t ioas_id;
	int file;
	uint64_t start;
	uint64_t length;
};

/*
 * As iommuctl_ioas_map(), from byte start of file, a memfd or a VFIO dma-buf of one range. The
 * file descriptor may be closed afterwards.
 * Errors: also -EBADF file is not open; -EINVAL past the end, or a file that is neither;
 * -EOPNOTSUPP a dma-buf of another kind; -ENODEV a dma-buf that is revoked, as its device does not
 * decode memory.
 * Since: 0.1
 */
int iommuctl_ioas_map_file(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_ioas_map_file_args *args, uint64_t *iova);

struct iommuctl_ioas_copy_args {
	uint32_t flags; /* IOMMUCTL_IOAS_MAP_… */
	uint32_t dst_ioas_id;
	uint32_t src_ioas_id;
	uint64_t length;
	uint64_t src_iova;
};

/*
 * Maps what the source IOAS has at src_iova in the destination as well, without pinning again.
 * *@iova is the destination, as in iommuctl_ioas_map().
 * Errors: those of iommuctl_ioas_map(); -ENOENT the source has a hole; -EPERM WRITEABLE where the
 * source is not.
 * Since: 0.1
 */
int iommuctl_ioas_copy(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_ioas_copy_args *args, uint64_t *iova);

/*
 * Unmaps every mapping that lies wholly inside the range; 0 and UINT64_MAX mean all. *@unmapped,
 * unless NULL, gets the bytes that were mapped there.
 * Errors: -ENOENT nothing is mapped there, or the range would split a mapping (those before it are
 * gone by then); -EBUSY a HW queue has it locked, or another thread maps or unmaps it; -EINVAL
 * @length 0; -EOVERFLOW beyond the address space; -EDEADLK a driver does not let go of it.
 * Since: 0.1
 */
int iommuctl_ioas_unmap(struct iommuctl *ctx, int iommufd, uint32_t ioas_id, uint64_t iova,
	uint64_t length, uint64_t *unmapped);

struct iommuctl_iova_range {
	uint64_t start;
	uint64_t last; /* inclusive */
};

/*
 * Lists the IOVAs that may be mapped; it changes as devices attach and detach. *@count is the room
 * in @ranges on entry and how many ranges there are on return. *@alignment, unless NULL, is what
 * IOVAs and lengths must be a multiple of.
 * Errors: -EMSGSIZE @ranges is too small: *@count and *@alignment are written all the same, and
 * @ranges as far as it goes.
 * Since: 0.1
 */
int iommuctl_ioas_get_iova_ranges(struct iommuctl *ctx, int iommufd, uint32_t ioas_id,
	struct iommuctl_iova_range *ranges, uint32_t *count, uint64_t *alignment);

/*
 * Keeps @ranges mappable for good, in place of those of an earlier call: a device whose reserved
 * regions lie in them can then not attach.
 * Errors: -EADDRINUSE a reserved region lies in them already; -EINVAL start not below last, or
 * overlapping ranges.
 * Since: 0.1
 */
int iommuctl_ioas_allow_iovas(struct iommuctl *ctx, int iommufd, uint32_t ioas_id,
	const struct iommuctl_iova_range *ranges, uint32_t count);

/*
 * Charges all pinned memory of the iommufd to the calling process, as a live update needs it.
 * Errors: -EINVAL a mapping is not from a file; -EBUSY a map or unmap is under way; -ENOMEM also
 * the new process's RLIMIT_MEMLOCK.
 * Since: 0.1
 */
int iommuctl_ioas_change_process(struct iommuctl *ctx, int iommufd);

/*
 * The physical address behind @iova, for devices without IOMMU. *@length is the most to look at on
 * entry, and how much of it is contiguous on success.
 * Errors: -EPERM no CAP_SYS_RAWIO; -ENOENT not mapped; -EINVAL *@length 0, or a dma-buf that is
 * revoked; -EOVERFLOW @iova beyond the address space; -EOPNOTSUPP the IOAS serves an IOMMU or no
 * device yet, or no CONFIG_VFIO_NOIOMMU.
 * Since: 0.1
 */
int iommuctl_ioas_get_noiommu_pa(struct iommuctl *ctx, int iommufd, uint32_t ioas_id, uint64_t iova,
	uint64_t *length, uint64_t *physical);

#define IOMMUCTL_OPTION_RLIMIT_MODE 0 /* object 0; value 0: memlock per user, 1: per process */
#define IOMMUCTL_OPTION_HUGE_PAGES  1 /* object: an IOAS; value 1: combine pages, 0: do not */

/*
 * Reads @option of @object_id.
 * Errors: -EOPNOTSUPP also RLIMIT_MODE of an object.
 * Since: 0.1
 */
int iommuctl_option_get(
	struct iommuctl *ctx, int iommufd, uint32_t option, uint32_t object_id, uint64_t *value);

/*
 * Sets @option of @object_id.
 * Errors: -EPERM RLIMIT_MODE without CAP_SYS_RESOURCE; -EBUSY RLIMIT_MODE once any object exists;
 * -EOPNOTSUPP also RLIMIT_MODE of an object; -EINVAL not a value of the option, or HUGE_PAGES 0
 * once mappings are in a HWPT; -EADDRINUSE HUGE_PAGES 0 with a mapping that is not aligned to
 * pages.
 * Since: 0.1
 */
int iommuctl_option_set(
	struct iommuctl *ctx, int iommufd, uint32_t option, uint32_t object_id, uint64_t value);

/*
 * The IOAS that legacy VFIO containers on this iommufd use.
 * Errors: -ENODEV none is set.
 * Since: 0.1
 */
int iommuctl_vfio_ioas_get(struct iommuctl *ctx, int iommufd, uint32_t *ioas_id);

/*
 * Has legacy VFIO containers on this iommufd use @ioas_id.
 * Since: 0.1
 */
int iommuctl_vfio_ioas_set(struct iommuctl *ctx, int iommufd, uint32_t ioas_id);

/*
 * Has legacy VFIO containers on this iommufd use no IOAS.
 * Since: 0.1
 */
int iommuctl_vfio_ioas_clear(struct iommuctl *ctx, int iommufd);

#define IOMMUCTL_HWPT_ALLOC_NEST_PARENT	   (1 << 0)
#define IOMMUCTL_HWPT_ALLOC_DIRTY_TRACKING (1 << 1)
#define IOMMUCTL_HWPT_FAULT_ID_VALID	   (1 << 2)
#define IOMMUCTL_HWPT_ALLOC_PASID	   (1 << 3)

#define IOMMUCTL_HWPT_DATA_NONE	      0
#define IOMMUCTL_HWPT_DATA_VTD_S1     1
#define IOMMUCTL_HWPT_DATA_ARM_SMMUV3 2
#define IOMMUCTL_HWPT_DATA_AMD_GUEST  3

/* The first two double words of a STE, little-endian. */
struct iommuctl_hwpt_arm_smmuv3 {
	uint64_t ste[2];
};

#define IOMMUCTL_VTD_S1_SRE  (1 << 0)
#define IOMMUCTL_VTD_S1_EAFE (1 << 1)
#define IOMMUCTL_VTD_S1_WPE  (1 << 2)
struct iommuctl_hwpt_vtd_s1 {
	uint64_t flags;
	uint64_t pgtbl_addr;
	uint32_t addr_width;
	uint32_t reserved;
};

struct iommuctl_hwpt_amd_guest {
	uint64_t dte[4];
};

/* Zero means: no flag, no data. */
struct iommuctl_hwpt_alloc_args {
	uint32_t flags; /* IOMMUCTL_HWPT_… */
	uint32_t dev_id;
	uint32_t pt_id; /* IOAS: a paging HWPT or nesting parent; vIOMMU or nesting parent: a nested
			   HWPT */
	uint32_t data_type; /* IOMMUCTL_HWPT_DATA_… */
	uint32_t data_len;
	const void *data;
	uint32_t fault_id; /* with FAULT_ID_VALID */
};

/*
 * Creates a HWPT.
 * Errors: -EINVAL no object @pt_id, or of a wrong kind; data_type and data_len do not belong
 * together; the device stands behind another IOMMU. -ENODEV no IOMMU driver serves the device.
 * From an IOAS: -EOPNOTSUPP a flag that the IOMMU cannot do; -EADDRINUSE a mapping is beyond what
 * the IOMMU can address; -EINVAL a read-only mapping under a nesting parent on VT-d with erratum
 * 772415; -ENOMEM, -EFAULT its memory is pinned now. A nesting parent: -EOPNOTSUPP with FAULT_ID,
 * on Arm also with DIRTY_TRACKING or PASID, or the hardware has no usable nesting. A nested HWPT:
 * -EOPNOTSUPP an IOAS, a HWPT instead of a vIOMMU on Arm, or flags; -EIO the STE has a field or a
 * value that nesting does not allow.
 * Since: 0.1
 */
int iommuctl_hwpt_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_hwpt_alloc_args *args, uint32_t *hwpt_id);

#define IOMMUCTL_HWPT_INVALIDATE_DATA_VTD_S1	   0 /* @hwpt_id is a nested HWPT */
#define IOMMUCTL_VIOMMU_INVALIDATE_DATA_ARM_SMMUV3 1 /* @hwpt_id is a vIOMMU */

#define IOMMUCTL_VTD_INV_FLAGS_LEAF (1 << 0)
struct iommuctl_hwpt_vtd_s1_invalidate {
	uint64_t addr;
	uint64_t npages;
	uint32_t flags;
	uint32_t reserved;
};

/* One command of the SMMU's command queue, little-endian. */
struct iommuctl_viommu_arm_smmuv3_invalidate {
	uint64_t cmd[2];
};

struct iommuctl_hwpt_invalidate_args {
	uint32_t hwpt_id; /* of a nested HWPT, or of a vIOMMU */
	uint32_t data_type; /* IOMMUCTL_HWPT_INVALIDATE_DATA_…, IOMMUCTL_VIOMMU_INVALIDATE_DATA_… */
	uint32_t entry_len;
	const void *entries;
};

/*
 * Issues the invalidations entries, each entry_len bytes. *@entry_num is their number on entry
 * and, after success and failure alike, how many the kernel says it handled. On Arm that overstates
 * after a failure: commands are issued in lists of 63, so of n only the first n - n % 63 certainly
 * were.
 * Errors: -EIO on Arm an opcode, a field or a vSID that is not allowed; -ETIMEDOUT the SMMU did not
 * complete the commands; -EINVAL more than 1 << 19 entries, an entry longer than a page, a wrong
 * type, none at all (Arm), or an id of a wrong kind, on VT-d also an address that is not aligned;
 * -ENOMEM on Arm also more than 262144 entries; -EOPNOTSUPP a nested HWPT on Arm, an unknown flag
 * of an entry on VT-d, an IOMMU that takes none (AMD).
 * Since: 0.1
 */
int iommuctl_hwpt_invalidate(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_hwpt_invalidate_args *args, uint32_t *entry_num);

#define IOMMUCTL_HWPT_DIRTY_TRACKING_ENABLE	(1 << 0)
#define IOMMUCTL_HWPT_GET_DIRTY_BITMAP_NO_CLEAR (1 << 0)

/*
 * Switches dirty tracking of a paging HWPT on (@flags DIRTY_TRACKING_ENABLE) or off (0).
 * Errors: -EOPNOTSUPP the HWPT was made without DIRTY_TRACKING.
 * Since: 0.1
 */
int iommuctl_hwpt_set_dirty_tracking(
	struct iommuctl *ctx, int iommufd, uint32_t hwpt_id, uint32_t flags);

struct iommuctl_dirty_bitmap_args {
	uint32_t hwpt_id;
	uint32_t flags; /* IOMMUCTL_HWPT_GET_DIRTY_BITMAP_… */
	uint64_t iova;
	uint64_t length;
	uint64_t page_size; /* bytes that one bit stands for; a power of two */
	void *bitmap; /* 64-bit words, one bit per page from @iova on; bits are set, never cleared
		       */
};

/*
 * Reads which pages were written by DMA and, without NO_CLEAR, forgets it.
 * Errors: -EINVAL misaligned, or a length or page size of 0; -EOVERFLOW beyond the address space;
 * -EOPNOTSUPP the HWPT was made without DIRTY_TRACKING.
 * Since: 0.1
 */
int iommuctl_hwpt_get_dirty_bitmap(
	struct iommuctl *ctx, int iommufd, const struct iommuctl_dirty_bitmap_args *args);

#define IOMMUCTL_VIOMMU_TYPE_DEFAULT	    0 /* not a type that can be created */
#define IOMMUCTL_VIOMMU_TYPE_ARM_SMMUV3	    1
#define IOMMUCTL_VIOMMU_TYPE_TEGRA241_CMDQV 2

/* Written by the kernel for a Tegra241 CMDQV; see iommuctl_iommufd_mmap(). */
struct iommuctl_viommu_tegra241_cmdqv {
	uint64_t vintf_mmap_offset;
	uint64_t vintf_mmap_length;
};

struct iommuctl_viommu_alloc_args {
	uint32_t flags;	  /* none is defined */
	uint32_t type;	  /* IOMMUCTL_VIOMMU_TYPE_… */
	uint32_t dev_id;  /* a device behind the IOMMU */
	uint32_t hwpt_id; /* a nesting parent */
	void *data;	  /* in and out, as the type has it */
	uint32_t data_len;
};

/*
 * Creates a vIOMMU on a nesting parent. On Arm all vIOMMUs of a parent share its VMID.
 * Errors: -EOPNOTSUPP no nesting, an erratum, neither CANWBS nor S2FWB on Arm, or an IOMMU without
 * vIOMMUs of the type; -EINVAL not a nesting parent, one of another SMMU, or data_len that is not
 * the type's.
 * Since: 0.1
 */
int iommuctl_viommu_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_viommu_alloc_args *args, uint32_t *viommu_id);

/*
 * Gives the device @dev_id the id @virt_id (the vSID on Arm) in a vIOMMU. Destroy it before the
 * device is closed, else its id stays taken until @iommufd closes.
 * Errors: -EEXIST the device has a vDEVICE, or the vIOMMU has @virt_id; -EINVAL another IOMMU, or
 * @virt_id is too wide for it; -ENOENT also a device that is being closed; -EOPNOTSUPP on Arm a
 * device with several streams; -ENOSPC a Tegra241 CMDQV has no match left.
 * Since: 0.1
 */
int iommuctl_vdevice_alloc(struct iommuctl *ctx, int iommufd, uint32_t viommu_id, uint32_t dev_id,
	uint64_t virt_id, uint32_t *vdevice_id);

#define IOMMUCTL_HW_QUEUE_TYPE_DEFAULT	      0 /* not a type that can be created */
#define IOMMUCTL_HW_QUEUE_TYPE_TEGRA241_CMDQV 1

struct iommuctl_hw_queue_alloc_args {
	uint32_t flags; /* none is defined */
	uint32_t viommu_id;
	uint32_t type;	/* IOMMUCTL_HW_QUEUE_TYPE_… */
	uint32_t index; /* ascending from 0 */
	uint64_t nesting_parent_iova;
	uint64_t length;
};

/*
 * Creates a queue in guest memory that the hardware reads by itself. Destroy the highest index
 * first; the memory cannot be unmapped while it lives.
 * Errors: -ENOENT not mapped in the parent's IOAS; -EFAULT not physically contiguous; -EEXIST the
 * index is taken; -EIO not in ascending order; -EINVAL index, length (a power of two from 32 up
 * to 16 << CMDQS) or alignment; -EPERM mapped without read permission; -EOVERFLOW, -ERANGE beyond
 * the address space; -EOPNOTSUPP also a vIOMMU without such queues.
 * Since: 0.1
 */
int iommuctl_hw_queue_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_hw_queue_alloc_args *args, uint32_t *hw_queue_id);

#define IOMMUCTL_VEVENTQ_TYPE_DEFAULT	     0 /* not a type that can be created */
#define IOMMUCTL_VEVENTQ_TYPE_ARM_SMMUV3     1
#define IOMMUCTL_VEVENTQ_TYPE_TEGRA241_CMDQV 2
#define IOMMUCTL_VEVENTQ_DEPTH_MAX	     (1 << 19)

struct iommuctl_veventq_alloc_args {
	uint32_t viommu_id;
	uint32_t type;
	uint32_t depth;
};

/*
 * Creates the queue of a vIOMMU for events of one type, holding up to depth. Ownership: the
 * caller closes @fd with iommuctl_close() before it destroys the queue.
 * Errors: -EINVAL depth 0 or above VEVENTQ_DEPTH_MAX; -EEXIST the vIOMMU has one of this type.
 * Since: 0.1
 */
int iommuctl_veventq_alloc(struct iommuctl *ctx, int iommufd,
	const struct iommuctl_veventq_alloc_args *args, uint32_t *veventq_id, int *fd);

/*
 * Reads the events that wait, as many as fit. Never blocks: *@length is 0 if there are none, so
 * poll(2) first. Walk the @buffer with iommuctl_vevent_next().
 * Errors: -EINVAL @size does not hold the first event, or not even a header (8 bytes).
 * Since: 0.1
 */
int iommuctl_veventq_read(struct iommuctl *ctx, int fd, void *buffer, size_t size, size_t *length);

#define IOMMUCTL_VEVENTQ_FLAG_LOST_EVENTS (1 << 0)

struct iommuctl_vevent {
	uint32_t flags;	   /* LOST_EVENTS: the queue overflowed here, and there is no data */
	uint32_t sequence; /* one more than the event before, after 0x7fffffff 0; a gap counts
			      losses */
	const void *data;  /* inside the buffer; NULL with LOST_EVENTS */
	size_t data_len;
};

/*
 * The event at *@offset (0 at first) of @length bytes that came from a queue of @type; moves
 * *@offset behind it.
 * Errors: -ENODATA the end; -EBADMSG less than a whole event is left; -EINVAL @type is unknown.
 * Since: 0.1
 */
int iommuctl_vevent_next(uint32_t type, const void *buffer, size_t length, size_t *offset,
	struct iommuctl_vevent *event);

/*
 * Creates a queue of page faults for HWPTs. Ownership: the caller closes @fd with
 * iommuctl_close() before it destroys the queue.
 * Since: 0.1
 */
int iommuctl_fault_queue_alloc(struct iommuctl *ctx, int iommufd, uint32_t *fault_id, int *fd);

#define IOMMUCTL_PGFAULT_FLAGS_PASID_VALID (1 << 0)
#define IOMMUCTL_PGFAULT_FLAGS_LAST_PAGE   (1 << 1) /* ends a group: answer its cookie once */
#define IOMMUCTL_PGFAULT_PERM_READ	   (1 << 0)
#define IOMMUCTL_PGFAULT_PERM_WRITE	   (1 << 1)
#define IOMMUCTL_PGFAULT_PERM_EXEC	   (1 << 2)
#define IOMMUCTL_PGFAULT_PERM_PRIV	   (1 << 3)

struct iommuctl_pgfault {
	uint32_t flags;
	uint32_t dev_id;
	uint32_t pasid;
	uint32_t grpid;
	uint32_t perm;
	uint32_t reserved;
	uint64_t addr;
	uint32_t length;
	uint32_t cookie;
};

/*
 * Reads the faults that wait, in whole groups, as many as fit in @faults. *@count is the room on
 * entry and the number read on success; 0 if none wait: poll(2) first.
 * Errors: -EINVAL the first group does not fit; -EOVERFLOW *@count is more than memory can hold.
 * Since: 0.1
 */
int iommuctl_fault_queue_read(
	struct iommuctl *ctx, int fd, struct iommuctl_pgfault *faults, size_t *count);

#define IOMMUCTL_PAGE_RESP_SUCCESS 0 /* handled: the access is tried again */
#define IOMMUCTL_PAGE_RESP_INVALID 1 /* the access fails */

struct iommuctl_page_response {
	uint32_t cookie;
	uint32_t code; /* IOMMUCTL_PAGE_RESP_… */
};

/*
 * Answers fault groups. *@count is the number of @responses on entry, and how many the kernel took
 * on success: it stops at the first that it refuses.
 * Errors: -EINVAL the first has an unknown cookie or code; -EOVERFLOW *@count is more than memory
 * can hold.
 * Since: 0.1
 */
int iommuctl_fault_queue_respond(struct iommuctl *ctx, int fd,
	const struct iommuctl_page_response *responses, size_t *count);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
