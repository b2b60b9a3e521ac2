/* SPDX-License-Identifier: MIT */
/*
 * Why a call failed: rows of (operation, errno, facts) name the cause and the remedy. They were
 * taken from the source of Linux 7.3.
 */
#ifndef LIBIOMMUCTL_EXPLAIN_EXPLAIN_H
#define LIBIOMMUCTL_EXPLAIN_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <iommuctl/context.h>

#include "explain/operation.h"

/* What the calling code knows about the arguments. */
enum fact {
	FACT_LIVE_IDS = 1 << 0,	     /* every id names a live object */
	FACT_UNKNOWN_FLAGS = 1 << 1, /* a flag is set that the interface does not define */
	FACT_TYPE_DEFAULT = 1 << 2,  /* the type is 0: DEFAULT */
	FACT_EMPTY = 1 << 3,	     /* a length or count is 0 */
	FACT_TOO_LARGE = 1 << 4,     /* a count is above the kernel's limit */
	FACT_OUT_OF_BOUNDS = 1 << 5, /* the library itself found a size or range too large */
	FACT_SHORT = 1 << 6,	     /* less was transferred, or is available, than asked for */
	FACT_NO_ACCESS = 1 << 7,     /* none is asked for, or one that a region does not have */
	FACT_FIXED_IOVA = 1 << 8,
	FACT_WRITEABLE = 1 << 9,
	FACT_FAULT_ID = 1 << 10,
	FACT_DIRTY_TRACKING = 1 << 11,
	FACT_PASID = 1 << 12,
	FACT_ARM = 1 << 13,	     /* the data is for an SMMUv3 */
	FACT_VTD = 1 << 14,	     /* the data is for VT-d */
	FACT_AMD = 1 << 15,	     /* the data is for AMD's IOMMU */
	FACT_DATA_MISSING = 1 << 16, /* of a type and its data only one was given */
	FACT_DATA_LENGTH = 1 << 17,  /* the data is not as long as its type */
	FACT_TOKEN = 1 << 18,	     /* a VF token was given */
	FACT_NEGATIVE_FD = 1 << 19,  /* a file descriptor among the arguments is negative */
	FACT_MSI = 1 << 20,	     /* the interrupts are MSIs */
	FACT_STE_BITS = 1 << 21,     /* of the STE: a bit is set that nested HWPTs do not take */
	FACT_STE_CFG = 1 << 22,	     /* of the STE: Cfg is not one that they take */
	FACT_STE_EATS = 1 << 23,     /* of the STE: EATS is not one that they take */
	FACT_BAD_OPCODE = 1 << 24,   /* the refused command is not one that vIOMMUs take */
	FACT_GOOD_OPCODE = 1 << 25,  /* the refused command is one of them */
	FACT_NO_VSID = 1 << 26,	     /* the refused command names no vSID */
	FACT_OTHER_TYPE = 1 << 27,   /* the data is of a type that the library does not know */
	FACT_SOME_DONE = 1 << 28,    /* before it failed, some of the entries were done */
};

/* What callers of the library know; these bits are above the facts that calls know themselves. */
#define KNOWN_SHIFT 32
#define KNOWN(name) ((uint64_t)IOMMUCTL_KNOWN_##name << KNOWN_SHIFT)

#define KNOWN_HAS_IOMMU (KNOWN(SMMUV3) | KNOWN(VTD) | KNOWN(AMD))

/* Facts for bits of IOMMUCTL_KNOWN_*; undefined bits are ignored. */
uint64_t facts_of_known(uint64_t known);

/*
 * The row applies to a failure with the facts @when, unless one of the facts @unless or all of
 * @unless_all hold. Any of the facts @proof proves the cause, and other rows are left out; with one
 * of @likely it comes before the others. A @general row applies only if no other does.
 */
struct explain_row {
	enum operation operation;
	int code;
	uint64_t when;
	uint64_t unless;
	uint64_t unless_all;
	uint64_t proof;
	uint64_t likely;
	bool general;
	const char *cause;
	const char *remedy;
};

/* Shared by the ways to claim a group: a bind, and the two of the legacy interface. */
#define EXPLAIN_DIRECT_CAUSE                                                                       \
	"firmware asks for a 1:1 mapping of memory for the device, or for another one of its "     \
	"group (a line \"direct\" in reserved_regions of the group's sysfs directory; from an "    \
	"RMR node, an RMRR or iommu-addresses), so that the kernel keeps it"
#define EXPLAIN_DIRECT_REMEDY                                                                      \
	"have firmware (in a guest: its VMM) leave the region out or declare it remappable "       \
	"(direct-relaxable), or use another device; no option of the kernel lifts this"

/* Shared by everything that needs a BAR which the kernel could not reserve for VFIO. */
#define EXPLAIN_BAR_TAKEN_CAUSE	 "the kernel could not reserve the BAR for VFIO"
#define EXPLAIN_BAR_TAKEN_REMEDY "find out in /proc/iomem what has it, such as a framebuffer driver"
#define EXPLAIN_BAR_UNNOTED_CAUSE                                                                  \
	"memory ran out as the device was bound, and the kernel could not note the BAR"
#define EXPLAIN_BAR_UNNOTED_REMEDY "free memory, then close the device and bind it again"

struct explain_table {
	const struct explain_row *rows;
	size_t count;
};

extern const struct explain_table explain_common;
extern const struct explain_table explain_since;
extern const struct explain_table explain_ioas;
extern const struct explain_table explain_hwpt;
extern const struct explain_table explain_viommu;
extern const struct explain_table explain_vfio_bind;
extern const struct explain_table explain_vfio;
extern const struct explain_table explain_vfio_legacy;
extern const struct explain_table explain_vfio_migration;
extern const struct explain_table explain_vfio_pci;
extern const struct explain_table explain_pin;

/* All tables, for explain() and for the test that proves every row. */
#define EXPLAIN_TABLES 11
extern const struct explain_table *const explain_tables[EXPLAIN_TABLES];

/* Fills @list with the causes of the failure and returns how many there are. */
size_t explain(enum operation operation, int code, uint64_t facts,
	struct iommuctl_explanation list[static IOMMUCTL_EXPLANATIONS_MAX]);

#endif
