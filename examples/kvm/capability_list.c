// SPDX-License-Identifier: MIT
/*
 * The capabilities that a guest sees are those of the two tables. Hidden are, among others:
 *
 *   power management     a function that sleeps answers no access to its BARs: the host keeps it awake
 *   VPD                  it can be written, and outlives the guest
 *   AER, DPC, VC, LTR    what the host's root port is set up for; the guest's bus has none
 *   ACS, ARI, SR-IOV     functions beside this one, which the guest has not been given
 *   ATS, PRI, PASID      their control belongs to the host's SMMU driver; vfio-pci lets nobody write it
 *   resizable BAR        sizes are what they were when the function was opened
 */
#include "capability_list.h"

#include <stdbool.h>
#include <stddef.h>

#include "array.h"
#include "msi.h"

#define HEADER_END     0x40u
#define EXTENDED_START CONFIG_SPACE_STANDARD_SIZE
#define MOST_STANDARD  48u  /* of 4 bytes at least, from 0x40 on */
#define MOST_EXTENDED  960u /* of 4 bytes at least, from 0x100 on */

#define CAPABILITY_MSI	  0x05u
#define CAPABILITY_VENDOR 0x09u
#define CAPABILITY_SSVID  0x0du
#define CAPABILITY_PCIE	  0x10u
#define CAPABILITY_MSIX	  0x11u
#define EXTENDED_SERIAL	  0x0003u
#define EXTENDED_VENDOR	  0x000bu

/* PCI Express Capabilities Register: the kind of port, in the upper half of its lower byte. */
#define PCIE_KIND	     2u
#define PCIE_KIND_SHIFT	     4u
#define PCIE_LEGACY_ENDPOINT 1u
#define PCIE_INTEGRATED	     9u

/* A capability that a guest sees; one whose length leads out of its space is hidden. */
struct seen {
	uint16_t id;
	uint16_t length;
};

static const struct seen seen_standard[] = {
	{ CAPABILITY_MSI, MSI_LONGEST },
	{ CAPABILITY_VENDOR, 3 },
	{ CAPABILITY_SSVID, 8 },
	{ CAPABILITY_PCIE, 20 },
	{ CAPABILITY_MSIX, MSIX_LENGTH },
};
static const struct seen seen_extended[] = {
	{ EXTENDED_SERIAL, 12 },
	{ EXTENDED_VENDOR, 8 },
};

/* A walk of one of the two lists: whose bytes are a capability's, by the word in which it begins. */
struct walk {
	struct config_space *space;
	const uint8_t *image;
	uint32_t start;
	uint32_t end;
	bool begins[CONFIG_SPACE_SIZE / 4];
	bool seen[CONFIG_SPACE_SIZE / 4];
};

static uint32_t load(const uint8_t *image, uint32_t offset)
{
	return image[offset] | (uint32_t)image[offset + 1] << 8 |
	       (uint32_t)image[offset + 2] << 16 | (uint32_t)image[offset + 3] << 24;
}

static bool contains(const struct seen *rows, size_t count, uint32_t id, uint32_t room)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].id == id)
			return rows[i].length <= room;
	}
	return false;
}

/* False where the list leaves its space or comes back to where it was: it ends there. */
static bool visit(struct walk *walk, uint32_t offset, bool seen)
{
	if (offset < walk->start || offset > walk->end - 4 || walk->begins[offset / 4])
		return false;
	walk->begins[offset / 4] = true;
	walk->seen[offset / 4] = seen;
	return true;
}

/* From each hidden capability to the next one, whoever comes first in memory. */
static void hide(const struct walk *walk)
{
	bool hidden = false;

	for (uint32_t offset = walk->start; offset < walk->end; offset += 4) {
		if (walk->begins[offset / 4])
			hidden = !walk->seen[offset / 4];
		if (hidden)
			config_space_own(walk->space, offset, 4, 0, 0);
	}
}

static void note(struct config_space *space, const uint8_t *image, uint8_t offset)
{
	const uint8_t kind = image[offset + PCIE_KIND];

	switch (image[offset]) {
	case CAPABILITY_MSI: space->msi = offset; break;
	case CAPABILITY_MSIX: space->msix = offset; break;
	case CAPABILITY_PCIE:
		space->pcie = offset;
		/* There is no port above it. */
		if (kind >> PCIE_KIND_SHIFT <= PCIE_LEGACY_ENDPOINT)
			config_space_own(space, offset + PCIE_KIND, 1,
				(kind & 0xfu) | PCIE_INTEGRATED << PCIE_KIND_SHIFT, 0);
		break;
	default: break;
	}
}

static void filter_standard(struct config_space *space, const uint8_t *image)
{
	struct walk walk = { space, image, HEADER_END, CONFIG_SPACE_STANDARD_SIZE, { 0 }, { 0 } };
	uint8_t chain[MOST_STANDARD];
	size_t count = 0;
	uint8_t offset = image[PCI_REGISTER_CAPABILITIES] & 0xfcu;
	uint32_t link = PCI_REGISTER_CAPABILITIES;

	for (;;) {
		bool seen;

		if (offset < HEADER_END)
			break;
		seen = contains(seen_standard, ARRAY_SIZE(seen_standard), image[offset],
			CONFIG_SPACE_STANDARD_SIZE - offset);
		if (!visit(&walk, offset, seen))
			break;
		if (seen)
			chain[count++] = offset;
		offset = image[offset + 1] & 0xfcu;
	}
	hide(&walk);
	for (size_t i = 0; i < count; i++) {
		config_space_own(space, link, 1, chain[i], 0);
		config_space_own(space, chain[i], 1, image[chain[i]], 0);
		note(space, image, chain[i]);
		link = chain[i] + 1u;
	}
	config_space_own(space, link, 1, 0, 0);
}

/* The list begins at its first word: where that one is hidden, it becomes one without an ID. */
static void filter_extended(struct config_space *space, const uint8_t *image)
{
	struct walk walk = { space, image, EXTENDED_START, CONFIG_SPACE_SIZE, { 0 }, { 0 } };
	uint16_t chain[MOST_EXTENDED];
	size_t count = 0;
	uint32_t offset = EXTENDED_START;
	uint32_t link = EXTENDED_START;
	uint32_t header = 0;

	while (offset) {
		const uint32_t word = load(image, offset);
		const bool seen = contains(seen_extended, ARRAY_SIZE(seen_extended),
			word & UINT16_MAX, CONFIG_SPACE_SIZE - offset);

		if (!word || word == UINT32_MAX || !visit(&walk, offset, seen))
			break;
		if (seen)
			chain[count++] = (uint16_t)offset;
		offset = word >> 20 & 0xffcu;
		if (offset < EXTENDED_START)
			break;
	}
	hide(&walk);
	for (size_t i = 0; i < count; i++) {
		if (chain[i] != link)
			config_space_own(space, link, 4, header | (uint32_t)chain[i] << 20, 0);
		link = chain[i];
		header = load(image, link) & 0xfffffu;
	}
	config_space_own(space, link, 4, header, 0);
}

void capability_list_filter(struct config_space *space, const uint8_t *image)
{
	filter_standard(space, image);
	if (space->size == CONFIG_SPACE_SIZE)
		filter_extended(space, image);
}
