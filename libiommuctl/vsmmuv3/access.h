/* SPDX-License-Identifier: MIT */
/* An emulated device's access, and its possible outcomes. */
#ifndef LIBIOMMUCTL_VSMMUV3_ACCESS_H
#define LIBIOMMUCTL_VSMMUV3_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include <iommuctl/guest_memory.h>
#include <iommuctl/smmuv3_event.h>
#include <iommuctl/smmuv3_idr.h>
#include <iommuctl/stage1.h>
#include <iommuctl/vsmmuv3_translate.h>

#define VSMMUV3_ALL_ACCESSES (IOMMUCTL_STAGE1_READ | IOMMUCTL_STAGE1_WRITE | IOMMUCTL_STAGE1_EXEC)

/* The registers that affect an access. */
struct vsmmuv3_view {
	const struct iommuctl_guest_memory *memory;
	const struct iommuctl_smmuv3_idr *idr;
	const uint32_t *idr3; /* for what @idr lacks */
	uint64_t strtab_base;
	uint32_t strtab_base_cfg;
	bool enabled;	 /* CR0.SMMUEN */
	bool gbpa_abort; /* GBPA.ABORT */
	bool recinvsid;	 /* CR2.RECINVSID: C_BAD_STREAMID is recorded */
};

/* What a TLB entry belongs to. */
enum vsmmuv3_scope {
	VSMMUV3_SCOPE_ASID,
	VSMMUV3_SCOPE_GLOBAL,
	VSMMUV3_SCOPE_BYPASS, /* no stage 1: it depends only on the configuration of its stream */
};

/* A naturally aligned region of IOVAs and its output: a leaf, or what is bypassed. */
struct vsmmuv3_leaf {
	uint64_t ipa;	   /* of the region */
	uint8_t size_bits; /* its size is 1 << size_bits */
	uint8_t privileged;
	uint8_t unprivileged; /* permissions for each: READ, WRITE, EXEC */
	bool top_byte_ignored;
	uint16_t asid;
	enum vsmmuv3_scope scope;
};

/* How an access without a translation ends. */
struct vsmmuv3_fault {
	struct iommuctl_smmuv3_event event; /* type 0: there is none */
	bool ignored; /* CD.A is 0: the device sees no abort; reads give 0, and writes are lost */
};

/* Whether @leaf, which contains the access's address, permits it. */
bool vsmmuv3_leaf_permits(
	const struct vsmmuv3_leaf *leaf, const struct iommuctl_vsmmuv3_access *access);

struct iommuctl_vsmmuv3_translation vsmmuv3_leaf_translate(
	const struct vsmmuv3_leaf *leaf, const struct iommuctl_vsmmuv3_access *access);

#endif
