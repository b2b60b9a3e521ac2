/* SPDX-License-Identifier: MIT */
/*
 * MSI and MSI-X as a guest sees them: registers of the VMM, which never reach the device. The
 * device's own messages are the host's business (interrupts.h).
 *
 * The address of a message is ignored: all go to the guest's ITS. Behind a guest's IOMMU it is an
 * IOVA.
 *
 * Free of device code: it can be tested anywhere.
 */
#ifndef KVM_MSI_H
#define KVM_MSI_H

#include <stdbool.h>
#include <stdint.h>

#include "config_space.h"

/* The guest sees no more vectors than this. */
#define MAX_VECTORS 64u

#define MSI_LONGEST	24u
#define MSIX_LENGTH	12u
#define MSIX_ENTRY_SIZE 16u

enum msi_kind {
	MSI_OFF,
	MSI_PLAIN,
	MSI_X,
};

/* Bytes of a BAR that the VMM answers. */
struct msi_range {
	unsigned int bar;
	uint64_t offset;
	uint64_t size;
};

struct msi {
	unsigned int plain_count; /* vectors that the guest can use; 0: no MSI */
	unsigned int x_count;	  /* likewise for MSI-X */
	struct msi_range table;	  /* of all entries that the device has */
	struct msi_range pba;
	uint8_t entries[MAX_VECTORS * MSIX_ENTRY_SIZE];
};

/* A vector as the guest has programmed it. */
struct msi_vector {
	bool masked;
	uint32_t data;
};

/*
 * Takes over a function's MSI capabilities, disabled and with all vectors masked, as after a reset.
 * False if the MSI-X table is not inside a BAR: then there is no MSI-X.
 */
bool msi_init(struct msi *msi, struct config_space *space, const uint8_t *image);

/* What the guest has enabled, and with how many vectors. */
enum msi_kind msi_get_kind(const struct msi *msi, const struct config_space *space);
unsigned int msi_get_count(const struct msi *msi, const struct config_space *space);

/* vector is less than the count. */
struct msi_vector msi_get_vector(
	const struct msi *msi, const struct config_space *space, unsigned int vector);

/* Bits of pending vectors, for the guest to read in configuration space. */
void msi_set_pending(const struct msi *msi, struct config_space *space, uint64_t pending);

/* Is a byte of the access in MSI-X's table or pending bits? Then the next two handle it. */
bool msi_owns(const struct msi *msi, unsigned int bar, uint64_t offset, unsigned int size);

uint64_t msi_read(const struct msi *msi, const struct msi_range *access, uint64_t pending);
void msi_write(struct msi *msi, const struct msi_range *access, uint64_t value);

#endif
