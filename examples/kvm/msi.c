// SPDX-License-Identifier: MIT
/*
 * MSI and MSI-X as a guest sees them. Registers: PCI Express Base Specification, 7.7.1 and 7.7.2.
 */
#include "msi.h"

#include <string.h>

#define CONTROL		    2u
#define MSI_ENABLE	    0x0001u
#define MSI_CAPABLE_SHIFT   1u
#define MSI_ENABLED_SHIFT   4u
#define MSI_ENABLED	    0x0070u
#define MSI_64		    0x0080u
#define MSI_MASKABLE	    0x0100u
#define LOG2_VECTORS	    0x7u
#define MSI_MOST_LOG2	    5u
#define MSI_ADDRESS	    4u
#define MSI_ADDRESS_ALIGNED 0xfffffffcu

#define MSIX_SIZE	   0x07ffu
#define MSIX_FUNCTION_MASK 0x4000u
#define MSIX_ENABLE	   0x8000u
#define MSIX_TABLE	   4u
#define MSIX_PBA	   8u
#define MSIX_BAR	   0x7u

/* A table entry. */
#define ENTRY_DATA    8u
#define ENTRY_CONTROL 12u
#define ENTRY_MASKED  0x1u

#define BITS_OF_QWORD 64u

static uint32_t load(const uint8_t *bytes, unsigned int size)
{
	uint32_t value = 0;

	for (unsigned int i = 0; i < size; i++)
		value |= (uint32_t)bytes[i] << 8 * i;
	return value;
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t control(const struct config_space *space, uint8_t capability)
{
	return config_space_get(space, capability + CONTROL, 2);
}

/* An upper half of the address may follow the lower one. */
static uint32_t plain_data(const struct config_space *space)
{
	const bool is_64 = control(space, space->msi) & MSI_64;

	return space->msi + MSI_ADDRESS + (is_64 ? 8 : 4);
}

static uint32_t plain_mask(const struct config_space *space)
{
	return plain_data(space) + 4;
}

static void init_plain(struct msi *msi, struct config_space *space, const uint8_t *image)
{
	const uint8_t at = space->msi;
	const uint32_t device = load(image + at + CONTROL, 2);
	const uint32_t log2 = smaller(device >> MSI_CAPABLE_SHIFT & LOG2_VECTORS, MSI_MOST_LOG2);
	const uint32_t fixed = (device & (MSI_64 | MSI_MASKABLE)) | log2 << MSI_CAPABLE_SHIFT;
	uint32_t data;

	msi->plain_count = 1u << log2;
	config_space_own(space, at + CONTROL, 2, fixed, MSI_ENABLE | MSI_ENABLED);
	config_space_own(space, at + MSI_ADDRESS, 4, 0, MSI_ADDRESS_ALIGNED);
	if (device & MSI_64)
		config_space_own(space, at + MSI_ADDRESS + 4, 4, 0, UINT32_MAX);
	data = plain_data(space);
	config_space_own(space, data, 2, 0, UINT16_MAX);
	if (!(device & MSI_MASKABLE))
		return;
	config_space_own(space, data + 2, 2, 0, 0);
	config_space_own(
		space, plain_mask(space), 4, 0, (uint32_t)((UINT64_C(1) << msi->plain_count) - 1));
	config_space_own(space, plain_mask(space) + 4, 4, 0, 0);
}

static bool is_inside(const struct config_space *space, const struct msi_range *range)
{
	return range->bar < PCI_BARS && range->offset <= space->bars[range->bar].size &&
	       range->size <= space->bars[range->bar].size - range->offset;
}

/* Where there are more vectors than MAX_VECTORS, the capability shows the guest fewer. */
static bool init_x(struct msi *msi, struct config_space *space, const uint8_t *image)
{
	const uint8_t at = space->msix;
	const uint32_t vectors = (load(image + at + CONTROL, 2) & MSIX_SIZE) + 1;
	const uint32_t table = load(image + at + MSIX_TABLE, 4);
	const uint32_t pba = load(image + at + MSIX_PBA, 4);
	const uint64_t qwords = (vectors + BITS_OF_QWORD - 1) / BITS_OF_QWORD;

	msi->table = (struct msi_range){
		.bar = table & MSIX_BAR,
		.offset = table & ~MSIX_BAR,
		.size = (uint64_t)vectors * MSIX_ENTRY_SIZE,
	};
	msi->pba = (struct msi_range){
		.bar = pba & MSIX_BAR,
		.offset = pba & ~MSIX_BAR,
		.size = qwords * sizeof(uint64_t),
	};
	if (!is_inside(space, &msi->table) || !is_inside(space, &msi->pba))
		return false;
	msi->x_count = smaller(vectors, MAX_VECTORS);
	config_space_own(
		space, at + CONTROL, 2, msi->x_count - 1, MSIX_ENABLE | MSIX_FUNCTION_MASK);
	config_space_own(space, at + MSIX_TABLE, 4, table, 0);
	config_space_own(space, at + MSIX_PBA, 4, pba, 0);
	for (unsigned int i = 0; i < msi->x_count; i++)
		msi->entries[i * MSIX_ENTRY_SIZE + ENTRY_CONTROL] = ENTRY_MASKED;
	return true;
}

bool msi_init(struct msi *msi, struct config_space *space, const uint8_t *image)
{
	*msi = (struct msi){ 0 };
	if (space->msi)
		init_plain(msi, space, image);
	return !space->msix || init_x(msi, space, image);
}

enum msi_kind msi_get_kind(const struct msi *msi, const struct config_space *space)
{
	if (msi->x_count && control(space, space->msix) & MSIX_ENABLE)
		return MSI_X;
	if (msi->plain_count && control(space, space->msi) & MSI_ENABLE)
		return MSI_PLAIN;
	return MSI_OFF;
}

unsigned int msi_get_count(const struct msi *msi, const struct config_space *space)
{
	uint32_t log2;

	switch (msi_get_kind(msi, space)) {
	case MSI_X: return msi->x_count;
	case MSI_PLAIN:
		log2 = (control(space, space->msi) & MSI_ENABLED) >> MSI_ENABLED_SHIFT;
		return smaller(1u << log2, msi->plain_count);
	default: return 0;
	}
}

static struct msi_vector get_x(
	const struct msi *msi, const struct config_space *space, unsigned int vector)
{
	const uint8_t *entry = &msi->entries[vector * MSIX_ENTRY_SIZE];

	return (struct msi_vector){
		.masked = control(space, space->msix) & MSIX_FUNCTION_MASK ||
			  entry[ENTRY_CONTROL] & ENTRY_MASKED,
		.data = load(entry + ENTRY_DATA, 4),
	};
}

/* The device would put its vector number into the lower bits of the data. */
static struct msi_vector get_plain(
	const struct msi *msi, const struct config_space *space, unsigned int vector)
{
	const uint32_t data = config_space_get(space, plain_data(space), 2);
	struct msi_vector got = { .data = (data & ~(msi_get_count(msi, space) - 1)) | vector };

	if (control(space, space->msi) & MSI_MASKABLE)
		got.masked = config_space_get(space, plain_mask(space), 4) >> vector & 1;
	return got;
}

struct msi_vector msi_get_vector(
	const struct msi *msi, const struct config_space *space, unsigned int vector)
{
	if (msi_get_kind(msi, space) == MSI_X)
		return get_x(msi, space, vector);
	return get_plain(msi, space, vector);
}

void msi_set_pending(const struct msi *msi, struct config_space *space, uint64_t pending)
{
	if (msi->plain_count && control(space, space->msi) & MSI_MASKABLE)
		config_space_own(space, plain_mask(space) + 4, 4, (uint32_t)pending, 0);
}

static bool overlaps(
	const struct msi_range *range, unsigned int bar, uint64_t offset, unsigned int size)
{
	return range->bar == bar && offset < range->offset + range->size &&
	       range->offset < offset + size;
}

bool msi_owns(const struct msi *msi, unsigned int bar, uint64_t offset, unsigned int size)
{
	return msi->x_count &&
	       (overlaps(&msi->table, bar, offset, size) || overlaps(&msi->pba, bar, offset, size));
}

/* Where a byte of a BAR is, in bytes that hold the start of a range; NULL if it is beyond them. */
static const uint8_t *find(const struct msi_range *access, unsigned int i,
	const struct msi_range *range, const uint8_t *bytes, uint64_t size)
{
	const uint64_t offset = access->offset + i;

	if (access->bar != range->bar || offset < range->offset || offset - range->offset >= size)
		return NULL;
	return bytes + (offset - range->offset);
}

/* Bytes outside the table and the pending bits read as zero. */
uint64_t msi_read(const struct msi *msi, const struct msi_range *access, uint64_t pending)
{
	uint8_t bits[sizeof(pending)];
	uint64_t value = 0;

	for (unsigned int i = 0; i < sizeof(bits); i++)
		bits[i] = (uint8_t)(pending >> 8 * i);
	for (unsigned int i = 0; i < access->size; i++) {
		const uint8_t *byte = find(access, i, &msi->table, msi->entries,
			(uint64_t)msi->x_count * MSIX_ENTRY_SIZE);

		if (!byte)
			byte = find(access, i, &msi->pba, bits, sizeof(bits));
		if (byte)
			value |= (uint64_t)*byte << 8 * i;
	}
	return value;
}

void msi_write(struct msi *msi, const struct msi_range *access, uint64_t value)
{
	for (unsigned int i = 0; i < access->size; i++) {
		const uint8_t *byte = find(access, i, &msi->table, msi->entries,
			(uint64_t)msi->x_count * MSIX_ENTRY_SIZE);

		if (byte)
			msi->entries[byte - msi->entries] = (uint8_t)(value >> 8 * i);
	}
}
