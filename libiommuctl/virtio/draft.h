/* SPDX-License-Identifier: MIT */
/*
 * Two proposed requests that are in no version of the standard; numbers and layouts are those of
 * the kernel patches of 2021-01-15. Little-endian.
 */
#ifndef LIBIOMMUCTL_VIRTIO_DRAFT_H
#define LIBIOMMUCTL_VIRTIO_DRAFT_H

#define DRAFT_T_ATTACH_TABLE 6
#define DRAFT_T_INVALIDATE   7

/* ATTACH_TABLE: offsets of the part to read, as the SMMUv3's PASID table has it */
#define DRAFT_TABLE_DOMAIN	4  /* le32 */
#define DRAFT_TABLE_ENDPOINT	8  /* le32 */
#define DRAFT_TABLE_FORMAT	12 /* le16 */
#define DRAFT_TABLE_S1FMT	14 /* u8 */
#define DRAFT_TABLE_S1DSS	15 /* u8 */
#define DRAFT_TABLE_POINTER	16 /* le64 */
#define DRAFT_TABLE_S1CDMAX	24 /* le32 */
#define DRAFT_TABLE_RESERVED	28
#define DRAFT_ATTACH_TABLE_SIZE 76

#define DRAFT_FORMAT_PASID_TABLE_SMMUV3 2

/* INVALIDATE */
#define DRAFT_INVALIDATE_GRANULARITY 4	/* le16 */
#define DRAFT_INVALIDATE_CACHES	     6	/* le16: as IOMMUCTL_GENERIC_CACHE_… */
#define DRAFT_INVALIDATE_FLAGS	     8	/* le16 */
#define DRAFT_INVALIDATE_RESERVED1   10 /* 2 bytes */
#define DRAFT_INVALIDATE_DOMAIN	     12 /* le32 */
#define DRAFT_INVALIDATE_PASID	     16 /* le32 */
#define DRAFT_INVALIDATE_RESERVED2   20 /* 4 bytes */
#define DRAFT_INVALIDATE_ARCHID	     24 /* le64: the ASID */
#define DRAFT_INVALIDATE_START	     32 /* le64 */
#define DRAFT_INVALIDATE_PAGES	     40 /* le64 */
#define DRAFT_INVALIDATE_GRANULE     48 /* u8: bits of the page size */
#define DRAFT_INVALIDATE_RESERVED3   49 /* 11 bytes */
#define DRAFT_INVALIDATE_SIZE	     60

#define DRAFT_GRANULARITY_DOMAIN (1 << 0)
#define DRAFT_GRANULARITY_PASID	 (1 << 1)
#define DRAFT_GRANULARITY_VA	 (1 << 2)

#define DRAFT_F_PASID  (1 << 0) /* pasid is valid */
#define DRAFT_F_ARCHID (1 << 1) /* archid is valid */
#define DRAFT_F_LEAF   (1 << 2)

#endif
