// SPDX-License-Identifier: MIT
/*
 * The capabilities that a guest sees are those of the two tables. Hidden are, among others:
 *
 *   power management     a sleeping function's BARs do not answer, so the host keeps it awake
 *   VPD                  writable, and outlives the guest
 *   AER, DPC, VC, LTR    match the host's root port; the guest's bus has none
 *   ACS, ARI, SR-IOV     concern other functions, which the guest does not have
 *   ATS, PRI, PASID      controlled by the host's SMMU driver; vfio-pci rejects writes
 *   resizable BAR        sizes stay as they were when the function was opened
 */
#include "capability_list.h"

#include <stdbool.h>
#include <stddef.h>

#include "array.h"
#include "msi.h"

#define HEADER_END     0x40u
#define EXTENDED_START CONFIG_SPACE_STANDARD_SIZE
#define MOST_STANDARD  48u  /* 4 bytes each at least, from 0x40 */
#define MOST_EXTENDED  960u /* 4 bytes each at least, from 0x100 */

#define CAPABILITY_MSI	  0x05u
#define CAPABILITY_VENDOR 0x09u
#define CAPABILITY_SSVID  0x0du
#define CAPABILITY_PCIE	  0x10u
#define CAPABILITY_MSIX	  0x11u
#define EXTENDED_SERIAL	  0x0003u
#define EXTENDED_VENDOR	  0x000bu

/* PCI Express Capabilities Register: the upper half of its lower byte is the port type. */
#define PCIE_KIND	     2u
#define PCIE_KIND_SHIFT	     4u
#define PCIE_LEGACY_ENDPOINT 1u
#define PCIE_INTEGRATED	     9u

/* A capability that a guest sees, unless its length leads out of its space. */
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

/* A walk of one of the two lists: where capabilities begin, by word, and which of them are seen. */
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

/* False if the list leaves its space or loops: it ends there. */
static bool visit(struct walk *walk, uint32_t offset, bool seen)
{
	if (offset < walk->start || offset > walk->end - 4 || walk->begins[offset / 4])
		return false;
	walk->begins[offset / 4] = true;
	walk->seen[offset / 4] = seen;
	return true;
}

/* Hides each capability up to the next one in memory, in whichever order they are linked. */
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
		/* The guest has no port above it. */
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

/* The list begins at its first word: if that capability is hidden, its header gets the ID 0. */
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
